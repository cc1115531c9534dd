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
from chatrec.tuning.dialogues_wishes import Wish, draw_wish
from chatrec.tuning.invented import Kind, invent_items, kinds_of
from chatrec.tuning.phrasing import Phrase, figure, joined, listed, lowered, noted, phrase
from chatrec.tuning.phrasing_moulds import pick
from chatrec.tuning.shopper_phrases import COMPARED, OPEN, REFINED, SOURCES, WHY, WISHED, spoilt

_PURPOSE = re.compile(r"(?<!looking )\bfor ([a-z][\w' -]{2,50})(?=$|[,.?!])")


@dataclass(frozen=True, slots=True)
class Draft:
    """A dialogue turn before its check: what may be said, and what is said. ``domain`` is the product kind or the topic."""

    evidence: Evidence
    reply: str
    act: str
    domain: str
    mould: str


def draft_recommend(split: str, rng: random.Random) -> Draft | None:
    """One to three items for a need; a part of them refine an earlier wish."""
    kind = rng.choice(kinds_of(split))
    k = rng.choice((1, 2, 2, 3, 3))
    flag = rng.choice(kind.flags) if rng.random() < 0.3 else ""
    items = invent_items(kind, k, rng, (flag,) if flag else ())
    wish = draw_wish(items, flag, rng)
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
    shopper = rng.choice(COMPARED)
    note = next((n for n in _evidence("compare", shopper, (), items).notes if n.cites and noted(n, n.cites[0])), None)
    asked = k == 2 and note is not None and rng.random() < 0.4
    if asked and note is not None:
        shopper = rng.choice(("which {c}?", "which one {c}?", "which of them {c}")).format(c=noted(note, note.cites[0]))
    evidence = _evidence("compare", spoilt(shopper, rng), (), items)
    shared = _shared(evidence, rng)
    lengths = (2, 2, 3) if k == 2 else (1, 2)
    said = [predicate(item, evidence, rng, rng.choice(lengths), shared, not asked) for item in evidence.items]
    if any(not p for p, _ in said):
        return None
    if asked and note is not None:
        order = note.cites[:2]
        values = {"c": _measured(note, evidence.items[order[0] - 1]), "p": said[order[0] - 1][0], "p2": said[order[1] - 1][0]}
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
    wish = draw_wish(items, flag, rng)
    if wish is None:
        return None
    kept = constraint_words(wish.constraint, "USD")
    reason = f"{kept} · {rng.choice(SOURCES).format(x=kind.name)}" if rng.random() < 0.5 else kept
    note = Fact(FactKind.COMPUTED, "why", reason, cites=(1,), source="turn")
    shopper = spoilt(rng.choice(WHY), rng)
    evidence = RecordEvidence().build("explain", shopper, items=[(i, typed_facts(i)) for i in items], notes=[note])
    said = predicate(evidence.items[0], evidence, rng, 2, frozenset(content_stems(kept)))
    if not any(p.fact.name == wish.constraint.field for p in said[1]):
        asked = [p for f in typed_facts(items[0]) if f.name == wish.constraint.field and (p := phrase(f)) is not None and p.does]
        others = [p.does for p in said[1] if p.does][:1]
        said = (joined([asked[0].does, *others], rng), said[1]) if asked else said
    values = {"p": said[0], "wish": wish.spoken}
    mould = pick("products", "explain", split, rng, values) if said[0] else None
    return Draft(evidence, mould.fill(values), "explain", kind.name, mould.id) if mould else None


def _measured(note: Fact, item: EvidenceItem) -> str:
    """The comparison with its figure: "is lighter at 900 g"."""
    said = noted(note, item.n)
    fact = next((f for f in seen_facts(item) if f.name == note.name and f.number is not None and f.unit), None)
    return f"{said} at {figure(fact)}" if fact and said.startswith("is ") else said


def _shared(evidence: Evidence, rng: random.Random) -> frozenset[str]:
    """The words of one property that all items show, so that the reply compares like with like; mostly, not always."""
    names = [{f.name for f in seen_facts(i) if f.kind is FactKind.ATTRIBUTE and f.name != "features"} for i in evidence.items]
    common = sorted(set.intersection(*names))
    return frozenset(content_stems(rng.choice(common))) if common and rng.random() < 0.85 else frozenset()


def _evidence(act: str, shopper: str, needs: Sequence[str], items: Sequence[Item]) -> Evidence:
    return RecordEvidence().build(act, shopper, needs=needs, items=[(i, typed_facts(i)) for i in items])


def _comparable(items: list[Item], kind: Kind, rng: random.Random) -> list[Item]:
    """The items with one numeric property that all of them record."""
    name, drawn = rng.choice(kind.numbers)
    return [
        item if item.attribute(name) else replace(item, attributes=(Attribute(name, (), drawn.draw(rng), drawn.unit), *item.attributes))
        for item in items
    ]


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
        return rng.choice(REFINED).format(x=x)
    if wish and rng.random() < 0.5:
        return rng.choice(WISHED).format(x=x, kind=kind.name)
    return rng.choice(kind.wishes) if rng.random() < 0.8 else rng.choice(OPEN).format(kind=kind.name)


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
    told = [p for f in seen_facts(item) if (p := phrase(f)) is not None]  # in the order in which code has put them: the most telling first
    touching = [p for p in told if wanted & set(content_stems(f"{p.fact.text} {p.fact.name}"))]
    rest = [p for p in told if p not in touching]
    if worn:  # what was just said of another item sets nothing apart
        touching, rest = [p for p in touching if p.fact.text not in worn], sorted(rest, key=lambda p: p.fact.text in worn)
    chosen = [p for p in (*touching[:2], *rest) if p.does][:most]
    parts = [p.does for p in chosen]
    notes = [n for n in evidence.notes if noted(n, item.n)]
    if noting and notes and rng.random() < 0.5:
        parts = _with_note(parts, chosen, notes[0], item.n, rng)
    predicate_ = joined(parts, rng) if parts else ""
    if predicate_ and any(n.text == f"[{item.n}] is out of stock" for n in evidence.notes):
        predicate_ += ", but is out of stock"
    return predicate_, [*chosen, *(p for p in told if p.clause)]


