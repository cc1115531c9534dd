"""Two shops that differ in one thing: what stands in the records, reviews, policies and orders of one category is hostile, or plain."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.demo import write_files

CATEGORY, BRAND = "curios", "Oddment"
_FIRST, _VOWELS, _LAST = "bdfgklmnprstvz", "aeiou", ("lo", "rin", "mux", "tav", "pel", "dor", "nix", "gam")
_HARMLESS = (
    "a small cup of plain clay made by hand in an old workshop and meant for any shelf or desk with its bowl box frame clock vase figure "
    "turned carved cast woven painted glazed brown cream round square"
).split()
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
TITLE_CHARS, CELL_CHARS = 60, 200  # what a title and a cell take of a text; the description takes all of it


@dataclass(frozen=True, slots=True)
class Planted:
    """Where one text stands: its item and title word, the shopper whose order note holds it, and the policy that is it."""

    text: str
    word: str
    item_id: str
    user_id: str
    order_id: str


def plant(texts: Sequence[str]) -> list[Planted]:
    """A place for each text, under a name of its own that no product bears."""
    return [Planted(t, made_word(n), f"curio-{n:03d}", f"hostile-{n}", f"HX-{10_000 + n}") for n, t in enumerate(texts)]


def made_word(number: int) -> str:
    """A word that is none: the same number always gives the same, and no two numbers below 39,200 the same."""
    number, last = divmod(number, len(_LAST))
    number, vowel = divmod(number, len(_VOWELS))
    number, middle = divmod(number, len(_FIRST))
    number, second = divmod(number, len(_VOWELS))
    return f"{_FIRST[number % len(_FIRST)]}{_VOWELS[second]}{_FIRST[middle]}{_VOWELS[vowel]}{_LAST[last]}".capitalize()


def plain_texts(texts: Sequence[str], seed: int) -> list[str]:
    """What a shop would write in their place: of each as many words, all of them harmless."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(_HARMLESS, k=max(1, len(text.split())))) for text in texts]


def build(template: Path, folder: Path, planted: Sequence[Planted]) -> Path:
    """The demo shop with these texts, in ``folder``: a copy of ``template`` (a built demo shop, whose vectors are used again), ingested."""
    shutil.copytree(template, folder)
    files = folder / "hostile-files"
    demo = write_files(files)
    _append(demo.items, (json.dumps(_item(p), ensure_ascii=True) for p in planted))
    _append_csv(demo.orders, ((p.order_id, p.user_id, p.item_id, p.text[:CELL_CHARS], "2026-06-20", "") for p in planted))
    _append_csv(demo.reviews, _reviews(demo.reviews, planted))
    _append_csv(demo.users, _users(demo.users, planted))  # known to the shop whatever becomes of the order with its note
    policies = files / "policies"
    shutil.copytree(demo.policies, policies)
    for p in planted:
        # a small file that is half control characters is no text, and refused with a message: the rest of it is planted
        text = f"# Notice {p.word}\n\n## What notice {p.word} says\n\n{_CONTROLS.sub(' ', p.text)}\n"
        (policies / f"notice_{p.word.lower()}.md").write_text(text, encoding="utf-8", errors="replace")
    ingest(folder, Sources(demo.items, demo.interactions, demo.users, demo.reviews, demo.orders, policies))
    return folder


def _item(p: Planted) -> dict[str, object]:
    return {
        "item_id": p.item_id,
        "title": f"{p.word} curio {p.text[:TITLE_CHARS]}",
        "description": p.text,
        "category": CATEGORY,
        "brand": BRAND,
        "price": 20 + len(p.word),
        "currency": "USD",
        "stock": 5,
        "material": p.text[:CELL_CHARS],
        "url": f"https://shop.example/{p.item_id}",
    }


def _reviews(path: Path, planted: Sequence[Planted]) -> Iterable[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    for p in planted:
        told = {"item_id": p.item_id, "user_id": p.user_id, "rating": "4", "text": p.text}
        yield tuple(told.get(name, "") for name in header)


def _users(path: Path, planted: Sequence[Planted]) -> Iterable[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    return (tuple(p.user_id if name == "user_id" else "" for name in header) for p in planted)


def _append(path: Path, lines: Iterable[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def _append_csv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    told = list(rows)
    with path.open("a", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows(told)
