"""Evidence: the short typed facts that every released sentence must trace to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """Where a fact comes from, and so what it may support."""

    TYPE = "type"  # what the thing is: its category
    BRAND = "brand"
    ATTRIBUTE = "attribute"  # a column of the record
    OPTION = "option"  # sizes and colours that variants offer
    DESCRIPTION = "description"  # a short clause cut from the description
    PRICE = "price"
    STOCK = "stock"
    RATING = "rating"
    OPINION = "opinion"  # what reviewers say; never a property
    COMPUTED = "computed"  # compared in code among the items of one turn
    PASSAGE = "passage"  # one sentence of a shop policy
    ORDER = "order"
    TOOL = "tool"  # what one of the shop's tools gave back; data, never more


@dataclass(frozen=True, slots=True)
class Fact:
    """One short statement, written for a reader: ``text`` is what the model sees and what the gate checks against.

    ``name`` is the property ("weight", "waterproof", "price"), ``value`` its words, ``number``/``unit`` its figure where it has
    one. ``source`` says which record and column it was cut from. ``cites`` are the citation numbers that a COMPUTED fact
    speaks of, the subject first ("[2] is lighter than [1]" has ``(2, 1)``).
    """

    kind: FactKind
    name: str
    text: str
    value: str = ""
    number: float | None = None
    unit: str = ""
    source: str = ""
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of shop policy, with its place: ``policies/returns.md#how-long``."""

    passage_id: str
    topic: str
    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """What the writer may say about citation ``[n]``. ``name`` is rendered by code after decoding, never by the model."""

    n: int
    item_id: str
    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one piece of text may say.

    ``act`` is the act's kind (see ``domain.act``). ``shopper`` is the shopper's message (bounded, data only). ``needs`` are the
    constraints in words ("price up to $150"). ``notes`` are computed facts over the items and the dialogue ("[1] is the
    cheapest", "nothing matches", "this shop lists no prices"). ``passages`` are policy or order facts, cited as ``[1]`` ... when
    there are no items.
    """

    act: str
    shopper: str
    needs: tuple[str, ...] = ()
    items: tuple[EvidenceItem, ...] = ()
    notes: tuple[Fact, ...] = ()
    passages: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One released sentence. ``text`` keeps the ``[n]`` citations; ``rendered`` has names and prices put in by code.

    ``origin`` is ``model``, ``repaired`` (the gate mended it), ``template`` (code stands in for the model) or ``code`` (what code says by
    design beside the model: the opening, notes, an offer to go on).
    """

    text: str
    rendered: str
    origin: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DroppedSentence:
    """A sentence that the gate did not release: the text, the span that failed and why. Kept in the receipt."""

    text: str
    span: str
    reason: str
