"""Broken English of a small model: a closed set of slips, each mended from the record or, where that is not safe, held back.

A sentence may be true and still not be fit for a shopper: "is brand Kolder", "has a colour blue", "[2] lid closes softly".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.generation.copy_editing import edited
from chatrec.generation.gate_contrast import without_false_contrast
from chatrec.generation.gate_keys import token_keys
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.predicates import tell, with_article
from chatrec.generation.units import base_value, same_quantity, spoken_unit
from chatrec.generation.verbs import is_auxiliary, is_singular_verb, plural_verb, word_classes

_CITE = re.compile(r"\[(\d{1,2})\]")
_DOUBLED = re.compile(r"\b(is|are|has|have|the|a|an|and|or|of|with|for|in|to|at|comes|its|it|not|weighs|holds|runs) \1\b", re.IGNORECASE)
_AN = re.compile(r"\b([Aa]) (?=[aeio]|hour\b|u[^nst]|un[^i])(?!one\b|once\b|eu)")
_A = re.compile(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwxyz])")
_ONE_IS_MANY = re.compile(r"(?P<lead>^|[;:] |, (?:while |but )?)(?P<item>\[\d{1,2}\]|[Ii]t) (?P<verb>are|have|do|were)\b(?! not? )")
_MANY_ARE_ONE = re.compile(r"\b([Bb]oth|[Aa]ll|\[\d{1,2}\] and \[\d{1,2}\]) (also )?([a-z]+s)\b")
_SINGULAR = {"are": "is", "have": "has", "do": "does", "were": "was"}
_COMES_IN = re.compile(r"\bcomes? in (\d[\d.,]*) ?([a-zA-Z]+)\b")
_MEASURED = frozenset({"mass", "volume", "ounces", "gallons"})
_VERB = r"(?:is|has|comes with|comes in)(?: an?| the)?"
_DENIALS = frozenset({"not", "no", "never", "without"})
_WITH = frozenset({"with", "on", "of", "for", "in", "like"})
_LEADING = frozenset("suitable suited meant intended designed".split())
_MADE = frozenset("made sold manufactured produced supplied listed".split())
_MAKING_LINKS = frozenset({"by", "as"})
_TOLD_LEAST = 2
"""Tokens of a clause that must stand behind its citation before it is taken for that clause."""


def mended(sentence: str, evidence: Evidence) -> str:
    """The sentence with the slips mended that code can mend; any other comes back as it is. What it says does not change."""
    text = _DOUBLED.sub(r"\1", edited(sentence))
    for start, end, n in reversed(list(_spans(text))):
        text = text[:start] + _worded(text[start:end], _facts(evidence, n)) + text[end:]
    text = _ONE_IS_MANY.sub(lambda m: f"{m['lead']}{m['item']} {_SINGULAR[m['verb']]}", text)
    text = _MANY_ARE_ONE.sub(_plural, text)
    return without_false_contrast(_A.sub(r"\1 ", _AN.sub(r"\1n ", text)), evidence)


def broken(tokens: Sequence[Token], support: Support, evidence: Evidence) -> Token | None:
    """The token at which a sentence stops being English in one of the known ways, or ``None``."""
    keys = list(token_keys(tokens))
    slip = _doubly_denied(tokens) or _clause_as_verb(tokens, keys, support) or _said_twice(tokens, keys, support)
    slip = slip or _is_its_kind(tokens, support.types) or _led_nowhere(tokens) or _made_by_an_item(tokens)
    return slip or _offered_by_weight(tokens, evidence) or _row(tokens, support.types)


def _plural(match: re.Match[str]) -> str:
    word = match[3]
    is_verb = is_auxiliary(word) or (is_singular_verb(word) and "NOUN" not in word_classes(word))
    return f"{match[1]} {match[2] or ''}{plural_verb(word) if is_verb else word}"


def _spans(text: str) -> Iterator[tuple[int, int, int]]:
    """The stretches behind each citation, up to the next one."""
    cites = list(_CITE.finditer(text))
    for place, cite in enumerate(cites):
        yield cite.end(), cites[place + 1].start() if place + 1 < len(cites) else len(text), int(cite[1])


def _facts(evidence: Evidence, n: int) -> Sequence[Fact]:
    return next((item.facts for item in evidence.items if item.n == n), ())


def _worded(text: str, facts: Sequence[Fact]) -> str:
    """Facts that stand there as the record has them ("is brand Kolder", "has weight 900 g") as they are told."""
    for fact in facts:
        told = tell(fact) if fact.kind in (FactKind.ATTRIBUTE, FactKind.BRAND, FactKind.OPTION) else ""
        if told.startswith("its ") and fact.number is None and "," not in fact.value:
            told = f"has {with_article(f'{fact.value} {fact.name}')}"  # "has an action semi weighted"
        if not told or told.startswith("its "):
            continue
        for raw in _raw_forms(fact):
            if raw != told:
                text = re.sub(rf"\b{_VERB} {re.escape(raw)}(?!\w)", lambda _: told, text, flags=re.IGNORECASE)  # noqa: B023
        if fact.number is not None and not fact.unit:  # "is 3 pockets"
            count = fact.text.removeprefix(fact.name).strip()
            text = re.sub(rf"\bis {re.escape(count)} {re.escape(fact.name)}(?!\w)", lambda _: told, text)  # noqa: B023
        text = _COMES_IN.sub(lambda m: told if _is_of(m, fact) else m[0], text)  # noqa: B023
    return text


def _raw_forms(fact: Fact) -> Iterator[str]:
    name, value = fact.name, fact.value
    if value in ("yes", "no"):
        yield from (f"{name}: {value}", f"{name} {value}")
    elif value and name and fact.text != value:
        figure = fact.text.removeprefix(name).strip()
        yield from (f"{name} {figure}", f"{name}: {figure}")


def _is_of(match: re.Match[str], fact: Fact) -> bool:
    unit = spoken_unit(match[2])
    if fact.number is None or not unit or base_value(1.0, unit)[1] not in _MEASURED:
        return False
    return same_quantity(float(match[1].replace(",", "") or 0), unit, fact.number, fact.unit)


def _clause_as_verb(tokens: Sequence[Token], keys: Sequence[str], support: Support) -> Token | None:
    """ "[2] lid closes softly", "[2] is lid closes softly", "[2], lid closes softly": a whole clause behind its item as if it were a verb.

    "With [2], the lid closes softly" is sound."""
    subject = 0
    for i, token in enumerate(tokens[:-1]):
        if token.kind is Kind.CITE:
            subject = int(token.value)
        opens = token.kind is Kind.CITE or token.text.lower() in ("which", "it")
        start = i + 1 + (opens and tokens[i + 1].stem in ("is", "has", "are"))
        if opens and tokens[i + 1].text == "," and not (i and tokens[i - 1].stem in _WITH):
            start = i + 2
        for clause in support.statements.get(subject, ()) if opens else ():
            size = min(_TOLD_LEAST, len(clause))
            if tuple(keys[start : start + size]) == clause[:size]:
                return tokens[start]
    return None


def _is_its_kind(tokens: Sequence[Token], types: frozenset[str]) -> Token | None:
    """ "[1] is sleeping bags": the category, many, of one thing."""
    for item, verb, first in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.kind is not Kind.CITE or verb.text.lower() != "is" or first.stem not in types:
            continue
        last = list(takewhile(lambda t: t.stem in types, tokens[tokens.index(first) :]))[-1]
        if last.text.endswith("s") and not last.text.endswith(("ss", "us", "is")):
            return first
    return None


def _led_nowhere(tokens: Sequence[Token]) -> Token | None:
    """ "[1] is suitable.", "is meant and": for what, is not said."""
    for verb, word, behind in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
        ends = behind is None or behind.kind in (Kind.BREAK, Kind.STRONG)
        if ends and verb.text.lower() in ("is", "are") and word.text.lower() in _LEADING:
            return word
    return None


def _made_by_an_item(tokens: Sequence[Token]) -> Token | None:
    """ "Made by [2]", "listed as [2]": an item is no maker and no property of another."""
    for verb, link, item in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.kind is Kind.CITE and link.stem in _MAKING_LINKS and verb.text.lower() in _MADE:
            return item
    return None


def _said_twice(tokens: Sequence[Token], keys: Sequence[str], support: Support) -> Token | None:
    """One fact told twice of one item in one sentence."""
    subject, told = 0, set[tuple[int, tuple[str, ...]]]()
    for i, token in enumerate(tokens):
        if token.kind is Kind.CITE:
            subject = int(token.value)
        figure = (f"{token.value:g}", token.unit)
        if token.kind is Kind.NUMBER and token.unit:
            if (subject, figure) in told:
                return token
            told.add((subject, figure))
        for fact in support.told.get(subject, ()):
            if tuple(keys[i : i + len(fact)]) == fact:
                if (subject, fact) in told:
                    return token
                told.add((subject, fact))
    return None


def _offered_by_weight(tokens: Sequence[Token], evidence: Evidence) -> Token | None:
    """ "Comes in 5 l" where no option or title of the item says so."""
    offered = " ".join(f.text for item in evidence.items for f in item.facts if f.kind in (FactKind.OPTION, FactKind.DESCRIPTION))
    for comes, link, figure in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_offer = comes.stem == "come" and link.stem == "in" and figure.kind is Kind.NUMBER
        if is_offer and base_value(1.0, figure.unit)[1] in _MEASURED and f"{figure.value:g}" not in offered:
            return figure
    return None


def _doubly_denied(tokens: Sequence[Token]) -> Token | None:
    """ "Is not no vegan shoe"."""
    return next((b for a, b in pairwise(tokens) if a.stem in _DENIALS and b.stem in _DENIALS), None)


def _row(tokens: Sequence[Token], types: frozenset[str]) -> Token | None:
    """ "[1] 1.7 l 2200 W", "[1] kettles: holds 1.7 l": a row of a table, a line of the record."""
    opening = next((i for i, t in enumerate(tokens[1:], start=1) if t.stem not in types), len(tokens))
    if 1 < opening < len(tokens) and tokens[0].kind is Kind.CITE and tokens[opening].text == ":":
        return tokens[1]
    is_row = len(tokens) > 1 and tokens[0].kind is Kind.CITE and tokens[1].kind is Kind.NUMBER
    return tokens[1] if is_row else None
