"""Misspelt words of a message: which words of this catalogue (or of plain shopping talk) were meant, and what of that should be said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from chatrec.catalog.spelling import Spelling
from chatrec.domain.colours import colours
from chatrec.domain.reading import Mapped
from chatrec.embedding.minilm import known_words
from chatrec.understanding.concepts import HINTS
from chatrec.understanding.lists import common_words, stop_words
from chatrec.understanding.text import Message, Token, base_forms, join, stem
from chatrec.understanding.vocabulary import Vocabulary

MOST_MENDED = 24  # unknown words of one message that are compared with the whole vocabulary
LEAST_LETTERS = 4  # shorter words have too many neighbours to guess
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_VOWELS = re.compile(r"(?<!^)[aeiou]+")
LONG = 8  # letters of a word that may differ in two places without a neighbour that speaks for it
LEAST_PART = 3  # letters of each half of a word written together ("multitool")
LEAST_JOINED = 7  # letters of a word written apart ("back pack"); shorter ones stand side by side by chance
BRAND_CUES = frozenset({"from", "by", "brand", "branded", "make", "not", "without", "except"})


class Mender:
    """Corrects messages; built once a generation, read-only.

    Near values and nouns of the catalogue come first; what is near to none of them may be a word of titles, by the noisy channel of
    :class:`chatrec.catalog.spelling.Spelling`, or two words written as one.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        targets = {w for w in vocabulary.phrase_words if len(w) >= LEAST_LETTERS and w.isalpha()}
        targets |= {w for w, n in vocabulary.title_heads.items() if n >= 2 and len(w) > LEAST_LETTERS and w.isalpha()}
        self._values = sorted(targets)
        self._brands = [v for v in self._values if v in vocabulary.brand_words]
        # "toastier" is too rare a word to take "toaster" for
        hints = {w for w in HINTS if w in common_words() or (base_forms(w) | {f"{w[:-3]}y"}) & common_words()}
        talk = {*stop_words(), *hints, *(w for names in vocabulary.name_stems.values() for w in names)}
        self._talk = sorted(w for w in talk if len(w) >= LEAST_LETTERS and w.isalpha() and w not in targets)
        self._talk_words = frozenset(self._talk)
        # of two words with the same consonants the one that names a thing is meant
        worded = sorted({*self._talk, *self._values}, key=lambda w: (self._weight(w), w))
        self._skeletons = {short: w for w in worded if len(short := _VOWELS.sub("", w)) >= LEAST_LETTERS - 1 and short != w}
        self._titled = Spelling({w: len(rows) for w, rows in vocabulary.title_rows.items() if w not in common_words() or w in targets})

    def mend(self, message: Message) -> tuple[Message, tuple[Mapped, ...]]:
        """The message with misspelt words corrected, and the corrections that are too far from what was typed to go unsaid."""
        tokens: list[Token] = []
        told: list[tuple[int, Token, str]] = []
        mended = 0
        source = self._written_apart(message.tokens)
        for index, token in enumerate(source):
            tokens.append(token)
            if mended >= MOST_MENDED or not self._suspicious(token):
                continue
            mended += 1
            if plain := self._shortened(token):
                tokens[-1] = _corrected(token, plain, plain in self._talk_words)
                continue
            before = source[index - 1] if index else None
            name = (before is not None and before.text in BRAND_CUES) or (token.capital and index > 0)
            if better := self._near(token, name):
                tokens[-1] = _corrected(token, better[0], better[0] in self._talk_words)
                if better[1] > 1:
                    told.append((index, token, better[0]))
            elif not name:
                following = source[index + 1] if index + 1 < len(source) else None
                found = self._parts(token) or self._by_titles(token, tokens[-2] if len(tokens) > 1 else None, following)
                if found:
                    told.append((index, token, " ".join(found)))
                    tokens[-1:] = [replace(_corrected(token, w, len(found) > 1), glued=token.glued and not n) for n, w in enumerate(found)]
        if not mended and len(source) == len(message.tokens):
            return message, ()
        return join(tokens), _said(told, source, tokens)

    def _written_apart(self, tokens: Sequence[Token]) -> list[Token]:
        """ "Back pack" where the shop writes "backpack": one token, if the two words stand side by side in no title."""
        found: list[Token] = []
        for token in tokens:
            last = found[-1] if found else None
            if last is not None and last.word and token.word and not token.glued and self._one_word(last, token):
                found[-1] = replace(last, text=last.text + token.text, stem=last.text + token.stem, raw=f"{last.raw} {token.raw}")
            else:
                found.append(token)
        return found

    def _one_word(self, one: Token, other: Token) -> bool:
        joined = one.text + other.stem
        if len(joined) < LEAST_JOINED or {one.text, other.text} <= stop_words():
            return False
        pair = (one.stem, other.stem)
        thing = self._vocabulary.title_heads[joined] > 1 or self._vocabulary.names_kind((joined,))
        return thing and pair not in self._vocabulary.phrases and not self._vocabulary.side_by_side(*pair)

    def _suspicious(self, token: Token) -> bool:
        if not token.word or len(token.text) < LEAST_LETTERS or not (token.text.isascii() and token.text.isalpha()):
            return False
        known = {token.text, token.stem}
        if {w for w in known if len(w) >= LEAST_LETTERS} & known_words():
            return False  # a word of its own, that the catalogue may lack
        if base_forms(token.text) & common_words() or known & common_words() or known & colours().keys():
            return False
        return not any(self._vocabulary.knows(w) for w in known)

    def _shortened(self, token: Token) -> str:
        """The word behind letters that were drawn out ("greyyy") or left out ("jckt", "bdgt")."""
        if _DRAWN_OUT.search(token.text):
            spelled = (_DRAWN_OUT.sub(r"\1" * n, token.text) for n in (1, 2))
            return next((stem(w) for w in spelled if self._vocabulary.knows(stem(w)) or stem(w) in common_words()), "")
        if token.text[-1:] == token.text[-2:-1] and token.text[:-1] in self._vocabulary.phrase_words:
            return token.text[:-1]  # "bagg"
        return self._skeletons.get(token.text, "") if not set(token.text) & set("aeiou") else ""

    def _near(self, token: Token, name: bool) -> tuple[str, int] | None:
        """The value, noun or word of talk that was most likely meant, and how many letters differ. A ``name`` (capitalised, or after
        "from") is only mended to a brand."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        word = token.stem if len(token.stem) >= LEAST_LETTERS else token.text
        most = 1 if len(word) < 7 else 2
        found = extract(word, self._brands if name else self._values, scorer=OSA.distance, score_cutoff=most, limit=8)
        if not name:
            found += extract(word, self._talk, scorer=OSA.distance, score_cutoff=1, limit=2)
        good = [
            (distance, sorted(word) != sorted(target), 0.0 if target in self._talk_words else -self._weight(target), target)
            for target, distance, _ in found
            if _plausible(word, target, int(distance)) and (distance == 0 or len(word) > LEAST_LETTERS or not self._names_only(target))
        ]
        return (min(good)[3], int(min(good)[0])) if good else None

    def _names_only(self, word: str) -> bool:
        """Whether the catalogue knows a word as a maker's or a value's and not as a thing: too little to guess a short word by."""
        return bool(self._vocabulary.phrases.get((word,))) and not self._vocabulary.names_kind((word,))

    def _weight(self, word: str) -> float:
        """Product words before brands before other values: the likelier meaning of a slip."""
        fields = {e.field for e in self._vocabulary.phrases.get((word,), ())}
        return 3.0 * ("category" in fields) + 1.0 * bool(fields) + min(0.9, self._vocabulary.words[word] / 100)

    def _parts(self, token: Token) -> tuple[str, ...]:
        """Two words of titles written as one, perhaps with a slip in the second ("multitol": multi-tool)."""
        from rapidfuzz.distance import OSA

        found = []
        for cut in range(LEAST_PART, len(token.stem) - LEAST_PART + 1):
            head, tail = token.stem[:cut], stem(token.stem[cut:])
            for row in self._vocabulary.title_rows.get(head, ()):
                title = self._vocabulary.titles[row]
                after = [title[i + 1] for i, w in enumerate(title[:-1]) if w == head]
                near = (w for w in after if w == tail or (len(w) >= LEAST_LETTERS and w[0] == tail[0]))
                found += [(d, head, w) for w in near if (d := OSA.distance(tail, w, score_cutoff=1)) <= 1]
        return min(found)[1:] if found else ()

    def _by_titles(self, token: Token, before: Token | None, after: Token | None) -> tuple[str, ...]:
        """The word of titles that was meant: of several likely ones that which stands beside the same neighbour somewhere."""
        from rapidfuzz.distance import OSA

        likely = [w for w in self._titled.meant(token.text) if w[0] == token.text[0] or w[1:2] == token.text[0]]
        likely += [w for w in self._titled.meant(token.text) if w not in likely and self._beside(w, before, after)]
        beside = [w for w in likely if self._beside(w, before, after)]
        alone = [w for w in likely if len(token.text) >= LONG or OSA.distance(token.text, w, score_cutoff=1) <= 1]
        return tuple((beside or alone)[:1])

    def _beside(self, word: str, before: Token | None, after: Token | None) -> bool:
        pairs = [(before.stem, word)] if before is not None and before.word else []
        pairs += [(word, after.stem)] if after is not None and after.word else []
        if after is not None and after.word and (near := self._near(after, False)):
            pairs.append((word, near[0]))
        return any(self._vocabulary.side_by_side(*pair) for pair in pairs)


def _corrected(token: Token, better: str, plain: bool) -> Token:
    """Talk ("cheepest") is rewritten, since rules read it; a product word keeps its spelling for the shopper's eyes."""
    return replace(token, stem=better, text=better, raw=better) if plain else replace(token, stem=better)


