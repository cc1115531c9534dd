"""Facts in the words of a reply: what code says of each fact, joined as a person would join it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Fact, FactKind
from chatrec.generation.clause_forms import lowered
from chatrec.generation.comparatives import is_adjective
from chatrec.generation.predicates import is_statement, listed, tell, with_article

__all__ = ["Phrase", "figure", "is_adjective", "joined", "listed", "lowered", "noted", "phrase", "with_article"]

_COMPARISON = re.compile(r"^\[(?P<n>\d+)\] (?P<said>.+?)(?: than \[\d+\].*)?$")
_HAVING = ("has ", "comes with ")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One fact in words. ``does`` follows "it" ("weighs 900 g"), ``has`` follows "with" ("a soft grip"; "" where it cannot),
    ``clause`` is a whole clause ("the handle folds flat"; "" where the fact is none)."""

    fact: Fact
    does: str = ""
    has: str = ""
    clause: str = ""


def phrase(fact: Fact) -> Phrase | None:
    """The fact in words; ``None`` for a fact that nobody says aloud (what the thing is) or that can only be quoted."""
    if fact.kind in (FactKind.TYPE, FactKind.PRICE, FactKind.STOCK, FactKind.OPINION):
        return None
    if is_statement(fact):
        return Phrase(fact, clause=fact.text)
    said = tell(fact)
    if not said:
        return None
    if said.startswith("its "):
        return Phrase(fact, clause=said)
    having = next((verb for verb in _HAVING if said.startswith(verb) and not said.startswith("has no ")), "")
    return Phrase(fact, said, said.removeprefix(having) if having else "")


def figure(fact: Fact) -> str:
    """The number with its unit, exactly as the record has it."""
    return f"{fact.value} {fact.unit}".strip()


def noted(note: Fact, n: int) -> str:
    """A computed comparison as said after "it": "is lighter", "is the cheapest of these"; "" when it is not about ``[n]``."""
    found = _COMPARISON.fullmatch(note.text)
    if not found or int(found["n"]) != n or "out of stock" in note.text or "match" in note.text:
        return ""
    return found["said"].removesuffix(" of these")


def joined(parts: Sequence[str], rng: random.Random) -> str:
    """Verb phrases as one predicate: "has a soft grip and weighs 900 g", saying a shared verb once."""
    told: list[str] = []
    for part in parts:
        verb, _, rest = part.partition(" ")
        last = told[-1].split(" ", 1)[0] if told else ""
        plain_tail = told and "," not in told[-1] and " and " not in told[-1]
        if verb == last == "has" and plain_tail and rng.random() < 0.6:
            told[-1] = f"{told[-1]} and {rest}"
        else:
            told.append(part)
    if len(told) == 1:
        return told[0]
    return f"{', '.join(told[:-1])}{',' if ' and ' in told[-2] else ''} and {told[-1]}"
