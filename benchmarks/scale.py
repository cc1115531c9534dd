"""A large shop: what it costs to learn from five million events, to open 100,000 products, and to go from a request to a ranked list.

The products, the vectors of the products and the events are drawn (``benchmarks.synthetic``, and the groups below): they measure cost,
never quality. Requests are embedded by MiniLM itself.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.catalogues import shops_folder
from benchmarks.intervals import interval, percentile
from benchmarks.search import misspelt
from benchmarks.synthetic import DrawnVectors, synthetic
from chatrec.candidates.blend import Blend
from chatrec.candidates.interactions import Interactions, gather
from chatrec.candidates.model import FOLDER, CollaborativeModel
from chatrec.candidates.models.ials import IalsSettings
from chatrec.candidates.models.ials import fit as fit_ials
from chatrec.candidates.models.neighbours import KnnSettings, fit_knn
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.cli.screen import progress, quiet_libraries
from chatrec.dialogue.offer import make_offer
from chatrec.dialogue.parts import Parts
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.state import DialogueState
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.embedding.recent import RecentEmbedder
from chatrec.protocols import CandidateSource
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.storage.events import EventArrays
from chatrec.storage.generations import Generations
from chatrec.wiring import make_words, pin

SIZE, QUICK_SIZE = 100_000, 3_000
EVENTS_PER_USER = 50
N_GROUPS = 200
KINDS = tuple(EventKind)
DRAWN = tuple(KINDS.index(kind) for kind in (EventKind.VIEW, EventKind.CART, EventKind.PURCHASE))
# Sixty-four factors and eight sweeps: a setting that the choice by validation tries, too, and half of what an idle night may take.
IALS = IalsSettings(factors=64, epochs=8, threads=2)
KNN = KnnSettings(top_n=100)
MODEL_FOLDERS = {"ials": "model-ials", "item_knn": "model-item_knn"}
WARM_UP = 16


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures under ``synthetic:N``: ``gather``, ``ials``, ``item_knn`` (seconds and peak memory of a process of its own), ``open``,
    and ``offer`` with the milliseconds (wall and processor time) from a need to the ranked list, and those of its parts."""
    size = int(tables[0].partition(":")[2]) if tables else QUICK_SIZE if quick else SIZE
    table, folder = f"synthetic:{size}", shop_of_size(size)
    figures: dict[str, Any] = {f"{table}/events": size * EVENTS_PER_USER}
    for name in MODEL_FOLDERS:
        figures |= {f"{table}/{name}/{k}": v for k, v in _alone(fit_one, name, folder, size, seed).items()}
    figures |= {f"{table}/{k}": v for k, v in _alone(serve, folder, 80 if quick else 400, seed).items()}
    return figures


