"""Prompts are text files with an id and a version; here they are loaded, filled and put into the chat format.

A file ``reply.v4.md`` opens with front matter (``id``, ``version``, ``variables``) and holds a ``## system`` and a ``## user`` section.
A line of which every variable is empty is left out, so that a prompt never shows an empty field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.plain import plain
from chatrec.errors import PromptError
from chatrec.generation.content_plan import ContentPlan, ItemPlan, planned

REPLY_PROMPT = "reply"
CHAT_START, CHAT_END = "<|im_start|>", "<|im_end|>"
"""The ChatML markers that SmolLM2 was trained with; CHAT_END is also the stop string of a reply."""
SHOPPER_CHARS = 200

_FILE = re.compile(r"(?P<id>[a-z][a-z0-9_-]*)\.v(?P<version>\d+)\.md")
_FRONT = re.compile(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", re.DOTALL)
_SECTION = re.compile(r"^## (system|user)\n", re.MULTILINE)
_CITATION = re.compile(r"(\[\d{1,2}\])")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file. ``key`` ("reply.v4") is what receipts and adapter cards record."""

    id: str
    version: int
    variables: tuple[str, ...]
    system: str
    user: str

    @property
    def key(self) -> str:
        """Id and version in one word."""
        return f"{self.id}.v{self.version}"

    def messages(self, values: Mapping[str, str]) -> list[dict[str, str]]:
        """System and user message, filled. Raises :class:`PromptError` when a variable has no value."""
        missing = [v for v in self.variables if v not in values]
        if missing:
            raise PromptError(f"prompt {self.key} needs a value for {', '.join(missing)}")
        from langchain_core.prompts import ChatPromptTemplate  # a second to import, so not before the first prompt

        parts = [("system", _without_empty_lines(self.system, values)), ("human", _without_empty_lines(self.user, values))]
        filled = ChatPromptTemplate(parts).format_messages(**values)
        return [{"role": role, "content": str(m.content)} for role, m in zip(("system", "user"), filled, strict=True)]


