"""The thing that a request names in free words: where it stands in the message, and whether the shop has any such thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatrec.domain.colours import colours
from chatrec.domain.reading import Unknown
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.concepts import CONCEPTS, HINTS
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import common_words, no_things, stop_words, word_set
from chatrec.understanding.needs import Segment, is_kind
from chatrec.understanding.negation import Stance
from chatrec.understanding.text import Token, base_forms
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
# "Something to carry water": what follows is what it is for, and no thing that was asked for.
_PURPOSE = re.compile(r"\b(?:something|anything|stuff|gear) (?:to|that|which|against) (?!buy |get )")
PHRASE_ENDS = word_set("phrase_ends.txt")
# Heads that name no product: a wish for "a gift" or "gear" is open.
_GENERIC = word_set("open_heads.txt")
_NO_THING = no_things()
_DOINGS = word_set("verbs.txt")
_NO_THING_ENDS = ("ly", "ful", "ous", "less", "able", "ible", "ish", "proof")
# After these an adjective stands ("something cuter"), and no thing.
_SETS = {"set", "kit", "pack", "piece", "pair"}
_OPEN = {
    "something",
    "anything",
    "nothing",
    "everything",
    "one",
    "ones",
    "is",
    "are",
    "be",
    "very",
    "too",
    "so",
    "really",
    "bit",
    "looks",
    "look",
}
LEAST_LETTERS = 3
LEAST_TITLED = 5  # titles that must hold a word that ends none of them before the shop counts as having such things
LEAST_PART = 4  # letters of a thing's name inside a word written together ("headtorch")
MOST_CONTENT_WORDS = 4  # a message of so few telling words needs no "I want" to be a request


@dataclass(frozen=True)
class Judged:
    """What a product word comes to: the stem of the ``product`` where the shop has it, a ``suggestion`` to search with and the
    categories ``meant`` where it calls it otherwise; ``unknown`` says what is not there."""

    product: str = ""
    suggestion: str = ""
    meant: tuple[str, ...] = ()
    unknown: Unknown | None = None


class ProductReader:
    """Finds and judges product words."""

    def __init__(self, vocabulary: Vocabulary, nearest: Nearest) -> None:
        self._vocabulary = vocabulary
        self._nearest = nearest

    def phrase(self, analysis: Analysis, segment: Segment, free: list[int]) -> tuple[list[int], int | None]:
        """The noun phrase that follows a request, and its head; no head when the segment names a known kind of thing."""
        if segment.anchors or any(is_kind(m) for m, s in segment.values):
            return [], None
        tokens = analysis.message.tokens
        told = bool(free)
        free = sorted(
            {*free, *(i for m, s in segment.values if m.field in PURPOSE_FIELDS and s is Stance.WANT for i in range(m.first, m.last))}
        )
        purpose = _PURPOSE.search(analysis.message.words(segment.first, segment.last))
        for start in self._starts(analysis, segment) if free and not purpose else ():
            end = start
            while end < segment.last and tokens[end].text not in PHRASE_ENDS:
                end += 1
            inside = [i for i in range(start, end) if i in free]
            if (
                len(inside) > 1
                and tokens[inside[-1]].stem in _SETS
                and tokens[inside[-2]].word
                and not names_no_thing(tokens[inside[-2]], None)
            ):
                return inside[:-1], inside[-2]  # "a fondue set"
            if inside and inside[-1] == self._last_word(analysis, segment, start, end, free) and tokens[inside[-1]].stem not in _GENERIC:
                head = inside[-1]
                if self._names_property(tokens[head]):
                    return [], None
                before = tokens[head - 1] if head else None
                # "she likes hiking" names no thing, and "torch" does, though both are values
                return (inside, head) if told or not names_no_thing(tokens[head], before) else ([], None)
        return [], None

    def _starts(self, analysis: Analysis, segment: Segment) -> list[int]:
        tokens = analysis.message.tokens
        text = analysis.message.words(segment.first, segment.last)
        offset = tokens[segment.first].start
        starts = [analysis.message.at(offset + m.end() - 1) + 1 for m in _FRAME.finditer(text)]
        content = [i for i in range(segment.first, segment.last) if tokens[i].text not in stop_words() and tokens[i].word]
        return starts or ([segment.first] if len(content) <= MOST_CONTENT_WORDS else [])

    def _last_word(self, analysis: Analysis, segment: Segment, start: int, end: int, free: list[int]) -> int:
        """The last telling word; values after the thing ("pants women size s") are said of it."""
        tokens = analysis.message.tokens
        valued = {i for m, _ in segment.values for i in range(m.first, m.last)} - set(free)
        worded = [i for i in range(start, end) if tokens[i].text[:1].isalnum() and tokens[i].text not in stop_words() and i not in valued]
        return worded[-1] if worded else -1

    def judge(self, analysis: Analysis, segment: Segment, phrase: list[int], head: int) -> Judged:
        """A product word: sold under this name, under another (a suggestion for the search), or not at all."""
        tokens = analysis.message.tokens
        token = tokens[head]
        if not token.word or len(token.text) < LEAST_LETTERS or token.stem in colours():
            return Judged()
        if self.sold(token):
            return Judged(token.stem)
        if any(m.covers(head) for m, _ in segment.values):
            return Judged()  # "a hydration sleeve": a property that is known
        if any(m.first == head + 1 for m, _ in segment.values):
            return Judged()  # "exclude leather": what stands right before a value and is not sold is no noun
        if names_no_thing(token, tokens[head - 1] if head else None):
            return Judged()
        words = " ".join(tokens[i].text for i in phrase)
        # a "wedding dress" is no kind of "dressing", whatever a bare dress may mean here: what no record holds is told
        told = all(i == head or self._vocabulary.knows(tokens[i].stem) or is_quality(tokens[i].text) for i in phrase)
        if meant := self._nearest.synonyms(words) or (self._nearest.synonyms(token.text) if told else ()):
            return Judged(token.stem, meant[0], meant)
        if part := self._part(token.stem):
            return Judged(token.stem, part)
        described = [*_described(segment, phrase[0]), *phrase]
        return Judged(token.stem, unknown=self._nearest.kind(" ".join(tokens[i].text for i in described)))

    def sold(self, token: Token) -> bool:
        """Whether titles name such a thing."""
        titled = len(self._vocabulary.title_rows.get(token.stem, ()))
        return token.stem in self._vocabulary.title_heads or (titled >= LEAST_TITLED and not names_no_thing(token, None))

    def _names_property(self, token: Token) -> bool:
        """Whether a word is what a property is called ("the display should be large"), and nothing that is sold."""
        asked = any(token.stem in CONCEPTS[c].names for c in HINTS.get(token.stem, ()))
        return asked and not self.sold(token)

    def is_open(self, token: Token) -> bool:
        """Whether a word names no thing in particular ("a gift")."""
        return token.stem in _GENERIC

    def _part(self, word: str) -> str:
        """The thing at the end of a word written together: a "headtorch" is a torch."""
        ends = (word[cut:] for cut in range(3, len(word) - LEAST_PART + 1))
        return next((e for e in ends if e in self._vocabulary.title_heads and self._vocabulary.knows(word[: -len(e)])), "")


def names_no_thing(token: Token, before: Token | None) -> bool:
    """Whether a word is an adjective, a verb or an adverb, by its spelling or its place: the shop need not have such a thing."""
    word = token.text
    if "'" in word or word in _NO_THING or word in stop_words() or token.stem in _NO_THING:
        return True
    if before is not None and before.text in _OPEN and token.stem == word:
        return True
    bases = base_forms(word) | ({word[:-3] + "y", word[:-4] + "y"} if word.endswith(("ier", "iest")) else set())
    if word.endswith(("er", "est")) and token.stem == word and bases & _NO_THING - _DOINGS - common_words():
        return True
    if word.endswith(("ing", "ed")) and bases & (common_words() | _NO_THING):
        return True  # something one does, not a thing
    return word.endswith(_NO_THING_ENDS)


def is_quality(word: str) -> bool:
    """Whether a word is on the list of those that name no thing ("quick")."""
    return word in _NO_THING


def _described(segment: Segment, first: int) -> list[int]:
    """The tokens of a value right before the phrase: what looks like a colour in "green tea" is part of the thing."""
    found: list[int] = []
    while before := next((m for m in _wanted(segment) if m.last == (found[0] if found else first)), None):
        found[:0] = range(before.first, before.last)
    return found


def _wanted(segment: Segment) -> list[Mention]:
    return [m for m, s in segment.values if s in (Stance.WANT, Stance.PREFER)]
