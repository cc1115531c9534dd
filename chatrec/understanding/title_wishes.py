"""Wishes that only a title can fulfil: where a shop records no properties, "10 pack", "1/4 inch" and "stainless" are looked for there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from chatrec.domain.colours import colours
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.lists import stop_words
from chatrec.understanding.needs import Segment
from chatrec.understanding.text import Token, stem
from chatrec.understanding.units import spellings_of, unit_of
from chatrec.understanding.vocabulary import Vocabulary

MOST_WISHES = 6
MOST_SPELLINGS = 48  # ways of writing all of them together
MOST_SHARE = 0.5  # a word in more titles of a kind than this narrows nothing
# How titles write how many pieces there are.
_COUNTED = ("pack", "packs", "piece", "pieces", "pc", "pcs", "count", "ct", "pk", "set")
_SIZED = {"small", "medium", "large"}  # talk elsewhere; here a size
_NO_MEASURES = {"", "years", "days", "persons", "stars"}


@dataclass(frozen=True, slots=True)
class _Wish:
    """One wish: how titles may write it, the records whose titles do, and the shopper's words."""

    spellings: tuple[str, ...]
    rows: frozenset[int]
    said: str


class TitleWishes:
    """Finds them; built once a generation."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._alone = all(f.origin == "core" for f in vocabulary.fields.values())  # nothing but titles tells how a thing is

    def read(self, analysis: Analysis, segment: Segment, free: Sequence[int], categories: Sequence[str]) -> list[Constraint]:
        """The wishes among the free words of a segment about things of these categories, as one soft constraint: of several as many as
        some title fulfils together."""
        if not self._alone or not categories:
            coloured = [t for i in free if (t := analysis.message.tokens[i]).stem in colours() and self._rows(t)]
            return [Constraint("title", Op.IS, forms_of(t), strength=Strength.PREFER, said=t.text) for t in coloured]
        kept: list[_Wish] = []
        left = frozenset(self._vocabulary.rows(categories))
        for wish in islice(self._wishes(analysis, segment, free, len(left) * MOST_SHARE, left), MOST_WISHES):
            if left & wish.rows:
                kept.append(wish)
                left &= wish.rows
        if not kept:
            return []
        together = (" ".join(words) for words in islice(product(*(w.spellings for w in kept)), MOST_SPELLINGS))
        return [Constraint("title", Op.IS, tuple(together), strength=Strength.PREFER, said=", ".join(w.said for w in kept))]

    def _rows(self, token: Token) -> frozenset[int]:
        titled = self._vocabulary.title_rows
        return frozenset(titled.get(token.stem, set()) | titled.get(token.text, set()))

    def _wishes(self, analysis: Analysis, segment: Segment, free: Sequence[int], most: float, among: frozenset[int]) -> Iterator[_Wish]:
        """Words and figures left to right; what nearly all things of the kind say is none."""
        tokens = analysis.message.tokens
        index = segment.first
        while index < segment.last:
            last = index + 1
            while last < segment.last and tokens[last].glued and tokens[last].text[:1].isalnum():
                last += 1
            named = any(m.covers(index) for m in (*segment.anchors, *segment.context))
            wish = None if named or analysis.taken[index] else self._figure(tokens, index, segment.last)
            if wish is not None:
                last += wish[1]
            elif (not named and any(i in free for i in range(index, last))) or tokens[index].text in _SIZED:
                wish = (self._word(tokens[index:last]), 0)
            if wish is not None and 0 < len(wish[0].rows & among) <= most:
                yield wish[0]
            index = last

    def _word(self, tokens: Sequence[Token]) -> _Wish:
        said = "".join(t.raw for t in tokens).lower()
        rows = frozenset.intersection(*(self._rows(t) for t in tokens))
        return _Wish(forms_of(tokens[0]) if len(tokens) == 1 else (said,), rows, said)

    def _figure(self, tokens: Sequence[Token], index: int, end: int) -> tuple[_Wish, int] | None:
        """A figure with its unit or what it counts, and how many more tokens that takes."""
        if tokens[index].number is None:
            return None
        place = index + 1 + (index + 2 < end and tokens[index + 1].text == "-")
        if place >= end:
            return None
        word = tokens[place]
        unit = unit_of(word.stem, word.glued)
        names = spellings_of(unit) if unit not in _NO_MEASURES else _COUNTED if word.text in _COUNTED else ()
        if not names:
            return None
        said = tokens[index].raw
        titled = self._vocabulary.title_rows
        rows = titled.get(tokens[index].stem, set()) & set().union(*(titled.get(stem(n), set()) | titled.get(n, set()) for n in names))
        spellings = dict.fromkeys(f"{said}{gap}{name}" for name in (word.text, *names) for gap in (" ", ""))
        more = place - index - (1 if tokens[index + 1].glued and place == index + 1 else 0)
        return _Wish(tuple(spellings), frozenset(rows), f"{said} {word.text}"), more


def forms_of(token: Token) -> tuple[str, ...]:
    """The ways in which a title may write a word."""
    plural = () if token.text in stop_words() or token.text.endswith("s") else (f"{token.stem}s",)
    return tuple(dict.fromkeys((token.raw.lower(), token.text, token.stem, *plural)))
