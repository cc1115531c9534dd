"""Merges the lists of the sources: a convex combination of normalised scores.

A convex combination with a tuned weight beats reciprocal rank fusion and needs few labelled queries (Bruch, Gai & Ingber, An
Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from chatrec.candidates.names import Names
from chatrec.domain.candidate import Candidate, Query

DENSE, KEYWORD, COLLABORATIVE, POPULARITY, ASSORTMENT = "dense", "keyword", "collaborative", "popularity", "assortment"
TEXT_SOURCES = (DENSE, KEYWORD)
# By labelled requests to the demo shop and requests made from the records of two real catalogues (docs/decisions/0009).
TEXT_SHARE, DENSE_SHARE = 0.6, 0.4
# Scores of these have a meaningful zero: no word in common, no event.
_FROM_ZERO = (KEYWORD, POPULARITY)
# The last of a list is still better than what the source did not find at all.
LAST_PLACE = 0.1
# Events at which behaviour speaks as much through collaborative filtering as through popularity; below three popularity is the
# better guess.
EVEN_AT_EVENTS = 3.0
# Without a history, behaviour is popularity alone: a weaker sign than a shopper's own taste.
STRANGER_SHARE = 0.5
# Items that are offered only because the shop has them stand below all that anything speaks for.
FILL_SHARE = 0.05
# Share of behaviour, proposals of its own included, where the shopper named products as liked or wants others like them. By part of the
# first half of ReDial's dialogues: recall@10 .052, .068, .074, .083, .083, .080 at shares of 0, .3, .5, .7, .85, .95.
TOLD_SHARE = 0.7
NAMED = "named"  # the source of an item that no other found
OTHERS_SHARE = 0.49  # below an item that is named, even if nothing else speaks for it


class ConvexFusion:
    """Fuses by relevance to what was asked and by behaviour.

    ``text`` is the share of text relevance against behaviour when something was asked, ``dense`` that of dense retrieval against
    keywords inside it. Behaviour tells which of the matching items, never that an item matches: where something was asked and
    found, it weighs in proportion to text relevance, and an item that only behaviour proposes is left out, unless the shopper called
    products by name: what others chose who liked these is an answer then. With nothing asked, behaviour decides alone; the longer the
    history the more it is collaborative filtering rather than popularity. The assortment fills up below.
    """

    def __init__(self, titles: Mapping[str, str], *, text: float = TEXT_SHARE, dense: float = DENSE_SHARE) -> None:
        for name, share in (("text", text), ("dense", dense)):
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"share {name} must lie in [0, 1], got {share}")
        self._names = Names(titles)
        self._text, self._dense = text, dense

    @property
    def text(self) -> float:
        """The share of text relevance."""
        return self._text

    @property
    def dense(self) -> float:
        """The share of dense retrieval."""
        return self._dense

    def with_shares(self, text: float, dense: float) -> ConvexFusion:
        """The same with other shares, without reading the titles again."""
        other = ConvexFusion({}, text=text, dense=dense)
        other._names = self._names
        return other

    def fuse(self, lists: Mapping[str, Sequence[Candidate]], query: Query, k: int) -> list[Candidate]:
        """At most ``k`` candidates, best first, scores in [0, 1]; ``sources`` holds each source's normalised score.

        An admitted item whose whole title, model number or id was asked for stands before all others, whatever the sources found.
        """
        scores = {name: _normalised(name, found) for name, found in lists.items() if found}
        text = _mixed(scores, {DENSE: self._dense, KEYWORD: 1.0 - self._dense})
        behaviour = _mixed(scores, _behaviour_weights(scores, query))
        told = bool(query.like_items or query.liked) and COLLABORATIVE in scores
        total = self._total(text, behaviour, scores.get(ASSORTMENT, {}), query, told)
        exact = frozenset(i for i in self._names.named(query.text) if query.admits(i))
        if exact:
            total = {**dict.fromkeys(exact, 0.5), **{i: 0.5 + 0.5 * s if i in exact else OTHERS_SHARE * s for i, s in total.items()}}
        places, found = _places(lists), {name: {c.item_id: c for c in cs} for name, cs in lists.items()}
        order = sorted(total, key=lambda i: (-total[i], places.get(i, len(places)), i))
        return [_merged(i, total[i], found, scores, i in exact) for i in order[: max(0, k)]]

    def _total(
        self, text: Mapping[str, float], behaviour: Mapping[str, float], fill: Mapping[str, float], query: Query, told: bool
    ) -> dict[str, float]:
        if not text:
            return {
                **{i: FILL_SHARE * s for i, s in fill.items()},
                **{i: FILL_SHARE + (1.0 - FILL_SHARE) * s for i, s in behaviour.items()},
            }
        share = (1.0 - self._text) * (STRANGER_SHARE + (1.0 - STRANGER_SHARE) * _familiarity(query))
        asked = {i: (1.0 - share) * t + share * t * behaviour.get(i, 0.0) for i, t in text.items()}
        if not (told and behaviour):
            return asked
        return {i: (1.0 - TOLD_SHARE) * asked.get(i, 0.0) + TOLD_SHARE * behaviour.get(i, 0.0) for i in (*asked, *behaviour)}


def _normalised(name: str, found: Sequence[Candidate]) -> dict[str, float]:
    """Scores of one list to (0, 1]: the best has 1; the least ``LAST_PLACE``, or its share of the best where zero has a meaning."""
    kept = {c.item_id: c.score for c in found if math.isfinite(c.score)}
    if not kept:
        return {}
    high, low = max(kept.values()), min(kept.values())
    if name in _FROM_ZERO and low >= 0.0:
        return {i: s / high if high > 0.0 else 1.0 for i, s in kept.items()}
    if high - low <= 1e-9 * max(1.0, abs(high)):
        return dict.fromkeys(kept, 1.0)
    return {i: LAST_PLACE + (1.0 - LAST_PLACE) * (s - low) / (high - low) for i, s in kept.items()}


def _mixed(scores: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> dict[str, float]:
    """Convex combination over the sources that found something; a source that did not find an item gives it 0."""
    present = {name: w for name, w in weights.items() if name in scores}
    whole = sum(present.values())
    if whole <= 0.0:  # only sources of weight zero answered: they are all there is
        present, whole = dict.fromkeys(present, 1.0), float(len(present))
    mixed: dict[str, float] = {}
    for name, weight in present.items():
        for item_id, score in scores[name].items():
            mixed[item_id] = mixed.get(item_id, 0.0) + weight / whole * score
    return mixed


def _familiarity(query: Query) -> float:
    """How much the shopper's own history can be trusted, in [0, 1)."""
    events = len({i for i, w in query.history if w > 0.0} | set(query.like_items))
    return events / (events + EVEN_AT_EVENTS)


