"""How many people are meant where no figure says it: "just me", "me and my wife", "the two of us", "2 adults and a kid"."""

from __future__ import annotations

import re

from chatrec.understanding.text import Message

_SOMEBODY = (
    r"(?:(?:my|our|the|a) )?(?:wife|husband|girlfriend|boyfriend|partner|friend|buddy|mate|son|daughter|kid|child|mum|mom|dad|mother|"
    r"father|brother|sister|fiance|fiancee|baby|toddler|colleague|cousin)"
)
_ONE = re.compile(r"\b(?:just|only|solo|alone)(?: for)? (?:me|myself|one person)\b|\b(?:me|myself) (?:only|alone)\b|\bsolo\b|\bon my own\b")
_TWO = re.compile(
    rf"\b(?:me|myself|us) and {_SOMEBODY}\b|\b{_SOMEBODY} and (?:me|i|myself)\b|\b(?:the )?(?:2|two) of us\b|\bus (?:2|two)\b"
    r"|\bboth of us\b|\b(?:for|as|we are|we're) a couple\b(?! of)"
)
_AND_ONE = re.compile(r"^ ?(?:and|plus|with|\+) (?:a|an|one|1|my|our) (?:kid|child|baby|toddler|teenager|dog)\b")


_KIN = (
    r"(?:wife|husband|girlfriend|boyfriend|partner|friends?|budd(?:y|ies)|mates?|pals?|sons?|daughters?|kids?|child|children|mum|mom|dad|"
    r"mother|father|parents|brothers?|sisters?|boys?|girls?|fiancee?|baby|babies|toddlers?|colleagues?|cousins?|twins|lads?|missus|"
    r"hubby|dog)"
)
_MEMBER = (
    rf"(?:(?:my|our|the|a|an|her|his|some|and|another) )*(?:(?P<n>\d{{1,2}}) )?"
    rf"(?:(?:little|small|young|best|teenage|grown up) )*{_KIN}\b"
)
_PARTY = re.compile(
    rf"\b(?:(?:me|myself|i|us)(?P<first> ?,| and| plus| with| \+)(?P<others>(?: (?:,|and|plus|with|\+)|"
    rf" {_MEMBER.replace('?P<n>', '?:')})+))"
)


def _party(message: Message) -> tuple[int, range] | None:
    """The shopper and everyone named after: "me, my wife and our 2 boys" are four."""
    match = _PARTY.search(message.text)
    people = list(re.finditer(_MEMBER, match["others"])) if match else []
    if match is None or not people:
        return None
    count = 1 + sum(int(m["n"]) if m["n"] else 2 if m.group().split()[-1] in ("parents", "twins") else 1 for m in people)
    return count, message.span(match.start(), match.start("others") + people[-1].end())


def count_people(message: Message) -> tuple[int, range] | None:
    """The number of people and the tokens that tell it; ``None`` where nothing does."""
    if found := _party(message):
        return found
    for count, pattern in ((2, _TWO), (1, _ONE)):
        if match := pattern.search(message.text):
            return count, message.span(match.start(), match.end())
    return None


def one_more(message: Message, last: int) -> range:
    """The tokens after a count of people that add one ("2 adults and a kid"); empty where none do."""
    if not 0 < last < len(message.tokens) or not any(t.number is not None for t in message.tokens[max(0, last - 2) : last]):
        return range(0)
    start = message.tokens[last].start
    match = _AND_ONE.match(message.text[start:])
    return message.span(start, start + match.end()) if match else range(0)
