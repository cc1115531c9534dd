from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chatrec.catalog.ingest import EMBEDDINGS, ingest
from chatrec.catalog.sources import Sources
from chatrec.embedding.cached import CachedEmbedder
from chatrec.errors import ChatrecError, IngestError, RejectedRows, ShopNotReady, UnreadableFile
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder

ITEMS = "item_id,title,category,price,colour\n" + "".join(
    f"i{n},{('Kettle', 'Mug', 'Pan')[n % 3]} number {n},Kitchen,{n + 1}.50,{('red', 'blue')[n % 2]}\n" for n in range(30)
)
EVENTS = "user_id,item_id,event,timestamp\n" + "".join(f"u{n % 5},i{n % 30},click,{n}\n" for n in range(60))


@pytest.fixture
def sources(write: Any) -> Sources:
    write("policies/returns.md", "# Returns\n## How long\nSend it back within 30 days.\n")
    return Sources(
        items=write("items.csv", ITEMS),
        interactions=write("interactions.csv", EVENTS),
        users=write("users.csv", "user_id,age\nu1,30\n"),
        reviews=write("reviews.csv", "item_id,user_id,text\ni1,u1,Holds plenty of tea\n"),
        orders=write("orders.csv", "order_id,user_id,item_id,status\nO1,u1,i1,shipped\n"),
        policies=write("policies/shipping.md", "# Shipping\nTwo days.\n").parent,
    )


def state(shop: Path) -> tuple[Any, ...]:
    """Everything an ingest may change."""
    with Database.open(shop) as database:
        current = Generations(shop).current()
        return (
            database.items.all(), database.events.count(), database.users.all(), database.reviews.by_item(), database.orders.count(), database.policies.all(),
            current and current.number,
        )  # fmt: skip


def test_the_first_ingest_makes_the_shop(tmp_path: Path, sources: Sources) -> None:
    shop = tmp_path / "deep" / "shop"
    seen: list[str] = []
    report = ingest(shop, sources, progress=lambda stage, done, total: seen.append(stage), embedder=HashingEmbedder())
    assert (report.items, report.generation, report.rejected) == (30, 1, 0)
    assert report.embedded > 30
    items, events, users, reviews, orders, policies, number = state(shop)
    assert (len(items), events, users, list(reviews), orders, list(policies), number) == (
        30,
        60,
        {"u1": {"age": "30"}},
        ["i1"],
        1,
        ["returns", "shipping"],
        1,
    )
    assert items[0].price == Decimal("1.50")
    assert {"reading items", "building", "writing rows"} <= set(seen) & set(report.seconds)
    assert {f.kind for f in report.files} == {"items", "interactions", "users", "reviews", "orders", "policies"}
    assert not list(shop.glob(".staging-*"))
    for words in ("items.csv", "30 rows read, 30 kept", "title <- title", "generation 1"):
        assert words in str(report)


def test_vectors_of_editions_long_gone_are_forgotten(tmp_path: Path, write: Any) -> None:
    shop = tmp_path / "shop"
    for edition in range(4):
        rows = "".join(f"i{n},Thing {n} of edition {edition}\n" for n in range(40))
        ingest(shop, Sources(items=write("items.csv", f"item_id,title\n{rows}")), embedder=HashingEmbedder())
    assert CachedEmbedder(HashingEmbedder(), shop / EMBEDDINGS).size() == 80, "two generations are kept, and their vectors"


def test_a_second_ingest_embeds_only_what_changed(tmp_path: Path, sources: Sources, write: Any) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=HashingEmbedder())
    assert ingest(shop, sources, embedder=HashingEmbedder()).embedded == 0
    changed = Sources(items=write("items2.csv", ITEMS.replace("number 7", "seven")))
    report = ingest(shop, changed, embedder=HashingEmbedder())
    assert (report.embedded, report.generation) == (1, 3)
    _, events, _, reviews, _, policies, _ = state(shop)
    assert (events, list(reviews), len(policies)) == (60, ["i1"], 2)


def test_events_alone_need_no_new_generation_and_do_not_double(tmp_path: Path, sources: Sources) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=HashingEmbedder())
    report = ingest(shop, Sources(interactions=sources.interactions), embedder=HashingEmbedder())
    assert report.generation == 1
    assert state(shop)[1] == 60


