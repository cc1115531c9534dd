"""Words as the gate sees them: spelling folded, stemmed, with units and number words known."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_STEMMER = Stemmer.Stemmer("english")
_FOLDED = {
    "colour": "color",
    "grey": "gray",
    "litre": "liter",
    "metre": "meter",
    "fibre": "fiber",
    "centre": "center",
    "aluminium": "aluminum",
    "wooden": "wood",
    "woollen": "wool",
    "woolen": "wool",
}
_FOLDS = tuple((re.compile(rf"^{british}"), american) for british, american in _FOLDED.items())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem, after folding case, accents, British spelling and a possessive."""
    word = unicodedata.normalize("NFKD", word.lower()).replace("’", "'")
    word = "".join(c for c in word if not unicodedata.combining(c)).removesuffix("'s")
    for british, american in _FOLDS:
        word = british.sub(american, word)
    return str(_STEMMER.stemWord("maximum" if word == "max" else word))


def rooted(word: str) -> str:
    """A stem without "-able": what is washable can be washed."""
    for ending in ("abl", "ibl"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2:
            return root
    return word


def words_of(text: str) -> tuple[str, ...]:
    """A list of words written as one line."""
    return tuple(text.split())


def stems(text: str) -> tuple[str, ...]:
    """The stems of all words of ``text``, in order; numbers and signs are left out."""
    return tuple(stem(w) for w in _WORD.findall(text))


# Words that carry no meaning of their own; never evidence and never relevant.
_IDLE = frozenset(
    stems(
        "a an the this that these those it its i me my mine we our us you your yours he she him her his they them their "
        "who whom which what when where why how is are was were be been being am do does did done have has had having "
        "can could will would shall should may might must and or but nor if so as at by for from in into of off on onto "
        "out over per than then to too up with without about also any some no not yes please just only very really "
        "quite there here want need like looking look show find give get got something anything one ones thing things "
        "good nice great best more most less under over below above up price hello hi hey thanks thank i'm i'd i've "
        "don't "
    )
)

# Words that tell a property without naming it: "it weighs 900 g" tells the weight.
TOLD: dict[str, frozenset[str]] = {
    name: frozenset(stems(words))
    for name, words in {
        "weight": "weight weigh weighs weighing",
        "length": "length measures", "width": "width measures", "height": "height measures stands", "depth": "depth measures",
        "thickness": "thickness", "diameter": "diameter measures", "size": "size sizes measures",
        "folded": "measures", "packed": "measures",
        "capacity": "capacity volume hold holds holding", "volume": "capacity volume hold holds holding",
        "temperature": "temperature degrees", "comfort": "comfortable comfort keeps rated",
        "colour": "colour colours", "material": "material made", "brand": "brand made maker makes",
        "rating": "rating rated star stars gave score scores scored", "battery": "battery lasts last runs run plays life",
        "runtime": "lasts last runs run plays", "playtime": "lasts plays",
        "run": "runs lasts last plays burns", "burn": "burns lasts last", "power": "power runs draws",
        "load": "load carry carries lift lifts hold holds support supports",
        "stock": "stock available piece pieces pair pairs unit units left remain remaining now",
        "persons": "person people sleeps room fits", "person": "person people sleeps room fits",
        "warranty": "warranty", "options": "options",
        "age": "age ages aged suits suitable old", "use": "suits suitable",
    }.items()
}  # fmt: skip
# Words that tell more than one property ("measures 60 cm"): they do not say which.
SHARED_TOLD = frozenset(w for group in TOLD.values() for w in group if sum(w in other for other in TOLD.values()) > 1)
# Adjectives that measure only right behind a figure ("60 cm long"); alone they judge ("a long tent").
MEASURES: dict[str, frozenset[str]] = {
    stem(word): frozenset(stems(names))
    for word, names in {
        "long": "length long", "wide": "width wide", "high": "height high", "tall": "height tall", "deep": "depth deep",
        "thick": "thickness thick", "heavy": "weight",
    }.items()
}  # fmt: skip
# What a shopper may call a property when asking for it; used to choose facts, never to support a sentence.
_ASKED: dict[str, frozenset[str]] = {
    name: frozenset(stems(words))
    for name, words in {
        "weight": "heavy light lighter lightweight heavier weigh", "length": "long short", "width": "wide narrow", "height": "tall high",
        "depth": "deep", "capacity": "big large hold fit space room litres", "volume": "big large hold fit space room litres",
        "comfort": "warm cold winter freezing", "temperature": "warm cold winter freezing hot",
        "waterproof": "rain rainy wet water waterproof",
        "water": "rain rainy wet", "rating": "reviews rated stars best good", "battery": "last charge", "runtime": "last long",
        "use": "for use", "season": "winter summer spring autumn", "material": "made fabric", "persons": "people person family",
        "person": "people person family", "load": "carry", "size": "big large small fit", "warranty": "guarantee broken repair",
        "gender": "men women man woman ladies wife husband", "age": "kids children old baby",
    }.items()
}  # fmt: skip


def _of_name(table: dict[str, frozenset[str]], name: str) -> frozenset[str]:
    words = {w.lower() for w in _WORD.findall(name)} | set(stems(name))
    return frozenset().union(*(group for key, group in table.items() if key in words or stem(key) in words))


@lru_cache(maxsize=4096)
def told_stems(name: str) -> frozenset[str]:
    """Other words that tell the property of this name: "weight" gives weigh."""
    return _of_name(TOLD, name)


@lru_cache(maxsize=4096)
def asked_stems(name: str) -> frozenset[str]:
    """Words with which a shopper may mean the property of this name: "weight" gives heavy, light."""
    return _of_name(_ASKED, name) | told_stems(name)


def content_stems(text: str) -> tuple[str, ...]:
    """The stems of ``text`` without idle words."""
    return tuple(s for s in stems(text) if s not in _IDLE)
