"""Amounts in a message: a figure with its bounds, its unit and its currency, before it is known what it measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.understanding.amount_phrases import APIECE, BETWEEN, BEYOND, CAPPED, COSTING, LEFT, REJECTED, RIGHT, TURNED
from chatrec.understanding.party import count_people, one_more
from chatrec.understanding.text import Message
from chatrec.understanding.units import unit_of

AROUND_SHARE = 0.15  # "around 100" means 85 to 115
_REACH = 48  # characters beside a figure that can hold its comparator

_PARTY = re.compile(r"\b(?:we are|we're|family of|group of|party of|there are|there will be)\s*$")
_CURRENCY = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "usd": "USD",
    "eur": "EUR",
    "gbp": "GBP",
    "dollar": "USD",
    "euro": "EUR",
    "buck": "USD",
    "quid": "GBP",
    "inr": "INR",
    "rupee": "INR",
    "rs": "INR",
    "cad": "CAD",
    "aud": "AUD",
    "chf": "CHF",
    "franc": "CHF",
    "yen": "JPY",
}
_MOVED = re.compile(
    r"\s*(?:rais|increas|lower|reduc|chang|set|bump|extend|stretch|mov|push|cut|bring|up (?:the|my|our|it)\b)[a-z]*\b.* to\b"
)
_DATED = re.compile(r"(?:^|\s)(?:after|since|before|until|prior to)\s*$")
FIRST_YEAR, LAST_YEAR = 1800, 2100
_JOINTS = {"to", "-", "and", "till", "until"}


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens ``first`` to ``last`` (not included) say ``low`` <= x <= ``high``. ``cue`` is how the bounds were said: ``most``, ``least``,
    ``about``, ``between`` or "" for a bare figure; ``value`` is that bare figure. ``start`` includes the comparator's words."""

    first: int
    last: int
    start: int
    value: float
    low: float | None
    high: float | None
    cue: str
    unit: str = ""
    currency: str = ""
    dated: bool = False  # a year with "after", "since" or "before"
    judged: int = 0  # tokens at its end that only say what is thought of it ("is too much")


def read_amounts(message: Message, taken: Sequence[bool]) -> list[Amount]:
    """Every amount, left to right; tokens marked in ``taken`` (order numbers, positions, values) are not read."""
    found: list[Amount] = []
    index = 0
    while index < len(message.tokens):
        token = message.tokens[index]
        if token.number is None or (taken and taken[index]):
            index += 1
            continue
        amount = _range_at(message, index, taken) or _single_at(message, index)
        if amount.unit == "persons" and not amount.cue and (more := one_more(message, amount.last)):
            amount = replace(amount, last=more.stop, value=amount.value + 1)
        if found and (party := _joined_party(message, found[-1], amount)):
            found[-1] = party
        else:
            found.append(amount)
        index = amount.last
    return found or _party_of(message)


def _party_of(message: Message) -> list[Amount]:
    """The people of "me and my wife" as an amount."""
    counted = count_people(message)
    return [Amount(counted[1].start, counted[1].stop, counted[1].start, counted[0], None, None, "", "persons")] if counted else []


def _joined_party(message: Message, one: Amount, other: Amount) -> Amount | None:
    """ "2 adults and 2 kids" are four."""
    between = message.words(one.last, other.start)
    if one.unit != "persons" or other.unit != "persons" or between not in ("and", ",", "+", "plus", "with"):
        return None
    return replace(one, last=other.last, value=one.value + other.value, low=None, high=None, cue="")


def _range_at(message: Message, index: int, taken: Sequence[bool]) -> Amount | None:
    """ "between 50 and 100", "from 50 to 100", "50-100", "$50 to $80"."""
    tokens = message.tokens
    low_end, low_unit, low_currency = _tail(message, index)
    if low_end >= len(tokens) or tokens[low_end].text not in _JOINTS:
        return None
    second = low_end + 1
    while second < len(tokens) and tokens[second].stem in _CURRENCY:
        second += 1
    if second >= len(tokens) or (high := tokens[second].number) is None or (taken and taken[second]):
        return None
    left = _before(message, index)
    between = BETWEEN.search(left)
    if tokens[low_end].text == "and" and not (between and "between" in between.group()):
        return None
    end, unit, currency = _tail(message, second)
    low = tokens[index].number or 0.0
    if high < low:
        if high * 1000 > low and unit == "" and tokens[low_end].text == "-":
            return None
        low, high = high, low
    scale = 1000.0 if _thousands(message, second) else 1.0
    low_scale = scale if low < high else 1.0
    start = _start_of(message, index, between.start() if between else None, left)
    currency = currency or low_currency or _currency_before(message, index)
    return Amount(index, end, start, high * scale, low * low_scale, high * scale, "between", unit or low_unit, currency)


def _single_at(message: Message, index: int) -> Amount:
    value = message.tokens[index].number or 0.0
    end, unit, currency = _tail(message, index)
    if _thousands(message, index):
        value *= 1000.0
    left = _before(message, index)
    right = message.text[message.tokens[end].start :][:_REACH] if end < len(message.tokens) else ""
    cue, start_offset, taken_right = _cue(left, right)
    if cue == "most" and unit and start_offset is not None and _MOVED.match(left[start_offset:]):
        cue = ""  # "increase to 4 persons" caps nothing
    if right.lstrip().startswith("plus") and cue == "least" and taken_right and not (unit or currency or _currency_before(message, index)):
        cue, start_offset, taken_right = "", None, 0  # "iphone 7 plus"
    if dated := _DATED.search(left) if not (cue or unit or currency) and FIRST_YEAR <= value <= LAST_YEAR else None:
        cue, start_offset = "least" if dated.group().strip() in ("after", "since") else "most", dated.start()
    start = _start_of(message, index, start_offset, left)
    unbound = end
    if taken_right:
        end = message.at(message.tokens[end].start + taken_right - 1) + 1
        late_end, late_unit, late_currency = _tail(message, end - 1)
        end = late_end if late_unit or late_currency else end
        unit, currency = unit or late_unit, currency or late_currency
    low = {"least": value, "about": _bound(value, -1)}.get(cue)
    high = {"most": value, "about": _bound(value, 1)}.get(cue)
    judged = end - unbound if taken_right and REJECTED.match(right) else 0
    return Amount(index, end, start, value, low, high, cue, unit, currency or _currency_before(message, index), dated is not None, judged)


