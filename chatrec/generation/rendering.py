"""Citations become names, prices and topics after decoding: the model never writes any of them."""

from __future__ import annotations

import re

from chatrec.domain.facts import Evidence, EvidenceItem, FactKind
from chatrec.domain.plain import plain

FIRST_NAME_CHARS = 80
LATER_NAME_CHARS = 40
LEAST_NAME_WORDS = 3
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "INR": "₹", "CHF": "CHF "}
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})  # ISO 4217: no minor unit
_CITATION = re.compile(r"\s*\[\s*(\d{1,3})\s*\]")
_ACTIVE = re.compile(r"[*`<>|\\~]+|(?<!\w)_+|_+(?!\w)|(?<!\w)#+(?=\s)")
_DANGLING = re.compile(r"(?:\s(?:for|with|and|of|the|in|to|a|an|by|from|-|–|&))+$", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_JOINT = re.compile(r"\s+[-–—|/]\s+|[,;(:]\s*")


def harmless(text: str) -> str:
    """Catalogue text that no markdown or HTML renderer reads as anything but text."""
    return re.sub(r"\s+", " ", _ACTIVE.sub("", _LINK.sub("", plain(text)))).strip()


def short_name(title: str, limit: int = FIRST_NAME_CHARS) -> str:
    """The title; a longer one is cut at its last joint (dash, comma, bracket) that leaves two words and fits, or at a word."""
    title = harmless(title).rstrip(" .")
    if len(title) <= limit:
        return title
    heads = (title[: joint.start()].rstrip(" -–—,;:(") for joint in _JOINT.finditer(title))
    fitting = [head for head in heads if len(head) <= limit and len(head.split()) >= LEAST_NAME_WORDS]
    if fitting:
        return fitting[-1]
    return _DANGLING.sub("", title[:limit].rsplit(" ", 1)[0].rstrip(" ,;:-–—(")) + "…"


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
    """``text`` with names in place of citations. The first mention in a reply carries the price; ``mentioned`` remembers them
    from sentence to sentence (it is changed). A passage's citation becomes its topic in brackets, once a reply."""
    items = {item.n: item for item in evidence.items}

    def named(match: re.Match[str]) -> str:
        n = int(match[1])
        gap = " " if match[0][0].isspace() else ""
        first = n not in mentioned
        mentioned.add(n)
        if items:
            return gap + _item_name(items[n], first) if n in items else ""
        topic = harmless(evidence.passages[n - 1].name) if 0 < n <= len(evidence.passages) else ""
        return f"{gap}({topic})" if topic and first else ""

    agreed = _agreed(text, {n for n, item in items.items() if is_plural(item.name)})
    rendered = re.sub(r"\s+([,.;:!?])", r"\1", _CITATION.sub(named, agreed)).strip()
    return rendered[:1].upper() + rendered[1:]


def _item_name(item: EvidenceItem, first: bool) -> str:
    name = short_name(item.name, FIRST_NAME_CHARS if first else LATER_NAME_CHARS) or f"item {item.n}"
    price = price_text(item) if first else ""
    return f"{name} ({price})" if price else name


_SINGULAR_ENDINGS = ("ss", "us", "is", "as", "ous", "series", "lens", "gps", "news")
_PLURAL_VERBS = {"is": "are", "has": "have", "was": "were", "does": "do"}
_VERB = r"(is|has|was|does|weighs|holds|comes|costs|packs|offers|includes|gives|runs|lasts|fits|keeps|dries|folds|works|uses|needs|takes)"
_SPAN = re.compile(r"(?P<before>\b\w+ )?\[(?P<n>\d{1,3})\](?P<rest>[^\[]*)")
_HEAD_VERB = re.compile(rf"^( also| both)? {_VERB}\b")
_NEXT_VERB = re.compile(rf"(,| and|, and| but) {_VERB}\b")
_PRONOUN = re.compile(rf"\b(it|which) {_VERB}\b")


def is_plural(title: str) -> bool:
    """Whether a name reads as a plural ("hiking boots"): by its last word before the first comma, bracket or "with"."""
    head = re.split(r"[,(:;|–—]|\s-\s|\s(?:with|for|in|of)\s", title)[0].split()
    words = [w for w in head if not any(c.isdigit() for c in w)]
    last = words[-1].lower() if words else ""
    return last.endswith("s") and not last.endswith(_SINGULAR_ENDINGS) and not last.endswith(("'s", "’s"))


def _agreed(text: str, plural: set[int]) -> str:
    """Verbs and pronouns behind a plural name in their plural form, up to the next citation: "[1] is" becomes "[1] are"."""

    def span(match: re.Match[str]) -> str:
        if int(match["n"]) not in plural or (match["before"] or "").strip().lower() in ("of", "than", "only"):
            return match[0]
        rest, heads = _HEAD_VERB.subn(lambda m: f"{m[1] or ''} {_plural_verb(m[2])}", match["rest"])
        rest, pronouns = _PRONOUN.subn(lambda m: f"{'they' if m[1] == 'it' else m[1]} {_plural_verb(m[2])}", rest)
        if heads or pronouns:
            rest = _NEXT_VERB.sub(lambda m: f"{m[1]} {_plural_verb(m[2])}", rest)
            rest = re.sub(r"\bits\b", "their", rest)
        return f"{match['before'] or ''}[{match['n']}]{rest}"

    return _SPAN.sub(span, text) if plural else text


def _plural_verb(verb: str) -> str:
    if verb in _PLURAL_VERBS:
        return _PLURAL_VERBS[verb]
    return f"{verb[:-3]}y" if verb.endswith("ies") else verb[:-1]
