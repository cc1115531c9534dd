"""What is offered for one need: candidates, filter, fuse, entropy-diverse re-rank, and the recheck against live rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from chatrec.dialogue.children import FOR_CHILDREN_WEIGHT, is_for_a_child, is_for_children, speaks_of_children
from chatrec.dialogue.extremes import rank_extremes, tied
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.things import narrowed, things_first, with_thing
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query, Ranked
from chatrec.domain.item import Item, LiveRow
from chatrec.domain.need import Constraint, Need, Op, Relaxation, Strength
from chatrec.domain.state import DialogueState
from chatrec.domain.variants import without_excluded

# Being out of stock outweighs relevance and most wishes on the fused [0, 1] scale.
OUT_OF_STOCK_WEIGHT = 0.5
GUESSED_WEIGHT = 0.5
"""What a wish counts that only follows from whom the thing is for, beside one that was said."""
# The source that matches words, and the share of its best score that an item reaches which holds nearly all the telling ones.
WORDS_SOURCE, SHARE_OF_THE_WORDS = "keyword", 0.7
# Where others find by what was said, these order what was found.
ORDERING_SOURCES = ("collaborative", "popularity", "assortment")
# What was called by its title leads so clearly that variety does not move it.
BY_NAME = 2.0
# "Lanterns and headlamps": a shelf of several kinds of thing, so that its name is not what each of them is.
_SEVERAL_KINDS = re.compile(r"\band\b|[&,/+]")
# A live row may have changed since the generation was built; after this many replacements the list is what it is.
MOST_RECHECKS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """The items for one need, with live price and stock, and what the receipt keeps.

    ``relaxations`` are filled when nothing (else) matches. ``matching`` is the number of items that satisfy every hard constraint:
    with no items to show, they were all shown or turned down before.
    ``diversity`` is the knob after adapting it to the request. ``relevance`` are the scores of ``pool``, best first. ``tied`` is how
    many of the items, from the first on, share the figure that "the cheapest" asks for.
    """

    need: Need | None
    items: tuple[Item, ...] = ()
    ranked: Ranked = field(default_factory=lambda: Ranked(()))
    matching: int = 0
    relaxations: tuple[Relaxation, ...] = ()
    diversity: float = 0.0
    pool: tuple[str, ...] = ()
    relevance: tuple[float, ...] = ()
    replaced: tuple[str, ...] = ()
    tied: int = 1


def make_offer(act: Recommend, state: DialogueState, parts: Parts) -> Offer:
    """The offer for one act. Every item satisfies every hard constraint at the price and stock of this moment."""
    need = state.need(act.need_id)
    hard = need.hard() if need else ()
    allowed = parts.shelf.matching(hard)
    matching = len(parts.shelf) if allowed is None else len(allowed)
    if allowed is not None and not allowed and need is not None:
        return Offer(need, relaxations=tuple(parts.shelf.relaxations(need, live=parts.live)))
    if (named := with_thing(need, allowed, parts)) is not None:
        return Offer(named, relaxations=tuple(parts.shelf.relaxations(named, live=parts.live)))
    query = make_query(act, need, state, parts, allowed)
    if act.order_by:
        query = _named_in_words(query, need, parts)
        matching = matching if query.allowed is None else len(query.allowed)
        pool, diversity = rank_extremes(act.order_by, query, parts), 0.0
    else:
        pool, diversity = find(query, need, parts), knob(need, matching, state, parts)
    offer = offer_from(pool, query, need, state, parts, diversity, matching)
    return replace(offer, tied=tied(offer.items, act.order_by[0])) if act.order_by and offer.items else offer


def offer_from(
    pool: Sequence[Candidate], query: Query, need: Need | None, state: DialogueState, parts: Parts, diversity: float, matching: int
) -> Offer:
    """The offer out of this pool: chosen, held against the live rows and, where nothing is left of limits, with the ways out."""
    hard = need.hard() if need else ()
    ranked, items, replaced = choose(pool, hard, state, parts, diversity, parts.profile(query.history) if diversity else None)
    if not items and need is not None and hard:
        left = matching if not replaced else 0  # what the live rows ruled out does not match
        return Offer(need, matching=left, relaxations=tuple(parts.shelf.relaxations(need, live=parts.live)), replaced=replaced)
    found, scores = tuple(c.item_id for c in pool), tuple(c.score for c in pool)
    return Offer(need, items, ranked, matching, (), diversity, found, scores, replaced)


def make_query(act: Recommend, need: Need | None, state: DialogueState, parts: Parts, allowed: Set[str] | None) -> Query:
    """What the candidate sources are asked: the need's words, the shopper's past and the likes of this chat."""
    past = parts.history.of(state.user_id, state.session_id)
    judged = (*((i, 1.0) for i in state.liked), *((i, -1.0) for i in state.disliked))
    known = {i for i, _ in past}
    seen = state.all_shown() if act.fresh else frozenset()
    told = frozenset(state.liked) - state.all_shown()  # named by the shopper, who knows or has it
    alike = frozenset(need.like_items) if need and not act.order_by else frozenset()  # "like the first" is not the first itself
    return Query(
        text=search_text(need),
        user_id=state.user_id,
        history=(*past, *(pair for pair in judged if pair[0] not in known)),
        like_items=need.like_items if need else (),
        allowed=allowed,
        exclude=frozenset((*state.disliked, *parts.known(state.user_id).disliked)) - frozenset(state.liked) | seen | alike | told,
        liked=liked_for(need, tuple(i for i in state.liked if i in told)),
        context=state.context,
        attributes=parts.attributes(state.user_id),
    )


def liked_for(need: Need | None, named: tuple[str, ...]) -> tuple[str, ...]:
    """Of products that a shopper named as liked those that say what is sought: all, unless words that no kind of thing holds ask for
    something of their own ("a pouch for my phone")."""
    kind = need is None or not need.query or any(c.field == "category" and c.op == "is" for c in need.constraints)
    return named if kind else ()


def search_text(need: Need | None) -> str:
    """The words to search with: the need's own, and the values it asks for."""
    if need is None:
        return ""
    values = [v for c in need.constraints if c.op == "is" and c.values not in (("yes",), ("no",)) for v in c.values]
    flags = [c.field for c in need.constraints if c.op == "is" and c.values == ("yes",)]
    words = " ".join(dict.fromkeys([need.query, *values, *flags]))
    return words.strip()


