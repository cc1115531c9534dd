"""Prices as shops write them: ``₹1,299``, ``$12.50``, ``1.299,00 €``, ``CHF 1'299.-``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from chatrec.catalog.cells import Unusable, says_no_figure

# A price above this in any currency is a typing error or a test row (the dearest currencies count in tens of thousands a dollar).
MOST_PRICE = Decimal(10_000_000_000)
SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH",
    "zł": "PLN",
    "kč": "CZK", "rs": "INR", "rs.": "INR", "r$": "BRL", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD",
    "hk$": "HKD", "s$": "SGD",
}  # fmt: skip
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
# ISO 4217: currencies whose smallest unit is not a hundredth.
_MINOR = {
    **dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "PYG", "UGX"), 0),
    **dict.fromkeys(("BHD", "KWD", "OMR", "TND", "JOD"), 3),
}
_FIGURE = re.compile(r"\d(?:[\d.,'’\u00a0\u202f ]*\d)?")
_GROUPS = re.compile(r"['’\u00a0\u202f ]")


def decimal_mark(values: Iterable[Any]) -> str:
    """The decimal mark that this column uses, by its unambiguous values; ``.`` when none speaks."""
    votes = {".": 0, ",": 0}
    for value in values:
        figure = _FIGURE.search(value) if isinstance(value, str) else None
        mark = _certain_mark(_GROUPS.sub("", figure.group())) if figure else ""
        if mark:
            votes[mark] += 1
    return "," if votes[","] > votes["."] else "."


def _certain_mark(figure: str) -> str:
    dots, commas = figure.count("."), figure.count(",")
    if dots and commas:
        return max(".,", key=figure.rindex)
    if dots + commas > 1:
        return "," if dots else "."  # repeated marks group thousands
    if dots + commas == 1:
        mark = "." if dots else ","
        # "12.50" and "0.125" can be read in one way only; "1.299" in two.
        whole, _, rest = figure.partition(mark)
        return mark if len(rest) != 3 or whole == "0" or len(whole) > 3 else ""
    return ""


def parse_price(value: Any, decimal: str = ".", dollar: str = "USD") -> tuple[Decimal, str]:
    """(amount, currency code or ""). ``dollar`` is what a bare ``$`` means. Raises :class:`Unusable`."""
    if isinstance(value, (bool, list, dict, tuple)):
        raise Unusable("not a price")
    if isinstance(value, (int, float, Decimal)):
        return _checked(Decimal(str(value)) if math.isfinite(value) else None, ""), ""
    text = str(value).strip()
    figures = _FIGURE.findall(text)
    if not figures:
        raise Unusable("not a finite number" if text.lower().lstrip("+-") in ("nan", "inf", "infinity") else "not a price")
    if len(figures) > 1:
        raise Unusable("a range or several prices, not one")
    before, _, after = text.partition(figures[0])
    in_brackets = before.lstrip().startswith("(") and after.rstrip().endswith(")")  # how accountants write a negative sum
    if in_brackets or before.rstrip().endswith(("-", "−")):
        raise Unusable("a negative price")
    if re.search(r"[eE][-+]?$", before) or re.match(r"[eE]\d", after):
        raise Unusable("not a price")
    currency = _currency(f"{before} {after}", dollar)
    return _checked(_amount(figures[0], decimal), currency), currency


def _amount(figure: str, decimal: str) -> Decimal:
    figure = _GROUPS.sub("", figure)
    other = "," if decimal == "." else "."
    whole, _, cents = figure.partition(decimal)
    groups = whole.split(other)
    fits = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(g) in (2, 3) for g in groups[1:-1]) and len(groups[-1]) == 3)
    if not fits or not (cents.isdigit() or not cents):
        raise Unusable(f"does not fit the decimal mark '{decimal}' of this column; say 'decimal' in the mapping")
    return Decimal("".join(groups) + ("." + cents if cents else ""))


def _checked(amount: Decimal | None, currency: str) -> Decimal:
    if amount is None or not amount.is_finite():
        raise Unusable("not a finite number")
    if amount < 0:
        raise Unusable("a negative price")
    if amount == 0:
        raise Unusable("a price of zero")
    if amount > MOST_PRICE:
        raise Unusable(f"above {MOST_PRICE:,}, too much to be true")
    return to_minor(amount, currency)


def to_minor(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded to the currency's smallest unit (hundredths where the currency is unknown). Raises :class:`Unusable`."""
    try:
        rounded = amount.quantize(Decimal(1).scaleb(-_MINOR.get(currency, 2)), ROUND_HALF_UP)
    except InvalidOperation:
        raise Unusable("too many digits") from None
    if rounded == 0:
        raise Unusable("a price of zero")
    return rounded


def _currency(around: str, dollar: str) -> str:
    around = around.strip()
    code = re.search(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", around)
    if code:
        return code.group()
    word = around.lower().replace("/-", "").strip(" .-:")
    if word in SYMBOLS:
        return SYMBOLS[word]
    for symbol, name in SYMBOLS.items():
        if not symbol.isascii() and symbol in word:
            return name
    if "$" in word:
        return dollar if dollar in _DOLLARS else "USD"
    if word == "rs" or re.search(r"\brs\b", word):
        return "INR"
    return ""


def currency_code(value: Any) -> str:
    """An ISO code from a currency column ("eur", "€"). Raises :class:`Unusable`."""
    if says_no_figure(value):
        return ""
    text = str(value).strip()
    code = text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else _currency(text, "USD")
    if not code:
        raise Unusable("not a currency")
    return code
