"""What models that ignore the format write, brought to plain text with citations: markdown, "Item 1:", 【1】, names and prices by hand.

Nothing is believed on the way: the plain sentence is judged like any other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from chatrec.domain.facts import Evidence
from chatrec.domain.plain import plain
from chatrec.generation.gate_tokens import Kind, tokenise
from chatrec.generation.item_names import item_names, without_maker
from chatrec.generation.verbs import is_participle, is_singular_verb

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,40}>")
_LINK = re.compile(r"\[([^\[\]\n]{1,120})\]\((?:https?:|www\.|/)[^()\s]{0,300}\)")
_MARKUP = re.compile(r"[*_`~|<>]+|#+(?=\s|$)")
_MARKER = re.compile(r"^\s*(?:[-•–]|\d{1,2}[.)])\s+")
_BRACKETED = re.compile(r"[(【［⟦]\s*(?:(?:item|option|product|number)\s*)?#?(\d{1,2})\s*[)】］⟧]", re.IGNORECASE)
_SEVERAL = re.compile(r"\[\s*(\d{1,2})\s*(?:,|and|&)\s*(\d{1,2})\s*\]")
_NEIGHBOURS = re.compile(r"(\[\d{1,2}\])(?=\[\d{1,2}\])")
_COUNTED = re.compile(r"\b(?:the )?(?:item|option|product|number|choice)\s*#?(?:\[(\d{1,2})\]|(\d{1,2})\b)", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:the )?(?:item|option|product|number|choice)\s*#?(\[\d{1,2}\])", re.IGNORECASE)
_HASH = re.compile(r"#(\d{1,2})\b")
_SAME = re.compile(r"(\[\d{1,2}\])(?:[\s:(,–—-]*(?:\bthe\b|\ba\b)?\s*\1\)?)+", re.IGNORECASE)
_OPENING = re.compile(r"^(\[\d{1,2}\])\s*(?::|\s[-–—]|[–—])\s*(?:it\s+)?(?P<word>[a-z]+)\b", re.IGNORECASE)
# Words that belong to a price and go with it.
_BEFORE_PRICE = re.compile(
    r"(?:[\s(:–—-]|\b(?:for|at|just|only|priced|costs?|costing|price|about|around|is|the|its)\b|"
    r"\b(?:[a-z]+ )?(?:hundred|thousand)(?: and)?\b)+$",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"\b(?:under|below|within|up to|over|above|than|least|most|limit of|budget of|max(?:imum)?)\s*$", re.IGNORECASE)
_JOINT = re.compile(r"^\s*(?:,|and\b|but\b)\s*(?=[a-z])")
_SPACES = re.compile(r"\s+")
MOST_CHARS = 2_000
"""Longer text is no sentence; it comes back as it is."""


def plain_format(sentence: str, evidence: Evidence) -> str:
    """The sentence without markup, with ``[n]`` for each way of naming an item, and without prices. Any string is fine."""
    if len(sentence) > MOST_CHARS:
        return sentence
    numbers = {str(n) for n in range(1, 1 + (len(evidence.items) or len(evidence.passages)))}
    text = _HASH.sub(lambda m: f"[{m[1]}]" if m[1] in numbers else m[0], _LINK.sub(r"\1", _TAG.sub("", sentence)))
    text = _MARKER.sub("", _MARKUP.sub("", text))
    text = _cited(text, numbers)
    text = _without_prices(_with_numbers(text, evidence))
    text = _SAME.sub(r"\1", _SPACES.sub(" ", text)).strip(" ,;:–—-")
    return _SPACES.sub(" ", _opened(_NEIGHBOURS.sub(r"\1 and ", text))).strip()


def without_labels(text: str) -> str:
    """ "Product [2] weighs" as "[2] weighs": the name that code puts there needs no label."""
    return _LABEL.sub(r"\1", text)


def _cited(text: str, numbers: set[str]) -> str:
    def cite(match: re.Match[str]) -> str:
        n = next(filter(None, match.groups()))
        return f"[{n}]" if n in numbers else match[0]

    text = _SEVERAL.sub(r"[\1] and [\2]", text)
    return _COUNTED.sub(cite, _BRACKETED.sub(cite, text))


def _with_numbers(text: str, evidence: Evidence) -> str:
    """Names spelled by hand as citations, the longest first; a name that two items share stays and is stopped."""
    names = sorted(_names(evidence), key=lambda pair: -len(pair[0]))
    counts = Counter(name.casefold() for name, _ in names)
    for name, n in names:
        if counts[name.casefold()] == 1:
            text = re.sub(rf"(?:\bthe\s+)?(?<!\w){re.escape(name)}(?!\w)", f"[{n}]", text, flags=re.IGNORECASE)
    return text


def _names(evidence: Evidence) -> Iterator[tuple[str, int]]:
    titles = tuple(plain(item.name) for item in evidence.items)
    for item, title, (first, later) in zip(evidence.items, titles, item_names(titles), strict=True):
        for name in dict.fromkeys((title, first, later, without_maker(title))):
            if len(name.split()) > 1:  # one word may be an ordinary one
                yield name, item.n


def _without_prices(text: str) -> str:
    """Prices go, right or wrong: code writes them behind the names."""
    for token in reversed(tokenise(text)):
        if token.kind is not Kind.NUMBER or not token.money or _LIMIT.search(text[: token.start]):
            continue
        head, rest = _BEFORE_PRICE.sub("", text[: token.start]), text[token.end :].lstrip(" )")
        if not head or head.endswith("]"):
            rest = _JOINT.sub("", rest)
        text = f"{head} {rest}" if head else rest
    return text


def _opened(text: str) -> str:
    """ "[1]: holds 1.7 l" as "[1] holds 1.7 l", "[1]: made of glass" as "[1] is made of glass"."""

    def joined(match: re.Match[str]) -> str:
        word = match["word"]
        if is_singular_verb(word):
            return f"{match[1]} {word}"
        return f"{match[1]} is {word}" if is_participle(word) else f"{match[1]}: {word}"

    return _OPENING.sub(joined, text)
