"""The re-rankers that are compared: ours as the shop runs it, pyversity's, and two written here after their papers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.rerank_data import Lists, Task
from benchmarks.rerank_measures import Judged, K, judge
from chatrec.ranking.baselines import PYVERSITY, RandomSubsetReranker
from chatrec.ranking.entropy import EntropyReranker
from chatrec.ranking.objective import Aims

# One list: a task and a knob in [0, 1], 0 the input order; to places in the task's candidates.
Method = Callable[[Task, float], Sequence[int]]
DPP_SCALE = 3.0  # with its own scale of 1, DPP cannot lose as little relevance as is asked for on these scores
SMOOTHING = 0.01  # Steck, RecSys 2018, equation 5: how much of the target is mixed into the list's shares


def methods(lists: Lists) -> dict[str, Method]:
    """All of them, by name. pyversity's also on the facet's values as vectors (``/genres``): there they see what is measured."""
    shares = lists.spread / np.maximum(np.linalg.norm(lists.spread, axis=1, keepdims=True), 1e-12)
    own = EntropyReranker(lists.facets)
    return {
        "chatrec": partial(by_reranker, own),
        "chatrec-volume": partial(by_reranker, EntropyReranker(lists.facets, aims=Aims(mu=1.0))),
        **{name: partial(pyversity, name, lists.vectors) for name in PYVERSITY},
        **{f"{name}-facet": partial(pyversity, name, shares) for name in PYVERSITY},
        "dpp-sharp": partial(pyversity, "dpp", lists.vectors, scale=DPP_SCALE),
        "dpp-facet-sharp": partial(pyversity, "dpp", shares, scale=DPP_SCALE),
        "steck": partial(steck, lists),
        "xquad": partial(xquad, lists),
        "random_subset": partial(by_reranker, RandomSubsetReranker(lists.facets)),
    }


def by_reranker(reranker: EntropyReranker | RandomSubsetReranker, task: Task, knob: float) -> list[int]:
    """One of the package's re-rankers, as a turn calls it."""
    return [task.places[c.item_id] for c in reranker.rerank(task.candidates, K, knob, (), task.profile).items]


def pyversity(name: str, vectors: NDArray[np.float32], task: Task, knob: float, **further: float) -> list[int]:
    """A strategy of pyversity at its own knob, as its benchmark calls it; what it leaves short is filled in the input order."""
    from pyversity import diversify

    with np.errstate(all="ignore"):
        found = diversify(vectors[task.rows], task.scores, K, name, knob, **further).indices
    return list(dict.fromkeys((*(int(i) for i in found), *range(len(task.rows)))))[:K]


def steck(lists: Lists, task: Task, knob: float) -> list[int]:
    """Calibrated recommendations (Steck, RecSys 2018, equation 7): greedily (1 - knob) sum of scores - knob KL(p || q~)."""
    told = np.array([task.profile.get(label, 0.0) for label in lists.facets.labels])
    target = told / max(told.sum(), 1e-12)
    spread, kept = lists.spread[task.rows].astype(np.float64), target > 0.0
    chosen: list[int] = []
    worth, mass = np.zeros(len(spread)), np.zeros(spread.shape[1])
    for step in range(K):
        shares = (1.0 - SMOOTHING) * (mass + spread) / (step + 1) + SMOOTHING * target
        divergence = (target[kept] * np.log(target[kept] / shares[:, kept])).sum(axis=1)
        worth = (1.0 - knob) * task.scores - knob * divergence  # the scores of those chosen are the same for all
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        mass += spread[chosen[-1]]
    return chosen


def xquad(lists: Lists, task: Task, knob: float) -> list[int]:
    """xQuAD (Santos, Macdonald & Ounis, WWW 2010) with facet values as intents: p(intent) from the history, p(item | intent) the item's
    score, scaled to [0, 1], where the item has the value."""
    told = np.array([task.profile.get(label, 0.0) for label in lists.facets.labels])
    intents = told / max(told.sum(), 1e-12)
    low, high = float(task.scores[-1]), float(task.scores[0])
    scores = (task.scores - low) / max(high - low, 1e-12)
    serves = scores[:, None] * (lists.spread[task.rows] > 0.0)
    unmet, chosen = np.ones(len(intents)), list[int]()
    for _ in range(K):
        worth = (1.0 - knob) * scores + knob * serves @ (intents * unmet)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        unmet *= 1.0 - serves[chosen[-1]]
    return chosen


def run_method(lists: Lists, tasks: Sequence[Task], method: Method, knob: float) -> Judged:
    """Every task through one method, timed."""
    chosen, took = [], []
    for task in tasks:
        assert len(task.candidates) == len(task.places)  # made before the clock starts
        start = time.perf_counter(), time.process_time()
        chosen.append(method(task, knob))
        took.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    ms = 1000.0 * np.array(took)
    return judge(lists, tasks, chosen, ms[:, 0], ms[:, 1])


def run_baseline(lists: Lists, tasks: Sequence[Task]) -> Judged:
    """The top of the input."""
    nothing = np.zeros(len(tasks))
    return judge(lists, tasks, [range(K)] * len(tasks), nothing, nothing)
