"""Small slips of a small model, mended before the gate judges the sentence: something said twice, a verb repeated for nothing."""

from __future__ import annotations

import re

# "is the warmest and is the warmest", "is waterproof and waterproof", "comes with a hood and a hood"
_TWICE = re.compile(
    r"\b(?P<said>(?:are|have|[a-z]+s) (?:(?:with|in|of|as|for|from) )?"
    r"(?P<what>(?:[^,.;:\[\]]|\.(?=\d)){2,80}?))(?:,| and|, and) (?:(?P=said)|(?P=what))"
    r"(?=,|;|\.| and |$)"
)
# "is listed as white and is listed as pack of 4"
_LISTED = re.compile(r"\b(?P<first>(?:is|are) listed as (?:[^.;:\[\]]|\.(?=\d))+?)(?P<joint>,| and|, and) (?:is|are) listed as ")
_OTHER_VERB = re.compile(r"\b(?:comes?|has|have|weighs?|holds?|measures?|(?:is|are)(?! listed))\b")
# "with the most pockets and the most pockets", "the cheapest, the lightest and the lightest"
_SAME_THING = re.compile(r"(?P<listed>, )?\b(?P<thing>(?:the|a|an) (?:[\w-]+ ){0,4}[\w-]+),? and (?P=thing)\b(?! (?!and)[a-z])")
# "does not say what is made of it": a question turned round
_TURNED = re.compile(r"\bwhat is made (?:of|from) (?P<it>it|\[\d+\])")
MOST_ROUNDS = 4


def edited(sentence: str) -> str:
    """The sentence without the slips; any other comes back as it is."""
    for _ in range(MOST_ROUNDS):
        better = _TURNED.sub(r"what \g<it> is made of", sentence)
        better = _LISTED.sub(_listed_once, _TWICE.sub(r"\g<said>", _SAME_THING.sub(_once, better)))
        if better == sentence:
            return sentence
        sentence = better
    return sentence


def _listed_once(found: re.Match[str]) -> str:
    """Both as one list; as they are where another verb stands between them."""
    return found[0] if _OTHER_VERB.search(found["first"]) else f"{found['first']}{found['joint']} "


def _once(found: re.Match[str]) -> str:
    """What was listed twice, once; where it ends a longer list, behind its "and"."""
    return f"{' and ' if found['listed'] else ''}{found['thing']}"
