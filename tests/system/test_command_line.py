"""The commands, given bad input: one clear line and an exit status, never a traceback, and nothing half done."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.cli.main import main
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command as the shell would; gives status, standard output and standard error."""

    def command(*arguments: object, said: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chatrec", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return status, shown.out, shown.err

    return command


def as_file(folder: Path, content: str | bytes, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


GOOD = "item_id,title,price\n" + "".join(f"k{n},Kettle number {n},{n + 1}.50\n" for n in range(12))
UNUSABLE = {
    "no title column": ("item_id,colour\n1,red\n", "title"),
    "no id column": ("colour,title\nred,Kettle\n", "item_id"),
    "an empty file": ("", "empty"),
    "a header alone": ("item_id,title\n", ""),
    "nothing but bad rows": ("item_id,title\n,Kettle\n,Mug\n", "line 2"),
    "a binary file": (bytes(range(256)) * 40, ""),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02\x03" * 300, ""),
    "NUL bytes": (b"item_id,title\n\x00\x00\x00\x00,\x00\n" * 50, ""),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_ingest_of_a_file_that_cannot_be_used(run: Run, tmp_path: Path, what: str) -> None:
    content, words = UNUSABLE[what]
    status, _, err = run("ingest", "--shop", tmp_path / "shop", "--items", as_file(tmp_path, content))
    assert status == 1
    assert "chatrec: " in err and words in err
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("items.json", b'[{"item_id": 1, "title": "x"}'), ("items.jsonl", b"not json\nnor this\n"), ("items.yaml", b"- {a: [\n"), ("items.parquet", b"PAR1 no"),
        ("items.csv.gz", b"\x1f\x8b\x08\x00broken"), ("items.xlsx", b"PK\x03\x04"), ("items.json", b"7"), ("items.json", b'{"a": 1}'),
    ],
)  # fmt: skip
def test_ingest_of_a_broken_format(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    status, _, err = run("ingest", "--shop", tmp_path / "shop", "--items", as_file(tmp_path, content, name))
    assert status == 1 and "chatrec: " in err
    assert not (tmp_path / "shop").exists()


def test_ingest_of_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    status, _, err = run("ingest", "--shop", tmp_path / "shop", "--items", tmp_path / "nothing.csv")
    assert status == 1 and "nothing.csv" in err
    assert not (tmp_path / "shop").exists()
    status, _, err = run("ingest", "--shop", tmp_path / "shop")
    assert status == 2 and "--items" in err


def test_strict_stops_at_the_first_bad_row_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    bad = as_file(tmp_path, GOOD + "k99,Kettle,-3\n")
    status, _, err = run("ingest", "--shop", tmp_path / "shop", "--items", bad, "--strict")
    assert status == 1 and "line 14" in err and "price" in err and "-3" in err
    assert not (tmp_path / "shop").exists()


def test_a_bad_mapping_is_named(run: Run, tmp_path: Path) -> None:
    mapping = as_file(tmp_path, '[items.columns]\nnaem = "title"\n[itmes]\nx = 1\n', "mapping.toml")
    status, _, err = run("ingest", "--shop", tmp_path / "shop", "--items", as_file(tmp_path, GOOD), "--mapping", mapping)
    assert status == 1 and "itmes" in err


DIRTY = (
    "item_id,title,price,stock,rating,category\n"
    "a,Kettle A,12.50,3,4.5,Kettles\n"
    "a,Kettle A again,13.00,3,4.5,Kettles\n"
    "b,Kettle B,NaN,2,4.0,Kettles\n"
    "c,Kettle C,-5,1,4.0,Kettles\n"
    "d,Kettle D,inf,1,4.0,Kettles\n"
    "e,,9.00,1,4.0,Kettles\n"
    ",Kettle F,9.00,1,4.0,Kettles\n"
    "g,Kettle G,9.00,-2,4.0,Kettles\n"
    "h,Kettle H,9.00,many,4.0,Kettles\n"
    "i,Kettle I,9.00,1,99,Kettles\n"
    "j,Kettle J,nine,1,4.0,Kettles\n"
    "k,Kettle K,9.00,1,4.0,Kettles,one,cell,too,many\n"
    "l,Kettle L\n"
    "m,Kettle M,1e999,1,4.0,Kettles\n"
)
# line, column, part of the reason
FAULTS = (
    (3, "item_id", ""), (4, "price", ""), (5, "price", "negative"), (6, "price", ""), (7, "title", "missing"), (8, "item_id", "missing"), (9, "stock", "negative"),
    (10, "stock", ""), (11, "rating", ""), (12, "price", ""), (15, "price", ""),
)  # fmt: skip


def test_every_dirty_cell_is_reported_and_nothing_is_lost_silently(tmp_path: Path) -> None:
    report = ingest(tmp_path / "shop", Sources(items=as_file(tmp_path, DIRTY)), embedder=HashingEmbedder())
    with (tmp_path / "shop" / "rejects" / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for line, column, reason in FAULTS:
        found = [r for r in rows if int(r["line"]) == line and r["column"] == column]
        assert found and reason in found[0]["reason"] and found[0]["reason"], (line, column, [r for r in rows if int(r["line"]) == line])
        assert found[0]["file"] == "items.csv"
    assert any(int(r["line"]) == 13 for r in rows)  # the row with too many cells
    items = report.file("items")
    assert items is not None
    assert items.read == 14 == items.kept + items.merged + items.n_rejected
    for reason, count in {**items.rejected, **items.fields_dropped}.items():
        assert f"{reason}: {count}" in str(report)
    with Database.open(tmp_path / "shop", create=False) as database:
        held = {i.item_id: i for i in database.items.all()}
    assert all(i.price is None or (i.price.is_finite() and i.price >= 0) for i in held.values())
    assert held["a"].title == "Kettle A" and held["b"].price is None and held["l"].category == ""
    assert not {"e", ""} & set(held)


ENCODED = "item_id,title\nz,Zelt für Müßiggänger – 12 €\ny,Théière émaillée\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    ingest(tmp_path / "shop", Sources(items=as_file(tmp_path, ENCODED.encode(encoding))), embedder=HashingEmbedder())
    with Database.open(tmp_path / "shop", create=False) as database:
        assert [i.title for i in database.items.all()] == ["Zelt für Müßiggänger – 12 €", "Théière émaillée"]


def test_events_of_unknown_items_and_shoppers_are_counted(tmp_path: Path) -> None:
    events = "user_id,item_id,event,timestamp\nu1,k1,click,1\nu1,nope,click,2\n,k1,click,3\nu1,,click,4\nu1,k1,teleport,5\nu1,k1,click,yesterday\n"
    orders = "order_id,user_id,item_id,status\nO1,u1,k1,shipped\nO2,u1,nope,shipped\n,u1,k1,shipped\n"
    sources = Sources(
        items=as_file(tmp_path, GOOD), interactions=as_file(tmp_path, events, "events.csv"), orders=as_file(tmp_path, orders, "orders.csv")
    )
    report = ingest(tmp_path / "shop", sources, embedder=HashingEmbedder())
    log = report.file("interactions")
    assert log is not None and log.read == 6
    assert (log.kept, log.n_rejected, log.unknown_items, log.merged) == (1, 4, 1, 0)
    assert (tmp_path / "shop" / "rejects" / "interactions.csv").is_file()
    kept = report.file("orders")
    assert kept is not None and kept.read == kept.kept + kept.n_rejected + kept.merged and kept.n_rejected >= 1


@pytest.mark.parametrize("command", ["chat", "train", "evaluate", "forget"])
def test_a_folder_that_is_no_shop(run: Run, tmp_path: Path, command: str) -> None:
    more = ["--user", "u1"] if command == "forget" else ["--protocol", "grounding"] if command == "evaluate" else []
    status, _, err = run(command, "--shop", tmp_path, *more)
    assert status == 1
    (line,) = [line for line in err.splitlines() if line.strip()]
    assert line.startswith("chatrec: ") and "is not a shop" in line and f"chatrec ingest --shop {tmp_path}" in line


def test_the_doctor_names_what_is_wrong(run: Run, tmp_path: Path, shop: Path) -> None:
    for folder in (tmp_path, shop):
        (folder / "chatrec.toml").write_text('[model]\nengine = "template"\n', encoding="utf-8")
    status, out, _ = run("doctor", "--shop", tmp_path)
    assert status == 1 and "WRONG shop" in out
    (shop / "generations" / "000002" / "items.jsonl").write_text("{}", encoding="utf-8")
    status, out, _ = run("doctor", "--shop", shop)
    assert status == 1 and "WRONG shop" in out and "items.jsonl has 2 bytes" in out and "ingest again" in out


def test_ingest_says_what_became_of_every_row(by_command: Path) -> None:
    said = (by_command / "ingest.txt").read_text(encoding="utf-8")
    for words in (
        "45 rows read, 45 kept",
        "240 rows read, 240 kept",
        "40 items in generation 1",
        "next: chatrec train --shop",
        "then: chatrec chat --shop",
    ):
        assert words in said


CHAT = (
    "a kettle under 50", "<script>alert(1)</script>", "", "[bold red]a teapot[/] [link=https://a.example]x[/link]", "/like 1", "/like 99", "/like x", "/dislike",
    "/drop 77", "/diversity 7", "/diversity 0.9", "/receipt", "/nonsense", "\x1b[2J\x1b[31m", "k" * 5000, "/new", "where is my order?", "/quit",
)  # fmt: skip


def test_a_terminal_chat_survives_everything(run: Run, by_command: Path, tmp_path: Path) -> None:
    shop = Path(shutil.copytree(by_command / "shop", tmp_path / "shop"))
    status, out, err = run("chat", "--shop", shop, "--engine", "template", said="\n".join(CHAT) + "\n")
    assert status == 0, err
    assert out.count("bot>") >= 8
    assert "Kettle" in out and "diversity is 7.0; it lies between 0 and 1" in out and "first 2000 characters" in out and "sign in" in out
    assert "\x1b[2J" not in out
    status, out, err = run("chat", "--shop", shop, "--engine", "template", "--user", "nobody", said="a kettle\n")
    assert "knows no shopper" in out + err
    held = Generations(shop).current()
    assert held is not None
    with Generations(shop).own(held):  # somebody else has the shop open
        status, out, err = run("chat", "--shop", shop, "--engine", "template", said="a kettle\n")
        assert status == 1 and "is in use by" in err
    status, out, _ = run("forget", "--shop", shop, "--user", "u1")
    assert status == 0 and "events" in out
