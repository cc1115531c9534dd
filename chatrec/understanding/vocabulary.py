"""What one catalogue can be asked for, arranged for reading messages: value phrases, title words, coverage by category."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from chatrec.catalog.contract import Contract, Field
from chatrec.catalog.everyday_names import names_for_things
from chatrec.catalog.synonyms import GENDER_FIELDS, GENDER_WORDS, SIZE_FIELDS
from chatrec.domain.colours import COLOUR_FIELDS
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint
from chatrec.protocols import Shelf
from chatrec.understanding.lists import common_words, stop_words
from chatrec.understanding.records import TRUSTED_TITLE_SHARE, WHOLE_SHOP_SHARE, Records
from chatrec.understanding.text import stems

MOST_PHRASE = 7  # tokens of the longest value phrase that is looked up
THING_SHARE = 0.4  # share of values that must be title nouns before a field says what a thing is
OWN_THING = 2  # titles about a thing of this name, from which it is sold as itself and not another name for something else
HARDLY_HELD = 0.1  # share of records that hold a field, under which it is not recorded for that kind of thing
# Fields that name what a thing is, beside the category.
TYPE_FIELDS = frozenset({"style", "type", "product type", "item type", "subcategory", "sub category", "kind"})
# Fields that say what a thing is good for: a wish, not a filter.
PURPOSE_FIELDS = frozenset(
    {"use", "uses", "activity", "activities", "occasion", "purpose", "best for", "suitable for", "sport", "features", "feature", "tags"}
)
_GLUE = {"all", "and", "or", "the", "a"}
_PREFIXES = {"multi", "anti", "non", "semi", "ultra", "extra", "super", "mini"}  # of "multi-fuel" the first half alone says nothing
COMPANY = {"inc", "co", "ltd", "llc", "corp", "corporation", "company", "gmbh", "ag", "plc", "the"}
_PARTS = re.compile(r"\s*(?:&|/|,|\band\b|\bor\b|\+)\s*", re.IGNORECASE)
_TAIL = re.compile(r"\s+(?:with|for|of|by)\s.*$", re.IGNORECASE)


__all__ = [
    "COLOUR_FIELDS",
    "GENDER_FIELDS",
    "SIZE_FIELDS",
    "TRUSTED_TITLE_SHARE",
    "WHOLE_SHOP_SHARE",
    "CatalogueShelf",
    "Entry",
    "Vocabulary",
    "name_parts",
    "names_gender",
]


class CatalogueShelf(Shelf, Protocol):
    """A shelf that can be walked through."""

    @property
    def ids(self) -> Sequence[str]:
        """Every item id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase may stand for: ``values`` of ``field``. ``quality`` 3: the whole value, 2: a whole "
    "part of it, 1: its head or one word."""

    field: str
    values: tuple[str, ...]
    quality: int
    count: int


