"""A computed comparison in all its true wordings: of its subject, and turned round for the items that it was compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chatrec.domain.facts import Fact
from chatrec.generation.gate_claims import Claim
from chatrec.generation.gate_lexicon import PRICE_DOWN, PRICE_DOWN_WORDS, PRICE_UP_WORDS, RELATIONS
from chatrec.generation.gate_words import stems

CITE_IN_NOTE = re.compile(r"\[(\d{1,2})\]")
_OPPOSITES = tuple(
    tuple(stems(pair))
    for pair in (
        "lighter heavier", "more less", "higher lower", "warmer cooler", "shorter longer", "narrower wider", "taller lower",
        "shallower deeper", "thinner thicker", "quieter louder", "dimmer brighter", "smaller larger", "cheaper pricier",
        "slower faster",
    )
)  # fmt: skip
_TURNED = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])} | {"fewer": "more", "taller": "lower"}
# "A higher diameter" is a larger one; what is lighter weighs less.
_ALSO = {
    "higher": frozenset(stems("larger bigger greater")),
    "lower": frozenset({"smaller"}),
    "lighter": frozenset({"weigh", "less"}),
    "heavier": frozenset({"weigh", "more"}),
    "larger": frozenset({"bigger"}),
    "taller": frozenset({"higher"}),
}
_ONLY = frozenset(stems("only"))
_LARGER, _SMALLER = frozenset({"larger", "bigger"}), frozenset({"smaller"})  # what holds more
# A superlative sets its subject apart from each of the others, who are less so: "the lightest" makes them heavier than it is.
_SUPERLATIVES = {"most": "more", "least": "less", "highest": "higher", "lowest": "lower", "cheapest": "cheaper"}


def subjects_of(note: Fact) -> frozenset[int]:
    """The items a note speaks of: those named before "than", or everything it covers where it names none."""
    head = re.split(r"\bthan\b", note.text)[0]
    named = frozenset(int(n) for n in CITE_IN_NOTE.findall(head))
    return named or frozenset(note.cites)


def widened(claim: Claim, subject: int, note: Fact, numbers: tuple[int, ...]) -> Claim:
    """A comparison in its other true wordings: the lightest of these is also lighter than each; one of two is the lightest."""
    if not claim.relations:
        return claim
    return _worded(claim, frozenset(note.cites) - {subject}, whole=set(note.cites) >= set(numbers))


def reckoned_claim(claim: Claim, subject: int, note: Fact, numbers: tuple[int, ...]) -> Claim:
    """A comparison that the gate worked out, with the plain wording of its side: "the lower weight" of what is lighter."""
    side, _, favoured = note.value.partition(" ")
    wide = widened(claim, subject, note, numbers)
    if not side:
        return wide
    plain = {side, *_forms(side, whole=set(note.cites) >= set(numbers))}
    return replace(wide, said=wide.said | plain, relations=wide.relations | plain, is_favoured=bool(favoured))


def turned(claim: Claim, note: Fact, numbers: tuple[int, ...]) -> Iterator[tuple[int, Claim]]:
    """What a comparison of one item says of each other: "[2] is lighter than [1]" makes [1] heavier than [2].

    "Only [3] is waterproof" denies it of the others. Nothing where the note has no opposite ("both have the same colour").
    """
    subjects = subjects_of(note)
    if claim.relations == _ONLY and len(subjects) == 1:
        core = claim.core - RELATIONS
        denying = replace(claim, said=frozenset(), denied=claim.said - RELATIONS, relations=frozenset(), core=core, least=len(core))
        yield from ((other, denying) for other in sorted((set(note.cites) - subjects) & set(numbers)))
        return
    comparing = {_compared(word) for word in claim.relations - {"than"}}
    if len(subjects) != 1 or not comparing or not all(word in _TURNED for word in comparing):
        return
    said = frozenset((claim.said - RELATIONS) | {_TURNED[word] for word in comparing} | {"than"})
    others = set(note.cites) - subjects
    for other in sorted(others & set(numbers)):
        yield other, _worded(replace(claim, said=said, relations=said & RELATIONS), subjects, whole=len(numbers) == 2)


def _compared(word: str) -> str:
    """The comparative of a superlative; any other word as it is."""
    if word in _SUPERLATIVES:
        return _SUPERLATIVES[word]
    return f"{word[:-3]}er" if word.endswith("est") and f"{word[:-3]}er" in RELATIONS else word


def _worded(claim: Claim, scope: frozenset[int], whole: bool) -> Claim:
    told = claim.said | {form for word in claim.relations for form in _forms(word, whole)}
    also = {other for word, others in _ALSO.items() if word in told for other in others}
    also |= (
        _LARGER if "hold" in claim.said and "more" in claim.said else _SMALLER if "hold" in claim.said and "less" in claim.said else set()
    )
    said = {form for word in also for form in _forms(word, whole)} | told | also | _price_words(claim.said, whole)
    if "rate" in claim.said:
        said |= {"rate", "highest"} if whole and "higher" in said else {"rate"}
        said |= {"best", "top"} if "highest" in said else {"better"} if "higher" in said else frozenset()
    return replace(claim, said=frozenset(said), relations=frozenset(said & RELATIONS), scope=scope, core=frozenset(), least=1)


def _forms(word: str, whole: bool) -> Iterator[str]:
    """The comparative of a superlative; of two items, the superlative of a comparative too."""
    if word.endswith("est") and len(word) > 4 and f"{word[:-3]}er" in RELATIONS:
        yield f"{word[:-3]}er"
    if whole and word in ("more", "less"):
        yield {"more": "most", "less": "least"}[word]
    if whole and word.endswith("er") and f"{word[:-2]}est" in RELATIONS:
        yield f"{word[:-2]}est"


def _price_words(said: frozenset[str], whole: bool) -> frozenset[str]:
    if any(form <= said for form in PRICE_DOWN):
        return PRICE_DOWN_WORDS | ({"cheapest", "least"} if whole else set())
    if {"cost", "more"} <= said or {"most", "expens"} <= said or "pricier" in said:
        return PRICE_UP_WORDS | ({"most"} if whole else set())
    return frozenset()
