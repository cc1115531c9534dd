"""One fact as the end of a sentence that begins with its item: "weighs 900 g", "is not waterproof", "comes in sizes S, M, L"."""

from __future__ import annotations

from chatrec.domain.facts import Fact, FactKind
from chatrec.generation.comparatives import is_adjective
from chatrec.generation.gate_words import stems

_FIGURED: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(stems(words)), verb) for words, verb in (("weight", "weighs {figure}"), ("capacity volume", "holds {figure}"))
)
_WORDED: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(stems(words)), verb)
    for words, verb in (
        ("colour", "comes in {value}"), ("material", "is made of {value}"), ("use", "is listed for {value}"), ("gender", "is for {value}"),
        ("season", "is listed for {value} use"), ("features", "comes with {value}"),
    )
)  # fmt: skip


_PREPOSITIONS = (" for", " with", " in", " by", " to", " from")


def tell(fact: Fact) -> str:
    """The fact as a predicate; "" for a fact that needs a sentence of its own (a description, an opinion) or is not told at all.

    A predicate that starts with "its" brings its own verb: "its fill is synthetic".
    """
    teller = _TELLERS.get(fact.kind)
    return teller(fact) if teller else ""


def join_predicates(predicates: list[str]) -> str:
    """ "weighs 900 g, is waterproof and comes in blue; its fill is synthetic"."""
    plain = [p for p in predicates if not p.startswith("its ")]
    owned = [p for p in predicates if p.startswith("its ")]
    return "; ".join(_and(part) for part in (plain, owned) if part)


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _attribute(fact: Fact) -> str:
    words = frozenset(stems(fact.name))
    if fact.number is not None:
        return _figure(fact, words)
    if fact.value in ("yes", "no"):
        denied = fact.value == "no"
        if is_adjective(fact.name):
            return f"is {'not ' if denied else ''}{fact.name}"
        return f"is listed {'without' if denied else 'with'} {fact.name}"
    if fact.text == fact.value:
        return f"comes with {fact.value}"
    if fact.name.endswith(_PREPOSITIONS):
        return f"is {fact.name} {_listed(fact.value)}"
    if fact.value == "unisex":
        return "is unisex"
    for names, verb in _WORDED:
        if names == words:
            return verb.format(value=_listed(fact.value))
    return f"its {fact.name} {'are' if fact.name.endswith('s') and ',' in fact.value else 'is'} {_listed(fact.value)}"


def _figure(fact: Fact, words: frozenset[str]) -> str:
    figure = fact.text.removeprefix(fact.name).strip()
    if fact.number == 1 and fact.unit.endswith("s") and len(fact.unit) > 2:
        figure = figure[:-1]  # "1 year"
    for names, verb in _FIGURED:
        if names & words and fact.unit:
            return verb.format(figure=figure)
    if not fact.unit and fact.name.endswith("s") and not fact.name.endswith("ss") and fact.number == int(fact.number or 0):
        return f"has {figure} {fact.name[:-1] if fact.number == 1 else fact.name}"
    if is_adjective(fact.name):
        return f"is {fact.name} to {figure}"
    return f"has {_article(fact.name)} {fact.name} of {figure}"


def _option(fact: Fact) -> str:
    names = "" if fact.name in ("colour", "color") else fact.text.removesuffix(fact.value)
    return f"comes in {names}{_listed(fact.value)}"


def _brand(fact: Fact) -> str:
    return f"comes from {fact.value}"


def _rating(fact: Fact) -> str:
    return f"is {fact.text}"


def _stock(fact: Fact) -> str:
    return f"is {fact.text}" if not fact.text.startswith("only") else f"has {fact.text}"


_TELLERS = {
    FactKind.ATTRIBUTE: _attribute,
    FactKind.OPTION: _option,
    FactKind.BRAND: _brand,
    FactKind.RATING: _rating,
    FactKind.STOCK: _stock,
}


def _listed(values: str) -> str:
    """ "a, b, c" as "a, b and c"."""
    head, comma, last = values.rpartition(", ")
    return f"{head} and {last}" if comma else values


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def sentence_case(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    text = text.strip().rstrip(" .,;:")
    return f"{text[:1].upper()}{text[1:]}." if text else ""
