"""Questions that one value decides ("big enough for 40 litres?", "made of leather?"): compared in code, told with what the record says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.figures import number_text
from chatrec.knowledge.measures import Measure, measures_of
from chatrec.knowledge.properties import COLOURS, SIZES
from chatrec.knowledge.words import stem, words_of

VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Rule:
    """``asks``: the words that ask for it. ``names``: properties that decide. ``kind``: what the asked figure must be. ``at_least``:
    whether the record's figure must reach the asked one (else it may not pass it). ``has``: how the record's figure is told."""

    asks: re.Pattern[str]
    names: tuple[str, ...]
    kind: str
    at_least: bool
    has: str
    enough: str
    short: str


def _asks(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_MORE = r"(?:over|above|more than|heavier than|longer than|wider than|taller than|higher than|at least|exceed\w*)"
_LESS = r"(?:under|below|less than|lighter than|shorter than|narrower than|at most|within|up to|no more than|not exceed\w*)"
_FITS = r"(?:fits?|enough|hold|holds|take|takes|room|big|large|suitable|work|works|accommodate\w*)"
RULES: tuple[Rule, ...] = (
    Rule(
        _asks(rf"(?:it|they|one|this|that) weighs?|weight|lightweight|light enough|{_LESS}|{_MORE}"),
        ("weight",),
        "mass",
        False,
        "weighs {own}",
        "less than {asked}",
        "more than {asked}",
    ),
    Rule(
        _asks(r"carry|support|bear|strong|load|hold|holds|sturdy|person|people|man|woman|weigh|kilos?|user|sit|withstand|for"),
        ("max load", "maximum load", "load capacity", "weight capacity", "max weight"),
        "mass",
        True,
        "takes a load of up to {own}",
        "enough for {asked}",
        "less than {asked}",
    ),
    Rule(
        _asks(rf"{_FITS}|capacity|volume|litres?|liters?|l|ml|oz"),
        ("capacity", "volume", "capacity l", "volume ml"),
        "volume",
        True,
        "holds {own}",
        "enough for {asked}",
        "less than {asked}",
    ),
    Rule(
        _asks(r"person|people|man|woman|someone|somebody|tall|i am|i'm|adult|long enough|enough"),
        ("length", "max body length", "user height"),
        "length",
        True,
        "is {own} long",
        "longer than {asked}",
        "not longer than {asked}",
    ),
    Rule(
        _asks(r"warm|cold|degrees?|winter|minus|below|freez\w*|temperature|nights?|sleep|down to|celsius|c|°c"),
        ("comfort temp", "comfort temperature", "temperature"),
        "temperature",
        False,
        "is meant for {own} and warmer",
        "so {asked} is within that",
        "so {asked} is too cold for it",
    ),
    Rule(
        _asks(r"people|persons?|adults?|sleep|sleeps|family|seat|seats|room for|of us"),
        ("persons", "people", "sleeps", "seats"),
        "count",
        True,
        "is for {own} people",
        "enough for {asked}",
        "fewer than {asked}",
    ),
    Rule(
        _asks(r"hours?|last|lasts|run|runs|burn|h"),
        ("battery", "runtime", "run time", "burn time", "battery life"),
        "hours",
        True,
        "lasts {own}",
        "at least {asked}",
        "less than {asked}",
    ),
    Rule(_asks(r"lumens?|bright"), ("lumens", "brightness"), "lumens", True, "gives {own}", "at least {asked}", "less than {asked}"),
)
_AGE = re.compile(r"\b(\d{1,2})[\s-]*(?:years?[\s-]*olds?|yrs?[\s-]*olds?|y/?o)\b|\b(?:aged?|age of)\s+(\d{1,2})\b", re.IGNORECASE)
_INCHES = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*(?:-|–)?\s*(?:inch(?:es)?\b|in\b|\"|″|'')", re.IGNORECASE)
_SCREENED = re.compile(r"\b(laptop|notebook|tablet|macbook|computer|screen|tv)s?\b", re.IGNORECASE)


def verdicts(question: str, facts: Sequence[Fact]) -> Iterator[Fact]:
    """Computed facts about one item that answer a question about one value, each naming what the record says; none where the record says
    nothing of that property. ``{item}`` in the text stands for the item."""
    yield from _laptop(question, facts)
    yield from _age(question, facts)
    yield from _other_value(question, facts)
    yield from _other_version(question, facts)
    asked = measures_of(question)
    for rule in RULES:
        wanted = next((m for m in asked if m.kind == rule.kind), None)
        if wanted is None or not rule.asks.search(question):
            continue
        fact = next((f for f in facts if f.number is not None and f.kind is FactKind.ATTRIBUTE and f.name in rule.names), None)
        own = _measure(fact, rule.kind) if fact is not None else None
        if fact is not None and own is not None:
            yield _verdict(rule, own, wanted, fact, question)
            return


def _verdict(rule: Rule, own: Measure, wanted: Measure, fact: Fact, question: str) -> Fact:
    reaches = own.amount >= wanted.amount if rule.at_least else own.amount <= wanted.amount
    if own.amount == wanted.amount and not rule.at_least and rule.kind == "mass":
        return Fact(FactKind.COMPUTED, VERDICT, f"{{item}} weighs exactly {own.words}", "yes", own.amount, source=fact.source)
    if rule.kind == "length":
        reaches = own.amount > wanted.amount
    says = (rule.enough if reaches else rule.short).format(asked=wanted.words)
    has = rule.has.format(own=own.words)
    text = f"{{item}} {has}, {says if says.startswith('so ') else f'which is {says}'}"
    return Fact(FactKind.COMPUTED, VERDICT, text, value="yes" if reaches else "no", number=own.amount, source=fact.source)


def _measure(fact: Fact, kind: str) -> Measure | None:
    if fact.number is None:
        return None
    if kind in ("count", "lumens"):
        return Measure(kind, fact.number, number_text(fact.number) + (" lumens" if kind == "lumens" else ""))
    return next((m for m in measures_of(f"{number_text(fact.number)} {fact.unit}") if m.kind == kind), None)


def _laptop(question: str, facts: Sequence[Fact]) -> Iterator[Fact]:
    """A screen of so many inches against the largest that the listing names for the same thing."""
    size, thing = _INCHES.search(question), _SCREENED.search(question)
    if not size or not thing:
        return
    word = thing[1].lower()
    for fact in facts:
        found = _INCHES.findall(fact.text)
        about = {w.lower() for w in _SCREENED.findall(fact.text)}
        if fact.kind in (FactKind.ATTRIBUTE, FactKind.DESCRIPTION) and found and (word in about or (about & _CARRIED and word in _CARRIED)):
            largest = max(float(f) for f in found)
            fits = float(size[1]) <= largest
            limit = f"{{item}} is listed for a {word} of up to {number_text(largest)} inches"
            told = f"so one of {size[1]} inches fits" if fits else f"so one of {size[1]} inches is too big for it"
            yield Fact(FactKind.COMPUTED, VERDICT, f"{limit}, {told}", "yes" if fits else "no", largest, "inch", fact.source)
            return


_IN_WHAT = re.compile(
    r"\b(?:have|has|got|get|come|comes|came|available|sell|stock|make|made|do|exist|offered)\b[^?.!]*?\bin (?:an? )?"
    r"(?P<asked>[a-z]+(?:[- ][a-z]+)?)"
    r"(?: (?:too|also|as well|please|at all|colou?r|shade))*\W*$",
    re.IGNORECASE,
)
# "In stock", "in time", "in the shop": no version of a thing.
_NO_VERSION = frozenset(
    "stock store stores shop time general case total full the a my your our this that these those it all any other another different more "
    "less size sizes colour color colours colors wide half bulk person use one two packs pack pairs pair sets set".split()
)


def _other_version(question: str, facts: Sequence[Fact]) -> Iterator[Fact]:
    """ "Does it come in chartreuse?" of a jacket in navy and plum, where no word list knows what chartreuse is: the colours that are
    listed, and that this is not among them."""
    match = _IN_WHAT.search(question)
    words = words_of(match["asked"]) if match else []
    if not words or words[0] in _NO_VERSION or set(words) & (_MATERIALS | SIZES):
        return
    own = next((f for f in facts if f.name in ("colour", "color") and f.kind in (FactKind.ATTRIBUTE, FactKind.OPTION) and f.value), None)
    said = {stem(w) for f in facts if f.kind is not FactKind.OPINION for w in words_of(f.text)}
    if own is not None and not {stem(w) for w in words} & said:
        listed = " and ".join(own.value.rsplit(", ", 1))
        text = f"the listing gives the {own.name} of {{item}} as {listed}, not as {' '.join(words)}"
        yield Fact(FactKind.COMPUTED, VERDICT, text, "no", source=own.source)


_CARRIED = frozenset({"laptop", "notebook", "macbook", "computer"})


def _age(question: str, facts: Sequence[Fact]) -> Iterator[Fact]:
    match = _AGE.search(question)
    ends = {f.name: f for f in facts if f.name in ("age from", "age to") and f.number is not None}
    if not match or not ends:
        return
    age = int(match[1] or match[2])
    low, high = ends.get("age from"), ends.get("age to")
    fits = (low is None or age >= (low.number or 0)) and (high is None or age <= (high.number or 0))
    span = " ".join(
        f"{word} {number_text(f.number)}" for word, f in (("from", low), ("to", high)) if f is not None and f.number is not None
    )
    told = f"{{item}} is listed for ages {span}, so {age} is {'within that' if fits else 'outside that'}"
    yield Fact(FactKind.COMPUTED, VERDICT, told, "yes" if fits else "no", float(age), "", next(iter(ends.values())).source)


_MATERIALS = frozenset(
    "leather suede cotton wool merino silk linen nylon polyester plastic metal steel aluminium titanium wood bamboo rubber latex silicone "
    "glass ceramic fleece down feather canvas carbon cork hemp gold silver polypropylene polycarbonate velvet denim cashmere".split()
)
_YES_OR_NO = re.compile(r"^\W*(?:\w+\W+){0,4}?(?:is|are|does|do|has|have|can|was)\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:what|which|how|or|who|why|not|isn't|aren't)\b", re.IGNORECASE)


def _other_value(question: str, facts: Sequence[Fact]) -> Iterator[Fact]:
    """ "is it leather?" of a bag whose material is polyester: what is listed, and that the other is not."""
    if not _YES_OR_NO.search(question) or _OPEN.search(question):
        return
    words = set(words_of(question))
    for wanted, names, lead in (
        (words & _MATERIALS, ("material", "fabric", "upper material"), "the listing gives the {name} of {item} as {own}, not as {asked}"),
        (words & COLOURS, ("colour", "color"), "the listing gives the {name} of {item} as {own}, not as {asked}"),
    ):
        own = [f for f in facts if f.name in names and f.kind in (FactKind.ATTRIBUTE, FactKind.OPTION) and f.value]
        said = " ".join(f.text for f in facts if f.kind is not FactKind.OPINION)
        if len(wanted) == 1 and own and not {stem(w) for w in wanted} & {stem(w) for w in words_of(said)}:
            text = lead.replace("{name}", own[0].name).replace("{own}", own[0].value).replace("{asked}", next(iter(wanted)))
            yield Fact(FactKind.COMPUTED, VERDICT, text, "no", source=own[0].source)
            return
