"""Re-rankers by the name that the settings give."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chatrec.errors import SettingsError
from chatrec.protocols import Reranker
from chatrec.ranking.baselines import PYVERSITY, NoReranker, PyversityReranker, RandomSubsetReranker
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.facets import Facets


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
