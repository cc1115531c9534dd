"""Answers to the open question: one of its options, a figure, yes or no, or no answer at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.need import Constraint, Op
from chatrec.domain.state import OpenQuestion
from chatrec.understanding.figure_answers import read_figure
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words
from chatrec.understanding.text import Message, read_message, stems
from chatrec.understanding.vocabulary import Vocabulary
from chatrec.understanding.yes_no import is_yes_or_no, yes_or_no

LONGEST_ANSWER = 12  # tokens; a longer message says more than an answer and is read as a whole
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
    option = _option(message, question, mentions)
    placed = option is not None and (_PLACE.match(message.text) or stems(option) == stems(message.text))
    text = option if option is not None and placed else message.text
    field = vocabulary.fields.get(question.field)
    said = message.text[:80]
    if field is not None and field.kind == "yes_no":
        answered = yes_or_no(message, vocabulary.name_stems[field.name])
        return (Constraint(question.field, Op.IS, (answered,), said=said),) if answered else ()
    if question.field in ("price", "rating") or (field is not None and field.kind == "number"):
        unit = field.unit if field is not None and question.field != "price" else ""
        whole = message if text == message.text else read_message(text)
        return read_figure(whole, question.field, unit, said, vocabulary, mentions if whole is message else ())
    if option is not None and field is not None:
        spelled = field.spelling(option) or option
        return (Constraint(question.field, Op.IS, (spelled,), said=said),)
    named = [m for m in mentions if m.field == question.field]
    if not named and field is not None:
        # what is only function words ("are" beside a maker named Ares) answers nothing
        told = {t.stem for t in words if t.text not in stop_words() or len(words) == 1}
        values = tuple(
            v.text for v in field.values if stems(v.text) and set(stems(v.text)) <= told & _apart(message, v.text, question.field, mentions)
        )
        return (Constraint(question.field, Op.IS, values, said=said),) if values and len(words) <= 4 and not _NO.match(message.text) else ()
    return ()


def is_option(message: Message, question: OpenQuestion) -> bool:
    """Whether the message is one of the options, by its words or its place, and nothing else."""
    return bool(_PLACE.match(message.text)) or any(stems(o) == stems(message.text) for o in question.options)


def says_yes_or_no(message: Message, question: OpenQuestion, vocabulary: Vocabulary) -> bool:
    """Whether the question is about a property that a thing has or has not, and the message says which, and nothing else."""
    field = vocabulary.fields.get(question.field)
    return field is not None and field.kind == "yes_no" and is_yes_or_no(message, vocabulary.name_stems[field.name])


def _option(message: Message, question: OpenQuestion, mentions: Sequence[Mention]) -> str | None:
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
    inside = [o for o in question.options if stems(o) and set(stems(o)) <= _apart(message, o, question.field, mentions)]
    longest = max(inside, key=lambda o: len(stems(o)), default=None)
    return longest if longest is not None and not negated and len(said) <= len(stems(longest)) + 4 and len(inside) == 1 else None


def _apart(message: Message, option: str, field: str, mentions: Sequence[Mention]) -> set[str]:
    """The stems of the message without longer names of something else: "hiking boots" says nothing of what they are used for."""
    named = set(stems(option))
    longer = [m for m in mentions if m.field != field and not {t.stem for t in message.tokens[m.first : m.last]} <= named]
    return {t.stem for i, t in enumerate(message.tokens) if t.text[:1].isalnum() and not any(m.covers(i) for m in longer)}
