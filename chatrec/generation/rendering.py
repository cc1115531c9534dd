"""Citations become names, prices and topics after decoding: the model never writes any of them."""

from __future__ import annotations

import re

from chatrec.domain.facts import Evidence, EvidenceItem, FactKind
from chatrec.domain.plain import plain
from chatrec.generation.agreement import in_number, is_plural, predicate_verbs
from chatrec.generation.item_names import in_brackets, item_names

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "INR": "₹", "CHF": "CHF "}
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})  # ISO 4217: no minor unit
_CITATION = re.compile(r"\s*\[\s*(\d{1,3})\s*\]")
_ACTIVE = re.compile(r"[*`<>|\\~]+|(?<!\w)_+|_+(?!\w)|(?<!\w)#+(?=\s)")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"[^\W\d_]*[A-Z]")


def harmless(text: str) -> str:
    """Catalogue text that no markdown or HTML renderer reads as anything but text."""
    return re.sub(r"\s+", " ", _ACTIVE.sub("", _LINK.sub("", plain(text)))).strip()


def inert(text: str) -> str:
    """A sentence of code's own in which outside values may stand: nothing of it is markup, its citations stay."""
    return re.sub(r"\s+", " ", _ACTIVE.sub("", _LINK.sub("", text))).strip()


def money_text(amount: float, currency: str = "USD") -> str:
    """A price as people write it: "$189.00", "€1,299.50", "1500 XYZ"."""
    currency = currency.strip().upper()
    figure = f"{amount:,.0f}" if currency in _WHOLE_CURRENCIES else f"{amount:,.2f}"
    return f"{_SIGNS[currency]}{figure}" if currency in _SIGNS else f"{figure} {currency}".strip()


def price_text(item: EvidenceItem) -> str:
    """The item's price as evidence holds it; "" where the record has none."""
    fact = next((f for f in item.facts if f.kind is FactKind.PRICE and f.number is not None), None)
    return money_text(fact.number, fact.unit) if fact and fact.number is not None else ""


def render(text: str, evidence: Evidence, mentioned: set[int]) -> str:
    """``text`` with names in place of citations, short and each another. The first mention in a reply carries the price; ``mentioned``
    remembers them from sentence to sentence (it is changed). A passage's citation becomes its topic in brackets, once a reply."""
    items = {item.n: item for item in evidence.items}
    names = dict(zip(items, item_names(tuple(harmless(item.name) for item in evidence.items)), strict=True))

    def named(match: re.Match[str]) -> str:
        n = int(match[1])
        gap = " " if match[0][0].isspace() else ""
        first = n not in mentioned
        mentioned.add(n)
        if items:
            return gap + _item_name(items[n], names[n], first) if n in items else ""
        topic = harmless(evidence.passages[n - 1].name) if 0 < n <= len(evidence.passages) else ""
        return f"{gap}({topic})" if topic and first else ""

    agreed = in_number(text, {n: predicate_verbs(items[n]) for n, (name, _) in names.items() if is_plural(name)})
    rendered = re.sub(r"\s+([,.;:!?])", r"\1", _CITATION.sub(named, agreed)).strip()
    if _CITATION.match(text) and _INNER_CAPITAL.match(rendered[1:]):
        return rendered  # "eSUN" and "iPhone" are written so by their makers
    return rendered[:1].upper() + rendered[1:]


def _item_name(item: EvidenceItem, names: tuple[str, str], first: bool) -> str:
    price = price_text(item) if first else ""
    return in_brackets(names[0], price) if price else names[not first]
