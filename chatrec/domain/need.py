"""The constraint ledger: what the shopper wants, need by need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Op(StrEnum):
    """How a field is compared."""

    IS = "is"  # one of ``values``
    IS_NOT = "is_not"  # none of ``values``
    AT_MOST = "at_most"  # number <= ``number``
    AT_LEAST = "at_least"  # number >= ``number``


class Strength(StrEnum):
    """MUST is a hard filter; PREFER and AVOID only move the ranking."""

    MUST = "must"
    PREFER = "prefer"
    AVOID = "avoid"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One entry of the ledger.

    ``field`` is ``price``, ``brand``, ``category``, ``stock``, ``rating``, ``title`` or an attribute or option name of the
    catalogue. ``values`` are catalogue values (canonical spelling); ``number`` is in the catalogue's unit (``unit``).
    ``turn`` is the turn that said it, ``said`` the shopper's own words (bounded).
    """

    field: str
    op: Op
    values: tuple[str, ...] = ()
    number: float | None = None
    unit: str = ""
    strength: Strength = Strength.MUST
    turn: int = 0
    said: str = ""

    @property
    def key(self) -> str:
        """Stable id inside one need: two constraints with one key cannot stand together, the newer wins."""
        if self.op in (Op.AT_MOST, Op.AT_LEAST):
            return f"{self.field}:{self.op.value}"
        return f"{self.field}:{self.op.value}:{','.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing the shopper looks for ("a tent under 200"), with its own constraints.

    ``query`` is the free text that retrieval searches with; ``recipient`` who it is for ("my mother"); ``like_items`` are items to
    search near ("something like the first"). ``thing`` is the word for what it is to be ("desk"), where one was said.
    """

    need_id: int
    query: str = ""
    recipient: str = ""
    constraints: tuple[Constraint, ...] = ()
    like_items: tuple[str, ...] = ()
    opened_turn: int = 0
    thing: str = ""

    def hard(self) -> tuple[Constraint, ...]:
        """The constraints that every shown item must satisfy."""
        return tuple(c for c in self.constraints if c.strength is Strength.MUST)

    def soft(self) -> tuple[Constraint, ...]:
        """The constraints that only move the ranking."""
        return tuple(c for c in self.constraints if c.strength is not Strength.MUST)

    def with_constraint(self, new: Constraint) -> Need:
        """This need with ``new`` in force.

        A newer value replaces the older of the same key; a wanted value replaces other wanted values of its field and lifts an
        exclusion of itself; an exclusion lifts the wanting of itself.
        """
        kept = tuple(c for c in self.constraints if not _displaced(c, new))
        return replace(self, constraints=(*kept, new))

    def without(self, key: str) -> Need:
        """This need without the constraint of this key."""
        return replace(self, constraints=tuple(c for c in self.constraints if c.key != key))

    def without_field(self, field: str) -> Need:
        """This need without any constraint on this field."""
        return replace(self, constraints=tuple(c for c in self.constraints if c.field != field))


def _displaced(old: Constraint, new: Constraint) -> bool:
    if old.field == "title" and old.op is Op.IS_NOT and new.op is Op.IS:
        # "not a headlamp", then "a headlamp": the thing of that name is wanted after all
        return bool({v.casefold() for v in old.values} & {new.said.casefold(), new.said.casefold().removesuffix("s")})
    if old.field != new.field:
        return False
    if old.key == new.key:
        return True
    if old.op is Op.IS and new.op is Op.IS:
        return True
    if {old.op, new.op} == {Op.IS, Op.IS_NOT}:
        return bool(set(old.values) & set(new.values))
    if {old.op, new.op} == {Op.AT_MOST, Op.AT_LEAST} and old.turn != new.turn:
        # "under 50" after "over 80": the two cannot both hold, the newer one is meant
        low, high = (old, new) if old.op is Op.AT_LEAST else (new, old)
        return (low.number or 0.0) >= (high.number or 0.0)
    return False


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What giving up one constraint would bring: ``count`` items, in words ("without the brand", "up to $12 more")."""

    keys: tuple[str, ...]
    text: str
    count: int
    replacement: Constraint | None = None
