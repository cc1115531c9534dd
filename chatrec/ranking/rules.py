"""What the shop's owner pins, buries or boosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatrec.domain.candidate import Candidate, Ranked
from chatrec.errors import SettingsError
from chatrec.protocols import Reranker
from chatrec.ranking.facets import Facets
from chatrec.ranking.measure import weigh
from chatrec.ranking.pool import Pool

MOST_BOOST = 0.25
PINNED, BURIED, BOOSTED = "pinned", "buried", "boosted"  # what a receipt says of an item that a rule moved


@dataclass(frozen=True, slots=True)
class Rules:
    """What the shop's owner wants of items, named by their id or by a facet value ("brand:acme", "category:tents", lower case).

    ``pins`` stand first and in this order, ``bury`` is offered only where too little else is left, ``boosts`` are added to a
    score in [0, 1]. All are bounded: a boost by ``MOST_BOOST`` either way, so that it moves an item among its like and never puts the
    irrelevant first; pins by half of a list; and no rule brings in an item that is not a candidate. Raises :class:`SettingsError`
    for a boost beyond the bound, or an item both pinned and buried.
    """

    pins: tuple[str, ...] = ()
    bury: frozenset[str] = frozenset()
    boosts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, boost in self.boosts.items():
            if not -MOST_BOOST <= boost <= MOST_BOOST:
                raise SettingsError(f"boost {boost} of '{name}' must lie between -{MOST_BOOST} and {MOST_BOOST}")
        both = sorted(self.bury.intersection(self.pins))
        if both:
            raise SettingsError(f"'{both[0]}' is both pinned and buried; choose one")

    def __bool__(self) -> bool:
        return bool(self.pins or self.bury or self.boosts)

    def unknown(self, facets: Facets) -> list[str]:
        """The names that neither an item nor a facet value of this shop has."""
        named = (*self.pins, *sorted(self.bury), *self.boosts)
        return [name for name in named if name not in facets.rows and name not in facets.labels]

    def pinned(self, candidates: Sequence[Candidate], facets: Facets) -> frozenset[str]:
        """The ids of the candidates that are pinned, by themselves or by a facet value."""
        if not self.pins:
            return frozenset()
        names = zip(candidates, _names(candidates, facets), strict=True)
        return frozenset(c.item_id for c, told in names if any(name in self.pins for name in told))

    def apply(self, candidates: Sequence[Candidate], facets: Facets | None = None) -> list[Candidate]:
        """The same candidates, boosted and reordered; stable. What a rule moved says so in ``rule``. Scores stay at most 1."""
        named = dict(zip((c.item_id for c in candidates), _names(candidates, facets), strict=True))
        places = {name: place for place, name in enumerate(self.pins)}
        ruled = [self._ruled(c, named[c.item_id]) for c in candidates]
        if self.boosts:
            ruled.sort(key=lambda c: -c.score)
        ends = len(places)
        return sorted(ruled, key=lambda c: (c.rule == BURIED, min((places.get(n, ends) for n in named[c.item_id]), default=ends)))

    def _ruled(self, candidate: Candidate, names: Sequence[str]) -> Candidate:
        boost = max(-MOST_BOOST, min(MOST_BOOST, sum(self.boosts.get(name, 0.0) for name in names)))
        score = min(1.0, max(min(0.0, candidate.score), candidate.score + boost)) if boost else candidate.score
        if self.bury.intersection(names):
            rule = BURIED
        elif any(name in self.pins for name in names):
            rule = PINNED
        else:
            rule = f"{BOOSTED} {boost:+.2f}" if boost else ""
        return replace(candidate, score=score, rule=rule) if rule else candidate


class RuledReranker:
    """Any re-ranker, with the candidates that :class:`Rules` pinned first (at most half of the list, at least one) and those that it
    buried last. Pinned items count as shown when the others are chosen; without such candidates it is the re-ranker itself."""

    def __init__(self, inner: Reranker, facets: Facets) -> None:
        self._inner, self._facets = inner, facets

    def rerank(
        self,
        candidates: Sequence[Candidate],
        k: int,
        diversity: float,
        shown: Iterable[str] = (),
        profile: Mapping[str, float] | None = None,
    ) -> Ranked:
        """At most ``k`` of the candidates; raises what the inner re-ranker raises."""
        seen, most = tuple(shown), max(0, min(k, len(candidates)))
        if not any(c.rule in (PINNED, BURIED) for c in candidates):
            return self._inner.rerank(candidates, k, diversity, seen, profile)
        first = [c for c in candidates if c.rule == PINNED][: max(1, most // 2)] if most else []
        buried = [c for c in candidates if c.rule == BURIED]
        rest = [c for c in candidates if c.rule != BURIED and c not in first]
        if any(c.rule == PINNED for c in rest):
            rest.sort(key=lambda c: -c.score)  # pinned, but for want of places no longer before better ones
        chosen = self._inner.rerank(rest, most - len(first), diversity, (*seen, *(c.item_id for c in first)), profile)
        items = [*first, *chosen.items, *buried][:most]
        chances = {c.item_id: p for c, p in zip(chosen.items, chosen.propensity, strict=True)}
        places = {c.item_id: place for place, c in enumerate(candidates)}
        pool = Pool(self._facets, candidates)
        return weigh(pool, candidates, [places[c.item_id] for c in items], [chances.get(c.item_id, 1.0) for c in items])


def _names(candidates: Sequence[Candidate], facets: Facets | None) -> list[tuple[str, ...]]:
    """Each candidate's id and facet values."""
    if facets is None:
        return [(c.item_id,) for c in candidates]
    labels, columns = facets.labels, facets.gather([c.item_id for c in candidates])[0]
    return [(c.item_id, *(labels[n] for n in row if n >= 0)) for c, row in zip(candidates, columns.tolist(), strict=True)]
