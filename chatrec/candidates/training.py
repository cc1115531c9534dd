"""Trains collaborative filtering: the event log -> a new generation that differs from the serving one by its ``cf`` folder,
and by the shares of the fusion where labelled requests are given."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatrec.candidates.choose import Chosen, choose
from chatrec.candidates.cold_map import ColdSettings
from chatrec.candidates.cold_tuning import tune_cold
from chatrec.candidates.fusion_kept import keep
from chatrec.candidates.fusion_labels import TunedShares, read_labelled, tune_shares
from chatrec.candidates.interactions import EventWeights, Interactions, gather
from chatrec.candidates.item_features import ItemFeatures
from chatrec.candidates.model import FOLDER, CollaborativeModel
from chatrec.candidates.models.base import Progress
from chatrec.candidates.priors import ShopperPriors, fit_priors
from chatrec.candidates.together import Together
from chatrec.catalog.queries import SHARES
from chatrec.catalog.shelf import VECTORS
from chatrec.catalog.snapshot import ITEMS, read_items
from chatrec.domain.event import EventKind
from chatrec.domain.item import Item
from chatrec.errors import GenerationError, ShopNotReady
from chatrec.protocols import Embedder
from chatrec.settings import OfferSettings, Settings, TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.generations import Draft, Generation, Generations

MOST_REBASES = 5


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training did. ``notes`` are for a person: what was chosen and why, and what the model cannot do yet."""

    generation: int
    users: int
    items: int
    pairs: int
    models: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        learnt = f"generation {self.generation}: learnt from {self.pairs:,} likings of {self.items:,} items by {self.users:,} shoppers"
        with_ = " + ".join(self.models) or "popularity"
        return "\n".join([f"{learnt} ({with_}, {self.seconds:.1f} s)", *(f"note: {note}" for note in self.notes)])


def train(
    database: Database,
    generations: Generations,
    settings: TrainSettings | None = None,
    *,
    progress: Progress | None = None,
    queries: Path | None = None,
    offer: OfferSettings | None = None,
    embedder: Embedder | None = None,
) -> TrainReport:
    """Fits the model and publishes it in a new generation, a copy of the serving one; the same log gives the same model.

    Nothing of the serving generation is touched: a process killed at any point leaves it serving. Where an ingest publishes
    meanwhile, its generation is the one copied. A log without any liked item gives a model that knows popularity at most.
    ``queries`` is a file of labelled requests (:func:`chatrec.catalog.queries.read_queries`) that the shares of the fusion are tuned on,
    from those of ``offer``; without it they stay as they were. ``embedder`` replaces the built-in one for them.
    Raises :class:`ShopNotReady` when nothing was ingested yet, :class:`chatrec.errors.UnreadableFile` for a file that cannot be read.
    """
    settings, started = settings or Settings().train, time.monotonic()
    base = generations.current()
    if base is None:
        raise ShopNotReady(f"{generations.folder.parent} holds no generation to train for; run 'chatrec ingest' first")
    labelled = read_labelled(base, queries, generations.folder.parent) if queries is not None else None
    model = _fitted(database, base, settings, progress)
    tuned = TunedShares()
    if labelled is not None:
        tuned = tune_shares(labelled, generations, model, offer=offer, embedder=embedder, progress=progress)
    published = _published(generations, model, tuned, settings, progress)
    return TrainReport(
        published.number,
        model.n_users,
        len(model.item_ids),
        model.n_pairs,
        names_of(model),
        time.monotonic() - started,
        (*model.chosen, *tuned.notes),
    )


def _fitted(database: Database, base: Generation, settings: TrainSettings, progress: Progress | None) -> CollaborativeModel:
    items = {item.item_id: item for item in database.items.all()}
    events = database.events.arrays([kind for kind in EventKind if kind is not EventKind.SHOWN])
    if progress:
        progress("events", len(events), len(events))
    log = gather(
        events,
        items.keys(),
        EventWeights.of(settings.weights).by_kind,
        popularity_days=settings.popularity_days,
        likings_days=settings.likings_days,
    )
    records = [items[item_id] for item_id in log.item_ids]
    features = _features(base, records)
    chosen = choose(log, settings, features=features.texts if features else None, progress=progress)
    cold, tuned = _cold(log, features, chosen, settings, progress)
    priors = fit_priors(log, database.users.all(), [item.category for item in records]) if len(log.weights) else None
    return CollaborativeModel(
        log.item_ids,
        log.popularity,
        log.events,
        chosen.model,
        log.scale,
        len(log.user_ids),
        len(log.weights),
        (*_lacks(log), *chosen.notes, *tuned, *_told_of(priors)),
        cold,
        priors if priors and priors.values else None,
        Together.of(log),
    )