def _wished_for(need: Need | None, parts: Parts) -> Set[str]:
    """The items that fulfil most of the soft wishes, beside the hard limits; empty where there is no wish or nothing fulfils one."""
    wishes = [replace(c, strength=Strength.MUST) for c in (need.soft() if need else ()) if c.strength is Strength.PREFER]
    return parts.shelf.fulfilling(need.hard(), wishes) if need and wishes else frozenset()


def find(query: Query, need: Need | None, parts: Parts) -> list[Candidate]:
    """The candidates of every source, fused, with soft wishes and stock counted in, without near-duplicates.

    Items that fulfil most wishes are searched for on their own as well: a wish can only lift what was found. Where words found
    something, only the sources that find by words are asked twice: behaviour orders what matches.
    """
    lists = {source.name: source.candidates(query, parts.limits.pool) for source in parts.sources}
    wished = _wished_for(need, parts)
    if wished:
        narrow = replace(query, allowed=wished)
        found_by_words = any(lists[name] for name in lists if name not in ORDERING_SOURCES)
        finding = [s for s in parts.sources if s.name not in ORDERING_SOURCES or not found_by_words]
        lists |= {s.name: _joined(lists[s.name], s.candidates(narrow, parts.limits.pool)) for s in finding}
    pool = parts.fusion.fuse(lists, query, parts.limits.pool + len(wished))
    favoured = things_first(_favour(_with_said(pool, query, need, parts), need, parts), need, parts)
    return parts.prune(_called_by_name(favoured, need, parts))


def _called_by_name(pool: Sequence[Candidate], need: Need | None, parts: Parts) -> list[Candidate]:
    """First what the shopper called by its whole title, whatever else its words may wish for ("the Tallowby camping lantern")."""
    said = {_plain_form(w) for w in need.query.split()} if need else set()
    titles = {c.item_id: {_plain_form(w) for w in parts.shelf.item(c.item_id).title.split()} for c in pool} if len(said) > 1 else {}
    called = [c for c in pool if len(titles.get(c.item_id, ())) > 1 and titles[c.item_id] <= said]
    best = max((c.score for c in pool), default=0.0)
    return [*(replace(c, score=BY_NAME * max(best, 0.1)) for c in called), *(c for c in pool if c not in called)]


def telling_words(need: Need | None) -> str:
    """What was said of the thing beside what every item at hand fulfils: of "leather handbags", where only handbags are left, "leather"."""
    if need is None:
        return ""
    kept = [c for c in need.hard() if c.op is Op.IS and not any(_SEVERAL_KINDS.search(v) for v in c.values)]
    certain = {_plain_form(word) for c in kept for text in (c.field, *c.values, c.said) for word in text.split()}
    return " ".join(w for w in need.query.split() if _plain_form(w) not in certain)


def _plain_form(word: str) -> str:
    return word.casefold().strip(",.;:!?'\"").removesuffix("s")


def _with_said(pool: Sequence[Candidate], query: Query, need: Need | None, parts: Parts) -> list[Candidate]:
    """What was said of the thing, beside what all of them are, as a signal of its own: of the handbags those that hold "leather"."""
    said = telling_words(need)
    if not said or query.allowed is None or not pool:
        return list(pool)
    found = [c for s in parts.sources if s.name == WORDS_SOURCE for c in s.candidates(replace(query, text=said), parts.limits.pool)]
    most, best = max((c.score for c in found), default=0.0), pool[0].score
    if most <= 0.0 or best <= 0.0:
        return list(pool)
    held = {c.item_id: c.score / most for c in found}
    share = parts.limits.wishes  # a wish like any other, though no field of the records holds it
    mixed = [replace(c, score=(1.0 - share) * c.score / best + share * held.get(c.item_id, 0.0)) for c in pool]
    return sorted(mixed, key=lambda c: -c.score)


