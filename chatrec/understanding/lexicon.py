"""Finds catalogue values in a message: longest phrase first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatrec.understanding.lists import common_words, stop_words
from chatrec.understanding.party import one_more
from chatrec.understanding.slips import BRAND_CUES
from chatrec.understanding.text import Message, Token, stem, stems
from chatrec.understanding.units import unit_of
from chatrec.understanding.vocabulary import COLOUR_FIELDS, COMPANY, GENDER_FIELDS, SIZE_FIELDS, Entry, Vocabulary

_GIFTS = {"gift", "present"}
_MADE_WITH = {"with", "of", "on", "by", "uses", "in"}
_DIMENSIONS = {"wide", "long", "high", "deep", "tall", "thick", "broad", "short", "regular"}
_SUMS = set("$ € £ dollar dollars euro euros usd eur gbp between from about around price budget under over cm mm kg g l ml".split())
_SIZE_CUES = {"size", "in", "a", "size:"}


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens ``first`` to ``last`` (not included) name ``values`` of ``field``. ``mended`` says that a typo was corrected."""

    first: int
    last: int
    field: str
    values: tuple[str, ...]
    quality: int = 3
    mended: bool = False
    kind: bool = False  # says what a thing is

    def covers(self, index: int) -> bool:
        """Whether the token of this index belongs to it."""
        return self.first <= index < self.last


class Lexicon:
    """Looks messages up in a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def mentions(self, message: Message, taken: Sequence[bool] = ()) -> list[Mention]:
        """Values named in the message, left to right, none overlapping; tokens marked in ``taken`` are not read."""
        found: list[Mention] = []
        index = 0
        while index < len(message.tokens):
            mention = self._longest_at(message, index, taken)
            if mention is None:
                index += 1
            else:
                found.append(mention)
                index = mention.last
        return sorted([*found, *self._other_sizes(message, found)], key=lambda m: m.first)

    def _other_sizes(self, message: Message, found: Sequence[Mention]) -> Iterator[Mention]:
        """ "Size 42 or 43": the sign stands before the first of them only."""
        tokens = message.tokens
        for size in found:
            place = size.last
            while size.field in SIZE_FIELDS and place + 1 < len(tokens) and tokens[place].text in ("or", "/", ",", "and", "-"):
                entries = self._vocabulary.phrases.get((tokens[place + 1].stem,), ())
                entry = next((e for e in entries if e.field == size.field), None)
                if entry is None or any(m.covers(place + 1) for m in found):
                    break
                yield Mention(place + 1, place + 2, entry.field, entry.values, entry.quality)
                place += 2

    def _longest_at(self, message: Message, index: int, taken: Sequence[bool]) -> Mention | None:
        tokens = message.tokens
        words: list[str] = []
        ends: list[int] = []
        for place in range(index, min(len(tokens), index + 2 * self._vocabulary.longest)):
            token = tokens[place]
            if taken and taken[place]:
                break
            if token.text[:1].isalnum():
                words.append(token.stem)
                ends.append(place + 1)
            elif token.text not in "-/'&." and not (token.text == "," and message.words(place + 1, place + 2) in COMPANY):
                break
            if place == index and not words:
                return None
        for length in range(min(len(words), self._vocabulary.longest), 0, -1):
            entries = self._vocabulary.phrases.get(tuple(words[:length]), ())
            chosen = next((e for e in entries if self._fits(e, message, index, ends[length - 1])), None)
            if chosen:
                mended = any(tokens[i].stem != _own_stem(tokens[i]) for i in range(index, ends[length - 1]))
                return Mention(
                    index,
                    ends[length - 1],
                    chosen.field,
                    chosen.values,
                    chosen.quality,
                    mended,
                    chosen.field in self._vocabulary.kind_fields,
                )
        return None

    def _fits(self, entry: Entry, message: Message, first: int, last: int) -> bool:
        """Whether the words can be this value here: letters, figures and everyday words need a sign that a value is meant."""
        tokens = message.tokens[first:last]
        before = message.tokens[first - 1].text if first else ""
        if (
            first > 1
            and tokens[0].text in _DIMENSIONS
            and message.tokens[first - 2].number is not None
            and unit_of(message.tokens[first - 1].stem, True)
        ):
            return False  # "3 metres wide" is no wide fit
        counted = first - 1 - (before == "-")
        if entry.field in GENDER_FIELDS and first and (message.tokens[counted].number is not None or one_more(message, first - 2)):
            return False  # "2 kids" counts heads, and so does "2 adults and a kid"
        if entry.quality == 1 and last - first == 1 and tokens[0].stem in _GIFTS:
            return False  # "a gift for my mother" is for sale in every aisle
        if tokens[0].text == "clear" and before in ("steer", "stay", "keep"):
            return False
        if entry.field in SIZE_FIELDS:
            return _names_size(message, first, last)
        if all(t.number is not None or len(t.text) == 1 for t in tokens):
            return entry.field == "brand" and "".join(t.raw for t in tokens) in {v.replace(" ", "") for v in entry.values}
        if entry.quality == 1 and last - first == 1 and self._only_describes(entry, tokens[0]):
            after = message.tokens[last].text if last < len(message.tokens) else ""
            stands = self._noun_follows(message, last) or after == "for" or before in _MADE_WITH
            return stands and tokens[0].text not in stop_words() and entry.field not in COLOUR_FIELDS
        if entry.field == "brand":
            return self._names_maker(entry, message, first, last)
        if last - first == 1 and tokens[0].text in stop_words():
            return (
                (entry.quality == 3 and entry.field not in ("brand", "category") and self._noun_follows(message, last))
                or self._modifies(entry, message, first, last)
                or (entry.field in GENDER_FIELDS and before == "for")
            )
        return True

    def _names_maker(self, entry: Entry, message: Message, first: int, last: int) -> bool:
        tokens = message.tokens[first:last]
        before = message.tokens[first - 1].text if first else ""
        if last - first == 1 and not _spelled_so(tokens[0], entry):
            return False
        if last - first == 1 and (tokens[0].stem in common_words() or tokens[0].text in common_words()):
            after = message.tokens[last].text if last < len(message.tokens) else ""
            return (tokens[0].capital and first > 0) or before in BRAND_CUES or after == "brand"
        if before in BRAND_CUES or any(t.capital for t in tokens):
            return True
        return not self._vocabulary.is_plain_word(tuple(t.stem for t in tokens if t.text[:1].isalnum()), entry.values)

    def _only_describes(self, entry: Entry, token: Token) -> bool:
        """Whether an everyday word only stands before the word that tells ("quick" of "quick lace"): alone it says nothing."""
        if entry.field in ("brand", "category") or token.stem not in common_words():
            return False
        return all(stems(v)[-1:] != (token.stem,) for v in entry.values)

    def _modifies(self, entry: Entry, message: Message, first: int, last: int) -> bool:
        """ "down jacket": a function word that is also a material, right before the thing it describes."""
        material = entry.field not in ("brand", "category") and message.tokens[first].text == "down"
        denied = first - 1 - (first > 1 and message.tokens[first - 1].text in ("any", "the", "real"))
        if material and first and message.tokens[denied].text in ("not", "no", "without", "non"):
            return True
        return material and (
            self._noun_follows(message, last)
            or (
                bool(first)
                and message.tokens[first - 1].text in ("with", "of")
                and (last == len(message.tokens) or not message.tokens[last].word)
            )
            or (last < len(message.tokens) and message.tokens[last].stem in ("fill", "filled", "filling", "insulation"))
        )

    def _noun_follows(self, message: Message, last: int) -> bool:
        following = message.tokens[last].stem if last < len(message.tokens) else ""
        return self._vocabulary.names_kind((following,))


def _spelled_so(token: Token, entry: Entry) -> bool:
    """ "are" is no "ARES": of an everyday word only the very spelling can be a maker's name, no singular and no slip."""
    if not {token.text, token.stem, _own_stem(token)} & common_words():
        return True
    return any(token.text in v.casefold().split() for v in entry.values)


