"""One owner an index folder; ingest and train beside a running shop; folders that vanish."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.domain.reply import Cards, Done
from chatrec.errors import GenerationError, IndexInUse, SessionError, ShopError, ShopNotFound, ShopNotReady
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder

from .shop import COLUMNS, environment, open_shop, product_rows, python, say, train_shop, write_table

OWNER = """
import sys
from chatrec import ChatRec
from chatrec.testing.embedders import HashingEmbedder
with ChatRec.open(sys.argv[1], settings={"model": {"engine": "template"}}, embedder=HashingEmbedder()) as bot:
    print("open", flush=True)
    for line in sys.stdin:
        print(len(list(bot.reply("child", line))), flush=True)
"""
INGEST = """
import sys
from pathlib import Path
from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.testing.embedders import HashingEmbedder
print(ingest(Path(sys.argv[1]), Sources(items=Path(sys.argv[2])), embedder=HashingEmbedder()).generation)
"""


@contextmanager
def owner_of(shop: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has this shop open."""
    with subprocess.Popen(
        python("-c", OWNER, str(shop)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as child:
        assert child.stdin and child.stdout
        assert child.stdout.readline() == "open\n"
        try:
            yield child
        finally:
            child.stdin.close()
            child.wait(30)


def changed_items(folder: Path, **changes: dict[str, str]) -> Path:
    """The products with some of them changed; a product whose change is empty is left out."""
    rows = [{**row, **changes.get(row["item_id"], {})} for row in product_rows() if changes.get(row["item_id"], {"x": ""})]
    return write_table(folder / "changed.csv", COLUMNS, rows)


def test_a_second_process_is_refused_and_the_first_goes_on(shop: Path) -> None:
    with owner_of(shop) as child:
        with pytest.raises(IndexInUse, match=rf"000002 is in use by process {child.pid}; close that one first"):
            open_shop(shop)
        assert child.stdin and child.stdout
        child.stdin.write("a kettle under 50\n")
        child.stdin.flush()
        assert int(child.stdout.readline()) > 3
    with open_shop(shop) as bot:  # the owner is gone: the folder is free
        assert say(bot, "s", "a kettle").ids


def test_a_killed_owner_leaves_the_folder_free(shop: Path) -> None:
    with owner_of(shop) as child:
        child.kill()
    with open_shop(shop) as bot:
        assert say(bot, "s", "a kettle").ids


def test_the_same_process_is_refused_too(bot: ChatRec) -> None:
    with pytest.raises(IndexInUse, match="this process itself"):
        open_shop(bot.folder)
    assert say(bot, "s", "a kettle").ids


def test_ingest_in_another_process_is_taken_up_at_the_next_turn(bot: ChatRec, tmp_path: Path) -> None:
    before = say(bot, "s", "the cheapest kettle")
    assert before.done.receipt.generation == 2
    changed = changed_items(
        tmp_path,
        t8={"title": "Bray & Moss Camp Kettle", "price": "21.00", "description": "Cheaper since the spring."},
        t1={"title": "Corrow Gooseneck Gold Kettle", "price": "19.00"},
    )
    done = subprocess.run(
        python("-c", INGEST, str(bot.folder), str(changed)), capture_output=True, text=True, env=environment(), timeout=120, check=True
    )
    assert done.stdout.strip() == "3"
    after = say(bot, "s", "the cheapest kettle")
    assert after.done.receipt.generation == 3
    assert after.ids[0] == "t1" and after.cards[0].title == "Corrow Gooseneck Gold Kettle"
    assert "$19.00" in after.text
    assert bot.about()["generation"] == 3 and not bot.about()["absent"]
    Generations(bot.folder).own(Generations(bot.folder).open(2)).release()  # the old folder was given up


def test_a_turn_under_way_ends_on_its_own_generation(bot: ChatRec, tmp_path: Path) -> None:
    events = bot.reply("slow", "a kettle under 50")
    cards = next(e for e in events if isinstance(e, Cards))
    gone = cards.cards[0].item_id
    ingest(bot.folder, Sources(items=changed_items(tmp_path, **{gone: {}})), embedder=HashingEmbedder())
    assert gone not in say(bot, "quick", "a kettle under 50").ids
    with pytest.raises(IndexInUse):
        Generations(bot.folder).own(Generations(bot.folder).open(2))  # still in use by the slow turn
    done = list(events)[-1]
    assert isinstance(done, Done) and done.receipt.generation == 2
    assert gone in [row["item_id"] for row in done.receipt.shown]
    Generations(bot.folder).own(Generations(bot.folder).open(2)).release()
    # what the session remembers may be gone: every way of asking about it still gets an answer
    for line in ("tell me about the first one", "compare the first two", "something like the first", "why the first one?", "not that one"):
        turn = say(bot, "slow", line)
        assert turn.text and gone not in turn.ids


def test_training_beside_a_running_shop_is_taken_up(bot: ChatRec) -> None:
    train_shop(bot.folder)
    turn = say(bot, "s", "a kettle", "u1")
    assert turn.done.receipt.generation == 3 and turn.done.receipt.degraded == []


def test_old_generations_go_when_nobody_uses_them(bot: ChatRec, tmp_path: Path) -> None:
    changed = changed_items(tmp_path, t8={})
    for _ in range(3):
        ingest(bot.folder, Sources(items=changed), embedder=HashingEmbedder())
    assert Generations(bot.folder).numbers() == [2, 4, 5]  # 2 is still held by the running shop
    assert say(bot, "s", "a kettle").done.receipt.generation == 5
    train_shop(bot.folder)
    assert Generations(bot.folder).numbers() == [5, 6]


def test_a_new_generation_that_another_process_took_first_leaves_the_old_one_serving(
    bot: ChatRec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(bot, "s", "a kettle under 50")
    ingest(bot.folder, Sources(items=changed_items(tmp_path, t8={})), embedder=HashingEmbedder())
    generations = Generations(bot.folder)
    current = generations.current()
    assert current is not None and current.number == 3
    with generations.own(current):
        turn = say(bot, "s", "a teapot")
        assert turn.ids and turn.done.receipt.generation == 2
        assert turn.done.receipt.degraded == ["catalogue: generation 3 cannot be opened, 2 serves"]
    monkeypatch.setattr("chatrec.serving.RETRY_S", 0.0)
    turn = say(bot, "s", "a teapot")
    assert (turn.done.receipt.generation, turn.done.receipt.degraded) == (3, ["collaborative filtering: not trained yet"]) or (
        turn.done.receipt.generation == 3 and not turn.done.receipt.degraded
    )


def test_a_damaged_new_generation_leaves_the_old_one_serving(bot: ChatRec, tmp_path: Path) -> None:
    ingest(bot.folder, Sources(items=changed_items(tmp_path, t8={})), embedder=HashingEmbedder())
    (bot.folder / "generations" / "000003" / "items.jsonl").write_text("{half", encoding="utf-8")
    turn = say(bot, "s", "a kettle under 50")
    assert turn.ids and turn.done.receipt.generation == 2 and "catalogue" in turn.done.receipt.degraded[0]


@pytest.mark.parametrize(
    "part", ["chroma", "bm25", "vectors.npy", "items.jsonl", "facts.jsonl", "contract.json", "manifest.json", "passages.json"]
)
def test_a_lost_part_of_the_index_is_a_clear_error(shop: Path, part: str) -> None:
    path = shop / "generations" / "000002" / part
    assert path.exists()
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(GenerationError, match="again"):
        open_shop(shop)
    # nothing is held back: after a new ingest the shop opens
    ingest(shop, Sources(items=write_table(shop / "again.csv", COLUMNS, product_rows())), embedder=HashingEmbedder())
    with open_shop(shop) as bot:
        assert say(bot, "s", "a kettle").ids


def test_a_shop_without_its_collaborative_filter_says_so_and_goes_on(shop: Path) -> None:
    shutil.rmtree(shop / "generations" / "000002" / "cf")
    with open_shop(shop) as bot:
        turn = say(bot, "s", "a kettle")
        assert turn.ids and any("collaborative filtering" in line for line in turn.done.receipt.degraded)


@pytest.mark.parametrize("what", ["generations", "generations/000002", "generations/CURRENT"])
def test_an_index_deleted_while_serving_is_a_clear_error(bot: ChatRec, what: str) -> None:
    say(bot, "s", "a kettle")
    path = bot.folder / what
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for session_id in ("s", "t"):
        with pytest.raises((ShopNotReady, GenerationError), match="ingest"):
            say(bot, session_id, "a teapot")
    bot.close()
    with pytest.raises(SessionError, match="closed; open it again"):
        say(bot, "s", "a teapot")


def test_an_index_that_comes_back_is_served_again(bot: ChatRec, copied: Callable[[str], Path]) -> None:
    spare = copied("spare")
    shutil.rmtree(bot.folder / "generations")
    with pytest.raises(ShopNotReady):
        say(bot, "s", "a kettle")
    shutil.copytree(spare / "generations", bot.folder / "generations")
    assert say(bot, "s", "a kettle").ids


def test_another_embedder_than_the_one_that_built_the_index_is_refused(shop: Path) -> None:
    settings = {"model": {"engine": "template"}}
    with pytest.raises(GenerationError, match="embedded by 'hashing-64', but this process embeds with 'hashing-32'"):
        ChatRec.open(shop, settings=settings, embedder=HashingEmbedder(32))
    with open_shop(shop) as bot:  # the refused attempt holds nothing back
        assert say(bot, "s", "a kettle").ids


def test_what_is_no_shop_is_refused(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "nowhere", tmp_path / "empty", shop / "shop.db", Path("\x00") / "x"):
        with pytest.raises(ShopNotFound, match="chatrec ingest"):
            open_shop(place)
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "shop.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(ShopError, match="check that it is the shop's database"):
        open_shop(tmp_path / "spoilt")
    for name in ("bare", "tables"):
        (tmp_path / name).mkdir()
    (tmp_path / "bare" / "shop.db").write_bytes(b"")
    Database.open(tmp_path / "tables" / "shop.db").close()
    for name in ("bare", "tables"):
        with pytest.raises(ShopNotReady, match="chatrec ingest"):
            open_shop(tmp_path / name)
