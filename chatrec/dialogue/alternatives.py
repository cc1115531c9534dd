"""Where nothing matches: what comes nearest, each with the wish that it breaks, never as if it matched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatrec.dialogue.breaches import breaches
from chatrec.dialogue.cards import make_card
from chatrec.dialogue.offer import Offer, make_offer
from chatrec.dialogue.parts import Parts
from chatrec.domain.act import Recommend
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Relaxation, Strength
from chatrec.domain.reply import Card
from chatrec.domain.state import DialogueState
from chatrec.domain.things import THING

HEADING = "Not all you asked for"
# Prices may have moved since the catalogue was built: so many of those at the end are looked at as they are now.
MOST_REPRICED = 50
# Beside the smallest ways out, things of the kind that break no more wishes than these (or half of them) count as near.
MOST_BROKEN, MOST_LOOKED_AT = 2, 4
_KIND_FIELDS = frozenset({"style", "type", "kind", "product type", "item type", "product"})
_KINDS = frozenset({"category", "title", "stock", THING})
BROKEN = "not what you asked for: "


@dataclass(frozen=True, slots=True)
class Alternative:
    """An item that does not match, and the wishes it breaks, in words."""

    item: Item
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceEdge:
    """What stands at the end of the prices that a wish for another price would meet: the cheapest or the dearest there is."""

    item: Item
    direction: int


def alternatives(act: Recommend, offer: Offer, state: DialogueState, parts: Parts) -> tuple[Alternative, ...]:
    """The best item of each way out, the smallest step first; at most as many as a list holds, none twice."""
    need = offer.need
    if need is None:
        return ()
    lists = [list(_best(act, need, r, state, parts)) for r in sensible(offer.relaxations, need)]
    # the best of each way, then the next of each
    in_turn = (items[place] for place in range(parts.limits.shown) for items in lists if place < len(items))
    found: dict[str, Alternative] = {}
    for item in in_turn:
        broken = breaches(item, need.hard(), parts.shelf, parts.limits.currency)
        if broken and len(found) < parts.limits.shown:
            found.setdefault(item.item_id, Alternative(item, broken))
    if len(found) < parts.limits.shown:
        found |= {a.item.item_id: a for a in _further(act, need, state, parts, list(found))}
    return tuple(found.values())[: parts.limits.shown]


def sensible(relaxations: Sequence[Relaxation], need: Need) -> list[Relaxation]:
    """The ways out that leave the thing what it was called: socks are no watch in another style. All, where there is no other way."""
    kept = [r for r in relaxations if not any(_names_the_thing(c, need) for c in need.hard() if c.key in r.keys and not r.replacement)]
    return kept or list(relaxations)


def _names_the_thing(constraint: Constraint, need: Need) -> bool:
    if constraint.field in ("category", "title", THING):
        return True
    said = {w.casefold().rstrip("s") for w in f"{need.query} {constraint.said}".split()}
    own = {w.casefold().rstrip("s") for v in constraint.values for w in v.split()}
    return constraint.op is Op.IS and constraint.field.casefold() in _KIND_FIELDS and bool(said & own)


def _further(act: Recommend, need: Need, state: DialogueState, parts: Parts, found: Sequence[str]) -> Sequence[Alternative]:
    """Where few ways out bring anything: of the kind that is looked for, what breaks fewest wishes; what only breaks some because its
    listing is silent comes first among equals."""
    kinds = tuple(c for c in need.hard() if c.field in _KINDS)
    others = tuple(replace(c, strength=Strength.PREFER) for c in need.hard() if c.field not in _KINDS)
    if not kinds or not others:
        return ()
    wider = replace(need, constraints=(*kinds, *need.soft(), *others))
    limits = replace(parts.limits, shown=parts.limits.shown * MOST_LOOKED_AT)
    offer = make_offer(replace(act, need_id=need.need_id, order_by=None), state.with_need(wider), replace(parts, limits=limits))
    near = [Alternative(i, breaches(i, need.hard(), parts.shelf, parts.limits.currency)) for i in offer.items if i.item_id not in found]
    near = [a for a in near if a.breaks and len(a.breaks) <= max(MOST_BROKEN, len(others) // 2)]
    return sorted(near, key=lambda a: (len(a.breaks), -sum("listed" in b for b in a.breaks), _off_price(a.item, need)))


def _off_price(item: Item, need: Need) -> float:
    """How far a price lies outside its limits."""
    limits = [c for c in need.hard() if c.field == "price" and c.number is not None]
    off = [(float(item.price) - (c.number or 0.0)) * (1 if c.op is Op.AT_MOST else -1) for c in limits if item.price is not None]
    return max(0.0, *off) if off else 0.0


def _best(act: Recommend, need: Need, relaxation: Relaxation, state: DialogueState, parts: Parts) -> Sequence[Item]:
    """The items that the loosened need brings, as they would be offered."""
    loosened = loosen(need, relaxation)
    return make_offer(replace(act, need_id=need.need_id, order_by=None), state.with_need(loosened), parts).items


def loosen(need: Need, relaxation: Relaxation) -> Need:
    """The need after a relaxation."""
    for key in relaxation.keys:
        need = need.without(key)
    return need.with_constraint(relaxation.replacement) if relaxation.replacement is not None else need


def price_edge(need: Need, parts: Parts) -> PriceEdge | None:
    """The cheapest item of what is looked for, where the price limit lies below it; the dearest where the limit lies above."""
    for constraint in need.hard():
        if constraint.field != "price" or constraint.op not in (Op.AT_MOST, Op.AT_LEAST) or constraint.number is None:
            continue
        direction = -1 if constraint.op is Op.AT_MOST else 1
        others = [c for c in need.hard() if c.field != "price"]
        for item in _at_the_end(others, direction, parts):
            if item.price is not None and direction * (constraint.number - float(item.price)) > 0:
                return PriceEdge(item, direction)
    return None


def _at_the_end(others: Sequence[Constraint], direction: int, parts: Parts) -> Iterator[Item]:
    ids = parts.shelf.extremes("price", direction, parts.shelf.matching(others), MOST_REPRICED)
    rows = parts.live.live(ids)
    priced = [i for i in ids if i in rows and rows[i].price is not None]
    best = max(priced, key=lambda i: direction * float(rows[i].price or 0), default=None)
    if best is not None:
        yield replace(parts.shelf.item(best), price=rows[best].price, stock=rows[best].stock)


def alternative_cards(found: Sequence[Alternative], parts: Parts, first: int = 1) -> tuple[Card, ...]:
    """Cards that say what they break, numbered from ``first``."""
    cards = []
    for n, one in enumerate(found, start=first):
        broken = "; ".join(one.breaks)
        cards.append(replace(make_card(one.item, n, f"{BROKEN}{broken}", parts), breaks=broken))
    return tuple(cards)
