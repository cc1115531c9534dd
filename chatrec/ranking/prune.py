"""What is not worth choosing from: near-duplicates, and what lies under the relevance floor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from chatrec.domain.candidate import Candidate
from chatrec.ranking.facets import Facets

SAME_COSINE = 0.97
FLOOR = 0.15
LEAST_STEM_WORDS = 2

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD = re.compile(r"[^\W_]+(?:[.,/-][^\W_]+)*", re.UNICODE)
# What tells versions of one product apart: measures, sizes and colours. A bare number may be a model and stays.
_UNIT = (
    r"(?:mm|cm|m|in|inch|inches|ft|feet|yd|g|kg|mg|oz|lb|lbs|ml|l|liters?|litres?|gal|gallons?|pack|packs|pk|ct|count|pcs|pieces?|"
    r"w|v|mah|gb|tb)"
)
_MEASURE = re.compile(rf"[\d./,x-]*\d\s?{_UNIT}", re.IGNORECASE)
_SPACED_MEASURE = re.compile(rf"\b\d[\d./,]*\s+{_UNIT}\b", re.IGNORECASE)
_VERSION_WORDS = (
    "xxs xs s m l xl xxl xxxl small medium large regular "
    "black white grey gray silver gold red blue navy green olive yellow orange purple pink brown beige tan teal turquoise"
)
_VERSION = frozenset(_VERSION_WORDS.split())


@lru_cache(maxsize=32_768)
def title_stem(title: str) -> str:
    """The title without brackets, measures, sizes and colours, lower-cased; empty when fewer than two words are left."""
    bare = _SPACED_MEASURE.sub(" ", _BRACKETS.sub(" ", title.lower()))
    words = [w for w in _WORD.findall(bare) if w not in _VERSION and not _MEASURE.fullmatch(w)]
    return " ".join(words) if len(words) >= LEAST_STEM_WORDS else ""


def cut_near_duplicates(
    candidates: Sequence[Candidate], facets: Facets, titles: Mapping[str, str], *, least: int = 0, cosine: float = SAME_COSINE
) -> list[Candidate]:
    """Keeps of items that are nearly the same (cosine above ``cosine``, or the same title stem) only the best, in order.

    Where fewer than ``least`` would be left, the best of the duplicates follow at the end.
    """
    vectors = facets.gather([c.item_id for c in candidates])[2]
    alike, taken = vectors @ vectors.T > cosine, np.zeros(len(candidates), dtype=np.bool_)
    stems: set[str] = set()
    kept: list[int] = []
    spare: list[int] = []
    for row, candidate in enumerate(candidates):
        stem = title_stem(titles.get(candidate.item_id, ""))
        if (stem and stem in stems) or taken[row]:
            spare.append(row)
        else:
            kept.append(row)
            taken |= alike[row]
        stems.add(stem)
    return [candidates[row] for row in (*kept, *spare[: max(0, least - len(kept))])]


def drop_irrelevant(candidates: Sequence[Candidate], *, share: float = FLOOR, least: int = 0) -> list[Candidate]:
    """Drops what scores below ``share`` of the best, but never below ``least`` items: variety is no excuse for the irrelevant."""
    best = max(0.0, max((c.score for c in candidates), default=0.0))
    kept = [c for c in candidates if c.score >= share * best] if best > 0.0 else list(candidates)
    return kept if len(kept) >= least else list(candidates[: max(least, len(kept))])
