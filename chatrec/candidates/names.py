"""Which items a request names: a whole title, a model number, an id."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

# A number that more titles hold is a property of things ("1080p", "802.11ac") and names none of them.
MOST_NAMESAKES = 10
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[^\W_][\w./-]{2,}[^\W_]", re.UNICODE)
# "2000mah", "15-in", "4-1/2-inch", "2-in-1" and "3x" look like model numbers and are measures.
_UNITS = (
    "x[0-9]*|[a-z]{1,3}|inch|foot|feet|watt|volt|gram|gauge|gallon|ounce|pound|lit(?:er|re)|person|season|port|pack|count|piece|pair|way|"
    "day|hour|year|month|in-?1|in-?one"
)
_MEASURE = re.compile(rf"\d+(?:[.,/-]\d+)*-?(?:{_UNITS})(?:e?s)?")


class Names:
    """The titles (two words or more), model numbers and ids of a catalogue, by what a request may hold of them.

    Case, spacing and signs do not matter: "dx200", "DX-200" and "dx 200" are one. Built once; read-only.
    """

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titled: dict[str, list[str]] = defaultdict(list)
        lengths: dict[tuple[str, str], set[int]] = defaultdict(set)
        numbered: dict[str, list[str]] = defaultdict(list)
        for item_id, title in titles.items():
            lowered = title.lower()
            words = _WORD.findall(lowered)
            if len(words) > 1:
                self._titled[" ".join(words)].append(item_id)
                lengths[words[0], words[1]].add(len(words))
            for number in dict.fromkeys(joined(n) for n in (*numbers_in(lowered), *numbers_in(item_id.lower()))):
                numbered[number].append(item_id)
        self._lengths = {pair: tuple(sorted(found, reverse=True)) for pair, found in lengths.items()}
        self._numbered = {number: ids for number, ids in numbered.items() if len(ids) <= MOST_NAMESAKES}

    def named(self, request: str) -> tuple[str, ...]:
        """The ids of the items that the request names, none twice: whole titles before model numbers.

        What stands inside a title that is named is not what was asked for: neither a shorter title ("Orbit camera" in "Orbit camera
        case") nor a model number that other items have, too.
        """
        lowered = request.lower()
        words = _WORD.findall(lowered)
        titles = [" ".join(words[start:end]) for start, end in _outermost(self._spans(words))]
        whole = [joined(number) for number in numbers_in(lowered)]
        pairs = (f"{one}{other}" for one, other in pairwise(words))  # "dx 200", unless it is part of "dx-200-4"
        numbers = [*whole, *(pair for pair in pairs if not any(pair in number for number in whole))]
        run_together = [title.replace(" ", "") for title in titles]
        said = (number for number in numbers if not any(number in title for title in run_together))
        ids = [*(i for title in titles for i in self._titled[title]), *(i for number in said for i in self._numbered.get(number, ()))]
        return tuple(dict.fromkeys(ids))

    def _spans(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """For every word of the request the longest title that begins there."""
        for start, pair in enumerate(pairwise(words)):
            ends = (start + length for length in self._lengths.get(pair, ()) if start + length <= len(words))
            end = next((end for end in ends if " ".join(words[start:end]) in self._titled), None)
            if end is not None:
                yield start, end


def numbers_in(lowered: str) -> list[str]:
    """The model numbers of a lower-cased text, as typed; measures are none."""
    figured = (part for part in lowered.split() if _DIGIT.search(part))  # no number goes over a space; most words hold no figure
    return [number for part in figured for number in _NUMBER.findall(part) if not _MEASURE.fullmatch(number)]


def joined(number: str) -> str:
    """A model number without its joints: "dx-200" and "dx200" are one."""
    return re.sub(r"[\W_]", "", number)


def _outermost(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order of their starts, without those that lie inside one before them."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept
