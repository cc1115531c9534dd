"""Facts as sequences of keys, so that a sentence is found to say one whole, whatever its spelling of units and number of its verb."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatrec.domain.facts import Fact
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.predicates import is_statement, tell
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_singular_verb, plural_verb

LEAST_TOKENS = 2
_COPULAS = frozenset("stays remains keeps looks feels comes goes gets makes".split())


def told_keys(facts: Iterable[Fact]) -> Iterator[tuple[str, ...]]:
    """What code has put into words of these facts, token by token."""
    for fact in facts:
        text = fact.text if is_statement(fact) else tell(fact)
        keys = tuple(token_keys(tokenise(text))) if text else ()
        if len(keys) >= LEAST_TOKENS:
            yield keys


def statement_keys(facts: Iterable[Fact]) -> Iterator[tuple[str, ...]]:
    """The whole clauses among these facts. One that opens with its verb ("chirps when it is lost") follows its item as it stands."""
    yield from told_keys(fact for fact in facts if is_statement(fact) and not _opens_with_verb(fact.text))


def _opens_with_verb(text: str) -> bool:
    """ "Chirps when it is lost", "stays put"; "wheels lock" and "keys are flat" open with what they speak of."""
    first, second = (*text.lower().split(), "", "")[:2]
    if not first.endswith("s") or not is_singular_verb(first):
        return False
    return first in _COPULAS or not (is_auxiliary(second) or is_base_verb(second))


def token_keys(tokens: Sequence[Token]) -> Iterator[str]:
    """One key a token: a figure with its unit, a verb in its plural, any other word as it stands."""
    for token in tokens:
        if token.kind is Kind.NUMBER:
            yield f"{token.value:g} {token.unit}"
        else:
            yield plural_verb(token.text.lower()) if token.kind is Kind.WORD else token.text.lower()
