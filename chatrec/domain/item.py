"""Products as the shop's records hold them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Attribute:
    """One property of an item beyond the core columns.

    ``values`` are the record's words, in record order, lower-cased and trimmed (a yes/no property has ``("yes",)`` or
    ``("no",)``). ``number`` and ``unit`` are set when the value is one number: ``weight_g: 950`` becomes name ``weight``, number
    ``950.0``, unit ``g``.
    """

    name: str
    values: tuple[str, ...]
    number: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable version of an item: its options (size, colour), and price and stock where they differ."""

    variant_id: str
    options: tuple[tuple[str, str], ...]
    price: Decimal | None = None
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One product. ``None`` means that the record does not say; it never means zero.

    ``category`` is the most specific category name, ``category_path`` the path from the root to it (its last element).
    ``stock`` is a count of pieces; for an item with variants it is their sum.
    """

    item_id: str
    title: str
    description: str = ""
    category: str = ""
    category_path: tuple[str, ...] = ()
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = None
    image: str = ""
    url: str = ""
    attributes: tuple[Attribute, ...] = ()
    variants: tuple[Variant, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name, or ``None`` where the record does not say."""
        return next((a for a in self.attributes if a.name == name), None)

    def options(self) -> dict[str, tuple[str, ...]]:
        """Option name -> its values over all variants, in record order."""
        found: dict[str, dict[str, None]] = {}
        for variant in self.variants:
            for name, value in variant.options:
                found.setdefault(name, {})[value] = None
        return {name: tuple(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class LiveRow:
    """Price and stock as the shop's table holds them at this moment."""

    item_id: str
    price: Decimal | None
    stock: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """A shopper's opinion. It feeds retrieval and opinion facts, never a property."""

    item_id: str
    user_id: str
    text: str
    rating: float | None = None
    timestamp: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order line. Times are ISO dates as the shop gave them."""

    order_id: str
    user_id: str
    item_id: str
    status: str
    placed_at: str = ""
    eta: str = ""
