from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chatrec.catalog.readers import KEY, SEQUENCE, Layout, read_table
from chatrec.errors import RejectedRows, UnreadableFile

ROWS: list[dict[str, Any]] = [
    {"item_id": "a1", "title": "Blue kettle", "price": 19.9},
    {"item_id": "a2", "title": "Red, round mug", "price": 7.5},
    {"item_id": "a3", "title": 'Pan 12" wide', "price": 31.0},
]
CSV = 'item_id,title,price\na1,Blue kettle,19.9\na2,"Red, round mug",7.5\na3,"Pan 12"" wide",31.0\n'
YAML = "".join(f"- item_id: {r['item_id']}\n  title: {json.dumps(r['title'])}\n  price: {r['price']}\n" for r in ROWS)


def cells(table: Any) -> list[dict[str, str]]:
    return [{k: str(v) for k, v in row.cells.items() if k != KEY} for row in table.rows]


EXPECTED = [{k: str(v) for k, v in row.items()} for row in ROWS]
FORMATS = {
    "items.csv": CSV,
    "items.tsv": CSV.replace('"Red, round mug"', "Red; round mug").replace(",", "\t").replace("Red;", "Red,"),
    "items.jsonl": "".join(json.dumps(r) + "\n" for r in ROWS),
    "items.json": json.dumps(ROWS, indent=2),
    "keyed.json": json.dumps({r["item_id"]: r for r in ROWS}),
    "wrapped.json": json.dumps({"products": ROWS}),
    "items.yaml": YAML,
}


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(write: Any, name: str, gz: str) -> None:
    assert cells(read_table(write(name + gz, FORMATS[name]))) == EXPECTED


def test_parquet(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "items.parquet")
    (tmp_path / "items.parquet.gz").write_bytes(gzip.compress((tmp_path / "items.parquet").read_bytes()))
    assert cells(read_table(tmp_path / "items.parquet")) == EXPECTED
    assert cells(read_table(tmp_path / "items.parquet.gz")) == EXPECTED


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("items.csv", "items.json", "json"),
        ("items.json", "items.csv", "csv"),
        ("items.csv", "items.jsonl", "jsonl"),
        ("items.jsonl", "items.json", "json"),
        ("items", "items.csv", "csv"),
    ],
)
def test_a_wrong_extension_is_noticed_and_the_content_decides(write: Any, name: str, content: str, found: str) -> None:
    table = read_table(write(name, FORMATS[content]))
    assert (table.format, cells(table)) == (found, EXPECTED)
    assert any("named like" in n for n in table.notes) == (name != "items")


def test_gzip_without_its_extension(write: Any) -> None:
    assert cells(read_table(write("items.csv", gzip.compress(CSV.encode())))) == EXPECTED


def test_lines_of_rows(write: Any) -> None:
    text = 'item_id,title\na1,"one\ntwo"\n\na2,three\n'
    table = read_table(write("i.csv", text))
    assert [(r.line, r.cells["title"]) for r in table.rows] == [(2, "one\ntwo"), (5, "three")]
    assert table.blank == 1
    table = read_table(write("i.json", '[\n {"item_id": 1},\n\n {"item_id": 2}\n]'))
    assert [r.line for r in table.rows] == [2, 4]
    assert [r.line for r in read_table(write("i.yaml", "- item_id: 1\n  title: x\n- item_id: 2\n")).rows] == [1, 3]


def test_an_open_quote_costs_one_row_and_not_the_rest_of_the_file(write: Any) -> None:
    text = 'item_id,title\na1,fine\na2,"never closed\n' + "".join(f"b{n},good {n}\n" for n in range(50))
    table = read_table(write("i.csv", text))
    found = [r.cells["item_id"] for r in table.rows]
    assert found == ["a1"] + [f"b{n}" for n in range(50)]
    assert [(r.line, "quote" in r.reason) for r in table.rejects.kept] == [(3, True)]


def test_an_open_quote_that_a_later_row_closes(write: Any) -> None:
    text = 'item_id,title,price\na1,"open,1\na2,"fine, here",2\na3,plain,3\n'
    table = read_table(write("i.csv", text))
    assert [r.cells["item_id"] for r in table.rows] == ["a2", "a3"]
    assert [r.line for r in table.rejects.kept] == [2]


def test_too_many_cells_are_a_reject_and_too_few_are_noted(write: Any) -> None:
    table = read_table(write("i.csv", "item_id,title,price\na1,x,1,extra\na2,y\na3,z,3,,\n"))
    assert [dict(r.cells) for r in table.rows] == [
        {"item_id": "a2", "title": "y", "price": ""},
        {"item_id": "a3", "title": "z", "price": "3"},
    ]
    assert [(r.line, r.reason) for r in table.rejects.kept] == [(2, "4 cells where the header has 3")]
    assert table.short == 1


