"""Every re-ranker keeps the contract."""

from __future__ import annotations

import pytest

from chatrec.protocols import Reranker
from chatrec.ranking import RERANKERS, reranker
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.facets import Facets
from chatrec.ranking.rules import RuledReranker
from chatrec.testing.reranker_contract import RerankerContract


@pytest.mark.parametrize("name", list(RERANKERS))
class TestByName(RerankerContract):
    @pytest.fixture(autouse=True)
    def _named(self, name: str) -> None:
        self.name = name

    def make(self, facets: Facets) -> Reranker:
        return reranker(self.name, facets)


class TestExploring(RerankerContract):
    def make(self, facets: Facets) -> Reranker:
        return EntropyReranker(facets, exploration=0.1, seed=3)

    # Exploration shows other items now and then, that is what it is for: this promise of the contract is not made.
    test_knob_zero_is_the_input_order = None


class TestWithoutVectors(RerankerContract):
    def make(self, facets: Facets) -> Reranker:
        return EntropyReranker(
            Facets(facets.ids, facets.names, facets.labels, facets.facet_of, facets.columns, facets.shares, facets.vectors[:, :0])
        )


class TestWithRules(RerankerContract):
    def make(self, facets: Facets) -> Reranker:
        return RuledReranker(EntropyReranker(facets), facets)
