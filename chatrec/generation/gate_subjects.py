"""Of what a clause of a listing tells: "the pouch sheds drizzle" is no word on the kit."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.facts import Fact, FactKind
from chatrec.generation.clause_words import GENERIC, MODALS
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_words import rooted, stems
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_singular_verb, word_classes

STATEMENT = "statement"
LONGEST_SUBJECT = 4
_WHOLE = GENERIC | frozenset(stems("material fabric design construction whole thing surface finish size weight version"))
_OPENING = frozenset("the a an its two three four six each both all".split())


def subject_of(fact: Fact, tokens: Sequence[Token]) -> frozenset[str]:
    """The roots of the things that a whole clause tells of; empty for any other fact, and where the thing may be the item itself."""
    words = [t for t in tokens if t.kind is Kind.WORD]
    if fact.kind is not FactKind.DESCRIPTION or fact.name != STATEMENT or len(words) < 3:
        return frozenset()
    spoken = [w.text.lower() for w in words[: LONGEST_SUBJECT + 2]]
    finite = [n for n, w in enumerate(spoken) if n and (is_auxiliary(w) or w in MODALS)]  # no noun can be taken for these
    place = finite[0] if finite else next((n for n in range(1, len(spoken)) if _is_verb(spoken[n], spoken[n - 1])), 0)
    named = {rooted(w.stem) for w in words[:place] if w.text.lower() not in _OPENING}
    return frozenset(named) if not named & _WHOLE else frozenset()


def _is_verb(word: str, before: str) -> bool:
    if before in _OPENING or "NOUN" not in word_classes(before):
        return False
    return is_singular_verb(word) or (is_base_verb(word) and "NOUN" not in word_classes(word))
