"""Training dialogues about products: recommend, refine, compare, explain."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from chatrec.catalog.facts import typed_facts
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Constraint, Op
from chatrec.generation.drawbacks import speaks_against
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate_words import content_stems
from chatrec.tuning.dialogues_wishes import Wish, draw_wish
from chatrec.tuning.drafts import Draft
from chatrec.tuning.invented import Kind, invent_items, kinds_of
from chatrec.tuning.phrasing import noted, with_article
from chatrec.tuning.phrasing_moulds import Mould, draw_voice, moulds
from chatrec.tuning.shopper_phrases import COMPARED, OF_TWO, OPEN, REFINED, SOURCES, WHY, WISHED, spoilt
from chatrec.tuning.telling import Teller, fill_plan, pair_of, tellers

_PURPOSE = re.compile(r"(?<!looking )\bfor ([a-z][\w' -]{2,50})(?=$|[,.?!])")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
CLOSED = 0.1
"""The share of recommendations that end with an offer to go on."""
# Plans of a whole reply about two or three items, with how often each is tried first; what does not fit gives way to the next.
_TWO = {"contrast": 22, "trade": 16, "twice": 7, "pair": 16, "choice": 14, "two": 10, "both": 14, "": 12}
_TWO_WISHED = {"contrast": 20, "pair": 14, "two": 14, "both": 26, "": 26}  # the wish comes first
_THREE_WISHED = {"extremes": 12, "three": 24, "": 64}
_COMPARE_TWO = {"contrast": 24, "trade": 22, "twice": 9, "pair": 20, "choice": 8, "two": 6, "both": 12}
_THREE = {"extremes": 20, "honours": 18, "three": 22, "": 34}
_CAUGHT = ("One thing to know: {}.", "Mind that {}.", "What you should know: {}.", "Please note that {}.")
_MANY_FACTS = (2, 2, 3)


def draft_recommend(split: str, rng: random.Random) -> Draft | None:
    """One to three items for a need; a part of them refine an earlier wish."""
    kind = rng.choice(kinds_of(split))
    k = rng.choice((1, 1, 2, 2, 3, 3))
    flag = rng.choice(kind.flags) if kind.flags and rng.random() < 0.3 else ""
    items = invent_items(kind, k, rng, (flag,) if flag else ())
    if k > 1 and rng.random() < 0.5:
        items = _comparable(items, kind, rng)
    wish = draw_wish(items, flag, rng)
    shopper = spoilt(_shopper(kind, items, wish, rng), rng)
    evidence = build_evidence("recommend", shopper, _needs(kind, items, wish, rng), items)
    return recommended(evidence, wish, kind.name, split, rng)


def recommended(evidence: Evidence, wish: Wish | None, domain: str, split: str, rng: random.Random) -> Draft | None:
    """A reply over this evidence, by a plan drawn for its number of items."""
    voice, k = draw_voice(rng), len(evidence.items)
    shared = next((n for n in evidence.notes if _is_shared(n)), None) if k == 2 else None
    weights = {1: {"": 1}, 2: _TWO_WISHED if wish else _TWO, 3: _THREE_WISHED if wish else _THREE}.get(k, {"": 1})
    groups = _drawn(weights, rng)
    for group in groups:
        told = _chained(evidence, wish, domain, split, rng, voice) if not group else _whole(group, evidence, shared, split, rng, voice)
        if told:
            reply, ids = told
            closing = _plan("closing", split, rng, voice) if rng.random() < CLOSED and k > 1 else None
            return Draft(evidence, f"{reply} {closing.text}" if closing else reply, "recommend", domain, ids, voice)
    return None


def draft_compare(split: str, rng: random.Random) -> Draft | None:
    """Two or three items side by side, compared at large or by one property."""
    kind = rng.choice(kinds_of(split))
    items = _comparable(invent_items(kind, rng.choice((2, 2, 2, 3)), rng), kind, rng)
    shopper = rng.choice([c for c in COMPARED if len(items) == 2 or not OF_TWO.search(c)])
    notes = [n for n in build_evidence("compare", shopper, (), items).notes if n.cites and noted(n, n.cites[0])]
    note = rng.choice(notes) if notes and len(items) == 2 and rng.random() < 0.35 else None
    if note is None:
        return compared(build_evidence("compare", spoilt(shopper, rng), (), items), False, kind.name, split, rng)
    wanted = noted(note, note.cites[0])
    shopper = rng.choice(("which {c}?", "which one {c}?", "which of them {c}", "so which one {c}?")).format(c=wanted)
    evidence = build_evidence("compare", shopper, (), items)
    answer = next(((n, n.cites[0]) for n in evidence.notes if n.cites and noted(n, n.cites[0])), None)
    if answer is None or noted(*answer) != wanted:
        return None  # another comparison stands first: the notes would answer another question
    return compared(replace(evidence, shopper=spoilt(shopper, rng)), True, kind.name, split, rng)


def compared(evidence: Evidence, asked: bool, domain: str, split: str, rng: random.Random) -> Draft | None:
    """A comparison over this evidence. ``asked``: the first note is the answer."""
    voice = draw_voice(rng)
    shared = next((n for n in evidence.notes if _is_shared(n)), None) if len(evidence.items) == 2 else None
    weights = {"asked": 1} if asked else _COMPARE_TWO if len(evidence.items) == 2 else {"extremes": 30, "honours": 30, "three": 25}
    for group in _drawn(weights, rng):
        told = _whole(group, evidence, shared, split, rng, voice)
        if told:
            return Draft(evidence, told[0], "compare", domain, told[1], voice)
    return None


def draft_explain(split: str, rng: random.Random) -> Draft | None:
    """Why one item was shown: the limits it keeps, or the reason its source gave."""
    kind = rng.choice(kinds_of(split))
    flag = rng.choice(kind.flags) if kind.flags and rng.random() < 0.5 else ""
    items = invent_items(kind, 1, rng, (flag,) if flag else ())
    wish, source = draw_wish(items, flag, rng), rng.choice(SOURCES).format(x=kind.name)
    if wish is None:
        return None
    kept = constraint_words(wish.constraint, "USD")
    group = "sourced" if rng.random() < 0.25 else "explain"
    reasons = [f"it keeps to what you asked for ({kept})"] if group == "explain" else []
    reasons += [f"it {source}"] if group == "sourced" or rng.random() < 0.4 else []
    note = Fact(FactKind.COMPUTED, "why", f"I showed you [1] because {' and '.join(reasons)}", cites=(1,), source="turn")
    shopper = spoilt(rng.choice(WHY), rng)
    built = RecordEvidence().build("explain", f"{shopper} {kept}", items=[(i, typed_facts(i)) for i in items], notes=[note])
    evidence, voice = replace(built, shopper=shopper), draw_voice(rng)
    teller = tellers(evidence, rng, rng.choice((1, 1, 2)), wish.constraint.field)[0]
    told = _fitting(group, [(teller,)], split, rng, voice, {"wish": wish.spoken, "r": source})
    return Draft(evidence, told[0], "explain", kind.name, told[1], voice) if told else None


def _drawn(weights: dict[str, int], rng: random.Random) -> list[str]:
    """The groups in the order in which they are tried: the first by weight, the others at random behind it."""
    first = rng.choices(list(weights), list(weights.values()))[0]
    return [first, *rng.sample([g for g in weights if g != first], len(weights) - 1)]


def _is_shared(note: Fact) -> bool:
    return note.text.startswith("both ") and ":" not in note.text


def _quality(shared: Fact) -> str:
    """What both are or have, with its article: "have a blade guard"."""
    said = shared.text.removeprefix("both ")
    return f"have {with_article(said.removeprefix('have '))}" if said.startswith("have ") and not said.startswith("have the ") else said


def _plan(group: str, split: str, rng: random.Random, voice: str) -> Mould | None:
    found = moulds("products", group, split, voice) or moulds("products", group, split, "plain")
    return rng.choice(found) if found else None


def _whole(group: str, evidence: Evidence, shared: Fact | None, split: str, rng: random.Random, voice: str) -> tuple[str, str] | None:
    """A plan for all items at once. The subject of a comparison may stand first, whatever its number."""
    if (group == "both") != (shared is not None) and group == "both":
        return None
    about = shared.name if shared is not None and group == "both" else ""
    told = tellers(evidence, rng, rng.choice(_MANY_FACTS if len(evidence.items) == 2 else (1, 2)), shared=about)
    given = {"q": _quality(shared)} if shared is not None and group == "both" else {}
    orders = (
        [tuple(o) for o in permutations(told)] if group in ("contrast", "trade", "twice", "extremes", "honours", "asked") else [tuple(told)]
    )
    orders = [o for o in orders if [t.item.n for t in o[1:]] == sorted(t.item.n for t in o[1:])] or orders
    if group == "honours":  # two subjects stand first
        orders = [tuple(o) for o in permutations(told) if o[0].notes and o[1].notes]
    rng.shuffle(orders)
    orders.sort(key=lambda o: not o[0].notes)
    if group == "asked":  # the answer is the subject of the first comparison
        lead = next((n.cites[0] for n in evidence.notes if n.cites and noted(n, n.cites[0])), 0)
        orders = [(replace(o[0], notes=o[0].notes[:1]), *o[1:]) for o in orders if o[0].item.n == lead]
    return _fitting(group, orders, split, rng, voice, given)


def _fitting(
    group: str,
    orders: Sequence[tuple[Teller, ...]],
    split: str,
    rng: random.Random,
    voice: str,
    given: dict[str, str],
    told: Sequence[str] = (),
) -> tuple[str, str] | None:
    """The first plan, in this voice or else in plain words and not ``told`` already, that an order of the items fills."""
    for tone in dict.fromkeys((voice, "plain")):
        plans = [m for m in moulds("products", group, split, tone) if m.id not in told]
        if group == "lead" and "wish" in given:
            plans = [m for m in plans if "p" in m.slots()]
        rng.shuffle(plans)
        for plan in plans:
            for order in orders[:3]:
                values = dict(given)
                if "x" in plan.slots() or "x2" in plan.slots():
                    pair = pair_of(order[0], order[1], rng)
                    if pair is None:
                        continue
                    values |= pair[0]
                    order = tuple(replace(t, phrases=[p for p in t.phrases if p.fact.name != pair[1]]) for t in order)
                elif order[0].notes:
                    order = (order[0], *(replace(t, first=(order[0].notes[0].name,)) for t in order[1:]))
                text = fill_plan(plan, order, values)
                if text:
                    return text, plan.id
    return None


def _chained(evidence: Evidence, wish: Wish | None, domain: str, split: str, rng: random.Random, voice: str) -> tuple[str, str] | None:
    """One sentence an item, each by a plan of its own; now and then a clause of the description follows."""
    k = len(evidence.items)
    told = tellers(evidence, rng, rng.choice((2, 2, 3) if k == 1 else (1, 2, 2)), wish.constraint.field if wish else "")
    given = {"wish": wish.spoken} if wish else {}
    purpose = _PURPOSE.search(evidence.shopper.lower())
    if purpose and len(purpose[1].split()) <= 6 and domain not in purpose[1] and purpose[1].split()[0] not in domain:
        aim = f"for {purpose[1].removesuffix(' thx')}".replace(" my ", " your ")
        given |= {"f": aim, "F": aim.capitalize()}
    first = ["purpose"] if given.get("f") and rng.random() < 0.5 else ["wish"] if wish and rng.random() < 0.75 else []
    sentences: list[str] = []
    ids: list[str] = []
    for place, teller in enumerate(told):
        groups = ([*first, "lead"] if place == 0 else ["next"] if place == 1 or rng.random() < 0.3 else ["last"]) + ["stated", "bare"]
        found = next((f for g in groups if (f := _fitting(g, [(teller,)], split, rng, voice, given, ids))), None)
        if found is None:
            return None
        sentences.append(found[0])
        ids.append(found[1])
        tail = _tail(teller, found[0], rng) if rng.random() < (0.5, 0.3, 0.2)[k - 1] else ""
        if tail:
            sentences.append(tail)
    return " ".join(sentences), "+".join(ids)


def _tail(teller: Teller, told: str, rng: random.Random) -> str:
    """One more sentence about the item that was just told: a fact not said yet."""
    said = set(content_stems(told)) | set(_FIGURE.findall(told))
    for p in teller.phrases:
        text = p.clause or p.does
        bare = p.has or text
        if p.fact.kind is FactKind.BRAND or (set(content_stems(bare)) | set(_FIGURE.findall(bare))) <= said:
            continue
        if speaks_against(text) and p.fact.kind is FactKind.DESCRIPTION:
            return rng.choice(_CAUGHT).format(p.clause or f"it {p.does}")
        if p.clause:
            return f"{p.clause[:1].upper()}{p.clause[1:]}."
        also = f"is also {p.does.removeprefix('is ')}" if p.does.startswith("is ") else f"also {p.does}"
        return rng.choice((f"It {also}.", f"It {p.does} as well.", f"It {p.does}, too."))
    return ""


def build_evidence(act: str, shopper: str, needs: Sequence[str], items: Sequence[Item]) -> Evidence:
    """Evidence as a turn builds it from records."""
    return RecordEvidence().build(act, shopper, needs=needs, items=[(i, typed_facts(i)) for i in items])


def _comparable(items: list[Item], kind: Kind, rng: random.Random) -> list[Item]:
    """The items with one numeric property that all of them record; a kind without figures stays as it is."""
    if not kind.numbers:
        return items
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


def _shopper(kind: Kind, items: Sequence[Item], wish: Wish | None, rng: random.Random) -> str:
    x = wish.spoken.removeprefix("something ") if wish else ""
    quality = wish is not None and wish.spoken.startswith("something ")
    if wish and not quality:
        x = f"with {x}"
    if wish and rng.random() < 0.25:
        return rng.choice(REFINED).format(x=x)
    if wish and rng.random() < 0.5:
        return rng.choice(
            WISHED
            if quality
            else [w for w in WISHED if "{x}" in w and not w.startswith("{x}") and "are {x}" not in w and "be {x}" not in w]
        ).format(x=x, kind=kind.name)
    fitting = [w for w in kind.wishes if _fulfilled(w, kind, items)] if rng.random() < 0.8 else []
    return rng.choice(fitting) if fitting else rng.choice(OPEN).format(kind=kind.name)


def _fulfilled(wish: str, kind: Kind, items: Sequence[Item]) -> bool:
    """Whether all items have what the wish names of the kind's own properties: what is shown keeps to what was asked for."""
    said = set(content_stems(wish)) - set(content_stems(kind.name))
    known = set(content_stems(" ".join((*kind.flags, *kind.features, *(v for _, values in kind.words for v in values)))))
    return all(said & known <= {s for f in typed_facts(i) if f.value != "no" for s in content_stems(f.text)} for i in items)
