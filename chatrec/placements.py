"""Recommendations without chat, for a shop's own pages: the candidates, filters, re-ranker and rules of a turn, without its words."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import chain

from chatrec.candidates.fusion import COLLABORATIVE
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.dialogue.alternatives import sensible
from chatrec.dialogue.cards import make_cards
from chatrec.dialogue.ledger import update
from chatrec.dialogue.offer import Offer, find, knob, make_offer, make_query, offer_from
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import unlisted_notice
from chatrec.dialogue.profile import with_profile
from chatrec.dialogue.receipts import mapped_notice, unknown_notice
from chatrec.dialogue.wording import constraint_words, relaxation_words
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.event import Event, EventKind
from chatrec.domain.need import Need
from chatrec.domain.plain import plain
from chatrec.domain.reply import Card
from chatrec.domain.state import DialogueState, ShownList
from chatrec.domain.tool import Caller, CartLine
from chatrec.errors import PlacementError, UnknownItem
from chatrec.protocols import SessionStore
from chatrec.ranking.prune import SAME_COSINE, title_stem
from chatrec.storage.database import Database
from chatrec.wiring import Pinned

MOST_CARDS = 30
MOST_IN_CART = 50
# Without a model of who likes what, personal means like the newest things that were liked.
NEWEST_LIKED = 5
# Tea goes with other tea, but a tent not with other tents: what is of a kind that the cart holds has to be twice as good.
SAME_KIND_SHARE = 0.5
TASTE_UNKNOWN = "your taste is not known here yet"


@dataclass(frozen=True, slots=True)
class Placement:
    """A list for one place of a shop's page.

    ``cards`` as in a turn, each with an honest ``why``, none twice; fewer than asked for where the shop holds no more. ``propensities``
    are, by item id, the probability in (0, 1] that the policy shows it. ``notes`` tell in plain sentences what could not be taken of a
    search, and the ways out where nothing matches.
    """

    placement: str
    cards: tuple[Card, ...]
    propensities: Mapping[str, float]
    generation: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for. Raises :class:`PlacementError` for what no list can be made of."""

    placement: str
    item_id: str | None = None
    cart: tuple[str, ...] = ()
    query: str = ""
    k: int = 6

    def __post_init__(self) -> None:
        if self.placement not in _LISTS:
            raise PlacementError(f"there is no placement {self.placement!r:.40}; use one of {', '.join(_LISTS)}")
        if not 1 <= self.k <= MOST_CARDS:
            raise PlacementError(f"k is {self.k}; a list holds 1 to {MOST_CARDS} cards")
        if self.placement == "item" and not self.item_id:
            raise PlacementError("the placement 'item' is about one product: give its item_id")
        if self.placement == "search" and not plain(self.query):
            raise PlacementError("the placement 'search' needs words to search for: give a query")


def place(asked: Asked, session: DialogueState, pinned: Pinned) -> Placement:
    """The list for a page. ``session`` tells who asks: likes, dislikes and slider count, its needs and what it showed do not.

    Raises :class:`UnknownItem` where the page's item is not in the catalogue.
    """
    parts = replace(pinned.parts, limits=replace(pinned.parts.limits, shown=asked.k))
    state = DialogueState(
        session.session_id, user_id=session.user_id, liked=session.liked, disliked=session.disliked, diversity=session.diversity
    )
    found = _LISTS[asked.placement](asked, state, _Page(parts, pinned.shelf))
    cards = list(chain.from_iterable(make_cards(offer, parts) for offer in found.offers))
    once = list({card.item_id: card for card in reversed(cards)}.values())[::-1][: asked.k]
    chances = {
        c.item_id: p for o in reversed(found.offers) for c, p in zip(o.ranked.items, o.ranked.propensity, strict=False)
    }  # of an item in two lists the first counts
    shown = tuple(replace(card, position=n, why=_joined(found.lead, card.why)) for n, card in enumerate(once, start=1))
    return Placement(asked.placement, shown, {c.item_id: chances.get(c.item_id, 1.0) for c in shown}, parts.shelf.generation, found.notes)


