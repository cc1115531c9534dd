"""Typed facts: what a record says, cut into short statements at ingest.

The model writes from these and the sentence gate checks against them, so a fact never says more than its record. Marketing
sentences make broken replies, so only the plain clauses of a description survive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chatrec.catalog.facts_clauses import ASIDE, COMMAND, WOOING, clauses
from chatrec.catalog.facts_specs import specs
from chatrec.catalog.facts_titles import title_segments
from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.figures import figure_facts, number_text
from chatrec.domain.item import Attribute, Item, Review
from chatrec.domain.plain import plain

TITLE_SOURCE = "title"
_NOTHING_SAID = frozenset({"na", "n/a", "n.a.", "not applicable", "not available", "not specified", "unknown", "null", "-", "--", "tbd"})
# Columns that hold a name or a number of the thing rather than a property; they are told last.
_NAMING = frozenset("code model sku upc ean asin isbn mpn gtin id collection series".split())
# What feeds write in the place of a maker that they do not know.
_NO_MAKER = frozenset("generic unknown unbranded other others none n/a na various".split()) | {"no brand", "no name"}
MOST_VALUE_WORDS = 12
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_GENITIVE = re.compile(r"(?:'|’)s\b")


def typed_facts(item: Item, reviews: Sequence[Review] = ()) -> tuple[Fact, ...]:
    """The facts of one record, most telling first: type, attributes, options, description clauses, brand, rating, stock, price.

    Opinions (from ``reviews``) come last and are marked as such.
    """
    return tuple(_unique(_facts(item, reviews)))


def _facts(item: Item, reviews: Sequence[Review]) -> Iterator[Fact]:
    if item.category:
        name = plain(item.category, 60).lower()
        yield Fact(FactKind.TYPE, "category", name, value=name, source="category")
    own = _words_in(f"{item.title} {item.category}")
    properties: list[Fact] = []
    names: list[Fact] = []
    for attribute in item.attributes:
        is_name = not _NAMING.isdisjoint(attribute.name.split())
        (names if is_name else properties).extend(f for f in attribute_facts(attribute) if _is_telling(f, own))
    yield from properties
    for name, values in item.options().items():
        words = ", ".join(plain(v, 30) for v in values[:10])
        yield Fact(FactKind.OPTION, name, f"{_plural(name)} {words}", value=words, source="variants")
    for segment in title_segments(item.title, item.brand):
        yield Fact(FactKind.DESCRIPTION, "title", segment, value=segment, source=TITLE_SOURCE)
    labelled = specs(item.description, frozenset(a.name for a in item.attributes))
    yield from labelled
    title, said = _words_in(item.title), [_words_in(fact.text) for fact in labelled]
    for clause in clauses(item.description):
        if _words_in(clause) <= title or _words_in(clause) in said:
            continue  # the title or a labelled value once more
        yield Fact(FactKind.DESCRIPTION, "description", clause, value=clause, source="description")
    if item.brand and item.brand.strip().lower() not in _NO_MAKER:
        brand = plain(item.brand, 60)
        yield Fact(FactKind.BRAND, "brand", f"brand {brand}", value=brand, source="brand")
    yield from names
    yield from figure_facts(item)
    for review in reviews[:5]:
        for clause in clauses(review.text)[:1]:
            yield Fact(FactKind.OPINION, "opinion", clause, value=clause, source=f"review:{review.user_id}")


def _words_in(text: str) -> frozenset[str]:
    return frozenset(w.lower() for w in re.findall(r"\w+", text))


def _is_telling(fact: Fact, own: frozenset[str]) -> bool:
    """Whether a value from a column says something: not "n/a", a feature "2", the kind of thing once more, or a line of praise."""
    if fact.number is not None or fact.value in ("yes", "no"):
        return True
    alone = fact.text == fact.value  # a feature, which must speak for itself
    if fact.value.strip().lower() in _NOTHING_SAID or (alone and (not _LETTERS.search(fact.value) or _words_in(fact.value) <= own)):
        return False
    return len(fact.value.split()) <= MOST_VALUE_WORDS and not (
        WOOING.search(fact.value) or COMMAND.search(fact.value) or ASIDE.search(fact.value)
    )


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
    if name.endswith(" for"):
        values = list(dict.fromkeys(_GENITIVE.sub("", v) for v in values))  # "ideal for men's"
    if values in (["yes"], ["no"]):
        name = name.removesuffix(" included")
        text = name if values == ["yes"] else f"not {name}"
        yield Fact(FactKind.ATTRIBUTE, name, text, values[0], source=f"column:{attribute.name}")
    elif name in ("features", "feature"):
        for value in values[:6]:
            yield Fact(FactKind.ATTRIBUTE, name, value, value, source=f"column:{attribute.name}")
    else:
        words = ", ".join(values[:6])
        yield Fact(FactKind.ATTRIBUTE, name, f"{name} {words}", words, source=f"column:{attribute.name}")


def _plural(name: str) -> str:
    return name if name.endswith("s") else f"{name}s"


def _unique(facts: Iterable[Fact]) -> Iterator[Fact]:
    seen: set[str] = set()
    for fact in facts:
        key = fact.text.lower()
        if key and key not in seen:
            seen.add(key)
            yield fact
