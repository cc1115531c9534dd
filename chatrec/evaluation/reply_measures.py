"""Figures of written replies: what stands before the gate, what is cited, who wrote it, how varied and how quick it is.

The grounding protocol measures whole turns of a bot by them, ``python -m benchmarks reply`` the writer alone on recorded evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.evaluation.grounding_rules import Titles, amounts, miscited, strange_amounts, strange_names
from chatrec.generation.content_plan import planned
from chatrec.generation.rendering import price_text
from chatrec.generation.template import CITING
from chatrec.generation.told import about, is_told
from chatrec.metrics.intervals import interval, percentile, resample
from chatrec.metrics.text import commonest_opening, distinct

MODEL_ACTS = ("recommend", "compare", "item_answer")
"""Acts whose text the model writes; where one of them holds a template sentence, the turn fell back."""
OWN = ("model", "repaired")
"""Origins of the sentences that stem from the model."""
FAULTS = ("invented_items", "wrong_prices", "card_mismatches")


@dataclass(frozen=True, slots=True)
class WrittenReply:
    """One reply that the model was asked for, as it came out of the writer.

    ``wanted`` are the citations that it owes. ``dropped`` holds what the gate did not let pass, and marks without a text. ``first_ms`` and
    ``whole_ms`` count from the beginning; 0 where unknown. ``faults`` tells broken promises in words, by kind. ``parts`` are how many
    parts of the content plan it tells, and how many there are.
    """

    act: str
    wanted: tuple[int, ...]
    sentences: tuple[Sentence, ...]
    dropped: tuple[DroppedSentence, ...] = ()
    first_ms: float = 0.0
    whole_ms: float = 0.0
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parts: tuple[int, int] = (0, 0)

    @property
    def cited(self) -> set[int]:
        """Every citation of its sentences."""
        return {n for s in self.sentences for n in s.cites}

    @property
    def text(self) -> str:
        """The sentences with their citations: what is measured for variety, so that names count for nothing."""
        return " ".join(s.text for s in self.sentences)

    @property
    def fallback(self) -> str:
        """What the template writer had to add: ``whole`` (nothing of the model stands), ``items`` (it tells one that the model left out),
        ``notes`` (what honesty asks for, such as stock), or "" where every sentence is the model's."""
        own = [s for s in self.sentences if s.origin in OWN]
        unasked = [s for s in self.sentences if s.origin == "template" and s.cites and not set(s.cites) & set(self.wanted)]
        if len(own) + len(unasked) == sum(s.origin != "code" for s in self.sentences):
            return ""
        if not own:
            return "whole"
        told = {n for s in own for n in s.cites}
        return "items" if set(self.wanted) - told else "notes"


def reply_faults(text: str, cited: Sequence[int], evidence: Evidence, titles: Titles) -> dict[str, list[str]]:
    """The faults of a rendered reply against its evidence, by kind; the gate is not asked."""
    facts = [f.text for item in evidence.items for f in item.facts]
    told = " ".join([*facts, *(n.text for n in evidence.notes), *(p.text for p in evidence.passages), *evidence.needs, evidence.shopper])
    allowed = [*amounts(told), *(price for item in evidence.items if (price := price_text(item)))]
    own = {item.item_id for item in evidence.items}
    wanted = [item.n for item in evidence.items] if evidence.act == "recommend" else []
    return {
        "invented_items": strange_names(text, titles, own, told),
        "wrong_prices": strange_amounts(text, allowed),
        "card_mismatches": miscited(wanted, cited) if wanted else [],
    }


def wanted_citations(evidence: Evidence) -> tuple[int, ...]:
    """The citations that the model owes: items with nothing on record are told of by code."""
    return planned(evidence).told if evidence.act in CITING else ()


def parts_told(evidence: Evidence, text: str) -> tuple[int, int]:
    """How many parts of the content plan a reply tells, each in what it says of its item, and how many there are."""
    plans = planned(evidence).items
    wanted = [(" ".join(about(p.item.n, text)), part) for p in plans for part in p.all_parts]
    return sum(is_told(part, said) for said, part in wanted), len(wanted)


def reply_figures(replies: Sequence[WrittenReply], seed: int) -> dict[str, Any]:
    """Figures by name; rates come as ``[low, value, high]``, resampled by reply. Empty for no replies."""
    if not replies:
        return {}
    kinds = [r.fallback for r in replies]
    figures: dict[str, Any] = {
        "written_turns": len(replies),
        **passing(replies, seed),
        "parts_told": _rate([r.parts for r in replies], seed),
        "items_cited": _rate([(len(r.cited & set(r.wanted)), len(r.wanted)) for r in replies], seed),
        "fallbacks": _rate([(bool(kind), 1) for kind in kinds], seed),
        **{f"fallbacks_{kind}": _rate([(k == kind, 1) for k in kinds], seed) for kind in ("whole", "items", "notes")},
        **{
            f"sentences_{origin}": sum(s.origin == origin for r in replies for s in r.sentences)
            for origin in ("model", "repaired", "template", "code")
        },
        **variety([r.text for r in replies]),
    }
    figures["unfinished"] = sum(any(not d.text for d in r.dropped) for r in replies)  # failed, busy, or out of time
    timed = [r for r in replies if r.whole_ms]
    for name, read in (("first_sentence", lambda r: r.first_ms), ("reply", lambda r: r.whole_ms)):
        figures |= _times(name, timed, read, seed)
    return figures


def passing(replies: Sequence[WrittenReply], seed: int) -> dict[str, Any]:
    """What of the model's own sentences the gate lets pass as they are written."""
    stood = [sum(s.origin == "model" for s in r.sentences) for r in replies]
    fell = [sum(bool(d.text) for d in r.dropped) for r in replies]
    rate = _rate([(a, a + b) for a, b in zip(stood, fell, strict=True)], seed)
    return {
        "sentences_passing": rate,
        "dropped": sum(fell),
        "unsupported_before": [round(1.0 - v, 4) for v in reversed(rate)] if rate else None,
    }


def variety(texts: Sequence[str]) -> dict[str, float]:
    """How varied the texts are, each share in [0, 1]."""
    return {"distinct_2": round(distinct(texts), 4), "commonest_opening": round(commonest_opening(texts), 4)}


def fault_counts(replies: Sequence[WrittenReply]) -> dict[str, int]:
    """How many faults of each kind there are."""
    return {kind: sum(len(r.faults.get(kind, ())) for r in replies) for kind in FAULTS}


def _rate(counts: Sequence[tuple[float, float]], seed: int) -> list[float] | None:
    """Sum of the first over sum of the second, with its interval; ``None`` where there is nothing to count."""
    return resample([[float(a), float(b)] for a, b in counts], seed).ratio(0, 1)


def _times(name: str, replies: Sequence[WrittenReply], read: Callable[[WrittenReply], float], seed: int) -> dict[str, Any]:
    values = [read(r) for r in replies if read(r) > 0.0]
    return {f"{name}_p{q}_ms": interval(values, percentile(q), seed, digits=1) for q in (50, 95)} if values else {}
