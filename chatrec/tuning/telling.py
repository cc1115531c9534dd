"""What a reply says of one item: its facts dealt out to the slots of a sentence plan, none of them twice."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.drawbacks import speaks_against
from chatrec.generation.evidence_choice import seen_facts
from chatrec.generation.gate_words import content_stems
from chatrec.generation.verbs import lemma, word_classes
from chatrec.tuning.phrasing import Phrase, also_after_is, figure, joined, listed, lowered, measured, noted, phrase, with_article
from chatrec.tuning.phrasing_moulds import Mould

_SLOT = re.compile(r"([A-Za-z_]+?)(\d?)")
_GRADED = re.compile(r"is (?:the )?(?P<word>\w+(?:er|est))")
_ELIDED = ("is made ", "is ", "comes ", "has ", "holds ", "weighs ", "runs ")
_OUT = ", but is out of stock at the moment"
_GAP = " "
GOOD_RATING = 4.0
CAUGHT = 0.75
"""How often a reply says what speaks against an item where its record holds such a thing."""


@dataclass(slots=True)
class Teller:
    """One item with what can be said of it. ``notes`` are the comparisons of which it is the subject; ``first`` are property names to
    be told before others; ``wish`` is the property that the shopper asked for."""

    item: EvidenceItem
    phrases: list[Phrase]
    notes: list[Fact]
    rng: random.Random
    most: int = 2
    first: Collection[str] = ()
    wish: str = ""
    worn: set[str] = field(default_factory=set)
    sold_out: bool = False

    def fill(self, slots: Collection[str]) -> dict[str, str] | None:
        """Words for these slots of a plan, each fact used once; ``None`` where the record does not give enough."""
        used: set[str] = set()
        values: dict[str, str] = {}
        for slot in (s for s in _ORDER if s in slots):
            if slot not in values:
                values |= getattr(self, _FILLERS[slot])(slots, used)
            if not values.get(slot):
                return None
        return values

    def _compared(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        notes = list(self.notes)
        if {"er", "est", "v"} & set(slots):
            notes = [n for n in notes if _GRADED.match(noted(n, self.item.n)) and self._figure(n)]
        if not notes:
            return {}
        note = notes[0]
        said = noted(note, self.item.n)
        used.add(note.name)
        graded = _GRADED.match(said)
        word = graded["word"] if graded else ""
        values = {"c": measured(note, seen_facts(self.item), self.item.n), "k": said, "v": self._figure(note), "name": note.name}
        values |= {"er": word, "est": word, "er_cap": word.capitalize(), "est_cap": word.capitalize()} if word else {}
        if "d" in slots:
            other = next((n for n in notes if n.name != note.name), None)
            if other is None:
                return {}
            used.add(other.name)
            values["d"] = noted(other, self.item.n)
        return values

    def _figure(self, note: Fact) -> str:
        fact = next((f for f in seen_facts(self.item) if f.name == note.name and f.number is not None and f.unit), None)
        return figure(fact) if fact else ""

    def _asked(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        told = next((p for p in self.phrases if p.fact.name == self.wish and p.does), None)
        if told is None:
            return {}
        used.add(_key(told))
        if "tp" not in slots:
            return {"t": told.does}
        fresh = [told, *(p for p in self._fresh(used) if p.does and not speaks_against(p.does))]
        others = [p for p in _of_other_parts(fresh) if p is not told][: self.most]
        if not others:
            return {}
        used.update(_key(p) for p in others)
        return {"tp": joined([told.does, *(p.does for p in others)], self.rng)}

    def _clause(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        told = next((p for p in self.phrases if p.clause and _key(p) not in used and not speaks_against(p.clause)), None)
        if told is None:
            return {}
        used.add(_key(told))
        said = lowered(told.clause)
        return {"s": said, "S": said[:1].upper() + said[1:]}

    def _things(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        having = [
            p for p in self._fresh(used) if p.has and not speaks_against(p.has) and (p.fact.number is None or p.has[:2] in ("a ", "an"))
        ]
        having = [p for p in having if p.fact.number is None or " of " not in p.has]
        having.sort(key=lambda p: p.fact.number is not None)  # a feature before a figure
        told = _of_other_parts(having)[: self.rng.choice((1, 1, 2))]
        if not told:
            return {}
        used.update(_key(p) for p in told)
        said = listed([p.has for p in told])
        return {"w": said, "w_cap": said[:1].upper() + said[1:]}

    def _predicate(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        fresh = [p for p in self._fresh(used) if p.does and not (speaks_against(p.does) and p.fact.kind is FactKind.DESCRIPTION)]
        fresh.sort(key=lambda p: p.fact.name not in self.first)
        told = _of_other_parts(fresh)[: self.most if "c" not in slots and "x" not in slots else 1]
        if not told:
            return {}
        used.update(_key(p) for p in told)
        said = joined([p.does for p in told], self.rng)
        said += _OUT if self.sold_out else self._catch(said, used) if self.rng.random() < CAUGHT else ""
        return {"p": said, "p_other": said}

    def _catch(self, said: str, used: set[str]) -> str:
        """What speaks against it, behind a "but"; "" where the record holds nothing of the kind."""
        told = next((p for p in self.phrases if speaks_against(p.does or p.clause) and p.fact.kind is FactKind.DESCRIPTION), None)
        if told is None or _key(told) in used or " but " in f" {said} " or "," in (told.clause or told.does):
            return ""
        used.add(_key(told))
        return f", but {told.clause}" if told.clause else f", but it {told.does}"

    def _one(self, slots: Collection[str], used: set[str]) -> dict[str, str]:
        kind = next((f.text for f in self.item.facts if f.kind is FactKind.TYPE), "")
        return {"one": one_of(kind)}

    def _fresh(self, used: set[str]) -> list[Phrase]:
        fresh = [p for p in self.phrases if _key(p) not in used and p.fact.name not in used]
        return sorted(fresh, key=lambda p: p.fact.text in self.worn)


_FILLERS = {
    **dict.fromkeys(("c", "k", "er", "est", "v", "name", "er_cap", "est_cap", "d"), "_compared"),
    "t": "_asked", "tp": "_asked", "s": "_clause", "S": "_clause", "w": "_things", "w_cap": "_things",
    "p": "_predicate", "p_other": "_predicate",
    "one": "_one",
}  # fmt: skip
_ORDER = tuple(_FILLERS)


def _of_other_parts(phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases without those that speak of a part once more: "a 21 cm blade" goes without "a stainless steel blade"."""
    parts: set[str] = set()
    kept = []
    for told in phrases:
        part = told.has.split()[-1] if told.has else ""
        if part and part in parts:
            continue
        parts.add(part)
        kept.append(told)
    return kept


