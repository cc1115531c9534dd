"""What a turn is made of: the concrete parts that ``bot`` wires together, and the limits it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from chatrec.domain.candidate import Candidate
from chatrec.domain.item import Item
from chatrec.domain.profile import Profile
from chatrec.domain.reply import Effect
from chatrec.domain.returns import ReturnRules
from chatrec.domain.tool import Call, Caller, Outcome, Tool, Trouble
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
    ToolDesk,
    Understander,
    Writer,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures of the shop's settings that a turn needs.

    ``shown`` cards a list; ``pool`` candidates a source and after fusion; ``diversity`` in [0, 1]; ``wishes`` the share of soft wishes
    against relevance, in [0, 1]; ``message_chars`` kept of a message; ``ask`` whether clarifying questions are allowed, ``questions`` how
    they are chosen ("information_gain", "most_used" or "off").
    """

    shown: int = 3
    pool: int = 100
    diversity: float = 0.3
    wishes: float = 0.6
    message_chars: int = 2000
    ask: bool = True
    currency: str = "USD"
    questions: str = "information_gain"


def no_profile(_history: Sequence[tuple[str, float]]) -> Mapping[str, float]:
    """Nothing is known of anyone's taste: lists are as even as relevance allows."""
    return {}


class NoTools:
    """A shop without tools."""

    def find(self, name: str) -> Tool | None:
        """Nothing."""
        return None

    def recognise(self, text: str) -> tuple[Tool, float] | None:
        """Nothing."""
        return None

    def run(self, call: Call, caller: Caller) -> Outcome:
        """Never does anything."""
        return Outcome(trouble=Trouble.UNKNOWN)


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
    shopper, as (name, value), ``known`` what was remembered of them. ``answers_given`` counts by field how often a question about it was
    answered and asked in this shop. ``watch_mood`` takes the session and the mood of a turn and gives the alert that is due.
    ``turn_writer`` gives a writer for one turn, where the time of a whole turn is limited; without it every turn shares ``writer``.
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
    watch_mood: Callable[[str, float], Effect | None] = lambda session_id, mood: None
    answers_given: Callable[[], Mapping[str, tuple[int, int]]] = dict
    tools: ToolDesk = field(default_factory=NoTools)
    returns: ReturnRules = field(default_factory=ReturnRules)
    known: Callable[[str | None], Profile] = lambda user_id: Profile(user_id or "")
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    turn_writer: Callable[[], Writer] | None = None
