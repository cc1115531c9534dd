"""The catalogue as the simulated shopper knows it: the truth, with what may be wished for and how much that leaves."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from chatrec.catalog.contract import Contract
from chatrec.domain.item import Item
from chatrec.evaluation.simulator.wishes import KIND, Wish, held_figure, held_words, meets, stem, stems_of, words_in

# Needs are narrow: they match at most this share of the catalogue, or so many items where that is less.
MOST_SHARE, MOST_MATCHING = 0.01, 5
# A field that says what kind of thing an item is, beside the category.
KIND_FIELDS = ("style", "type", "product type", "kind", "subcategory")
# A category that holds more of the shop than this says nothing about what is wanted.
MOST_KIND_SHARE = 0.5


class World:
    """The true records of one shop. Read-only."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.by_id = {item.item_id: item for item in items}
        self.contract = Contract.of(items)
        self.limit = max(MOST_MATCHING, int(MOST_SHARE * len(items)))
        self._holders: dict[Wish, frozenset[str]] = {}

    def matching(self, wishes: Iterable[Wish], among: frozenset[str] | None = None) -> frozenset[str]:
        """Ids of the items that have everything wished (of ``among``, where given)."""
        left = among
        for wish in wishes:
            held = self._of(wish)
            left = held if left is None else left & held
        return frozenset(self.by_id) if left is None else left

    def _of(self, wish: Wish) -> frozenset[str]:
        found = self._holders.get(wish)
        if found is None:
            found = self._holders[wish] = frozenset(i.item_id for i in self.items if meets(i, wish))
        return found

    def is_kind(self, name: str) -> bool:
        """Whether a category says what kind of thing is wanted."""
        return self._kinds[name.casefold()] <= MOST_KIND_SHARE * len(self.items)

    def figures(self, field: str, among: Iterable[str]) -> list[float]:
        """The figures that these items hold for a field, ascending."""
        return sorted(f for i in among if (f := held_figure(self.by_id[i], field)) is not None)

    def others(self, field: str, target: Item, among: Iterable[str]) -> list[str]:
        """Values of a field that some of these items hold and the target does not, commonest first."""
        own = {v.casefold() for v in held_words(target, field)}
        counts = Counter(v for i in among for v in set(held_words(self.by_id[i], field)) if v.casefold() not in own)
        return [value for value, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]

    @cached_property
    def _kinds(self) -> Counter[str]:
        return Counter(n for item in self.items for n in {name.casefold() for name in held_words(item, KIND)})

    @cached_property
    def word_counts(self) -> Counter[str]:
        """Stem -> how many records hold it."""
        return Counter(s for item in self.items for s in stems_of(item))

    @cached_property
    def title_counts(self) -> Counter[str]:
        """Word of a title, in small letters -> how many titles hold it."""
        return Counter(w for item in self.items for w in {w.casefold() for w in words_in(item.title)})

    @cached_property
    def title_stems(self) -> Counter[str]:
        """Stem of a word -> how many titles hold it: how the shop itself names its things."""
        return Counter(s for item in self.items for s in {stem(w) for w in words_in(item.title)})

    @cached_property
    def title_pairs(self) -> Counter[tuple[str, str]]:
        """Two words in a row, in small letters -> how many titles hold them."""
        return Counter(p for item in self.items for p in set(pairwise(w.casefold() for w in words_in(item.title))))

    @cached_property
    def brand_stems(self) -> frozenset[str]:
        """Stems of the words of all brands."""
        return frozenset(stem(w) for item in self.items for w in words_in(item.brand))

    @cached_property
    def plain_attributes(self) -> int:
        """How many attributes a shopper of this shop can speak of, beside the kind of thing and whom it is for."""
        spoken = [f for f in self.contract.facets() if f.origin != "core" and f.coverage >= 0.2]
        return sum(f.name not in (*KIND_FIELDS, "gender") for f in spoken)

    @cached_property
    def by_kind(self) -> dict[str, list[str]]:
        """Most specific category -> the items in it."""
        found: dict[str, list[str]] = defaultdict(list)
        for item in self.items:
            found[item.category].append(item.item_id)
        return dict(found)


def nearby(world: World, target: Item, kind: Wish | None, rng: random.Random) -> list[str]:
    """Items of the target's kind, in an order drawn by chance."""
    held = sorted(world.matching((kind,))) if kind is not None else sorted(world.by_kind.get(target.category, ()))
    rng.shuffle(held)
    return held
