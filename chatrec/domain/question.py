"""A question that might be asked: what its answers would leave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """One field that a set of candidates could be narrowed by.

    ``options`` are the answers to tap, ``leaves`` the ids of the candidates that each of them leaves (a candidate with several values
    stands under several). ``gain`` is the expected information of a given answer about which candidate is wanted, in nats, at least 0;
    ``covered`` the share of the relevance, in [0, 1], that lies under an option.
    """

    field: str
    options: tuple[str, ...]
    leaves: tuple[frozenset[str], ...]
    gain: float
    covered: float
