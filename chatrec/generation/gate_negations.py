"""Negations: what a sentence denies, the record must deny."""

from __future__ import annotations

from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS
from chatrec.generation.gate_said import Failure, Said
from chatrec.generation.gate_silence import UNSAYING
from chatrec.generation.gate_tokens import Kind

_EMPTY = frozenset({"noth", "none", "no"})
MOST_BEFORE = 3
"""Words before "nothing" among which the thing is looked for that does nothing."""


def check_negations(said: Said) -> Failure | None:
    """A negation must deny something that the record denies; with no such word in reach it denies at large."""
    reading, indexes = said.reading, said.clause.indexes
    for place, i in enumerate(indexes):
        token = reading.tokens[i]
        if token.stem not in NEGATORS or i in reading.free:
            continue
        scope = [j for j in indexes[place + 1 :] if reading.tokens[j].kind in (Kind.WORD, Kind.NUMBER)]
        words = [reading.tokens[j].stem for j in scope]
        content = [w for j, w in zip(scope, words, strict=True) if j in set(reading.content(scope)) and w not in NEGATORS | RELATIONS]
        candidates = content or [w for w in words if w not in reading.talk.function]
        if token.stem == "noth" and i and reading.tokens[i - 1].stem in UNSAYING:
            candidates = [reading.tokens[i - 1].stem]  # "says nothing about a brake"
        if not candidates and token.stem in _EMPTY and any(c.denied for c in reading.support.common):
            continue
        if not any(c.holds(w, True) for w in candidates for c in said.claims) and not _is_recorded_so(said, i):
            return Failure(i, "the record does not deny this")
    return None


def _is_recorded_so(said: Said, i: int) -> bool:
    """ "Tastes of nothing", "cuts nothing": the record says it in the same words, of the same thing."""
    tokens = said.reading.tokens
    if tokens[i].stem not in _EMPTY or not i:
        return False
    words = {tokens[j].stem for j in said.clause.indexes if i - MOST_BEFORE <= j < i} | {tokens[i - 1].stem}
    return any((tokens[i - 1].stem, tokens[i].stem) in c.pairs and c.core & words for c in said.claims)
