"""What a shopper wants, in terms of the shop's records, and whether an item has it. Rules of its own: the bot's filters are not asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from chatrec.domain.item import Item

PRICE, BRAND, KIND, WORD, RATING = "price", "brand", "category", "word", "rating"
_TOKEN = re.compile(r"[^\W_]+")
_SEVERAL = re.compile(r"[,&/+]|\b(?:and|or)\b", re.IGNORECASE)
# Two figures that differ by less are the same: 0.9 kg and 900 g.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. ``role`` says how people speak of it (see the phrase bank); ``field`` is the record's name of it.

    Words: the item has one of ``values`` (``excluded``: none of them). Figures: between ``least`` and ``most``, in ``unit``.
    """

    field: str
    role: str
    values: tuple[str, ...] = ()
    excluded: bool = False
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def key(self) -> str:
        """What two wishes share that cannot both hold."""
        return f"{self.field}{':not' if self.excluded else ''}"

    def __str__(self) -> str:
        if self.least is not None or self.most is not None:
            low = f"at least {self.least:g}" if self.least is not None else ""
            high = f"at most {self.most:g}" if self.most is not None else ""
            return f"{self.field} {' and '.join(p for p in (low, high) if p)} {self.unit}".strip()
        return f"{self.field}{' not' if self.excluded else ''} {' or '.join(self.values)}"


def meets(item: Item, wish: Wish) -> bool:
    """Whether an item has what is wished; a record that does not say has it not, but for an exclusion."""
    if wish.least is not None or wish.most is not None:
        return _within(item, wish)
    if wish.field == WORD:
        return all(stem(word) in stems_of(item) for value in wish.values for word in words_in(value))
    held = list(held_words(item, wish.field))
    if wish.field == BRAND:
        same = {h.casefold() for h in held}
        found = any(v.casefold() in same for v in wish.values)
    elif wish.field == KIND:
        found = any(is_a(h, v) for v in wish.values for h in held)
    else:
        found = any(_said_by(v, h) for v in wish.values for h in held) or (wish.role == "gender" and "unisex" in held)
    if not wish.excluded:
        return found
    options = item.options().get(wish.field, ())
    return not found or any(not any(_said_by(v, option) for v in wish.values) for option in options)


def meets_all(item: Item, wishes: Sequence[Wish]) -> bool:
    """Whether an item has everything."""
    return all(meets(item, wish) for wish in wishes)


def held_words(item: Item, field: str) -> Iterator[str]:
    """The words that a record holds for a field."""
    if field == BRAND:
        yield from (item.brand,) if item.brand else ()
    elif field == KIND:
        yield from dict.fromkeys(n for n in (*item.category_path, item.category) if n)
    else:
        attribute = item.attribute(field)
        yield from attribute.values if attribute is not None else ()
        yield from item.options().get(field, ())


def held_figure(item: Item, field: str, unit: str = "") -> float | None:
    """The figure that a record holds for a field, in this unit; ``None`` where it has none."""
    if field == PRICE:
        return float(item.price) if item.price is not None else None
    if field == RATING:
        return item.rating
    attribute = item.attribute(field)
    if attribute is None or attribute.number is None or (unit and attribute.unit and attribute.unit != unit):
        return None
    return attribute.number


def _within(item: Item, wish: Wish) -> bool:
    figure = held_figure(item, wish.field, wish.unit)
    if figure is None:
        return False
    slack = _SAME * max(1.0, abs(figure))
    return (wish.least is None or figure >= wish.least - slack) and (wish.most is None or figure <= wish.most + slack)


@lru_cache(maxsize=1 << 16)
def _said_by(wanted: str, held: str) -> bool:
    """Whether a recorded value says what is wanted: "ripstop nylon" is nylon, nylon is not ripstop nylon."""
    words = _TOKEN.findall(wanted.casefold())
    return bool(words) and set(words) <= set(_TOKEN.findall(held.casefold()))


@lru_cache(maxsize=1 << 16)
def is_a(held: str, wanted: str) -> bool:
    """Whether a thing of this category is what is wanted: roller chains are chains, chain fittings are none."""
    if held.casefold() == wanted.casefold():
        return True
    has, wants = [stem(w) for w in words_in(held)], [stem(w) for w in words_in(wanted)]
    return not _SEVERAL.search(held) and bool(wants) and has[-len(wants) :] == wants


@cache
def _stemmer() -> object:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a word, so that "staples" and "staple" are one."""
    return str(_stemmer().stemWord(word.casefold()))  # type: ignore[attr-defined]


def stems_of(item: Item) -> frozenset[str]:
    """The stems of all words of a record."""
    return _stems(" ".join((item.title, item.description, *(v for a in item.attributes for v in a.values))))


@lru_cache(maxsize=1 << 16)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_in(text))


def words_in(text: str) -> list[str]:
    """The words of a text."""
    return _TOKEN.findall(text)
