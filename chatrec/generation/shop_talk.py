"""The closed, versioned list of words that need no record behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from chatrec.generation.gate_tokens import tokenise
from chatrec.generation.gate_words import stem

SHOP_TALK_VERSION = 4


@dataclass(frozen=True, slots=True)
class ShopTalk:
    """``function`` and ``talk`` are stems; ``service`` are stems that are idle only where no product is spoken of; ``phrases`` are stem
    sequences by their first stem, longest first; ``wishes`` may be repeated from the shopper's own words ("for your son")."""

    version: int
    function: frozenset[str]
    talk: frozenset[str]
    service: frozenset[str]
    phrases: dict[str, tuple[tuple[str, ...], ...]]
    wishes: frozenset[str]
    words: int

    def is_idle(self, word: str) -> bool:
        """Whether this stem says nothing about a product."""
        return word in self.function or word in self.talk

    def of_no_product(self) -> ShopTalk:
        """The list for a sentence that speaks of no product: the words of service are idle too."""
        return replace(self, talk=self.talk | self.service)


@lru_cache(maxsize=4)
def load_shop_talk(version: int = SHOP_TALK_VERSION) -> ShopTalk:
    """The list of this version, from the package."""
    text = resources.files("chatrec.generation").joinpath(f"shop_talk.v{version}.txt").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            current = sections.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith("#"):
            current.append(line.strip())
    phrases: dict[str, list[tuple[str, ...]]] = {}
    for line in sections["phrases"]:
        words = tuple(t.stem for t in tokenise(line))
        phrases.setdefault(words[0], []).append(words)
    singles = {name: " ".join(lines).split() for name, lines in sections.items() if name != "phrases"}
    return ShopTalk(
        version=version,
        function=frozenset(map(stem, singles["function"])),
        talk=frozenset(map(stem, singles["talk"])),
        service=frozenset(map(stem, singles.get("service", ()))),
        phrases={first: tuple(sorted(found, key=len, reverse=True)) for first, found in phrases.items()},
        wishes=frozenset(map(stem, [*singles["people"], *singles["occasions"]])),
        words=sum(map(len, singles.values())) + sum(len(line.split()) for line in sections["phrases"]),
    )
