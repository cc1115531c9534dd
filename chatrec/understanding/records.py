"""What the records of a catalogue say, row by row: the words of titles, where things lie, which of them hold a field."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from chatrec.domain.item import Item
from chatrec.understanding.text import stem, stems
from chatrec.understanding.titles import title_heads

MOST_DESCRIPTION_CHARS = 600  # what a product is and has stands at the beginning
# A category that holds nearly everything narrows nothing; its name then stands for no filter.
WHOLE_SHOP_SHARE = 0.6
# A head word ("tape") is a category only where titles with that word mostly lie in it.
TRUSTED_TITLE_SHARE = 0.4
SURE_SHARE, LEAST_SHELVED = 0.9, 10  # share of the things so titled, and how many, that tell where such things lie
LEAST_OTHERS = 3  # titles of other makers from which a brand's words count as plain words
_WORD = re.compile(r"[^\W\d_]+|\d+")
_GOES_WITH = {"for", "fit", "fits", "compatible", "with", "to", "works"}
_KEPT = 4_000  # answers about groups of categories


class Records:
    """Built once a generation; read-only afterwards. A row is the place of an item in the order given."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._n_items = len(items)
        self.words: Counter[str] = Counter()
        self.title_heads: Counter[str] = Counter()
        self.title_rows: dict[str, set[int]] = defaultdict(set)
        self.brand_rows: dict[str, set[int]] = defaultdict(set)
        self.part_rows: dict[str, set[int]] = defaultdict(set)
        self.field_rows: dict[str, set[int]] = defaultdict(set)
        self.figures: dict[str, dict[int, float]] = defaultdict(dict)
        self.titles = [stems(item.title) for item in items]
        self.shelves = [item.category for item in items]
        for row, item in enumerate(items):
            title = set(self.titles[row])
            for word in title:
                self.title_rows[word].add(row)
            self.title_heads.update(title_heads(item.title))
            described = _WORD.findall(item.description[:MOST_DESCRIPTION_CHARS].lower())
            self.words.update(title | {stem(word) for word in described})
            self.brand_rows[item.brand.casefold()].add(row)
            for part in {p.casefold() for p in (*item.category_path, item.category) if p}:
                self.part_rows[part].add(row)
            for attribute in item.attributes:
                self.field_rows[attribute.name].add(row)
                if attribute.number is not None:
                    self.figures[attribute.name][row] = attribute.number
            for name in item.options():
                self.field_rows[name].add(row)
            for name, figure in (("price", item.price), ("rating", item.rating)):
                if figure is not None:
                    self.field_rows[name].add(row)
                    self.figures[name][row] = float(figure) if isinstance(figure, Decimal) else figure

        self._rows = lru_cache(_KEPT)(self._rows_in)
        self._held = lru_cache(_KEPT)(self._share_that_holds)

    def rows(self, categories: Iterable[str]) -> frozenset[int]:
        """The records in any of these categories."""
        return self._rows(tuple(categories))

    def _rows_in(self, categories: tuple[str, ...]) -> frozenset[int]:
        return frozenset().union(*(self.part_rows.get(name.casefold(), set()) for name in categories))

    def titled(self, words: Iterable[str]) -> set[int]:
        """The records whose titles hold all of these stems."""
        return set.intersection(*(self.title_rows.get(w, set()) for w in words))

    def side_by_side(self, one: str, other: str) -> set[int]:
        """The records whose titles hold these two stems as neighbours."""
        return {row for row in self.titled((one, other)) if (one, other) in pairwise(self.titles[row])}

    def places(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The categories that these records lie in, commonest first."""
        return tuple(name for name, _ in Counter(self.shelves[row] for row in rows if self.shelves[row]).most_common())

    def home_of(self, word: str) -> str:
        """The one category in which (nearly) everything so titled lies, or an empty string."""
        rows = self.title_rows.get(word, set()) if word in self.title_heads else set()
        shelves = Counter(self.shelves[row] for row in rows)
        name, count = shelves.most_common(1)[0] if shelves else ("", 0)
        sure = count == len(rows) or (count >= SURE_SHARE * len(rows) and len(rows) >= LEAST_SHELVED)
        return name if sure and len(self.part_rows.get(name.casefold(), ())) <= WHOLE_SHOP_SHARE * self._n_items else ""

    def coverage(self, field: str, categories: Sequence[str] = ()) -> float:
        """Share of the records (of these categories) that hold the field, in [0, 1]."""
        return self._held(field, tuple(categories))

    def _share_that_holds(self, field: str, categories: tuple[str, ...]) -> float:
        held = self.field_rows.get(field, set())
        if not categories:
            return len(held) / max(1, self._n_items)
        rows = self.rows(categories)
        return len(held & rows) / max(1, len(rows))

    def quantile(self, field: str, q: float, categories: Sequence[str] = ()) -> float | None:
        """The q-quantile of a numeric field over these categories (over the shop where they hold too few figures)."""
        figures = self.figures.get(field, {})
        rows = self.rows(categories)
        among = sorted(v for row, v in figures.items() if row in rows) if rows else []
        if len(among) < 3:
            among = sorted(figures.values())
        return among[round(q * (len(among) - 1))] if among else None

    def is_plain_word(self, words: tuple[str, ...], brands: tuple[str, ...]) -> bool:
        """Whether the words of a brand's name mostly stand in the titles of other makers' products ("super glue", "duck")."""
        titled = set.intersection(*(self.title_rows.get(w, set()) for w in words)) if words else set()
        own = set().union(*(self.brand_rows.get(b.casefold(), set()) for b in brands))
        others = {row for row in titled - own if not self.made_for(words[0], row)}
        return len(others) >= max(LEAST_OTHERS, len(titled & own))

    def made_for(self, word: str, row: int) -> bool:
        """Whether a title only says that the thing goes with what the word names ("case for Samsung Galaxy")."""
        title = self.titles[row]
        return any(w in _GOES_WITH for w in title[: title.index(word)]) if word in title else False

    @lru_cache(maxsize=5000)  # noqa: B019 - lives as long as the generation
    def trusts_head(self, head: str, categories: tuple[str, ...]) -> bool:
        """Whether products whose titles say ``head`` mostly lie in these categories."""
        titled = self.title_rows.get(head, set())
        if not titled:
            return len(categories) == 1  # nothing speaks for or against it
        return len(titled & self.rows(categories)) >= TRUSTED_TITLE_SHARE * len(titled)
