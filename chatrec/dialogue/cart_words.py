"""A cart in words: versions, lines with their prices, the sum, and how many pieces a message asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from chatrec.domain.figures import money
from chatrec.domain.plain import plain
from chatrec.domain.tool import CartLine

MOST_PIECES = 50
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a dozen": 12,
}  # fmt: skip
_PIECES = re.compile(
    rf"\b(?P<n>\d{{1,2}}|{'|'.join(_COUNTS)})(?: (?:more|pieces?|pairs?|units?|packs?|boxes|items?))? ?"
    r"(?:x|×|of (?:it|them|these|those|the|that|this|number|#))",
    re.IGNORECASE,
)
_PLACES = re.compile(r"(?:#|\bnumber|\bno\.?) ?\d+\b", re.IGNORECASE)


def pieces(text: str) -> int:
    """How many pieces the words ask for; 1 where they do not say."""
    found = _PIECES.search(text)
    if found is None:
        return 1
    said = found["n"].casefold()
    return max(1, min(MOST_PIECES, int(said) if said.isdigit() else _COUNTS[said]))


def without_counts(text: str) -> str:
    """The words without how many pieces and which number of a list: neither is a size."""
    return _PLACES.sub(" ", _PIECES.sub(" ", text))


def version_words(options: Sequence[tuple[str, str]]) -> str:
    """A version in words: "size 42, colour black"."""
    return ", ".join(f"{plain(n, 40)} {plain(v, 60)}" for n, v in options)


def line_label(line: CartLine) -> str:
    """A line by its name and version."""
    version = f" ({version_words(line.options)})" if line.options else ""
    return f"{plain(line.title, 80)}{version}"


def line_words(line: CartLine) -> str:
    """A line with its pieces and price: "2 × Enamel Mug (size large) at $12.50 each"."""
    many = line.quantity > 1
    price = f"at {money(line.price, line.currency)}{' each' if many else ''}" if line.price is not None else "with no price listed"
    return f"{f'{line.quantity} × ' if many else ''}{line_label(line)} {price}"


def shortage(line: CartLine) -> str:
    """What is said where the shop has fewer pieces now than the cart holds."""
    if line.stock is None or line.stock >= line.quantity:
        return ""
    left = "is out of stock by now" if line.stock <= 0 else f"has only {line.stock} left by now"
    return f"{line_label(line)} {left}."


def cart_total(lines: Sequence[CartLine]) -> str:
    """The sum, where every line has a price in one currency; empty elsewhere."""
    totals = [line.total for line in lines]
    currencies = {line.currency for line in lines}
    if len(currencies) != 1 or any(t is None for t in totals):
        return ""
    return money(sum((t for t in totals if t is not None), Decimal(0)), currencies.pop())
