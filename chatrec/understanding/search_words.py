"""The words to search with, the product named in free words, and words that the catalogue has no idea of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatrec.domain.colours import colours
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import Unknown
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.concepts import COMPARATIVE
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import common_words, no_things, stop_words
from chatrec.understanding.needs import Segment
from chatrec.understanding.negation import Stance, stance_of
from chatrec.understanding.products import LEAST_LETTERS, Judged, ProductReader, names_no_thing
from chatrec.understanding.stances import constraint_for
from chatrec.understanding.text import Token, stem
from chatrec.understanding.title_wishes import TitleWishes, forms_of
from chatrec.understanding.unknown import Nearest
from chatrec.understanding.vocabulary import Vocabulary

MOST_QUERY_WORDS = 24
NO_THING_OF_ITS_OWN = frozenset({"set", "kit", "pack", "piece", "pair"})  # so many of a thing
# When a thing is wanted says nothing of the thing: "she turns 6 next week".
_WHEN = re.compile(
    r"\b(?:next|this|last|the coming|by) (?:week|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\b(?:tomorrow|tonight|yesterday)\b|\bin (?:a|an|one|two|three|four|\d+) (?:days?|weeks?|months?)\b"
)


@dataclass(frozen=True)
class Words:
    """``query`` to search with; ``product`` the thing named in free words; ``unknown`` wishes; ``titled`` what a title should or must
    not hold; ``lacks`` says that the shop has no such thing at all; ``meant`` are the categories that its name is another word for,
    ``place`` the one where all such things lie."""

    query: str = ""
    product: str = ""
    unknown: tuple[Unknown, ...] = ()
    titled: tuple[Constraint, ...] = ()
    lacks: bool = False
    meant: tuple[str, ...] = ()
    place: str = ""


def _times(analysis: Analysis) -> frozenset[int]:
    found = (analysis.message.span(*m.span()) for m in _WHEN.finditer(analysis.message.text))
    return frozenset(i for span in found for i in span)


class SearchWords:
    """Reads what is left of a segment once values and figures are taken out."""

    def __init__(self, vocabulary: Vocabulary, nearest: Nearest) -> None:
        self._vocabulary = vocabulary
        self._nearest = nearest
        self._wished = TitleWishes(vocabulary)
        self.products = ProductReader(vocabulary, nearest)

    def read(
        self,
        analysis: Analysis,
        segment: Segment,
        explained: frozenset[int],
        loose: frozenset[int] = frozenset(),
        categories: Sequence[str] = (),
    ) -> Words:
        """Search words, product and unknown wishes of a segment."""
        valued = self._spoken(analysis, segment)
        when = _times(analysis)
        free = [i for i in range(segment.first, segment.last) if i not in when and self._is_free(analysis, i, explained)]
        denied = self._denied_words(analysis, segment, free)
        free = [i for i in free if i not in denied]
        phrase, head = self.products.phrase(analysis, segment, free)
        judged = self.products.judge(analysis, segment, phrase, head) if head is not None else Judged()
        told = [Unknown(f"not {analysis.message.tokens[i].text}") for i in denied if self._bare_denial(analysis, i)]
        told = [u for u in told if not self._titles_hold(u.word.removeprefix("not "))]
        told += [judged.unknown] if judged.unknown else []
        told += self._strange(analysis, segment, free, phrase, head, judged, explained)
        if judged.unknown and not segment.context:
            return Words(judged.unknown.word, judged.product, tuple(u for u in told if u.word), lacks=True)
        words = self._in_order(analysis, [*valued, *free, *loose])
        query = " ".join(dict.fromkeys([*words, *judged.suggestion.lower().split()]))
        place = self._place(judged, [analysis.message.tokens[i].stem for i in phrase])
        titled = (*self._title_limits(analysis, denied), *self._wished.read(analysis, segment, free, categories))
        return Words(query, judged.product, tuple(u for u in told if u.word), titled, meant=judged.meant, place=place)

    def _place(self, judged: Judged, phrase: list[str]) -> str:
        """The category where all things of this name lie, unless another category's name says what is said of it ("rain coat")."""
        place = self._vocabulary.home_of(judged.product) if judged.product and not judged.suggestion else ""
        own = set(self._vocabulary.own_words(place)) if place else set()
        elsewhere = any(w not in own and w in self._vocabulary.category_words for w in phrase if w != judged.product)
        return "" if elsewhere else place

    def _strange(
        self,
        analysis: Analysis,
        segment: Segment,
        free: list[int],
        phrase: list[int],
        head: int | None,
        judged: Judged,
        explained: frozenset[int],
    ) -> list[Unknown]:
        """Single words that the shop cannot serve; a phrase that it lacks as a whole is told once, but for the maker in it."""
        beside_kind = {i for a in segment.anchors for i in (a.first - 1, a.last)}
        whole = phrase if judged.unknown and not any(analysis.message.tokens[i].capital for i in phrase[:-1]) else []
        judged_head = head if judged.product or judged.unknown else None
        single = [i for i in free if i != judged_head and i not in whole]
        said = {i for i in single if i in phrase or i in beside_kind or self._said_of_it(analysis, segment, i)}
        found = [
            Unknown(f"{analysis.message.tokens[i - 1].text} {analysis.message.tokens[i].text}")
            for i in self._parts(analysis, segment, single)
        ]
        found += [w for i in single for w in self._lacking(analysis, i, i in said)]
        found += [
            Unknown(t.text)
            for i, t in enumerate(analysis.message.tokens)
            if segment.holds(i)
            and t.text in COMPARATIVE
            and t.text not in ("better", "worse")
            and not analysis.taken[i]
            and i not in explained
        ]
        return found

    def _parts(self, analysis: Analysis, segment: Segment, free: list[int]) -> list[int]:
        """Things that go with a kind and that no title names: "tent pegs" asks for pegs, and records of tents only mention them."""
        tokens = analysis.message.tokens
        after = [a.last for a in segment.anchors if a.last in free and tokens[a.last - 1].text == tokens[a.last - 1].stem]
        return [
            i
            for i in after
            if tokens[i].text == f"{tokens[i].stem}s"
            and self._vocabulary.knows(tokens[i].stem)
            and not self.products.sold(tokens[i])
            and tokens[i].stem not in common_words()
            and not names_no_thing(tokens[i], None)
            and not any(tokens[i].stem in names for names in self._vocabulary.name_stems.values())
        ]

    def _said_of_it(self, analysis: Analysis, segment: Segment, index: int) -> bool:
        """Whether a word is said of the thing wanted: "a jacket made of goretex", "boots with spikes"."""
        tokens = analysis.message.tokens
        place = index - 1
        if place > segment.first and tokens[place].word and tokens[place].text not in stop_words() and not analysis.taken[place]:
            place -= 1  # "with headphone jack"
        while place > segment.first and tokens[place].text in {"a", "an", "some", "any"} | no_things():
            place -= 1
        return any(a.last <= place for a in segment.anchors) and tokens[place].text in ("with", "in", "of", "from", "by")

    def _titles_hold(self, word: str) -> bool:
        return word in self._vocabulary.title_rows or stem(word) in self._vocabulary.title_rows

    def _title_limits(self, analysis: Analysis, denied: list[int]) -> list[Constraint]:
        """ "Not black" in a shop that records no colours: no title may say so."""
        tokens = analysis.message.tokens
        kept = [i for i in denied if tokens[i].stem in colours() or self._bare_denial(analysis, i)]
        return [Constraint("title", Op.IS_NOT, forms_of(tokens[i]), said=tokens[i].text) for i in kept if self._titles_hold(tokens[i].text)]

    def product(self, analysis: Analysis, segment: Segment) -> str:
        """The head of the product phrase, or an empty string."""
        free = [i for i in range(segment.first, segment.last) if self._is_free(analysis, i, frozenset())]
        denied = self._denied_words(analysis, segment, free)
        free = [i for i in free if i not in denied]
        _, head = self.products.phrase(analysis, segment, free)
        return analysis.message.tokens[head].stem if head is not None else ""

    def thing(self, analysis: Analysis, segment: Segment, words: Words) -> str:
        """The word for what is looked for, as titles write it: the last of a kind that is named, or the product in free words."""
        if words.lacks or words.meant or not segment.anchors:
            return "" if words.lacks or words.meant or words.product in NO_THING_OF_ITS_OWN else words.product
        token = analysis.message.tokens[segment.anchors[0].last - 1]
        return token.stem if token.word and token.stem in self._vocabulary.title_rows else ""

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
        word = analysis.message.tokens[index].stem
        if any(m.last == index and word in self._vocabulary.name_stems.get(m.field, ()) for m in analysis.mentions):
            return False  # "no dark roast": the name of the property after its value
        if analysis.message.words(index + 1, index + 2) == "free" and self._vocabulary.side_by_side(
            analysis.message.tokens[index].stem, "free"
        ):
            return False  # "powder free" is what titles say
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
        if in_phrase and (found := self._nearest.material(token.stem)):
            yield found
            return
        before = analysis.message.tokens[index - 1].text if index else ""
        named = before in ("from", "by", "brand") or (token.capital and in_phrase)
        if named and self._vocabulary.contract.has_brands:
            yield self._nearest.brand(token.text)
        elif in_phrase and not names_no_thing(token, None):
            yield Unknown(token.text)

    def _known_word(self, token: Token) -> bool:
        return (
            len(token.stem) < LEAST_LETTERS
            or token.stem in common_words()
            or token.text in common_words()
            or self._vocabulary.knows(token.stem)
            or self._vocabulary.knows(token.text)
            or any(token.stem in names for names in self._vocabulary.name_stems.values())
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