def _features(base: Generation, records: Sequence[Item]) -> ItemFeatures | None:
    """What the records say, with the text vectors of the generation; an item that it does not hold yet has a vector of zeros. ``None``
    where the generation has none."""
    if not (base.folder / VECTORS).is_file() or not records:
        return None
    vectors = np.load(base.folder / VECTORS, allow_pickle=False)
    rows = {item.item_id: row for row, item in enumerate(read_items(base.folder / ITEMS))}
    known = np.append(vectors, np.zeros((1, vectors.shape[1]), vectors.dtype), axis=0)
    return ItemFeatures.of(records, known[[rows.get(item.item_id, len(vectors)) for item in records]])


def _cold(
    log: Interactions, features: ItemFeatures | None, chosen: Chosen, settings: TrainSettings, progress: Progress | None
) -> tuple[ColdSettings, tuple[str, ...]]:
    """How the like of an item speak for it: by validation in a wide search, else as it was best on other logs."""
    blend = chosen.model
    if features is None or blend is None or settings.search != "wide" or not blend.models:
        return ColdSettings(), ()
    if progress:
        progress("cold items", 0, 1)
    found = tune_cold(log, features, lambda part: chosen.fitted(part, features.texts))
    if progress:
        progress("cold items", 1, 1)
    return found.settings, (f"cold items: {found.settings}",)


def _told_of(priors: ShopperPriors | None) -> tuple[str, ...]:
    """Which attributes of shoppers tell something of what they choose."""
    if priors is None or not priors.gains:
        return ()
    told = dict.fromkeys(name for name, _ in priors.values)
    silent = [name for name in priors.gains if name not in told]
    said = f"new shoppers: {', '.join(told)} tell" if told else "new shoppers: nothing that is known of them tells"
    return (f"{said} what they choose" + (f"; looked at in vain: {', '.join(silent)}" if silent else ""),)


def names_of(model: CollaborativeModel) -> tuple[str, ...]:
    """The names of the models inside."""
    return tuple(m.name for m in model.preferences.models) if model.preferences else ()


def _published(
    generations: Generations, model: CollaborativeModel, tuned: TunedShares, settings: TrainSettings, progress: Progress | None
) -> Generation:
    for _ in range(MOST_REBASES):
        base = generations.current()
        assert base is not None
        with generations.begin() as draft:
            _fill(draft, base, model, tuned)
            published = draft.publish_after(base, _manifest(base, model, tuned, settings))
        if published is not None:
            if progress:
                progress("publish", 1, 1)
            generations.prune()
            return published
    raise GenerationError(
        f"the catalogue in {generations.folder} was ingested anew {MOST_REBASES} times while training; train when it rests"
    )


def _fill(draft: Draft, base: Generation, model: CollaborativeModel, tuned: TunedShares) -> None:
    names = [path.name for path in base.folder.iterdir() if path.name != FOLDER]
    draft.carry(base, [n for n in names if n not in ("owner.lock", "readers.lock", "manifest.json")])
    model.save(draft.folder / FOLDER)
    if tuned.kept:
        keep(draft.folder, tuned.kept)


def _manifest(base: Generation, model: CollaborativeModel, tuned: TunedShares, settings: TrainSettings) -> dict[str, object]:
    figures = {
        "users": model.n_users,
        "items": len(model.item_ids),
        "pairs": model.n_pairs,
        "models": names_of(model),
        "chosen": model.chosen,
        "settings": settings.model_dump(),
        "catalogue": base.number,
    }
    return {**base.manifest, FOLDER: figures, **({Path(SHARES).stem: tuned.kept} if tuned.kept else {})}


def _lacks(log: Interactions) -> tuple[str, ...]:
    if not len(log.item_ids):
        return ("the log holds no event of an item of this catalogue: neither collaborative filtering nor popularity can be learnt",)
    if not len(log.weights):
        return ("no shopper likes an item of this catalogue: only popularity was learnt",)
    return ()
