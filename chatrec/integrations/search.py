"""The hybrid search of a turn without its dialogue: words and filters in, items at live price and stock out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from chatrec.dialogue.ledger import update
from chatrec.dialogue.offer import find, make_query, with_live
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.act import Recommend
from chatrec.domain.figures import live_facts
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.plain import plain
from chatrec.domain.state import DialogueState
from chatrec.errors import SearchError

if TYPE_CHECKING:
    from chatrec.bot import ChatRec
    from chatrec.dialogue.parts import Parts

MOST_HITS = 50
MOST_QUERY_CHARS = 500
_SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard limits of a search, beside those that its words name. ``attributes`` are other fields of the records, by name."""

    category: str = ""
    brand: str = ""
    min_price: float | None = None
    max_price: float | None = None
    min_rating: float | None = None
    in_stock: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    def constraints(self, parts: Parts) -> Iterator[Constraint]:
        """As constraints in the catalogue's spelling. Raises :class:`SearchError` for what this shop does not record."""
        bounds = (
            ("price", Op.AT_LEAST, self.min_price), ("price", Op.AT_MOST, self.max_price), ("rating", Op.AT_LEAST, self.min_rating),
            ("stock", Op.AT_LEAST, 1.0 if self.in_stock else None),
        )  # fmt: skip
        for name, op, number in bounds:
            if number is not None:
                _check_listed(name, parts)
                yield Constraint(name, op, number=number)
        for name, value in {"category": self.category, "brand": self.brand, **self.attributes}.items():
            if value:
                _check_listed(name, parts)
                yield Constraint(name, Op.IS, (_known_value(name, value, parts),))


@dataclass(frozen=True, slots=True)
class Hit:
    """One item found. ``score`` is relevance, comparable among the hits of one search; ``reason`` says for a person why it was found."""

    item: Item
    score: float
    reason: str


def search(bot: ChatRec, query: str, k: int = 5, filters: Filters | None = None) -> list[Hit]:
    """At most ``k`` hits, best first, each within the filters and the limits that the words name ("under 200") at this moment's price
    and stock; without words the whole catalogue is ranked. Raises :class:`SearchError`."""
    if not 1 <= k <= MOST_HITS:
        raise SearchError(f"k is {k}; a search gives 1 to {MOST_HITS} items")
    if len(query) > MOST_QUERY_CHARS:
        raise SearchError(f"the query has {len(query)} characters; at most {MOST_QUERY_CHARS} are read")
    with bot.serving() as parts:
        need = _need(plain(query), parts)
        for constraint in (filters or Filters()).constraints(parts):
            need = need.with_constraint(constraint)
        return list(_hits(need, k, parts))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item is or is not what the words ask for. ``kept`` and ``broken`` are the limits in words; ``place`` counts from 1 among all
    that was found, ``None`` where it was not."""

    item: Item
    kept: tuple[str, ...]
    broken: tuple[str, ...]
    reason: str
    place: int | None
    facts: tuple[str, ...]


def explain(bot: ChatRec, item_id: str, query: str) -> Explanation:
    """How an item stands to what the words ask for. Raises :class:`SearchError`, :class:`UnknownItem`."""
    item = bot.live_item(item_id)
    if len(query) > MOST_QUERY_CHARS:
        raise SearchError(f"the query has {len(query)} characters; at most {MOST_QUERY_CHARS} are read")
    with bot.serving() as parts:
        need, currency = _need(plain(query), parts), parts.limits.currency
        held = [(constraint_words(c, currency), parts.shelf.satisfies(item, (c,))) for c in need.hard()]
        hits = list(_hits(need, parts.limits.pool, parts))
        place = next((n for n, hit in enumerate(hits, start=1) if hit.item.item_id == item_id), None)
        reason = hits[place - 1].reason if place else ""
        facts = tuple(fact.text for fact in live_facts(item, parts.shelf.facts(item_id)))
    return Explanation(item, tuple(t for t, ok in held if ok), tuple(t for t, ok in held if not ok), reason, place, facts)


def _need(words: str, parts: Parts) -> Need:
    """What the words ask for, read as the first message of a dialogue would be."""
    if not words:
        return Need(1)
    fresh = DialogueState("search")
    told, _ = update(fresh, parts.understander.read(words, fresh), parts.shelf)
    need = told.need()
    return Need(1, query=words) if need is None else replace(need, query=need.query or words)


def _hits(need: Need, k: int, parts: Parts) -> Iterator[Hit]:
    allowed = parts.shelf.matching(need.hard())
    if allowed is not None and not allowed:
        return
    query = make_query(Recommend(need.need_id), need, DialogueState("search", needs=(need,), active_need=need.need_id), parts, allowed)
    pool = find(query, need, parts)
    rows, given = parts.live.live([c.item_id for c in pool]), 0
    for candidate in pool:
        if given == k:
            return
        if candidate.item_id not in rows:
            continue
        item = with_live(parts.shelf.item(candidate.item_id), rows[candidate.item_id])
        if parts.shelf.satisfies(item, need.hard()):
            given += 1
            yield Hit(item, round(candidate.score, 6), candidate.reason)


def _check_listed(name: str, parts: Parts) -> None:
    if not parts.shelf.lists(name):
        raise SearchError(f"the records of this shop hold no '{name:.60}'; leave that filter out")


def _known_value(name: str, value: str, parts: Parts) -> str:
    """The value as the catalogue spells it; a singular finds its plural. Raises :class:`SearchError` naming what is near."""
    from chatrec.catalog.shelf import CatalogueShelf

    constraint = Constraint(name, Op.IS, (value,))
    known = list(parts.shelf.counts(name)) if isinstance(parts.shelf, CatalogueShelf) else []
    by_case = {v.casefold(): v for v in known}
    wanted = value.strip().casefold()
    for form in (wanted, f"{wanted}s", wanted.removesuffix("s")):
        if form in by_case:
            return by_case[form]
    if parts.shelf.matching((constraint,)):
        return value  # a number, or a value that the records hold too rarely to be listed
    near = [by_case[v] for v in get_close_matches(wanted, by_case, n=_SUGGESTED, cutoff=0.5)] or list(known[:_SUGGESTED])
    hint = f"; it has {', '.join(near)}" if near else ""
    raise SearchError(f"this shop has no {name:.60} '{value:.60}'{hint}")
