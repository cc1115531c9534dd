"""Yes and no to an open question: which messages say one of them, and which only begin with such a word."""

from __future__ import annotations

import re
from collections.abc import Collection

from chatrec.understanding.text import Message

YES, NO = "yes", "no"
_HEAD = r"^(?:(?:oh|ah|um|uh|hm+|well|so)(?: ,)? )*"
_PLAIN_YES = re.compile(rf"{_HEAD}(?:yes|yep|yeah|yup)\b(?!(?: ,)? (?:no|not|nope)\b)")
# An adverb before what it goes with is no answer: "definitely the red ones".
_SURE = re.compile(rf"{_HEAD}(?:definitely|absolutely|certainly|of course|please do)\b(?= [,.;:!-]| and\b| but\b)")
# "Ok sorry, merino socks please" goes on with something else: "ok" answers where only assent comes after it.
_ASSENTING = re.compile(rf"{_HEAD}(?:yes|yep|yeah|yup|ok|okay|sure|definitely|absolutely|certainly|of course|please do)\b(?P<rest>.*)$")
_SURELY = re.compile(
    r"^(?:it |that |they )?(?:needs? to be|must be|has to be|have to be|should be)(?: (?:a|yes|it|that|so|they|please|[.!]))*$"
)
# "No merino, please" and "no preference" turn down a thing or the question: these are answers where only denial comes after them.
_NO = re.compile(
    rf"{_HEAD}(?:(?:ok|okay|yeah|sorry)(?: ,)? )?"
    r"(?:(?:absolutely|definitely|certainly|of course|rather|better|preferably) not|"
    r"not (?:really|needed|necessary|necessarily)|no|nope|nah)\b(?P<rest>.*)$"
)
# "No, but under 30" answers, and goes on.
_GOES_ON = re.compile(r"^(?: [,;-])? (?:and|but)\b")
_ASSENT = frozenset(
    "then please yes yep yeah yup sure do that that's this it it's they would will should must has have needs need to be is sounds good "
    "fine great nice better best so go ahead for with let's say definitely absolutely certainly of course thanks thank you ok okay".split()
)
_DENIAL = frozenset(
    "thanks thank you please it that that's they i we no nope not need needs needed necessary really don't doesn't isn't needn't have has "
    "to be think so for me us at all way never".split()
)


def yes_or_no(message: Message, about: Collection[str]) -> str:
    """``YES`` or ``NO`` where the message answers a question about ``about`` (the stems of the field's name), else an empty string.

    Default deny: a limit that nobody set hides items, and a question that was not answered is only passed over.
    """
    if (denied := _NO.match(message.text)) is not None:
        return NO if _GOES_ON.match(denied["rest"]) or _only(denied["rest"], message, _DENIAL, about) else ""
    answered = _PLAIN_YES.match(message.text) or _SURE.match(message.text) or is_yes_or_no(message, about)
    return YES if answered else ""


def is_yes_or_no(message: Message, about: Collection[str]) -> bool:
    """Whether the message says yes or no, and nothing else."""
    if (denied := _NO.match(message.text)) is not None:
        return _only(denied["rest"], message, _DENIAL, about)
    said = _ASSENTING.match(message.text)
    return bool(_SURELY.match(message.text)) or (said is not None and _only(said["rest"], message, _ASSENT, about))


def _only(rest: str, message: Message, words: Collection[str], about: Collection[str]) -> bool:
    """Whether the rest of the message holds nothing but such ``words`` and the name of the field."""
    said = rest.split()
    stem_of = {token.text: token.stem for token in message.tokens}
    named = bool(about) and set(about) <= {stem_of.get(word, word) for word in said}
    beside = {"one", "ones"} if named else set[str]()
    return all(not w[:1].isalnum() or w in words or w in beside or stem_of.get(w, w) in about for w in said)
