"""How a shopper says the name of a kind of thing: small letters, one or several, with the right article."""

from __future__ import annotations

import re
from functools import lru_cache

# Several things in one name ("Tapes, Adhesives & Sealants"): said as it stands.
_SEVERAL = re.compile(r"[,&/+]|\b(?:and|or)\b", re.IGNORECASE)
# Stuff that is not counted.
_UNCOUNTED = frozenset(
    "furniture footwear outerwear underwear cookware tableware drinkware glassware tinware apparel clothing jewelry jewellery luggage "
    "decor electronics outdoors equipment gear hardware software lighting bedding cutlery tape filament tubing wire paper cloth fabric "
    "food produce meat seafood dairy makeup skincare haircare wear first aid".split()
)


@lru_cache(maxsize=1 << 14)
def spoken(name: str) -> str:
    """The name in small letters, but for codes and abbreviations ("3D", "PVC")."""
    return " ".join(w if any(c.isdigit() for c in w) or (w.isupper() and len(w) < 5) else w.lower() for w in name.split())


@lru_cache(maxsize=1 << 14)
def one(name: str) -> tuple[str, bool]:
    """The name for one such thing, and whether it takes an article."""
    said = spoken(name)
    head, last = _parted(said)
    if _SEVERAL.search(said) or last in _UNCOUNTED or not last.isalpha():
        return said, False
    single = _singular(last)
    plural_only = last.endswith("s") and single == last and not last.endswith("ss")
    return f"{head}{single}", not plural_only


@lru_cache(maxsize=1 << 14)
def many(name: str) -> str:
    """The name for several such things."""
    said = spoken(name)
    head, last = _parted(said)
    if _SEVERAL.search(said) or last in _UNCOUNTED or not last.isalpha():
        return said
    return f"{head}{_plural(_singular(last))}"


def with_article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    first = phrase.lstrip("\"'(").lower()
    vowel = first[:1] in "aeio8" or (first[:1] == "u" and not first.startswith(("uni", "use", "usb", "uk", "us ")))
    return f"{'an' if vowel else 'a'} {phrase}"


def of_whom(people: str) -> str:
    """ "women" -> "women's", "kids" -> "kids'"."""
    return f"{people}'" if people.endswith("s") else f"{people}'s"


def _parted(name: str) -> tuple[str, str]:
    head, _, last = name.rpartition(" ")
    return (f"{head} " if head else ""), last


@lru_cache(maxsize=1 << 12)
def _singular(word: str) -> str:
    import lemminflect

    found = lemminflect.getAllLemmas(word, upos="NOUN").get("NOUN", ())
    return word if word in found or not found else str(found[0])


@lru_cache(maxsize=1 << 12)
def _plural(word: str) -> str:
    import lemminflect

    found = lemminflect.getAllLemmas(word, upos="NOUN").get("NOUN", ())
    if not found or word.endswith("s"):
        return word
    return str(next(iter(lemminflect.getInflection(word, "NNS")), word))


@lru_cache(maxsize=1 << 14)
def describes(word: str) -> bool:
    """Whether an English word names or describes a thing, as nouns and adjectives do."""
    import lemminflect

    found = lemminflect.getAllLemmas(word.lower())
    return "NOUN" in found or "ADJ" in found
