"""What a title says that a thing is: a "Vintage Desk Clock" is a clock, and a "Case for Phones" no phone."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

# The field of a constraint that only titles answer: what the thing is called. No column of a shop has such a name.
THING = "title:thing"
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:|(){}\[\]/&+–—]|\s-\s")
# After these another thing follows, which this one goes with, until the title begins anew.
_GOES_WITH = frozenset({"for", "fit", "fits", "compatible", "with", "w", "to", "works", "from", "by"})
_JOINTS = frozenset("in on of at and or without that which plus x".split()) | _GOES_WITH
_SETS = frozenset("set sets setup kit kits pack packs pair pairs piece pieces pc pcs ensemble collection bundle".split())
# What tells versions of one thing apart may stand behind its name.
_VERSIONS = frozenset(
    "black white grey gray silver gold red blue navy green olive yellow orange purple pink brown beige tan teal turquoise clear natural "
    "xs s m l xl xxl small medium large mini men women mens womens unisex adult kids".split()
)


class Naming(IntEnum):
    """How a title holds the name of a thing, from none to the thing itself."""

    PART = 0  # only to say something of another thing: "desk clock", "case for phones"
    SILENT = 1  # not at all
    THING = 2


@lru_cache(maxsize=65_536)
def _tokens(title: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(title.casefold()))


def naming(title: str, names: tuple[str, ...]) -> Naming:
    """Whether a title names one of these (a word in its singular and plural, lower case) as what the thing is."""
    tokens, found, other = _tokens(title), Naming.SILENT, False
    for place, token in enumerate(tokens):
        if not token[0].isalnum():
            other = other and token in "/&+"
        elif token in _GOES_WITH:
            other = True
        elif token in names:
            if not other and _ends(tokens, place):
                return Naming.THING
            found = Naming.PART
    return found


def _ends(tokens: tuple[str, ...], place: int) -> bool:
    """Whether the name of the thing ends with this word."""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    return not after.isalpha() or after in _JOINTS or after in _SETS or after in _VERSIONS


def names_of(word: str) -> tuple[str, ...]:
    """A word for a thing as titles may write it: in the singular and the plural."""
    word = word.casefold()
    single = {word, word.removesuffix("s")} | ({word.removesuffix("es")} if word.endswith(("ches", "shes", "xes", "sses")) else set())
    single |= {f"{word[:-3]}y"} if word.endswith("ies") and len(word) > 4 else set()
    single |= {f"{word[:-3]}f", f"{word[:-3]}fe"} if word.endswith("ves") and len(word) > 4 else set()
    forms = single | {p for w in single for p in _plurals(w)}
    return tuple(sorted(w for w in forms if len(w) > 1))


def _plurals(word: str) -> set[str]:
    if word.endswith(("ch", "sh", "x", "ss")):
        return {f"{word}es"}
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return {f"{word[:-1]}ies"}
    return {f"{word}s", *({f"{word.removesuffix('fe').removesuffix('f')}ves"} if word.endswith(("f", "fe")) else ())}
