"""What a shop without a gate of its own would do: compare words and numbers of the sentence with those of the evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.gate_data import Labelled
from chatrec.domain.facts import Evidence, FactKind
from chatrec.generation.gate_words import content_stems

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CITATION = re.compile(r"\[(\d+)\]")
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def overlap(sentence: Labelled, evidence: Evidence) -> float:
    """Share of the sentence's content words that its evidence holds; -1 where a number or a citation of it stands nowhere in there.

    The evidence are the records cited (all where none is), the notes and the shopper's words: more than the record alone, as a plain
    check cannot tell who says what of whom.
    """
    cited = {int(n) for n in (*_CITATION.findall(sentence.text), *map(str, sentence.previous))}
    known = _text(evidence, cited)
    body = _CITATION.sub(" ", sentence.text)
    numbers = set(_NUMBER.findall(known.replace(",", "")))
    if not set(_NUMBER.findall(body.replace(",", ""))) <= numbers or not cited <= set(_citable(evidence)):
        return -1.0
    words = content_stems(body)
    return sum(w in set(content_stems(known)) for w in words) / len(words) if words else 1.0


def best_share(sentences: Sequence[Labelled], worlds: dict[str, Evidence]) -> float:
    """The share at which the overlap check has its best F1 on these sentences."""
    values = [(overlap(s, worlds[s.world]), s.is_true) for s in sentences]

    def f1(share: float) -> float:
        stopped = [is_true for value, is_true in values if value < share]
        hits = stopped.count(False)
        return 2.0 * hits / (len(stopped) + sum(not t for _, t in values)) if values else 0.0

    return max(SHARES, key=f1)


def _citable(evidence: Evidence) -> range:
    return range(1, 1 + (len(evidence.items) or len(evidence.passages)))


def _text(evidence: Evidence, cited: set[int]) -> str:
    items = [i for i in evidence.items if i.n in cited or not cited]
    records = [f"{f.name} {f.text}" for i in items for f in i.facts if f.kind is not FactKind.PRICE]
    return " ".join([*records, *(f.text for f in (*evidence.notes, *evidence.passages)), evidence.shopper, *evidence.needs])
