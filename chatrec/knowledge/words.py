"""Words of a question or a record, made comparable: lower case, no accents, stemmed, without the talk around them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)?")
# Question and function words: they stand in every question and in every passage.
_EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "am",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "for",
        "from",
        "get",
        "gets",
        "got",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "like",
        "me",
        "my",
        "myself",
        "no",
        "not",
        "of",
        "off",
        "on",
        "one",
        "ones",
        "only",
        "or",
        "our",
        "out",
        "own",
        "please",
        "re",
        "s",
        "same",
        "she",
        "should",
        "so",
        "some",
        "such",
        "t",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "things",
        "this",
        "those",
        "to",
        "too",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "yours",
        "i'm",
        "i'd",
        "i've",
        "it's",
        "that's",
        "what's",
        "don't",
        "doesn't",
        "isn't",
        "can't",
        "about",
        "also",
        "tell",
        "know",
        "want",
        "need",
        "see",
        "show",
        "much",
        "many",
        "really",
        "actually",
        "exactly",
        "say",
        "says",
        "mean",
        "ok",
        "hi",
        "hello",
        "thanks",
        "bot",
        "question",
        "item",
        "product",
        "buy",
        "sell",
        "shop",
        "store",
        "order",
    ]
)
_SPELLINGS = {
    "color": "colour",
    "colors": "colours",
    "gray": "grey",
    "aluminum": "aluminium",
    "liter": "litre",
    "liters": "litres",
    "meter": "metre",
    "fiber": "fibre",
}
MOST_CHARS = 2000


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The Snowball stem of one lower-case word."""
    return str(_stemmer().stemWord(_SPELLINGS.get(word, word)))


def words_of(text: str) -> list[str]:
    """Lower-case words and figures, accents removed, possessive endings cut."""
    plain = unicodedata.normalize("NFKD", text[:MOST_CHARS]).replace("’", "'").casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return [w.removesuffix("'s") for w in _WORD.findall(plain)]


def content_stems(text: str, order_words: bool = True) -> list[str]:
    """Stems of the words that carry meaning, in order. ``order_words`` keeps "order", "shop" and the like, which policies speak of."""
    kept = {"order", "shop", "store", "item", "product", "buy", "need"} if order_words else set()
    return [stem(w) for w in words_of(text) if w not in _EMPTY or w in kept]
