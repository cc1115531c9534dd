"""Facts in the words of a reply: the several ways in which one fact can be said, and how they are joined as a person would join them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Fact, FactKind
from chatrec.generation.clause_forms import lowered
from chatrec.generation.comparatives import is_adjective
from chatrec.generation.predicates import LISTED, is_statement, listed, tell, with_article
from chatrec.generation.verbs import is_singular_verb, word_classes

__all__ = ["Phrase", "figure", "is_adjective", "joined", "listed", "lowered", "measured", "noted", "phrase", "with_article"]

_COMPARISON = re.compile(r"^\[(?P<n>\d+)\] (?P<said>.+?)(?: than \[\d+\].*)?$")
_HAVING = ("has ", "comes with ")
# What "a ... of" and the figure of a part are better said with: "a 20 cm blade".
_OF_PARTS = frozenset({"length", "capacity", "diameter", "size"})
_PARTS = frozenset("blade bowl cable cord hopper tray tank screen burr wheel basket strap lens hose handle chuck drum lead jug".split())
# Parts of a thing whose value is told in front of them: "a cedar top", "a closed design".
_VALUED_PARTS = frozenset(
    "top nib cover filling weave handle blade strap frame upper sole coating filter action glazing base head drive light shell lining "
    "scent neck collar sleeve fit cut heel closure grip tip body case saddle chain binding design mouthpiece grain roast "
    "neckline cuff waist pattern finish plug lid brake brakes ruling hem hood toe rim".split()
)
_EIGHT = re.compile(r"8|11(?!\d)|18(?!\d)")
_SUBSTANCE_OF = re.compile(r"(?P<part>[a-z ]+) material")
_DETERMINED = frozenset("a an the its all both each every no one two three four five six most some".split())
# Joined by "with": a part of these kinds names what is had, not what is done.
_MOST_WORDS_HAD = 6
_SHARED_VERBS = ("is made of ", "is for ", "comes with ", "comes in ", "works with ", "is ", "has ", "runs on ")


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
        return Phrase(fact, clause=_with_subject(fact.text))
    said = tell(fact)
    if not said:
        return None
    if said.startswith(LISTED):
        return Phrase(fact, _of_title(fact), "", "") if _of_title(fact) else None
    part = _part(fact)
    if part:
        return Phrase(fact, f"has {part}", part)
    if said.startswith("its "):
        return Phrase(fact, clause=said)
    having = next((verb for verb in _HAVING if said.startswith(verb) and not said.startswith("has no ")), "")
    return Phrase(fact, said, said.removeprefix(having) if having else "")


def _with_subject(clause: str) -> str:
    """ "the manual is printed in large type" for a clause that left the article out, as listings do."""
    first, _, rest = clause.partition(" ")
    if not rest or not first.islower() or first in _DETERMINED:
        return clause
    noun = "NOUN" in word_classes(first) and not {"ADJ", "ADV", "DET", "NUM", "PRON"} & word_classes(first)
    described = "ADJ" in word_classes(first) and "NOUN" in word_classes(rest.split()[0])
    return f"the {clause}" if noun or described else clause


def _part(fact: Fact) -> str:
    """ "a 20 cm blade", "a carbon steel blade", "a cedar top"; "" where the fact is not about a part."""
    words = fact.name.split()
    if fact.kind is not FactKind.ATTRIBUTE or fact.value in ("yes", "no", "none"):
        return ""
    if fact.number is not None:
        fits = len(words) == 2 and words[0] in _PARTS and words[1] in _OF_PARTS and fact.unit
        return with_article_of_figure(f"{figure(fact)} {words[0]}") if fits else ""
    value = fact.value
    if "," in value or len(value.split()) > 3:
        return ""
    substance = _SUBSTANCE_OF.fullmatch(fact.name)
    name = substance["part"] if substance else fact.name
    if not substance and words[-1] not in _VALUED_PARTS:
        return ""
    if is_singular_verb(value.split()[0]) and " " in value:
        return ""
    said = f"{value} {name.split()[-1] if not substance else name}"
    return said if name.endswith("s") or name in ("filling", "binding", "glazing") else with_article(said)


def with_article_of_figure(said: str) -> str:
    """ "a 20 cm blade", "an 8 l bowl"."""
    return f"{'an' if _EIGHT.match(said) else 'a'} {said}"


def _of_title(fact: Fact) -> str:
    """What a segment of a title says where it is a quantity: "pack of 4" gives "comes as a pack of 4"."""
    found = re.fullmatch(r"(?:pack|set|box|case) of \d+", fact.text)
    return f"comes as a {fact.text}" if found else ""


def figure(fact: Fact) -> str:
    """The number with its unit as a sentence says it: "1 year"."""
    unit = fact.unit.removesuffix("s") if fact.number == 1 and len(fact.unit) > 2 else fact.unit
    return f"{fact.value} {unit}".strip()


def noted(note: Fact, n: int) -> str:
    """A computed comparison as said after "it": "is lighter", "is the cheapest of these"; "" when it is not about ``[n]``."""
    found = _COMPARISON.fullmatch(note.text)
    if not found or int(found["n"]) != n or "out of stock" in note.text or "match" in note.text:
        return ""
    return found["said"].removesuffix(" of these")


def measured(note: Fact, facts: Sequence[Fact], n: int) -> str:
    """The comparison with its figure where the evidence shows it: "is lighter at 900 g", "has more pages at 320"."""
    said = noted(note, n)
    fact = next((f for f in facts if f.name == note.name and f.number is not None), None)
    if not said or fact is None or fact.kind is FactKind.RATING:
        return said
    if said.startswith(("is for", "runs")) or not (fact.unit or said.startswith("has")):
        return said
    return f"{said} at {figure(fact)}"


def also_after_is(text: str) -> str:
    """ "it is also cordless" for "it also is cordless"."""
    return text.replace(" also is ", " is also ")


def joined(parts: Sequence[str], rng: random.Random) -> str:
    """Verb phrases as one predicate, each verb said once: "is cordless and 80 cm high", "has a lid and 3 speeds, and weighs 2 kg".

    What is had may hang on with "with": "weighs 900 g, with a soft grip".
    """
    groups = _grouped(parts)
    if len(groups) == 1:
        return groups[0][0] + listed(groups[0][1])
    last_verb, last = groups[-1]
    if (
        last_verb in _HAVING
        and groups[0][0] not in _HAVING
        and rng.random() < 0.55
        and all(len(t.split()) <= _MOST_WORDS_HAD for t in last)
    ):
        head = _chain([verb + listed(things) for verb, things in groups[:-1]])
        comma = "" if len(groups) == 2 and len(last) == 1 and "," not in head and " and " not in head and rng.random() < 0.4 else ","
        return f"{head}{comma} with {listed(last)}"
    return _chain([verb + listed(things) for verb, things in groups])


def _grouped(parts: Sequence[str]) -> list[tuple[str, list[str]]]:
    having = sum(p.startswith(_HAVING) for p in parts) > 1
    groups: dict[str, list[str]] = {}
    for part in parts:
        if having and part.startswith("comes with "):
            part = f"has {part.removeprefix('comes with ')}"
        verb = next((v for v in _SHARED_VERBS if part.startswith(v)), "")
        if part.startswith("is rated ") or (verb == "is " and (" and " in part or "," in part)):
            verb = ""
        key = verb or part
        groups.setdefault(key, []).append(part.removeprefix(verb) if verb else "")
    return [(key, _denied_last([t for t in things if t]) or [""]) for key, things in groups.items()]


def _denied_last(things: list[str]) -> list[str]:
    """ "a map but no index": what is lacking comes behind what is had."""
    held = [t for t in things if not t.startswith(("no ", "not "))]
    lacking = [t for t in things if t.startswith(("no ", "not "))]
    if not held or not lacking or held[-1].startswith("made "):
        return [*held, *lacking]
    return [*held[:-1], f"{held[-1]} but {lacking[0]}", *lacking[1:]]


def _chain(predicates: Sequence[str]) -> str:
    """ "a, b and c", with a comma before "and" where a part has one of its own."""
    if len(predicates) == 1:
        return predicates[0]
    heavy = any(" and " in p or "," in p for p in predicates)
    return f"{', '.join(predicates[:-1])}{',' if heavy else ''} and {predicates[-1]}"
