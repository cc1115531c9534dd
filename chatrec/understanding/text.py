"""Text to tokens: one canonical form for messages and for catalogue words, so that both can be compared token by token."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from chatrec.domain.plain import TRADE_MARKS

MOST_CHARS = 4000  # a shopper's wish is never longer; what comes after is not read

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\S")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "″": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"}
)
_SHORT_WORDS = {"max", "min", "approx", "ca", "incl", "excl", "vs", "number", "dr", "mr", "mrs"}
_ORDINAL_ENDS = {"st", "nd", "rd", "th"}
_KEPT_AFTER_APOSTROPHE = {"it's", "that's", "what's", "let's", "there's", "where's", "how's", "who's", "here's", "she's", "he's", "one's"}
_NOT_PLURAL = {
    "lens",
    "gas",
    "bus",
    "canvas",
    "always",
    "series",
    "species",
    "this",
    "is",
    "was",
    "has",
    "its",
    "us",
    "yes",
    "as",
    "does",
    "less",
    "plus",
    "perhaps",
    "towards",
    "besides",
    "christmas",
    "atlas",
    "iris",
    "oasis",
}
_IRREGULAR = {
    "lenses": "lens",
    "buses": "bus",
    "knives": "knife",
    "shelves": "shelf",
    "scarves": "scarf",
    "wolves": "wolf",
    "halves": "half",
    "leaves": "leaf",
    "children": "child",
    "women": "woman",
    "men": "man",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "people": "person",
    "shoes": "shoe",
    "canoes": "canoe",
    "toes": "toe",
    "hoes": "hoe",
    "pants": "pants",
    **{f"{w}s": w for w in "cookie movie hoodie brownie beanie smoothie tie pie calorie zombie bootie wheelie onesie eerie veggie".split()},
    "glasses": "glasses",
}


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is lower-case canonical, ``stem`` its singular, ``start`` its place in the canonical text, ``raw`` as typed.

    ``number`` is set for figures and number words. ``glued`` says that no space stood before it.
    """

    text: str
    stem: str
    raw: str
    start: int
    glued: bool = False
    number: float | None = None

    @property
    def end(self) -> int:
        """One past the last character in the canonical text."""
        return self.start + len(self.text)

    @property
    def word(self) -> bool:
        """Whether it is a word (not a figure, not punctuation)."""
        return self.text[:1].isalpha()

    @property
    def capital(self) -> bool:
        """Whether it was typed with a capital first letter."""
        return self.raw[:1].isupper()


@dataclass(frozen=True, slots=True)
class Message:
    """A message as tokens and as canonical text (tokens joined by one space)."""

    tokens: tuple[Token, ...]
    text: str

    def at(self, offset: int) -> int:
        """The index of the token at or before this place in the canonical text."""
        return max(0, bisect_right([t.start for t in self.tokens], offset) - 1)

    def span(self, start: int, end: int) -> range:
        """The token indices that a match over canonical characters covers."""
        return range(self.at(start), self.at(max(start, end - 1)) + 1)

    def words(self, first: int, last: int) -> str:
        """The canonical words of tokens ``first`` up to, not with, ``last``."""
        return " ".join(t.text for t in self.tokens[first:last])


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The singular of a word, by rule; an unknown irregular comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word in _NOT_PLURAL or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")) or (word.endswith("oes")):
        return word[:-2]
    return word[:-1]


def base_forms(word: str) -> set[str]:
    """What "showed", "planning" or "warmly" may be made of."""
    found = set()
    for ending in ("ed", "ing", "ly", "er", "est", "d", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            base = word[: -len(ending)]
            found |= {base, f"{base}e", base[:-1] if base[-1:] == base[-2:-1] else base}
    return found


def read_message(message: str) -> Message:
    """Tokens of any string. Only the first ``MOST_CHARS`` characters are read."""
    from chatrec.understanding.numbers import merge_numbers
    from chatrec.understanding.short_forms import spell_out

    return join(merge_numbers(_with_freezing(spell_out(_without_short_stops(tokenise(message))))))


_UP_TO_FREEZING = frozenset("below above about around to at under near until till of by".split())
_COLD = frozenset("point weather night nights temperature temperatures temps conditions cold rain fog".split())


def _with_freezing(tokens: list[Token]) -> list[Token]:
    """ "Down to about freezing" names a temperature: 0 degrees Celsius."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.text == "point" and before == "freezing" and kept and kept[-1].text == "degrees":
            continue
        if token.text == "freezing" and before in _UP_TO_FREEZING and (after == "point" or after not in _COLD):
            kept += [replace(token, text="0", stem="0"), replace(token, text="degrees", stem="degree", glued=False)]
        else:
            kept.append(token)
    return kept


def _without_short_stops(tokens: list[Token]) -> list[Token]:
    """ "max. 80", "approx. 2 kg": the stop ends a word, not a sentence."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.text == "s" and token.glued and len(kept) > 1 and kept[-1].text == "'" and kept[-2].text[:1].isdigit():
            kept[-1] = replace(token, text="is", stem="is", glued=False)  # "number 2's fine"
            continue
        short = token.text == "." and token.glued and kept and kept[-1].text in _SHORT_WORDS
        if not (short and index + 1 < len(tokens)):
            kept.append(token)
    return kept


def tokenise(text: str) -> list[Token]:
    """Tokens without their places; number words are still words."""
    text = text[:MOST_CHARS].encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text
    text = unicodedata.normalize("NFKC", text.translate(TRADE_MARKS))[: 2 * MOST_CHARS].translate(_QUOTES)
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        raw = match.group()
        glued = match.start() == end
        counts = glued and raw.lower() in _ORDINAL_ENDS and found[-1].text.isdigit()  # "2nd" is no slang for "2 and"
        word, *more = [raw.lower()] if counts else _canonical(raw.lower()).split() or [raw]
        found.append(Token(word, stem(word), raw, 0, glued=glued))
        found += [Token(w, stem(w), w, 0) for w in more]  # "idc" is said in three words
        end = match.end()
    return found


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """The spelling that each variant is read as, so that "gray aluminum" finds "grey aluminium"."""
    text = (files("chatrec.understanding") / "data" / "spellings.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in text.splitlines() if line and not line.startswith("# "))
    return {typed: " ".join(read) for typed, *read in pairs}


def _canonical(word: str) -> str:
    if "'" in word[1:-1] and word not in _KEPT_AFTER_APOSTROPHE and word.endswith("'s"):
        word = word[:-2]
    return _spellings().get(word, word)


def join(tokens: list[Token]) -> Message:
    """Gives every token its place in the canonical text."""
    placed = []
    offset = 0
    for token in tokens:
        placed.append(replace(token, start=offset))
        offset += len(token.text) + 1
    return Message(tuple(placed), " ".join(t.text for t in placed))


@lru_cache(maxsize=50_000)
def stems(text: str) -> tuple[str, ...]:
    """The stems of the words and figures of a catalogue value or phrase; punctuation is left out."""
    from chatrec.understanding.numbers import merge_numbers

    return tuple(t.stem for t in merge_numbers(tokenise(text)) if t.text[:1].isalnum())
