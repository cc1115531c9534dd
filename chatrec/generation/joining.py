"""Predicates of one item joined to the end of one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.generation.predicates import LISTED, join_predicates, listed

_AGES = "is for ages "
_HAVING = ("comes with ", "has ")
_TOP = "is the "


def joined(predicates: Sequence[str]) -> str:
    """ "weighs 900 g and is waterproof; its listing says pack of 4"."""
    told = [p.removeprefix(LISTED) for p in predicates if p.startswith(LISTED)]
    others = _once(_superlatives(in_one_span([p for p in predicates if not p.startswith(LISTED)])))
    return join_predicates([*others, *([f"its listing says {listed(told)}"] if told else [])])


def _once(predicates: list[str]) -> list[str]:
    """ "comes with a lid" and "comes with a strap" as one: "comes with a lid and a strap"."""
    for verb in _HAVING:
        same = [p for p in predicates if p.startswith(verb)]
        if len(same) > 1 and not any(" and " in p or "," in p for p in same):
            place = predicates.index(same[0])
            others = [p for p in predicates if p not in same]
            predicates = [*others[:place], verb + listed([p.removeprefix(verb) for p in same]), *others[place:]]
    return predicates


def _superlatives(predicates: list[str]) -> list[str]:
    """ "is the cheapest" and "is the lightest at 95 g" as one: "is the cheapest and the lightest at 95 g"."""
    tops = [p for p in predicates if p.startswith(_TOP)]
    if len(tops) < 2:
        return predicates
    place = predicates.index(tops[0])
    others = [p for p in predicates if p not in tops]
    return [*others[:place], f"is {listed([p.removeprefix('is ') for p in tops])}", *others[place:]]


def in_one_span(predicates: list[str]) -> list[str]:
    """ "is for ages from 4 years" and "is for ages up to 10 years" as one."""
    low = next((p for p in predicates if p.startswith(_AGES + "from ")), "")
    high = next((p for p in predicates if p.startswith(_AGES + "up to ")), "")
    if not low or not high:
        return predicates
    return [f"{low} {high.removeprefix(_AGES)}" if p == low else p for p in predicates if p != high]
