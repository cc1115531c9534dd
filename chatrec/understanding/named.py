"""Products that a message calls by their names, whether they were shown before or not: "I loved the Fennick case, anything like it?"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatrec.embedding.minilm import known_words
from chatrec.understanding.clauses import Clause
from chatrec.understanding.lists import common_words, stop_words
from chatrec.understanding.text import Message, Token, stems
from chatrec.understanding.vocabulary import Vocabulary

MOST_NAMESAKES = 3  # a name that more products bear is no name of one
MOST_NAME_WORDS = 12
MOST_NAMED = 12  # products of one message
_ARTICLES = ("the", "a", "an")
_BRACKETED = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
_TURNED = re.compile(r"^(.+), (the|an?)$", re.IGNORECASE)
_YEAR = re.compile(r"^(?:19|20)\d\d$")
# After these a lower-case name is one: what somebody thinks of a product, that they have it, or want others like it.
_CUES = frozenset(
    "like likes liked love loves loved adore adored enjoy enjoyed hate hates hated dislike disliked prefer watch watched seen saw read own "
    "owns have has had bought got tried using used is was are were compare than as to with my about".split()
)
BETWEEN = frozenset({",", "and", "or", "&", "/"})
_EDGES = BETWEEN | {".", "!", "?", ";", ")", "but", "because", "so", "though", "too", "also", "a"}


@dataclass(frozen=True, slots=True)
class Named:
    """Tokens ``first`` to ``last`` (not included) call these items by name."""

    first: int
    last: int
    item_ids: tuple[str, ...]


class NamedProducts:
    """Finds them in messages; built once a generation, read-only.

    ``titles`` are those of the catalogue by id, in the order of the vocabulary's records.

    A name is a whole title (what stands in brackets after it, a leading article and case do not matter), or a made-up word that begins
    the titles of one product or a few ("the Fennick"). Words of which a title happens to consist are one only where they are written
    as a name: with capitals, in quotes, or after words that a product follows ("I loved ...").
    """

    def __init__(self, vocabulary: Vocabulary, titles: Mapping[str, str]) -> None:
        self._vocabulary, self._ids, self._raw = vocabulary, tuple(titles), tuple(titles.values())
        self._titled: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._led: dict[str, list[int]] = defaultdict(list)
        for row, title in enumerate(self._raw):
            words = _name_of(title) if _odd(title) else vocabulary.titles[row]
            words = words[1:] if len(words) > 1 and words[0] in _ARTICLES else words
            if words and len(words) <= MOST_NAME_WORDS:
                self._titled[words].append(row)
                self._lengths[words[0]].add(len(words))
            if words:
                self._led[words[0]].append(row)

    def find(self, message: Message) -> list[Named]:
        """The products named, left to right, none inside another."""
        found: list[Named] = []
        tokens = message.tokens
        shouted = sum(t.capital for t in tokens if t.word) > 0.8 * sum(t.word for t in tokens) and len(tokens) > 6
        index = 0
        while index < len(tokens) and len(found) < MOST_NAMED:
            after = bool(found) and all(t.text in BETWEEN or t.text in _ARTICLES for t in tokens[found[-1].last : index])
            named = self._whole(tokens, index, after, shouted) or self._led_by(tokens, index)
            if named is not None:
                found.append(named)
            index = named.last if named else index + 1
        return found

    def _whole(self, tokens: Sequence[Token], index: int, after_another: bool, shouted: bool) -> Named | None:
        """The longest title that begins here."""
        if tokens[index].stem not in self._lengths:
            return None
        places = [n for n in range(index, min(len(tokens), index + 2 * MOST_NAME_WORDS)) if tokens[n].text[:1].isalnum()]
        for length in sorted(self._lengths[tokens[index].stem], reverse=True):
            rows = self._titled.get(tuple(tokens[n].stem for n in places[:length])) if length <= len(places) else None
            if not rows or places[length - 1] - index > 2 * length:
                continue
            first, last = index, places[length - 1] + 1
            last, rows = self._of_year(tokens, last, rows)
            if len(rows) <= MOST_NAMESAKES and self._is_name(tokens, first, places[length - 1] + 1, last, after_another, shouted):
                return Named(first, last, tuple(self._ids[r] for r in rows))
        return None

    def _of_year(self, tokens: Sequence[Token], last: int, rows: list[int]) -> tuple[int, list[int]]:
        """ "Heat (1995)": which of several of one name."""
        end = last + 1 if last < len(tokens) and tokens[last].text == "(" else last
        if end >= len(tokens) or not _YEAR.match(tokens[end].raw):
            return last, rows
        of_year = [r for r in rows if tokens[end].raw in self._raw[r]]
        closed = end + 1 < len(tokens) and tokens[end + 1].text == ")"
        return (end + 1 + closed, of_year) if of_year else (last, rows)

    def _is_name(self, tokens: Sequence[Token], first: int, end: int, last: int, after_another: bool, shouted: bool) -> bool:
        """Whether words of which a title consists are meant as that title."""
        worded = [t for t in tokens[first:end] if t.word]
        telling = [t for t in worded if t.stem not in common_words() and not t.number]
        start = first - 1
        while start >= 0 and tokens[start].text in _ARTICLES:
            start -= 1
        before = tokens[start].text if start >= 0 else ""
        if before == '"' and last < len(tokens) and tokens[last].text == '"':
            return True
        if last > end:
            return True  # with its year
        if not worded:
            return False  # bare figures, whatever is called by them
        values = self._vocabulary.phrase_words
        if any(_is_made_up(t.stem) and t.stem not in values for t in telling):
            return True
        cued = after_another or before in _CUES
        capital = all(t.capital for t in worded if t.text not in stop_words()) and worded[0].capital and not shouted
        if all(t.text in stop_words() for t in worded):
            return cued and capital and worded[-1].capital and len(worded) > 1
        if all(t.stem in values or t.text in stop_words() for t in worded):
            return False  # "hiking boots" are a kind of thing, even where a product is called just that
        if len(worded) == 1:
            return capital and cued and bool(telling)
        ends = last >= len(tokens) or tokens[last].text in _EDGES
        return (capital and len(telling) > 0) or (cued and ends) or (capital and cued)

    def _led_by(self, tokens: Sequence[Token], index: int) -> Named | None:
        """A made-up word that begins the titles of a few products, and what of these titles stands after it."""
        token = tokens[index]
        rows = self._led.get(token.stem, [])
        if not 0 < len(rows) <= MOST_NAMESAKES or not token.word or token.stem in self._vocabulary.phrase_words:
            return None
        if not _is_made_up(token.stem) or len(self._vocabulary.title_rows[token.stem]) != len(rows):
            return None
        last = index + 1
        while last < len(tokens):
            word = last + 1 if tokens[last].text == "-" and last + 1 < len(tokens) else last
            within = [r for r in rows if tokens[word].stem in self._vocabulary.titles[r]]
            if not within or tokens[word].text in BETWEEN:
                break
            rows, last = within, word + 1
        return Named(index, last, tuple(self._ids[r] for r in rows))


def whole_clauses(clauses: Sequence[Clause], found: Sequence[Named], message: Message) -> list[Clause]:
    """The clauses with those joined that a name was cut by ("Mamma Mia!" ends no sentence)."""
    joined: list[Clause] = []
    for clause in clauses:
        last = joined[-1] if joined else None
        if last is not None and any(last.holds(n.first) and n.last > clause.first for n in found):
            joined[-1] = Clause(last.first, clause.last, message.words(last.first, clause.last), clause.asks)
        else:
            joined.append(clause)
    return joined


def _is_made_up(word: str) -> bool:
    return word.isalpha() and len(word) > 3 and word not in known_words() and word not in common_words()


def _odd(title: str) -> bool:
    return title.rstrip()[-1:] in (")", "]") or bool(_TURNED.match(title))


def _name_of(title: str) -> tuple[str, ...]:
    """The words of a title without what stands in brackets after it: "Matrix, The (1999)" is (the, matrix)."""
    name = _BRACKETED.sub("", title) or title
    turned = _TURNED.match(name.strip())
    return stems(f"{turned[2]} {turned[1]}" if turned else name)
