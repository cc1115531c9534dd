"""A "but" where nothing contrasts: "is the cheapest, but it is waterproof" is two virtues, joined by "and".

Only what code can read on both sides is joined anew: typed facts, and ranks to the item's credit. Beside a lack, a limit, a rank to its
discredit or a clause of a description, which may be any of these, the "but" stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.facts import Evidence, FactKind
from chatrec.generation.gate_claims import Claim
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS
from chatrec.generation.gate_support import Support, support_of
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_words import SHARED_TOLD, stems
from chatrec.generation.shop_talk import ShopTalk, load_shop_talk

_BUT = re.compile(r"(?P<comma>,?) (?:but|yet|though|although) (?=[a-z])")
_ENDS = re.compile(r"[.;:!?—](?=\s|$)|\b(?:while|whereas|but|though|although)\b")
_CITE = re.compile(r"\[(\d{1,2})\]")
_SUBJECT = re.compile(r"(?<!than )\[(\d{1,2})\]")
_LIMITS = frozenset(
    stems("only just need must require until unless if when limited hand extra separate however instead still you your left one keep")
)
_PLAIN = frozenset({FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.TYPE, FactKind.BRAND})
_FOR_WHOM = frozenset(stems("gender audience age skin hair"))  # whom it is for leaves others out
_CREDITS = frozenset(stems("cheapest cheaper lightest lighter quietest quieter warmest warmer brightest brighter thinnest thinner"))


def without_false_contrast(text: str, evidence: Evidence) -> str:
    """The text with "and" for each "but" between two plain facts of one item; any other text as it is."""
    if not evidence.items or not _BUT.search(text):
        return text
    support, talk = support_of(evidence), load_shop_talk()
    for match in reversed(list(_BUT.finditer(text))):
        left = text[max((m.end() for m in _ENDS.finditer(text[: match.start()])), default=0) : match.start()]
        end = _ENDS.search(text, match.end())
        right = text[match.end() : end.start() if end else len(text)]
        subject = _subject(left, support)
        if subject is None or _CITE.search(right):
            continue
        if all(_is_plain(tokenise(side), support.claims.get(subject, ()), support, talk) for side in (left, right)):
            text = f"{text[: match.start()]}{match['comma']} and {text[match.end() :]}"
    return text


def _subject(left: str, support: Support) -> int | None:
    """The one item that the stretch speaks of; another, where there is one, is what it is compared with."""
    cited = [int(n) for n in _SUBJECT.findall(left)]
    if not cited:
        return support.numbers[0] if len(support.numbers) == 1 else None
    return cited[0] if len(set(cited)) == 1 else None


def _is_plain(side: Sequence[Token], claims: Sequence[Claim], support: Support, talk: ShopTalk) -> bool:
    """Whether the stretch tells nothing but typed facts and ranks to the item's credit."""
    spoken = {t.stem for t in side if t.kind is Kind.WORD}
    if spoken & (NEGATORS | _LIMITS):
        return False
    words = spoken - talk.function
    plain = [c for c in claims if c.kind in _PLAIN and not c.names & _FOR_WHOM]
    for token in side:
        if token.kind is Kind.NUMBER:
            told = _is_best(token, plain, claims, support)
        elif token.kind is not Kind.WORD or (talk.is_idle(token.stem) and token.stem not in RELATIONS):
            continue
        elif token.stem in RELATIONS:
            told = _is_to_its_credit(token.stem, words, claims)
        else:
            told = any(token.stem in c.said | c.names for c in plain) or any(c.is_favoured and token.stem in c.said for c in claims)
        if not told:
            return False
    return True


def _is_to_its_credit(rank: str, words: set[str], claims: Sequence[Claim]) -> bool:
    if rank in _CREDITS or rank == "than":
        return True
    favoured = [c for c in claims if c.is_favoured and rank in c.said]
    return any((c.said - RELATIONS) & words for c in favoured)


def _is_best(token: Token, plain: Sequence[Claim], claims: Sequence[Claim], support: Support) -> bool:
    """Whether the figure is the best of the items shown: any other may be told as a limit."""
    names = {n for c in plain for f in c.figures if f.value == token.value for n in c.names} - SHARED_TOLD
    scopes = [c.scope for c in claims if c.is_favoured and names & c.said and c.said & _CREDITS]
    return any(len(scope) == len(support.numbers) - 1 for scope in scopes) and bool(names)