def test_inch_marks_in_plain_cells_are_no_quotes(write: Any) -> None:
    table = read_table(write("i.csv", 'item_id,title\na1,Pipe 5" long\na2,Pipe 6" long\n'))
    assert [r.cells["title"] for r in table.rows] == ['Pipe 5" long', 'Pipe 6" long']


def test_semicolons_and_named_headers(write: Any) -> None:
    assert cells(read_table(write("i.csv", "item_id;title\n1;a, b\n"))) == [{"item_id": "1", "title": "a, b"}]
    table = read_table(write("u.data", "1\t2\t5\t880\n"), Layout(header=("user_id", "item_id", "rating", "timestamp")))
    assert cells(table) == [{"user_id": "1", "item_id": "2", "rating": "5", "timestamp": "880"}]


def test_doubled_and_missing_column_names(write: Any) -> None:
    table = read_table(write("i.csv", "item_id,title,title,,x,,\n1,a,b,c,d,,\n"))
    assert table.columns == ("item_id", "title", "title (2)", "column 4", "x")


def test_yaml_keeps_the_words_of_the_file(write: Any) -> None:
    table = read_table(write("i.yaml", "- {item_id: 007, brand: No, price: 19.90, note: null, quoted: 'null'}\n"))
    assert dict(next(iter(table.rows)).cells) == {"item_id": "007", "brand": "No", "price": "19.90", "note": None, "quoted": "null"}


def test_json_prices_keep_their_digits_and_nan_is_seen(write: Any) -> None:
    rows = list(read_table(write("i.json", '[{"item_id": 1, "price": 19.90}, {"item_id": 2, "price": NaN}]')).rows)
    assert str(rows[0].cells["price"]) == "19.90"
    assert rows[1].cells["price"] != rows[1].cells["price"]


def test_sequences(write: Any) -> None:
    text = read_table(write("s.txt", "u1 a b c\nu2 d\n\nlonely\n"), sequences=True)
    assert [(r.cells[KEY], r.cells[SEQUENCE]) for r in text.rows] == [("u1", ["a", "b", "c"]), ("u2", ["d"])]
    assert [r.line for r in text.rejects.kept] == [4]
    table = read_table(write("s.json", '{"u1": [1, 2], "u2": [3]}'), sequences=True)
    assert [(r.cells[KEY], r.cells[SEQUENCE]) for r in table.rows] == [("u1", [1, 2]), ("u2", [3])]


def test_bad_json_lines_are_rejected_one_by_one(write: Any) -> None:
    table = read_table(write("i.jsonl", '{"item_id": 1}\n{"item_id": \n[1]\n{"item_id": 2}\n'))
    assert [r.cells["item_id"] for r in table.rows] == [1, 2]
    assert [r.line for r in table.rejects.kept] == [2, 3]
    assert table.rejects.uncut == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("i.csv", b"", "is empty"),
        ("i.csv", b" \n\n\t\n", "is empty"),
        ("i.csv", b"\xef\xbb\xbf", "is empty"),
        ("i.csv", b"item_id,title\n", "holds no rows"),
        ("i.csv", bytes(range(256)) * 40, "binary data"),
        ("i.csv", b"PK\x03\x04" + bytes(200), "Excel"),
        ("i.csv", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        ("i.csv", b"SQLite format 3\x00" + bytes(100), "SQLite"),
        ("i.csv", gzip.compress(CSV.encode() * 50)[:-20], "ends too early"),
        ("i.csv.gz", b"\x1f\x8b" + b"not gzip at all", "damaged gzip"),
        ("i.json", b'[{"item_id": 1},\n{"item_id": 2}', "line 2"),
        ("i.json", b'{"a": {"x": 1}\n "b": 2}', "line 2"),
        ("i.json", b"[" * 100_000, "nested too deeply"),
        ("i.yaml", b"- a: 1\n  b: [1,\n- c: 2\n", "not valid YAML"),
        ("i.yaml", b"just words\n", "neither a list nor a mapping"),
        ("i.parquet", b"PAR1 but not really" + bytes(50), "not a readable Parquet"),
        ("i.html", b"<html><body>404</body></html>", "HTML"),
        ("i.jsonl", b"{oops\n{again\n", "holds no rows"),
    ],
)  # fmt: skip
def test_unreadable_files_say_why(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        list(read_table(path).rows)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        read_table(tmp_path / "no.csv")
    with pytest.raises(UnreadableFile, match="is a folder"):
        read_table(tmp_path)


def test_strict_stops_at_a_row_that_cannot_be_cut(write: Any) -> None:
    with pytest.raises(RejectedRows, match="line 2"):
        list(read_table(write("i.csv", "item_id,title\na,b,c\n"), strict=True).rows)


def test_an_empty_table_may_be_meant(write: Any) -> None:
    table = read_table(write("r.csv", "item_id,text\n"), may_be_empty=True)
    assert list(table.rows) == []
    assert table.notes == ["a header and no rows"]
