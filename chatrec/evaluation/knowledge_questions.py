"""Labelled questions about policies: YAML files of what is asked, which sections answer it, and what no section answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chatrec.errors import ScriptError

DEFAULT_FOLDER = Path("tests/knowledge/questions")
PARTS = ("dev", "held")
_KEYS = {"part", "policies", "answered", "several", "unanswered"}


@dataclass(frozen=True, slots=True)
class PolicyQuestion:
    """``topics``: for each thing that is asked, the sections ("returns#condition") any of which answers it; empty where none does."""

    ask: str
    topics: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """One file. ``policies`` (name -> Markdown) of a shop that exists only there; without them the questions are about the open shop."""

    name: str
    part: str
    answered: tuple[PolicyQuestion, ...] = ()
    several: tuple[PolicyQuestion, ...] = ()
    unanswered: tuple[PolicyQuestion, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)


def load_question_sets(folder: Path = DEFAULT_FOLDER) -> list[QuestionSet]:
    """All sets of a folder, by name. Raises :class:`ScriptError` for a folder without any and for a file that is not valid."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise ScriptError(f"{folder} holds no questions; name a folder with .yaml files such as {DEFAULT_FOLDER}")
    return [read_question_set(file) for file in files]


def read_question_set(file: Path) -> QuestionSet:
    """One file. Raises :class:`ScriptError` that names file and fault."""
    try:
        held: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScriptError(f"{file} cannot be read: {error}") from error
    if not isinstance(held, dict) or set(held) - _KEYS or held.get("part") not in PARTS:
        raise ScriptError(f"{file}: a mapping with part (dev or held), answered, several, unanswered and policies is needed")
    try:
        return QuestionSet(
            file.stem,
            held["part"],
            tuple(PolicyQuestion(str(e["ask"]), (frozenset(e["sections"]),)) for e in held.get("answered") or ()),
            tuple(PolicyQuestion(str(e["ask"]), tuple(frozenset(t) for t in e["topics"])) for e in held.get("several") or ()),
            tuple(PolicyQuestion(str(ask)) for ask in held.get("unanswered") or ()),
            {str(name): str(text) for name, text in (held.get("policies") or {}).items()},
        )
    except (KeyError, TypeError) as error:
        raise ScriptError(f"{file}: a question lacks {error}; each has ask and sections, or ask and topics") from error


def section_of(passage_id: str) -> str:
    """The label of a passage: "policies/returns.md#condition" is "returns#condition"."""
    return passage_id.removeprefix("policies/").replace(".md#", "#")


def check_sections(questions: Sequence[PolicyQuestion], sections: Sequence[str], name: str) -> None:
    """Raises :class:`ScriptError` where a label names a section that the policies do not have."""
    unknown = {s for q in questions for t in q.topics for s in t} - set(sections)
    if unknown:
        raise ScriptError(f"{name} names sections that the policies do not have: {', '.join(sorted(unknown)[:5])}")
