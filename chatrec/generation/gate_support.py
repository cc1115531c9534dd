"""Evidence as the gate checks against it: every fact cut into claims, each with its words, their polarity and its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from chatrec.domain.facts import Evidence, FactKind
from chatrec.generation.comparatives import price_limit
from chatrec.generation.gate_claims import Claim, Figure, claims_of, figures_of, polarised
from chatrec.generation.gate_comparisons import CITE_IN_NOTE, reckoned_claim, subjects_of, turned, widened
from chatrec.generation.gate_keys import statement_keys, told_keys
from chatrec.generation.gate_reckoning import reckoned
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_words import asked_stems, content_stems, stems, told_stems
from chatrec.generation.sentences import split_sentences

_BARE = frozenset({FactKind.TYPE, FactKind.BRAND, FactKind.RATING, FactKind.PRICE, FactKind.STOCK, FactKind.OPINION})
"""Facts that are no property: a listing with nothing else tells next to nothing."""
_CODE = re.compile(r"\b[^\W\d_]+\d\w*")  # "e27"
_WITH = re.compile(r"\s+(?:in|for|with|of)\s+")
_PARTS = re.compile(r"\b(?:and|or|but)\b|[,;?!]")
_IN_BRACKETS = re.compile(r"\(([^()]{1,400})\)")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was computed to answer the question about one item: ``answers`` ("yes", "no") and the claims of the notes that say so."""

    answers: frozenset[str]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """What one piece of evidence supports. ``claims`` by citation number; ``common`` bind to no citation (dialogue notes)."""

    claims: dict[int, tuple[Claim, ...]]
    common: tuple[Claim, ...]
    numbers: tuple[int, ...]
    is_passages: bool
    titles: tuple[tuple[int, tuple[str, ...]], ...]
    types: frozenset[str]
    shopper: frozenset[str]
    question: frozenset[str]
    shopper_figures: frozenset[float]
    limit: float | None
    prices: dict[int, float]
    nothing_cited: bool
    passages: tuple[frozenset[str], ...]
    pairs: frozenset[tuple[str, str]]
    told: dict[int, tuple[tuple[str, ...], ...]]
    statements: dict[int, tuple[tuple[str, ...], ...]]
    act: str = ""
    asked: tuple[Figure, ...] = ()
    denied_by_shopper: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    shopper_words: tuple[str, ...] = ()
    touched: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    bare: frozenset[int] = frozenset()
    type_heads: frozenset[str] = frozenset()
    verdicts: Mapping[int, Verdicts] = field(default_factory=dict)
    asks_more: bool = False


