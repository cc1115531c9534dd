"""Puts the wishes of a message together: values, figures, leanings, recipient, search words, and what the shop cannot express."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import NeedReading, Unknown
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.at_hand import AtHand
from chatrec.understanding.children import GROWN_UP_AGE, ChildrenReader
from chatrec.understanding.clauses import Clause
from chatrec.understanding.comparatives import ComparisonReader
from chatrec.understanding.coordination import set_apart
from chatrec.understanding.figures import FigureReader
from chatrec.understanding.needs import Segment, active_kinds, cut_segments, merge_readings, value_constraints
from chatrec.understanding.phrases import OPEN_WISH, SAID_OF_IT
from chatrec.understanding.recipients import Recipient
from chatrec.understanding.search_words import SearchWords
from chatrec.understanding.sharing import share
from chatrec.understanding.sizes import SizeReader
from chatrec.understanding.stances import joined
from chatrec.understanding.text import stems
from chatrec.understanding.unknown import Nearest
from chatrec.understanding.vocabulary import GENDER_FIELDS, HARDLY_HELD, PURPOSE_FIELDS, Vocabulary, names_gender

GOES_WITH_SHARE = 2 / 3  # of the things that bear a name, from which it is what they go with
LEAST_COVERAGE = 0.5  # an age filters only where most items of the category record one
_EXPLICIT_NEW = re.compile(
    r"\b(?:also,? (?:(?:i|we) (?:also )?|(?:i|we)'(?:m|re) |i'd )?(?:need|want|like|looking for)|another thing|"
    r"something else entirely|now (?:i need|show|for|find)|next i "
    r"need|besides|on another note|different topic)\b"
)
# "Something to charge my phone" is no wish about the tents at hand; "something to go with it" and "something to buy" are.
_SOMETHING = re.compile(r"\b(?:something|anything|some|gifts?|presents?)\b")
_SOMETHING_FOR = re.compile(
    r"^(?:(?:and|also|then|now|ok|okay|please|i need|i want|show me|find me|,) )*(?:something|anything|a (?:small )?(?:gift|present)) for\b"
)
_NEW_PURPOSE = re.compile(
    r"\b(?:something|anything) (?:to|that can|which can|against) (?!go |fit |match |buy |get |have |do |be |see |wear |complete )[a-z]+"
)


@dataclass(frozen=True)
class Wishes:
    """The needs of a message and what of it the catalogue cannot express. ``clauses`` maps each clause start to "opens"."""

    needs: tuple[NeedReading, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    opened: frozenset[int] = frozenset()


class WishReader:
    """Reads the request clauses of a message."""

    def __init__(self, vocabulary: Vocabulary, comparisons: ComparisonReader, nearest: Nearest) -> None:
        self._vocabulary = vocabulary
        self._figures = FigureReader(vocabulary, comparisons)
        self._words = SearchWords(vocabulary, nearest)
        self._sizes = SizeReader(vocabulary)
        self._children = ChildrenReader(vocabulary)
        self.at_hand = AtHand(vocabulary)

    def has_figures(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a clause holds a figure that bounds something."""
        segment = Segment(clause.first, clause.last, clause)
        return bool(self._figures.read(analysis, segment, ()).constraints)

    def leans(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a clause holds an adjective that leans one way ("cheap")."""
        return bool(self._figures.leanings(analysis, Segment(clause.first, clause.last, clause), (), frozenset()))

    def product(self, analysis: Analysis, clause: Clause) -> str:
        """The thing that a clause asks for in words that are no catalogue value, or an empty string."""
        return self._words.product(analysis, Segment(clause.first, clause.last, clause))

    def read(self, analysis: Analysis, clauses: Sequence[Clause]) -> Wishes:
        """The wishes of these clauses."""
        readings: list[NeedReading] = []
        unknown: list[Unknown] = []
        opened: set[int] = set()
        lacking: set[str] = set()
        current = active_kinds(analysis, self._vocabulary.kind_fields)
        open_need = analysis.state.need() is not None
        segments = set_apart(analysis, cut_segments(analysis, clauses), self._words.products)
        self._own_recipient(analysis, segments)
        for segment in segments:
            reading, told = self._segment(analysis, segment, current, open_need)
            readings.append(reading)
            unknown += told
            lacking |= {u.word for u in told if u.field == "category"}
            if reading.opens:
                opened.add(segment.clause.first)
                open_need = True
            if segment.anchors:
                named = tuple(v.casefold() for a in segment.anchors for v in a.values)
                current = named if reading.opens else (*current, *named)
        merged = share(analysis, list(merge_readings(readings)))
        if not (readings and all(r.query and r.query in lacking for r in readings)):
            merged = list(self._children.fit(analysis, self._with_recipient(analysis, merged)))
        return Wishes(tuple(merged), tuple(dict.fromkeys(unknown)), frozenset(opened))

    def _segment(
        self, analysis: Analysis, segment: Segment, current: tuple[str, ...], open_need: bool
    ) -> tuple[NeedReading, list[Unknown]]:
        if OPEN_WISH.match(segment.clause.text):
            return NeedReading(opens=True), []
        describes = open_need and bool(SAID_OF_IT.search(segment.clause.text)) and not segment.apart
        if describes and not {v.casefold() for v in segment.categories()} & set(current):
            # "with a drive", said of the screws, asks for no drives
            segment = replace(segment, anchors=[], context=[*segment.anchors, *segment.context])
        categories = segment.categories() or self._active_categories(analysis)
        constraints, waived = value_constraints(analysis, segment, self._vocabulary)
        constraints = [self._made_for(self._held_there(c, categories), categories) for c in constraints]
        figures = self._figures.read(analysis, segment, categories)
        leaning = self._figures.leanings(analysis, segment, categories, figures.tokens)
        sizes = self._sizes.read(analysis, segment, categories, figures.tokens | leaning.tokens)
        explained = figures.tokens | leaning.tokens | sizes.tokens
        words = self._words.read(analysis, segment, explained, figures.loose - sizes.tokens, categories)
        if words.lacks and not describes:
            # what is said of a thing that is not to be had limits nothing: "a guitar under 200" must not bring other things under 200
            return NeedReading(words.query, opens=self._opens(analysis, segment, words.product, current, open_need)), list(words.unknown)
        drops = [f for f, tokens in analysis.lifted.items() if tokens and segment.holds(tokens[0])]
        opens = not describes and self._opens(analysis, segment, words.product, current, open_need)
        bounded = {c.key for c in figures.constraints}
        meant = Constraint("category", Op.IS, words.meant, strength=Strength.PREFER, said=words.product)
        constraints = [c for c in constraints if not _is_thing(c, words.product)] + ([meant] if words.meant else [])
        elsewhere = opens or not current  # what is said of the thing at hand moves it to no other shelf
        if words.place and not describes and elsewhere and not any(c.field in self._vocabulary.kind_fields for c in constraints):
            constraints.insert(0, Constraint("category", Op.IS, (words.place,), said=words.product))
        fixed = {c.field for c in figures.constraints}  # of a "four person tent that packs small" the four stands
        told = [
            *constraints,
            *sizes.constraints,
            *(c for c in leaning.constraints if c.field not in fixed or c.field == "price"),
            *self._titled(words.titled, categories),
        ]
        made = [c for c in joined(told) if c.key not in bounded] + list(figures.constraints)
        made = [_bounded(c, analysis.state.turn + 1) for c in made]
        thing = self._words.thing(analysis, segment, words) if words.query else ""  # a word that is searched for, or none was said
        reading = NeedReading(words.query, tuple(made), "", opens, tuple(dict.fromkeys((*drops, *waived))), thing=thing)
        own = [r for r in analysis.recipients if r.tokens and segment.holds(r.tokens[0])]
        reading = self._meant_for(analysis, reading, own[0]) if own else reading
        return reading, [*words.unknown, *sizes.unknown, *figures.unknown, *leaning.unknown]

    def _titled(self, found: Sequence[Constraint], categories: tuple[str, ...]) -> list[Constraint]:
        """Wishes for words of a title count inside a category; over a whole shop they would outweigh the thing itself."""
        return [c for c in found if c.op is Op.IS_NOT or categories]

    def _held_there(self, constraint: Constraint, categories: tuple[str, ...]) -> Constraint:
        """A value of a field that the shop hardly records for these things can be wished for and cannot filter them."""
        field = self._vocabulary.fields.get(constraint.field)
        if constraint.strength is not Strength.MUST or constraint.op is not Op.IS or not categories or field is None:
            return constraint
        told = field.origin == "attribute" and field.kind == "words"
        hardly = told and self._vocabulary.coverage(constraint.field, categories) < HARDLY_HELD
        if hardly and constraint.field in GENDER_FIELDS:  # "kids hammock": no hammock says whom it is for
            hardly = not self._vocabulary.any_match((constraint, Constraint("category", Op.IS, categories)))
        return replace(constraint, strength=Strength.PREFER) if hardly else constraint

    def _made_for(self, constraint: Constraint, categories: tuple[str, ...]) -> Constraint:
        """ "An Apple iPhone case" where most cases so titled are by other makers: the maker is what it goes with."""
        if constraint.field != "brand" or constraint.op is not Op.IS or not categories:
            return constraint
        named = self._vocabulary.titled(stems(constraint.said)) & self._vocabulary.rows(categories)
        with_it = [row for row in named if self._vocabulary.made_for(stems(constraint.said)[0], row)]
        if len(with_it) <= len(named) * GOES_WITH_SHARE:
            return constraint
        return Constraint("title", Op.IS, (constraint.said,), strength=Strength.PREFER, said=constraint.said)

    def _active_categories(self, analysis: Analysis) -> tuple[str, ...]:
        need = analysis.state.need()
        return tuple(v for c in need.constraints if c.field == "category" and c.op is Op.IS for v in c.values) if need else ()

    def _opens(self, analysis: Analysis, segment: Segment, product: str, current: tuple[str, ...], open_need: bool) -> bool:
        """Whether the segment starts a new need: there is none, or it names another kind of thing than the one at hand."""
        if not open_need or segment.apart:
            return True
        if (_NEW_PURPOSE.search(segment.clause.text) and not segment.anchors) or self._for_another(analysis, segment):
            return True
        kinds = {v.casefold() for a in segment.anchors for v in a.values}
        explicit = bool(_EXPLICIT_NEW.search(analysis.message.text))
        # no other was named since
        at_hand = not explicit and set(active_kinds(analysis, self._vocabulary.kind_fields)) <= set(current)
        if kinds:
            if at_hand and self.at_hand.holds(segment.anchors, analysis.state):
                return False
            return (bool(current) and not kinds & set(current)) or (not current and (explicit or self._was_about(analysis, kinds)))
        if not product:
            return False
        need = analysis.state.need()
        known = set((need.query if need else "").lower().split())
        if set(product.split()) <= known:
            return False
        return not (at_hand and self.at_hand.describes_bare(product.split(), segment.clause, analysis.state))

    def _for_another(self, analysis: Analysis, segment: Segment) -> bool:
        """ "And something for his mum": another person's wishes are not those of the first."""
        need, who = analysis.state.need(), analysis.recipient.who
        if need is not None and not need.recipient and (who or analysis.recipient.age is not None):
            # "something for a 7 year old" after a rucksack was looked for is no rucksack
            return bool(_SOMETHING_FOR.search(segment.clause.text)) and bool(need.constraints or need.query)
        another = need is not None and bool(need.recipient) and bool(who) and who not in (need.recipient, "her", "him")
        return another and (bool(segment.anchors) or bool(_SOMETHING.search(segment.clause.text)))

    def _was_about(self, analysis: Analysis, kinds: set[str]) -> bool:
        """Whether the open need, which has no category, already named another product in free words."""
        need = analysis.state.need()
        if need is None or any(c.field in self._vocabulary.kind_fields for c in need.constraints):
            return False
        return self._words.names_product(need.query, kinds)

    def _own_recipient(self, analysis: Analysis, segments: Sequence[Segment]) -> None:
        """ "Boots in 43 and a pair for my wife": where one of several of a kind is for somebody, the others are not."""
        told = analysis.recipient.tokens
        if told and not analysis.recipients and any(s.apart and s.anchors and s.holds(told[0]) for s in segments):
            analysis.recipients = [analysis.recipient]

    def _with_recipient(self, analysis: Analysis, needs: Sequence[NeedReading]) -> tuple[NeedReading, ...]:
        recipient = analysis.recipient
        if not (recipient.who or recipient.age is not None) or any(n.recipient for n in needs):
            return tuple(needs)
        return tuple(self._meant_for(analysis, n, recipient) for n in needs or [NeedReading(opens=analysis.state.need() is None)])

    def _meant_for(self, analysis: Analysis, need: NeedReading, recipient: Recipient) -> NeedReading:
        """The need as that of a person: the name, and what age and gender say."""
        categories = tuple(v for c in need.constraints if c.field == "category" and c.op is Op.IS for v in c.values)
        known = recipient.who in ("her", "him") and analysis.state.need() is not None  # it was said before who that is
        extra = [*self._ages(analysis, recipient, categories), *([] if known else self._gender(analysis, recipient))]
        told = {c.field for c in need.constraints}
        kept = tuple(c for c in extra if c.field not in told)
        return replace(need, recipient="" if known else recipient.who, constraints=(*need.constraints, *kept))

    def _ages(self, analysis: Analysis, recipient: Recipient, categories: tuple[str, ...]) -> list[Constraint]:
        """An age as bounds: "age from" at most, "age to" at least."""
        age = recipient.age
        found = []
        for field in self._vocabulary.numbers if age is not None else ():
            stems = set(self._vocabulary.name_stems[field])
            if "age" not in stems or stems & {"average", "package"}:
                continue
            op = Op.AT_LEAST if stems & {"to", "max", "maximum", "until"} else Op.AT_MOST
            sure = self._vocabulary.coverage(field, categories) >= LEAST_COVERAGE
            strength = Strength.MUST if sure else Strength.PREFER
            found.append(
                Constraint(
                    field,
                    op,
                    number=age,
                    unit=self._vocabulary.fields[field].unit,
                    strength=strength,
                    turn=analysis.state.turn + 1,
                    said=f"{age:g} years",
                )
            )
        return found

    def _gender(self, analysis: Analysis, recipient: Recipient) -> list[Constraint]:
        wanted = recipient.gender
        if not wanted or (recipient.age is not None and recipient.age < GROWN_UP_AGE):
            return []
        for name in sorted(GENDER_FIELDS & set(self._vocabulary.fields)):
            field = self._vocabulary.fields[name]
            values = tuple(v.text for w in (wanted, "unisex") for v in field.values if names_gender(v.text, w))
            if values:
                return [Constraint(name, Op.IS, values, strength=Strength.PREFER, turn=analysis.state.turn + 1, said=recipient.who)]
        return []


def _is_thing(constraint: Constraint, product: str) -> bool:
    """ "A torch" asks for a torch, and not for whatever comes with one."""
    return constraint.field in PURPOSE_FIELDS and bool(product) and stems(constraint.said) == (product,) and not product.endswith("ing")


def _bounded(constraint: Constraint, turn: int) -> Constraint:
    return replace(constraint, turn=turn, said=constraint.said[:80])
