"""A sentence as the gate reads it: words, figures with their units, citations and the breaks between clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from chatrec.generation.gate_words import stem, words_of
from chatrec.generation.units import spoken_unit


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    CITE = "cite"
    BREAK = "break"  # a comma, "and": the next words may speak of another item
    STRONG = "strong"  # a semicolon, "while": they probably do
    OTHER = "other"  # a sign that no plain sentence needs


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``start``/``end`` are its place in the text; ``joined`` says that it hangs on the one before ("two-person")."""

    kind: Kind
    text: str
    start: int
    end: int
    stem: str = ""
    value: float = 0.0
    unit: str = ""
    money: bool = False
    joined: bool = False


_TOKEN = re.compile(
    r"(?P<cite>\[\s*\d{1,3}\s*\])"
    r"|(?P<money>(?:[$€£¥]|\b(?:usd|eur|gbp)\b)\s?-?\d[\d,]*(?:\.\d+)?)"
    r"|(?P<number>(?:(?<![\w\]])[-−–])?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?:(?<![\w\]])[-−–])?\d+(?:\.\d+)?)"
    r"|(?P<degree>°\s?[CFcf]?\b|°|%)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*[\d²³]*(?:\w*\d\w*)?)"
    r"|(?P<dash>\s[-–—]+\s|—|(?<!\d)–|–(?!\d))"
    r"|(?P<mark>[-–/×&+'\"’‘“”™®]|#(?=\d))"
    r"|(?P<weak>[,()])"
    r"|(?P<strong>[;:.!?…])"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.IGNORECASE | re.UNICODE | re.DOTALL,
)
_WEAK_WORDS = frozenset({"and", "or", "nor", "plus"})
_STRONG_WORDS = frozenset({"while", "whereas", "but", "though", "although", "yet"})
_ONES = words_of(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = words_of("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS = {w: float(n) for n, w in enumerate(_ONES)} | {w: 10.0 * n for n, w in enumerate(_TENS, start=2)}
CURRENCY_WORDS = frozenset(words_of("dollar dollars euro euros pound pounds buck bucks cent cents usd eur gbp quid yen"))
_POINTING = frozenset({"the", "this", "that", "which"})
_TAILS = frozenset({"re", "ve", "ll", "d", "m", "s"})


def tokenise(text: str) -> list[Token]:
    """All tokens of ``text`` in order; any string is fine."""
    return list(_tokenised(text))


@lru_cache(maxsize=4096)  # a record's facts are read again in every turn that speaks of it
def _tokenised(text: str) -> tuple[Token, ...]:
    found: list[Token] = []
    joined = False
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "other", match.group()
        if kind == "space":
            joined = False
        elif kind == "mark":
            joined = piece in "-–/×+" and bool(found) and found[-1].end == match.start()
        elif kind == "degree":
            _attach_degree(found, match)
        else:
            found.extend(_tokens(kind, piece, match.start(), joined and bool(found)))
            joined = False
    return tuple(_with_units(_with_halves(_without_stock(found)), text))


def _without_stock(tokens: list[Token]) -> list[Token]:
    """ "out of stock" and "sold out" read as "not in stock", so that their polarity is seen."""
    i = 0
    while i < len(tokens) - 1:
        stems = tuple(t.stem for t in tokens[i : i + 3])
        size = 3 if stems == ("out", "of", "stock") else 2 if stems[:2] == ("sold", "out") else 0
        if size:
            last = replace(tokens[i + size - 1], stem="stock")
            denied = i > 0 and tokens[i - 1].stem == "not"  # "not out of stock" is in stock
            tokens[i - denied : i + size] = [last] if denied else [replace(tokens[i], stem="not"), last]
        i += 1
    return tokens


def _with_halves(tokens: list[Token]) -> list[Token]:
    """ "Half a litre" and "one year" as figures in front of their units."""
    found: list[Token] = []
    for i, token in enumerate(tokens):
        if token.stem == "half" and i + 2 < len(tokens) and tokens[i + 1].text.lower() in ("a", "an") and spoken_unit(tokens[i + 2].text):
            found.append(Token(Kind.NUMBER, "half", token.start, tokens[i + 1].end, value=0.5))
        elif (
            token.stem == "one" and i + 1 < len(tokens) and spoken_unit(tokens[i + 1].text) and not (i and tokens[i - 1].stem in _POINTING)
        ):
            found.append(replace(token, kind=Kind.NUMBER, value=1.0))
        elif not (i and tokens[i - 1].stem == "half" and found and found[-1].end == token.end):
            found.append(token)
    return found


def _tokens(kind: str, piece: str, start: int, joined: bool) -> Iterator[Token]:
    end = start + len(piece)
    if kind == "cite":
        yield Token(Kind.CITE, piece, start, end, value=float(piece.strip("[] ")))
    elif kind in ("money", "number"):
        value = float(re.sub(r"[^\d.]", "", piece) or 0)
        sign = -1.0 if piece[0] in "-−–" else 1.0
        yield Token(Kind.NUMBER, piece, start, end, value=sign * value, money=kind == "money", joined=joined)
    elif kind == "word":
        yield from _words(piece, start, joined)
    elif kind == "weak":
        yield Token(Kind.BREAK, piece, start, end)
    elif kind in ("strong", "dash"):
        yield Token(Kind.STRONG, piece, start, end)
    else:
        yield Token(Kind.OTHER, piece, start, end)


def _words(piece: str, start: int, joined: bool) -> Iterator[Token]:
    end, low = start + len(piece), piece.lower().replace("’", "'")
    if low in _WEAK_WORDS or low in _STRONG_WORDS:
        yield Token(Kind.BREAK if low in _WEAK_WORDS else Kind.STRONG, piece, start, end, stem=low)
    elif low in NUMBER_WORDS and low != "one":
        yield Token(Kind.NUMBER, piece, start, end, stem=low, value=NUMBER_WORDS[low], joined=joined)
    elif low.endswith("n't") or low == "cannot":
        head = {"can't": "can", "won't": "will", "cannot": "can"}.get(low, low.removesuffix("n't"))
        yield Token(Kind.WORD, piece, start, end, stem=stem(head), joined=joined)
        yield Token(Kind.WORD, piece, start, end, stem="not")
    else:
        head, _, tail = low.partition("'")
        yield Token(Kind.WORD, piece, start, end, stem=stem(head if tail in _TAILS else low), joined=joined)


def _with_ranges(tokens: list[Token]) -> list[Token]:
    """ "65 - 135 cm" and "between 65 and 135 cm" as "65 to 135 cm"."""
    found = list(tokens)
    for i in range(1, len(tokens) - 1):
        low, link, high = tokens[i - 1 : i + 2]
        dash = link.kind is Kind.STRONG and link.text.strip() in ("-", "–")
        between = link.stem == "and" and i > 1 and tokens[i - 2].stem == "between"
        both = low.kind is Kind.NUMBER and high.kind is Kind.NUMBER and low.value < high.value and not low.money
        if (dash or between) and both and low.unit in ("", high.unit):
            found[i] = replace(link, kind=Kind.WORD, stem="to")
    return found


def _attach_degree(found: list[Token], match: re.Match[str]) -> None:
    unit = spoken_unit(match.group().replace(" ", ""))
    if found and found[-1].kind is Kind.NUMBER and unit:
        found[-1] = replace(found[-1], unit=unit, end=match.end())
    else:
        found.append(Token(Kind.OTHER, match.group(), match.start(), match.end()))


def _with_units(tokens: list[Token], text: str) -> list[Token]:
    """Figures take the unit word behind them; "twenty-five" becomes one figure; "3 to 5 days" and "30 x 20 cm" share their unit."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if last and last.kind is Kind.NUMBER and not last.unit:
            if token.kind is Kind.WORD and (token.text.lower() in CURRENCY_WORDS) and spoken_unit(token.text) != "lb":
                merged[-1] = replace(last, money=True, end=token.end)
                continue
            unit = spoken_unit(token.text) if token.kind is Kind.WORD and not last.money else ""
            if unit:
                merged[-1] = replace(last, unit=unit, end=token.end, text=text[last.start : token.end])
                continue
            if token.kind is Kind.NUMBER and token.joined and last.stem and token.stem and last.value >= 20 and token.value < 10:
                merged[-1] = replace(last, value=last.value + token.value, end=token.end)
                continue
        merged.append(token)
    merged = _with_ranges(merged)
    for i in range(len(merged) - 3, -1, -1):
        first, link, second = merged[i], merged[i + 1], merged[i + 2]
        if first.kind is Kind.NUMBER and second.kind is Kind.NUMBER and link.stem in ("to", "x", "by") and not first.unit:
            merged[i] = replace(first, unit=second.unit, money=first.money or second.money)
    for i in range(len(merged) - 2, -1, -1):
        first, second = merged[i], merged[i + 1]
        if first.kind is Kind.NUMBER and second.kind is Kind.NUMBER and second.joined and not first.unit:
            merged[i] = replace(first, unit=second.unit)
    return merged
