"""The worlds in which labelled utterances are read: small catalogues beside the demo shop, and dialogues that have begun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList
from chatrec.errors import ScriptError
from chatrec.evaluation.understanding_labels import Wanted, read_entry

if TYPE_CHECKING:
    from chatrec.catalog.shelf import CatalogueShelf

DEMO = "demo"
NEW = "new"


@dataclass(frozen=True)
class Worlds:
    """A folder of labelled utterances: ``shops/*.jsonl``, ``states.yaml``, ``families.yaml`` and the utterances themselves."""

    folder: Path

    def utterance_files(self, part: str) -> list[Path]:
        """The files of one part, sorted. Raises :class:`ScriptError` where there is none."""
        found = sorted(self.folder.glob(f"{part}*.txt"))
        if not found:
            raise ScriptError(f"{self.folder}: no file {part}*.txt; name a folder of labelled utterances")
        return found

    def shelf(self, name: str) -> CatalogueShelf:
        """The catalogue of this name as understanding sees it: without vectors and facts."""
        import numpy as np

        from chatrec.catalog.contract import Contract
        from chatrec.catalog.readers import read_table
        from chatrec.catalog.rows import item_rows
        from chatrec.catalog.shelf import CatalogueShelf

        with TemporaryDirectory() as folder:
            path = Path(folder) / "items.jsonl"
            path.write_text(self._records(name), encoding="utf-8")
            items = item_rows(read_table(path)).items
        return CatalogueShelf(items, [b"[]"] * len(items), np.zeros((len(items), 2), dtype=np.float32), Contract.of(items))

    def _records(self, name: str) -> str:
        if name == DEMO:
            with as_file(files("chatrec.demo") / "items") as source:
                return "".join(p.read_text(encoding="utf-8") for p in sorted(source.glob("*.jsonl")))
        path = self.folder / "shops" / f"{name}.jsonl"
        if not path.is_file():
            raise ScriptError(f"{path}: there is no such catalogue")
        return path.read_text(encoding="utf-8")

    @cached_property
    def states(self) -> dict[str, DialogueState]:
        """Dialogues by name. Raises :class:`ScriptError` for one that is not written as the format says."""
        written = self._yaml("states.yaml")
        try:
            return {NEW: DialogueState("s"), **{name: _state(about) for name, about in written.items()}}
        except (KeyError, TypeError, ValueError) as error:
            raise ScriptError(f"{self.folder / 'states.yaml'}: {error!r}") from error

    @cached_property
    def families(self) -> dict[str, dict[str, list[str]]]:
        """Field -> word -> values that a shop assistant may count under it ("blue": navy)."""
        return self._yaml("families.yaml")

    def _yaml(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, yaml.YAMLError) as error:
            raise ScriptError(f"{path}: {error}") from error


def _state(about: dict[str, Any]) -> DialogueState:
    needs = tuple(_opened(number, need) for number, need in enumerate(about.get("needs", ()), start=1))
    shown = tuple(ShownList(int(turn), int(need), tuple(str(ids).split())) for turn, need, ids in about.get("shown", ()))
    active: int | None = about.get("active", needs[-1].need_id if needs else None)
    turn = max([1, *(s.turn for s in shown)])
    asked = about.get("asked")
    question = OpenQuestion(active or 1, asked["field"], f"Which {asked['field']}?", tuple(asked["options"]), turn) if asked else None
    return DialogueState(
        "s",
        turn=turn,
        needs=needs,
        active_need=active,
        shown=shown,
        focus=tuple(str(about.get("focus", "")).split()),
        liked=tuple(str(about.get("liked", "")).split()),
        disliked=tuple(str(about.get("disliked", "")).split()),
        question=question,
        asked=(f"{active}:{question.field}",) if question else (),
        past=((),) * bool(needs),
    )


def _opened(number: int, need: dict[str, Any]) -> Need:
    wants = [read_entry(part.strip()).ways[0] for part in str(need.get("wants", "")).split(";") if part.strip()]
    return Need(number, str(need.get("query", "")), str(need.get("for", "")), tuple(stated(w, 1) for w in wants), opened_turn=1)


def stated(wanted: Wanted, turn: int = 0) -> Constraint:
    """The constraint that a label writes, its values as written."""
    strength = next(iter(wanted.strengths)) if len(wanted.strengths) == 1 else Strength.MUST
    if wanted.op in (Op.AT_MOST, Op.AT_LEAST):
        return Constraint(wanted.field, wanted.op, number=wanted.low, strength=strength, turn=turn)
    return Constraint(wanted.field, wanted.op, wanted.values, strength=strength, turn=turn)
