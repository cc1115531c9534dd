"""What a shop's re-ranking is made of, from its shelf and its settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.candidate import Candidate
from chatrec.errors import SettingsError
from chatrec.protocols import Reranker
from chatrec.ranking.baselines import PYVERSITY, NoReranker, PyversityReranker, RandomSubsetReranker
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.facets import Facets, facets_of
from chatrec.ranking.objective import DEFAULT_AIMS, Aims
from chatrec.ranking.profile import profiles_over
from chatrec.ranking.prune import cut_near_duplicates, drop_irrelevant
from chatrec.ranking.rules import RuledReranker, Rules

log = logging.getLogger(__name__)
NO_RULES = Rules()
# The longest list that the settings allow: pruning never leaves less where there is more.
LONGEST_LIST = 10
_KNOWN: WeakKeyDictionary[CatalogueShelf, Facets] = WeakKeyDictionary()


def _pyversity(name: str) -> Callable[[Facets], Reranker]:
    return lambda facets: PyversityReranker(name, facets)


RERANKERS: Mapping[str, Callable[[Facets], Reranker]] = {
    "entropy": EntropyReranker,
    **{name: _pyversity(name) for name in PYVERSITY},
    "random_subset": RandomSubsetReranker,
    "none": NoReranker,
}


def reranker(name: str, facets: Facets) -> Reranker:
    """The re-ranker of this name over these facets. Raises :class:`SettingsError` for an unknown name."""
    try:
        make = RERANKERS[name]
    except KeyError:
        raise SettingsError(f"offer.reranker = {name!r} is unknown; choose one of {', '.join(RERANKERS)}") from None
    return make(facets)


def shelf_facets(shelf: CatalogueShelf) -> Facets:
    """The facets of a shelf, made once for each."""
    if shelf not in _KNOWN:
        _KNOWN[shelf] = facets_of(shelf.items, shelf.vectors)
    return _KNOWN[shelf]


def make_reranker(name: str, shelf: CatalogueShelf, aims: Aims = DEFAULT_AIMS) -> Reranker:
    """The re-ranker that the settings name, over this shelf, heeding rules; ``aims`` are those of "entropy". Raises
    :class:`SettingsError` for an unknown name."""
    facets = shelf_facets(shelf)
    inner = EntropyReranker(facets, aims=aims) if name == EntropyReranker.name else reranker(name, facets)
    return RuledReranker(inner, facets)


def make_profile(shelf: CatalogueShelf) -> Callable[[Sequence[tuple[str, float]]], Mapping[str, float]]:
    """What a history of (item_id, weight) pairs says of a shopper's taste, as weights of this shelf's facet values."""
    return profiles_over(shelf_facets(shelf))


def make_pruner(
    shelf: CatalogueShelf, least: int = LONGEST_LIST, rules: Rules = NO_RULES
) -> Callable[[Sequence[Candidate]], list[Candidate]]:
    """The steps before the re-ranker: drops near-duplicates, then what lies under the relevance floor (``least`` stay), then applies the
    shop's rules, which so lift nothing irrelevant. Of near-duplicates a pinned one stays. Rules about names that the shop does
    not have are told in the log."""
    facets, titles = shelf_facets(shelf), {item.item_id: item.title for item in shelf.items}
    if unknown := rules.unknown(facets):
        log.warning("rules: neither an item nor a facet value is called %s", ", ".join(f"'{name}'" for name in unknown))

    def prune(candidates: Sequence[Candidate]) -> list[Candidate]:
        pinned = rules.pinned(candidates, facets)
        first = sorted(candidates, key=lambda c: c.item_id not in pinned) if pinned else candidates
        cut = cut_near_duplicates(first, facets, titles, least=least)
        kept = drop_irrelevant(sorted(cut, key=lambda c: -c.score) if pinned else cut, least=least)
        return rules.apply(kept, facets) if rules else kept

    return prune
