"""Whether what a message names belongs to the thing that the shopper is looking for already: "boots" after "footwear under 100", "straight"
after "pipe fittings". A shopper who is answered with shelves and names one of them has not begun to look for something else."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.state import DialogueState
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.clauses import Clause
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words
from chatrec.understanding.vocabulary import Vocabulary

# Of the things of a kind so many must be of the kind at hand for it to be a part of that: a bundle of a tent and a mat makes no mat a tent.
WITHIN = 0.6
MOST_LOOKED_AT = 600  # records at hand that are looked through for a word
MOST_DESCRIPTION_CHARS = 600
LEAST_LETTERS = 3
MOST_SAID = 3  # telling words of a clause that only describes
_SAYING = set("say says do have something important kind matters counts thinking prefer would should must key".split())
_FRAMED = re.compile(
    r"\b(?:it|they|this|these|that|which) (?:should|must|has to|have to|needs? to|ought to)\b|\bi'm thinking of\b|"
    r"\bis (?:what (?:matters|counts|i (?:want|need|meant?))|important|key|essential|a must)\b"
)
# A noun after these words is asked for; a bare one may be said of what is at hand.
_ASKS_FOR = re.compile(
    r"^(?:a|an|some) |\b(?:need|want|looking|searching|shopping|hunting|show|find|get|buy|recommend|suggest|sell|stock|carry|interested|"
    r"do you have|have you|are there|is there|what about|how about|any)\b(?! it\b)"
)


class AtHand:
    """Judges by the records, for one generation."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def holds(self, kinds: Sequence[Mention], state: DialogueState) -> bool:
        """Whether a kind of thing that was named belongs to the need at hand: as an answer, or as a part of it."""
        return self.answers(kinds, state) or self.narrows(kinds, state)

    def answers(self, kinds: Sequence[Mention], state: DialogueState) -> bool:
        """Whether a kind of thing is the answer to the question of which kind, and something of the need at hand is such a thing."""
        question, need = state.question, state.need()
        if question is None or need is None or question.need_id != need.need_id:
            return False
        told = [m for m in kinds if m.field == question.field]
        return bool(told) and len(told) == len(kinds) and self._vocabulary.any_match((*self._kinds_of(need), *_wanted(told)))

    def narrows(self, kinds: Sequence[Mention], state: DialogueState) -> bool:
        """Whether nearly all things of the named kind are of the kind at hand, or, told by another field, all at hand are of that kind."""
        need = state.need()
        at_hand = self._kinds_of(need) if need is not None else ()
        if not at_hand:
            return False
        named = _wanted(kinds)
        both = len(self._vocabulary.matching((*at_hand, *named)))
        if not both:
            return False
        if {c.field for c in at_hand}.isdisjoint(c.field for c in named) and both >= WITHIN * len(self._vocabulary.matching(at_hand)):
            return True  # "tables", and then "furniture"
        return both >= WITHIN * len(self._vocabulary.matching(named))

    def describes(self, words: Sequence[str], state: DialogueState, *, framed: bool = False) -> bool:
        """Whether words (stems) that name no kind of thing are said of the need at hand: its records hold them, and they are not the name
        of a thing that lies elsewhere in the shop ("lantern", after tents), unless they are ``framed`` as a property ("it should have")."""
        need = state.need()
        at_hand = self._kinds_of(need) if need is not None else ()
        if not at_hand or not words or any(len(w) < LEAST_LETTERS for w in words):
            return False
        ids = self._vocabulary.matching(at_hand)
        held = self._holding(words, ids)
        elsewhere = 0.0 if framed else max(self._heads_elsewhere(w, ids) for w in words)
        return held > 0 and held / min(len(ids), MOST_LOOKED_AT) >= elsewhere

    def describes_bare(self, words: Sequence[str], clause: Clause, state: DialogueState) -> bool:
        """Whether words that a clause says without asking for them describe what is at hand."""
        return not _ASKS_FOR.search(clause.text) and self.describes(words, state)

    def says(self, analysis: Analysis, clause: Clause) -> bool:
        """Whether a clause is a few words, and such as the records of what is looked for hold ("authentic", "it should say denim")."""
        tokens = analysis.message.tokens
        words = [i for i in range(clause.first, clause.last) if tokens[i].word and tokens[i].text not in stop_words()]
        told = [i for i in words if tokens[i].text not in _SAYING]
        framed = bool(_FRAMED.search(clause.text))
        few = 0 < len(told) <= MOST_SAID and (len(told) == len(words) or framed)
        if not few or any(analysis.taken[i] for i in told):
            return False
        return self.describes([tokens[i].stem for i in told], analysis.state, framed=framed)

    def _heads_elsewhere(self, word: str, at_hand: Set[str]) -> float:
        """The share of the things elsewhere whose titles end with this word; 1 where nearly all such things lie on one shelf there."""
        vocabulary = self._vocabulary
        if not vocabulary.title_heads[word]:
            return 0.0
        rows = vocabulary.title_rows.get(word, set())
        outside = [row for row in rows if vocabulary.ids[row] not in at_hand]
        named = vocabulary.title_heads[word]
        if 2 * named >= len(rows) and vocabulary.home_of(word) and 2 * len(outside) > len(rows):
            return 1.0
        return min(len(outside), named) / max(1, len(vocabulary.ids) - len(at_hand))

    def _holding(self, words: Sequence[str], ids: Set[str]) -> int:
        patterns = [re.compile(rf"\b{re.escape(w)}", re.IGNORECASE) for w in words]
        found = 0
        for item in map(self._vocabulary.item, sorted(ids)[:MOST_LOOKED_AT]):
            text = f"{item.title} {item.description[:MOST_DESCRIPTION_CHARS]}"
            found += all(p.search(text) for p in patterns)
        return found

    def _kinds_of(self, need: Need) -> tuple[Constraint, ...]:
        return tuple(c for c in need.hard() if c.op is Op.IS and c.field in self._vocabulary.kind_fields)


def _wanted(kinds: Sequence[Mention]) -> tuple[Constraint, ...]:
    by_field: dict[str, list[str]] = {}
    for mention in kinds:
        by_field.setdefault(mention.field, []).extend(mention.values)
    return tuple(Constraint(field, Op.IS, tuple(values), strength=Strength.MUST) for field, values in by_field.items())