def _alone(work: Callable[..., dict[str, Any]], *given: object) -> dict[str, Any]:
    """In a process of its own, so that its peak memory is that of one job."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def shop_of_size(size: int) -> Path:
    """A shop of drawn products with drawn vectors, without events; one built before is used again."""
    folder = shops_folder() / f"scale-{size}"
    if Generations(folder).current() is None:
        sources = Sources(items=synthetic(folder / "files", size).items)
        with progress() as report:
            ingest(folder, sources, progress=report, embedder=DrawnVectors())
    return folder


def drawn_log(n_users: int, n_items: int, seed: int) -> EventArrays:
    """Fifty events a shopper. A shopper has two of 200 tastes, an item belongs to one; six events in ten are of the first taste, a
    quarter of the second, the rest of any; inside a taste a few items have most of the events."""
    rng = np.random.default_rng(seed)
    groups, n = min(N_GROUPS, max(1, n_items // 15)), n_users * EVENTS_PER_USER
    users = np.repeat(np.arange(n_users, dtype=np.int32), EVENTS_PER_USER)
    tastes = rng.integers(0, groups, (n_users, 2))
    chance = rng.random(n)
    group = np.where(chance < 0.6, tastes[users, 0], np.where(chance < 0.85, tastes[users, 1], rng.integers(0, groups, n)))
    rank = (rng.random(n) ** 2.5 * (n_items // groups)).astype(np.int32)  # about a third of a taste's events on a tenth of its items
    return EventArrays(
        tuple(f"u{u}" for u in range(n_users)),
        tuple(f"s{i}" for i in range(n_items)),
        KINDS,
        users,
        (rank * groups + group).astype(np.int32),
        rng.choice(DRAWN, n, p=(0.7, 0.15, 0.15)).astype(np.int8),
        np.ones(n, np.float32),
        np.sort(rng.uniform(1.7e9, 1.73e9, n)),
    )


def fit_one(name: str, folder: Path, size: int, seed: int) -> dict[str, Any]:
    """Draws the log, makes interactions of it, fits one model, keeps it beside the shop."""
    events = drawn_log(size, size, seed)
    start = time.perf_counter()
    log = gather(events, frozenset(events.item_ids))
    gathered_s, start, busy = time.perf_counter() - start, time.perf_counter(), time.process_time()
    model = fit_ials(log, IALS) if name == "ials" else fit_knn(log, KNN)
    told = {
        "gather_s": round(gathered_s, 1),
        "pairs": len(log.weights),
        "fit_s": round(time.perf_counter() - start, 1),
        "fit_cpu_s": round(time.process_time() - busy, 1),
        "peak_memory_mib": _peak_mib(),
    }
    _kept(log, model).save(folder / MODEL_FOLDERS[name])
    arrays = (folder / MODEL_FOLDERS[name]).rglob("*.npy")
    return {**told, "model_mib": round(sum(path.stat().st_size for path in arrays) / 2**20, 1)}


def _kept(log: Interactions, *models: Any) -> CollaborativeModel:
    """The models with equal weights and a tenth of popularity; without a history popularity alone."""
    weights = np.array([[0.0] * len(models) + [1.0], [0.9 / len(models)] * len(models) + [0.1]], np.float32)
    blend = Blend(tuple(models), log.popularity, np.array([0.0, 1.0], np.float32), weights)
    likers = np.bincount(log.items, minlength=len(log.item_ids)).astype(np.int32)
    return CollaborativeModel(log.item_ids, log.popularity, likers, blend, n_users=len(log.user_ids), n_pairs=len(log.weights))


def _both(folder: Path) -> CollaborativeModel | None:
    """The kept models in one blend."""
    kept = [CollaborativeModel.load(folder / name) for name in MODEL_FOLDERS.values()]
    if any(model is None or model.preferences is None for model in kept):
        return None
    first = kept[0]
    assert first is not None
    models = [model.preferences.models[0] for model in kept if model is not None and model.preferences is not None]
    weights = np.array([[0.0, 0.0, 1.0], [0.45, 0.45, 0.1]], np.float32)
    return replace(first, preferences=Blend(tuple(models), first.popularity, np.array([0.0, 1.0], np.float32), weights))


@dataclass(frozen=True, slots=True)
class DrawnHistory:
    """The history of the shopper who asks: as many of the items of one taste as the request says."""

    pairs: tuple[tuple[str, float], ...]

    def of(self, user_id: str | None, session_id: str) -> tuple[tuple[str, float], ...]:
        """The same for all."""
        return self.pairs


class Timed:
    """A source that notes how long each answer took."""

    def __init__(self, source: CandidateSource, took_ms: list[float]) -> None:
        self._source, self._took_ms, self.name = source, took_ms, source.name

    def candidates(self, query: Query, k: int) -> list[Candidate]:
        """As the source, timed."""
        start = time.perf_counter()
        found = self._source.candidates(query, k)
        self._took_ms.append((time.perf_counter() - start) * 1000)
        return found


def serve(folder: Path, n_offers: int, seed: int) -> dict[str, Any]:
    """Opens the shop with both models and makes offers, live rows included."""
    quiet_libraries()
    settings = load_settings(folder, {"model": {"engine": "template"}})
    current = Generations(folder).current()
    assert current is not None
    model = _both(folder)
    if model is not None:
        model.save(current.folder / FOLDER)
    embedder = RecentEmbedder(MiniLMEmbedder())
    embedder.encode(["warm"])
    before_mib, start, busy = _peak_mib(), time.perf_counter(), time.process_time()
    with Database.open(folder) as database:
        pinned = pin(current, database, embedder, make_words(settings.model), settings)
        opened = {
            "open/open_s": round(time.perf_counter() - start, 1),
            "open/open_cpu_s": round(time.process_time() - busy, 1),
            "open/before_mib": before_mib,
            "open/peak_memory_mib": _peak_mib(),
        }
        try:
            return {**opened, **_offers(pinned.parts, pinned.shelf.items, n_offers, seed), "offer/peak_memory_mib": _peak_mib()}
        finally:
            pinned.close()


def _offers(parts: Parts, items: Sequence[Item], n: int, seed: int) -> dict[str, Any]:
    by_source: dict[str, list[float]] = {source.name: [] for source in parts.sources}
    timed = replace(parts, sources=tuple(Timed(source, by_source[source.name]) for source in parts.sources))
    wall_ms: dict[str, list[float]] = {}
    cpu_ms: list[float] = []
    for number, (shape, need, history) in enumerate(requests(items, n + WARM_UP, random.Random(seed))):
        if number == WARM_UP:
            for values in by_source.values():
                values.clear()
        state = DialogueState("scale", needs=(need,), active_need=1)
        asked = replace(timed, history=DrawnHistory(history))
        start, busy = time.perf_counter(), time.process_time()
        make_offer(Recommend(1), state, asked)
        took, used = (time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000
        if number >= WARM_UP:
            wall_ms.setdefault(shape, []).append(took)
            cpu_ms.append(used)
    everything = [ms for values in wall_ms.values() for ms in values]
    figures: dict[str, Any] = {"offer/offers": len(everything)}
    for name, values in (("", everything), ("cpu_", cpu_ms)):
        for q in (50, 95):
            figures[f"offer/{name}p{q}_ms"] = interval(values, percentile(q), seed)
    for kind, found in (("shape", wall_ms), ("source", by_source)):
        for name, values in found.items():
            for q in (50, 95):
                figures[f"{kind}_{name}/p{q}_ms"] = round(float(np.percentile(values, q)), 1)
    return figures


def requests(items: Sequence[Item], n: int, chance: random.Random) -> Iterator[tuple[str, Need, tuple[tuple[str, float], ...]]]:
    """Name of the shape, need and history, the shapes in turn: words alone, with narrow and with broad limits, none, near an item."""
    for number in range(n):
        item = chance.choice(items)
        words = " ".join(item.title.split()[:3])
        bound = Constraint("price", Op.AT_MOST, number=round(chance.uniform(20, 200), 2))
        kind, stock = Constraint("category", Op.IS, (item.category,)), Constraint("stock", Op.AT_LEAST, number=1.0)
        wish = Constraint("colour", Op.IS, (chance.choice(("red", "blue", "green")),), strength=Strength.PREFER)
        slip = " ".join((misspelt(words.split()[0], chance), *words.split()[1:]))
        shapes: tuple[tuple[str, Need, int], ...] = (
            ("words", Need(1, words), 0),
            ("words_and_kind", Need(1, words, constraints=(kind,)), 10),
            ("words_and_price", Need(1, words, constraints=(bound,)), 10),
            ("words_in_stock_and_price", Need(1, words, constraints=(stock, bound)), 3),
            ("kind_and_price", Need(1, "", constraints=(kind, bound)), 10),
            ("history_alone", Need(1, ""), 50),
            ("near_an_item_and_price", Need(1, "", constraints=(bound,), like_items=(item.item_id,)), 3),
            ("misspelt_with_a_wish", Need(1, slip, constraints=(wish,)), 10),
        )
        shape, need, events = shapes[number % len(shapes)]
        start = chance.randrange(len(items))
        history = tuple((items[(start + N_GROUPS * k) % len(items)].item_id, 1.0) for k in range(events))
        yield shape, need, history


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
