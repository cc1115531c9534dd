"""Wishes that the catalogue cannot express, and what it has that comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from chatrec.catalog.synonyms import kindred, names_material
from chatrec.domain.colours import COLOUR_FIELDS, colours
from chatrec.domain.reading import Unknown
from chatrec.embedding.kept import encode_kept
from chatrec.protocols import Embedder
from chatrec.understanding.text import stems
from chatrec.understanding.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAREST = 3
# MiniLM cosine of a wish and a category name, measured on a hundred nouns against three catalogues: above the first bound lie other
# words for the same ("sneakers", "trail shoes": 0.71; "pants", "hiking trousers": 0.64); "laptop" and "Samsung Galaxy" (0.53) or
# "bicycle" and "Wheels" (0.54) lie below. Between the two lies what is worth offering instead ("umbrella", "rain jackets": 0.54);
# under the second is another kind of thing ("piano", "knives and tools": 0.34).
LEAST_SYNONYM = 0.58
LEAST_NEAR = 0.5
BESIDE = 0.1  # further below the nearest name lies another kind of thing ("sneakers" are no boots)
SAME = 0.75
MOST_CATEGORIES = 1500
LEAST_SPELLING = 60.0  # rapidfuzz ratio from which a brand name looks like a slip of another


class Nearest:
    """Nearest categories by meaning, nearest colours by sight, nearest names by spelling."""

    def __init__(self, vocabulary: Vocabulary, embedder: Embedder) -> None:
        self._vocabulary = vocabulary
        self._embedder = embedder
        self._kinds = self._kind_names()
        self._vectors: NDArray[np.float32] = encode_kept(embedder, self._kinds)
        self._similar = lru_cache(maxsize=2000)(self._rank_kinds)

    def _kind_names(self) -> list[str]:
        fields = [self._vocabulary.fields.get(f) for f in sorted(self._vocabulary.kind_fields)]
        names = [v.text for f in fields if f for v in f.values]
        return list(dict.fromkeys(names))[:MOST_CATEGORIES]

    def _rank_kinds(self, phrase: str) -> tuple[tuple[str, float], ...]:
        import numpy as np

        if not self._kinds:
            return ()
        scores = self._vectors @ self._embedder.encode([phrase[:100]])[0]
        order = np.argsort(-scores)[:NEAREST]
        return tuple((self._kinds[i], float(scores[i])) for i in order)

    def synonyms(self, phrase: str) -> tuple[str, ...]:
        """The categories that a phrase may mean in other words, the likeliest first; often none."""
        words = set(stems(phrase))
        # A name that holds the word but is not about it ("piano hinges") is no synonym.
        ranked = [(name, score) for name, score in self._similar(phrase) if not words & set(stems(name)) or score > SAME]
        return tuple(name for name, score in ranked if score >= max(LEAST_SYNONYM, ranked[0][1] - BESIDE))

    def kind(self, phrase: str) -> Unknown:
        """A kind of thing that the shop does not sell, with the categories that come near, if any does."""
        return Unknown(phrase, "category", tuple(name for name, score in self._similar(phrase) if score >= LEAST_NEAR))

    def colour(self, word: str) -> Unknown | None:
        """A colour that no item has; ``None`` when it is no colour, or the shop records none."""
        field = next((f for f in sorted(self._vocabulary.fields) if f in COLOUR_FIELDS and self._vocabulary.fields[f].values), "")
        wanted = colours().get(word)
        if not field or wanted is None:
            return None
        near: list[tuple[float, int, str]] = []
        for value in self._vocabulary.fields[field].values:
            known = [colours()[w] for w in stems(value.text) if w in colours()]
            if known and len(stems(value.text)) <= 2:
                near.append((_distance(wanted, known[-1]), -value.count, value.text))
        return Unknown(word, field, tuple(text for _, _, text in sorted(near)[:NEAREST]))

    def material(self, word: str) -> Unknown | None:
        """A material that nothing is made of, with its own family; ``None`` for other words, and where the shop records none."""
        for name in sorted(f for f in self._vocabulary.fields if names_material(f)):
            values = [v.text for v in self._vocabulary.fields[name].values]
            if values and (near := kindred(word, values)) is not None:
                return Unknown(word, name, near[:NEAREST])
        return None

    def brand(self, word: str) -> Unknown:
        """A maker that the shop does not carry; nearest are names spelled alike, else the largest makers."""
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extract

        names = [v.text for v in self._vocabulary.contract.brands]
        alike = extract(word, names, scorer=ratio, processor=str.lower, score_cutoff=LEAST_SPELLING, limit=NEAREST)
        return Unknown(word, "brand", tuple(name for name, _, _ in alike) or tuple(names[:NEAREST]))


def _distance(one: Sequence[int], other: Sequence[int]) -> float:
    """The "redmean" colour distance (a low-cost approximation of perceived difference, CompuPhase)."""
    mean = (one[0] + other[0]) / 2
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return float(((2 + mean / 256) * red**2 + 4 * green**2 + (2 + (255 - mean) / 256) * blue**2) ** 0.5)
