"""What is offered for one need: candidates, filter, fuse, entropy-diverse re-rank, and the recheck against live rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import extreme_words
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query, Ranked
from chatrec.domain.item import Item, LiveRow
from chatrec.domain.need import Constraint, Need, Relaxation, Strength
from chatrec.domain.state import DialogueState

# Soft wishes move a candidate by this much on the fused [0, 1] scale; being out of stock outweighs all but the fulfilling of most wishes.
SOFT_WEIGHT = 0.2
MOST_WISHES_WEIGHT = 0.5  # on top, for the items that fulfil most of them: inside one category relevance differs by about as much
OUT_OF_STOCK_WEIGHT = 0.5
# A live row may have changed since the generation was built; after this many replacements the list is what it is.
MOST_RECHECKS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """The items for one need, with live price and stock, and what the receipt keeps.

    ``relaxations`` are filled when nothing (else) matches. ``matching`` is the number of items that satisfy every hard constraint:
    with no items to show, they were all shown or turned down before.
    ``diversity`` is the knob after adapting it to the request.
    """

    need: Need | None
    items: tuple[Item, ...] = ()
    ranked: Ranked = field(default_factory=lambda: Ranked(()))
    matching: int = 0
    relaxations: tuple[Relaxation, ...] = ()
    diversity: float = 0.0
    pool: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def make_offer(act: Recommend, state: DialogueState, parts: Parts) -> Offer:
    """The offer for one act. Every item satisfies every hard constraint at the price and stock of this moment."""
    need = state.need(act.need_id)
    hard = need.hard() if need else ()
    allowed = parts.shelf.matching(hard)
    matching = len(parts.shelf) if allowed is None else len(allowed)
    if allowed is not None and not allowed and need is not None:
        return Offer(need, relaxations=tuple(parts.shelf.relaxations(need)))
    query = make_query(act, need, state, parts, allowed)
    if act.order_by:
        pool, diversity = rank_extremes(act.order_by, _named_in_words(query, need, parts), parts), 0.0
    else:
        pool, diversity = find(query, need, parts), knob(need, matching, state, parts)
    ranked, items, replaced = choose(pool, hard, state, parts, diversity)
    if not items and need is not None and hard:
        left = matching if not replaced else 0  # what the live rows ruled out does not match
        return Offer(need, matching=left, relaxations=tuple(parts.shelf.relaxations(need)), replaced=replaced)
    return Offer(need, items, ranked, matching, (), diversity, tuple(c.item_id for c in pool), replaced)


def make_query(act: Recommend, need: Need | None, state: DialogueState, parts: Parts, allowed: frozenset[str] | None) -> Query:
    """What the candidate sources are asked: the need's words, the shopper's past and the likes of this chat."""
    past = parts.history.of(state.user_id, state.session_id)
    judged = (*((i, 1.0) for i in state.liked), *((i, -1.0) for i in state.disliked))
    known = {i for i, _ in past}
    seen = state.all_shown() if act.fresh else frozenset()
    return Query(
        text=search_text(need),
        user_id=state.user_id,
        history=(*past, *(pair for pair in judged if pair[0] not in known)),
        like_items=need.like_items if need else (),
        allowed=allowed,
        exclude=frozenset(state.disliked) | seen,
    )


def search_text(need: Need | None) -> str:
    """The words to search with: the need's own, and the values it asks for."""
    if need is None:
        return ""
    values = [v for c in need.constraints if c.op == "is" and c.values not in (("yes",), ("no",)) for v in c.values]
    flags = [c.field for c in need.constraints if c.op == "is" and c.values == ("yes",)]
    words = " ".join(dict.fromkeys([need.query, *values, *flags]))
    return words.strip()


def _wished_for(need: Need | None, parts: Parts) -> frozenset[str]:
    """The items that fulfil most of the soft wishes, beside the hard limits; empty where there is no wish or nothing fulfils one."""
    wishes = [replace(c, strength=Strength.MUST) for c in (need.soft() if need else ()) if c.strength is Strength.PREFER]
    hard = need.hard() if need else ()
    fulfilled = Counter(i for wish in wishes for i in parts.shelf.matching((*hard, wish)) or ())
    most = max(fulfilled.values(), default=0)
    return frozenset(i for i, count in fulfilled.items() if count == most)


