"""A small shop with two tastes: shoppers of one buy camping things, of the other kitchen things, and a few of both."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from chatrec.candidates.choose import choose
from chatrec.candidates.interactions import gather
from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.preferences import Preferences
from chatrec.candidates.sources import CollaborativeSource
from chatrec.candidates.together import Together
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.settings import Settings, TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation, Generations

Collaborative = Callable[[CollaborativeModel | None, list[Item]], CollaborativeSource]
CAMPING = ("tent", "sleeping bag", "head lamp", "camp stove", "trekking pole", "water filter")
KITCHEN = ("frying pan", "bread knife", "kettle", "mixing bowl", "toaster", "coffee grinder")


def catalogue() -> list[Item]:
    items = []
    for group, names in (("camping", CAMPING), ("kitchen", KITCHEN)):
        for n, name in enumerate(names):
            text = f"A {name} for {group}, waterproof and light." if n % 2 else f"A plain {name}."
            items.append(
                Item(
                    f"{group}-{n}",
                    f"Harrow {name}",
                    text,
                    category=group,
                    brand="Harrow",
                    price=Decimal(10 + n),
                    rating=4.0,
                    n_ratings=n + 1,
                )
            )
    return items


def purchases(n_users: int = 60, seed: int = 1) -> list[Event]:
    chance = np.random.default_rng(seed)
    events = []
    for user in range(n_users):
        group = ("camping", "kitchen")[user % 2]
        for place, n in enumerate(chance.choice(6, 4, replace=False)):
            events.append(Event(f"u{user}", f"{group}-{n}", EventKind.PURCHASE, 1_000_000.0 + 100 * user + place))
        if user % 5 == 0:
            other = "kitchen" if group == "camping" else "camping"
            events.append(Event(f"u{user}", f"{other}-{chance.integers(6)}", EventKind.VIEW, 1_000_500.0 + 100 * user))
    return events


@pytest.fixture(scope="session")
def collaborative() -> Collaborative:
    """Makes the source over these items, without vectors: no item speaks for another."""

    def make(model: CollaborativeModel | None, items: list[Item]) -> CollaborativeSource:
        preferences = Preferences(model, [i.item_id for i in items]) if model and model.usable else None
        return CollaborativeSource(preferences, {i.item_id: i.title for i in items})

    return make


@pytest.fixture(scope="session")
def items() -> list[Item]:
    return catalogue()


@pytest.fixture
def train_settings() -> TrainSettings:
    return Settings.model_validate(
        {"train": {"models": ["ials"], "settings": {"ials": {"factors": 3, "epochs": 8, "unobserved": 0.03}}}}
    ).train


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database.open(tmp_path)
    opened.items.replace_all(catalogue())
    return opened


@pytest.fixture
def log(database: Database) -> Callable[[list[Event]], Database]:
    def write(events: list[Event]) -> Database:
        database.events.append(events)
        return database

    return write


@pytest.fixture
def model(database: Database, train_settings: TrainSettings) -> CollaborativeModel:
    database.events.append(purchases())
    log = gather(database.events.arrays(), {i.item_id for i in catalogue()})
    return CollaborativeModel(log.item_ids, log.popularity, log.events, choose(log, train_settings).model, together=Together.of(log))


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path)


@pytest.fixture
def published(generations: Generations) -> Generation:
    """A generation as an ingest leaves it, as far as training looks at it."""
    with generations.begin() as draft:
        (draft.folder / "items.jsonl").write_text("one line an item\n")
        (draft.folder / "chroma").mkdir()
        (draft.folder / "chroma" / "chroma.sqlite3").write_bytes(b"index" * 1000)
        return draft.publish({"counts": {"items": 12}, "embedder": "hashing-64"})
