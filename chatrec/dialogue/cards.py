"""Item cards: what the shopper sees of an item, taken from its record and its live row."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.dialogue.offer import Offer
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import constraint_words, figure_words
from chatrec.domain.candidate import Candidate
from chatrec.domain.facts import FactKind
from chatrec.domain.figures import money, number_text
from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Need
from chatrec.domain.reply import Card

MOST_CARD_FACTS = 4
NOT_LISTED = "not listed"
_ON_CARD = {FactKind.ATTRIBUTE, FactKind.DESCRIPTION}


def make_cards(offer: Offer, parts: Parts, first: int = 1) -> tuple[Card, ...]:
    """The cards of an offer, numbered from ``first``."""
    reasons = {c.item_id: c for c in offer.ranked.items}
    return tuple(
        make_card(item, n, why(reasons.get(item.item_id), offer.need, parts), parts) for n, item in enumerate(offer.items, start=first)
    )


def make_card(item: Item, position: int, why_line: str, parts: Parts) -> Card:
    """One card. Everything on it is the record's or computed here; nothing comes from the model."""
    facts = [f.text for f in parts.shelf.facts(item.item_id) if f.kind in _ON_CARD][:MOST_CARD_FACTS]
    return Card(
        position=position,
        item_id=item.item_id,
        title=card_title(item.title),
        brand=item.brand,
        category=item.category,
        price=item.price,
        currency=item.currency or parts.limits.currency,
        rating=item.rating,
        n_ratings=item.n_ratings,
        stock=item.stock,
        image=parts.picture(item),
        url=item.url,
        why=why_line,
        facts=tuple(facts),
        options=tuple(item.options().items()),
    )


def card_title(title: str) -> str:
    """The whole title, without a full stop that a feed put behind it; dots that stand for more stay."""
    bare = title.rstrip()
    return bare if bare.endswith("..") else bare.removesuffix(".").rstrip()


def why(candidate: Candidate | None, need: Need | None, parts: Parts) -> str:
    """Why the item is here, in a line: the limits it keeps and the reason its source gave."""
    kept = [constraint_words(c, parts.limits.currency) for c in (need.hard() if need else ())][-3:]
    reason = candidate.reason if candidate else ""
    return " · ".join(dict.fromkeys(part for part in (", ".join(kept), reason) if part))


def _figure(attribute: Attribute) -> str:
    if attribute.number is None:
        return ", ".join(attribute.values)
    return figure_words(attribute.number, attribute.unit)


def comparison_rows(items: Sequence[Item], currency: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The properties in which the items differ: price, rating, stock, brand, options and every attribute. A missing value reads
    "not listed"."""
    table: dict[str, list[str]] = {}

    def put(name: str, n: int, value: str) -> None:
        table.setdefault(name, [""] * len(items))[n] = value

    for n, item in enumerate(items):
        if item.price is not None:
            put("price", n, money(item.price, item.currency or currency))
        if item.rating is not None:
            put("rating", n, f"{number_text(item.rating)} of 5" + (f" ({item.n_ratings})" if item.n_ratings else ""))
        put("brand", n, item.brand)
        for name, values in item.options().items():
            put(name, n, ", ".join(values))
        for attribute in item.attributes:
            put(attribute.name, n, _figure(attribute))
    return tuple((name, tuple(v or NOT_LISTED for v in values)) for name, values in table.items() if any(values) and len(set(values)) > 1)
