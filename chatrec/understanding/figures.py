"""The figures of a segment: measures, ratings and prices; and the adjectives that lean one way ("cheap", "lightweight")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import Unknown
from chatrec.understanding.amounts import Amount, read_amounts
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.budget import moved_budget
from chatrec.understanding.comparatives import ComparisonReader
from chatrec.understanding.concepts import HINTS, PLAIN
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words, word_set
from chatrec.understanding.measures import Measures
from chatrec.understanding.money import price_leaning, price_of
from chatrec.understanding.needs import Segment
from chatrec.understanding.negation import Stance, stance_of
from chatrec.understanding.vocabulary import Vocabulary

LOW_SHARE, HIGH_SHARE = 1 / 3, 2 / 3  # "cheap" is the lower third of prices, "big" the upper third of sizes
MIXED_RATIO = 20.0  # between the tenth and ninetieth percentile
BEST_RATING = 5.0
_LEANING = word_set("leaning_words.txt")
_STOCK = re.compile(
    r"\b(?:in stock|available (?:now|today|right now|immediately)|currently available|immediately "
    r"available|not (?:sold out|out of stock)|on stock|ready to ship|still available)\b"
)
_RATED = re.compile(
    r"\b(?:well|highly|top|best|good) (?:- )?(?:rated|reviewed|ratings?|reviews?)\b|\bgood reviews\b|\bthe best\b(?! for| way)"
)
_HIGH_LOW = {"long": 1, "high": 1, "good": 1, "great": 1, "big": 1, "large": 1, "short": -1, "low": -1, "small": -1}
_RATING_WORDS = {"rated", "rating", "ratings", "score", "scored", "scores", "reviewed"}
_DEAR = re.compile(r"\b(?:luxury|luxurious|high (?:- )?end|upmarket|upscale|top of the (?:range|line)|deluxe|posh)\b")
_FIGURATIVE = {"fan", "deal", "hurry", "help", "problem", "question", "thing", "difference"}  # "a big fan of Kolder"
LEAST_SEATED = 0.3  # share of a kind of thing that says for how many it is, from which "me and my wife" are two
_CHEAP = re.compile(
    r"\b(?:(?:reasonably|sensibly|moderately|decently|fairly|modestly|attractively|low|lower) (?:- )?priced"
    r"|(?:budget|wallet|pocket) (?:- )?friendly"
    r"|(?:not|without)(?: \w+)? (?:too|so|very|spending|costing)? ?(?:much|a lot(?: of)?|loads(?: of)?|the earth|a fortune)(?: money)"
    r"|(?:won't|doesn't|not|without) (?:break|breaking) the bank|(?:won't|doesn't|not) cost (?:a fortune|the earth|an arm and a leg|"
    r"a lot|much)"
    r"|low (?:- )?cost|good value|great value|value for money|economical|easy on the wallet|(?:on a|tight|small|low) budget|bargain)\b"
)
GOOD_RATING = 4.0
_NOT_HEAVY = {"not", "too", "isn't", "very", "overly"}


@dataclass(frozen=True)
class Figures:
    """Constraints read from a segment, the tokens that said so, and figures that no field of the shop explains."""

    constraints: tuple[Constraint, ...] = ()
    tokens: frozenset[int] = frozenset()
    unknown: tuple[Unknown, ...] = ()
    loose: frozenset[int] = frozenset()  # figures that only the text of a record may hold ("500 ml")


class FigureReader:
    """Turns amounts into constraints."""

    def __init__(self, vocabulary: Vocabulary, comparisons: ComparisonReader) -> None:
        self._vocabulary = vocabulary
        self._comparisons = comparisons
        self._measures = Measures(vocabulary)

    def read(self, analysis: Analysis, segment: Segment, categories: Sequence[str]) -> Figures:
        """Every figure between the ends of a segment."""
        taken = [t or not segment.holds(i) for i, t in enumerate(analysis.taken)]
        benign = [t or tok.stem in stop_words() for t, tok in zip(analysis.taken, analysis.message.tokens, strict=True)]
        constraints: list[Constraint] = []
        tokens: set[int] = set()
        unknown: list[Unknown] = []
        loose: set[int] = set()
        amounts = read_amounts(analysis.message, taken)
        claimed = frozenset(i for a in amounts for i in range(a.start, a.last))
        for amount in amounts:
            others = claimed - frozenset(range(amount.start, amount.last)) | tokens
            if self._of_another_noun(analysis, segment, amount):
                tokens |= set(range(amount.start, amount.last))
                loose |= set(range(amount.first, amount.last))
                continue
            found, span = self._one(analysis, amount, categories, benign, (segment.first, segment.last), others)
            constraints += [self._softened(analysis, segment, amount, c) for c in found]
            if found:
                tokens |= set(span)
            elif _bounds_something(amount):
                tokens |= set(range(amount.start, amount.last))
                loose |= set(range(amount.first, amount.last))
                if amount.cue in ("most", "least", "between") or not self._written(analysis, amount):
                    unknown.append(Unknown(analysis.message.words(amount.first, min(segment.last, amount.last + (not amount.unit)))))
        constraints += self._stock_and_rating(analysis, segment, tokens)
        return Figures(_latest(constraints), frozenset(tokens), tuple(unknown), frozenset(loose))

    def _written(self, analysis: Analysis, amount: Amount) -> bool:
        """Whether the records speak of such a figure in their own words."""
        return all(self._vocabulary.knows(t.stem) for t in analysis.message.tokens[amount.first : amount.last] if t.text[:1].isalnum())

    def _of_another_noun(self, analysis: Analysis, segment: Segment, amount: Amount) -> bool:
        """ "a backpack that fits a 15 inch laptop": the figure belongs to a noun that is not the thing wanted."""
        if (
            amount.cue
            or amount.unit in ("", "persons")
            or amount.last >= segment.last
            or not any(a.last <= amount.first for a in segment.anchors)
        ):
            return False
        following = analysis.message.tokens[amount.last]
        known = following.text in stop_words() or following.stem in HINTS or analysis.taken[amount.last]
        return following.word and not known and not any(following.stem in names for names in self._vocabulary.name_stems.values())

    def _softened(self, analysis: Analysis, segment: Segment, amount: Amount, constraint: Constraint) -> Constraint:
        """ "ideally under 150" moves the ranking only."""
        place = Mention(amount.start, amount.last, constraint.field, ())
        wished = stance_of(analysis.message, place, None, (segment.clause.first, segment.clause.last)) is Stance.PREFER
        return replace(constraint, strength=Strength.PREFER) if wished else constraint

    def _one(
        self,
        analysis: Analysis,
        amount: Amount,
        categories: Sequence[str],
        benign: Sequence[bool],
        limits: tuple[int, int],
        claimed: frozenset[int],
    ) -> tuple[tuple[Constraint, ...], range]:
        if moved := moved_budget(analysis.message, amount, analysis.state):
            return moved, range(amount.start, min(limits[1], amount.last + 1))
        if amount.unit == "stars" or _rates(analysis, amount):
            return self._stars(analysis, amount), range(amount.start, amount.last)
        if amount.unit == "persons" and not any(analysis.message.tokens[i].number is not None for i in range(amount.first, amount.last)):
            held = max((self._vocabulary.coverage(f, categories) for f in self._measures.counting_people()), default=0.0)
            if not categories or held < LEAST_SEATED:
                return (), range(0)  # "a gift for me and my wife"
        measured = None if amount.currency else self._measures.resolve(analysis.message, amount, categories, limits, claimed)
        pounds = amount.unit == "lb" and any(analysis.message.tokens[i].stem == "pound" for i in range(amount.first, amount.last))
        if pounds and not (measured and all(self._measures.fits(c) for c in measured.constraints)):
            measured, amount = None, replace(amount, unit="", currency="GBP")  # no phone weighs 300 pounds
        if measured and measured.constraints:
            return measured.constraints, range(measured.first, measured.last)
        return price_of(analysis.message, amount, benign), range(amount.start, amount.last)

    def _stars(self, analysis: Analysis, amount: Amount) -> tuple[Constraint, ...]:
        if not 0 < amount.value <= BEST_RATING:
            return ()
        said = analysis.message.words(amount.start, amount.last)
        if amount.cue == "most":
            return (Constraint("rating", Op.AT_MOST, number=amount.value, said=said),)
        return (
            Constraint("rating", Op.AT_LEAST, number=amount.low if amount.cue == "between" and amount.low else amount.value, said=said),
        )

    def _stock_and_rating(self, analysis: Analysis, segment: Segment, tokens: set[int]) -> list[Constraint]:
        text = analysis.message.words(segment.first, segment.last)
        offset = analysis.message.tokens[segment.first].start
        found = []
        if (cheap := _CHEAP.search(text)) and not tokens & set(analysis.message.span(offset + cheap.start(), offset + cheap.end())):
            low = self._vocabulary.quantile("price", LOW_SHARE, segment.categories())
            found += [made] if (made := price_leaning(cheap.group(), -1, low)) else []
            tokens |= set(analysis.message.span(offset + cheap.start(), offset + cheap.end()))
        if (dear := _DEAR.search(text)) and (
            made := price_leaning(dear.group(), 1, self._vocabulary.quantile("price", HIGH_SHARE, segment.categories()))
        ):
            found.append(made)
        for pattern, field, bound, strength in ((_STOCK, "stock", 1.0, Strength.MUST), (_RATED, "rating", GOOD_RATING, Strength.PREFER)):
            match = pattern.search(text)
            span = analysis.message.span(offset + match.start(), offset + match.end()) if match else range(0)
            if match and not any(c.first in span for c in analysis.compared):
                found.append(Constraint(field, Op.AT_LEAST, number=bound, strength=strength, said=match.group()))
                tokens |= set(span)
        return found

    def leanings(self, analysis: Analysis, segment: Segment, categories: Sequence[str], taken: frozenset[int]) -> Leanings:
        """Adjectives that lean toward one end of a field, as preferences at a third of its range."""
        found: list[Constraint] = []
        tokens: set[int] = set()
        unknown: list[Unknown] = []
        wishes = [
            (i, t.text, 1)
            for i, t in enumerate(analysis.message.tokens)
            if segment.holds(i) and t.text in _LEANING and not analysis.taken[i] and i not in taken
        ]
        if not (analysis.state.shown or analysis.refs.tokens):
            # "a lighter tent" with nothing shown to compare with is a wish for a light one
            for compared in analysis.compared:
                if segment.holds(compared.first) and not compared.superlative:
                    found += self._leaning(compared.word, compared.field, compared.direction, categories)
                    tokens |= set(range(compared.first, compared.last))
        for noun in self._of_nouns(analysis, segment, categories, taken):
            found.append(noun[0])
            tokens |= set(noun[1])
        for index, word, sign in (w for w in wishes if w[0] not in tokens):
            before = [t.text for t in analysis.message.tokens[max(segment.first, index - 2) : index]]
            utmost = analysis.message.words(index + 1, index + 3) in ("as possible", "as you", "as it", "as can")
            if "how" in before or ("as" in before and not utmost) or analysis.message.words(index + 1, index + 2) in _FIGURATIVE:
                continue
            sign = (
                -1
                if before and (before[-1] in ("not", "isn't") or (before[-1] in _NOT_HEAVY and set(before) & {"not", "isn't", "too"}))
                else sign
            )
            tokens.add(index)
            pulled = self._pull(word, categories)
            if pulled:
                made = self._leaning(word, pulled[0], pulled[1] * sign, categories)
                found += made
                if not made and pulled[0] == "price":
                    unknown.append(Unknown(word, "price"))
                elif not made and self._vocabulary.quantile(pulled[0], LOW_SHARE, categories) is None:
                    tokens.discard(index)  # "light", where no weights are recorded, is a word to search with
            else:
                tokens.discard(index)
        return Leanings(tuple(found), frozenset(tokens), tuple(unknown))

    def _of_nouns(
        self, analysis: Analysis, segment: Segment, categories: Sequence[str], taken: frozenset[int]
    ) -> Iterator[tuple[Constraint, range]]:
        """ "Long battery life", "a big screen": the noun says which field, the adjective which end of it."""
        tokens = analysis.message.tokens
        for index in range(segment.first, segment.last - 1):
            pull = _HIGH_LOW.get(tokens[index].text) or next((d for _, d in PLAIN.get(tokens[index].text, ())), 0)
            if not pull or analysis.taken[index] or index in taken or (index and tokens[index - 1].text in ("not", "how", "as", "too")):
                continue
            for field, names in self._vocabulary.name_stems.items():
                held = field in self._vocabulary.numbers and names[:1] == (tokens[index + 1].stem,)
                if held and self._vocabulary.coverage(field, categories) >= LEAST_SEATED:
                    last = index + 2
                    while last < segment.last and (tokens[last].stem in names or tokens[last].text in ("life", "size", "time")):
                        last += 1
                    said = analysis.message.words(index, last)
                    yield from ((c, range(index, last)) for c in self._leaning(said, field, pull, categories))
                    break

    def _pull(self, word: str, categories: Sequence[str]) -> tuple[str, int] | None:
        for concept, direction in PLAIN.get(word, []):
            if field := self._comparisons.field_of(concept, categories):
                return field[0], direction * field[1]
        return None

    def _mixed(self, field: str) -> bool:
        """Whether figures of very different things share the field."""
        low, high = self._vocabulary.quantile(field, 0.1), self._vocabulary.quantile(field, 0.9)
        return low is None or high is None or low <= 0 or high > MIXED_RATIO * low

    def _leaning(self, word: str, field: str, direction: int, categories: Sequence[str]) -> list[Constraint]:
        if field != "price" and not categories and self._mixed(field):
            return []  # a light thing among socks and suitcases is no light suitcase
        bound = self._vocabulary.quantile(field, LOW_SHARE if direction < 0 else HIGH_SHARE, categories)
        if field == "price":
            made = price_leaning(word, direction, bound)
            return [made] if made else []
        if bound is None:
            return []
        op = Op.AT_MOST if direction < 0 else Op.AT_LEAST
        return [Constraint(field, op, number=bound, unit=self._vocabulary.fields[field].unit, strength=Strength.PREFER, said=word)]


@dataclass(frozen=True)
class Leanings(Figures):
    """Preferences read from adjectives."""

    def __bool__(self) -> bool:
        return bool(self.constraints or self.unknown)


def _rates(analysis: Analysis, amount: Amount) -> bool:
    """ "Rated 4.5 or better", "a rating above 4"."""
    before = {t.text for t in analysis.message.tokens[max(0, amount.start - 2) : amount.first]}
    after = {t.text for t in analysis.message.tokens[amount.last : amount.last + 1]}
    return not (amount.unit or amount.currency) and 0 < amount.value <= BEST_RATING and bool((before | after) & _RATING_WORDS)


def _bounds_something(amount: Amount) -> bool:
    """A figure that was surely meant as a bound: it has a comparator, or a unit that does not touch it as in a model name."""
    return bool(amount.cue) or (
        bool(amount.unit) and amount.unit not in ("years", "days", "weeks", "months", "h", "min", "g", "persons", "percent")
    )


def _latest(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """Of two bounds of one kind on one field the later one is meant."""
    return tuple({c.key: c for c in constraints}.values())
