"""Candidates: who may be offered, from where, and why."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from chatrec.domain.context import NOWHERE, Context


@dataclass(frozen=True, slots=True)
class Query:
    """What a candidate source is asked.

    ``text`` is what to search for ("" when nothing was said). ``history`` are (item_id, weight) pairs, oldest first: past events
    and likes of this chat; a negative weight is a dislike. ``like_items`` are items to search near. ``allowed`` are the ids that
    satisfy every hard constraint (``None``: all). ``liked`` are those of the history that were named as liked in this chat.
    ``exclude`` are ids not to offer. ``context`` is where the shopper is at this moment,
    ``attributes`` are (name, value) pairs of what the shop says of the shopper.
    """

    text: str = ""
    user_id: str | None = None
    history: tuple[tuple[str, float], ...] = ()
    like_items: tuple[str, ...] = ()
    allowed: Set[str] | None = None
    exclude: frozenset[str] = frozenset()
    context: Context = NOWHERE
    attributes: tuple[tuple[str, str], ...] = ()
    liked: tuple[str, ...] = ()

    def admits(self, item_id: str) -> bool:
        """Whether this item may be offered at all."""
        return item_id not in self.exclude and (self.allowed is None or item_id in self.allowed)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item a source would offer. ``score``: higher is better, comparable inside one source only.

    ``reason`` is for a person: "bought together with ...", "matches 'waterproof'". ``sources`` are (source name, its normalised
    score) after fusion. ``rule`` is what a rule of the shop did to its place: "pinned", "buried", "boosted +0.10".
    """

    item_id: str
    score: float
    source: str
    reason: str = ""
    sources: tuple[tuple[str, float], ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A re-ranked list with the figures that the receipt keeps.

    ``items`` in the order to show. ``propensity`` is, item by item, the probability in (0, 1] that the policy shows it.
    ``entropy_before`` and ``entropy_after`` are the mean normalised facet entropies (in [0, 1]) of the top k of the input and of
    ``items``; ``item_entropy`` is the plain -sum p log p over the shown items (nats).
    """

    items: tuple[Candidate, ...]
    propensity: tuple[float, ...] = ()
    entropy_before: float = 0.0
    entropy_after: float = 0.0
    item_entropy: float = 0.0
