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
MOST_TITLE_FACTS = 4
MOST_SEGMENT_WORDS = 5
TITLE_SOURCE = "title"
MOST_ABBREVIATION = 5  # letters: "LED", "USB", "HEPA" are written in capitals
MOST_CLAUSE_WORDS = 16
LEAST_CLAUSE_WORDS = 3

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[\"'(A-Z0-9])|\s*[•·|]\s*|(?:<br ?/?>)+", re.UNICODE)
_EDGES = " .,:;-–—\"'"
# A dash between figures is a range ("pH 0.0 - 14.0").
_SEGMENT = re.compile(r",\s+|(?<!\d)\s+[-–—]\s+|\s+[-–—]\s+(?!\d)|\s+\|\s+|\s*[()]\s*|;\s+")
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


# What tells a reader what to do, or speaks of the maker, the picture or the shop, is no property of the thing.
_ASIDE = re.compile(
    r"^(?:then |and |now |simply |just )?(?:please|note|tips?|make sure|be sure|ensure|do not|don't|lift|insert|press|peel|refer|contact|"
    r"visit|check|see|read|keep|allow|remember|warning|caution|trust|say goodbye)\b"
    r"|\b(?:copyright|all rights|trademarks?|family[- ]owned|privately held|founded in|headquartered|mission|brand new|as the picture|"
    r"customer service|shop online|online in|branded|genuine|only for rs|collection of|images?|photos?|pictures?|monitors?|rs)\b"
    r"|\.com\b|\bprice:",
    re.IGNORECASE,
)
_NOTHING_SAID = frozenset({"na", "n/a", "n.a.", "not applicable", "not available", "not specified", "unknown", "null", "-", "--", "tbd"})
# Columns that hold a name or a number of the thing rather than a property; they are told last.
_NAMING = frozenset("code model sku upc ean asin isbn mpn gtin id collection series".split())
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
    title = _words_in(item.title)
    for clause in clauses(item.description):
        if _words_in(clause) <= title:
            continue  # the title once more
        yield Fact(FactKind.DESCRIPTION, "description", clause, value=clause, source="description")
    if item.brand:
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
        _WOOING.search(fact.value) or _COMMAND.search(fact.value) or _ASIDE.search(fact.value)
    )


def title_segments(title: str, brand: str = "") -> list[str]:
    """What a long title says behind the name of the thing: "Clamp, pack of 4, zinc plated" gives "pack of 4" and "zinc plated"."""
    segments = [s.strip(_EDGES) for s in _SEGMENT.split(plain(title, 300)) if s and s.strip(_EDGES)]
    if segments and brand and set(segments[0].lower().split()) <= set(plain(brand, 60).lower().split()):
        segments = segments[1:]  # the maker stands alone in front of the name
    own = {w.lower() for w in re.findall(r"[^\W\d_]{3,}", brand)}
    return [_calmed(s) for s in segments[1:] if _tells(s, own)][:MOST_TITLE_FACTS]


def _tells(segment: str, own: set[str]) -> bool:
    words = segment.split()
    if len(words) > MOST_SEGMENT_WORDS or len(segment) < 3 or not re.search(r"[^\W\d_]{2,}", segment):
        return False
    is_code = any(re.search(r"\d", w) and re.search(r"[A-Z]{2,}|-", w) for w in words)  # a model number is a name
    if words[0].lower() in ("and", "or", "with", "by"):
        return False  # the tail of a list
    return not (is_code or own & {w.lower() for w in words} or _WOOING.search(segment) or _COMMAND.search(segment))


def _calmed(segment: str) -> str:
    """In small letters, but for abbreviations and names with a capital inside."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0] if _keeps_capitals(word[0]) else word[0].lower(), segment)


def _keeps_capitals(word: str) -> bool:
    return len(word) < MOST_ABBREVIATION if word.isupper() else any(c.isupper() for c in word[1:])


def _quieted(clause: str) -> str:
    """A clause that shouts ("MADE OF SOLID OAK") in the letters of a sentence; one with an abbreviation or two as it is."""
    words = _LETTERS.findall(clause)
    loud = sum(w.isupper() for w in words)
    if loud < LEAST_CLAUSE_WORDS or 2 * loud <= len(words):
        return clause
    low = _LETTERS.sub(
        lambda w: w[0].lower() if w[0].isupper() and (loud == len(words) or len(w[0]) >= MOST_ABBREVIATION) else w[0], clause
    )
    return low[:1].upper() + low[1:]


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


def clauses(description: str) -> list[str]:
    """The plain statements of a description, in order: short, about the product, nothing that woos or commands."""
    text = _TAG.sub(" ", description[:6000])
    found: list[str] = []
    for raw in _SENTENCE.split(text):
        for part in _parts(plain(raw)):
            clause = _quieted(_LEAD.sub("", part).strip(" .;:,"))
            if LEAST_CLAUSE_WORDS <= len(clause.split()) <= MOST_CLAUSE_WORDS and _is_plain(clause):
                found.append(clause)
            if len(found) == MOST_CLAUSES:
                return found
    return found


def _is_plain(clause: str) -> bool:
    is_whole = clause.count("(") == clause.count(")") and clause.count('"') % 2 == 0
    return is_whole and not any(pattern.search(clause) for pattern in (_WOOING, _COMMAND, _ASIDE))


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
