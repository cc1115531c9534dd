"""Training dialogues about products: recommend, refine, compare, explain."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.catalog.facts import typed_facts
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Constraint, Op
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate_words import content_stems
from chatrec.generation.prompts import seen_facts
from chatrec.tuning.invented import Kind, invent_items, kinds_of
from chatrec.tuning.phrasing import Phrase, is_adjective, joined, listed, noted, phrase, with_article
from chatrec.tuning.phrasing_moulds import pick

_PURPOSE = re.compile(r"\bfor ((?:a |an |the |my |long |weekend |cutting |weighing |recording |watching )?[a-z][\w' -]{2,40})(?=$|[,.?!])")
_REFINED = ("cheaper?", "anything cheaper", "something {x}", "{x} please", "same but {x}", "do you have it {x}?", "and {x}?", "ok but {x}", "more like that, {x}")
_OPEN = ("{kind}", "show me {kind}", "looking for {kind}", "do you have {kind}?", "i need {kind}", "what {kind} do you have", "{kind} please", "any good {kind}?")
_WISHED = ("{kind}, {x}", "{kind} that are {x}", "looking for {kind}, {x} if possible", "i want {kind}. must be {x}", "{x} {kind}?", "hi, {kind} please, {x}")
_COMPARED = (
    "compare them", "whats the difference", "which one would you take", "compare 1 and 2", "first or second?", "can you compare these?", "how do they differ",
    "difference between the two?", "i can't decide between these", "pros and cons?", "which is better", "help me choose", "side by side pls",
)  # fmt: skip
_WHY = ("why this one?", "why did you show me that", "how did you pick it", "why the first", "what makes you recommend it", "why that one", "reason?")
_SOURCES = ("matches '{x}'", "matches your words", "popular here", "bought together with what you liked", "close to what you looked at")


@dataclass(frozen=True, slots=True)
class Draft:
    """A dialogue turn before its check: what may be said, and what is said. ``domain`` is the product kind or the topic."""

    evidence: Evidence
    reply: str
    act: str
    domain: str
    mould: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shopper wants of these items: the constraint, and how a reply says it."""

    constraint: Constraint
    spoken: str


def draft_recommend(split: str, rng: random.Random) -> Draft | None:
    """One to three items for a need; a part of them refine an earlier wish."""
    kind = rng.choice(kinds_of(split))
    k = rng.choice((1, 2, 2, 3, 3))
    flag = rng.choice(kind.flags) if rng.random() < 0.3 else ""
    items = invent_items(kind, k, rng, (flag,) if flag else ())
    wish = _wish(items, flag, rng)
    needs = _needs(kind, items, wish, rng)
    shopper = spoilt(_shopper(kind, wish, rng), rng)
    evidence = _evidence("recommend", shopper, needs, items)
    told = _recommended(evidence, wish, split, rng)
    return Draft(evidence, told[0], "recommend", kind.name, told[1]) if told else None


def draft_compare(split: str, rng: random.Random) -> Draft | None:
    """Two or three items side by side."""
    kind = rng.choice(kinds_of(split))
    k = rng.choice((2, 2, 2, 3))
    items = _comparable(invent_items(kind, k, rng), kind, rng)
    shopper = rng.choice(_COMPARED)
    note = next((n for n in _evidence("compare", shopper, (), items).notes if n.cites and noted(n, n.cites[0])), None)
    asked = k == 2 and note is not None and rng.random() < 0.4
    if asked and note is not None:
        shopper = rng.choice(("which {c}?", "which one {c}?", "which of them {c}")).format(c=noted(note, note.cites[0]))
    evidence = _evidence("compare", spoilt(shopper, rng), (), items)
    said = [predicate(item, evidence, rng, rng.choice((1, 2, 2)) if k == 2 else rng.choice((1, 1, 2)), noting=not asked) for item in evidence.items]
    if any(not p for p, _ in said):
        return None
    if asked and note is not None:
        order = note.cites[:2]
        values = {"c": noted(note, order[0]), "p": said[order[0] - 1][0], "p2": said[order[1] - 1][0]}
        mould = pick("products", "asked", split, rng, values)
        return Draft(evidence, mould.fill(values, order), "compare", kind.name, mould.id) if mould else None
    values = _slots(said)
    mould = pick("products", "compare_two" if k == 2 else "compare_three", split, rng, values)
    return Draft(evidence, mould.fill(values), "compare", kind.name, mould.id) if mould else None


