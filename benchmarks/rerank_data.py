"""Candidate lists to re-rank, from real logs: ML-1M with genres as facets, and Last.fm as the benchmark of ``pyversity`` makes them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models import linear
from chatrec.domain.candidate import Candidate
from chatrec.ranking.clusters import cluster
from chatrec.ranking.facets import Facets

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

GENRE, CLUSTER = "genre", "cluster"
DIMENSIONS = 64  # of the item vectors, in both tables (pyversity's benchmark)
SVD_SEED = 42
TEST_SHARE = 0.2
CANDIDATES = 100
EASE_L2 = 500.0  # Steck, WWW 2019, for MovieLens


@dataclass(frozen=True)
class Task:
    """One shopper: candidates best first (``rows`` in the facets), which are relevant, how many are in all, and what was chosen before."""

    rows: Ints
    scores: Floats
    hits: NDArray[np.bool_]
    n_relevant: int
    profile: Mapping[str, float]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The same as the re-rankers take them."""
        return [Candidate(str(row), float(score), "list") for row, score in zip(self.rows, self.scores, strict=True)]

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each candidate in the list."""
        return {candidate.item_id: place for place, candidate in enumerate(self.candidates)}


@dataclass(frozen=True, slots=True)
class Lists:
    """The tasks over one catalogue. ``spread`` (items x values) is how items spread over the values of the facet."""

    facets: Facets
    spread: Floats
    tasks: Sequence[Task]

    @property
    def vectors(self) -> Floats:
        """One unit row an item."""
        return self.facets.vectors[:-1]


def ml1m(root: Path, seed: int) -> Lists:
    """ML-1M: of every shopper a random fifth is to be found; EASE on the rest gives 100 candidates; genres are the facet."""
    users, items, movies = _ml1m_pairs(root)
    genres = _ml1m_genres(root, movies)
    facets_of = {GENRE: [genres[m] for m in movies]}
    chance = np.random.default_rng(seed)
    order = np.lexsort((chance.random(len(users)), users))
    users, items = users[order], items[order]
    lengths = np.bincount(users)
    places = np.arange(len(users)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    held = places < np.floor(TEST_SHARE * lengths)[users]
    starts = np.cumsum(lengths)[:-1]
    known = [i[~h] for i, h in zip(np.split(items, starts), np.split(held, starts), strict=True)]
    hidden = [i[h] for i, h in zip(np.split(items, starts), np.split(held, starts), strict=True)]
    log = Interactions.of_lists(known, len(movies))
    facets = Facets.of([str(n) for n in range(len(movies))], facets_of, item_vectors(users[~held], items[~held], len(lengths), len(movies)))
    scores = linear.fit(log, linear.LinearSettings(l2=EASE_L2)).scores(log.histories())
    spread = _spread(facets)
    tasks = []
    for row, relevant, past in zip(scores, hidden, known, strict=True):
        row[past] = -np.inf
        best = np.argsort(-row, kind="stable")[:CANDIDATES]
        tasks.append(Task(best, row[best], np.isin(best, relevant), len(relevant), _profile(facets, spread, past)))
    return Lists(facets, spread, tasks)


def _ml1m_pairs(root: Path) -> tuple[Ints, Ints, list[int]]:
    with gzip.open(root / "interactions_file_order.csv.gz", "rt", encoding="utf-8") as file:
        pairs = np.array([(int(u), int(m)) for u, m in list(csv.reader(file))[1:]], dtype=np.int64)
    movies, items = np.unique(pairs[:, 1], return_inverse=True)
    return np.unique(pairs[:, 0], return_inverse=True)[1], items.astype(np.int64), [int(m) for m in movies]


def _ml1m_genres(root: Path, movies: Sequence[int]) -> dict[int, list[str]]:
    lines = (root / "movies.dat").read_text(encoding="latin-1").splitlines()
    told = {int(number): genres.split("|") for number, _, genres in (line.split("::") for line in lines)}
    return {movie: told[movie] for movie in movies}


def item_vectors(users: Ints, items: Ints, n_users: int, n_items: int, seed: int = SVD_SEED) -> Floats:
    """Unit rows of a truncated SVD of the shopper-item matrix."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import TruncatedSVD

    matrix = csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=(n_users, n_items))
    found = TruncatedSVD(min(DIMENSIONS, min(matrix.shape) - 1), random_state=seed).fit_transform(matrix.T)
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    return np.divide(found, norms, out=np.zeros_like(found), where=norms > 0.0).astype(np.float32)


