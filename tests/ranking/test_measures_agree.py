"""The fast measures of the re-ranker are those of the metrics package."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec.domain.candidate import Candidate
from chatrec.metrics.diversity import list_entropy, softmax
from chatrec.ranking.measure import TEMPERATURE, EntropyMeter
from chatrec.ranking.pool import Pool, relevance
from chatrec.testing.reranker_contract import random_case


@pytest.mark.parametrize("seed", range(8))
def test_many_lists_at_once_have_the_entropy_of_each(seed: int) -> None:
    facets, candidates = random_case(seed, 30)
    shown = [f"item{n}" for n in range(5)]
    pool = Pool(facets, candidates[5:], shown)
    lists = np.array([np.random.default_rng(n).choice(25, 6, replace=False) for n in range(5)])
    columns, shares, _ = facets.gather([c.item_id for c in candidates[5:]])
    spread = np.zeros((25, len(facets.labels) + 1))
    np.add.at(spread, (np.arange(25)[:, None], columns), shares)
    by_facet = [spread[:, :-1][:, facets.facet_of == f] for f in range(len(facets.names))]
    values = [int(s.any(axis=0).sum()) for s in by_facet]
    expected = [list_entropy(softmax(pool.worth[rows], TEMPERATURE), [s[rows] for s in by_facet], values) for rows in lists]
    assert EntropyMeter(pool).of_all(lists) == pytest.approx(expected)
    assert EntropyMeter(pool).of(lists[0].tolist()) == pytest.approx(expected[0])
    assert EntropyMeter(pool).of([]) == 0.0


@pytest.mark.parametrize(
    ("scores", "worth"),
    [
        ((0.9, 0.5, 0.1), (0.9, 0.5, 0.1)),  # chances keep their size
        ((8.0, 4.0, 2.0), (1.0, 0.5, 0.25)),  # larger ones are divided
        ((0.4, 0.1, -0.2), (0.6, 0.3, 0.0)),  # only differences count
        ((-2.0, -3.0, -6.0), (1.0, 0.75, 0.0)),
        ((0.2, 0.9, 0.1), (0.2, 0.2, 0.1)),  # a pinned item stands first
        ((float("nan"), 0.5, float("nan")), (0.5, 0.5, 0.5)),
        ((float("nan"),) * 2, (1.0, 1.0)),
        ((), ()),
    ],
)
def test_relevance_of_scores(scores: tuple[float, ...], worth: tuple[float, ...]) -> None:
    assert relevance([Candidate(str(n), s, "x") for n, s in enumerate(scores)]) == pytest.approx(worth)