@lru_cache(maxsize=128)
def support_of(evidence: Evidence) -> Support:
    """Compiles evidence once; the sentences of a reply share it."""
    groups = iter(range(1_000_000))
    is_passages = not evidence.items
    numbers = tuple(item.n for item in evidence.items) or tuple(range(1, len(evidence.passages) + 1))
    claims: dict[int, list[Claim]] = {n: [] for n in numbers}
    for item in evidence.items:
        claims[item.n] = [c for fact in item.facts for c in claims_of(fact, next(groups))]
    for n, fact in enumerate(evidence.passages, start=1):
        if is_passages:
            claims[n] = list(claims_of(fact, next(groups)))
    common = _compared(evidence, claims, groups)
    needs = [*evidence.needs, *_limits(evidence)]
    said = " ; ".join((evidence.shopper, *needs))
    said_tokens = tokenise(said)
    return Support(
        claims={n: tuple(c) for n, c in claims.items()},
        common=tuple(common),
        numbers=numbers,
        is_passages=is_passages,
        titles=tuple((item.n, stems(item.name)) for item in evidence.items),
        types=frozenset(s for item in evidence.items for f in item.facts if f.kind is FactKind.TYPE for s in stems(f.text)),
        shopper=frozenset(stems(said)) | _coded(said_tokens),
        question=frozenset(content_stems(_CODE.sub(" ", evidence.shopper))) | _coded(tokenise(evidence.shopper)),
        shopper_figures=frozenset(abs(t.value) for t in said_tokens if t.kind is Kind.NUMBER),
        limit=price_limit(evidence.needs),
        prices={i.n: f.number for i in evidence.items for f in i.facts if f.kind is FactKind.PRICE and f.number is not None},
        pairs=frozenset(
            pair for found in claims.values() for claim in found if claim.kind is not FactKind.COMPUTED for pair in claim.pairs
        ),
        passages=tuple(frozenset(map(as_quoted, split_sentences(fact.text))) for fact in evidence.passages) if is_passages else (),
        nothing_cited=not evidence.items and not evidence.passages,
        told={item.n: tuple(told_keys(item.facts)) for item in evidence.items},
        statements={item.n: tuple(statement_keys(item.facts)) for item in evidence.items},
        act=evidence.act,
        asked=tuple(figures_of(said_tokens)),
        denied_by_shopper=frozenset(t.stem for t, negated in polarised(said_tokens) if negated and t.kind is Kind.WORD),
        needs=frozenset(s for need in needs for s in stems(need)),
        shopper_words=tuple(t.stem or f"{t.value:g}" for t in said_tokens if t.kind in (Kind.WORD, Kind.NUMBER)),
        held=frozenset().union(*(c.words | c.names for own in claims.values() for c in own if c.kind is not FactKind.COMPUTED)),
        type_heads=frozenset(
            own[-1] for item in evidence.items for f in item.facts if f.kind is FactKind.TYPE for own in [stems(_thing(f.text))] if own
        ),
        verdicts=_verdicts(evidence),
        asks_more=sum(bool(content_stems(part)) for part in _PARTS.split(evidence.shopper)) > 1,
        bare=frozenset(item.n for item in evidence.items if all(fact.kind in _BARE for fact in item.facts)),
        touched=frozenset(s for word in set(content_stems(evidence.shopper)) for s in told_stems(word) | asked_stems(word)),
    )


def _compared(evidence: Evidence, claims: dict[int, list[Claim]], groups: Iterator[int]) -> list[Claim]:
    """Adds to ``claims`` what the notes say of each item, and what its figures do; gives back what binds to no item."""
    numbers, common = tuple(claims), list[Claim]()
    for note in evidence.notes:
        subjects = subjects_of(note)
        for claim in claims_of(note, next(groups)):
            for n in subjects & set(numbers):
                claims[n].append(widened(claim, n, note, numbers))
            for n, opposite in turned(claim, note, numbers):
                claims[n].append(opposite)
            common += [] if subjects else [claim]
    for note in reckoned(evidence.items):
        for claim in claims_of(note, next(groups)):
            for n in subjects_of(note):
                claims[n].append(reckoned_claim(claim, n, note, numbers))
    return common


def _verdicts(evidence: Evidence) -> dict[int, Verdicts]:
    """By item: what the notes that answer the question decide."""
    notes = [note for note in evidence.notes if note.name == "verdict" and note.value in ("yes", "no")]
    own = {n: [note for note in notes if n in note.cites] for note in notes for n in note.cites}
    return {
        n: Verdicts(frozenset(note.value for note in found), tuple(c for note in found for c in claims_of(note, 0)))
        for n, found in own.items()
    }


def _thing(category: str) -> str:
    """ "Wines in cans" as "wines"."""
    return _WITH.split(category)[0] or category


def _coded(tokens: Iterable[Token]) -> frozenset[str]:
    """Words with a figure in them, such as "e27"."""
    return frozenset(t.stem for t in tokens if t.kind is Kind.WORD and any(c.isdigit() for c in t.stem))


def _limits(evidence: Evidence) -> list[str]:
    """What a note of why an item was shown says that the shopper asked for: "... what you asked for (brightness at least 800 lm)"."""
    return [m[1] for note in evidence.notes if note.name == "why" for m in _IN_BRACKETS.finditer(note.text)]


def as_quoted(text: str) -> str:
    """Text as it is compared when a sentence quotes a passage word for word: no citations, one space, lower case."""
    return re.sub(r"\s+", " ", CITE_IN_NOTE.sub(" ", text)).replace(" .", ".").strip(" .!?").lower()
