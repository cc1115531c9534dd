"""Constraints and needs in words: for chips, for evidence and for receipts."""

from __future__ import annotations

from decimal import Decimal

from chatrec.domain.figures import money, number_text
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.plain import plain

_SOFT = {Strength.PREFER: "ideally ", Strength.AVOID: "rather not "}
_BOUND = {Op.AT_MOST: "up to", Op.AT_LEAST: "at least"}


def constraint_words(constraint: Constraint, currency: str) -> str:
    """One constraint as a shopper would read it: "price up to $150", "not Kolder", "colour red", "waterproof"."""
    return _SOFT.get(constraint.strength, "") + _plain_words(constraint, currency)


def _plain_words(constraint: Constraint, currency: str) -> str:
    field = constraint.field
    if constraint.op in _BOUND:
        return _bound_words(constraint, currency)
    values = " or ".join(plain(v, 60) for v in constraint.values[:4])
    negated = constraint.op is Op.IS_NOT
    if constraint.values in (("yes",), ("no",)):
        positive = (constraint.values == ("yes",)) != negated
        return field if positive else f"not {field}"
    label = values if field in ("category", "brand") else f"{field} {values}"
    return f"not {label}" if negated else label


def _bound_words(constraint: Constraint, currency: str) -> str:
    number = constraint.number if constraint.number is not None else 0.0
    if constraint.field == "stock":
        return "in stock"
    if constraint.field == "price":
        cents = Decimal(str(number)).quantize(Decimal("0.01"))
        figure = money(cents, currency).removesuffix(".00")
    else:
        figure = f"{number_text(number)} {constraint.unit}".strip()
    return f"{constraint.field} {_BOUND[constraint.op]} {figure}"


def need_words(need: Need, currency: str) -> tuple[str, ...]:
    """A need in words: what is looked for, each constraint, and who it is for."""
    words = [constraint_words(c, currency) for c in need.constraints]
    if need.recipient:
        words.append(f"for {plain(need.recipient, 60)}")
    if not any(c.field == "category" for c in need.constraints) and need.query:
        words.insert(0, plain(need.query, 80))
    return tuple(words)


def need_title(need: Need, currency: str) -> str:
    """A heading for the cards of a need: its category or its query."""
    categories = [c for c in need.constraints if c.field == "category" and c.op is Op.IS]
    if categories:
        return _plain_words(categories[-1], currency)
    return plain(need.query, 60)
