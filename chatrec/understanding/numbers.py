"""Figures and number words: "1,299.00", "12,50", "twenty five", "two hundred", "minus five"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatrec.understanding.text import Token

_ONES = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(20),
        strict=True,
    )
)
_TENS = dict(
    zip(
        ["twenty", "thirty", "forty", "fourty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        (20, 30, 40, 40, 50, 60, 70, 80, 90),
        strict=True,
    )
)
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "dozen": 12}
_NOTES = {"fiver": 5.0, "tenner": 10.0}  # banknotes: "a tenner" is a sum
# Right after these, or right before a currency, a bare "hundred" is one hundred.
_LIMITING = set("under over below above than to max maximum least most around about of exceed exceeding".split())
_CURRENCIES = {"dollar", "euro", "buck", "quid", "pound", "$", "€", "£"}
_DENOMINATORS = {2.0, 3.0, 4.0, 8.0, 16.0, 32.0, 64.0}  # rulers in inches
_MEASURING = set("holding holds hold carries carry of weighing weighs weigh under over below above than about around least most".split())
_WHOLE = {"litre", "kilo", "kilogram", "metre", "gallon", "pint"}
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$")
# "one" is mostly a pronoun ("the blue one"); it counts only before something that can be counted.
_COUNTABLE = {
    "person",
    "man",
    "litre",
    "l",
    "kg",
    "kilo",
    "kilogram",
    "gram",
    "metre",
    "year",
    "day",
    "hour",
    "hundred",
    "thousand",
    "dozen",
    "pound",
    "euro",
    "dollar",
    "inch",
    "adult",
    "piece",
    "terabyte",
    "gigabyte",
}


def figure(text: str) -> float | None:
    """The value of a written figure, or ``None``. The last separator is the decimal one, unless the groups read as thousands."""
    if not text[:1].isdigit() or len(text) > 30:
        return None
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        whole = re.sub(r"[.,]", "", text[:decimal])
        return float(f"{whole}.{text[decimal + 1 :]}")
    if _THOUSANDS.match(text) and ("," in text or text.count(".") > 1):
        return float(re.sub(r"[.,]", "", text))
    if text.count(",") + text.count(".") > 1:
        return float(re.sub(r"[.,]", "", text))
    return float(text.replace(",", "."))


def number_text(number: float) -> str:
    """The canonical spelling: 1299, 12.5, -5."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:.6g}"


def merge_numbers(tokens: Sequence[Token]) -> list[Token]:
    """The same tokens with figures and runs of number words made one token that carries its value."""
    merged: list[Token] = []
    i = 0
    while i < len(tokens):
        value, length = _number_at(tokens, i)
        if value is None:
            merged.append(tokens[i])
            i += 1
            continue
        first = tokens[i]
        if _is_minus(merged, first, tokens[i - 1] if i else None):
            value = -value
            first = replace(first, glued=merged.pop().glued)
        text = number_text(value)
        raw = "".join(f" {t.raw}" if n and not t.glued else t.raw for n, t in enumerate(tokens[i : i + length]))
        merged.append(replace(first, text=text, stem=text, raw=raw, number=value))
        i += length
    return merged


def _is_minus(merged: Sequence[Token], first: Token, before: Token | None) -> bool:
    if before is None or not merged:
        return False
    if before.text == "minus":
        return True
    return before.text == "-" and first.glued and not before.glued and (len(merged) < 2 or merged[-2].number is None)


