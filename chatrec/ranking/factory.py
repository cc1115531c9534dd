"""What a shop's re-ranking is made of, from its shelf and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.candidate import Candidate
from chatrec.errors import SettingsError
from chatrec.protocols import Reranker
from chatrec.ranking.baselines import PYVERSITY, NoReranker, PyversityReranker, RandomSubsetReranker
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.facets import Facets, facets_of
from chatrec.ranking.rules import cut_near_duplicates, drop_irrelevant

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


def make_reranker(name: str, shelf: CatalogueShelf) -> Reranker:
    """The re-ranker that the settings name, over this shelf. Raises :class:`SettingsError` for an unknown name."""
    return reranker(name, shelf_facets(shelf))


def make_pruner(shelf: CatalogueShelf, least: int = LONGEST_LIST) -> Callable[[Sequence[Candidate]], list[Candidate]]:
    """The step before the re-ranker: drops near-duplicates, then what lies under the relevance floor; ``least`` stay."""
    facets, titles = shelf_facets(shelf), {item.item_id: item.title for item in shelf.items}

    def prune(candidates: Sequence[Candidate]) -> list[Candidate]:
        return drop_irrelevant(cut_near_duplicates(candidates, facets, titles, least=least), least=least)

    return prune
