"""A figure as the answer to an open question about one ("under 1.5 kg", "3 or 4"), and never one that is said of something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.domain.need import Constraint, Op
from chatrec.understanding.amounts import Amount, read_amounts
from chatrec.understanding.figures import BEST_RATING
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words
from chatrec.understanding.measures import bounds_of
from chatrec.understanding.text import Message, stems
from chatrec.understanding.units import convert
from chatrec.understanding.vocabulary import Vocabulary

# Units that a sum of money or a rating may seem to have: "100 pounds", "4 stars".
_UNITS = {"price": {"", "lb"}, "rating": {"", "stars"}}
_NEXT = 1e-6  # a figure is beyond another from here on
_MONEY = frozenset("budget spend spending afford price priced cost costs costing pay paying money".split())


def read_figure(
    message: Message, field: str, unit: str, said: str, vocabulary: Vocabulary, mentions: Sequence[Mention]
) -> tuple[Constraint, ...]:
    """The bounds that a message with one figure, or two ("3 or 4"), sets for ``field``; none where it is a figure of something else."""
    amounts = read_amounts(message, ())
    if any(_is_of_something_else(message, a, field, unit, vocabulary, mentions) for a in amounts):
        return ()
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


def is_its_figure(read: Constraint, answer: Sequence[Constraint]) -> bool:
    """Whether a limit was read from the figure that answers a question about another field: a price, or a size that is a bare number."""
    bare = read.field == "price" or (read.number is None and read.said.replace(".", "", 1).isdigit())
    return bare and any(a.number is not None and a.field != read.field and read.said in a.said for a in answer)


def beyond(answer: Sequence[Constraint]) -> list[tuple[Constraint, ...]]:
    """What the bounds of an answer rule out, one by one."""
    opposite = {Op.AT_MOST: (Op.AT_LEAST, 1.0), Op.AT_LEAST: (Op.AT_MOST, -1.0)}
    bounds = [(c, *opposite[c.op]) for c in answer if c.op in opposite]
    return [(replace(c, op=op, number=(c.number or 0.0) + sign * _NEXT),) for c, op, sign in bounds]


def is_read_as_another(answer: Sequence[Constraint], read: Sequence[Constraint]) -> bool:
    """Whether the figure of an answer says plainly what else it is of: "rated 4 or better", "for my 7 year old"."""
    figures = {a.number: a for a in answer if a.number is not None}
    named = [c for c in read if c.field not in ("price", *(a.field for a in answer))]
    return any(c.number in figures and (c.field == "rating" or c.unit != figures[c.number].unit) for c in named)


def _is_of_something_else(
    message: Message, amount: Amount, field: str, unit: str, vocabulary: Vocabulary, mentions: Sequence[Mention]
) -> bool:
    """Dollars for a weight, grams for a price, a size, "3 more", "2 tents", more stars than there are."""
    if field != "price" and (amount.currency or _MONEY & {t.text for t in message.tokens}):
        return True
    if amount.unit not in _UNITS.get(field, {amount.unit}) or (field == "rating" and amount.value > BEST_RATING):
        return True
    return _is_named_otherwise(message, amount, field, vocabulary) or _counts(message, amount, field, unit, vocabulary, mentions)


def _is_named_otherwise(message: Message, amount: Amount, field: str, vocabulary: Vocabulary) -> bool:
    """ "Size 42", "age 7": the name of another field stands before the figure."""
    if amount.start != amount.first or not amount.first:
        return False
    before = message.tokens[amount.first - 1].stem
    return before not in stems(field) and any(words == (before,) for name, words in vocabulary.name_stems.items() if name != field)


def _counts(message: Message, amount: Amount, field: str, unit: str, vocabulary: Vocabulary, mentions: Sequence[Mention]) -> bool:
    """Whether the figure tells how many of the things that are named behind it; counts themselves may be answered so ("4 persons")."""
    if not (unit or field in _UNITS) or amount.unit or amount.currency or amount.last >= len(message.tokens):
        return False
    following = message.tokens[amount.last]
    if not following.word or following.text in stop_words() or following.stem in stems(field):
        return False
    kind = any(m.covers(amount.last) and m.kind for m in mentions)
    return kind or (following.stem in vocabulary.title_heads and not any(m.covers(amount.last) for m in mentions))


def _bounds(amount: Amount, field: str, unit: str) -> tuple[float | None, float | None]:
    """A bare figure answers "how much would you spend" with a limit, "how good" with the least, and means elsewhere what it means in
    any message."""
    if field == "price":
        return (amount.low, amount.high) if amount.cue else (None, amount.value)
    if field == "rating":
        return (amount.low, amount.high) if amount.cue else (amount.value, None)
    return bounds_of(amount, stems(field), unit)