def _number_at(tokens: Sequence[Token], i: int) -> tuple[float | None, int]:
    """The number that starts at ``i`` and how many tokens it takes."""
    if (value := figure(tokens[i].text)) is not None:
        return _fraction_at(tokens, i) or _scaled(tokens, i, value) or (value, 1)
    if tokens[i].text in ("a", "half") and i + 1 < len(tokens):
        return _loose_amount(tokens, i)
    if tokens[i].text in _NOTES:
        return _NOTES[tokens[i].text], 1
    total, current, used = 0.0, 0.0, 0
    seen = False
    while i + used < len(tokens):
        word = tokens[i + used].text
        if word in _ONES and not (word == "one" and not _counts(tokens, i + used, seen)):
            current += _ONES[word]
        elif word in _TENS:
            # "one fifty" is a hundred and fifty
            current = current * 100 + _TENS[word] if used == 1 and 0 < current < 10 else current + _TENS[word]
        elif word in _SCALES and (seen or word == "dozen" or _stands_alone(tokens, i)):
            current = max(current, 1.0) * _SCALES[word]
            if _SCALES[word] == 1000:
                total, current = total + current, 0.0
        elif not (seen and word in ("and", "-") and _continues(tokens, i + used)):
            break
        seen = True
        used += 1
    return (total + current, used) if seen else (None, 0)


def _scaled(tokens: Sequence[Token], i: int, value: float) -> tuple[float, int] | None:
    """ "2 hundred", "5hundred"."""
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    return (value * _SCALES[following], 2) if following in ("hundred", "thousand") and value < 1000 else None


def _stands_alone(tokens: Sequence[Token], i: int) -> bool:
    """Whether a bare "hundred" is a figure: "not above hundred dollars"."""
    before = tokens[i - 1].text if i else ""
    after = tokens[i + 1].stem if i + 1 < len(tokens) else ""
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    ranged = before == "the" and following in ("to", "mark", "-")
    return (
        before in _LIMITING or after in _CURRENCIES or ranged or following in _TENS or (following in ("to", "and") and before == "between")
    )


def _fraction_at(tokens: Sequence[Token], i: int) -> tuple[float, int] | None:
    """ "1/2", "3/4": the fractions that sizes are given in."""
    if i + 2 >= len(tokens) or tokens[i + 1].text != "/" or not (tokens[i + 1].glued and tokens[i + 2].glued):
        return None
    above, below = figure(tokens[i].text), figure(tokens[i + 2].text)
    if above is None or below not in _DENOMINATORS or not 0 < above < below:
        return None
    return above / below, 3


def _loose_amount(tokens: Sequence[Token], i: int) -> tuple[float | None, int]:
    """ "a hundred", "half a kilo"."""
    word, following = tokens[i].text, tokens[i + 1].text
    before = tokens[i - 1].text if i else ""
    if word == "a" and tokens[i + 1].stem in _WHOLE and (before in _MEASURING or "of" in [t.text for t in tokens[i + 2 : i + 3]]):
        return 1.0, 1
    if word == "a" and following in _NOTES:
        return _NOTES[following], 2
    if word == "a" and following in _SCALES:
        return float(_SCALES[following]), 2
    if word == "half" and tokens[i + 1].stem in _COUNTABLE - {"person"}:
        return 0.5, 1
    if word == "a" and tokens[i + 1].stem in _WHOLE and [t.text for t in tokens[i + 2 : i + 5]] == ["and", "a", "half"]:
        return 1.5, 1
    if word == "half" and following in ("a", "an") and i + 2 < len(tokens) and tokens[i + 2].stem in _COUNTABLE - {"person"}:
        return 0.5, 2
    return None, 0


def _counts(tokens: Sequence[Token], i: int, seen: bool) -> bool:
    before = tokens[i - 1].text if i else ""
    if before in ("number", "option", "item"):
        return True
    if seen and (before in _TENS or before in ("hundred", "thousand", "and", "-")):
        return True
    after = [t.stem for t in tokens[i + 1 : i + 3] if t.text != "-"]
    if after and after[0] in _TENS and not seen:
        return True
    return bool(after) and after[0] in _COUNTABLE and before not in ("the", "this", "that", "which", "first")


def _continues(tokens: Sequence[Token], i: int) -> bool:
    """Whether "and" or a hyphen at ``i`` joins two parts of one number ("two hundred and fifty", "twenty-five")."""
    if i + 1 >= len(tokens):
        return False
    before, after = tokens[i - 1].text, tokens[i + 1].text
    if tokens[i].text == "-":
        return before in _TENS and after in _ONES
    return before in ("hundred", "thousand") and (after in _ONES or after in _TENS)