def find(query: Query, need: Need | None, parts: Parts) -> list[Candidate]:
    """The candidates of every source, fused, with soft wishes and stock counted in, without near-duplicates.

    Items that fulfil most wishes are searched for on their own as well: a wish can only lift what was found.
    """
    lists = {source.name: source.candidates(query, parts.limits.pool) for source in parts.sources}
    wished = _wished_for(need, parts)
    if wished:
        narrow = replace(query, allowed=wished)
        lists = {s.name: _joined(lists[s.name], s.candidates(narrow, parts.limits.pool)) for s in parts.sources}
    pool = parts.fusion.fuse(lists, query, parts.limits.pool + len(wished))
    return parts.prune(_favour(pool, need, wished, parts))


def _named_in_words(query: Query, need: Need | None, parts: Parts) -> Query:
    """ "The cheapest laptop" where no category says laptop: only what the words find is compared, not the whole shop."""
    if need is None or not need.query or any(c.field == "category" for c in need.hard()):
        return query
    found = frozenset(c.item_id for c in find(query, need, parts))
    return replace(query, allowed=found) if found else query


def rank_extremes(order_by: tuple[str, int], query: Query, parts: Parts) -> list[Candidate]:
    """For "the cheapest": the extremes of the shop in their order, and nothing else moves them. A price is that of this moment."""
    field, direction = order_by
    ids = [i for i in parts.shelf.extremes(field, direction, query.allowed, parts.limits.pool) if query.admits(i)]
    if field == "price":
        rows = parts.live.live(ids)
        priced = {i: price for i in ids if i in rows and (price := rows[i].price) is not None}
        ids = sorted(priced, key=lambda i: direction * -priced[i])
    reason = f"among {extreme_words(field, direction)} that fit"
    return [Candidate(i, 1.0 - n / max(len(ids), 1), "extreme", reason) for n, i in enumerate(ids)]


def _joined(found: Sequence[Candidate], wished: Sequence[Candidate]) -> list[Candidate]:
    known = {c.item_id for c in found}
    return sorted([*found, *(c for c in wished if c.item_id not in known)], key=lambda c: -c.score)


def knob(need: Need | None, matching: int, state: DialogueState, parts: Parts) -> float:
    """The diversity of this list: the shopper's slider or the shop's default, adapted to how specific the request is."""
    base = parts.limits.diversity if state.diversity is None else state.diversity
    return parts.spread(
        base,
        words=len(need.query.split()) if need else 0,
        constraints=len(need.constraints) if need else 0,
        matching=matching,
        catalogue=len(parts.shelf),
        like_items=len(need.like_items) if need else 0,
    )


def choose(
    pool: Sequence[Candidate], hard: Sequence[Constraint], state: DialogueState, parts: Parts, diversity: float
) -> tuple[Ranked, tuple[Item, ...], tuple[str, ...]]:
    """The list to show. Items whose live row no longer fits are left out and the rest is ranked again."""
    left = list(pool)
    gone: list[str] = []
    for _ in range(MOST_RECHECKS):
        ranked = parts.reranker.rerank(left, parts.limits.shown, diversity, state.all_shown())
        ids = [c.item_id for c in ranked.items]
        rows = parts.live.live(ids)
        fresh = {i: with_live(parts.shelf.item(i), rows[i]) for i in ids if i in rows}
        bad = [i for i in ids if i not in fresh or not parts.shelf.satisfies(fresh[i], hard)]
        if not bad:
            return ranked, tuple(fresh[i] for i in ids), tuple(gone)
        gone.extend(bad)
        left = [c for c in left if c.item_id not in bad]
    return Ranked(()), (), tuple(gone)


def with_live(item: Item, row: LiveRow) -> Item:
    """The record with price and stock as they are now."""
    return replace(item, price=row.price, stock=row.stock)


def _favour(pool: Sequence[Candidate], need: Need | None, wished: frozenset[str], parts: Parts) -> list[Candidate]:
    """The pool with soft wishes and the stock of this moment counted in. Orders by the new score; ties keep their order."""
    rows = parts.live.live([c.item_id for c in pool])
    soft = [(replace(c, strength=Strength.MUST), 1.0 if c.strength is Strength.PREFER else -1.0) for c in (need.soft() if need else ())]
    favoured = []
    for candidate in pool:
        item = parts.shelf.item(candidate.item_id)
        item = with_live(item, rows[item.item_id]) if item.item_id in rows else item
        lift = sum(sign * SOFT_WEIGHT for wish, sign in soft if parts.shelf.satisfies(item, (wish,)))
        lift += MOST_WISHES_WEIGHT if item.item_id in wished else 0.0
        if item.stock is not None and item.stock <= 0:
            lift -= OUT_OF_STOCK_WEIGHT
        favoured.append(replace(candidate, score=candidate.score + lift) if lift else candidate)
    return sorted(favoured, key=lambda c: -c.score)