def draft_explain(split: str, rng: random.Random) -> Draft | None:
    """Why one item was shown: the limits it keeps, or the reason its source gave."""
    kind = rng.choice(kinds_of(split))
    flag = rng.choice(kind.flags) if rng.random() < 0.5 else ""
    items = invent_items(kind, 1, rng, (flag,) if flag else ())
    wish = _wish(items, flag, rng)
    if wish is None:
        return None
    kept = constraint_words(wish.constraint, "USD")
    reason = f"{kept} · {rng.choice(_SOURCES).format(x=kind.name)}" if rng.random() < 0.5 else kept
    note = Fact(FactKind.COMPUTED, "why", reason, cites=(1,), source="turn")
    shopper = spoilt(rng.choice(_WHY), rng)
    evidence = RecordEvidence().build("explain", shopper, items=[(i, typed_facts(i)) for i in items], notes=[note])
    said = predicate(evidence.items[0], evidence, rng, 2, frozenset(content_stems(kept)))
    values = {"p": said[0], "wish": wish.spoken}
    mould = pick("products", "explain", split, rng, values) if said[0] else None
    return Draft(evidence, mould.fill(values), "explain", kind.name, mould.id) if mould else None


def _evidence(act: str, shopper: str, needs: Sequence[str], items: Sequence[Item]) -> Evidence:
    return RecordEvidence().build(act, shopper, needs=needs, items=[(i, typed_facts(i)) for i in items])


def _comparable(items: list[Item], kind: Kind, rng: random.Random) -> list[Item]:
    """The items with one numeric property that all of them record."""
    name, drawn = rng.choice(kind.numbers)
    return [
        item if item.attribute(name) else replace(item, attributes=(Attribute(name, (), drawn.draw(rng), drawn.unit), *item.attributes)) for item in items
    ]


def _wish(items: Sequence[Item], flag: str, rng: random.Random) -> Wish | None:
    if flag:
        said = flag if is_adjective(flag) else with_article(flag)
        return Wish(Constraint(flag, Op.IS, ("yes",)), f"something {said}" if is_adjective(flag) else said)
    choices: list[Wish] = []
    for attribute in items[0].attributes:
        same = [i.attribute(attribute.name) for i in items]
        if attribute.name == "features" or any(a is None for a in same):
            continue
        numbers = [a.number for a in same if a is not None and a.number is not None]
        if len(numbers) == len(items):
            op = rng.choice((Op.AT_MOST, Op.AT_LEAST))
            bound = max(numbers) if op is Op.AT_MOST else min(numbers)
            constraint = Constraint(attribute.name, op, number=bound, unit=attribute.unit)
            choices.append(Wish(constraint, _spoken_bound(constraint)))
        elif all(a is not None and a.values == attribute.values and a.values not in (("no",), ("yes",)) for a in same):
            choices.append(Wish(Constraint(attribute.name, Op.IS, attribute.values), f"{attribute.name} {attribute.values[0]}"))
    return rng.choice(choices) if choices and rng.random() < 0.7 else None


def _spoken_bound(constraint: Constraint) -> str:
    """"a weight of up to 3 kg", "at least 12 speeds"."""
    words = constraint_words(constraint, "USD").removeprefix(constraint.field).strip()
    if not constraint.unit and constraint.field.endswith("s"):
        return f"{words} {constraint.field}"
    return f"{constraint.field if constraint.field.endswith('s') else with_article(constraint.field)} of {words}"


def _needs(kind: Kind, items: Sequence[Item], wish: Wish | None, rng: random.Random) -> list[str]:
    needs = [kind.name]
    if rng.random() < 0.3:
        limit = float(max(i.price or 0 for i in items)) + rng.choice((1, 5, 10))
        needs.append(constraint_words(Constraint("price", Op.AT_MOST, number=round(limit / 5 + 0.5) * 5), "USD"))
    if wish:
        needs.append(constraint_words(wish.constraint, "USD"))
    return needs


def _shopper(kind: Kind, wish: Wish | None, rng: random.Random) -> str:
    x = wish.spoken.removeprefix("something ") if wish else ""
    if wish and rng.random() < 0.25:
        return rng.choice(_REFINED).format(x=x)
    if wish and rng.random() < 0.5:
        return rng.choice(_WISHED).format(x=x, kind=kind.name)
    return rng.choice(kind.wishes) if rng.random() < 0.8 else rng.choice(_OPEN).format(kind=kind.name)


def spoilt(text: str, rng: random.Random) -> str:
    """The message as people type it: now and then a swapped or lost letter, a missing capital, a stray sign."""
    if rng.random() < 0.12 and len(text) > 12:
        i = rng.randrange(3, len(text) - 3)
        text = text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :] if rng.random() < 0.5 else text[:i] + text[i + 1 :]
    if rng.random() < 0.15:
        text = text[:1].upper() + text[1:]
    return text + rng.choice(("", "", "", "", "", "", "!", " :)", "...", " thx"))


