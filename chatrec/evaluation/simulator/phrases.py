"""The phrase bank: what shoppers write, kept apart from whatever reads it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

BANK = "phrases.yaml"
MANNERS = ("terse", "plain", "chatty", "slang")
ANY = "any"
# How often a line of the shopper's own manner is taken where there are lines for all too.
_OWN_SHARE = 0.75


@dataclass(frozen=True, eq=False)
class Phrases:
    """The bank as it was written, and the sha256 of its file: two results are comparable where it is the same."""

    content: Mapping[str, Any]
    sha256: str

    def lines(self, *path: str, manner: str = ANY, rng: random.Random | None = None) -> Sequence[str]:
        """The phrases at a place: those of this manner or of "any" where the place parts them. Raises :class:`KeyError` for no place."""
        found: Any = self.content
        for name in path:
            found = found[name]
        if isinstance(found, Mapping):
            own, shared = found.get(manner, ()), found.get(ANY, ())
            if own and shared:
                found = own if rng is None or rng.random() < _OWN_SHARE else shared
            else:
                found = own or shared or found.get("plain") or next(iter(found.values()))
        return tuple(str(line) for line in found)

    def pick(self, rng: random.Random, *path: str, manner: str = ANY) -> str:
        """One of the phrases at a place."""
        return rng.choice(self.lines(*path, manner=manner, rng=rng))

    def holds(self, *path: str) -> bool:
        """Whether the bank has this place."""
        found: Any = self.content
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = found[name]
        return True


@cache
def load_phrases() -> Phrases:
    """The bank that is part of the package."""
    import yaml

    data = files("chatrec.evaluation.simulator").joinpath(BANK).read_bytes()
    return Phrases(yaml.safe_load(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