def test_rejects_are_written_and_replaced(tmp_path: Path, write: Any) -> None:
    shop = tmp_path / "shop"
    bad = write("bad.csv", "item_id,title,price\nk1,Kettle,-3\n,Nobody,1\nk2,Mug,=1+1\nk3,Pan,4\n")
    report = ingest(shop, Sources(items=bad), embedder=HashingEmbedder())
    with (shop / "rejects" / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["file"], r["line"], r["column"], r["value"], r["reason"], r["lost"]) for r in rows] == [
        ("bad.csv", "2", "price", "'-3", "a negative price", "field"),
        ("bad.csv", "3", "item_id", "", "item id missing", "row"),
        ("bad.csv", "4", "price", "'=1+1", "a range or several prices, not one", "field"),
    ]
    items = report.file("items")
    assert items is not None
    assert (items.read, items.kept, dict(items.rejected), sum(items.fields_dropped.values())) == (4, 3, {"item id missing": 1}, 2)
    ingest(shop, Sources(items=write("good.csv", ITEMS)), embedder=HashingEmbedder())
    assert not list((shop / "rejects").glob("*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""), ("binary.csv", bytes(range(256)) * 10), ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00"), ("no_id.csv", b"title\nx\n"), ("all_bad.csv", b"item_id,title\n,a\n,b\n"),
        ("cut.json", b'[{"item_id": 1, "title": "x"},'),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_changes_nothing(tmp_path: Path, sources: Sources, write: Any, name: str, content: bytes) -> None:
    shop = tmp_path / "shop"
    with pytest.raises(ChatrecError):
        ingest(shop, Sources(items=write(name, content)), embedder=HashingEmbedder())
    assert not shop.exists()
    ingest(shop, sources, embedder=HashingEmbedder())
    before = state(shop)
    with pytest.raises((IngestError, ShopNotReady)):
        ingest(shop, Sources(items=write(name, content)), embedder=HashingEmbedder())
    assert state(shop) == before


def test_strict_changes_nothing(tmp_path: Path, sources: Sources, write: Any) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=HashingEmbedder())
    before = state(shop)
    with pytest.raises(RejectedRows, match=r"bad\.csv, line 2"):
        ingest(shop, Sources(items=write("bad.csv", "item_id,title\n,x\n")), strict=True, embedder=HashingEmbedder())
    assert state(shop) == before


def test_a_bad_later_file_stops_everything_before_anything_is_written(tmp_path: Path, sources: Sources, write: Any) -> None:
    shop = tmp_path / "shop"
    with pytest.raises(UnreadableFile):
        ingest(shop, Sources(items=sources.items, orders=write("o.csv", b"")), embedder=HashingEmbedder())
    assert not shop.exists()


class FailingEmbedder(HashingEmbedder):
    """Gives up when it meets a new item."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any("seven" in t for t in texts):
            raise RuntimeError("out of memory")
        return super().encode(texts)


def test_a_failed_build_leaves_rows_and_generation(tmp_path: Path, sources: Sources, write: Any) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=FailingEmbedder())
    before = state(shop)
    with pytest.raises(RuntimeError, match="out of memory"):
        ingest(shop, Sources(items=write("items.csv", ITEMS.replace("number 7", "seven"))), embedder=FailingEmbedder())
    assert state(shop) == before
    assert not list(shop.glob(".staging-*"))


def test_a_failed_publish_leaves_the_rows(tmp_path: Path, sources: Sources, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=HashingEmbedder())
    before = state(shop)

    def full(self: Any, manifest: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chatrec.storage.generations.Draft.publish", full)
    with pytest.raises(OSError, match="No space"):
        ingest(shop, Sources(items=write("items.csv", ITEMS.replace("number 7", "seven"))), embedder=HashingEmbedder())
    monkeypatch.undo()
    assert state(shop) == before


def test_items_are_needed_first(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(ShopNotReady, match="items"):
        ingest(tmp_path / "shop", Sources(policies=sources.policies), embedder=HashingEmbedder())


def test_the_shops_currency_comes_from_its_settings(tmp_path: Path, write: Any) -> None:
    write("shop/chatrec.toml", '[shop]\ncurrency = "EUR"\n')
    ingest(tmp_path / "shop", Sources(items=write("items.csv", ITEMS)), embedder=HashingEmbedder())
    assert {i.currency for i in state(tmp_path / "shop")[0]} == {"EUR"}


_VICTIM = """
import sys
from pathlib import Path
from chatrec.catalog.ingest import EMBEDDINGS, ingest
from chatrec.catalog.sources import Sources
from chatrec.testing.embedders import HashingEmbedder
def tell(stage, done, total):
    print(stage, flush=True)
ingest(Path(sys.argv[1]), Sources(items=Path(sys.argv[2])), progress=tell, embedder=HashingEmbedder())
print("finished", flush=True)
"""


@pytest.mark.parametrize("at", ["embedding items", "indexing", "writing rows"])
def test_a_killed_ingest_leaves_whole_rows_and_a_whole_generation(tmp_path: Path, sources: Sources, write: Any, at: str) -> None:
    shop = tmp_path / "shop"
    ingest(shop, sources, embedder=HashingEmbedder())
    before = state(shop)
    new = write("new.csv", ITEMS.replace("Kettle", "Teapot"))
    with subprocess.Popen(
        [sys.executable, "-c", _VICTIM, str(shop), str(new)], stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as victim:
        assert victim.stdout is not None
        for line in victim.stdout:
            if line.strip() in (at, "finished"):
                time.sleep(0.01)
                victim.send_signal(signal.SIGKILL)
                break
    after = state(shop)
    titles = {i.title.split()[0] for i in after[0]} - {"Mug", "Pan"}
    assert titles in ({"Kettle"}, {"Teapot"})
    if at != "writing rows":  # the last instant, in which both are switched
        assert after == before
    assert after[1:-1] == before[1:-1]
    current = Generations(shop).current()
    assert current is not None and current.damage() == []
    assert ingest(shop, Sources(items=new), embedder=HashingEmbedder()).items == 30
