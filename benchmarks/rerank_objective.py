"""How good the greedy list is: laws of the objective counted over many cases, and its share of the best list where all can be tried."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from chatrec.ranking.entropy import TIE_BREAK, EntropyReranker
from chatrec.ranking.objective import Coverage
from chatrec.ranking.pool import Pool
from chatrec.testing.reranker_contract import random_case

CASES = 300
POOL, LENGTH = 12, 4  # 495 lists a case
SUBSETS = 200
KNOBS = (0.3, 0.7, 1.0)
STEPS = np.linspace(0.0, 1.0, 11)
ROUNDING = 1e-9
PROFILE = {"category:c1": 3.0, "brand:b1": 2.0, "use:u2": 1.0}


def run_objective(_: Path, seed: int, quick: bool) -> dict[str, Any]:
    """``share_of_best`` of the greedy list (bound: 1 - 1/e = .632), how often the best of 200 random lists beats it, violations of
    diminishing returns and of monotony among pairs, and how often measured entropy falls as the knob rises by a tenth."""
    cases = 20 if quick else CASES
    shares, beaten, pairs, grew, negative = list[float](), 0, 0, 0, 0
    chance = np.random.default_rng(seed)
    for case in range(cases):
        found = _share_of_best(seed * 10_000 + case, KNOBS[case % len(KNOBS)], case % 2 == 1, chance)
        shares.append(found[0])
        beaten += found[1]
        laws = _laws(seed * 10_000 + case, case % 2 == 1, chance)
        pairs, grew, negative = pairs + laws[0], grew + laws[1], negative + laws[2]
    steps = np.array([_entropies(seed * 10_000 + case) for case in range(cases)])
    falls = np.diff(steps, axis=1)
    return {
        "chatrec/cases": cases,
        "chatrec/share_of_best_mean": round(float(np.mean(shares)), 5),
        "chatrec/share_of_best_min": round(float(np.min(shares)), 5),
        "chatrec/random_subsets_win": round(beaten / cases, 4),
        "chatrec/diminishing_pairs": pairs,
        "chatrec/diminishing_violations": grew,
        "chatrec/monotone_violations": negative,
        "chatrec/knob_steps": int(falls.size),
        "chatrec/knob_violations": int((falls < -ROUNDING).sum()),
        "chatrec/knob_violations_over_.01": int((falls < -0.01).sum()),
        "chatrec/entropy_at_0": round(float(steps[:, 0].mean()), 4),
        "chatrec/entropy_at_1": round(float(steps[:, -1].mean()), 4),
    }


def _share_of_best(seed: int, knob: float, with_profile: bool, chance: np.random.Generator) -> tuple[float, bool]:
    facets, candidates = random_case(seed, POOL)
    profile, weight = PROFILE if with_profile else None, knob * (1.0 - TIE_BREAK)
    pool = Pool(facets, candidates)

    def value(rows: tuple[int, ...]) -> float:
        coverage, total = Coverage(pool, profile, k=LENGTH), 0.0
        for row in rows:
            total += float(coverage.gains()[row])
            coverage.add(row)
        return (1.0 - weight) * float(pool.worth[list(rows)].sum()) + weight * total

    places = {c.item_id: place for place, c in enumerate(candidates)}
    ranked = EntropyReranker(facets).rerank(candidates, LENGTH, knob, profile=profile)
    greedy = value(tuple(places[c.item_id] for c in ranked.items))
    values = np.array([value(rows) for rows in itertools.combinations(range(POOL), LENGTH)])
    drawn = chance.choice(len(values), SUBSETS, replace=False)
    return greedy / float(values.max()), bool(values[drawn].max() > greedy + ROUNDING)


def _laws(seed: int, with_profile: bool, chance: np.random.Generator) -> tuple[int, int, int]:
    """Pairs compared, those that gained by a larger set, and gains below zero."""
    facets, candidates = random_case(seed, 40)
    shown = [c.item_id for c in candidates[:3]] if seed % 2 else []
    coverage = Coverage(Pool(facets, candidates, shown), PROFILE if with_profile else None, k=10)
    left, gains = set(range(40)), coverage.gains()
    pairs = grew = negative = 0
    for row in chance.permutation(40)[:10]:
        left.discard(int(row))
        coverage.add(int(row))
        rest, after = sorted(left), coverage.gains()
        pairs += len(rest)
        grew += int((after[rest] > gains[rest] + ROUNDING).sum())
        negative += int((after[rest] < -ROUNDING).sum())
        gains = after
    return pairs, grew, negative


def _entropies(seed: int) -> list[float]:
    facets, candidates = random_case(seed)
    reranker = EntropyReranker(facets)
    return [reranker.rerank(candidates, 8, float(knob)).entropy_after for knob in STEPS]
