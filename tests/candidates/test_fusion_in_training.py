"""Labelled requests in a training: read with care, tuned beside a service, kept, and served unless the shop says otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from chatrec.candidates.factory import make_served_fusion
from chatrec.candidates.fusion import DENSE_SHARE, TEXT_SHARE
from chatrec.candidates.fusion_kept import served_shares
from chatrec.candidates.training import TrainReport, train
from chatrec.catalog.build import build_generation, embedded_text
from chatrec.catalog.queries import MOST_REQUESTS, SHARES, read_queries
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.vector_index import VectorIndex
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.embedding.cached import CachedEmbedder
from chatrec.errors import UnreadableFile
from chatrec.settings import OfferSettings, TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generation, Generations
from chatrec.testing.embedders import HashingEmbedder

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.filterwarnings("ignore::ResourceWarning")]
_NUMBER = re.compile(r"number(\d+)")
KNOWN = {"tent-1", "tent-2", "pole 3", "lamp-4"}
Train = Callable[..., TrainReport]
WriteFile = Callable[..., Path]


class Knowing(HashingEmbedder):
    """Embeds the records as ever; of a request it knows which item is meant, by the number in it."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(64)
        self._items = items

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        meant = [_NUMBER.search(text) for text in texts]
        said = [embedded_text(self._items[int(m[1]) % 12]) if m else text for m, text in zip(meant, texts, strict=True)]
        return super().encode(said)


@pytest.fixture
def file(tmp_path: Path) -> WriteFile:
    def write(text: str, name: str = "queries.tsv") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def shop(database: Database, generations: Generations, tmp_path: Path) -> Iterator[Generation]:
    built = build_generation(database, generations, CachedEmbedder(HashingEmbedder(64), tmp_path / "embeddings.db"))
    database.events.append([Event(f"u{u}", f"camping-{n}", EventKind.PURCHASE, 1.0) for u in range(6) for n in range(6) if n != u])
    with VectorIndex.open(built):  # a service owns the index all the while
        yield built


@pytest.fixture
def train_with(database: Database, generations: Generations, train_settings: TrainSettings) -> Train:
    def run(queries: Path | None, offer: OfferSettings | None = None) -> TrainReport:
        return train(database, generations, train_settings, queries=queries, offer=offer, embedder=Knowing(database.items.all()))

    return run


def labels(database: Database, n: int) -> str:
    """Requests in the words of one item that mean another: keywords are wrong, meaning is right."""
    items = database.items.all()
    return "\n".join(f"{items[(k + 1) % 12].title.split(' ', 1)[1]} number{k}\t{items[k % 12].item_id}" for k in range(n))


def current(generations: Generations) -> Generation:
    found = generations.current()
    assert found is not None and found.damage() == []
    return found


def test_good_lines_are_kept_and_bad_ones_named(file: WriteFile) -> None:
    path = file(
        "# requests of last week\n\nlight tent\ttent-1 tent-2\nno tab here\n \ttent-1\nnothing right\t \n"
        'a 3" lamp\tlamp-4 lamp-9\nall gone\tx-1 x-2\nLIGHT  tent\tlamp-4\npoles\tpole 3\nname\ttent-1\tlamp-4\n'
    )
    found = read_queries(path, KNOWN)
    assert dict(found.requests) == {
        "light tent": {"tent-1", "tent-2", "lamp-4"},
        'a 3" lamp': {"lamp-4"},
        "poles": {"pole 3"},
        "tent-1": {"lamp-4"},  # the last column holds the ids, the one before the request
    }
    assert (found.read, found.merged, found.chosen, found.rejects.lost("row")) == (9, 1, False, 4)
    told = [(r.line, r.value, r.reason) for r in found.rejects.kept]
    assert (4, "no tab here", "no tab between the request and the ids of its items") in told
    assert (7, "lamp-9", "the shop holds no item of this id") in told
    assert (8, "x-1 x-2", "the shop holds none of these items") in told
    assert {line for line, _, _ in told} == {4, 5, 6, 7, 8}
    assert "9 lines read, 4 requests kept, 1 asked before and merged, 4 left out" in found.told()[0]
    assert "queries.tsv, line 4" in found.told()[1]


def test_headers_and_csv(file: WriteFile) -> None:
    named = read_queries(file("chosen\tlanguage\tquery\ntent-1\ten\ta tent\ntent-2\ten\n"), KNOWN)
    assert (named.requests, named.chosen) == ((("a tent", frozenset({"tent-1"})),), True)
    assert named.rejects.kept[0].reason == "2 cells where the header has 3"
    comma = read_queries(file('query,items\n"light, small tent",tent-1 tent-2\nlamp,lamp-4\n"open,lamp-4\n', "queries.csv"), KNOWN)
    assert [text for text, _ in comma.requests] == ["light, small tent", "lamp"]
    assert [r.line for r in comma.rejects.kept] == [4]
    loose = read_queries(file("light, small tent,tent-1\nlamp,lamp-4\n", "queries.csv"), KNOWN)
    assert [text for text, _ in loose.requests] == ["lamp"] and "3 cells instead of 2" in loose.rejects.kept[0].reason