class Shelves:
    """Makes the lists for a shop's pages, and logs what somebody saw of them. Safe to share between threads."""

    def __init__(
        self, database: Database, sessions: SessionStore, cart_of: Callable[[Caller], Iterable[CartLine]],
        using: Callable[[], AbstractContextManager[Pinned]],
    ) -> None:  # fmt: skip
        self._database, self._sessions, self._cart_of, self._using = database, sessions, cart_of, using

    def show(self, asked: Asked, session_id: str | None, user_id: str | None) -> Placement:
        """The list for a page; what a visitor's session says counts for the visitor, what a shopper's says for that shopper alone."""
        session = self._sessions.load(session_id) if session_id else DialogueState("")
        if session.user_id not in (None, user_id):
            session = DialogueState(session.session_id)
        caller = Caller(session.session_id, user_id)
        somebody = bool(session_id) or user_id is not None
        if asked.placement == "cart" and not asked.cart and somebody:
            asked = replace(asked, cart=tuple(line.item_id for line in self._cart_of(caller)))
        with self._using() as pinned:
            made = place(asked, replace(session, user_id=user_id), pinned)
        if somebody:
            self._database.events.append(shown_events(made, caller))
        return made


def shown_events(made: Placement, caller: Caller) -> list[Event]:
    """What is logged of a list that somebody saw, so that the log can later be weighted."""
    turn_id, now = f"{made.placement}.{secrets.token_hex(6)}", time.time()
    return [
        Event(
            caller.owner, card.item_id, EventKind.SHOWN, now, session_id=caller.session_id, turn_id=turn_id, position=card.position,
            propensity=made.propensities[card.item_id],
        )
        for card in made.cards
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Page:
    parts: Parts
    shelf: CatalogueShelf


@dataclass(frozen=True, slots=True)
class _Found:
    offers: tuple[Offer, ...]
    lead: str = ""
    notes: tuple[str, ...] = ()


def _home(asked: Asked, state: DialogueState, page: _Page) -> _Found:
    """Popular and varied, the same for everyone but for what somebody turned down."""
    query = Query(exclude=_turned_down(state, page.parts))
    return _Found(_buyable_first(query, None, state, page.parts))


def _item(asked: Asked, state: DialogueState, page: _Page) -> _Found:
    """What goes with an item or is like it. Only the item speaks: a page about a tent is no place for what somebody did last year."""
    seed = _product(asked.item_id or "", page.shelf)
    if seed is None:
        raise UnknownItem(f"the catalogue has no item {asked.item_id!r:.80}")
    need = Need(0, like_items=(seed,))
    query = Query(like_items=(seed,), exclude=_turned_down(state, page.parts) | {seed})
    return _Found(_buyable_first(query, need, state, page.parts, _no_version_of((seed,), page.shelf)))


def _cart(asked: Asked, state: DialogueState, page: _Page) -> _Found:
    """What is chosen together with what lies in the cart. A kind of thing that it holds counts less: a second tent completes nothing."""
    held = tuple(dict.fromkeys(i for i in (_product(one, page.shelf) for one in asked.cart[-MOST_IN_CART:]) if i is not None))
    query = Query(history=tuple((i, 1.0) for i in held), exclude=_turned_down(state, page.parts).union(held))
    seen = replace(state, shown=(ShownList(0, 0, held),) if held else ())
    kinds = {page.shelf.item(i).category for i in held} - {""}

    def weighed(candidate: Candidate) -> Candidate:
        same = page.shelf.item(candidate.item_id).category in kinds
        return replace(candidate, score=SAME_KIND_SHARE * candidate.score) if same and candidate.score > 0.0 else candidate

    return _Found(_buyable_first(query, None, seen, page.parts, _no_version_of(held, page.shelf), weighed))


def _personal(asked: Asked, state: DialogueState, page: _Page) -> _Found:
    """For what is known of the shopper; for a stranger what the home page shows, and that is said."""
    query = make_query(Recommend(0), None, state, page.parts, None)
    liked = tuple(i for i, weight in query.history if weight > 0.0 and i in page.shelf)
    if not any(name == COLLABORATIVE for c in find(query, None, page.parts) for name, _ in c.sources):
        if not liked:
            return replace(_home(asked, state, page), lead=TASTE_UNKNOWN)
        query = replace(query, like_items=tuple(dict.fromkeys(liked))[-NEWEST_LIKED:])
    return _Found(_buyable_first(query, None, state, page.parts, _no_version_of(liked, page.shelf)))


def _search(asked: Asked, state: DialogueState, page: _Page) -> _Found:
    """What the words ask for, limits and all, as the first message of a dialogue would."""
    parts, words = page.parts, asked.query[: page.parts.limits.message_chars]
    fresh = replace(state, liked=(), disliked=())
    reading = parts.understander.read(words, fresh)
    told, change = update(fresh, reading, parts.shelf)
    told = with_profile(replace(told, liked=(), disliked=state.disliked), parts)
    needs = [n.need_id for n in told.needs if n.need_id in change.touched and (n.query or n.constraints or n.like_items)]
    if not needs:
        told, needs = replace(told, needs=(Need(1, query=plain(words, 200)),), active_need=1), [1]
    order_by = next(((c.field, c.direction) for c in reading.comparatives if c.extreme and parts.shelf.lists(c.field)), None)
    share = replace(parts, limits=replace(parts.limits, shown=-(-asked.k // len(needs))))
    offers = tuple(make_offer(Recommend(need_id, order_by), told, share) for need_id in needs)
    told_of = [*(unlisted_notice(name) for name in change.unlisted), *(unknown_notice(u) for u in change.unknown[:2])]
    said = (*(fact.text for fact in (*told_of, *(mapped_notice(m) for m in reading.mapped[:2]))),)
    return _Found(offers, notes=(*said, *chain.from_iterable(_ways_out(offer, parts) for offer in offers)))


_LISTS: Mapping[str, Callable[[Asked, DialogueState, _Page], _Found]] = {
    "home": _home, "item": _item, "cart": _cart, "search": _search, "personal": _personal,
}  # fmt: skip
PLACEMENTS = tuple(_LISTS)


def _turned_down(state: DialogueState, parts: Parts) -> frozenset[str]:
    """What this shopper did not like, here or before, unless it was liked since."""
    return frozenset((*state.disliked, *parts.known(state.user_id).disliked)) - frozenset(state.liked)


def _buyable_first(
    query: Query, need: Need | None, state: DialogueState, parts: Parts, fits: Callable[[Candidate], bool] = lambda candidate: True,
    weighed: Callable[[Candidate], Candidate] = lambda candidate: candidate,
) -> tuple[Offer, ...]:  # fmt: skip
    """The list of what can be bought; what is sold out follows only where that is too little."""
    pool = sorted((weighed(c) for c in find(query, need, parts) if fits(c)), key=lambda c: -c.score)
    rows = parts.live.live([c.item_id for c in pool])
    gone = {i for i, row in rows.items() if row.stock is not None and row.stock <= 0}
    diversity = knob(need, 0, state, parts)
    first = offer_from([c for c in pool if c.item_id not in gone], query, need, state, parts, diversity, 0)
    left = parts.limits.shown - len(first.items)
    if not gone or left <= 0:
        return (first,)
    rest = replace(parts, limits=replace(parts.limits, shown=left))
    seen = replace(state, shown=(*state.shown, ShownList(0, 0, tuple(i.item_id for i in first.items))))
    return first, offer_from([c for c in pool if c.item_id in gone], query, need, seen, rest, diversity, 0)


def _product(item_id: str, shelf: CatalogueShelf) -> str | None:
    """The item of this id, or the one that has a version of this id."""
    if item_id in shelf:
        return item_id
    return next((item.item_id for item in shelf.items if any(v.variant_id == item_id for v in item.variants)), None)


def _no_version_of(item_ids: Sequence[str], shelf: CatalogueShelf) -> Callable[[Candidate], bool]:
    """Whether a candidate is a thing of its own beside these: no version of one by its title, nor nearly the same by its text."""
    stems = {stem for i in item_ids if (stem := title_stem(shelf.item(i).title))}
    theirs = shelf.vectors[[shelf.row(i) for i in item_ids]]

    def fits(candidate: Candidate) -> bool:
        if title_stem(shelf.item(candidate.item_id).title) in stems:
            return False
        return not bool((theirs @ shelf.vectors[shelf.row(candidate.item_id)] > SAME_COSINE).any())

    return fits


def _ways_out(offer: Offer, parts: Parts) -> Iterable[str]:
    if offer.items or offer.need is None or not offer.need.hard():
        return
    yield f"Nothing matches {', '.join(constraint_words(c, parts.limits.currency) for c in offer.need.hard())}."
    for way in sensible(offer.relaxations, offer.need):
        yield f"{relaxation_words(way)}: {way.count}"


def _joined(lead: str, why: str) -> str:
    return " · ".join(part for part in (lead, why) if part)