class PromptLibrary:
    """The prompt files of one folder. Loading reads and checks every file; raises :class:`PromptError` for the first bad one."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise PromptError(f"there is no prompt folder {folder}; reinstall chatrec or name a folder that holds reply.v4.md")
        self._prompts: dict[tuple[str, int], Prompt] = {}
        for path in sorted(folder.glob("*.md")):
            if _FILE.fullmatch(path.name):
                prompt = load_prompt(path)
                self._prompts[prompt.id, prompt.version] = prompt

    def ids(self) -> tuple[str, ...]:
        """The ids of all prompts, sorted."""
        return tuple(sorted({id_ for id_, _ in self._prompts}))

    def prompt(self, id: str, version: int | None = None) -> Prompt:
        """The prompt of this id: the given version, or the newest. Raises :class:`PromptError` when there is none."""
        versions = [v for known, v in self._prompts if known == id]
        wanted = max(versions, default=None) if version is None else version
        if wanted is None or wanted not in versions:
            known = ", ".join(f"{i}.v{v}" for i, v in sorted(self._prompts)) or "none"
            raise PromptError(f"there is no prompt '{id}' version {version or 'any'}; known are: {known}")
        return self._prompts[id, wanted]


def load_prompt(path: Path) -> Prompt:
    """One file. Raises :class:`PromptError` naming the file and what is wrong with it."""
    named = _FILE.fullmatch(path.name)
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: cannot be read: {error}") from error
    split = _FRONT.fullmatch(text)
    if not named or not split:
        raise PromptError(f"{path}: a prompt is called ID.vN.md and opens with front matter between two lines of '---'")
    front = _front_matter(path, split["front"])
    sections = dict(zip(_SECTION.findall(split["body"]), (s.strip("\n") for s in _SECTION.split(split["body"])[2::2]), strict=True))
    if set(sections) != {"system", "user"}:
        raise PromptError(f"{path}: needs one '## system' and one '## user' section, has {sorted(sections)}")
    variables = tuple(v.strip() for v in front["variables"].strip("[] ").split(",") if v.strip())
    used = set(_VARIABLE.findall(sections["system"] + sections["user"]))
    if front["id"] != named["id"] or front["version"] != named["version"]:
        raise PromptError(f"{path}: front matter says {front['id']} version {front['version']}, the file name something else")
    if used != set(variables):
        raise PromptError(f"{path}: variables {sorted(variables)} are announced but {sorted(used)} are used")
    return Prompt(front["id"], int(front["version"]), variables, sections["system"], sections["user"])


def _front_matter(path: Path, text: str) -> dict[str, str]:
    pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
    front = {name.strip(): value.strip() for name, _, value in pairs}
    missing = {"id", "version", "variables"} - set(front)
    if missing:
        raise PromptError(f"{path}: front matter lacks {', '.join(sorted(missing))}")
    return front


def _without_empty_lines(template: str, values: Mapping[str, str]) -> str:
    def kept(line: str) -> bool:
        names = _VARIABLE.findall(line)
        return not names or any(values.get(n) for n in names)

    return "\n".join(line for line in template.split("\n") if kept(line))


def reply_values(evidence: Evidence, plan: ContentPlan) -> dict[str, str]:
    """The variables of the reply prompt. Everything that came from outside is made plain once more: it is data."""
    told = [item for item in plan.items if item.item.n in plan.told]
    lines = [_item_line(item) for item in told]
    if not evidence.items:
        lines = [f"[{n}] {_passage_line(fact)}" for n, fact in enumerate(evidence.passages, start=1)]
    return {
        "task": evidence.act,
        "shopper": plain(evidence.shopper, SHOPPER_CHARS),
        "wants": "; ".join(plain(need, 120) for need in evidence.needs),
        "facts": "\n".join(lines),
        "notes": "; ".join(_note_text(note) for note in (*plan.shared, *plan.others)),
    }


def chat_messages(evidence: Evidence, library: PromptLibrary, plan: ContentPlan | None = None) -> list[dict[str, str]]:
    """The reply prompt as role/content messages, for an OpenAI-compatible engine."""
    return library.prompt(REPLY_PROMPT).messages(reply_values(evidence, plan or planned(evidence)))


def render_reply_prompt(evidence: Evidence, library: PromptLibrary, plan: ContentPlan | None = None) -> str:
    """The reply prompt in ChatML, up to and with the opening of the assistant's turn. ``plan`` is what is to be told, if not what the
    evidence gives by itself."""
    turns = [f"{CHAT_START}{m['role']}\n{m['content']}{CHAT_END}\n" for m in chat_messages(evidence, library, plan)]
    return "".join(turns) + f"{CHAT_START}assistant\n"


def _item_line(plan: ItemPlan) -> str:
    """ "[1] kettles: holds 1.5 l; but the handle gets hot": what the thing is, then what is to be told of it."""
    kind = next((plain(f.text) for f in plan.item.facts if f.kind is FactKind.TYPE), "item")
    parts = [part for part in (*plan.parts, plan.clause) if part]
    told = "; ".join(plain(part) for part in (*parts, *([f"but {plan.drawback}"] if plan.drawback else [])))
    return f"[{plan.item.n}] {kind}: {told}" if told else f"[{plan.item.n}] {kind}"


def _passage_line(fact: Fact) -> str:
    topic, text = plain(fact.name, 60), plain(fact.text, 400)
    return text if not topic or text.lower().startswith(topic.lower()) else f"{topic}: {text}"


def _note_text(note: Fact) -> str:
    # notes are written by code and speak of citations, so their brackets stay; anything else in them is made plain
    parts = _CITATION.split(note.text)
    return "".join(part if _CITATION.fullmatch(part) else _padded(part) for part in parts).strip()


def _padded(part: str) -> str:
    """``part`` made plain, keeping one space at either end where it had any."""
    text = plain(part)
    if not text:
        return " " if part else ""
    return f"{' ' if part[0].isspace() else ''}{text}{' ' if part[-1].isspace() else ''}"
