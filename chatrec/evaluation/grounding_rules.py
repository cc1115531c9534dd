"""What a text may not hold, by rules that know nothing of the gate: strange names, strange amounts, wrong citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from chatrec.domain.item import Item

_AMOUNT = re.compile(r"[$€£₹¥]\s?\d[\d,]*(?:\.\d+)?")
# Shorter titles ("Flask") are words of their own; finding one in a sentence proves nothing.
LEAST_TITLE_WORDS = 3

Titles = Mapping[str, AbstractSet[str]]
"""Title in lower case -> the items of that title (shops list some twice)."""


def named_items(items: Iterable[Item]) -> Titles:
    """The titles of a shelf; those too short to prove anything are left out."""
    return titles_of((item.item_id, item.title) for item in items)


def titles_of(named: Iterable[tuple[str, str]]) -> Titles:
    """The same of (item_id, title) pairs."""
    found: dict[str, set[str]] = {}
    for item_id, title in named:
        if len(title.split()) >= LEAST_TITLE_WORDS:
            found.setdefault(title.casefold(), set()).add(item_id)
    return found


def strange_names(text: str, titles: Titles, own: AbstractSet[str], told: str = "") -> list[str]:
    """Titles in the text that belong to none of the ``own`` items, and stand neither within one of theirs nor in what was ``told``."""
    said, reasons = text.casefold(), told.casefold()
    about = " ".join(title for title, ids in titles.items() if ids & own)
    return [t for t, ids in titles.items() if not ids & own and t in said and t not in about and t not in reasons]


def amounts(text: str) -> list[str]:
    """The amounts of money in a text, as they stand there."""
    return _AMOUNT.findall(text)


def strange_amounts(text: str, allowed: Iterable[str]) -> list[str]:
    """Amounts in the text that are none of the ``allowed``, however they are written ("$20", "$20.00")."""
    plain = {_figure(a) for a in allowed}
    return [a for a in amounts(text) if _figure(a) not in plain]


def miscited(wanted: Iterable[int], cited: Iterable[int]) -> list[str]:
    """In words, where what is cited is not what is shown."""
    due, found = sorted(set(wanted)), sorted(cited)
    return [f"cards {due}, cited {found}"] if set(found) != set(due) else []


def told_by(parts: Sequence[object]) -> str:
    """What evidence says in words, in one text."""
    return " ".join(str(part) for part in parts)


def _figure(amount: str) -> float:
    return float(re.sub(r"[^\d.]", "", amount))
