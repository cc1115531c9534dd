"""Finds catalogue values in a message: longest phrase first, typos mended against the catalogue's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.understanding.concepts import HINTS
from chatrec.understanding.lists import common_words, stop_words
from chatrec.understanding.text import Message, Token, join, stems
from chatrec.understanding.vocabulary import COLOUR_FIELDS, GENDER_FIELDS, SIZE_FIELDS, Entry, Vocabulary

MOST_MENDED = 24  # unknown words of one message that are compared with the whole vocabulary
LEAST_LETTERS = 4  # shorter words have too many neighbours to guess
_BRAND_CUES = {"from", "by", "brand", "branded", "make", "not", "without", "except"}
_MADE_WITH = {"with", "of", "on", "by", "uses", "in"}
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
        targets = {w for w in vocabulary.phrase_words if len(w) >= LEAST_LETTERS and w.isalpha()}
        targets |= {w for w, n in vocabulary.title_heads.items() if n >= 2 and len(w) > LEAST_LETTERS and w.isalpha()}
        self._values = sorted(targets)
        # "toastier" is too rare a word to take "toaster" for
        hints = {w for w in HINTS if w in common_words() or (base_forms(w) | {f"{w[:-3]}y"}) & common_words()}
        talk = {*stop_words(), *hints, *(w for names in vocabulary.name_stems.values() for w in names)}
        self._talk = sorted(w for w in talk if len(w) >= LEAST_LETTERS and w.isalpha() and w not in targets)
        self._talk_words = frozenset(self._talk)

    def mend(self, message: Message) -> Message:
        """The message with misspelt words corrected to words of this catalogue (or to plain shopping talk)."""
        tokens = list(message.tokens)
        mended = 0
        for index, token in enumerate(tokens):
            if not self._suspicious(token):
                continue
            mended += 1
            if mended > MOST_MENDED:
                break
            before = tokens[index - 1].text if index else ""
            if better := self.nearest_word(token, name=before in _BRAND_CUES or (token.capital and index > 0)):
                # talk ("cheepest") is rewritten, since rules read it; a product word keeps its spelling for the shopper's eyes
                talk = better in self._talk_words
                tokens[index] = replace(token, stem=better, text=better if talk else token.text)
        return join(tokens) if mended else message

    def _suspicious(self, token: Token) -> bool:
        if not token.word or len(token.stem) < LEAST_LETTERS or not token.text.isascii():
            return False
        if base_forms(token.text) & common_words():
            return False
        return not (
            self._vocabulary.knows(token.stem)
            or self._vocabulary.knows(token.text)
            or token.text in common_words()
            or token.stem in common_words()
        )

    def nearest_word(self, token: Token, name: bool = False) -> str | None:
        """The word that was most likely meant, or ``None``. A ``name`` (capitalised, or after "from") is only mended to a brand."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        word = token.stem
        most = 1 if len(word) < 7 else 2
        targets = [v for v in self._values if v in self._vocabulary.brand_words] if name else self._values
        found = extract(word, targets, scorer=OSA.distance, score_cutoff=most, limit=8)
        good = [
            (distance, sorted(word) != sorted(target), -self._weight(target), target)
            for target, distance, _ in found
            if _plausible(word, target, int(distance))
        ]
        if not name:
            talk = extract(word, self._talk, scorer=OSA.distance, score_cutoff=1, limit=2)
            good += [
                (distance, sorted(word) != sorted(target), 0.0, target)
                for target, distance, _ in talk
                if _plausible(word, target, int(distance))
            ]
        good = [g for g in good if g[0] == 0 or len(word) > LEAST_LETTERS or not self._names_only(g[3])]
        return min(good)[3] if good else None

    def _names_only(self, word: str) -> bool:
        """Whether the catalogue knows a word as a maker's or a value's and not as a thing: too little to guess a short word by."""
        entries = self._vocabulary.phrases.get((word,), ())
        return bool(entries) and not any(e.field in self._vocabulary.kind_fields for e in entries)

    def _weight(self, word: str) -> float:
        """Product words before brands before other values: the likelier meaning of a slip."""
        entries = self._vocabulary.phrases.get((word,), ())
        fields = {e.field for e in entries}
        return 3.0 * ("category" in fields) + 1.0 * bool(fields) + min(0.9, self._vocabulary.words[word] / 100)

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
        return found

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
            elif token.text not in "-/'&.":
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
        if entry.field in GENDER_FIELDS and first and message.tokens[first - 1].number is not None:
            return False  # "2 kids" counts heads
        if entry.field in SIZE_FIELDS:
            return _names_size(message, first, last)
        if all(t.number is not None or len(t.text) == 1 for t in tokens):
            return entry.field == "brand" and "".join(t.raw for t in tokens) in {v.replace(" ", "") for v in entry.values}
        if entry.quality == 1 and last - first == 1 and self._only_describes(entry, tokens[0]):
            after = message.tokens[last].text if last < len(message.tokens) else ""
            stands = self._noun_follows(message, last) or after == "for" or before in _MADE_WITH
            return stands and tokens[0].text not in stop_words() and entry.field not in COLOUR_FIELDS
        if entry.field == "brand":
            if last - first == 1 and not _spelled_so(tokens[0], entry):
                return False
            if last - first == 1 and (tokens[0].stem in common_words() or tokens[0].text in common_words()):
                after = message.tokens[last].text if last < len(message.tokens) else ""
                return (tokens[0].capital and first > 0) or before in _BRAND_CUES or after == "brand"
            if before in _BRAND_CUES or any(t.capital for t in tokens):
                return True
            return not self._vocabulary.is_plain_word(tuple(t.stem for t in tokens if t.text[:1].isalnum()), entry.values)
        if last - first == 1 and tokens[0].text in stop_words():
            return (
                entry.quality == 3 and entry.field not in ("brand", "category") and self._noun_follows(message, last)
            ) or self._modifies(entry, message, first, last)
        return True

    def _only_describes(self, entry: Entry, token: Token) -> bool:
        """Whether an everyday word only stands before the word that tells ("quick" of "quick lace"): alone it says nothing."""
        if entry.field in ("brand", "category") or token.stem not in common_words():
            return False
        return all(stems(v)[-1:] != (token.stem,) for v in entry.values)

    def _modifies(self, entry: Entry, message: Message, first: int, last: int) -> bool:
        """ "down jacket": a function word that is also a material, right before the thing it describes."""
        material = entry.field not in ("brand", "category") and message.tokens[first].text == "down"
        if material and first and message.tokens[first - 1].text in ("not", "no", "without", "non"):
            return True
        return material and (
            self._noun_follows(message, last)
            or (last < len(message.tokens) and message.tokens[last].stem in ("fill", "filled", "filling", "insulation"))
        )

    def _noun_follows(self, message: Message, last: int) -> bool:
        following = message.tokens[last].stem if last < len(message.tokens) else ""
        return any(e.field in self._vocabulary.kind_fields for e in self._vocabulary.phrases.get((following,), ()))


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
    if head.number is not None:  # "got these in a 44?"
        counted = last < len(message.tokens) and message.tokens[last].word and after not in stop_words()
        return before == "a" and first > 1 and message.tokens[first - 2].text == "in" and not counted
    letters = head.raw.isupper() and len(head.raw) <= 4
    if len(head.text) == 1:
        return letters and (before in ("in", "an", "a", "size") or after == "size")
    return (
        letters
        or (head.text in ("small", "medium", "large") and before in ("size", "in"))
        or head.text in ("xs", "xl", "xxl", "xxxl", "xxs")
    )


def base_forms(word: str) -> set[str]:
    """What "showed", "planning" or "warmly" may be made of."""
    found = set()
    for ending in ("ed", "ing", "ly", "er", "est", "d", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            base = word[: -len(ending)]
            found |= {base, f"{base}e", base[:-1] if base[-1:] == base[-2:-1] else base}
    return found


def _own_stem(token: Token) -> str:
    from chatrec.understanding.text import stem

    return token.text if token.number is not None else stem(token.text)


def _plausible(word: str, target: str, distance: int) -> bool:
    """A slip rarely changes the first letter, and never half of a short word."""
    if abs(len(word) - len(target)) > 2:
        return False
    if len(word) <= 4:
        return distance <= 1 and len(target) >= 4 and word[0] == target[0]
    if word[0] == target[0]:
        return distance <= (1 if len(word) < 7 else 2)
    return (distance == 1 and (word[1:2] == target[:1] or word[:2] == target[1::-1])) or (distance == 1 and len(word) >= 7)