def _behaviour_weights(scores: Mapping[str, object], query: Query) -> dict[str, float]:
    """Collaborative filtering knows how much popularity counts beside a history of this length, and speaks for both; any further
    source shares with popularity by familiarity."""
    if COLLABORATIVE in scores:
        return {COLLABORATIVE: 1.0}
    known = _familiarity(query)
    personal = [name for name in scores if name not in (*TEXT_SOURCES, POPULARITY, ASSORTMENT)]
    return {POPULARITY: 1.0 - known, **{name: known / len(personal) for name in personal}}


def _places(lists: Mapping[str, Sequence[Candidate]]) -> dict[str, int]:
    """The best place of every item in any list: breaks ties."""
    places: dict[str, int] = {}
    for found in lists.values():
        for place, candidate in enumerate(found):
            places[candidate.item_id] = min(place, places.get(candidate.item_id, place))
    return places


def _merged(
    item_id: str, score: float, found: Mapping[str, Mapping[str, Candidate]], scores: Mapping[str, Mapping[str, float]], exact: bool
) -> Candidate:
    sources = tuple((name, round(scores[name][item_id], 6)) for name in scores if item_id in scores[name])
    by_source = {name: found[name][item_id] for name, _ in sources}
    best = max(sources, key=lambda s: s[1], default=(NAMED, 0.0))[0]
    reasons = [by_source[n].reason for n in (KEYWORD, DENSE, COLLABORATIVE, *by_source) if n in by_source and by_source[n].reason]
    told = _told(list(dict.fromkeys(reasons)), exact)
    return Candidate(item_id, min(1.0, max(0.0, score)), best, told, sources)


def _told(reasons: Sequence[str], exact: bool) -> str:
    """The first reason, and one of another kind where there is one."""
    if exact:
        return "is the one you named"
    return "; ".join([*reasons[:1], *(r for r in reasons[1:] if r.startswith("often chosen"))][:2])
