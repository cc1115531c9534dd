"""A fact said of its item in the very words that code gave it: it needs no word-by-word check.

Only the whole fact counts ("holds 1.5 l", not "holds"), only of the item whose fact it is, and only where nothing beside it denies,
compares or limits what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_keys import token_keys
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS, UNIVERSAL
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.shop_talk import ShopTalk

_LIMITING = frozenset("if unless until except onli almost near hard bare might may could would should".split())


def told_tokens(clauses: Sequence[Clause], tokens: Sequence[Token], told: Mapping[int, tuple[tuple[str, ...], ...]]) -> set[int]:
    """The tokens that say a whole fact of every subject of the clause in which they begin."""
    found: set[int] = set()
    keys = list(token_keys(tokens))
    for clause in clauses:
        for i in clause.indexes:
            ends = [_longest(keys, i, told.get(subject, ())) for subject in clause.subjects]
            if ends and ends[0] and len(set(ends)) == 1:
                found |= set(range(i, ends[0]))
    return found


def is_told(clause: Clause, tokens: Sequence[Token], told: set[int], free: set[int], talk: ShopTalk) -> bool:
    """Whether the clause says nothing beyond whole facts: what is left of it claims nothing."""
    if not told & set(clause.indexes):
        return False
    return all(_is_harmless(tokens[i], i in free, talk) for i in clause.indexes if i not in told)


def _is_harmless(token: Token, is_free: bool, talk: ShopTalk) -> bool:
    if token.kind is not Kind.WORD:
        return token.kind is not Kind.NUMBER
    claiming = token.stem in NEGATORS | RELATIONS | UNIVERSAL or token.stem in _LIMITING
    return is_free or (not claiming and talk.is_idle(token.stem))


def _longest(keys: Sequence[str], start: int, told: Sequence[tuple[str, ...]]) -> int:
    """The end of the longest fact that begins at ``start``; 0 where none does."""
    sizes = [len(fact) for fact in told if tuple(keys[start : start + len(fact)]) == fact]
    return start + max(sizes) if sizes else 0
