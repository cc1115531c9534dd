"""What a turn is made of: the concrete parts that ``bot`` wires together, and the limits it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chatrec.domain.candidate import Candidate
from chatrec.domain.item import Item
from chatrec.protocols import (
    CandidateSource,
    EvidenceBuilder,
    Fusion,
    History,
    ItemAnswers,
    Knowledge,
    LiveRows,
    OrderDesk,
    Reranker,
    Shelf,
    Understander,
    Writer,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures of the shop's settings that a turn needs.

    ``shown`` cards a list; ``pool`` candidates a source and after fusion; ``diversity`` in [0, 1]; ``wishes`` the share of soft wishes
    against relevance, in [0, 1]; ``message_chars`` kept of a message; ``ask`` whether clarifying questions are allowed.
    """

    shown: int = 3
    pool: int = 100
    diversity: float = 0.3
    wishes: float = 0.6
    message_chars: int = 2000
    ask: bool = True
    currency: str = "USD"


def no_profile(_history: Sequence[tuple[str, float]]) -> Mapping[str, float]:
    """Nothing is known of anyone's taste: lists are as even as relevance allows."""
    return {}


class Spread(Protocol):
    """Adapts the diversity knob to a request: a vague one spreads, a precise one does not."""

    def __call__(self, base: float, *, words: int, constraints: int, matching: int, catalogue: int, like_items: int) -> float:
        """The knob for this request, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One pinned generation and everything that works on it.

    ``prune`` drops near-duplicates and what lies under the relevance floor. ``spread`` adapts the diversity to how specific a need
    is. ``picture`` gives the picture of an item as a safe URL. ``absent``
    names the parts that are missing, for the receipt ("collaborative filtering not trained"). ``attributes`` gives what the shop says of a
    shopper, as (name, value).
    """

    shelf: Shelf
    live: LiveRows
    understander: Understander
    sources: Sequence[CandidateSource]
    fusion: Fusion
    reranker: Reranker
    evidence: EvidenceBuilder
    writer: Writer
    knowledge: Knowledge
    answers: ItemAnswers
    orders: OrderDesk
    history: History
    picture: Callable[[Item], str]
    prune: Callable[[Sequence[Candidate]], list[Candidate]]
    spread: Spread
    limits: Limits = field(default_factory=Limits)
    model: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    profile: Callable[[Sequence[tuple[str, float]]], Mapping[str, float]] = no_profile
    attributes: Callable[[str | None], tuple[tuple[str, str], ...]] = lambda user_id: ()
