"""Typed facts: what a record says, cut into short statements at ingest.

The model writes from these and the sentence gate checks against them, so a fact never says more than its record. Marketing
sentences make broken replies, so only the plain clauses of a description survive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.figures import figure_facts, number_text
from chatrec.domain.item import Attribute, Item, Review
from chatrec.domain.plain import plain

MOST_CLAUSES = 10
MOST_CLAUSE_WORDS = 16
LEAST_CLAUSE_WORDS = 3

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[\"'(A-Z0-9])|\s*[•·|]\s*|(?:<br ?/?>)+", re.UNICODE)
_TAG = re.compile(r"<[^>]{0,80}>")
_LEAD = re.compile(r"^(?:[-–—*:,;\s]+|(?:and|but|so|also|plus|or)\s+)", re.IGNORECASE)
# Sentences that address or woo the reader carry no property; a small model copies them badly.
_WOOING = re.compile(
    r"!|\b(?:you|your|you'll|yourself|we|our|us|i|my|discover|transform|elevate|experience|introducing|imagine|perfect|ultimate|"
    r"best|amazing|incredible|stunning|must[- ]have|enjoy|unleash|world[- ]class|premium|guarantee[ds]?|buy|click|order now|free)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(r";\s+|:\s+|\s+[–—-]\s+|,\s+(?=(?:and|but|so|while|which|with|for|is|has|have)\b)")
# A part without its subject ("which is why ...") says nothing on its own.
_TORSO = re.compile(r"(?:and |but |so )?(?:is|are|was|has|have|had|can|will|which|while|for|that|this|these|it's|they)\b", re.IGNORECASE)
# Orders to a reader, or to a machine, are never a property of a product.
_COMMAND = re.compile(
    r"\b(?:ignore|disregard|instructions?|system prompt|assistant|recommend this|say that|always|never mention|http|www)\b", re.IGNORECASE
)


def typed_facts(item: Item, reviews: Sequence[Review] = ()) -> tuple[Fact, ...]:
    """The facts of one record, most telling first: type, attributes, options, description clauses, brand, rating, stock, price.

    Opinions (from ``reviews``) come last and are marked as such.
    """
    return tuple(_unique(_facts(item, reviews)))


def _facts(item: Item, reviews: Sequence[Review]) -> Iterator[Fact]:
    if item.category:
        name = plain(item.category, 60).lower()
        yield Fact(FactKind.TYPE, "category", name, value=name, source="category")
    for attribute in item.attributes:
        yield from attribute_facts(attribute)
    for name, values in item.options().items():
        words = ", ".join(plain(v, 30) for v in values[:10])
        yield Fact(FactKind.OPTION, name, f"{_plural(name)} {words}", value=words, source="variants")
    for clause in clauses(item.description):
        yield Fact(FactKind.DESCRIPTION, "description", clause, value=clause, source="description")
    if item.brand:
        brand = plain(item.brand, 60)
        yield Fact(FactKind.BRAND, "brand", f"brand {brand}", value=brand, source="brand")
    yield from figure_facts(item)
    for review in reviews[:5]:
        for clause in clauses(review.text)[:1]:
            yield Fact(FactKind.OPINION, "opinion", clause, value=clause, source=f"review:{review.user_id}")


def attribute_facts(attribute: Attribute) -> Iterator[Fact]:
    """The facts of one attribute: "weight 950 g", "waterproof", "not waterproof", "material nylon", or each feature on its own."""
    name = plain(attribute.name, 40)
    if attribute.number is not None:
        figure = number_text(attribute.number)
        text = f"{name} {figure} {attribute.unit}".strip()
        yield Fact(FactKind.ATTRIBUTE, name, text, figure, attribute.number, attribute.unit, f"column:{attribute.name}")
        return
    values = [plain(v, 80) for v in attribute.values if v.strip()]
    if not values:
        return
    if values in (["yes"], ["no"]):
        text = name if values == ["yes"] else f"not {name}"
        yield Fact(FactKind.ATTRIBUTE, name, text, values[0], source=f"column:{attribute.name}")
    elif name in ("features", "feature"):
        for value in values[:6]:
            yield Fact(FactKind.ATTRIBUTE, name, value, value, source=f"column:{attribute.name}")
    else:
        words = ", ".join(values[:6])
        yield Fact(FactKind.ATTRIBUTE, name, f"{name} {words}", words, source=f"column:{attribute.name}")


def clauses(description: str) -> list[str]:
    """The plain statements of a description, in order: short, about the product, nothing that woos or commands."""
    text = _TAG.sub(" ", description[:6000])
    found: list[str] = []
    for raw in _SENTENCE.split(text):
        for part in _parts(plain(raw)):
            clause = _LEAD.sub("", part).strip(" .;:,")
            words = clause.split()
            if LEAST_CLAUSE_WORDS <= len(words) <= MOST_CLAUSE_WORDS and not _WOOING.search(clause) and not _COMMAND.search(clause):
                found.append(clause)
            if len(found) == MOST_CLAUSES:
                return found
    return found


def _parts(sentence: str) -> list[str]:
    """A long sentence cut at its joints; a short one whole."""
    if len(sentence.split()) <= MOST_CLAUSE_WORDS:
        return [sentence]
    return [p for p in _JOINT.split(sentence) if not _TORSO.match(p)]


def _plural(name: str) -> str:
    return name if name.endswith("s") else f"{name}s"


def _unique(facts: Iterable[Fact]) -> Iterator[Fact]:
    seen: set[str] = set()
    for fact in facts:
        key = fact.text.lower()
        if key and key not in seen:
            seen.add(key)
            yield fact
