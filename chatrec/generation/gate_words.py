"""Words as the gate sees them: spelling folded, stemmed, with units and number words known."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_STEMMER = Stemmer.Stemmer("english")
_FOLDED = {"colour": "color", "grey": "gray", "litre": "liter", "metre": "meter", "fibre": "fiber", "centre": "center", "aluminium": "aluminum"}
_FOLDS = tuple((re.compile(rf"^{british}"), american) for british, american in _FOLDED.items())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem, after folding case, accents, British spelling and a possessive."""
    word = unicodedata.normalize("NFKD", word.lower()).replace("’", "'")
    word = "".join(c for c in word if not unicodedata.combining(c)).removesuffix("'s")
    for british, american in _FOLDS:
        word = british.sub(american, word)
    return str(_STEMMER.stemWord(word))


def stems(text: str) -> tuple[str, ...]:
    """The stems of all words of ``text``, in order; numbers and signs are left out."""
    return tuple(stem(w) for w in _WORD.findall(text))


# Words that carry no meaning of their own; never evidence and never relevant.
_IDLE = frozenset(
    stems(
        "a an the this that these those it its i me my mine we our us you your yours he she him her his they them their who whom which what "
        "when where why how is are was were be been being am do does did done have has had having can could will would shall should may might "
        "must and or but nor if so as at by for from in into of off on onto out over per than then to too up with without about also any some "
        "no not yes please just only very really quite there here want need like looking look show find give get got something anything one "
        "ones thing things good nice great best more most less under over below above up price hello hi hey thanks thank i'm i'd i've don't"
    )
)

# Properties that go by several words: asking "how heavy" is asking for the weight, and "it weighs 900 g" tells it.
CONCEPTS: dict[str, frozenset[str]] = {
    name: frozenset(stems(words))
    for name, words in {
        "weight": "weight weigh weighs weighing heavy mass",
        "length": "length long",
        "width": "width wide",
        "height": "height high tall",
        "depth": "depth deep",
        "thickness": "thickness thick",
        "capacity": "capacity volume hold holds holding litres liters",
        "temperature": "temperature degrees",
        "comfort": "comfort comfortable",
        "colour": "colour color colours",
        "size": "size sizes sized",
        "material": "material materials made fabric",
        "brand": "brand brands maker made from by",
        "rating": "rating rated rates stars review reviews reviewer",
        "battery": "battery runtime run runs last lasts playtime burn",
        "power": "power watts wattage",
        "season": "season seasons",
        "use": "use used using uses",
        "load": "load carry carries carrying takes",
        "warranty": "warranty",
        "speed": "speed fast",
        "age": "age ages aged years old",
        "persons": "person persons people sleeps seats",
        "pockets": "pocket pockets",
        "stock": "stock available availability left",
    }.items()
}


@lru_cache(maxsize=4096)
def concept_stems(name: str) -> frozenset[str]:
    """Other words for the property of this name: "weight" gives weigh, heavy ..."""
    words = set(stems(name))
    return frozenset().union(*(group for group in CONCEPTS.values() if group & words)) if words else frozenset()


def content_stems(text: str) -> tuple[str, ...]:
    """The stems of ``text`` without idle words."""
    return tuple(s for s in stems(text) if s not in _IDLE)
