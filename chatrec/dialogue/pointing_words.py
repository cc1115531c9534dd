"""A question with the words that point at its item put as "it": which item is meant is known by then, and a writer must not take "the first
one" for a property."""

from __future__ import annotations

import re

_PLACE = r"(?:first|second|third|fourth|fifth|last|other|1st|2nd|3rd|4th|5th)"
_THING = r"(?:one|item|option|product|article)"
# "The first aid kit", "the second layer": a place among other things than those shown.
_OF_A_PART = r"(?! (?:aid|layer|time|thing|year|hand|floor|day|week|row|class|generation|edition|season|person|half|part|pair|side|of)\b)"
_POINTER = re.compile(
    rf"\b(?:the {_PLACE}(?: {_THING})?|{_PLACE} {_THING}|(?:the )?(?:number|no|option|item) (?:\d|one|two|three|four)|"
    rf"(?:this|that|the) {_THING})\b{_OF_A_PART}|#\d\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|its|they|their|them)\b", re.IGNORECASE)
_LEFT_OVER = re.compile(r"^(?:(?:and|so|but|what about|how about|of|,|:|-)\s*)+", re.IGNORECASE)


def asked_of_it(question: str) -> str:
    """ "Is the first one waterproof?" -> "is it waterproof?"; "the second one, what is it made of" -> "what is it made of"."""
    if _POINTER.search(question) is None:
        return question
    if _IT.search(question):
        return _LEFT_OVER.sub("", " ".join(_POINTER.sub(" ", question, count=1).split())) or question
    return " ".join(_POINTER.sub("it", question, count=1).split())
