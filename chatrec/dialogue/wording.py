"""Constraints and needs in words: for chips, for evidence and for receipts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from chatrec.domain.figures import money, number_text
from chatrec.domain.need import Constraint, Need, Op, Relaxation, Strength
from chatrec.domain.plain import plain
from chatrec.domain.things import THING

_SOFT = {Strength.PREFER: "ideally ", Strength.AVOID: "rather not "}
_BOUND = {Op.AT_MOST: "up to", Op.AT_LEAST: "at least"}
# (field, direction): what compares two, what stands out of all. Other fields get a plain "lower in ..." and "with the lowest ...".
_COMPARED = {
    ("price", -1): ("cheaper", "cheapest"),
    ("price", 1): ("dearer", "most expensive"),
    ("weight", -1): ("lighter", "lightest"),
    ("weight", 1): ("heavier", "heaviest"),
    ("rating", -1): ("worse rated", "worst rated"),
    ("rating", 1): ("better rated", "best rated"),
}
# What is said of a wish that is let go ("any brand"); any other field is "with any material".
_LEFT_OPEN = {"brand": "without the brand", "colour": "in any colour", "color": "in any color", "category": "among all other things"}
_ANY = re.compile(r"(^| and )any ([^,]+?)(?=$| and )")
_WORD = re.compile(r"[^\W\d_]+")
MOST_VALUES = 3  # more values of one wish are told by the shopper's own word for them
MOST_SAID_CHARS = 24
_BARE = ("with", "without", "including ", "at any ", "in ", "among ", "anything ", "up to ", "down to ")
# Questions that read better than "Which price would suit?"; any other field gets that form.
_QUESTIONS = {"price": "What would you like to spend?", "category": "What kind of thing should it be?", "gender": "Who is it for?"}


# The ages that a record gives, as a wish for somebody of an age reads.
_FOR_AN_AGE = {("age from", Op.AT_MOST): "ages from {} or younger", ("age to", Op.AT_LEAST): "ages up to {} or older"}


def constraint_words(constraint: Constraint, currency: str) -> str:
    """One constraint as a shopper would read it: "price up to $150", "not Kolder", "colour red", "waterproof"."""
    return _SOFT.get(constraint.strength, "") + _plain_words(constraint, currency)


def _plain_words(constraint: Constraint, currency: str) -> str:
    field = constraint.field
    if constraint.op in _BOUND:
        return _bound_words(constraint, currency)
    values = _value_words(constraint)
    negated = constraint.op is Op.IS_NOT
    if constraint.values in (("yes",), ("no",)):
        positive = (constraint.values == ("yes",)) != negated
        return field if positive else f"not {field}"
    if field == THING:
        return plain(constraint.said, 60)
    names_itself = field in ("category", "brand", "title") or (negated and field in ("colour", "color"))
    label = values if names_itself else f"{field} {values}"
    return f"not {label}" if negated else label


def _value_words(constraint: Constraint) -> str:
    """Values as one word where they are shades of what was said: "green" for moss green, dark green and sage green."""
    values = constraint.values
    if len(values) > 1 and constraint.op is Op.IS:
        shared = set.intersection(*(set(_WORD.findall(v.casefold())) for v in values))
        said = _WORD.findall(constraint.said.casefold())
        if said and shared.issuperset(said):  # "wool blend" of wool and of cotton blends is no "blend"
            return plain(" ".join(said), 60)
    if len(values) > MOST_VALUES and constraint.said and len(constraint.said) <= MOST_SAID_CHARS and "," not in constraint.said:
        return plain(constraint.said, MOST_SAID_CHARS)
    told = " or ".join(plain(v, 60) for v in values[:MOST_VALUES])
    return f"{told} and the like" if len(values) > MOST_VALUES else told


def _bound_words(constraint: Constraint, currency: str) -> str:
    number = constraint.number if constraint.number is not None else 0.0
    if constraint.field == "stock":
        return "in stock"
    if constraint.field == "price":
        cents = Decimal(str(number)).quantize(Decimal("0.01"))
        figure = money(cents, currency).removesuffix(".00")
    else:
        figure = figure_words(number, constraint.unit)
    if (constraint.field, constraint.op) in _FOR_AN_AGE:
        return _FOR_AN_AGE[constraint.field, constraint.op].format(figure.removesuffix(" years"))
    return f"{constraint.field} {_BOUND[constraint.op]} {figure}"


def figure_words(number: float, unit: str) -> str:
    """A figure with its unit, in the singular where it is one: "950 g", "1 year", "3 years"."""
    unit = unit.removesuffix("s") if number == 1 and len(unit) > 2 else unit
    return f"{number_text(number)} {unit}".strip()


def comparative_words(field: str, direction: int) -> str:
    """What goes further in this direction: "cheaper", "lower in height"."""
    pair = _COMPARED.get((field, direction))
    return pair[0] if pair else f"{'lower' if direction < 0 else 'higher'} in {field}"


def extreme_words(field: str, direction: int) -> str:
    """What goes furthest in this direction: "the cheapest", "the one with the lowest height"."""
    pair = _COMPARED.get((field, direction))
    return f"the {pair[1]}" if pair else f"the one with the {'lowest' if direction < 0 else 'highest'} {field}"


def question_words(field: str, options: Sequence[str] = ()) -> str:
    """The clarifying question about a field. A field whose answers are counts is asked for as a number: "How many persons?"; one that a
    thing has or has not by a yes or no: "Waterproof, yes or no?"."""
    if options and set(options) <= {"yes", "no"}:
        return f"{field[:1].upper()}{field[1:]}, yes or no?"
    counted = field.endswith("s") and bool(options) and all(o.isdigit() for o in options)
    return _QUESTIONS.get(field, f"How many {field}?" if counted else f"Which {field} would suit?")


def relaxation_words(relaxation: Relaxation) -> str:
    """A relaxation as a person in a shop would say it before its count: "without the brand", "in any colour", "up to $12 more"."""
    text = _ANY.sub(lambda found: f"{found[1]}{_LEFT_OPEN.get(found[2], f'with any {found[2]}')}", relaxation.text)
    bare = text.startswith(_BARE)
    return text if bare or " or not" in text else f"with {text}"


def relaxation_message(need: Need, relaxation: Relaxation, currency: str) -> str:
    """What a shopper would write to take a relaxation: each constraint it changes, as it is to be from now on."""
    wanted = relaxation.replacement
    parts = []
    for constraint in (c for c in need.constraints if c.key in relaxation.keys):
        if wanted is not None and wanted.field == constraint.field and wanted.op is constraint.op:
            parts.append(constraint_words(wanted, currency))
        else:
            parts.append(_lifted_words(constraint))
    return " and ".join(dict.fromkeys(parts))


def _lifted_words(constraint: Constraint) -> str:
    if constraint.field == "stock":
        return "including what is out of stock"
    return f"any {constraint.field}"


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
