"""The quick re-ranker chooses what a plain one does: the objective step by step, one facet value after the other."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from chatrec.domain.candidate import Candidate
from chatrec.metrics.diversity import entropy, list_entropy, softmax
from chatrec.ranking.entropy import DRAWS, TIE_BREAK, EntropyReranker, _digest
from chatrec.ranking.facets import Facets
from chatrec.ranking.measure import TEMPERATURE
from chatrec.ranking.objective import Aims
from chatrec.ranking.pool import relevance

Profile = dict[str, float] | None
POOLS = 250


def random_pool(seed: int) -> tuple[Facets, list[Candidate], list[str], Profile, Aims]:
    """Facets of one or many values, some missing; zero vectors and copies; level, missing and infinite scores; strangers."""
    chance = np.random.default_rng(seed)
    n, d = int(chance.integers(1, 70)), int(chance.choice([0, 4, 32]))
    values = {}
    for facet in range(chance.integers(0, 4)):
        n_values, most = int(chance.choice([1, 3, 9, 30])), int(chance.choice([1, 1, 3, 6]))
        least = int(chance.integers(2))
        values[f"f{facet}"] = [tuple(f"v{v}" for v in chance.integers(n_values, size=chance.integers(least, most + 1))) for _ in range(n)]
    vectors = chance.normal(size=(n, d)).astype(np.float32)
    vectors[chance.random(n) < 0.1] = 0.0
    if seed % 3 == 0:
        vectors[n // 2 :] = vectors[: n - n // 2]
    facets = Facets.of([str(i) for i in range(n)], values, vectors if d else None)
    scores = np.sort(chance.random(n) * chance.choice([1.0, 5.0]) - chance.choice([0.0, 0.5]))[::-1].copy()
    scores = np.round(scores, 1) if seed % 4 == 0 else scores
    scores[chance.random(n) < (0.2 if seed % 5 == 0 else 0.0)] = np.nan
    scores[0] = np.inf if seed % 11 == 0 else scores[0]
    order = chance.permutation(n)
    candidates = [Candidate(str(row), float(s), "x") for row, s in zip(order[: max(1, n - 4)], scores, strict=False)]
    if seed % 7 == 0:
        candidates.insert(0, Candidate("stranger", 0.3, "x"))
    shown = [*(str(row) for row in chance.permutation(n)[:4]), "nobody"] if seed % 2 else []
    profile = {label: float(chance.exponential(2.0)) for label in facets.labels if chance.random() < 0.4}
    if seed % 6 == 0:
        profile |= {"f0:v1": -1.0, "no:facet": 2.0}
    aims = Aims(
        mu=float(chance.choice([1 / 3, 0.0, 1.0])), eta=float(chance.choice([2 / 3, 0.0, 1.0])), noise=float(chance.choice([0.1, 1]))
    )
    return facets, candidates, shown, profile if chance.random() < 0.6 else None, aims


class Plain:
    """The gains by their definition, for each candidate and value anew at every step."""

    def __init__(self, facets: Facets, ids: list[str], shown: list[str], profile: Profile, k: int, aims: Aims) -> None:
        columns, shares, self.vectors = facets.gather([*ids, *shown])
        rows = [list(zip(c.tolist(), s.tolist(), strict=True)) for c, s in zip(columns, shares, strict=True)]
        self.items = [[(label, share) for label, share in row if share] for row in rows]
        self.aims, self.places, self.n = aims, k + len(shown), len(ids)
        labels = sorted({label for row in self.items for label, _ in row})
        by_facet = [[g for g in labels if facets.facet_of[g] == f] for f in range(len(facets.names))]
        self.facets = [[(g, max(0.0, (profile or {}).get(facets.labels[g], 0.0))) for g in found] for found in by_facet if len(found) > 1]
        self.log_sizes = [math.log(max(2, min(max(2, k), len(f)))) for f in self.facets]
        self.set = list(range(len(ids), len(rows)))

    def gains(self) -> np.ndarray:
        """Of every candidate: difference in H and C, and in the log determinant by the Schur complement."""
        covered: dict[int, float] = defaultdict(float)
        for row in self.set:
            for label, share in self.items[row]:
                covered[label] += share
        found = [self._of_values(dict(self.items[row]), covered) for row in range(self.n)]
        volume = self.aims.mu * self._of_volume() if self.vectors.shape[1] else np.zeros(self.n)
        return (np.array(found) + volume) / (1 + self.aims.mu if self.vectors.shape[1] else 1.0)

    def _of_values(self, item: dict[int, float], covered: dict[int, float]) -> float:
        eta, epsilon, total = self.aims.eta, self.aims.epsilon, 0.0
        norm = sum(1 / one for one in self.log_sizes) * (1 + math.log(self.places)) if self.facets else 1.0
        for facet, log_size in zip(self.facets, self.log_sizes, strict=True):
            whole = sum(told for _, told in facet)
            target = {g: (told + self.aims.evidence / len(facet)) / (whole + self.aims.evidence) for g, told in facet}
            for g, _ in facet:
                if g in item:
                    held, after = covered[g], covered[g] + item[g]
                    step = after * (1 + math.log(self.places / after)) - (held * (1 + math.log(self.places / held)) if held else 0.0)
                    total += (eta if whole else 1.0) * step / (log_size * norm)
                    reached = math.log((after + epsilon) / (held + epsilon)) / math.log(1 + 1 / epsilon)
                    total += (1 - eta) * target[g] / max(target.values()) * reached / len(self.facets) if whole else 0.0
        return total

    def _of_volume(self) -> np.ndarray:
        x = self.vectors.astype(np.float64)
        kernel, noise = x @ x.T, self.aims.noise
        variance = np.full(self.n, 1 + 1 / noise)
        if self.set:
            cross = kernel[np.ix_(self.set, range(self.n))] / noise
            inner = kernel[np.ix_(self.set, self.set)] / noise
            # every item has a variance of 1 + 1 / noise, one without a vector too
            inner[np.diag_indices(len(inner))] = 1 + np.array(
                [1 / noise if row < self.n else inner[i, i] for i, row in enumerate(self.set)]
            )
            variance = np.maximum(1.0, variance - (cross * np.linalg.solve(inner, cross)).sum(axis=0))
        return np.asarray(np.log(variance) / math.log(1 + 1 / noise))


def plain_list(plain: Plain, worth: np.ndarray, k: int, weight: float, noise: np.ndarray | None) -> list[int]:
    """Greedy, the first of those that are best to within a billionth."""
    chosen: list[int] = []
    base = (1 - weight) * worth + np.linspace(1e-9, 0.0, len(worth))
    for step in range(k):
        gains = base + weight * plain.gains() + (0.0 if noise is None else noise[step])
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        plain.set.append(chosen[-1])
    return sorted(chosen)


def case(seed: int) -> tuple[Facets, list[Candidate], list[str], Profile, Aims, int, float]:
    facets, candidates, shown, profile, aims = random_pool(seed)
    chance = np.random.default_rng(seed + 10_000)
    return facets, candidates, shown, profile, aims, int(chance.integers(1, 12)), float(chance.choice([0.1, 0.3, 0.7, 1.0]))


def drawn_plainly(seed: int, noise: np.ndarray | None = None) -> list[int]:
    facets, candidates, shown, profile, aims, k, knob = case(seed)
    plain = Plain(facets, [c.item_id for c in candidates], shown, profile, k, aims)
    return plain_list(plain, relevance(candidates), min(k, len(candidates)), knob * (1 - TIE_BREAK), noise)


def test_the_lists_are_those_of_the_plain_one() -> None:
    for seed in range(POOLS):
        facets, candidates, shown, profile, aims, k, knob = case(seed)
        ranked = EntropyReranker(facets, aims=aims).rerank(candidates, k, knob, shown, profile)
        assert list(ranked.items) == [candidates[row] for row in drawn_plainly(seed)], seed


def test_the_figures_are_those_of_the_metrics() -> None:
    for seed in range(POOLS):
        facets, candidates, shown, profile, aims, k, knob = case(seed)
        ranked = EntropyReranker(facets, aims=aims).rerank(candidates, k, knob, shown, profile)
        columns, shares, _ = facets.gather([c.item_id for c in candidates])
        spread = np.zeros((len(candidates), len(facets.labels) + 1))
        np.add.at(spread, (np.arange(len(candidates))[:, None], columns), shares)
        by_facet = [spread[:, :-1][:, facets.facet_of == f] for f in range(len(facets.names))]
        places = {id(c): row for row, c in enumerate(candidates)}
        for rows, told in (
            (list(range(len(ranked.items))), ranked.entropy_before),
            ([places[id(c)] for c in ranked.items], ranked.entropy_after),
        ):
            p = softmax(relevance(candidates)[rows], TEMPERATURE)
            expected = list_entropy(p, [one[rows] for one in by_facet], [int(one.any(axis=0).sum()) for one in by_facet])
            assert told == pytest.approx(expected, abs=1e-6), seed
        assert ranked.item_entropy == pytest.approx(entropy(p)), seed


@pytest.mark.parametrize("seed", range(0, 40, 8))
def test_exploring_draws_are_those_of_the_plain_one(seed: int) -> None:
    facets, candidates, shown, profile, aims, k, knob = case(seed)
    k = min(k, len(candidates))
    chance = np.random.default_rng(_digest(3, [c.item_id for c in candidates]))
    rolls = [drawn_plainly(seed, 0.1 * chance.gumbel(size=(k, len(candidates)))) for _ in range(DRAWS + 1)]
    ranked = EntropyReranker(facets, aims=aims, exploration=0.1, seed=3).rerank(candidates, k, knob, shown, profile)
    assert list(ranked.items) == [candidates[row] for row in rolls[0]]
    shares = [sum(row in roll for roll in rolls) / len(rolls) for row in rolls[0]]
    assert ranked.propensity == pytest.approx(shares)
