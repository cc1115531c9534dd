"""A reading in a few short lines, in the words of the labels."""

from __future__ import annotations

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import NeedReading, Reading

_SIGNS = {Op.IS: "=", Op.IS_NOT: "!=", Op.AT_MOST: "<=", Op.AT_LEAST: ">="}
_STRENGTHS = {Strength.MUST: "", Strength.PREFER: "~", Strength.AVOID: "^"}
_MOST_VALUES = 12


def reading_lines(reading: Reading) -> list[str]:
    """Intents, then needs, then what is left, one line each."""
    lines = [" ".join(span.intent.value for span in reading.intents) or "(no intent)", *(_need(n) for n in reading.needs)]
    for label, ids in (
        ("refs", reading.references),
        ("like", reading.like_items),
        ("liked", reading.liked),
        ("disliked", reading.disliked),
        ("orders", reading.order_ids),
    ):
        if ids:
            lines.append(f"{label}: {' '.join(ids)}")
    for c in reading.comparatives:
        than = f" than {' '.join(c.item_ids)}" if c.item_ids else ""
        lines.append(f"compare: {c.field} {c.direction:+d}{' of all' if c.extreme else ''}{than}")
    if reading.unknown:
        lines.append(f"unknown: {', '.join(u.word for u in reading.unknown)}")
    if reading.language not in ("en", ""):
        lines.append(f"language: {reading.language}")
    return lines


def _need(need: NeedReading) -> str:
    parts = [f"need {need.need_id}"] if need.need_id is not None else []
    parts += ["closes"] if need.closes else []
    parts += [constraint_line(c) for c in need.constraints]
    parts += [f"for {need.recipient}"] if need.recipient else []
    parts += [f"drop {field}" for field in need.drops]
    parts += [f'(searches "{need.query}")'] if need.query else []
    return f"{'+' if need.opens else '='} {'; '.join(parts)}"


def constraint_line(constraint: Constraint) -> str:
    """One constraint as a label would write it."""
    if constraint.number is not None:
        value = f"{constraint.number:g} {constraint.unit}".strip()
    else:
        more = len(constraint.values) - _MOST_VALUES
        value = "|".join(constraint.values[:_MOST_VALUES]) + (f"|... {more} more" if more > 0 else "")
    return f"{_STRENGTHS[constraint.strength]}{constraint.field}{_SIGNS[constraint.op]}{value}"