class Vocabulary(Records):
    """Built once a generation from the contract and the records; read-only afterwards."""

    def __init__(self, contract: Contract, shelf: CatalogueShelf) -> None:
        self.contract = contract
        self._shelf = shelf
        self.fields: dict[str, Field] = dict(contract.fields)
        self.numbers = {name: f for name, f in self.fields.items() if f.kind == "number" and name not in ("price", "rating", "stock")}
        self.name_stems = {name: stems(name) for name in self.fields}
        self._raw: dict[tuple[str, ...], dict[str, tuple[int, dict[str, int]]]] = defaultdict(dict)
        super().__init__([shelf.item(item_id) for item_id in shelf.ids])
        self.mapped_words: dict[tuple[str, ...], str] = {}  # words for values of a field that none of them holds
        for field in self.fields.values():
            self._index(field)
        for field in self.fields.values():
            self._index_synonyms(field)
        self._index_things()
        self.kind_fields = frozenset({"category", *(n for n in self.fields if n in TYPE_FIELDS and self._names_things(self.fields[n]))})
        self.phrases = {phrase: self._entries(found) for phrase, found in self._raw.items()}
        category = self.fields.get("category")
        self.category_words = frozenset(w for v in (category.values if category else ()) for w in self.own_words(v.text))
        self.longest = min(MOST_PHRASE, max((len(p) for p in self.phrases), default=1))
        self.phrase_words = frozenset(w for p in self.phrases for w in p)
        self.brand_words = frozenset(w for p, es in self.phrases.items() if any(e.field == "brand" for e in es) for w in p)

    def own_words(self, category: str) -> tuple[str, ...]:
        """The stems of a category's name without "all", "and" and what it is for."""
        return tuple(w for w in stems(_TAIL.sub("", category)) if w not in _GLUE)

    def any_match(self, constraints: Sequence[Constraint]) -> bool:
        """Whether some record satisfies all of these."""
        return bool(self.matching(constraints))

    def matching(self, constraints: Sequence[Constraint]) -> Set[str]:
        """The ids of the records that satisfy all of these (at least one)."""
        found = self._shelf.matching(constraints)
        return frozenset(self._shelf.ids) if found is None else found

    def item(self, item_id: str) -> Item:
        """The record. Raises :class:`chatrec.errors.UnknownItem`."""
        return self._shelf.item(item_id)

    @property
    def ids(self) -> Sequence[str]:
        """Every item id, in the order of the rows."""
        return self._shelf.ids

    def knows(self, word: str) -> bool:
        """Whether the catalogue uses this stem anywhere."""
        return word in self.words or word in self.phrase_words

    def names_kind(self, phrase: tuple[str, ...]) -> bool:
        """Whether these stems name a kind of thing (a category, a type or part of one)."""
        return any(e.field in self.kind_fields for e in self.phrases.get(phrase, ()))

    # -- phrases ----------------------------------------------------------------------------------------------------

    def _index(self, field: Field) -> None:
        by_name: dict[str, Callable[[Field], None]] = {"category": self._index_categories, "brand": self._index_brands}
        if field.name in by_name:
            by_name[field.name](field)
        elif field.kind == "yes_no":
            self._index_yes_no(field)
        elif field.kind == "words":
            self._index_words(field)

    def _names_things(self, field: Field) -> bool:
        """Whether the values of a "style" or "type" field are the nouns that titles end with."""
        heads = [words[-1] for v in field.values if (words := stems(v.text))]
        return field.kind == "words" and sum(h in self.title_heads for h in heads) >= THING_SHARE * max(1, len(heads))

    def _add(self, phrase: tuple[str, ...], field: str, value: str, quality: int, count: int) -> None:
        if phrase and len(phrase) <= MOST_PHRASE:
            known, values = self._raw[phrase].setdefault(field, (quality, {}))
            self._raw[phrase][field] = (max(known, quality), values)
            values[value] = max(count, values.get(value, 0))

    def _index_categories(self, field: Field) -> None:
        for value in field.values:
            if value.count > WHOLE_SHOP_SHARE * self.contract.n_items:
                continue
            self._add(stems(value.text), "category", value.text, 3, value.count)
            for part in _PARTS.split(value.text):
                if part[:1].isdigit() and part.split()[0].isdigit():
                    continue  # of "5 pack" the figure is what tells: "10 pack" is none
                words = stems(_TAIL.sub("", part))
                words = words[1:] if words[:1] == ("all",) else words
                if _is_activity(part, words, value.text):
                    continue
                for start in range(len(words)):
                    if start < len(words) - 1 or words[start] not in stop_words():
                        self._add(words[start:], "category", value.text, 2 if start == 0 else 1, value.count)

    def _index_brands(self, field: Field) -> None:
        first = Counter(stems(v.text)[:1] for v in field.values)
        for value in field.values:
            words = stems(value.text)
            self._add(words, "brand", value.text, 3, value.count)
            short = tuple(w for w in words if w not in COMPANY)
            self._add(short, "brand", value.text, 3, value.count)
            lead = short[:1]
            for length in range(1, len(short)):
                if first[lead] == 1 and len(lead[0]) > 3 and lead[0] not in common_words():
                    self._add(short[:length], "brand", value.text, 1, value.count)

    def _index_yes_no(self, field: Field) -> None:
        """ "dishwasher safe" is also meant by "dishwasher", "foldable" by "folds" and "folding"."""
        words = self.name_stems[field.name]
        self._add(words, field.name, "yes", 3, field.count)
        for word in words if len(words) > 1 else ():
            if word not in common_words():
                self._add((word,), field.name, "yes", 1, field.count)
        if len(words) == 1 and words[0].endswith("able") and len(words[0]) > 6:
            base = words[0][:-4]
            for form in (base, f"{base}ing", f"{base}ed", f"{base}e"):
                self._add((form,), field.name, "yes", 2, field.count)

    def _index_words(self, field: Field) -> None:
        single = field.name in SIZE_FIELDS
        for value in field.values:
            words = stems(value.text)
            self._add(words, field.name, value.text, 3, value.count)
            if len(self.name_stems[field.name]) == 1 and self.name_stems[field.name][0] not in words:
                self._add((*words, *self.name_stems[field.name]), field.name, value.text, 3, value.count)  # "light roast", "wide fit"
            if len(words) > 2 and words[-1] == "included":
                self._add(words[:-1], field.name, value.text, 2, value.count)  # "with rain cover"
            if len(words) > 1 and not single and field.name not in PURPOSE_FIELDS:
                for word in words:
                    if not word[:1].isdigit() and len(word) > 2 and word not in _PREFIXES:
                        self._add((word,), field.name, value.text, 1, value.count)

    def _index_synonyms(self, field: Field) -> None:
        counts = {v.text: v.count for v in field.values}
        for word, values in field.synonyms.items():
            phrase = stems(word)
            if field.name not in GENDER_FIELDS:
                self.mapped_words[phrase] = field.name
            for value in values:
                self._add(phrase, field.name, value, 2, counts.get(value, 0))

    def _index_things(self) -> None:
        """Everyday names of things for categories under another name: "couch" where the shop has sofas."""
        named = {" ".join(p): f["category"] for p, f in self._raw.items() if "category" in f}
        for name, other in names_for_things(named).items():
            phrase = stems(name)
            if phrase in self._raw or (len(phrase) == 1 and self.title_heads[phrase[0]] >= OWN_THING):
                continue
            self.mapped_words[phrase] = "category"
            quality, values = named[other]
            for value, count in values.items():
                self._add(phrase, "category", value, min(2, quality), count)

    def _entries(self, found: dict[str, tuple[int, dict[str, int]]]) -> tuple[Entry, ...]:
        entries = []
        for field, (quality, values) in found.items():
            ordered = sorted(values.items(), key=lambda v: (-v[1], v[0]))
            entries.append(Entry(field, tuple(v for v, _ in ordered), quality, sum(values.values())))
        return tuple(sorted(entries, key=lambda e: (-_rank(e), -e.count, e.field)))


def name_parts(category: str) -> list[str]:
    """The things that a category's name joins: "Cases & Clips" are two."""
    return [part for part in _PARTS.split(category) if part]


def _is_activity(part: str, words: tuple[str, ...], name: str) -> bool:
    """ "Measure" in "Test, Measure & Inspect": an everyday word in the singular, beside others, names no product."""
    return len(words) == 1 and part != name and words[0] in common_words() and words[0] == part.lower().strip()


def _rank(entry: Entry) -> float:
    """Which field a phrase more likely means: whole values before parts; what a thing is before who made it before how it is."""
    weight = {"category": 0.8, "brand": 0.5}.get(entry.field, 0.3 if entry.field in COLOUR_FIELDS | TYPE_FIELDS else 0.0)
    return entry.quality + weight


def names_gender(value: str, gender: str) -> bool:
    """Whether a catalogue value ("f", "Ladies") means this gender."""
    return bool(set(stems(value)) & GENDER_WORDS[gender])
