"""Training: whatever the log holds, repeatable, and safe to kill."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chatrec.candidates.model import FOLDER, CollaborativeModel
from chatrec.candidates.sources import CollaborativeSource, PopularitySource
from chatrec.candidates.training import train
from chatrec.domain.candidate import Query
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.errors import GenerationError, ShopNotReady
from chatrec.settings import TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation, Generations

Collaborative = Callable[[CollaborativeModel | None, list[Item]], CollaborativeSource]
Write = Callable[[list[Event]], Database]


def two_tastes(n_users: int = 40) -> list[Event]:
    chance = np.random.default_rng(1)
    return [
        Event(f"u{user}", f"{('camping', 'kitchen')[user % 2]}-{n}", EventKind.PURCHASE, 1e6 + user)
        for user in range(n_users)
        for n in chance.choice(6, 4, replace=False)
    ]


def served(generations: Generations) -> CollaborativeModel:
    current = generations.current()
    assert current is not None
    assert current.damage() == []
    model = CollaborativeModel.load(current.folder / FOLDER)
    assert model is not None
    return model


def test_a_new_generation_with_a_model(log: Write, generations: Generations, published: Generation, train_settings: TrainSettings) -> None:
    told: list[tuple[str, int, int]] = []
    report = train(log(two_tastes()), generations, train_settings, progress=lambda *step: told.append(step))
    current = generations.current()
    assert current is not None
    assert report.generation == current.number == published.number + 1
    assert (report.users, report.items, report.pairs, report.models) == (40, 12, 160, ("ials",))
    assert report.notes[0].startswith("ials at its defaults: fewer than 50 shoppers")
    assert current.manifest["counts"] == {"items": 12}
    assert current.manifest["cf"]["settings"]["settings"] == {"ials": {"factors": 3, "epochs": 8, "unobserved": 0.03}}
    assert current.manifest["cf"]["chosen"] == list(report.notes)
    assert (current.folder / "chroma" / "chroma.sqlite3").read_bytes() == b"index" * 1000
    assert (current.folder / "chroma" / "chroma.sqlite3").stat().st_ino != (published.folder / "chroma" / "chroma.sqlite3").stat().st_ino
    assert published.damage() == []
    assert ("fit", 8, 8) in told


def test_training_again_gives_the_same(log: Write, generations: Generations, published: Generation, train_settings: TrainSettings) -> None:
    database = log(two_tastes())
    train(database, generations, train_settings)
    first = served(generations)
    train(database, generations, train_settings)
    second = served(generations)
    assert first.item_ids == second.item_ids
    assert first.preferences is not None
    assert second.preferences is not None
    again = second.preferences.arrays()
    assert all((array == again[name]).all() for name, array in first.preferences.arrays().items())


def test_ratings_only(
    log: Write,
    generations: Generations,
    published: Generation,
    train_settings: TrainSettings,
    items: list[Item],
    collaborative: Collaborative,
) -> None:
    events = [Event(e.user_id, e.item_id, EventKind.RATING, e.timestamp, 5.0) for e in two_tastes()]
    events += [Event(f"u{u}", "kitchen-5", EventKind.RATING, 2e6, 1.0) for u in range(0, 40, 2)]
    train(log(events), generations, train_settings)
    source = collaborative(served(generations), items)
    found = source.candidates(Query(history=(("camping-0", 1.0), ("camping-1", 1.0))), 4)
    assert all(c.item_id.startswith("camping") for c in found)


def test_no_events(log: Write, generations: Generations, published: Generation, items: list[Item], collaborative: Collaborative) -> None:
    report = train(log([]), generations)
    assert "no event" in report.notes[0]
    model = served(generations)
    assert not model.usable
    assert collaborative(model, items).candidates(Query(history=(("camping-0", 1.0),)), 5) == []
    assert len(PopularitySource(items, model).candidates(Query(), 50)) == 12  # by rating


def test_only_dislikes(log: Write, generations: Generations, published: Generation) -> None:
    report = train(log([Event("u", "camping-0", EventKind.DISLIKE, 1.0)]), generations)
    assert (report.pairs, report.models) == (0, ())
    assert not served(generations).usable


@pytest.mark.parametrize("events", [1, 3])
def test_one_shopper(
    log: Write, generations: Generations, published: Generation, items: list[Item], events: int, collaborative: Collaborative
) -> None:
    report = train(log([Event("u", f"camping-{n}", EventKind.PURCHASE, 1.0) for n in range(events)]), generations)
    assert (report.users, report.pairs) == (1, events)
    assert "too few" in report.notes[0]
    model = served(generations)
    assert not model.usable
    collaborative(model, items).candidates(Query(history=(("camping-0", 1.0),)), 5)
    assert len(PopularitySource(items, model).candidates(Query(), events)) == events


def test_nothing_ingested_yet(log: Write, generations: Generations) -> None:
    with pytest.raises(ShopNotReady, match="chatrec ingest"):
        train(log([]), generations)


def test_an_ingest_meanwhile_is_not_undone(
    log: Write, generations: Generations, published: Generation, train_settings: TrainSettings
) -> None:
    """The generation that an ingest publishes while the model is fitted is the one that is carried over."""

    def ingest_during_fit(stage: str, done: int, whole: int) -> None:
        if (stage, done) == ("fit", 1):
            with generations.begin() as draft:
                (draft.folder / "items.jsonl").write_text("the new catalogue\n")
                draft.publish({"counts": {"items": 99}})

    report = train(log(two_tastes()), generations, train_settings, progress=ingest_during_fit)
    current = generations.current()
    assert current is not None
    assert report.generation == current.number == published.number + 2
    assert (current.folder / "items.jsonl").read_text() == "the new catalogue\n"
    assert current.manifest["counts"] == {"items": 99}


def test_a_spoilt_model_says_what_to_do(log: Write, generations: Generations, published: Generation, train_settings: TrainSettings) -> None:
    train(log(two_tastes()), generations, train_settings)
    current = generations.current()
    assert current is not None
    folder = current.folder / FOLDER
    np.save(folder / "arrays" / "prior.npy", np.zeros(5, np.float32))
    with pytest.raises(GenerationError, match="train again"):
        CollaborativeModel.load(folder)
    (folder / "model.json").write_text("{")
    with pytest.raises(GenerationError, match="train again"):
        CollaborativeModel.load(folder)
    assert CollaborativeModel.load(current.folder / "absent") is None


_CHILD = """
import sys
import irspack
from chatrec.candidates.training import train
from chatrec.settings import Settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
print("ready", flush=True)
sys.stdin.readline()
with Database.open(sys.argv[1]) as database:
    while True:
        train(database, Generations(sys.argv[1]), Settings.model_validate({"train": {"settings": {"ials": {"factors": 8, "epochs": 4}}}}).train)
"""


def test_killed_at_random_moments(log: Write, generations: Generations, published: Generation, train_settings: TrainSettings) -> None:
    """SIGKILL in the middle of training after training: what serves is always whole, and the next training works."""
    database = log(two_tastes())
    train(database, generations, train_settings)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _CHILD, str(generations.folder.parent)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True) for _ in range(2)]
    chance = random.Random(5)
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == "ready\n"
            child.stdin.write("\n")
            child.stdin.flush()
            time.sleep(0.1 + 0.5 * chance.random())
            assert child.poll() is None
            child.kill()
            child.wait()
            assert served(generations).usable
    finally:
        for child in children:
            child.kill()
            child.communicate()
    newest = generations.current()
    assert newest is not None
    assert newest.number > published.number + 1
    assert train(database, generations, train_settings).generation > newest.number
    assert not list(generations.folder.glob(".draft-*"))
