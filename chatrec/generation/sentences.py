"""Cutting running text into sentences, also while it still streams in."""

from __future__ import annotations

import re

from chatrec.generation.gate_words import words_of

_ABBREVIATIONS = frozenset(words_of("e.g i.e eg ie vs approx ca nr incl excl dept fig mr mrs ms dr st prof u.s u.k inc ltd"))
_END = re.compile(r"[.!?…]+[\"'”’)]*(?=\s+\S)|\n+")
_MARKER = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
# A verb without its object at the end, or one citation with a plural verb at the start.
_TORSO = re.compile(
    r"\b(?:is|are|was|has|have|made|comes?|with|without|of|for|to|in|at|from|by|the|an?|its|than|more|less|not|offers?|includes?|gives?|"
    r"provides?|features?|runs?|works?|it's|they're)[.!]*$|^\[\d+\] (?:are|have|were)\b",
    re.IGNORECASE,
)
# "[2] costs less." ends as it should, "[2] is less." does not.
_MEASURED = re.compile(
    r"\b(?:costs?|weighs?|holds?|takes?|lasts?|needs?|uses?|carries|carry)(?: (?:a (?:little|bit)|slightly|much|far|even))? "
    r"(?:more|less)[.!]*$",
    re.IGNORECASE,
)
# "[1] is what you asked for." ends as it should.
_WANTED = re.compile(
    r"\b(?:ask(?:ed)?|look(?:ing)?|search(?:ing)?|wish(?:ed)?|hop(?:ed|ing)|car(?:e|ed)|wait(?:ing)?|pa(?:y|id)) for[.!]*$", re.I
)
# "for larger ones, nothing more.", "the straps are narrow and cut in.", "a side of 2.75 in." end as they should.
_CLOSED = re.compile(
    r"(?:\b(?:nothing|no|not) (?:more|less)|\b(?:cuts?|digs?|built|clips?|plugs?|zips?|tucks?|folds?|snaps?|clicks?|screws?) in|"
    r"\d in|\bwhat (?:it|they|\[\d+\]) (?:is|are) made (?:of|from))[.!]*$",
    re.IGNORECASE,
)
MOST_WAITING_CHARS = 700


class SentenceCutter:
    """Takes chunks, gives back each sentence as soon as its end is certain (when the next one has begun)."""

    def __init__(self) -> None:
        self._waiting = ""

    def feed(self, chunk: str) -> list[str]:
        """The sentences that ``chunk`` completed. Text that never ends is given back in one piece after 700 characters."""
        self._waiting += chunk
        found, self._waiting = _cut(self._waiting)
        if len(self._waiting) > MOST_WAITING_CHARS:
            found.append(self._waiting.strip())
            self._waiting = ""
        return found

    def rest(self) -> str:
        """What is left when the stream has ended: the last sentence, or the torso of one."""
        last, self._waiting = _clean(self._waiting), ""
        return last


def split_sentences(text: str) -> list[str]:
    """All sentences of a finished text."""
    found, rest = _cut(text)
    return [s for s in (*found, _clean(rest)) if s]


def is_complete(sentence: str) -> bool:
    """Whether the text ends as a sentence does."""
    return bool(re.search(r"[.!?…][\"'”’)]*$", sentence.strip()))


def is_torso(sentence: str) -> bool:
    """Whether the text breaks off before it has said anything ("[1] is.", "It comes with")."""
    ends = _WANTED.search(sentence) or _MEASURED.search(sentence) or _CLOSED.search(sentence)
    return bool(_TORSO.search(sentence)) and not ends


def _cut(text: str) -> tuple[list[str], str]:
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if match[0][0] != "\n" and not _ends_here(text, start, match):
            continue
        sentence = _clean(text[start : match.end()])
        start = match.end()
        if sentence:
            found.append(sentence)
    return found, text[start:]


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:
    before = text[start : match.start()]
    words = before.split()
    last = words[-1].lower().lstrip("([\"'") if words else ""
    following = text[match.end() :].lstrip()[:1]
    if match[0][0] in "!?…":
        return not following.islower()
    if not words or (len(words) == 1 and re.fullmatch(r"[-*•]?\d{1,2}", last)):
        return False  # a list marker
    if len(words) > 1 and re.search(r"\d$", words[-2]) and len(last) == 1:
        return not following.islower()  # "900 g." measures, "J." abbreviates
    if last in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]|[a-z]", last):
        return False
    return not following.islower()


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", _MARKER.sub("", text)).strip()