def _bound(value: float, sign: int) -> float:
    return round(value + sign * AROUND_SHARE * abs(value), 4)


def _cue(left: str, right: str) -> tuple[str, int | None, int]:
    """How the bound is said: the words before the figure first, then those after it."""
    best: tuple[str, int | None, int] = ("", None, 0)
    longest = 0
    for cue, pattern in LEFT.items():
        match = pattern.search(left)
        if match and len(match.group().strip()) > longest:
            longest = len(match.group().strip())
            best = (cue, match.start(), 0)
    if best[0] in ("most", "least"):
        return _as_meant(best, left, right)
    apiece = APIECE.match(right)
    skipped = apiece.end() if apiece else 0
    for cue, pattern in RIGHT.items():
        if right and (match := pattern.match(right) or (pattern.match(right[skipped:].lstrip()) if skipped else None)):
            return cue, best[1], match.end() if match.string == right else skipped + 1 + match.end()
    if not best[0] and COSTING.search(left) and CAPPED.search(left):
        return "most", None, 0  # "no sofa that costs 2000"
    beyond = BEYOND.match(right)
    for cue, pattern in RIGHT.items() if beyond and not best[0] else ():
        if cue != "about" and pattern.match(right[beyond.end() - 1 :]):  # type: ignore[union-attr]
            return cue, best[1], 0
    return best


def _as_meant(best: tuple[str, int | None, int], left: str, right: str) -> tuple[str, int | None, int]:
    """A bound said before its figure, turned round where it is denied ("not over 50") or turned down ("over 50 is too much")."""
    weak = best[1] is not None and left[best[1] :].split()[:1] in (["spend"], ["budget"])
    if weak and right and (match := RIGHT["least"].match(right)):
        return "least", best[1], match.end()  # "spend 200 or more"
    turned = TURNED.search(left[: best[1]]) if best[1] else None
    if turned or (best[0] == "least" and best[1] and CAPPED.search(left[: best[1]])):
        return "least" if best[0] == "most" else "most", turned.start() if turned else best[1], 0
    if rejected := REJECTED.match(right):
        return "least" if best[0] == "most" else "most", best[1], rejected.end()
    return best


def _before(message: Message, index: int) -> str:
    start = message.tokens[index].start
    return message.text[max(0, start - _REACH) : start]


def _start_of(message: Message, index: int, offset: int | None, left: str) -> int:
    """The first token of the amount, comparator and currency sign included."""
    if offset is None:
        while index and message.tokens[index - 1].stem in _CURRENCY:
            index -= 1
        return index
    place = message.tokens[index].start - len(left) + offset
    found = message.at(place)
    return found if message.tokens[found].start >= place else found + 1


def _tail(message: Message, index: int) -> tuple[int, str, str]:
    """Where the figure's unit or currency ends, and which they are: "2 k", "40 l", "3 - person", "50 dollars"."""
    tokens = message.tokens
    end = index + 1
    if _thousands(message, index):
        end += 1
    joined = end
    if end + 1 < len(tokens) and tokens[end].text == "-" and tokens[end].glued and tokens[end + 1].word:
        joined = end + 1
    if joined >= len(tokens):
        return end, "persons" if _PARTY.search(_before(message, index)) else "", ""
    if [t.text for t in tokens[end : end + 2]] == ["of", "us"] or (_PARTY.search(_before(message, index)) and not tokens[joined].word):
        return (end + 2 if tokens[joined].word else end), "persons", ""
    word = tokens[joined]
    if word.stem in _CURRENCY:
        return joined + 1, "", _CURRENCY[word.stem]
    unit = unit_of(word.stem, word.glued or joined > end) or unit_of(word.text, word.glued or joined > end)
    if not unit:
        return end, "", ""
    if word.text == "°" or word.stem == "degree":
        scale = tokens[joined + 1].stem if joined + 1 < len(tokens) else ""
        if scale in ("c", "f", "celsius", "centigrade", "fahrenheit"):
            return joined + 2, unit_of(scale, True), ""
    return joined + 1, unit, ""


def _thousands(message: Message, index: int) -> bool:
    """ "2k", "1.5 k": the k touches the figure, or a price word stands before it."""
    following = message.tokens[index + 1] if index + 1 < len(message.tokens) else None
    if following is None or following.text not in ("k", "grand"):
        return False
    after = message.tokens[index + 2].stem if index + 2 < len(message.tokens) else ""
    priced = bool(_currency_before(message, index)) or any(
        p.search(_before(message, index)) for p in (LEFT["most"], LEFT["least"], LEFT["about"])
    )
    return priced or after in _CURRENCY or after in ("budget", "max", "maximum", "tops") or following.text == "grand"


def _currency_before(message: Message, index: int) -> str:
    return _CURRENCY.get(message.tokens[index - 1].stem, "") if index else ""
