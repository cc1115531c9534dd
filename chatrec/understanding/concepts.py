"""Everyday words for properties: which words ask about which kind of field, and which way they pull.

Fields are found by the words of their names, so that "lighter" works on any catalogue that has a weight, and on none that has not.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Concept:
    """One property in everyday words; ``data/concepts.toml`` says what each list means."""

    names: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    inverse: tuple[str, ...] = ()


def _read_concepts() -> dict[str, Concept]:
    text = (files("chatrec.understanding") / "data" / "concepts.toml").read_text(encoding="utf-8")
    return {name: Concept(**{key: tuple(words) for key, words in entry.items()}) for name, entry in tomllib.loads(text).items()}


CONCEPTS = _read_concepts()

# Comparative and superlative forms that rules of spelling would get wrong.
_IRREGULAR = {
    "better": ("rating", 1),
    "best": ("rating", 1),
    "worse": ("rating", -1),
    "less": ("", 0),
    "pricier": ("price", 1),
    "priciest": ("price", 1),
}


def _forms(word: str) -> tuple[str, str] | None:
    """ "big" -> ("bigger", "biggest"); ``None`` for words compared with "more"."""
    if word in (
        "lightweight",
        "featherweight",
        "packable",
        "spacious",
        "expensive",
        "inexpensive",
        "affordable",
        "powerful",
        "popular",
        "luxurious",
        "compact",
        "recent",
    ):
        return None
    if word.endswith("e"):
        return word + "r", word + "st"
    if word.endswith("y") and word not in ("pricey",):
        return word[:-1] + "ier", word[:-1] + "iest"
    if word == "pricey":
        return "pricier", "priciest"
    if len(word) == 3 and word[1] in "aeiou" and word[2] not in "wxy":
        return word + word[-1] + "er", word + word[-1] + "est"
    return (word + word[-1] + "er", word + word[-1] + "est") if word in ("thin", "dim", "flat") else (word + "er", word + "est")


def _tables() -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]]]:
    plain: dict[str, list[tuple[str, int]]] = {}
    comparative: dict[str, list[tuple[str, int]]] = {}
    superlative: dict[str, list[tuple[str, int]]] = {}
    for name, concept in CONCEPTS.items():
        for direction, words in ((-1, concept.less), (1, concept.more)):
            for word in words:
                plain.setdefault(word, []).append((name, direction))
                if forms := _forms(word):
                    comparative.setdefault(forms[0], []).append((name, direction))
                    superlative.setdefault(forms[1], []).append((name, direction))
    for word, pull in _IRREGULAR.items():
        if pull[1]:
            (superlative if word.endswith("st") else comparative).setdefault(word, []).append(pull)
    return plain, comparative, superlative


PLAIN, COMPARATIVE, SUPERLATIVE = _tables()
HINTS: dict[str, tuple[str, ...]] = {}
for _name, _concept in CONCEPTS.items():
    _adjectives = (*_concept.less, *_concept.more)
    for _hint in dict.fromkeys((*_concept.hints, *(f[0] for w in _adjectives if (f := _forms(w))))):
        HINTS[_hint] = (*HINTS.get(_hint, ()), _name)
