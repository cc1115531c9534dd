"""What a turn gives back: an iterator of these events, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chatrec.domain.facts import Sentence


@dataclass(frozen=True, slots=True)
class Card:
    """One item as shown. ``position`` counts from 1 and is the number that the text cites. Plain text throughout: faces escape.
    ``breaks`` says which wish an alternative breaks, and is empty for what matches."""

    position: int
    item_id: str
    title: str
    brand: str = ""
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = None
    image: str = ""
    url: str = ""
    why: str = ""
    facts: tuple[str, ...] = ()
    options: tuple[tuple[str, tuple[str, ...]], ...] = ()
    breaks: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """Something to tap. ``kind`` is ``constraint`` (tapping drops it), ``answer``, ``followup`` or ``undo`` (tapping
    sends ``message``), or ``profile``: something remembered of the shopper, which tapping erases."""

    kind: str
    label: str
    message: str = ""
    need_id: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """The items of this turn, fixed by the ranking; sent before any text."""

    cards: tuple[Card, ...]
    need_id: int = 0
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Where nothing matches: what comes nearest. Each card says in ``breaks`` which wish it does not fulfil."""

    cards: tuple[Card, ...]
    need_id: int = 0
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A table: the properties that differ. ``rows`` are (property, one value an item); a missing value reads "not listed"."""

    titles: tuple[str, ...]
    item_ids: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One verified sentence of the reply, in order."""

    sentence: Sentence
    act: str


@dataclass(frozen=True, slots=True)
class Chips:
    """Constraint chips of the ledger, then answers and follow-ups."""

    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of the world that ``bot`` carries out once (``key`` makes it idempotent)."""

    kind: str
    key: str
    payload: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the turn understood, did and showed; JSON-ready, and enough to replay the turn.

    ``question`` tells the field ``asked`` about, the field whose question was ``waiting`` when the message came, and what the ``answer`` to
    that was (answered, any, skipped, passed). ``mood`` is that of the message and of the dialogue so far. ``told`` is what the shopper
    saw, in order, and ``chips`` what stood below it, so that a page can show it again; ``stopped``: the shopper stopped the reply;
    ``taken_back``: and took the turn back later.
    ``steps`` are (name, begin, length) in milliseconds since the message came, in the order of their ends; ``tokens`` are, for each step
    ``write``, those that the language model read and wrote, where its tokenizer is here to count them.
    """

    turn_id: str
    session_id: str
    turn: int
    generation: int
    message: str
    reading: dict[str, Any] = field(default_factory=dict)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    ranking: dict[str, Any] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    sentences: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    model: dict[str, Any] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    steps: list[tuple[str, float, float]] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    question: dict[str, Any] = field(default_factory=dict)
    mood: dict[str, Any] = field(default_factory=dict)
    action: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    chips: list[dict[str, Any]] = field(default_factory=list)
    stopped: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The end of the turn. ``action`` is "", ``hand_off`` or ``forgotten`` (nothing of the shopper is kept any more); ``text`` the
    whole reply."""

    text: str
    action: str
    receipt: Receipt


ReplyEvent = Cards | Alternatives | Comparison | Said | Chips | Effect | Done
