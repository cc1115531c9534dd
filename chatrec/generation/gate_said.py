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
from chatrec.generation.gate_words import stems
from chatrec.generation.shop_talk import ShopTalk

ATTRIBUTION = frozenset(stems("review reviews reviewer reviewers shopper shoppers buyer buyers customer customers"))
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

    ``property_names`` name the property whose figure was told last, with its dimension."""

    tokens: Sequence[Token]
    support: Support
    talk: ShopTalk
    free: set[int]
    attributed: bool = False
    negated: dict[int, bool] = field(default_factory=dict)
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
        if claim.least <= 1 or claim.relations or id(claim) in self.matched:
            return True
        return len(claim.core & {self.reading.tokens[i].stem for i in self.clause.run}) >= claim.least

    @property
    def ranked(self) -> frozenset[str]:
        """The content stems of the clause that are no relation: what a "more" or a "highest" may be of."""
        tokens = self.reading.tokens
        return frozenset(tokens[i].stem for i in self.reading.content(self.clause.indexes)) - RELATIONS

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

    @property
    def is_difference(self) -> bool:
        """ "The difference is the weight"."""
        return "differ" in {self.reading.tokens[i].stem for i in self.clause.indexes}

    def is_state_of(self, claim: Claim) -> bool:
        """ "When folded, [1] measures 52 cm": the clause names the property whose figure the sentence gives."""
        figures = {t.value for t in self.reading.tokens if t.kind is Kind.NUMBER}
        return self.reading.tokens[self.clause.indexes[0]].stem == "when" and any(f.value in figures for f in claim.figures)

    @property
    def open_words(self) -> list[int]:
        """Content tokens that no figure has accounted for."""
        return [i for i in self.reading.content(self.clause.indexes) if i not in self.told]


def _measured(claim: Claim) -> bool:
    return bool(claim.figures) and claim.kind in _NUMERIC
