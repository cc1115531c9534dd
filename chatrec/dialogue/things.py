"""The kind of thing that is looked for, by what titles call it: where a desk was asked for, a desk clock is a clock."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from chatrec.dialogue.parts import Parts
from chatrec.domain.candidate import Candidate, Query
from chatrec.domain.need import Constraint, Need, Op
from chatrec.domain.things import THING, Naming, names_of, naming

# Titles that must call a thing so before a list without any of them is said to lack it.
LEAST_NAMED = 3
# What counts beside a thing that is called so: one whose title is silent, and one whose title names it only as a part.
SILENT_SHARE, PART_SHARE = 0.5, 0.25
# Fields that say what a thing is.
KIND_FIELDS = frozenset({"category", "style", "type", "kind", "product type", "item type", "product"})
_JOINED = re.compile(r"\s*(?:&|/|,|\+|\band\b|\bor\b)\s*", re.IGNORECASE)


def thing_of(need: Need | None) -> Constraint | None:
    """The wish that the title calls the thing so; ``None`` where no word for it was said."""
    return Constraint(THING, Op.IS, names_of(need.thing), said=need.thing) if need is not None and need.thing else None


def kinds_of(need: Need) -> tuple[Constraint, ...]:
    """The limits that say what kind of thing it is to be."""
    return tuple(c for c in need.hard() if c.op is Op.IS and c.field in KIND_FIELDS)


def is_told(need: Need) -> bool:
    """Whether a limit says by its own name what the thing is ("Desks", but not "Desks & Equipment"), whatever the titles say."""
    names = set(names_of(need.thing))
    parts = [_JOINED.split(value) for kind in kinds_of(need) for value in kind.values]
    return any(len(p) == 1 and set(p[0].casefold().split()[-1:]) & names for p in parts)


def with_thing(need: Need | None, allowed: Set[str] | None, parts: Parts) -> Need | None:
    """The need with its thing as one more limit, where the shop has several so called and none of them keeps the limits; else
    ``None``."""
    thing = thing_of(need)
    if need is None or thing is None or allowed is None or kinds_of(need):
        return None
    named = parts.shelf.matching((thing,)) or frozenset()
    if len(named) < LEAST_NAMED or any(i in allowed for i in named):
        return None
    return replace(need, constraints=(thing, *need.constraints))


def narrowed(query: Query, need: Need | None, parts: Parts) -> Query:
    """The query among those that are called so, where any is."""
    thing = thing_of(need)
    if need is None or thing is None or is_told(need):
        return query
    named = parts.shelf.matching((*need.hard(), thing)) or frozenset()
    return replace(query, allowed=named) if len(named) else query


def things_first(pool: Sequence[Candidate], need: Need | None, parts: Parts) -> list[Candidate]:
    """First what is called so. Where that fills no list, what only names it as a part of something else is left out."""
    thing = thing_of(need)
    if need is None or thing is None or need.like_items:
        return list(pool)
    held = {c.item_id: naming(parts.shelf.item(c.item_id).title, thing.values) for c in pool}
    told, count = is_told(need), sum(n is Naming.THING for n in held.values())
    if not count:
        return list(pool)
    few = count < parts.limits.shown and not told
    counted = [c for c in pool if c.score > 0 and not (few and held[c.item_id] is Naming.PART)]
    least = min((c.score for c in counted if held[c.item_id] is Naming.THING), default=0.0)
    most = max((c.score for c in counted), default=0.0)
    behind = least / most if few and most else 1.0  # a thing so called stands before all others, however few there are
    shares = {Naming.THING: 1.0, Naming.SILENT: 1.0 if told else SILENT_SHARE * behind, Naming.PART: PART_SHARE}
    kept = [replace(c, score=c.score * shares[held[c.item_id]]) for c in counted]
    return sorted([*kept, *(c for c in pool if c.score <= 0)], key=lambda c: -c.score)
