"""The labelled sentences of the gate: evidence, a sentence, whether its record holds what it says, and why not.

``tests/generation/gate_sentences/``: ``dev_*.yaml`` are for mending the gate, ``test_*.yaml`` are frozen (``frozen.yaml`` keeps their
digests and the gate's version at that moment), ``mended.yaml`` judges what the gate made of a sentence that it did not let pass.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind

FOLDER = Path(__file__).parents[1] / "tests" / "generation" / "gate_sentences"
SPLITS = ("dev", "test")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence. ``is_true``: every claim of it is on record. ``kind`` is the kind of truth or of error; ``is_english`` is ``False``
    for broken grammar; ``by`` wrote it (``hand`` or a model with its temperature); ``previous`` are the citations of the sentence before.
    ``source`` is ``written`` (by hand), ``sampled`` (from a model), ``leaks`` (by hand, to prove single rules: dev only) or ``formats``
    (the markup of models that ignore the format)."""

    split: str
    source: str
    world: str
    text: str
    is_true: bool
    kind: str
    why: str
    is_english: bool
    by: str
    previous: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """All sentences, the evidence of each world, and the labels of mended texts by (world, text)."""

    sentences: tuple[Labelled, ...]
    worlds: dict[str, Evidence]
    mended: dict[tuple[str, str], bool]


def load(folder: Path = FOLDER) -> Sentences:
    """Everything in the folder, in the order of the files' names."""
    sentences: list[Labelled] = []
    worlds: dict[str, Evidence] = {}
    for path in sorted(folder.glob("*_*.yaml")):
        split, _, source = path.stem.partition("_")
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        worlds |= {name: _evidence(world) for name, world in document["worlds"].items()}
        sentences += [_labelled(split, source, world, line) for world, lines in document["sentences"].items() for line in lines]
    judged = yaml.safe_load((folder / "mended.yaml").read_text(encoding="utf-8")) or {}
    mended = {(world, text): bool(label) for world, texts in judged.items() for text, label in texts.items()}
    return Sentences(tuple(sentences), worlds, mended)


def digests(folder: Path = FOLDER) -> dict[str, str]:
    """The sha256 of each file of the frozen half."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("test_*.yaml"))}


def _labelled(split: str, source: str, world: str, line: dict[str, Any]) -> Labelled:
    return Labelled(
        split,
        source,
        world,
        line["text"],
        line["is"] is True,
        line["kind"],
        line.get("why", ""),
        line.get("english", True),
        line.get("by", "hand"),
        tuple(line.get("after", ())),
    )


def _evidence(world: dict[str, Any]) -> Evidence:
    items = tuple(EvidenceItem(n, f"id-{n}", i["name"], _facts(i.get("facts"))) for n, i in enumerate(world.get("items") or (), start=1))
    return Evidence(
        world["act"], world["shopper"], tuple(world.get("needs") or ()), items, _facts(world.get("notes")), _facts(world.get("passages"))
    )


def _facts(rows: list[dict[str, Any]] | None) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            FactKind(row["kind"]),
            row["name"],
            row["text"],
            str(row.get("value", "")),
            row.get("number"),
            row.get("unit", ""),
            row.get("source", ""),
            tuple(row.get("cites", ())),
        )
        for row in rows or ()
    )