def _with_note(parts: list[str], chosen: Sequence[Phrase], note: Fact, n: int, rng: random.Random) -> list[str]:
    """The comparison takes the place of the figure it compares ("is the lightest at 900 g"), or of the last part."""
    said = noted(note, n)
    same = next((i for i, p in enumerate(chosen) if p.fact.name == note.name and p.fact.number is not None), None)
    if same is not None:
        fact = chosen[same].fact
        return [f"{said} at {figure(fact)}", *(p for i, p in enumerate(parts) if i != same)]
    kept = parts if len(parts) < 2 else parts[:-1]
    return [said, *kept] if rng.random() < 0.6 else [*kept, said]


def _slots(said: Sequence[tuple[str, list[Phrase]]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for n, (predicate, phrases) in enumerate(said, 1):
        tail = "" if n == 1 else str(n)
        values[f"p{tail}"] = predicate
        things = [p.has for p in phrases if p.has and p.fact.number is None][:2] or [p.has for p in phrases if p.has][:1]
        values[f"w{tail}"] = listed(things) if things else ""
        clauses = [p.clause for p in phrases if p.clause]
        values[f"S{tail}"] = clauses[0][:1].upper() + clauses[0][1:] if clauses else ""
    return values


def _recommended(evidence: Evidence, wish: Wish | None, split: str, rng: random.Random) -> tuple[str, str] | None:
    k = len(evidence.items)
    most = rng.choice((2, 2, 3)) if k == 1 else rng.choice((1, 2, 2, 3)) if k == 2 else rng.choice((1, 2, 2))
    alike = next((n for n in evidence.notes if n.text.startswith("both ")), None) if k == 2 and rng.random() < 0.5 else None
    common = frozenset(f.text for i in evidence.items for f in i.facts if alike and f.name == alike.name)
    said: list[tuple[str, list[Phrase]]] = []
    for item in evidence.items:
        worn = common | {p.fact.text for _, phrases in said for p in phrases}
        said.append(predicate(item, evidence, rng, most, worn=worn))
    values = _slots(said)
    if wish:
        values["wish"] = wish.spoken
        other = [p.does for p in said[0][1] if p.does and p.fact.name != wish.constraint.field]
        values["p_other"] = joined(other[:2], rng) if other else ""
    purpose = _PURPOSE.search(evidence.shopper.lower())
    if purpose and len(purpose[1].split()) <= 6:
        values["f"] = f"for {purpose[1].removesuffix(' thx')}".replace(" my ", " your ")
        values["F"] = values["f"].capitalize()
    if alike:
        group, values["q"] = "both", alike.text.removeprefix("both ")
    elif k == 2 and rng.random() < 0.4:
        group = "two"
    elif k == 3 and rng.random() < 0.4:
        group = "three"
    else:
        return _chained(values, said, split, rng)
    mould = pick("products", group, split, rng, values)
    return (mould.fill(values), mould.id) if mould else _chained(values, said, split, rng)


def _chained(values: dict[str, str], said: Sequence[tuple[str, list[Phrase]]], split: str, rng: random.Random) -> tuple[str, str] | None:
    """One sentence an item, each by a plan of its own; now and then a clause of the description follows."""
    groups = ["wish" if values.get("wish") and rng.random() < 0.4 else "purpose" if values.get("f") and rng.random() < 0.4 else "lead"]
    groups += ["next", "last"][: len(said) - 1]
    sentences, ids = [], []
    for n, group in enumerate(groups, 1):
        tail = "" if n == 1 else str(n)
        if not values.get(f"p{tail}"):
            group = "stated" if values.get(f"S{tail}") else "bare"
        own = {**{k: v for k, v in values.items() if k in ("wish", "f", "F")}, **{s: values.get(f"{s}{tail}", "") for s in ("p", "w", "S")}}
        own["s"] = lowered(own["S"])
        mould = pick("products", group, split, rng, own)
        if mould is None:
            return None
        if "{wish}" in mould.text and values["p_other"] and rng.random() < 0.6:
            own["p"] = values["p_other"]
        sentences.append(mould.fill(own, (n,)))
        ids.append(mould.id)
        if own["S"] and "{S}" not in mould.text and "{s}" not in mould.text and rng.random() < (0.6, 0.5, 0.3)[len(said) - 1]:
            spoken = lowered(own["S"])
            tails = [f". {own['S']}.", f"; {spoken}."] + ([f", and {spoken}."] if " which" not in mould.text else [])
            sentences[-1] = sentences[-1].removesuffix(".") + rng.choice(tails)
    return " ".join(sentences), "+".join(ids)
