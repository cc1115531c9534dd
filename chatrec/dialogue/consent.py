"""A word on what was asked before a change: yes, no, or one of the answers offered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.tool import Pending

YES, NO = "yes", "no"
MOST_ANSWER_WORDS = 12
_POLITE = r"(?:please|thanks|thank you|then|thx|do|do it|do that|do so|go ahead|put it in|sure|yes|ok|okay|remember (?:it|that)|of course)"
_YES = re.compile(
    r"^(?:(?:oh|ah|um|well) )?(?:yes|yep|yeah|yup|ya|sure|ok|okay|k|please do|please|do it|do that|go ahead|go for it|of course|absolutely|"
    rf"definitely|certainly|correct|right|exactly|sounds good|that's right|that is right|perfect|great|fine|y)(?: {_POLITE})*$"
)
_NO = re.compile(
    r"^(?:(?:oh|ah|um|well|sorry) )?(?:no|nope|nah|not now|not really|don't|do not|cancel|cancel that|cancel it|leave it|stop|never mind|"
    r"nevermind|rather not|i'd rather not|better not|forget it|no need|n)(?: (?:please|thanks|thank you|don't|do not|leave it|not now|thx|"
    r"that's fine|it's fine|cancel|no|need|it|that|wait|hold on|stop))*$"
)
_LEADING = re.compile(
    r"^\s*(?P<word>yes please|yes|yep|yeah|sure|ok|okay|no thanks|nope|nah|no)\b\s*[,.;:!-]+\s*"
    r"(?:and |but |also )?(?P<rest>\S+(?:\s+\S+)+)$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def words(text: str) -> str:
    """The words of a message in small letters, one space between them."""
    return " ".join(w.casefold().replace("’", "'") for w in _WORDS.findall(text))


def consent(message: str) -> str:
    """``YES``, ``NO``, or an empty string where the message is neither and nothing else."""
    said = words(message)
    return YES if _YES.match(said) else NO if _NO.match(said) else ""


def split_consent(message: str) -> tuple[str, str]:
    """A yes or no at the head of a message that goes on to something else: the word and the rest; two empty strings elsewhere."""
    found = _LEADING.match(message)
    if found is None or not (word := consent(found["word"])):
        return "", ""
    return word, found["rest"]


def chosen_option(message: str, options: Sequence[str]) -> str:
    """The one of ``options`` that the message names: the same words, or all of its words among others in a short message."""
    said = words(message)
    whole = [o for o in options if words(o) == said]
    if whole:
        return whole[0]
    if len(said.split()) > MOST_ANSWER_WORDS:
        return ""
    held = [o for o in options if words(o) and re.search(rf"(?<!\S){re.escape(words(o))}(?!\S)", said)]
    longest = max(held, key=len, default="")
    return longest if all(words(o) in words(longest) for o in held) else ""


def is_on_topic(message: str, pending: Pending) -> bool:
    """Whether a message answers what was asked, so that nothing else needs to be made of it."""
    if pending.missing and pending.options:
        meant = consent(message) == NO or (consent(message) == YES and pending.kind == "cart")
        return bool(chosen_option(message, pending.options)) or (meant and not pending.is_beside)
    return bool(consent(message))
