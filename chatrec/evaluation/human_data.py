"""Dialogues between people, read into one form: who said what, and which items were named in it.

Nothing of these sets is kept: they are read from the folder that the shop's analyst names, at every run.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_ARTICLE = re.compile(r"^(.*), (the|an|a)$")
_MENTION = re.compile(r"@(\d+)")
QUOTE = "QUOTATION_MARK"  # how INSPIRED writes a double quote


@dataclass(frozen=True, slots=True)
class Uttered:
    """What one side said before the other spoke again. ``items`` are the ids named, in order, each once; ``words`` is the text without
    the names."""

    by_shopper: bool
    text: str
    words: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HumanDialogue:
    """One dialogue; the two sides take turns."""

    dialogue_id: str
    turns: tuple[Uttered, ...]


@dataclass(frozen=True, slots=True)
class Movie:
    """A row of the shop that the movie dialogues are about; ``row`` is as the catalogue's reader takes it."""

    item_id: str
    row: Mapping[str, Any]


def title_key(title: str) -> tuple[str, str]:
    """A title as it is compared, and its year ("" where it names none): "Matrix, The (1999)" is ("the matrix", "1999")."""
    found = _YEAR.search(title)
    name = _YEAR.sub("", title).strip().casefold()
    turned = _ARTICLE.match(name)
    name = f"{turned[2]} {turned[1]}" if turned else name
    return " ".join(re.findall(r"[^\W_]+", name)), found[1] if found else ""


def read_shopping(folder: Path) -> list[HumanDialogue]:
    """MG-ShopDial (Bernard and Balog, SIGIR 2023): the client's and the wizard's sides."""
    read = json.loads((folder / "MGShopDial.json").read_text(encoding="utf-8"))
    return [HumanDialogue(d["id"], _joined((u["participant"] == "Client", u["utterance"], (), "") for u in d["utterances"])) for d in read]


def read_redial(folder: Path, known: Mapping[str, str]) -> list[HumanDialogue]:
    """ReDial (Li et al., NeurIPS 2018). ``known`` is the set's own id of a movie -> the id of the item; others are no items."""
    found = []
    with (folder / "valid_data.jsonl").open(encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            names, seeker = dict(told["movieMentions"]), told["initiatorWorkerId"]
            messages = ((m["senderWorkerId"] == seeker, m["text"]) for m in told["messages"])
            turns = _joined((by, *_named(text, names, known)) for by, text in messages)
            found.append(HumanDialogue(str(told["conversationId"]), turns))
    return found


def _named(text: str, names: Mapping[str, str], known: Mapping[str, str]) -> tuple[str, tuple[str, ...], str]:
    """The text with names for ids, the items, and the text without either. A mention is what the text marks: the list of items that the
    file gives beside it leaves some out."""
    ids = tuple(known[i] for i in _MENTION.findall(text) if i in known)
    return _MENTION.sub(lambda m: " ".join((names.get(m[1]) or "").split()), text), ids, _MENTION.sub(" ", text)


def read_inspired(folder: Path, find: Mapping[tuple[str, str], str]) -> list[HumanDialogue]:
    """INSPIRED (Hayati et al., EMNLP 2020), development and test parts. ``find`` is the key of a title -> the id of the item."""
    found = []
    for name in ("dev", "test"):
        for dialogue_id, rows in groupby(_inspired_rows(folder, name), key=lambda r: r["dialog_id"]):
            found.append(HumanDialogue(f"{name}.{dialogue_id}", _joined(_inspired_line(row, find) for row in rows)))
    return found


def inspired_titles(folder: Path) -> list[str]:
    """The titles named in INSPIRED, as written there, each once."""
    rows = (row for name in ("dev", "test") for row in _inspired_rows(folder, name))
    return list(dict.fromkeys(title for row in rows for title in _titles(row["movies"])))


def _inspired_rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _titles(cell: str) -> list[str]:
    return [title.strip() for title in cell.split(";") if title.strip()]


def _inspired_line(row: Mapping[str, str], find: Mapping[tuple[str, str], str]) -> tuple[bool, str, tuple[str, ...], str]:
    text, words, titles = row["text"].replace(QUOTE, '"'), row["text"].replace(QUOTE, '"'), _titles(row["movies"])
    for title in titles:
        words = re.sub(re.escape(_YEAR.sub("", title)), " ", words, flags=re.IGNORECASE)
    return row["speaker"] == "SEEKER", text, tuple(i for t in titles if (i := find.get(title_key(t)))), words


def _joined(lines: Iterable[tuple[bool, str, tuple[str, ...], str]]) -> tuple[Uttered, ...]:
    """Lines of one side that follow each other are one turn."""
    turns = []
    for by_shopper, group in groupby(lines, key=lambda line: line[0]):
        said = list(group)
        items = tuple(dict.fromkeys(i for _, _, ids, _ in said for i in ids))
        text = " ".join(t.strip() for _, t, _, _ in said)
        turns.append(Uttered(by_shopper, text, " ".join((w or t).strip() for _, t, _, w in said), items))
    return tuple(turns)
