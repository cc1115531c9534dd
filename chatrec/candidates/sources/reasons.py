"""Reasons that a person can check: which words of a request stand in an item's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from chatrec.domain.plain import plain

MOST_WORDS = 3
TITLE_CHARS = 60
_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*", re.UNICODE)
# Function words and the words of asking: true of every item, so no reason for one.
_EMPTY_WORDS = (
    "a about all also am an and any anything are as ask at be been best but buy by can cheap could do does for from get give good "
    "great had has have hello help hi how i if in into is it its just kind like looking me more most my need new nice no not of "
    "on one or our out over please product really recommend search see shop show so some something sort such suggest than that "
    "the their them then there these they thing things this to too under up us use very want was we well what when where which "
    "who why will with without would you your"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


def telling_words(text: str) -> list[str]:
    """The words of a request that can be a reason, lower-cased, in order, none twice."""
    words = (w.lower() for w in _WORD.findall(text))
    return list(dict.fromkeys(w for w in words if w not in _EMPTY and (len(w) > 2 or w.isdigit())))


class WordMatch:
    """Finds the words of one request in the texts of items (singular and plural count as one)."""

    def __init__(self, request: str) -> None:
        stems: dict[str, str] = {}
        for word in telling_words(request):
            stems.setdefault(_stem(word), word)
        self._words = [(stem, word, re.compile(rf"(?<![^\W_]){re.escape(stem)}(?:e?s|'s)?(?![^\W_])")) for stem, word in stems.items()]

    def reason(self, text: str) -> str:
        """``matches 'waterproof, tent'`` in the order of the request, or an empty string when no word occurs."""
        found = self.words(text)[:MOST_WORDS]
        return f"matches '{', '.join(found)}'" if found else ""

    def words(self, text: str) -> list[str]:
        """The request's words that occur in ``text``, in the order of the request."""
        lowered = text.lower()
        # The plain search rules out most words at a tenth of the pattern's cost.
        return [word for stem, word, pattern in self._words if stem in lowered and pattern.search(lowered)]


def short_title(item_id: str, titles: Mapping[str, str]) -> str:
    """An item's title, safe and short enough for a reason."""
    return _short(titles.get(item_id, "")) or item_id


@lru_cache(maxsize=8192)
def _short(title: str) -> str:
    return plain(title, TITLE_CHARS)


def named(item_ids: Sequence[str], titles: Mapping[str, str]) -> str:
    """One or two titles joined for a sentence."""
    return " and ".join(short_title(i, titles) for i in item_ids[:2])


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