def _key(told: Phrase) -> str:
    return f"{told.fact.name}{_GAP}{told.fact.text}"


def tellers(evidence: Evidence, rng: random.Random, most: int, wish: str = "", shared: str = "") -> list[Teller]:
    """One for every item, facts that touch the wish first; what ``shared`` (a property) says of both is not said again."""
    wanted = frozenset(content_stems(f"{evidence.shopper} {' '.join(evidence.needs[1:])}"))
    found: list[Teller] = []
    out = {n.cites[0] for n in evidence.notes if n.text.endswith("is out of stock") and n.cites}
    for item in evidence.items:
        told = [p for f in seen_facts(item) if f.name != shared and _is_worth_telling(f) and (p := phrase(f)) is not None]
        if evidence.act == "recommend":  # what a thing lacks is no reason to show it
            told = [p for p in told if p.fact.value != "no" or p.fact.name == wish] or told
        touching = [p for p in told if wanted & set(content_stems(f"{p.fact.text} {p.fact.name}"))]
        rest = [p for p in told if p not in touching]
        if rng.random() < 0.3:
            rng.shuffle(rest)
        notes = [n for n in evidence.notes if noted(n, item.n) and n.name != shared]
        worn = {p.fact.text for t in found for p in t.phrases[: t.most]}
        rest.sort(key=lambda p: p.fact.kind is FactKind.BRAND)
        ordered = [*touching[:2], *rest, *touching[2:]]
        found.append(Teller(item, ordered, notes, rng, most, wish=wish, worn=worn, sold_out=item.n in out))
    return found


