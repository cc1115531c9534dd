"""Answers to the open question: one of its options, a figure, yes or no, or no answer at all."""

from __future__ import annotations

import re

from chatrec.domain.need import Constraint, Op
from chatrec.domain.state import OpenQuestion
from chatrec.understanding.amounts import Amount, read_amounts
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words
from chatrec.understanding.measures import bounds_of
from chatrec.understanding.text import Message, stems
from chatrec.understanding.units import convert
from chatrec.understanding.vocabulary import Vocabulary

LONGEST_ANSWER = 12  # tokens; a longer message says more than an answer and is read as a whole
_YES = re.compile(r"^(?:yes|yep|yeah|yup|sure|definitely|of course|please do|absolutely|ok|okay)\b")
_SURELY = re.compile(r"^(?:it |that |they )?(?:needs? to be|must be|has to be|have to be|should be)(?: (?:a|yes|it|that|so|they|please))*$")
_NO = re.compile(r"^(?:no|nope|nah|not really|not needed|no need|no thanks)\b")
_PLACE = re.compile(
    r"^(?:the )?(?:(?P<ord>first|second|third|fourth|last|middle)(?: one| option)?|(?:option|number|#) ?(?P<num>\d))(?: please)?$"
)
_ORDER = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}


def read_answer(message: Message, question: OpenQuestion, vocabulary: Vocabulary, mentions: list[Mention]) -> tuple[Constraint, ...]:
    """The constraints that an answer to ``question`` stands for; empty when the message is no (plain) answer to it."""
    words = [t for t in message.tokens if t.text[:1].isalnum()]
    if not words or len(words) > LONGEST_ANSWER:
        return ()
    option = _option(message, question)
    placed = option is not None and (_PLACE.match(message.text) or stems(option) == stems(message.text))
    text = option if option is not None and placed else message.text
    field = vocabulary.fields.get(question.field)
    said = message.text[:80]
    if field is not None and field.kind == "yes_no":
        return _yes_no(message, question.field, said)
    if question.field in ("price", "rating") or (field is not None and field.kind == "number"):
        from chatrec.understanding.text import read_message

        unit = field.unit if field is not None and question.field != "price" else ""
        return _figure(read_message(text), question.field, unit, said)
    if option is not None and field is not None:
        spelled = field.spelling(option) or option
        return (Constraint(question.field, Op.IS, (spelled,), said=said),)
    named = [m for m in mentions if m.field == question.field]
    if not named and field is not None:
        # what is only function words ("are" beside a maker named Ares) answers nothing
        told = {t.stem for t in words if t.text not in stop_words() or len(words) == 1}
        values = tuple(v.text for v in field.values if stems(v.text) and set(stems(v.text)) <= told)
        return (Constraint(question.field, Op.IS, values, said=said),) if values and len(words) <= 4 and not _NO.match(message.text) else ()
    return ()


def is_option(message: Message, question: OpenQuestion) -> bool:
    """Whether the message is one of the options, by its words or its place, and nothing else."""
    return bool(_PLACE.match(message.text)) or any(stems(o) == stems(message.text) for o in question.options)


def _option(message: Message, question: OpenQuestion) -> str | None:
    """The option that the message names, in whole or by its place."""
    if (place := _PLACE.match(message.text)) and place["ord"] == "middle":
        return question.options[len(question.options) // 2] if len(question.options) % 2 else None
    if place:
        index = _ORDER[place["ord"]] if place["ord"] else int(place["num"]) - 1
        return question.options[index] if -1 <= index < len(question.options) else None
    said = {t.stem for t in message.tokens if t.text[:1].isalnum()}
    negated = bool(said & {"not", "no", "except", "but", "without"})
    whole = [o for o in question.options if stems(o) == stems(message.text)]
    if whole:
        return whole[0]
    inside = [o for o in question.options if stems(o) and set(stems(o)) <= said]
    longest = max(inside, key=lambda o: len(stems(o)), default=None)
    return longest if longest is not None and not negated and len(said) <= len(stems(longest)) + 4 and len(inside) == 1 else None


def _yes_no(message: Message, field: str, said: str) -> tuple[Constraint, ...]:
    if _YES.match(message.text) or _SURELY.search(message.text):
        return (Constraint(field, Op.IS, ("yes",), said=said),)
    if _NO.match(message.text):
        return (Constraint(field, Op.IS, ("no",), said=said),)
    return ()


def _figure(message: Message, field: str, unit: str, said: str) -> tuple[Constraint, ...]:
    amounts = read_amounts(message, ())
    if len(amounts) == 2 and message.words(amounts[0].last, amounts[1].start) in ("or", "to", "-", "/"):
        one, other = sorted(amounts, key=lambda a: a.value)  # "3 or 4"
        least, high = _bounds(one, field, unit)[0], _bounds(other, field, unit)[1]
        low: float | None = one.value if least is None else least
    elif len(amounts) == 1:
        low, high = _bounds(amounts[0], field, unit)
    else:
        return ()
    amount = amounts[0]
    found = []
    for op, bound in ((Op.AT_LEAST, low), (Op.AT_MOST, high)):
        if bound is None:
            continue
        value = convert(bound, amount.unit, unit) if amount.unit and unit else bound
        if value is None:
            return ()
        found.append(Constraint(field, op, number=round(value, 4), unit=unit, said=said))
    return tuple(found)


def _bounds(amount: Amount, field: str, unit: str) -> tuple[float | None, float | None]:
    """A bare figure answers "how much would you spend" with a limit, "how good" with the least, and means elsewhere what it means in
    any message."""
    if field == "price":
        return (amount.low, amount.high) if amount.cue else (None, amount.value)
    if field == "rating":
        return (amount.low, amount.high) if amount.cue else (amount.value, None)
    return bounds_of(amount, stems(field), unit)
