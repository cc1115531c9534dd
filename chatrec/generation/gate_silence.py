"""What a listing does not say: the shopper's question said back with its silence, and the listing that says next to nothing.

That a listing is silent is a claim like any other: a note of the turn must say so. Only the words of the question need no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS, UNIVERSAL
from chatrec.generation.gate_said import Reading
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_wishes import is_shoppers
from chatrec.generation.gate_words import asked_stems, stems, told_stems

UNSAYING = frozenset(stems("say list mention tell record state give specify note silent open word listing know"))
_SCARCE = frozenset(stems("little nothing no not few less only bare thin short empty quiet silent sparse open"))
_OF_A_LISTING = frozenset(stems("listing listed record know tell say says details description information info mention"))
_MORE = frozenset(stems("more much else further other than kind name price rest beyond about details figures full whole"))
_OF_ANYTHING = frozenset(stems("fit hold work take carry suit use go"))
_PLACES = 3


def unsaid(tokens: Sequence[Token], support: Support, previous: Sequence[int] = ()) -> set[int]:
    """ "Does not say whether it is waterproof", "whether it is ..., the listing does not say": the question may be repeated where the
    record holds no word of it; a verb that fits anything ("whether it holds a laptop") may be on record for something else."""
    found: set[int] = set()
    cited: Sequence[int] = previous
    for run in _runs(tokens):
        silent = _silent_part(run, tokens) if _is_silent(run, tokens) else []
        cited = [int(tokens[i].value) for i in silent or run if tokens[i].kind is Kind.CITE] or cited
        held = _held(cited, support)
        own = {i for i in silent if _is_of_the_question(tokens[i], support, held)}
        found |= own
        if any(tokens[i].stem in support.question - _OF_ANYTHING for i in own):
            found |= {i for i in silent if tokens[i].stem in _OF_ANYTHING}
    return found


def _silent_part(run: Sequence[int], tokens: Sequence[Token]) -> list[int]:
    """The stretch without the clauses in front that tell of other items: "[1] has a lid, and the listing of [2] does not say"."""
    parts: list[list[int]] = [[]]
    for i in run:
        if tokens[i].kind is Kind.BREAK:
            parts.append([])
        parts[-1].append(i)
    first = next((place for place, part in enumerate(parts) if _is_silent(part, tokens)), 0)
    while first and not any(tokens[i].kind is Kind.CITE for i in parts[first - 1]):
        first -= 1  # "whether it has a brake, the listing of [1] does not say"
    return [i for part in parts[first:] for i in part]


def _held(cited: Sequence[int], support: Support) -> frozenset[str]:
    """The words of the records of these items; of all where none is named."""
    if not cited:
        return support.held
    claims = (c for n in cited for c in support.claims.get(n, ()) if c.kind is not FactKind.COMPUTED)
    return frozenset().union(*(c.words | c.names for c in claims))


def _runs(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """The stretches between strong breaks."""
    run: list[int] = []
    for i, token in enumerate(tokens):
        if token.kind is Kind.STRONG:
            yield run
            run = []
        else:
            run.append(i)
    yield run


def _is_silent(run: Sequence[int], tokens: Sequence[Token]) -> bool:
    """Whether a negation and a word of listing stand close together: "does not say", "isn't in the listing", "nothing about"."""
    deny = [place for place, i in enumerate(run) if tokens[i].stem in NEGATORS]
    tell = [place for place, i in enumerate(run) if tokens[i].stem in UNSAYING]
    if any(tokens[run[d]].stem == "noth" and tokens[j].stem in ("about", "on", "of") for d in deny for j in run[d + 1 : d + 2]):
        return bool(tell)
    if any(tokens[i].stem in _OF_A_LISTING - UNSAYING or tokens[i].text.lower() == "listing" for i in run) and any(
        tokens[j].stem in ("find", "see") for d in deny for j in run[d + 1 : d + 3]
    ):
        return True
    return any(0 < t - d <= _PLACES or (t + 1 == d and tokens[run[d]].stem == "noth") for d in deny for t in tell)


def _is_of_the_question(token: Token, support: Support, held: frozenset[str]) -> bool:
    if token.kind is Kind.NUMBER:
        return is_shoppers(token, support)
    if token.kind is not Kind.WORD or token.stem in held:
        return False
    if token.stem == "whether" or token.stem in support.shopper:
        return True
    return token.stem not in NEGATORS | RELATIONS | UNIVERSAL and _is_meant(token, support)


def _is_meant(token: Token, support: Support) -> bool:
    """ "How wide is it?" asks for the width, "does the battery last?" for its life."""
    return token.stem in support.touched or bool((told_stems(token.text) | asked_stems(token.text)) & support.shopper)


def tells_how_little(clause: Clause, reading: Reading) -> bool:
    """ "The listing of [1] says little else", of an item whose record holds no property: no claim that could be wrong."""
    tokens, talk = reading.tokens, reading.talk
    words = {tokens[i].stem for i in (*clause.run, *clause.indexes)}
    if not clause.subjects or not set(clause.subjects) <= reading.support.bare or not words & _OF_A_LISTING or not words & _SCARCE:
        return False
    for i in clause.indexes:
        token = tokens[i]
        known = i in reading.free or token.stem in _SCARCE or token.stem in _MORE or token.stem in reading.support.types
        if token.kind is Kind.NUMBER or (token.kind is Kind.WORD and not known and not talk.is_idle(token.stem)):
            return False
    return True
