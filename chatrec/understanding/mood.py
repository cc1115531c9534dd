"""The shopper's mood in [-1, 1], from a small lexicon with negation, capitals and exclamation marks."""

from __future__ import annotations

from chatrec.understanding.lists import word_set
from chatrec.understanding.text import Message

_GOOD = word_set("good_mood.txt")
_BAD = word_set("bad_mood.txt")
_TURN = {"not", "no", "never", "isn't", "don't", "doesn't", "didn't", "wasn't", "hardly", "can't", "won't"}
_SCALE = 2.0  # two clear words of one colour make the mood certain


def score_mood(message: Message) -> float:
    """-1 is angry, 0 says nothing, 1 is delighted."""
    total = 0.0
    tokens = message.tokens
    for index, token in enumerate(tokens):
        value = (token.text in _GOOD) - (token.text in _BAD)
        if not value:
            continue
        turned = any(t.text in _TURN for t in tokens[max(0, index - 3) : index])
        loud = token.raw.isupper() and len(token.raw) > 2
        # "no bad idea" is faint praise; "not good" is a complaint.
        total += (-0.5 * value if value < 0 else -1.0 * value) if turned else value * (1.5 if loud else 1.0)
    marks = sum(t.text == "!" for t in tokens)
    if total:
        total *= 1.0 + min(marks, 3) * 0.1
    words = [t for t in tokens if t.word]
    if not total and len(words) >= 4 and all(t.raw.isupper() for t in words):
        total = -0.6  # shouting
    return round(max(-1.0, min(1.0, total / _SCALE)), 3)
