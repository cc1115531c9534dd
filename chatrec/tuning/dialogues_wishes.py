"""What an invented shopper wants: a constraint that the shown items satisfy, with its words in a reply."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.catalog.facts import attribute_facts
from chatrec.dialogue.wording import constraint_words
from chatrec.domain.item import Attribute, Item
from chatrec.domain.need import Constraint, Op
from chatrec.tuning.phrasing import is_adjective, phrase, with_article


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shopper wants of these items: the constraint, and how a reply says it."""

    constraint: Constraint
    spoken: str


def draw_wish(items: Sequence[Item], flag: str, rng: random.Random) -> Wish | None:
    """A wish that all of ``items`` satisfy (``flag``, if given, is a yes/no property they all have); ``None`` where none was found."""
    if flag:
        said = flag if is_adjective(flag) else with_article(flag)
        return Wish(Constraint(flag, Op.IS, ("yes",)), f"something {said}" if is_adjective(flag) else said)
    choices: list[Wish] = []
    for attribute in items[0].attributes:
        same = [i.attribute(attribute.name) for i in items]
        if attribute.name in ("features", "year") or any(a is None for a in same):
            continue
        numbers = [a.number for a in same if a is not None and a.number is not None]
        if len(numbers) == len(items):
            op = rng.choice((Op.AT_MOST, Op.AT_LEAST))
            bound = max(numbers) if op is Op.AT_MOST else min(numbers)
            constraint = Constraint(attribute.name, op, number=bound, unit=attribute.unit)
            choices.append(Wish(constraint, _spoken_bound(constraint)))
        elif all(a is not None and a.values == attribute.values and a.values not in (("no",), ("yes",)) for a in same):
            choices.append(Wish(Constraint(attribute.name, Op.IS, attribute.values), _spoken_value(attribute, rng)))
    return rng.choice(choices) if choices and rng.random() < 0.7 else None


def _spoken_bound(constraint: Constraint) -> str:
    """ "a weight of up to 3 kg", "at least 12 speeds"."""
    words = constraint_words(constraint, "USD").removeprefix(constraint.field).strip()
    if not constraint.unit and (constraint.field.endswith("s") or " per " in constraint.field):
        return f"{words} {constraint.field}"
    return f"{constraint.field if constraint.field.endswith('s') else with_article(constraint.field)} of {words}"


def _spoken_value(attribute: Attribute, rng: random.Random) -> str:
    """ "a steel bowl", "something made of oak", "something in cream"."""
    said = phrase(next(attribute_facts(attribute)))
    if said is None or not said.does:
        return f"{attribute.values[0]} as the {attribute.name}"
    return said.has or f"something {said.does.removeprefix('is ').removeprefix('comes ').replace('has ', 'with ', 1)}"