def _said(told: Sequence[tuple[int, Token, str]], source: Sequence[Token], tokens: Sequence[Token]) -> tuple[Mapped, ...]:
    """The corrections in the shopper's order, neighbours as one ("hekkin pols": "trekking poles")."""
    meant = {token.text: token.stem for token in tokens}
    places = {index: better for index, _, better in told}
    for index, token in enumerate(source):  # a neighbour's smaller slip is told along
        if token.word and meant.get(token.text, token.stem) != token.stem and {index - 1, index + 1} & places.keys():
            places.setdefault(index, meant[token.text])
    found = []
    for _, run in groupby(enumerate(sorted(places)), key=lambda p: p[1] - p[0]):
        indices = [i for _, i in run]
        read = " ".join(places[i] + ("s" if source[i].text.endswith("s") and not places[i].endswith("s") else "") for i in indices)
        found.append(Mapped(" ".join(source[i].raw for i in indices), read))
    return tuple(found)


def _plausible(word: str, target: str, distance: int) -> bool:
    """A slip rarely changes the first letter, and never half of a short word."""
    if abs(len(word) - len(target)) > 2:
        return False
    if len(word) <= 4:
        return distance <= 1 and len(target) >= 4 and word[0] == target[0]
    if word[0] == target[0]:
        return distance <= (1 if len(word) < 7 else 2)
    return (distance == 1 and (word[1:2] == target[:1] or word[:2] == target[1::-1])) or (distance == 1 and len(word) >= 7)
