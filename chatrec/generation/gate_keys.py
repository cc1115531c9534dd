"""Facts as sequences of keys, so that a sentence is found to say one whole, whatever its spelling of units and number of its verb."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatrec.domain.facts import Fact
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.predicates import is_statement, tell
from chatrec.generation.verbs import plural_verb

LEAST_TOKENS = 2


def told_keys(facts: Iterable[Fact]) -> Iterator[tuple[str, ...]]:
    """What code has put into words of these facts, token by token."""
    for fact in facts:
        text = fact.text if is_statement(fact) else tell(fact)
        keys = tuple(token_keys(tokenise(text))) if text else ()
        if len(keys) >= LEAST_TOKENS:
            yield keys


def token_keys(tokens: Sequence[Token]) -> Iterator[str]:
    """One key a token: a figure with its unit, a verb in its plural, any other word as it stands."""
    for token in tokens:
        if token.kind is Kind.NUMBER:
            yield f"{token.value:g} {token.unit}"
        else:
            yield plural_verb(token.text.lower()) if token.kind is Kind.WORD else token.text.lower()