def _named_in_words(query: Query, need: Need | None, parts: Parts) -> Query:
    """ "The cheapest laptop" where no category says laptop: only what holds the words is compared, not the whole shop."""
    if need is None or not need.query or any(c.field == "category" for c in need.hard()):
        return narrowed(query, need, parts)
    if (called := narrowed(query, need, parts)) is not query:
        return called
    named = [c for s in parts.sources if s.name == WORDS_SOURCE for c in s.candidates(replace(query, text=need.query), len(parts.shelf))]
    found = named or find(query, need, parts)
    least = SHARE_OF_THE_WORDS * max((c.score for c in found), default=0.0)
    return replace(query, allowed=frozenset(c.item_id for c in found if c.score >= least)) if found else query


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
    pool: Sequence[Candidate],
    hard: Sequence[Constraint],
    state: DialogueState,
    parts: Parts,
    diversity: float,
    profile: Mapping[str, float] | None = None,
) -> tuple[Ranked, tuple[Item, ...], tuple[str, ...]]:
    """The list to show; ``profile`` is the shopper's taste by facet value. Items whose live row no longer fits are left out and the rest
    is ranked again."""
    left = list(pool)
    gone: list[str] = []
    for _ in range(MOST_RECHECKS):
        ranked = parts.reranker.rerank(left, parts.limits.shown, diversity, state.all_shown(), profile)
        ids = [c.item_id for c in ranked.items]
        rows = parts.live.live(ids)
        fresh = {i: with_live(parts.shelf.item(i), rows[i]) for i in ids if i in rows}
        bad = [i for i in ids if i not in fresh or not parts.shelf.satisfies(fresh[i], hard)]
        if not bad:
            return ranked, tuple(without_excluded(fresh[i], hard) for i in ids), tuple(gone)
        gone.extend(bad)
        left = [c for c in left if c.item_id not in bad]
    return Ranked(()), (), tuple(gone)


def with_live(item: Item, row: LiveRow) -> Item:
    """The record with price and stock as they are now."""
    return item if item.price == row.price and item.stock == row.stock else replace(item, price=row.price, stock=row.stock)


def _favour(pool: Sequence[Candidate], need: Need | None, parts: Parts) -> list[Candidate]:
    """The pool with soft wishes, the stock of this moment and whom a thing is for counted in, by the new score; ties keep their order."""
    rows = parts.live.live([c.item_id for c in pool])
    items = [parts.shelf.item(c.item_id) for c in pool]
    live = [with_live(i, rows[i.item_id]) if i.item_id in rows else i for i in items]
    scores = _with_wishes([c.score for c in pool], live, need, parts) if need and need.soft() else [c.score for c in pool]
    grown_up = (
        need is not None
        and not speaks_of_children(need)
        and not any(is_for_children(parts.shelf.item(i)) for i in need.like_items if i in parts.shelf)
    )
    young = need is not None and is_for_a_child(need)
    favoured = []
    for candidate, item, score in zip(pool, live, scores, strict=True):
        lowered = score - OUT_OF_STOCK_WEIGHT if item.stock is not None and item.stock <= 0 else score
        if (grown_up or young) and is_for_children(item) is not young:
            lowered -= FOR_CHILDREN_WEIGHT
        favoured.append(replace(candidate, score=lowered) if lowered != candidate.score else candidate)
    return sorted(favoured, key=lambda c: -c.score)


def _with_wishes(scores: Sequence[float], items: Sequence[Item], need: Need, parts: Parts) -> list[float]:
    """One more signal in the convex fusion, of the weight ``limits.wishes``: how many wishes an item fulfils, against the most that any
    candidate does, as relevance counts against the best candidate's.

    Where no limit says what kind of thing it is to be, only relevance does, and a wish weighs in proportion to it: an item that fulfils
    a wish is not what was asked for because of that. What only follows from whom it is for ("my daughter") counts less than what was said.
    """
    wishes = [
        (
            replace(c, strength=Strength.MUST),
            c.strength is Strength.PREFER,
            GUESSED_WEIGHT if need.recipient and c.said == need.recipient else 1.0,
        )
        for c in need.soft()
    ]
    held = [sum(weight * (parts.shelf.satisfies(item, (wish,)) is wanted) for wish, wanted, weight in wishes) for item in items]
    most, best = max(held, default=0), max(scores, default=0.0)
    if not most or best <= 0.0:
        return list(scores)
    weight, of_the_kind = parts.limits.wishes, any(c.field == "category" for c in need.hard())
    relevance = [score / best for score in scores]
    signals = [n / most * (1.0 if of_the_kind else r) for n, r in zip(held, relevance, strict=True)]
    return [(1.0 - weight) * r + weight * signal for r, signal in zip(relevance, signals, strict=True)]
