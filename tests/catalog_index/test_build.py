"""One snapshot into one generation, verified before it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatrec.catalog import build
from chatrec.catalog.build import build_generation, embedded_text
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.snapshot import item_of, item_record, read_items
from chatrec.catalog.text_index import TextIndex
from chatrec.catalog.vector_index import VectorIndex
from chatrec.catalog.verify import verify
from chatrec.domain.item import Item, Review
from chatrec.embedding.cached import CachedEmbedder
from chatrec.errors import GenerationError, IndexInUse, ShopNotReady
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations


@pytest.fixture
def database(tmp_path: Path, shop: list[Item]) -> Iterator[Database]:
    with Database.open(tmp_path) as opened:
        opened.items.replace_all(shop)
        opened.reviews.replace_all([Review("k1", "u1", "The lid rattles a little when it boils.", 4.0)])
        opened.policies.replace_all({"returns": "# Returns\n\n## How long?\n\nThirty days from delivery."})
        yield opened


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path)


def test_a_generation_holds_all_that_a_turn_needs(
    database: Database, generations: Generations, embedder: CachedEmbedder, shop: list[Item]
) -> None:
    told: list[tuple[str, int, int]] = []
    generation = build_generation(database, generations, embedder, progress=lambda *step: told.append(step))
    assert generations.current() == generation and generation.damage() == []
    assert generation.manifest["counts"] == {"items": 9, "reviews": 1, "passages": 1}
    assert generation.manifest["embedder"] == embedder.name
    assert generation.manifest["items_digest"] == database.items.digest()
    assert {stage for stage, done, total in told if done == total} >= {"embedding items", "writing records", "indexing", "verifying"}

    shelf = CatalogueShelf.load(generation)
    assert list(shelf.items) == shop and shelf.generation == generation.number
    assert shelf.contract.n_items == 9
    assert any("rattles" in fact.text for fact in shelf.facts("k1"))
    passages = json.loads((generation.folder / "passages.json").read_text())
    assert passages[0]["passage_id"] == "policies/returns.md#how-long"
    assert np.load(generation.folder / "passages.npy").shape == (1, embedder.dimension)
    assert TextIndex.load(generation.folder / "bm25").search("KX-403", 1)[0][0] == "k3"
    with VectorIndex.open(generation) as index:
        assert index.search(shelf.vectors[shelf.row("l2")], 1)[0] == ("l2", pytest.approx(1.0, abs=1e-5))


def test_the_old_generation_serves_when_the_new_one_fails(
    database: Database, generations: Generations, embedder: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_generation(database, generations, embedder)

    def broken(folder: Path, *rest: object) -> dict[str, float]:
        (folder / "facts.jsonl").write_text("")  # as a full disk would leave it
        return verify(folder, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "verify", broken)
    with pytest.raises(GenerationError, match="0 lines of facts for 9 items"):
        build_generation(database, generations, embedder)
    assert generations.current() == first
    assert generations.numbers() == [first.number]
    assert [p.name for p in generations.folder.iterdir() if p.name.startswith(".draft")] == []


def test_collaborative_model_is_carried_over(database: Database, generations: Generations, embedder: CachedEmbedder) -> None:
    first = build_generation(database, generations, embedder)
    (first.folder / "cf").mkdir()
    (first.folder / "cf" / "factors.npy").write_bytes(b"learned")
    database.items.remove(["x"])
    second = build_generation(database, generations, embedder)
    assert (second.folder / "cf" / "factors.npy").read_bytes() == b"learned"
    assert len(CatalogueShelf.load(second)) == 8 and len(CatalogueShelf.load(first)) == 9


def test_building_goes_on_beside_an_owner_and_a_second_owner_is_refused(
    database: Database, generations: Generations, embedder: CachedEmbedder
) -> None:
    first = build_generation(database, generations, embedder)
    with VectorIndex.open(first):
        with pytest.raises(IndexInUse, match="in use by this process"):
            VectorIndex.open(first)
        second = build_generation(database, generations, embedder)
        with VectorIndex.open(second) as other:
            assert len(other) == 9
    with VectorIndex.open(first) as again:
        assert len(again) == 9


def test_nothing_to_build_from(tmp_path: Path, generations: Generations, embedder: CachedEmbedder) -> None:
    with Database.open(tmp_path / "empty") as empty, pytest.raises(ShopNotReady, match="ingest an items file"):
        build_generation(empty, generations, embedder)
    assert generations.current() is None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tiny_shops_and_twins(tmp_path: Path, generations: Generations, embedder: CachedEmbedder, n: int) -> None:
    with Database.open(tmp_path / "tiny") as tiny:
        tiny.items.replace_all([Item(str(i), "???") for i in range(n)])
        generation = build_generation(tiny, generations, embedder)
    assert generation.manifest["verified"]["items"] == n


def test_records_survive_the_snapshot(shop: list[Item]) -> None:
    odd = replace(shop[0], title="A\u2028B 'q' \"r\" \ud800", description="two\nlines", image="https://x.example/a,b", n_ratings=None)
    for item in (*shop, odd):
        assert item_of(json.loads(json.dumps(item_record(item)))) == item


def test_a_spoilt_snapshot_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"item_id":"a","title":"A"}\n{"item_id":"b"\n', encoding="utf-8")
    with pytest.raises(GenerationError, match="line 2"):
        read_items(path)


def test_the_embedded_text_says_what_the_thing_is(shop: list[Item]) -> None:
    text = embedded_text(shop[0])
    assert text.startswith("Kettle 1 by Aldern. Aldern. Kitchen / Kettles. weight 500 g; colour red; whistling. Boils")
    assert embedded_text(Item("i", "Only a title")) == "Only a title"
    assert len(embedded_text(Item("i", "t", "word " * 5000))) <= build.MOST_CHARS
