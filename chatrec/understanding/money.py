"""Prices: the amounts that are left when nothing else explains them, and the words that mean a low or a high price."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.understanding.amount_phrases import ALL_THERE_IS
from chatrec.understanding.amounts import AROUND_SHARE, Amount
from chatrec.understanding.lists import stop_words
from chatrec.understanding.text import Message

# Words before a bare sum that make it a limit ("I have 200 dollars") and not a wish for about that much ("a 200 dollar tent").
_LIMITS = {"for", "have", "got", "pay", "spend", "afford", "budget", "with", "is", "of", "willing", "limit", "my"}
LEAST_SUM = 10.0  # "what can I get for 100" is money, "get one for 2" need not be
_FAR = 7  # tokens before a bare sum in which a budget can be spoken of
_SPENDING = {"budget", "spend", "afford", "wallet", "purse", "pocket"}
_NOT_MONEY_AFTER = {"%", "x", "-", "th", "st", "nd", "rd", "'", '"', "/"}
_MONEY_WORDS = {"price", "cost", "costs", "budget", "spend", "pay", "cheap", "priced", "costing", "wallet", "allows", "paying"}


def price_of(message: Message, amount: Amount, benign: Sequence[bool]) -> tuple[Constraint, ...]:
    """The price bounds that an amount stands for; empty when it is not a price.

    ``benign`` marks tokens already understood (values, stop words): a figure before an unknown noun ("under 3 wheels") is no price.
    """
    limit = _is_limit(message, amount, benign)
    if not (limit or amount.currency or (amount.cue and _is_sum(message, amount, benign)) or _near_money(message, amount)):
        return ()
    low, high = (None, amount.value) if limit else _bounds(message, amount)
    if high is not None and high <= 0:
        return ()
    said = message.words(amount.start, amount.last)
    found = []
    if low is not None and low >= 0:
        found.append(Constraint("price", Op.AT_LEAST, number=low, said=said))
    if high is not None and high >= 0:
        found.append(Constraint("price", Op.AT_MOST, number=high, said=said))
    return tuple(found)


def price_leaning(word: str, direction: int, bound: float | None) -> Constraint | None:
    """ "cheap" and "expensive": a wish for the lower or upper third of prices; ``None`` where no prices are listed."""
    if bound is None:
        return None
    op = Op.AT_MOST if direction < 0 else Op.AT_LEAST
    return Constraint("price", op, number=round(bound, 2), strength=Strength.PREFER, said=word)


def _is_sum(message: Message, amount: Amount, benign: Sequence[bool]) -> bool:
    """Whether what follows the figure lets it be a sum of money."""
    if amount.unit or amount.value < 0:
        return False
    if amount.last >= len(message.tokens):
        return True
    following = message.tokens[amount.last]
    if following.text in _NOT_MONEY_AFTER or (following.glued and following.word):
        return False
    return not following.word or following.text in stop_words() or following.stem in stop_words() or benign[amount.last]


def _is_limit(message: Message, amount: Amount, benign: Sequence[bool]) -> bool:
    """A bare sum that the rest of the message calls all there is: "150. That's all I've got", "my budget changed, it's 150"."""
    if amount.cue or amount.value < LEAST_SUM or not _is_sum(message, amount, benign):
        return False
    before = [t.text for t in message.tokens[max(0, amount.first - _FAR) : amount.first]]
    told = bool(_SPENDING & set(before)) and not {"cheap", "around"} & set(before)
    may = before[-1:] in (["be"], ["cost"]) and before[-2:-1] in (["can"], ["could"], ["may"], ["might"])
    return told or may or before[-1:] == ["got"] or bool(ALL_THERE_IS.search(message.text))


def _near_money(message: Message, amount: Amount) -> bool:
    before = {t.text for t in message.tokens[max(0, amount.start - 3) : amount.first]}
    left = [t.text for t in message.tokens[max(0, amount.first - 4) : amount.first]]
    for_it = left[-1:] == ["for"] and bool(set(left) & {"get", "buy", "got", "find"}) and amount.value >= LEAST_SUM
    return not amount.unit and (for_it or bool(before & _MONEY_WORDS))


def _bounds(message: Message, amount: Amount) -> tuple[float | None, float | None]:
    if amount.cue:
        return amount.low, amount.high
    before = {t.text for t in message.tokens[max(0, amount.start - 3) : amount.first]}
    if before & _LIMITS:
        return None, amount.value
    return round(amount.value * (1 - AROUND_SHARE), 2), round(amount.value * (1 + AROUND_SHARE), 2)
