"""Sizes beyond the plain ones: a bare "38" beside boots, and sizes that nothing comes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.need import Constraint, Op
from chatrec.domain.reading import Unknown
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.lists import stop_words
from chatrec.understanding.needs import Segment
from chatrec.understanding.text import Token
from chatrec.understanding.vocabulary import SIZE_FIELDS, Vocabulary

LEAST_SIZED = 0.5  # share of a kind of thing that comes in sizes, from which a bare figure can be one
NEAREST = 3
MOST_TRIED = 60  # sizes of a shop, commonest first, that are looked for among things of the kind
_LETTERS = re.compile(r"x{0,4}[sl]|m|\d?xl|[2-6]x")
_GRADES = set("run runs fit fits too so is are bit very really quite pretty looks look not isn't turn turned come comes".split())
_WORDS = {"small": "S", "medium": "M", "large": "L"}
_BETWEEN = {"a", "an", "eu", "uk", "us", "number", "no", ":", "in", "is", "of"}
_BOUNDS = set("under over below above than about around for max min up to least most between is was $ € £".split())


@dataclass(frozen=True)
class Sizes:
    """Sizes read from a segment, the tokens that said so, and those that nothing comes in."""

    constraints: tuple[Constraint, ...] = ()
    tokens: frozenset[int] = frozenset()
    unknown: tuple[Unknown, ...] = ()


class SizeReader:
    """Reads sizes that the lexicon leaves; built once a generation."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._fields = sorted(SIZE_FIELDS & vocabulary.fields.keys())

    def read(self, analysis: Analysis, segment: Segment, categories: Sequence[str], used: frozenset[int]) -> Sizes:
        """The sizes of a segment about things of these categories; tokens ``used`` are explained already."""
        if any(m.field in self._fields for m, _ in segment.values):
            return Sizes()
        field = max(self._fields, key=lambda f: self._vocabulary.coverage(f, categories), default="")
        for index in range(segment.first, segment.last):
            if analysis.taken[index] or index in used:
                continue
            token = analysis.message.tokens[index]
            asked = self._asked(analysis, segment, index)
            lone = _LETTERS.fullmatch(token.text) and len(token.text) > 2 and self._sized(field, categories)
            if lone or (asked is not None and (token.number is not None or _LETTERS.fullmatch(token.text))):
                return self._named(field, token, range(index if asked is None else asked, index + 1), categories)
            if worded := self._worded(analysis, index, field, categories):
                size, said = worded
                return Sizes((Constraint(field, Op.IS, (size,), said=said),), frozenset(range(index - (said != token.text), index + 1)))
            if field and self._bare(analysis, segment, index, field, categories):
                spelled = self._spelling(field, token) or ""
                return Sizes((Constraint(field, Op.IS, (spelled,), said=token.text),), frozenset((index,)))
        return Sizes()

    def _worded(self, analysis: Analysis, index: int, field: str, categories: Sequence[str]) -> tuple[str, str] | None:
        """The size that "medium" or "extra large" stands for, and the words."""
        before = analysis.message.tokens[index - 1].text if index else ""
        if analysis.message.tokens[index].text not in _WORDS or before in _GRADES or not self._sized(field, categories):
            return None
        extra = index > 0 and analysis.message.tokens[index - 1].text in ("extra", "x", "very")
        word = analysis.message.tokens[index].text
        spelled = self._vocabulary.fields[field].spelling("X" * extra + _WORDS[word])
        return (spelled, f"extra {word}" if extra else word) if spelled else None

    def _asked(self, analysis: Analysis, segment: Segment, index: int) -> int | None:
        """Where "size" stands before a token, with nothing but small words between."""
        for before in range(index - 1, max(segment.first, index - 4) - 1, -1):
            if analysis.message.tokens[before].text in ("size", "sizes"):
                return before
            if analysis.message.tokens[before].text not in _BETWEEN:
                return None
        return None

    def _sized(self, field: str, categories: Sequence[str]) -> bool:
        """Whether things of these kinds mostly come in sizes."""
        return bool(field and categories) and self._vocabulary.coverage(field, categories) >= LEAST_SIZED

    def _named(self, field: str, token: Token, tokens: range, categories: Sequence[str]) -> Sizes:
        if spelled := self._spelling(field, token) if field else None:
            return Sizes((Constraint(field, Op.IS, (spelled,), said=f"size {token.text}"),), frozenset(tokens))
        return Sizes(
            (), frozenset(tokens), (Unknown(f"size {token.raw}", field or "size", tuple(self._nearest(field, token, categories))),)
        )

    def _spelling(self, field: str, token: Token) -> str | None:
        return self._vocabulary.fields[field].spelling(token.raw) or self._vocabulary.fields[field].spelling(token.text)

    def _bare(self, analysis: Analysis, segment: Segment, index: int, field: str, categories: Sequence[str]) -> bool:
        token = analysis.message.tokens[index]
        if token.number is None or token.glued or not self._sized(field, categories) or self._spelling(field, token) is None:
            return False
        before = analysis.message.tokens[index - 1].text if index > segment.first else ""
        following = analysis.message.tokens[index + 1] if index + 1 < segment.last else None
        joined = following is not None and following.glued and following.text not in (",", ".", "?", "!", ")", ";")
        counts = following is not None and (joined or (following.word and following.text not in stop_words()))
        return before not in _BOUNDS and not (counts and not any(m.first == index + 1 for m in analysis.mentions))

    def _nearest(self, field: str, token: Token, categories: Sequence[str]) -> list[str]:
        """The nearest sizes that such things come in: of figures by figure, of letters the commonest."""
        values = [v.text for v in self._vocabulary.fields[field].values] if field else []
        if categories:
            kind = Constraint("category", Op.IS, tuple(categories))
            values = [v for v in values[:MOST_TRIED] if self._vocabulary.any_match((kind, Constraint(field, Op.IS, (v,))))]
        if token.number is None:
            return [v for v in values if not v[:1].isdigit()][:NEAREST]
        wanted = token.number
        figures = [(abs(float(v) - wanted), v) for v in values if re.fullmatch(r"\d+(?:\.\d+)?", v)]
        return [v for _, v in sorted(figures)[:NEAREST]]
