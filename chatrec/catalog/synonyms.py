"""Other words for the values of a field, found at ingest: families of colours and materials, words for whom a thing is, sizes in words.

A word that is itself part of a value stands for that and is left out; the rest of the catalogue's language (plurals, spellings, units)
is brought to one form where messages are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chatrec.catalog.everyday_names import of_values
from chatrec.domain.colours import COLOUR_FIELDS

MOST_SYNONYMS = 200  # words of one field
MOST_MEANT = 40  # values that one word stands for
SIZE_FIELDS = frozenset({"size", "sizes", "shoe size", "clothing size"})
GENDER_FIELDS = frozenset({"gender", "gender affinity", "sex", "audience", "target group"})
_MATERIAL_NAMES = frozenset({"material", "materials", "fabric", "fabrics", "upholstery", "leather", "shell", "lining", "sole", "frame"})

GENDER_WORDS = {
    "men": {"man", "men", "male", "gent", "gentleman", "mens", "guy", "m"},
    "women": {"woman", "women", "female", "lady", "womens", "f"},
    "kids": {"kid", "child", "children", "toddler", "boy", "girl", "junior", "kids", "baby"},
    "unisex": {"unisex", "both"},
}
_SIZE_WORDS = {"s": ("small",), "m": ("medium",), "l": ("large",), "xl": ("extra large",), "xs": ("extra small",)}


_Family = tuple[tuple[str, ...], frozenset[str]]


def _families(text: str) -> tuple[_Family, ...]:
    """One family a line: its names, a colon, the words that belong to it."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return tuple((tuple(names.split()), frozenset((*names.split(), *members.split()))) for names, members in lines)


_MATERIALS = _families(
    """
    wood wooden timber: oak pine beech walnut birch ash maple cherry teak mahogany bamboo acacia rosewood cedar spruce plywood mdf hardwood
    metal metallic: steel iron aluminium aluminum brass copper bronze titanium zinc chrome alloy
    plastic: polypropylene polyethylene polycarbonate abs pvc acrylic vinyl melamine
    leather: nubuck suede cowhide goatskin sheepskin
    fabric textile cloth: cotton linen polyester wool velvet canvas nylon jute hemp viscose flannel corduroy denim fleece
    synthetic: polyester nylon acrylic polyamide elastane spandex polypropylene fleece
    wool woollen woolen: merino lambswool cashmere alpaca mohair
    rubber: latex silicone neoprene nitrile
    glass: crystal borosilicate
    ceramic: porcelain stoneware earthenware clay
    stone: marble granite slate concrete sandstone
    wicker rattan: seagrass willow cane
    """
)
_COLOURS = _families(
    """
    red: crimson scarlet burgundy maroon wine ruby cherry rust
    blue: navy cobalt azure sky denim indigo petrol ultramarine
    green: olive sage mint lime emerald moss forest khaki jade
    grey gray: charcoal anthracite slate silver graphite gunmetal ash
    white: cream ivory snow pearl
    black: ebony jet onyx
    brown: tan chestnut chocolate coffee camel cognac mocha umber
    beige: sand taupe oatmeal ecru khaki cream tan
    pink: rose coral salmon fuchsia blush
    purple: plum lilac lavender violet mauve aubergine
    yellow: mustard ochre lemon gold
    orange: apricot terracotta rust copper tangerine
    """
)


def synonyms_of(name: str, values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Word -> the values of the field ``name`` that it stands for, in their order; at most :data:`MOST_SYNONYMS` words."""
    found: dict[str, tuple[str, ...]] = {}
    if name in GENDER_FIELDS:
        found = _of_genders(values)
    elif name in SIZE_FIELDS:
        found = {word: (v,) for v in values for word in _SIZE_WORDS.get(v.casefold(), ())}
    elif name in COLOUR_FIELDS:
        found = _of_families(_COLOURS, values, one_form=True)
    elif names_material(name):
        found = _of_families(_MATERIALS, values)
    return dict(list({**of_values(values), **found}.items())[:MOST_SYNONYMS])


def names_material(name: str) -> bool:
    """Whether a field of this name says what things are made of."""
    return bool(_MATERIAL_NAMES & set(name.split()))


def kindred(word: str, values: Sequence[str]) -> tuple[str, ...] | None:
    """The values of a material's own family ("mahogany": oak and pine), perhaps none; ``None`` for a word that is no material."""
    families = [members for _, members in _MATERIALS if word in members]
    if not families:
        return None
    return tuple(value for value in values if any(_words(value) & members for members in families))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.casefold()))


def _of_families(families: Iterable[_Family], values: Sequence[str], one_form: bool = False) -> dict[str, tuple[str, ...]]:
    """``one_form`` says that the names of a family are spellings of one word ("grey", "gray")."""
    worded = [(value, _words(value)) for value in values]
    used = set().union(*(words for _, words in worded))
    found = {}
    for names, members in families:
        if one_form and used & set(names):
            continue
        meant = tuple(value for value, words in worded if words & members)[:MOST_MEANT]
        found.update({name: meant for name in names if meant and name not in used})
    return found


def _of_genders(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for value in values:
        own = {w.removesuffix("s") for w in _words(value)} | _words(value)
        for words in GENDER_WORDS.values():
            if words & own:
                for word in words - {"m", "f"}:
                    found.setdefault(word, []).append(value)
                break
    return {word: tuple(meant) for word, meant in found.items()}