def test_files_that_hold_no_request(file: WriteFile, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="write a line for each"):
        read_queries(file("# only a comment\n"), KNOWN)
    with pytest.raises(UnreadableFile, match="does not exist"):
        read_queries(tmp_path / "absent.tsv", KNOWN)
    (tmp_path / "book.tsv").write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(UnreadableFile, match="Excel"):
        read_queries(tmp_path / "book.tsv", KNOWN)


def test_a_long_file_is_drawn_from(file: WriteFile) -> None:
    path = file("".join(f"request {n}\ttent-1\n" for n in range(MOST_REQUESTS + 500)))
    found = read_queries(path, KNOWN)
    assert len(found.requests) == MOST_REQUESTS and found.requests == read_queries(path, KNOWN).requests
    assert "of 1,500 requests" in found.notes[0]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from('ab \t\n",;|#\u2028\x00tent-1é'), min_size=1, max_size=80))
def test_whatever_a_file_holds_is_kept_or_told(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("queries") / "q.tsv"
    path.write_text(text, encoding="utf-8")
    try:
        found = read_queries(path, KNOWN)
    except UnreadableFile:
        return
    assert found.read == len(found.requests) + found.merged + found.rejects.lost("row")
    assert all(request.strip() and ids and ids <= KNOWN for request, ids in found.requests)


def test_tuned_kept_and_served(
    shop: Generation, database: Database, generations: Generations, train_with: Train, file: WriteFile, tmp_path: Path
) -> None:
    report = train_with(file(labels(database, 48) + "\nlost\tno-such-item\n"))
    now = current(generations)
    kept = json.loads((now.folder / SHARES).read_text(encoding="utf-8"))
    assert kept == now.manifest["fusion"] and kept["tuned"] == ["dense"] and kept["n_queries"] == 48
    assert kept["dense"] > 0.5 and kept["after"] > kept["before"] and kept["gain"][0] > 0.0
    said = "\n".join(report.notes)
    assert f"0.4 -> {kept['dense']:g}" in said and f"{kept['before']:.3f} -> {kept['after']:.3f}" in said and "no-such-item" in said
    assert (tmp_path / "rejects" / "queries.csv").is_file()
    train_with(None)
    assert current(generations).manifest["fusion"] == kept
    built = build_generation(database, generations, CachedEmbedder(HashingEmbedder(64), tmp_path / "embeddings.db"))
    assert built.manifest["fusion"] == kept and built.manifest["cf"]["pairs"] == 30 and built.damage() == []
    shelf = CatalogueShelf.load(built)
    fusion = make_served_fusion(built, shelf, OfferSettings())
    assert (fusion.text, fusion.dense) == (TEXT_SHARE, kept["dense"])
    own = make_served_fusion(built, shelf, OfferSettings.model_validate({"fusion_dense": DENSE_SHARE}))
    assert own.dense == DENSE_SHARE


def test_a_setting_of_the_shop_stands(
    shop: Generation, database: Database, generations: Generations, train_with: Train, file: WriteFile
) -> None:
    offer = OfferSettings.model_validate({"fusion_dense": 0.7})
    report = train_with(file(labels(database, 40)), offer)
    assert any("offer.fusion_dense = 0.7, which stands" in note for note in report.notes)
    assert served_shares(current(generations).folder, offer) == (TEXT_SHARE, 0.7)


def test_choices_tune_behaviour_too(
    shop: Generation, database: Database, generations: Generations, train_with: Train, file: WriteFile
) -> None:
    report = train_with(file("query\tchosen\n" + labels(database, 36)))
    assert current(generations).manifest["fusion"]["tuned"] == ["text", "dense"]
    assert any("text against behaviour" in note for note in report.notes)


def test_too_few_requests_or_another_embedder_change_nothing(
    shop: Generation,
    database: Database,
    generations: Generations,
    train_settings: TrainSettings,
    train_with: Train,
    file: WriteFile,
) -> None:
    report = train_with(file(labels(database, 29)))
    assert any("29 usable requests are too few" in note and "at least 30" in note for note in report.notes)
    assert not (current(generations).folder / SHARES).exists() and "fusion" not in current(generations).manifest
    report = train(database, generations, train_settings, queries=file(labels(database, 36)), embedder=HashingEmbedder(32))
    assert any("was embedded by 'hashing-64', not by 'hashing-32'" in note for note in report.notes)
    assert served_shares(current(generations).folder, OfferSettings()) == (TEXT_SHARE, DENSE_SHARE)
    assert current(generations).number == shop.number + 2  # both trained all the same


def test_a_file_that_cannot_be_read_stops_before_the_training(
    shop: Generation, generations: Generations, train_with: Train, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        train_with(tmp_path / "absent.tsv")
    assert current(generations).number == shop.number


@pytest.mark.parametrize(
    "spoilt", ["{", '{"tuned": ["dense"], "dense": 7}', '{"tuned": ["dense"]}', '{"tuned": 3}', "[]", '{"dense": null}']
)
def test_spoilt_shares_are_as_good_as_none(tmp_path: Path, spoilt: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / SHARES).write_text(spoilt)
    assert served_shares(tmp_path, OfferSettings()) == (TEXT_SHARE, DENSE_SHARE)
    assert "train again with --queries" in caplog.text
