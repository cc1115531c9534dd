"""A sentence under inspection, and one of its clauses against the claims of one subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import Claim, polarised
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_words import MEASURES, rooted, stems
from chatrec.generation.shop_talk import ShopTalk

ATTRIBUTION = frozenset(stems("review reviews reviewer reviewers shopper shoppers buyer buyers customer customers"))
_HAVING = frozenset(stems("has have with comes get got includes features"))
TOPICAL = frozenset(stems("matter matters count counts priority important care"))
_NUMERIC = frozenset({FactKind.ATTRIBUTE, FactKind.RATING})


@dataclass(frozen=True, slots=True)
class Failure:
    """The token that has no record behind it, and why."""

    index: int
    reason: str


@dataclass(slots=True)
class Reading:
    """A sentence under inspection: its tokens, which of them are ``free`` (already accounted for), and what it says overall.

    ``ranked`` are the content stems of the last clause that had any, which "but more than [3]" speaks of; ``property_names`` name the
    property whose figure was told last, with its dimension.
    """

    tokens: Sequence[Token]
    support: Support
    talk: ShopTalk
    free: set[int]
    attributed: bool = False
    negated: dict[int, bool] = field(default_factory=dict)
    ranked: frozenset[str] = frozenset()
    property_names: tuple[frozenset[str], str] = (frozenset(), "")

    def content(self, indexes: Sequence[int]) -> Iterator[int]:
        """The tokens that need a record: neither free nor idle."""
        for i in indexes:
            token = self.tokens[i]
            if token.kind is Kind.WORD and i not in self.free and not (self.talk.is_idle(token.stem) and not self._is_second_hand(i)):
                yield i

    def _is_second_hand(self, i: int) -> bool:
        """ "used items" says something of them; "is used" and "you can use" do not."""
        before = self.tokens[i - 1].stem if i else ""
        return self.tokens[i].text.lower() == "used" and before not in ("is", "are", "be", "was", "been", "often", "also")


def read(tokens: Sequence[Token], support: Support, talk: ShopTalk, free: set[int]) -> Reading:
    """Prepares a sentence: who governs which word, and whether an opinion is attributed."""
    negated = {}
    effective = [t if i not in free or t.stem not in NEGATORS else Token(t.kind, t.text, t.start, t.end) for i, t in enumerate(tokens)]
    for i, (_, flag) in enumerate(polarised(effective)):
        negated[i] = flag
    attributed = any(t.stem in ATTRIBUTION for t in tokens)
    return Reading(tokens, support, talk, free, attributed, negated)


@dataclass(slots=True)
class Said:
    """One clause against the usable claims of one subject. ``matched`` are claims whose figure the clause gives; ``told`` are
    tokens that a figure accounts for ("long" in "60 cm long")."""

    clause: Clause
    reading: Reading
    claims: Sequence[Claim]
    matched: frozenset[int]
    told: frozenset[int]
    subject: int | None

    def supporting(self, word: str, negated: bool) -> list[Claim]:
        """The claims that say this word; a measured property only counts together with its figure."""
        return [
            c
            for c in self.claims
            if c.holds(word, negated)
            and self._says_enough(c)
            and (word not in c.names or not _measured(c) or id(c) in self.matched or self.names_a_topic(word) or self.is_state_of(c))
        ]

    def _says_enough(self, claim: Claim) -> bool:
        """Whether the clause gives as much of the claim as it takes to mean the same."""
        if claim.subject and not self._speaks_of(claim.subject):
            return False
        if claim.least <= 1 or claim.relations or id(claim) in self.matched:
            return True
        if "safe" in claim.core and self._goes_in(claim.core - {"safe"}):
            return True
        words = {rooted(self.reading.tokens[i].stem) for i in self.clause.run}
        if any(part <= words for part in claim.parts) or (claim.head in words and self._has_it(claim.head)):
            return True
        return len({rooted(w) for w in claim.core} & words) >= claim.least

    def _speaks_of(self, things: frozenset[str]) -> bool:
        """Whether the clause names what the record tells of, or that is the item itself."""
        words = {rooted(self.reading.tokens[i].stem) for i in self.clause.run}
        return bool(things & words) or bool(things & {rooted(w) for w in self.reading.support.types})

    def _has_it(self, head: str) -> bool:
        """ "[3] has a cable" where the record tells something of "the cable": what it tells of is there."""
        tokens = self.reading.tokens
        place = next((i for i in self.clause.indexes if rooted(tokens[i].stem) == head), 0)
        before = [t.stem for t in tokens[max(0, place - 3) : place]]
        return bool(_HAVING & set(before)) and before[-1:] != [] and before[-1] in ("a", "an", "with", "the", "its")

    def _goes_in(self, place: frozenset[str]) -> bool:
        """ "You can put it in the dishwasher" says that it is dishwasher safe."""
        tokens = self.reading.tokens
        before = [tokens[i].stem for i in self.clause.indexes if tokens[i].stem in place or tokens[i].stem in ("in", "into", "can", "go")]
        return (
            len(place) == 1
            and before[-1:] == [*place]
            and "in" in {w.removesuffix("to") for w in before}
            and {"can", "go"} & set(before) != set()
        )

    @property
    def ranked(self) -> frozenset[str]:
        """The content stems of the clause that are no relation: what a "more" or a "highest" may be of."""
        tokens = self.reading.tokens
        words = frozenset(tokens[i].stem for i in self.reading.content(self.clause.indexes)) - RELATIONS
        return words.union(*(MEASURES[w] for w in words & MEASURES.keys()))

    def names_a_topic(self, word: str) -> bool:
        """Whether the clause names the property without a word on its value."""
        return self.is_topic or (self.is_difference and self.differs(word))

    @property
    def is_topic(self) -> bool:
        """ "If weight matters": names a property without saying anything of it."""
        words = [self.reading.tokens[i].stem for i in self.clause.indexes]
        return words[0] in ("if", "when") and bool(TOPICAL & set(words))

    def differs(self, word: str) -> bool:
        """Whether all items have this property and not all have it alike."""
        support = self.reading.support
        own = [[(c.said, c.figures) for c in support.claims.get(n, ()) if word in c.names and not c.relations] for n in support.numbers]
        return len(own) > 1 and all(own) and any(set(told) != set(own[0]) for told in own)

    def is_favoured_in(self, word: str) -> bool:
        """Whether a comparison by this property is to the subject's credit."""
        own = self.reading.support.claims.get(self.subject, ()) if self.subject is not None else ()
        return any(c.is_favoured and word in c.words | c.names for c in own)

    @property
    def is_difference(self) -> bool:
        """ "The difference is the weight"."""
        return "differ" in {self.reading.tokens[i].stem for i in self.clause.indexes}

    def is_state_of(self, claim: Claim) -> bool:
        """ "When folded, [1] measures 52 cm": the clause names the property whose figure the sentence gives."""
        figures = {t.value for t in self.reading.tokens if t.kind is Kind.NUMBER}
        return self.reading.tokens[self.clause.indexes[0]].stem == "when" and any(f.value in figures for f in claim.figures)

    @property
    def negated_words(self) -> frozenset[str]:
        """The stems of the clause that a negation governs."""
        return frozenset(self.reading.tokens[i].stem for i in self.open_words if self.reading.negated[i])

    @property
    def open_words(self) -> list[int]:
        """Content tokens that no figure has accounted for."""
        return [i for i in self.reading.content(self.clause.indexes) if i not in self.told]


def _measured(claim: Claim) -> bool:
    return bool(claim.figures) and claim.kind in _NUMERIC
