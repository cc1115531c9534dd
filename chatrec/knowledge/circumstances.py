"""Circumstances that only some shoppers are in: what holds abroad, in the holidays or in places that a heading names, is told to those."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.facts import Passage
from chatrec.knowledge.words import content_stems, stem, words_of

_ABROAD = re.compile(
    r"\b(?:international(?:ly)?|abroad|overseas|foreign|worldwide|customs|export|another country|other countries|which countries|"
    r"my country|outside (?:of )?(?:the )?(?:us|usa|uk|eu|united states|united kingdom|country|states))\b",
    re.IGNORECASE,
)
_SEASONS = re.compile(r"\b(?:holidays?|christmas|xmas|thanksgiving|easter|new year\w*|black friday|december|january)\b", re.IGNORECASE)
# A name inside a sentence: a capital that no full stop explains. A heading in title case has capitals throughout.
_NAMED = re.compile(r"(?<=[a-z,;] )(?:the )?([A-Z][a-z]{2,})")


class Circumstances:
    """Which passages hold only in some circumstances, and which circumstances a question speaks of. Read-only."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._abroad = [bool(_ABROAD.search(p.topic)) for p in passages]
        self._in_season = [bool(_SEASONS.search(p.topic)) for p in passages]
        self._names = [frozenset(name.casefold() for name in _NAMED.findall(p.text)) for p in passages]
        everyday = {w for p in passages for w in re.findall(r"(?<![A-Z])\b[a-z]{3,}\b", p.text)}
        at_home = {n for names, away in zip(self._names, self._abroad, strict=True) if not away for n in names}
        known = frozenset().union(*self._names) if passages else frozenset()
        self.names = known - everyday
        self._away_names = frozenset(
            n for names, away in zip(self._names, self._abroad, strict=True) if away for n in names
        ) - everyday - at_home  # fmt: skip
        self._of_places = [_only_names(p.topic.rpartition(": ")[2], self.names) for p in passages]

    def named(self, question: str) -> frozenset[str]:
        """The names (of places, mostly) in a question that the policies speak of."""
        return self.names & frozenset(words_of(question))

    def is_abroad(self, question: str) -> bool:
        """Whether a question is about what lies outside the shop's own country."""
        return bool(_ABROAD.search(question)) or bool(self._away_names & set(words_of(question)))

    def is_out_of_season(self, place: int, question: str) -> bool:
        """Whether a passage holds in the holidays only, of which the question does not speak."""
        return self._in_season[place] and not _SEASONS.search(question)

    def is_apart(self, place: int, question: str) -> bool:
        """Whether a passage holds in a circumstance that the question does not speak of, or not in the one it does."""
        if self._of_places[place]:
            return not self._of_places[place] & set(words_of(question))
        return self._abroad[place] != self.is_abroad(question) if any(self._abroad) else False

    def holds(self, place: int, name: str) -> bool:
        """Whether a passage speaks of a name."""
        return name in self._names[place]


def _only_names(heading: str, names: frozenset[str]) -> frozenset[str]:
    """The names of a heading that consists of nothing else: the passage is about them alone."""
    words = frozenset(content_stems(heading))
    return frozenset(words_of(heading)) & names if words and words <= {stem(n) for n in names} else frozenset()
