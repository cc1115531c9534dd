"""Figures in words: money, numbers, stock; and the facts about price, stock and rating, which change while a shop is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from chatrec.domain.facts import Fact, FactKind
from chatrec.domain.item import Item

LOW_STOCK = 3
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥", "CNY": "¥"}


def money(amount: Decimal | float, currency: str) -> str:
    """An amount as a shop writes it: "$129.00", "129.00 SEK"."""
    symbol = SYMBOLS.get(currency)
    figure = f"{Decimal(str(amount)):,.2f}"
    return f"{symbol}{figure}" if symbol else f"{figure} {currency}".strip()


def number_text(number: float) -> str:
    """A figure as a person writes it: 950, 4.5, -5."""
    return f"{number:.3f}".rstrip("0").rstrip(".") if number != int(number) else str(int(number))


def stock_text(stock: int) -> str:
    """Stock in words: "out of stock", "only 2 left", "in stock"."""
    if stock <= 0:
        return "out of stock"
    return f"only {stock} left" if stock <= LOW_STOCK else "in stock"


def figure_facts(item: Item) -> Iterator[Fact]:
    """Rating, stock and price of a record as facts; what the record does not say is left out."""
    if item.rating is not None:
        by = f" by {item.n_ratings} shoppers" if item.n_ratings else ""
        text = f"rated {number_text(item.rating)} out of 5{by}"
        yield Fact(FactKind.RATING, "rating", text, number_text(item.rating), item.rating, source="rating")
    if item.stock is not None:
        yield Fact(FactKind.STOCK, "stock", stock_text(item.stock), str(item.stock), float(item.stock), "pieces", "stock")
    if item.price is not None:
        text = f"price {money(item.price, item.currency)}"
        yield Fact(FactKind.PRICE, "price", text, str(item.price), float(item.price), item.currency, "price")


def live_facts(item: Item, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts of a record with price, stock and rating as ``item`` now holds them."""
    moving = {FactKind.RATING, FactKind.STOCK, FactKind.PRICE}
    return (*(f for f in facts if f.kind not in moving), *figure_facts(item))
