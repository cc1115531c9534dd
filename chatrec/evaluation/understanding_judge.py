"""A reading held against a label: what of it is right, and what was said in each place where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import Comparative, Intent, Reading
from chatrec.domain.state import DialogueState
from chatrec.evaluation.understanding_extent import Extent, window
from chatrec.evaluation.understanding_labels import Entry, Label, Utterance, WantedComparative, WantedItems, WantedNeed

MOST_NEEDS = 6
_SMALL_WORDS = {"my", "a", "an", "the", "our", "his", "her", "their", "for", "who", "is", "of"}
_SETTLING = frozenset({Intent.CHOOSE, Intent.CART})


@dataclass(slots=True)
class Verdict:
    """What is wrong with one reading, by part; ``right`` of ``said`` constraints are among the ``wanted`` ones."""

    wrong: list[str] = field(default_factory=list)
    right: int = 0
    said: int = 0
    wanted: int = 0

    @property
    def ledger(self) -> bool:
        """Whether everything but the intents is as wanted."""
        return not any(w != "intents" for w in self.wrong)

    @property
    def intents(self) -> bool:
        """Whether the intents are as wanted."""
        return "intents" not in self.wrong


@dataclass(slots=True)
class Told:
    """All that a reading says of one need."""

    key: tuple[str, int]
    constraints: list[Constraint] = field(default_factory=list)
    recipient: str = ""
    drops: set[str] = field(default_factory=set)
    closes: bool = False

    def says_something(self) -> bool:
        """Whether it changes the ledger; words to search with are not judged."""
        return bool(self.constraints or self.recipient or self.drops or self.closes)


def judge(reading: Reading, utterance: Utterance, state: DialogueState, extent: Extent) -> Verdict:
    """The verdict by the label that fits best."""
    verdicts = [_judge(reading, label, state, extent) for label in utterance.labels]
    return min(verdicts, key=lambda v: (not v.ledger, len(v.wrong), v.said + v.wanted - 2 * v.right))


def _judge(reading: Reading, label: Label, state: DialogueState, extent: Extent) -> Verdict:
    verdict = Verdict()
    if not _same_intents(reading, label):
        verdict.wrong.append("intents")
    _judge_needs(tell(reading, state), label.needs, state, extent, verdict)
    verdict.wrong += [part for part, fine in _other_parts(reading, label, state) if not fine]
    return verdict


def _other_parts(reading: Reading, label: Label, state: DialogueState) -> Iterator[tuple[str, bool]]:
    yield "items", _same_items(reading, label, state)
    yield "comparatives", _same_comparatives(reading.comparatives, label, state)
    yield "unknown", _same_unknown([u.word for u in reading.unknown], label)
    yield "orders", {o.lower().lstrip("#") for o in reading.order_ids} == {o.lower() for o in label.order_ids}
    yield "language", (reading.language or "en") == label.language


def _same_intents(reading: Reading, label: Label) -> bool:
    found = {span.intent for span in reading.intents}
    left = found - label.may_intend
    return all(found & slot for slot in label.intents) and all(any(i in slot for slot in label.intents) for i in left)


def tell(reading: Reading, state: DialogueState) -> list[Told]:
    """A reading need by need, as the ledger would take it: what goes to one need stands together."""
    told: dict[tuple[str, int], Told] = {}
    current = ("open", state.active_need) if state.active_need is not None else None
    for number, need in enumerate(reading.needs[:MOST_NEEDS]):
        if need.closes:
            key = ("open", need.need_id if need.need_id is not None else state.active_need or 0)
            told.setdefault(key, Told(key)).closes = True
            continue
        if need.need_id is not None and not need.opens:
            current = ("open", need.need_id)
        elif need.opens or current is None:
            current = _come_back(need.constraints, state) or ("new", number)
        entry = told.setdefault(current, Told(current))
        entry.constraints += need.constraints
        entry.recipient = need.recipient or entry.recipient
        entry.drops.update(need.drops)
    for entry in told.values():
        entry.constraints = _joined(entry.constraints)
    return [t for t in told.values() if t.says_something()]


def _come_back(constraints: Sequence[Constraint], state: DialogueState) -> tuple[str, int] | None:
    """The need that stands open for the same kind of thing, other than the active one."""
    kinds = _kinds(constraints)
    for need in reversed(state.needs):
        if kinds and need.need_id != state.active_need and _kinds(need.constraints) == kinds:
            return "open", need.need_id
    return None


def _kinds(constraints: Sequence[Constraint]) -> set[str]:
    return {v.casefold() for c in constraints if c.field == "category" and c.op is Op.IS for v in c.values}


def _joined(constraints: Sequence[Constraint]) -> list[Constraint]:
    """Several hard exclusions of one field are one, and what is said twice is said once."""
    joined: list[Constraint] = []
    for new in constraints:
        place = next((i for i, old in enumerate(joined) if _exclude_together(old, new)), None)
        if place is not None:
            joined[place] = replace(joined[place], values=tuple(dict.fromkeys((*joined[place].values, *new.values))))
        elif not any(replace(new, turn=0, said="") == replace(old, turn=0, said="") for old in joined):
            joined.append(new)
    return joined


def _exclude_together(old: Constraint, new: Constraint) -> bool:
    return old.op is new.op is Op.IS_NOT and old.field == new.field and old.strength is new.strength is Strength.MUST and old.number is None


def _judge_needs(told: list[Told], wanted: Sequence[WantedNeed], state: DialogueState, extent: Extent, verdict: Verdict) -> None:
    asked = [w for w in wanted if w.entries or w.recipient or w.drops or w.closes or w.may_drop or w.recipient is None]
    best: tuple[tuple[int, int], Verdict] | None = None
    slots: list[int | None] = [*range(len(told)), *[None] * len(asked)]
    for order in dict.fromkeys(permutations(slots, len(asked))):
        trial = Verdict()
        for want, place in zip(asked, order, strict=True):
            _judge_need(told[place] if place is not None else None, want, state, extent, trial)
        for place in set(range(len(told))) - set(order):
            trial.said += len(told[place].constraints)
            trial.wrong.append("needs")
        score = (trial.right, -len(trial.wrong))
        if best is None or score > best[0]:
            best = (score, trial)
    if best is not None:
        verdict.wrong += dict.fromkeys(best[1].wrong)
        verdict.right, verdict.said, verdict.wanted = best[1].right, best[1].said, best[1].wanted


def _judge_need(told: Told | None, want: WantedNeed, state: DialogueState, extent: Extent, verdict: Verdict) -> None:
    if told is None:
        must = [e for e in want.entries if not e.voluntary]
        verdict.wanted += sum(_weight(e) for e in must)
        if must or want.closes or want.drops or (want.recipient and not want.recipient_voluntary):
            verdict.wrong.append("needs")
        return
    if not _same_target(told, want, state) or told.closes != want.closes:
        verdict.wrong.append("needs")
    if not _same_recipient(told.recipient, want):
        verdict.wrong.append("recipient")
    if not want.drops <= told.drops <= want.drops | want.may_drop:
        verdict.wrong.append("drops")
    right, said, wanted = match(told.constraints, want.entries, extent)
    verdict.right, verdict.said, verdict.wanted = verdict.right + right, verdict.said + said, verdict.wanted + wanted
    if not right == said == wanted:
        verdict.wrong.append("constraints")


def match(said: Sequence[Constraint], entries: Sequence[Entry], extent: Extent) -> tuple[int, int, int]:
    """(right, said, wanted) counts of constraints; voluntary entries are counted nowhere."""
    left = list(said)
    right = wanted = free = 0
    for entry in sorted(entries, key=lambda e: (e.voluntary, any(w.free for w in e.ways))):
        taken = _take(left, entry, extent)
        left = [c for c in left if not any(c is t for t in taken)]
        if entry.voluntary:
            free += len(taken)
        else:
            wanted += _weight(entry) if not taken else len(taken)
            right += len(taken)
    return right, len(said) - free, wanted


def _take(said: Sequence[Constraint], entry: Entry, extent: Extent) -> tuple[Constraint, ...]:
    if not entry.ways:
        return tuple(c for c in said if c.field.replace("_", " ") == entry.field)
    for way in entry.ways:
        if way.around is not None:
            if found := window(said, way):
                return found
            continue
        for constraint in said:
            if extent.same(constraint, way):
                return (constraint,)
        if pair := extent.pair(said, way):
            return pair
    return ()


def _weight(entry: Entry) -> int:
    return 2 if entry.ways and entry.ways[0].around is not None else 1


def _same_target(told: Told, want: WantedNeed, state: DialogueState) -> bool:
    if want.opens is None:
        return True
    fresh = told.key[0] == "new"
    if want.opens or (state.active_need is None and want.need_id is None):
        return fresh
    return told.key == ("open", want.need_id if want.need_id is not None else state.active_need)


def _same_recipient(said: str, want: WantedNeed) -> bool:
    if want.recipient is None:
        return True
    words = set(said.casefold().replace("'s", "").split()) - _SMALL_WORDS
    wanted = set(want.recipient.casefold().split()) - _SMALL_WORDS
    if not words:
        return not wanted or want.recipient_voluntary
    return bool(wanted) and wanted <= words


def _same_items(reading: Reading, label: Label, state: DialogueState) -> bool:
    wanted = dict(label.items)
    for name in ("like_items", "liked", "disliked"):
        said, want = frozenset(getattr(reading, name)), wanted.get(name, WantedItems())
        if name == "liked" and any(slot & _SETTLING for slot in label.intents):
            said -= wanted.get("references", WantedItems()).item_ids  # who takes an item may be said to like it
        if said != want.item_ids and not (want.voluntary and not said):
            return False
    named = {i for w in wanted.values() for i in w.item_ids} | {i for c in label.comparatives for i in c.item_ids}
    return _same_references(frozenset(reading.references), wanted.get("references", WantedItems()), named | set(state.focus), state)


def _same_references(said: frozenset[str], want: WantedItems, named: set[str], state: DialogueState) -> bool:
    """What is named in another part of the label, or talked of anyway, may be pointed at; who points at nothing means those, or all."""
    if not said - want.item_ids <= named:
        return False
    if want.voluntary or want.item_ids <= said:
        return True
    return not said and want.item_ids in (frozenset(state.focus), frozenset(state.last_shown()))


def _same_comparatives(said: Sequence[Comparative], label: Label, state: DialogueState) -> bool:
    left = list(said)
    for want in label.comparatives:
        found = next((c for c in left if _same_comparative(c, want, label, state)), None)
        if found is not None:
            left.remove(found)
        elif not want.voluntary:
            return False
    return not left


def _same_comparative(said: Comparative, want: WantedComparative, label: Label, state: DialogueState) -> bool:
    if (said.field.replace("_", " "), said.direction) != (want.field, want.direction) or want.extreme not in (None, said.extreme):
        return False
    ids = frozenset(said.item_ids)
    all_shown: tuple[frozenset[str], ...] = (frozenset(), frozenset(state.last_shown()), frozenset(state.focus))
    pointed = dict(label.items).get("references", WantedItems()).item_ids  # "which is lighter, 1 or 3": said of those or of all is the same
    return ids == want.item_ids or (want.item_ids in all_shown and ids in all_shown) or (bool(pointed) and ids <= pointed)


def _same_unknown(said: Sequence[str], label: Label) -> bool:
    left = list(said)
    for word in label.unknown:
        found = [s for s in left if _akin(s, word)]
        if not found:
            return False
        left = [s for s in left if s not in found]
    return all(any(_akin(s, word) for word in label.may_be_unknown) for s in left)


def _akin(said: str, wanted: str) -> bool:
    """Whether two words for something strange are one: "a piano" and "pianos"."""
    stems = [{w.rstrip("s") for w in text.casefold().split()} - _SMALL_WORDS for text in (said, wanted)]
    return bool(stems[0] & stems[1])
