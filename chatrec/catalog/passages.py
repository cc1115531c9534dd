"""Shop policies cut into passages: one section a passage, long ones at paragraph ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from chatrec.domain.facts import Passage

# MiniLM reads 256 word pieces; what lies beyond would be found by nobody.
LONGEST_CHARS = 900
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")
_MARKUP = re.compile(r"\*\*|__|`")
_PLACE = r"\((?:[^()]|\([^()]*\))*\)"  # an address may hold one pair of brackets
_PICTURE = re.compile(r"!\[[^\]]*\]" + _PLACE)
_LINK = re.compile(r"\[([^\]]*)\]" + _PLACE)
# HTML inside Markdown; "<5 kg" and "<https://...>" are none.
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")


def passages_of(policies: Mapping[str, str]) -> list[Passage]:
    """The passages of all policies (name -> Markdown), in order; ids read ``policies/returns.md#how-long`` and are unique."""
    found: list[Passage] = []
    taken: Counter[str] = Counter()
    for name, text in policies.items():
        for topic, body in _sections(name, text):
            for part in _parts(body):
                place = f"policies/{name}.md#{_slug(topic.rpartition(': ')[2])}"
                taken[place] += 1
                found.append(Passage(place if taken[place] == 1 else f"{place}-{taken[place]}", topic, part))
    return found


def _sections(name: str, text: str) -> Iterator[tuple[str, str]]:
    """(topic, text) of each section; the topic is the document's title and the heading."""
    title, heading = name.replace("_", " ").replace("-", " ").strip().capitalize(), ""
    lines: list[str] = []
    first = True
    for line in text.splitlines():
        match = _HEADING.match(line)
        if match is None:
            lines.append(line)
            continue
        yield _topic(title, heading), "\n".join(lines)
        lines = []
        if first and line.startswith("# "):
            title, heading = _unmarked(match.group(1)), ""
        else:
            heading = _unmarked(match.group(1))
        first = False
    yield _topic(title, heading), "\n".join(lines)


def _topic(title: str, heading: str) -> str:
    return f"{title}: {heading}" if heading and heading != title else title


def _parts(body: str) -> Iterator[str]:
    """The section as plain lines joined, cut at paragraph ends near :data:`LONGEST_CHARS`."""
    part = ""
    for paragraph in re.split(r"\n\s*\n", body):
        plain = " ".join(_sentence(line) for line in paragraph.splitlines() if line.strip())
        if part and len(part) + len(plain) > LONGEST_CHARS:
            yield part
            part = ""
        part = f"{part} {plain}".strip()
    if part:
        yield part


def _sentence(line: str) -> str:
    """One line without Markdown; a list entry ends like a sentence, so that it can be cited on its own."""
    text = _unmarked(line)
    entry = _BULLET.sub("", text)
    return entry if entry == text or entry.endswith((".", "!", "?", ";", ":")) else f"{entry}."


def _unmarked(line: str) -> str:
    """One line without emphasis, tags and pictures; of a link its words stay."""
    return " ".join(_LINK.sub(r"\1", _PICTURE.sub("", _TAG.sub("", _MARKUP.sub("", line)))).split())


def _slug(heading: str) -> str:
    return _NOT_IN_SLUG.sub("", heading.casefold()).strip().replace(" ", "-") or "section"
