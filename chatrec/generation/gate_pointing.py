"""Items pointed at without their number: "the second", "the other one", "the latter", "the other two".

Cards stand in the order of their numbers, so code can read which one is meant. A pointer that could mean several stays as it is and
finds no record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.facts import Evidence
from chatrec.generation.verbs import is_auxiliary, is_singular_verb

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
_POINTER = re.compile(
    r"\b(?:the|that|this) (?P<what>first|second|third|fourth|fifth|sixth|last|former|latter|others?)\b"
    r"(?P<one> (?:one|two|three|four|ones)\b)?"
    r"(?P<of> of (?:these|them|those|the (?:two|three|four|five|six)))?(?=(?P<next>[\s,.;:!?)]*[\w\[]*))",
    re.IGNORECASE,
)
_CITE = re.compile(r"\[(\d{1,2})\]")
_AGAINST = re.compile(
    r"\d[\d.,]*(?: ?[A-Za-z°%]{1,12})? (?:against|versus|vs|compared (?:with|to)) \d[\d.,]*(?: ?[A-Za-z°%]{1,12})?(?=[.,;!]|$)"
)
_SIZES = {"one": 1, "two": 2, "three": 3, "four": 4}
# What may stand behind a pointer without being the thing that it counts ("the second drawer").
_BEHIND = frozenset(
    "and or but while for at in with by if though as which that instead too also only just never not is are has have does do can will "
    "would should comes costs weighs holds runs lasts measures gives offers adds brings needs fits keeps leaves wins gets takes goes over "
    "than one from".split()
)


def pointed_out(sentence: str, evidence: Evidence, previous: Sequence[int]) -> str:
    """The sentence with ``[n]`` for each item that it points at by its place; anything else as it is."""
    if not evidence.items:
        return sentence
    numbers = [item.n for item in evidence.items]
    sentence = _set_against(sentence, numbers, previous)
    pieces: list[str] = []
    end = 0
    for match in _POINTER.finditer(sentence):
        before = [int(n) for n in _CITE.findall("".join([*pieces, sentence[end : match.start()]]))] or list(previous)
        meant = _meant(match, numbers, before, evidence.shopper) if _stands_alone(match, sentence) else []
        if meant:
            pieces += [sentence[end : match.start()], _cited(meant)]
            end = match.end()
    return "".join([*pieces, sentence[end:]]) if pieces else sentence


def _set_against(sentence: str, numbers: Sequence[int], previous: Sequence[int]) -> str:
    """ "450 lm against 200 lm": of two items, the second figure is the other's."""
    named = {int(n) for n in _CITE.findall(sentence)} or set(previous)
    if len(numbers) != 2 or len(named) != 1 or not named < set(numbers):
        return sentence
    return _AGAINST.sub(rf"\g<0> for [{next(n for n in numbers if n not in named)}]", sentence)


def _stands_alone(match: re.Match[str], sentence: str) -> bool:
    """Whether the pointer is a thing by itself, and not the adjective of the word behind it."""
    following = match["next"].strip().lower()
    if match["one"] or match["of"] or not following or following[0] in ",.;:!?)[":
        return True
    word = following.lstrip(" ,.;:!?)[")
    return word in _BEHIND or is_auxiliary(word) or (is_singular_verb(word) and match["what"].lower() != "first" and word != "boots")


def _meant(match: re.Match[str], numbers: Sequence[int], before: Sequence[int], shopper: str) -> list[int]:
    what, size = match["what"].lower(), _SIZES.get((match["one"] or "").strip(), 0)
    if what in _ORDINALS:
        place = _ORDINALS[what]
        if len(numbers) == 1:  # the shopper's own pointer, said back
            return list(numbers) if re.search(rf"\b{what}\b", shopper, re.IGNORECASE) else []
        return [numbers[place - 1]] if place <= len(numbers) and size < 2 else []
    if what == "last":
        return [numbers[-1]] if len(numbers) > 1 and size < 2 else []
    named = list(dict.fromkeys(n for n in before if n in numbers))
    if what in ("former", "latter"):
        return [named[-2] if what == "former" else named[-1]] if len(named) == 2 else []
    return _rest(named, numbers, size, what == "others")


def _rest(named: Sequence[int], numbers: Sequence[int], size: int, is_many: bool) -> list[int]:
    """The items not named yet; of two items, the one that was not named last."""
    if len(numbers) == 2 and named and not is_many and size < 2:
        return [n for n in numbers if n != named[-1]]
    rest = [n for n in numbers if n not in named]
    fits = len(rest) == size if size else (len(rest) > 1) is is_many
    return rest if rest and named and fits else []


def _cited(numbers: Sequence[int]) -> str:
    return " and ".join(f"[{n}]" for n in numbers)
