"""Trains collaborative filtering: the event log -> a new generation that differs from the serving one by its ``cf`` folder."""

from __future__ import annotations

import time
from dataclasses import dataclass

from chatrec.candidates.choose import choose
from chatrec.candidates.interactions import EventWeights, Interactions, gather
from chatrec.candidates.model import FOLDER, CollaborativeModel
from chatrec.candidates.models.base import Progress
from chatrec.domain.event import EventKind
from chatrec.errors import GenerationError, ShopNotReady
from chatrec.settings import Settings, TrainSettings
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
    database: Database, generations: Generations, settings: TrainSettings | None = None, *, progress: Progress | None = None
) -> TrainReport:
    """Fits the model and publishes it in a new generation, a copy of the serving one; the same log gives the same model.

    Nothing of the serving generation is touched: a process killed at any point leaves it serving. Where an ingest publishes
    meanwhile, its generation is the one copied. A log without any liked item gives a model that knows popularity at most.
    Raises :class:`ShopNotReady` when nothing was ingested yet.
    """
    settings, started = settings or Settings().train, time.monotonic()
    if generations.current() is None:
        raise ShopNotReady(f"{generations.folder.parent} holds no generation to train for; run 'chatrec ingest' first")
    model = _fitted(database, settings, progress)
    published = _published(generations, model, settings, progress)
    return TrainReport(
        published.number,
        model.n_users,
        len(model.item_ids),
        model.n_pairs,
        names_of(model),
        time.monotonic() - started,
        model.chosen,
    )


def _fitted(database: Database, settings: TrainSettings, progress: Progress | None) -> CollaborativeModel:
    catalogue = frozenset(item.item_id for item in database.items.all())
    events = database.events.arrays([kind for kind in EventKind if kind is not EventKind.SHOWN])
    if progress:
        progress("events", len(events), len(events))
    log = gather(
        events,
        catalogue,
        EventWeights.of(settings.weights).by_kind,
        popularity_days=settings.popularity_days,
        likings_days=settings.likings_days,
    )
    chosen = choose(log, settings, progress=progress)
    notes = (*_lacks(log), *chosen.notes)
    return CollaborativeModel(log.item_ids, log.popularity, chosen.model, log.scale, len(log.user_ids), len(log.weights), notes)


def names_of(model: CollaborativeModel) -> tuple[str, ...]:
    """The names of the models inside."""
    return tuple(m.name for m in model.preferences.models) if model.preferences else ()


def _published(generations: Generations, model: CollaborativeModel, settings: TrainSettings, progress: Progress | None) -> Generation:
    for _ in range(MOST_REBASES):
        base = generations.current()
        assert base is not None
        with generations.begin() as draft:
            _fill(draft, base, model)
            published = draft.publish_after(base, _manifest(base, model, settings))
        if published is not None:
            if progress:
                progress("publish", 1, 1)
            generations.prune()
            return published
    raise GenerationError(
        f"the catalogue in {generations.folder} was ingested anew {MOST_REBASES} times while training; train when it rests"
    )


def _fill(draft: Draft, base: Generation, model: CollaborativeModel) -> None:
    names = [path.name for path in base.folder.iterdir() if path.name != FOLDER]
    draft.carry(base, [n for n in names if n not in ("owner.lock", "readers.lock", "manifest.json")])
    model.save(draft.folder / FOLDER)


def _manifest(base: Generation, model: CollaborativeModel, settings: TrainSettings) -> dict[str, object]:
    figures = {
        "users": model.n_users,
        "items": len(model.item_ids),
        "pairs": model.n_pairs,
        "models": names_of(model),
        "chosen": model.chosen,
        "settings": settings.model_dump(),
        "catalogue": base.number,
    }
    return {**base.manifest, FOLDER: figures}


def _lacks(log: Interactions) -> tuple[str, ...]:
    if not len(log.item_ids):
        return ("the log holds no event of an item of this catalogue: neither collaborative filtering nor popularity can be learnt",)
    if not len(log.weights):
        return ("no shopper likes an item of this catalogue: only popularity was learnt",)
    return ()
