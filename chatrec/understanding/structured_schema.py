"""The JSON schema of a reading, generated from the catalogue's contract, and what an object of it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatrec.catalog.contract import Contract, Field
from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import Intent, IntentSpan

# Bounds keep what a model writes short enough to be whole within its tokens.
MOST_INTENTS, MOST_CONSTRAINTS, MOST_FIELDS, MOST_VALUES = 3, 4, 24, 40
MOST_SAID, MOST_QUERY = 40, 60
# What a constraint of each kind of field may do.
_NUMBER_OPS, _WORD_OPS = (Op.AT_MOST, Op.AT_LEAST), (Op.IS, Op.IS_NOT)
YES, NO = "yes", "no"
UNSURE_SCORE = 0.8  # a model's word against a rule's 1


def reading_schema(contract: Contract) -> dict[str, Any]:
    """An object of ``intents``, ``query`` and ``constraints``; only this catalogue's fields and values can be written.

    A constraint quotes the shopper in ``said``. Fields and values are the best covered and the commonest, within bounds.
    """
    shapes = [shape for shape in (_shape(f) for f in _chosen(contract)) if shape]
    constraints: dict[str, Any] = {"type": "array", "maxItems": MOST_CONSTRAINTS if shapes else 0}
    if shapes:
        constraints["items"] = {"anyOf": shapes}
    intents = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_INTENTS,
        "items": {"enum": [i.value for i in Intent if i is not Intent.TOOL]},
    }
    return _object({"intents": intents, "query": {"type": "string", "maxLength": MOST_QUERY}, "constraints": constraints})


def intents_of(answer: Mapping[str, Any], message: str) -> tuple[IntentSpan, ...]:
    """The intents, each once."""
    return tuple(IntentSpan(intent, message, UNSURE_SCORE) for intent in dict.fromkeys(Intent(i) for i in answer["intents"]))


def constraints_of(answer: Mapping[str, Any], contract: Contract, message: str, turn: int) -> Iterator[Constraint]:
    """The constraints that quote words of the message and that the contract knows; what quotes nothing was made up."""
    folded = " ".join(message.casefold().split())
    for entry in answer["constraints"]:
        said = " ".join(str(entry["said"]).casefold().split())
        field = contract.fields.get(entry["field"])
        if field is None or not said or f" {said} " not in f" {folded} ":
            continue
        op, strength = Op(entry["op"]), Strength(entry["strength"])
        if field.kind == "number":
            if op in _NUMBER_OPS and _written(float(entry["number"]), said):
                yield Constraint(field.name, op, number=float(entry["number"]), unit=field.unit, strength=strength, turn=turn, said=said)
        elif values := _known(field, entry["values"]):
            yield Constraint(field.name, op, values, strength=strength, turn=turn, said=said)


def _known(field: Field, values: Sequence[str]) -> tuple[str, ...]:
    if field.kind == "yes_no":
        return tuple(v for v in dict.fromkeys(values) if v in (YES, NO))
    return tuple(dict.fromkeys(s for v in values if (s := field.spelling(v)) is not None))


def _written(number: float, said: str) -> bool:
    """Whether the figure stands in the quoted words: a model must not reckon prices."""
    return f"{number:g}" in said.replace(",", "")


def _chosen(contract: Contract) -> list[Field]:
    fields = [f for f in contract.fields.values() if f.kind == "number" or f.kind == "yes_no" or f.values]
    return sorted(fields, key=lambda f: (f.origin != "core", -f.coverage, f.name))[:MOST_FIELDS]


def _shape(field: Field) -> dict[str, Any]:
    """A constraint on one field; an empty one where there is nothing to choose."""
    base: dict[str, Any] = {"field": {"const": field.name}}
    ops = _NUMBER_OPS if field.kind == "number" else _WORD_OPS
    base["op"] = {"enum": [op.value for op in ops]}
    if field.kind == "number":
        base["number"] = {"type": "number", "minimum": 0, "maximum": max(1.0, 10.0 * (field.maximum or 1.0))}
    else:
        values = [YES, NO] if field.kind == "yes_no" else [v.text for v in field.values[:MOST_VALUES]]
        if not values:
            return {}
        base["values"] = {"type": "array", "minItems": 1, "maxItems": 3, "items": {"enum": values}}
    base["strength"] = {"enum": [s.value for s in (Strength.MUST, Strength.PREFER)]}
    base["said"] = {"type": "string", "minLength": 1, "maxLength": MOST_SAID}
    return _object(base)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