def _names_size(message: Message, first: int, last: int) -> bool:
    """ "size 42", "in M", "XL": a bare "m" or "10" is not a size."""
    before = message.tokens[first - 1].text if first else ""
    head = message.tokens[first]
    if before == "size" or (before in ("a", "in") and first > 1 and message.tokens[first - 2].text in ("size", "sizes")):
        return True
    after = message.tokens[last].text if last < len(message.tokens) else ""
    if last - first > 2 and head.number is not None and all(t.glued for t in message.tokens[first + 1 : last]):
        return before not in _SUMS and after not in _SUMS  # "socks 36-38"
    if head.number is not None:  # "got these in a 44?"
        counted = last < len(message.tokens) and message.tokens[last].word and after not in stop_words()
        return before == "a" and first > 1 and message.tokens[first - 2].text == "in" and not counted
    letters = head.raw.isupper() and len(head.raw) <= 4
    if len(head.text) == 1:
        ends = last == len(message.tokens) or not message.tokens[last].word
        comes = before == "in" and (ends or (first > 1 and message.tokens[first - 2].stem in ("come", "it", "them", "these")))
        return comes or (letters and (before in ("in", "an", "a", "size") or after == "size"))
    return (
        letters
        or (head.text in ("small", "medium", "large") and before in ("size", "in"))
        or head.text in ("xs", "xl", "xxl", "xxxl", "xxs")
    )


def _own_stem(token: Token) -> str:
    return token.text if token.number is not None else stem(token.text)
