"""The shops that dialogues between people are played in, built from the same data sets at run time and kept in a folder."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec.catalog.sources import Sources
from chatrec.evaluation.built_shop import Mark, build_shop
from chatrec.evaluation.human_data import inspired_titles, title_key
from chatrec.shops import Progress

_BUILT = Mark("human.json", 1)
SHOPPING, MOVIES = "mg_shopdial", "movies"
_SHELVES = {
    "Books": "books", "Cellphones&Accessories": "cell phones and accessories", "Officeproducts": "office products",
    "SportsandOutdoors": "sports and outdoors",
}  # fmt: skip
LIKED_FROM = 3.5  # MovieLens ratings from here on count as a liking: the mean rating of the set is 3.5
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class MovieNames:
    """How the dialogues' names of movies lead to the shop's items. ``redial`` is ReDial's id -> item, ``titles`` a title's key -> item;
    ``of_redial`` are the items that ReDial lists: the candidates of its published figures."""

    redial: Mapping[str, str]
    titles: Mapping[tuple[str, str], str]
    of_redial: frozenset[str]


def shopping_shop(data: Path, shops: Path, report: Progress | None = None) -> Path:
    """The 57 products that the wizards of MG-ShopDial could show, as a shop."""
    folder = shops / SHOPPING
    if not _BUILT.stands_in(folder):
        rows = [row for name, shelf in _SHELVES.items() for row in _products(data / "mg_shopdial" / "items" / f"{name}_items.json", shelf)]
        _ingest(folder, rows, None, report)
    return folder


def _products(path: Path, shelf: str) -> Iterator[dict[str, Any]]:
    for number, told in enumerate(json.loads(path.read_text(encoding="utf-8")), start=1):
        amount, rating = _AMOUNT.search(told.get("price") or ""), _AMOUNT.search(told.get("rating") or "")
        yield {
            "item_id": f"{shelf.split()[0]}-{number}",
            "title": told["name"],
            "category": shelf,
            "price": amount[0].replace(",", "") if amount else None,
            "currency": "USD",
            "rating": rating[0] if rating else None,
            "description": " ".join(filter(None, (told.get("short_description"), told.get("product_description")))),
        }


def movie_shop(data: Path, shops: Path, report: Progress | None = None) -> tuple[Path, MovieNames]:
    """A shop of movies: those of ReDial's list (genre, plot, people), of MovieLens (genre) and those that INSPIRED names (title alone).

    Who likes what is learnt from the ratings of MovieLens latest-small, by people of whom no dialogue speaks.
    """
    rows, names, of_movielens = _movies(data)
    folder = shops / MOVIES
    if not _BUILT.stands_in(folder):
        events = folder / "files" / "interactions.csv"
        events.parent.mkdir(parents=True, exist_ok=True)
        _write_likings(data / "movielens" / "ml-latest-small" / "ratings.csv", of_movielens, events)
        _ingest(folder, rows, events, report)
    return folder, names


def _movies(data: Path) -> tuple[list[dict[str, Any]], MovieNames, dict[str, str]]:
    """The rows of the shop, the names, and MovieLens' id -> item."""
    rows: dict[str, dict[str, Any]] = {}
    titles: dict[tuple[str, str], str] = {}
    redial: dict[str, str] = {}
    for own_id, told in json.loads((data / "redial_valid" / "id2info.json").read_text(encoding="utf-8")).items():
        item_id = titles.setdefault(title_key(told["name"]), f"r{own_id}")
        redial[own_id] = item_id
        rows.setdefault(item_id, _redial_row(item_id, told))
    of_redial = frozenset(rows)
    of_movielens = dict(_add_movielens(data / "movielens" / "ml-latest-small" / "movies.csv", rows, titles))
    for number, title in enumerate(inspired_titles(data / "inspired")):
        item_id = _find(title, titles) or f"i{number}"
        titles.setdefault(title_key(title), item_id)
        rows.setdefault(item_id, {"item_id": item_id, "title": title, "year": title_key(title)[1]})
    return list(rows.values()), MovieNames(redial, titles, of_redial), of_movielens


def _redial_row(item_id: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "title": " ".join(told["name"].split()),
        "description": told.get("plot") or "",
        "genre": told.get("genre") or [],
        "director": told.get("director") or [],
        "star": told.get("star") or [],
        "year": title_key(told["name"])[1],
    }


def _add_movielens(path: Path, rows: dict[str, dict[str, Any]], titles: dict[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for told in csv.DictReader(file):
            item_id = _find(told["title"], titles) or f"m{told['movieId']}"
            titles.setdefault(title_key(told["title"]), item_id)
            genres = [g.casefold() for g in told["genres"].split("|") if not g.startswith("(")]
            rows.setdefault(item_id, {"item_id": item_id, "title": told["title"], "genre": genres, "year": title_key(told["title"])[1]})
            yield told["movieId"], item_id


def _find(title: str, titles: Mapping[tuple[str, str], str]) -> str | None:
    """The item of this title: of the same year, of none, or of the year beside (festival and cinema release differ by one)."""
    name, year = title_key(title)
    near = [year, "", *(str(int(year) + step) for step in (-1, 1) if year)]
    return next((titles[name, y] for y in near if (name, y) in titles), None)


def _write_likings(ratings: Path, items: Mapping[str, str], to: Path) -> None:
    """Ratings that say "liked", as the event log of the shop."""
    with ratings.open(encoding="utf-8", newline="") as read, to.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(("user_id", "item_id", "event", "timestamp"))
        for row in csv.DictReader(read):
            if float(row["rating"]) >= LIKED_FROM and row["movieId"] in items:
                writer.writerow((row["userId"], items[row["movieId"]], "like", row["timestamp"]))


def _ingest(folder: Path, rows: list[dict[str, Any]], events: Path | None, report: Progress | None) -> None:
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    items = files / "items.jsonl"
    items.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    build_shop(folder, Sources(items=items, interactions=events), _BUILT, report)
