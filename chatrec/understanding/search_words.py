"""The words to search with, the product named in free words, and words that the catalogue has no idea of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chatrec.domain.need import Strength
from chatrec.domain.reading import Unknown
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.concepts import COMPARATIVE
from chatrec.understanding.lexicon import Mention, base_forms
from chatrec.understanding.lists import colours, common_words, stop_words, word_set
from chatrec.understanding.needs import Segment, is_kind
from chatrec.understanding.negation import Stance, stance_of
from chatrec.understanding.stances import constraint_for
from chatrec.understanding.text import Token, stem
from chatrec.understanding.unknown import Nearest
from chatrec.understanding.vocabulary import PURPOSE_FIELDS, Vocabulary

_FRAME = re.compile(
    r"\b(?:need|needs|want|wants|looking for|searching for|search for|look for|after|show me|show us|show|"
    r"find me|find us|find|get me|give me|get|buy|buying|purchase|recommend me|recommend|suggest me|"
    r"suggest|sell|carry|stock|have|got|"
    r"anything but|everything but|anything except|interested in|shopping for|hunting for|in need of|what "
    r"about|how about|also|another|any|some|replacement|choose)"
    r"(?: (?:me|us|to buy|to get|to find|to have|to see|a|an|some|any|the|new|good|nice|great|decent|best|"
    r"really|very|another|other|pair of|set of|few|couple of|kind of|type of|sort of|please|your|my|of|"
    r"for))*\b"
)
_END = word_set("phrase_ends.txt")
# Heads that name no product: a wish for "a gift" or "gear" is open.
_GENERIC = word_set("open_heads.txt")
LEAST_LETTERS = 3
MOST_QUERY_WORDS = 24


@dataclass(frozen=True)
class Words:
    """``query`` to search with; ``product`` the thing named in free words; ``unknown`` wishes."""

    query: str = ""
    product: str = ""
    unknown: tuple[Unknown, ...] = ()


class SearchWords:
    """Reads what is left of a segment once values and figures are taken out."""

    def __init__(self, vocabulary: Vocabulary, nearest: Nearest) -> None:
        self._vocabulary = vocabulary
        self._nearest = nearest

    def read(self, analysis: Analysis, segment: Segment, explained: frozenset[int], loose: frozenset[int] = frozenset()) -> Words:
        """Search words, product and unknown wishes of a segment."""
        valued = self._spoken(analysis, segment)
        free = [i for i in range(segment.first, segment.last) if self._is_free(analysis, i, explained)]
        denied = self._denied_words(analysis, segment, free)
        free = [i for i in free if i not in denied]
        unknown = [Unknown(f"not {analysis.message.tokens[i].text}") for i in denied if self._bare_denial(analysis, i)]
        phrase, head = self._product_phrase(analysis, segment, free)
        suggestion = ""
        product = ""
        lacks_kind = False
        if head is not None:
            suggestion, product, lacking = self._judge(analysis, phrase, head)
            unknown += lacking
            lacks_kind = bool(lacking) and not any(analysis.message.tokens[i].capital for i in phrase[:-1])
        before_kind = {a.first - 1 for a in segment.anchors}
        lacking_words = [
            w
            for i in free
            if i != head and not (lacks_kind and i in phrase)
            for w in self._lacking(analysis, i, i in phrase or i in before_kind)
        ]
        lacking_words += [
            Unknown(t.text)
            for i, t in enumerate(analysis.message.tokens)
            if segment.holds(i) and t.text in COMPARATIVE and not analysis.taken[i] and i not in explained
        ]
        unknown += lacking_words
        words = self._in_order(analysis, [*valued, *free, *loose])
        query = " ".join(dict.fromkeys([*words, *suggestion.lower().split()]))
        return Words(query, product, tuple(u for u in unknown if u.word))

    def product(self, analysis: Analysis, segment: Segment) -> str:
        """The head of the product phrase, or an empty string."""
        free = [i for i in range(segment.first, segment.last) if self._is_free(analysis, i, frozenset())]
        denied = self._denied_words(analysis, segment, free)
        free = [i for i in free if i not in denied]
        _, head = self._product_phrase(analysis, segment, free)
        return analysis.message.tokens[head].stem if head is not None else ""

    def names_product(self, query: str, kinds: set[str]) -> bool:
        """Whether the words of a query name a product that is not of these kinds."""
        words = [stem(w) for w in query.lower().split()]
        known = {stem(w) for kind in kinds for w in re.findall(r"\w+", kind)}
        named = [w for w in words if w not in common_words() and w not in stop_words()]
        return (
            bool(named) and not set(words) & known and any(w in self._vocabulary.title_rows or not self._vocabulary.knows(w) for w in named)
        )

    def _spoken(self, analysis: Analysis, segment: Segment) -> list[int]:
        """Tokens of values worth searching with: what the thing is, what describes it, and soft wishes."""
        kept: list[Mention] = [*segment.anchors, *segment.context]
        for mention, stance in segment.values:
            made = (
                constraint_for(analysis.message, mention, stance, self._vocabulary, must=False)
                if stance in (Stance.WANT, Stance.PREFER)
                else None
            )
            if made and made.strength is Strength.PREFER:
                kept.append(mention)
        return [i for m in kept for i in range(m.first, m.last)]

    def _is_free(self, analysis: Analysis, index: int, explained: frozenset[int]) -> bool:
        token = analysis.message.tokens[index]
        if analysis.taken[index] or index in explained or not token.text[:1].isalnum():
            return False
        tied = token.glued or (index + 1 < len(analysis.message.tokens) and analysis.message.tokens[index + 1].glued)
        if token.number is not None:
            before = analysis.message.tokens[index - 1] if index else token
            return tied or (before.word and before.text not in stop_words())
        if token.text in COMPARATIVE:
            return True
        return token.text not in stop_words() and (len(token.text) > 1 or tied)

    def _denied_words(self, analysis: Analysis, segment: Segment, free: list[int]) -> list[int]:
        """Words under a negation. Of "no Sony headphones" only the maker is denied, not the thing."""
        denied = [i for i in free if self._denied(analysis, segment, i)]
        return [i for i in denied if not (i - 1 in denied and i + 1 not in denied and analysis.message.tokens[i - 1].capital)]

    def _denied(self, analysis: Analysis, segment: Segment, index: int) -> bool:
        pseudo = Mention(index, index + 1, "", ())
        return stance_of(analysis.message, pseudo, None, (segment.clause.first, segment.clause.last)) in (
            Stance.EXCLUDE,
            Stance.AVOID,
            Stance.WAIVE,
        )

    def _bare_denial(self, analysis: Analysis, index: int) -> bool:
        """Whether a denied word is a wish of its own ("without a frame") that no field can hold."""
        before = {t.text for t in analysis.message.tokens[max(0, index - 3) : index]}
        word = analysis.message.tokens[index]
        if len(word.text) < LEAST_LETTERS or not self._vocabulary.knows(word.stem):
            return False
        return "without" in before or (bool(before & {"no", "not", "free"}) and word.stem not in common_words())

    def _product_phrase(self, analysis: Analysis, segment: Segment, free: list[int]) -> tuple[list[int], int | None]:
        """The noun phrase that follows a request, and its head; no head when the segment names a known kind of thing."""
        if segment.anchors or any(is_kind(m) for m, s in segment.values) or not free:
            return [], None
        tokens = analysis.message.tokens
        text = analysis.message.words(segment.first, segment.last)
        offset = tokens[segment.first].start
        free = sorted(
            {*free, *(i for m, s in segment.values if m.field in PURPOSE_FIELDS and s is Stance.WANT for i in range(m.first, m.last))}
        )
        starts = [analysis.message.at(offset + m.end() - 1) + 1 for m in _FRAME.finditer(text)]
        content = [i for i in range(segment.first, segment.last) if tokens[i].text not in stop_words() and tokens[i].word]
        if not starts and len(content) <= 4:
            starts = [segment.first]
        for start in starts:
            end = start
            while end < segment.last and tokens[end].text not in _END:
                end += 1
            inside = [i for i in range(start, end) if i in free]
            if inside and inside[-1] == self._last_word(analysis, start, end) and tokens[inside[-1]].stem not in _GENERIC:
                return inside, inside[-1]
        return [], None

    def _last_word(self, analysis: Analysis, start: int, end: int) -> int:
        worded = [
            i
            for i in range(start, end)
            if analysis.message.tokens[i].text[:1].isalnum() and analysis.message.tokens[i].text not in stop_words()
        ]
        return worded[-1] if worded else -1

    def _judge(self, analysis: Analysis, phrase: list[int], head: int) -> tuple[str, str, list[Unknown]]:
        """A product word: sold under this name, under another (a suggestion for the search), or not at all."""
        token = analysis.message.tokens[head]
        if not token.word or len(token.text) < LEAST_LETTERS or token.stem in colours():
            return "", "", []
        words = " ".join(analysis.message.tokens[i].text for i in phrase)
        if token.stem in self._vocabulary.title_heads:
            return "", token.stem, []
        if token.text.endswith(("ing", "ed")) and base_forms(token.text) & common_words():
            return "", "", []  # something one does, not a thing
        if synonym := self._nearest.synonym(words) or self._nearest.synonym(token.text):
            return synonym, token.stem, []
        return "", token.stem, [self._nearest.kind(words)]

    def _lacking(self, analysis: Analysis, index: int, in_phrase: bool) -> Iterable[Unknown]:
        """What a single word asks for that the shop has not: a colour, a maker, or something it never speaks of."""
        token = analysis.message.tokens[index]
        if not token.word:
            return
        if token.stem in colours() and not self._vocabulary.phrases.get((token.stem,)):
            if found := self._nearest.colour(token.stem):
                yield found
            elif not self._vocabulary.knows(token.stem):
                yield Unknown(token.text)
            return
        if self._known_word(token):
            return
        before = analysis.message.tokens[index - 1].text if index else ""
        named = before in ("from", "by", "brand") or (token.capital and in_phrase)
        if named and self._vocabulary.contract.has_brands:
            yield self._nearest.brand(token.text)
        elif in_phrase:
            yield Unknown(token.text)

    def _known_word(self, token: Token) -> bool:
        return (
            len(token.stem) < LEAST_LETTERS
            or token.stem in common_words()
            or token.text in common_words()
            or self._vocabulary.knows(token.stem)
            or self._vocabulary.knows(token.text)
        )

    def _in_order(self, analysis: Analysis, indices: Iterable[int]) -> list[str]:
        tokens = analysis.message.tokens
        words: list[str] = []
        last = -2
        for index in sorted(set(indices)):
            token = tokens[index]
            if not token.text[:1].isalnum():
                continue
            mended = token.word and token.stem != stem(token.text)
            word = token.stem if mended else token.raw.lower()
            if words and token.glued and index == last + 1:
                words[-1] += word  # "s7", "64gb"
            else:
                words.append(word)
            last = index
        return words[:MOST_QUERY_WORDS]
