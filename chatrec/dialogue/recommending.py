"""A list of items for a need; where nothing matches, the ways out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.dialogue.alternatives import HEADING, Alternative, PriceEdge, alternative_cards, alternatives, price_edge, sensible
from chatrec.dialogue.cards import make_cards
from chatrec.dialogue.chips import answer_chips
from chatrec.dialogue.follow_ups import offering
from chatrec.dialogue.offer import Offer, make_offer
from chatrec.dialogue.questions import clarify
from chatrec.dialogue.scene import Performed, Scene, facts_now, note
from chatrec.dialogue.silent import HEADING as SILENT_HEADING
from chatrec.dialogue.silent import silent_note, silent_ones
from chatrec.dialogue.weighing import weigh
from chatrec.dialogue.wording import constraint_words, extreme_words, need_title, need_words, relaxation_message, relaxation_words
from chatrec.domain.act import Ask, Recommend
from chatrec.domain.facts import Evidence, Fact
from chatrec.domain.item import Item
from chatrec.domain.need import Need
from chatrec.domain.reply import Alternatives, Cards, Chip
from chatrec.domain.state import OpenQuestion, ShownList


def recommend(act: Recommend, scene: Scene) -> Performed:
    """Offer items for a need; when nothing matches, offer the smallest relaxations with counts."""
    parts = replace(scene.parts, limits=replace(scene.parts.limits, shown=scene.shown_per_need))
    offer = make_offer(act, scene.state, parts)
    if offer.need is not None and offer.relaxations:
        offer = replace(offer, relaxations=tuple(sensible(offer.relaxations, offer.need)))
    if not offer.items and act.fresh and offer.need is not None and offer.need.like_items:
        offer = make_offer(replace(act, fresh=False), scene.state, parts)  # all that is like it was shown before: it still is
    currency = parts.limits.currency
    wants = need_words(offer.need, currency) if offer.need else ()
    if not offer.items and act.order_by and offer.matching:
        return _unordered(act, offer.matching, scene)
    if not offer.items:
        return _nothing(act, offer, wants, scene)
    cards = make_cards(offer, parts)
    beside = silent_ones(act, offer, scene.state, parts)
    more = alternative_cards(beside, parts, len(cards) + 1)
    evidence = parts.evidence.build(
        act.kind,
        scene.message,
        needs=wants,
        items=[(item, facts_now(item, scene)) for item in offer.items],
        notes=[*silent_note(beside), *_offer_notes(act, offer, currency)],
    )
    ids = tuple(i.item_id for i in (*offer.items, *(a.item for a in beside)))
    listed = Cards(cards, act.need_id, need_title(offer.need, currency) if offer.need else "")
    return Performed(
        act,
        evidence,
        events=(listed, Alternatives(more, act.need_id, SILENT_HEADING)) if more else (listed,),
        offer=offer,
        shown=ShownList(scene.state.turn, act.need_id, ids, tuple(c.why for c in (*cards, *more))),
        focus=ids if len(ids) == 1 else (),
        next_act=clarify(act, offer, scene.state, scene.parts),
    )


def _unordered(act: Recommend, matching: int, scene: Scene) -> Performed:
    """What matches, where no record gives the figure that it was to be ordered by; that is said first."""
    done = recommend(replace(act, order_by=None), scene)
    field = act.order_by[0] if act.order_by else ""
    told = note("extreme", f"none of the {matching} that match lists its {field}, so I can not go by that")
    return replace(done, act=act, evidence=replace(done.evidence, notes=(told, *done.evidence.notes)))


def _offer_notes(act: Recommend, offer: Offer, currency: str) -> list[Fact]:
    if not act.order_by or offer.need is None:
        return []
    if offer.matching == 1:
        return [note("extreme", "[1] is the only one that matches", cites=(1,))]
    first = tuple(range(1, offer.tied + 1))
    named = [f"[{n}]" for n in first]
    subject = f"{', '.join(named[:-1])} and {named[-1]} are" if len(first) > 1 else "[1] is"
    figure = weigh(offer.items[:1], *act.order_by).figures.get(1, "")
    words = extreme_words(*act.order_by).replace("the one with", "the ones with" if len(first) > 1 else "the one with")
    return [
        note(
            "extreme",
            f"{subject} {words} of all {offer.matching} that match{f', with {figure}' if figure else ''}",
            cites=first,
            value=act.order_by[0],
        )
    ]


def _nothing(act: Recommend, offer: Offer, wants: Sequence[str], scene: Scene) -> Performed:
    """Nothing (else) matches: the smallest ways out with their counts, what comes nearest, and where the prices begin."""
    parts = scene.parts
    if offer.need is None or not offer.need.hard():
        evidence = Evidence("nothing", scene.message, needs=tuple(wants), notes=(note("nothing", "nothing else to show"),))
        return Performed(act, evidence, offer=offer, failed=True)
    limits = replace(parts.limits, shown=scene.shown_per_need)
    found = alternatives(act, offer, scene.state, replace(parts, limits=limits))
    edge = price_edge(offer.need, parts) if not offer.matching else None
    named = [a.item for a in found]
    if edge is not None and all(edge.item.item_id != i.item_id for i in named):
        named.append(edge.item)
    notes = [_nothing_note(offer, parts.limits.currency), *_edge_note(edge, named)]
    notes += [note("relaxation", f"{relaxation_words(r)}: {r.count}", value=str(r.count)) for r in offer.relaxations]
    notes += _alternative_note(found)
    told = parts.evidence.build("nothing", scene.message, needs=wants, items=[(i, facts_now(i, scene)) for i in named])
    chips = _ways_out(offer, offer.need, parts.limits.currency)
    cards = alternative_cards(found, parts)
    ids = tuple(a.item.item_id for a in found)
    return Performed(
        act,
        replace(told, notes=tuple(notes)),
        events=(Alternatives(cards, act.need_id, HEADING),) if cards else (),
        chips=chips,
        offer=offer,
        shown=ShownList(scene.state.turn, act.need_id, ids, tuple(c.why for c in cards), alternative=True) if cards else None,
        failed=not chips,  # with a way on it is an answer
        pending=offering(chips[0].message, scene.state) if len(chips) == 1 else None,
        tried=tuple(f"{relaxation_words(r)}: {r.count}" for r in offer.relaxations),
    )


def _ways_out(offer: Offer, need: Need, currency: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            "relax", f"{r.text} ({r.count})", message=relaxation_message(need, r, currency), need_id=need.need_id, key="|".join(r.keys)
        )
        for r in offer.relaxations
    )  # fmt: skip


def _edge_note(edge: PriceEdge | None, named: Sequence[Item]) -> list[Fact]:
    """ "The cheapest is [2]": where a price limit leaves nothing, what the prices begin or end with."""
    if edge is None:
        return []
    place = next(n for n, item in enumerate(named, start=1) if item.item_id == edge.item.item_id)
    return [note("edge", f"{extreme_words('price', edge.direction)} of them is [{place}]", cites=(place,), value="price")]


def _alternative_note(found: Sequence[Alternative]) -> list[Fact]:
    if not found:
        return []
    told = "; ".join(f"[{n}] – {', '.join(a.breaks)}" for n, a in enumerate(found, start=1))
    start = "Nearest to it, but not all you asked for" if len(found) > 1 else "Nearest to it, but not quite"
    return [note("alternative", f"{start}: {told}", cites=tuple(range(1, len(found) + 1)))]


def _nothing_note(offer: Offer, currency: str) -> Fact:
    """Whether nothing matches at all, or nothing is left of what matches."""
    limits = ", ".join(constraint_words(c, currency) for c in (offer.need.hard() if offer.need else ()))
    if not offer.matching:
        return note("nothing", f"nothing matches {limits}", value=limits)
    seen = "the only one" if offer.matching == 1 else f"all {offer.matching}"
    return note("nothing", f"nothing else matches {limits}, you have seen {seen}", value=limits)


def ask(act: Ask, scene: Scene) -> Performed:
    """One question with tappable answers; "any" and "skip" are always among them."""
    options = ", ".join(act.options)
    evidence = Evidence(act.kind, scene.message, notes=(note(act.field, act.text, value=options),))
    question = OpenQuestion(act.need_id, act.field, act.text, act.options, scene.state.turn)
    return Performed(act, evidence, chips=tuple(answer_chips(question)), question=question)
