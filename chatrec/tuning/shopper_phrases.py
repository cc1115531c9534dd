"""How invented shoppers put it in training dialogues, and how their messages are mistyped."""

from __future__ import annotations

import random
import re

REFINED = (
    "cheaper?",
    "anything cheaper",
    "something {x}",
    "{x} please",
    "same but {x}",
    "do you have it {x}?",
    "and {x}?",
    "ok but {x}",
    "more like that, {x}",
)
OPEN = (
    "{kind}",
    "show me {kind}",
    "looking for {kind}",
    "do you have {kind}?",
    "i need {kind}",
    "what {kind} do you have",
    "{kind} please",
    "any good {kind}?",
)
WISHED = (
    "{kind}, {x}",
    "{kind} that are {x}",
    "looking for {kind}, {x} if possible",
    "i want {kind}. must be {x}",
    "{x} {kind}?",
    "hi, {kind} please, {x}",
)
COMPARED = (
    "compare them|whats the difference|which one would you take|compare 1 and 2|first or second?|can you compare these?|how do they differ|"
    "difference between the two?|i can't decide between these|pros and cons?|which is better|help me choose|side by side pls"
).split("|")
OF_TWO = re.compile(r"\b(?:two|second|1 and 2|which is better)\b")
"""In a wording that speaks of two items alone."""
WHY = (
    "why this one?",
    "why did you show me that",
    "how did you pick it",
    "why the first",
    "what makes you recommend it",
    "why that one",
    "reason?",
)
SOURCES = (
    "matches '{x}'",
    "matches your words",
    "is popular here",
    "is liked by many",
    "is bought together with what you liked",
    "is close to what you looked at",
)


def spoilt(text: str, rng: random.Random) -> str:
    """The message as people type it: now and then a swapped or lost letter, a missing capital, a stray sign."""
    if rng.random() < 0.12 and len(text) > 12:
        i = rng.randrange(3, len(text) - 3)
        text = text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :] if rng.random() < 0.5 else text[:i] + text[i + 1 :]
    if rng.random() < 0.15:
        text = text[:1].upper() + text[1:]
    return text + rng.choice(("", "", "", "", "", "", "!", " :)", "...", " thx"))