def lastfm(root: Path, seed: int = 42, leak: bool = True) -> Lists:
    """Last.fm in pyversity's protocol (its benchmark of January 2026): plays of at least one, 5-core, one item a shopper left out,
    candidates are the 50 nearest items of each item of the profile, scored by the sum of their similarities, at most 1,000.

    ``leak`` keeps the left-out edges in the SVD, as the published figures do. Embedding clusters are the facet.
    """
    users, items = _core(_plays(root), 5)
    n_users, n_items = int(users.max()) + 1, int(items.max()) + 1
    chance = np.random.default_rng(seed)
    counts = np.bincount(users)
    asked = chance.choice(np.flatnonzero(counts >= 2), min(2000, int((counts >= 2).sum())), replace=False)
    order = np.argsort(users, kind="stable")
    events = np.split(order, np.cumsum(counts)[:-1])
    held = {int(u): int(events[u][chance.integers(counts[u])]) for u in asked}
    kept = np.ones(len(users), np.bool_)
    if not leak:
        kept[list(held.values())] = False
    vectors = item_vectors(users[kept], items[kept], n_users, n_items, seed)
    near = _nearest(vectors, 50)
    facets = Facets.of([str(n) for n in range(n_items)], {CLUSTER: [(str(c),) for c in cluster(vectors)]}, vectors)
    spread = _spread(facets)
    tasks = []
    for user, left_out in held.items():
        past = items[[e for e in events[user] if e != left_out]]
        scores = near[past].sum(axis=0)
        scores[past] = 0.0
        best = np.argsort(-scores, kind="stable")[: min(1000, int((scores > 0.0).sum()))]
        if len(best) >= 10:
            tasks.append(Task(best, scores[best], best == items[left_out], 1, _profile(facets, spread, past)))
    return Lists(facets, spread, tasks)


def _plays(root: Path) -> NDArray[np.int64]:
    with (root / "user_artist.dat").open(encoding="utf-8") as file:
        rows = np.array([[int(float(v)) for v in line] for line in csv.reader(file, delimiter="\t")], dtype=np.int64)
    return rows[rows[:, 2] >= 1][:, :2]


def _core(pairs: NDArray[np.int64], least: int) -> tuple[Ints, Ints]:
    """Pairs whose user and item have ``least`` each, numbered by first appearance."""
    while True:
        found = [np.unique(pairs[:, side], return_inverse=True, return_counts=True)[1:] for side in (0, 1)]
        kept = np.all([counts[numbers] >= least for numbers, counts in found], axis=0)
        if kept.all():
            return _by_appearance(pairs[:, 0]), _by_appearance(pairs[:, 1])
        pairs = pairs[kept]


def _by_appearance(ids: Ints) -> Ints:
    _, first, numbers = np.unique(ids, return_index=True, return_inverse=True)
    places = np.empty(len(first), np.int64)
    places[np.argsort(first)] = np.arange(len(first))
    return places[numbers]


def _nearest(vectors: Floats, most: int) -> Floats:
    """Similarities of every item's nearest others, 0 elsewhere; shape (items, items)."""
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    rows = np.arange(len(similar))[:, None]
    best = np.argpartition(similar, -most, axis=1)[:, -most:]
    near = np.zeros_like(similar)
    near[rows, best] = np.maximum(similar[rows, best], 0.0)
    return near


def _spread(facets: Facets) -> Floats:
    spread = np.zeros((len(facets.ids), len(facets.labels) + 1), np.float32)
    np.add.at(spread, (np.arange(len(spread))[:, None], facets.columns[:-1]), facets.shares[:-1])
    return spread[:, :-1]


def _profile(facets: Facets, spread: Floats, past: Ints) -> dict[str, float]:
    weights = spread[past].sum(axis=0)
    return {facets.labels[n]: float(weights[n]) for n in np.flatnonzero(weights)}