def _is_worth_telling(fact: Fact) -> bool:
    """Not a middling rating, which helps nobody to choose."""
    return fact.kind is not FactKind.RATING or (fact.number or 0.0) >= GOOD_RATING


def fill_plan(mould: Mould, order: Sequence[Teller], given: Mapping[str, str]) -> str | None:
    """The plan in words: ``order[0]`` is told where the plan says ``[1]``. ``None`` where a slot stays empty."""
    values = dict(given)
    for place, teller in enumerate(order, start=1):
        own = {found[1] for slot in mould.slots() if slot not in given and (found := _SLOT.fullmatch(slot)) and int(found[2] or 1) == place}
        xs = {"x"} & {s.rstrip("0123456789") for s in given}
        filled = teller.fill(own | xs) if own - xs else {}
        if filled is None:
            return None
        values |= {f"{slot}{place if place > 1 else ''}": text for slot, text in filled.items()}
    if any(not values.get(slot) for slot in mould.slots()) or ("w" in values and values["w"] == values.get("w2")):
        return None
    text = mould.fill(values, tuple(t.item.n for t in order))
    return None if text.count("out of stock") > 1 or text.count(" but ") > 1 else also_after_is(text)


def pair_of(first: Teller, second: Teller, rng: random.Random) -> tuple[dict[str, str], str] | None:
    """One property of both told side by side, "holds 1.2 l" and "1.7 l", and its name; ``None`` where they share none that differs."""
    choices = []
    for told in first.phrases:
        other = next((p for p in second.phrases if p.fact.name == told.fact.name and p.fact.kind is told.fact.kind), None)
        if other is None or not told.does or not other.does or told.does == other.does or told.fact.value in ("yes", "no"):
            continue
        if told.fact.kind not in (FactKind.ATTRIBUTE, FactKind.OPTION) or told.fact.name == "features":
            continue
        verb = next((v for v in _ELIDED if told.does.startswith(v) and other.does.startswith(v)), "")
        if verb:
            choices.append(({"x": told.does, "x2": _elided(other, verb), "xname": told.fact.name}, told.fact.name))
    return rng.choice(choices) if choices else None


def _elided(told: Phrase, verb: str) -> str:
    """What is left of a predicate behind one of the same kind: "one of 30 bar", "52", "in white"."""
    fact = told.fact
    if fact.number is not None and told.does.startswith(("has a ", "has an ")) and told.does.endswith(f" of {figure(fact)}"):
        return f"one of {figure(fact)}"
    if fact.number is not None and not fact.unit and told.does == f"has {fact.value} {fact.name}":
        return fact.value
    return told.does.removeprefix(verb)


def one_of(kind: str) -> str:
    """ "a kettle", "an office chair"; "" for what has no singular ("knitting yarn", "pyjamas")."""
    *front, last = kind.split()
    singular = _singular(last)
    return with_article(" ".join((*front, singular))) if singular else ""


def _singular(word: str) -> str:
    import lemminflect  # loads its dictionary at the first call

    found: Iterable[str] = lemminflect.getLemma(word, upos="NOUN")
    one = next(iter(found), word)
    if one == word or not word.endswith("s") or "NOUN" not in word_classes(one) or one in _PLURAL_ONLY:
        return ""
    return one if lemma(word) or one else ""


_PLURAL_ONLY = frozenset(
    "trouser pyjama glass scissor short legging headphone earbud glove towel jean tight binocular plier sneaker shoe slipper boot secateur "
    "tool sock sandal clog service good".split()
)