def predicate(
    item: EvidenceItem,
    evidence: Evidence,
    rng: random.Random,
    most: int,
    wanted: frozenset[str] = frozenset(),
    noting: bool = True,
    worn: frozenset[str] = frozenset(),
) -> tuple[str, list[Phrase]]:
    """What is said of one item after "it", and the phrases it was made of. Facts that touch the wish come first, as a seller would."""
    wanted = wanted or frozenset(content_stems(f"{evidence.shopper} {' '.join(evidence.needs[1:])}"))
    told = [p for f in seen_facts(item) if (p := phrase(f, rng)) is not None]
    touching = [p for p in told if p.fact.kind is not FactKind.TYPE and wanted & set(content_stems(f"{p.fact.text} {p.fact.name}"))]
    rest = [p for p in told if p not in touching and (p.fact.kind is not FactKind.RATING or rng.random() < 0.3)]
    rng.shuffle(rest)
    if worn:  # what was just said of another item sets nothing apart
        touching, rest = [p for p in touching if p.fact.text not in worn], sorted(rest, key=lambda p: p.fact.text in worn)
    chosen = [p for p in (*touching[:2], *rest) if p.does][:most]
    parts = [p.does for p in chosen]
    notes = [said for n in evidence.notes if (said := noted(n, item.n))]
    if noting and notes and rng.random() < 0.5:
        parts.insert(0 if rng.random() < 0.6 else len(parts), notes[0])
        if len(parts) > 2:
            parts.pop(-1 if parts[-1] != notes[0] else 0)
    return (joined(parts, rng) if parts else ""), [*chosen, *(p for p in told if p.clause)]


def _slots(said: Sequence[tuple[str, list[Phrase]]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for n, (predicate, phrases) in enumerate(said, 1):
        tail = "" if n == 1 else str(n)
        values[f"p{tail}"] = predicate
        things = [p.has for p in phrases if p.has][:2]
        values[f"w{tail}"] = listed(things) if things else ""
        clauses = [p.clause for p in phrases if p.clause]
        values[f"S{tail}"] = clauses[0][:1].upper() + clauses[0][1:] if clauses else ""
    return values


def _recommended(evidence: Evidence, wish: Wish | None, split: str, rng: random.Random) -> tuple[str, str] | None:
    k = len(evidence.items)
    most = rng.choice((2, 2, 3)) if k == 1 else rng.choice((1, 2, 2)) if k == 2 else rng.choice((1, 1, 2))
    said: list[tuple[str, list[Phrase]]] = []
    for item in evidence.items:
        worn = frozenset(p.fact.text for _, phrases in said for p in phrases)
        said.append(predicate(item, evidence, rng, most, worn=worn))
    values = _slots(said)
    if wish:
        values["wish"] = wish.spoken
    purpose = _PURPOSE.search(evidence.shopper.lower())
    if purpose and len(purpose[1].split()) <= 5:
        values["f"] = f"for {purpose[1]}".replace(" my ", " your ")
        values["F"] = values["f"].capitalize()
    both = next((n.text.removeprefix("both ") for n in evidence.notes if n.text.startswith("both ")), "")
    if k == 2 and both and rng.random() < 0.5:
        group, values["q"] = "both", both
    elif k == 2 and rng.random() < 0.4:
        group = "two"
    elif k == 3 and rng.random() < 0.4:
        group = "three"
    else:
        return _chained(values, said, split, rng)
    mould = pick("products", group, split, rng, values)
    return (mould.fill(values), mould.id) if mould else None


def _chained(values: dict[str, str], said: Sequence[tuple[str, list[Phrase]]], split: str, rng: random.Random) -> tuple[str, str] | None:
    """One sentence an item, each by a plan of its own; now and then a clause of the description follows."""
    groups = ["wish" if values.get("wish") and rng.random() < 0.4 else "purpose" if values.get("f") and rng.random() < 0.4 else "lead"]
    groups += ["next", "last"][: len(said) - 1]
    sentences, ids = [], []
    for n, group in enumerate(groups, 1):
        tail = "" if n == 1 else str(n)
        own = {**{k: v for k, v in values.items() if k in ("wish", "f", "F")}, **{s: values.get(f"{s}{tail}", "") for s in ("p", "w", "S")}}
        mould = pick("products", group, split, rng, own)
        if mould is None:
            return None
        sentences.append(mould.fill(own, (n,)))
        ids.append(mould.id)
        if own["S"] and "{S}" not in mould.text and len(said) < 3 and rng.random() < 0.35:
            sentences[-1] = sentences[-1].removesuffix(".") + rng.choice((f". {own['S']}.", f"; {own['S'][:1].lower()}{own['S'][1:]}."))
    return " ".join(sentences), "+".join(ids)
