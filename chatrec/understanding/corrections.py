"""Second thoughts inside one message: of "a tent, no wait, a tarp" the tarp is meant, of "under 100, sorry, 150" the 150."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chatrec.understanding.amounts import Amount, read_amounts
from chatrec.understanding.lexicon import Mention
from chatrec.understanding.lists import stop_words
from chatrec.understanding.text import Message, join

_TAKEN_BACK = (
    r"(?:no ,? ?wait|wait ,? ?no|(?:oh |no )?,? ?wait|no ,? ?(?:actually|sorry|rather|make (?:it|that))|"
    r"(?:or |no ,? ?)?i (?:mean|meant)(?: to say)?|"
    r"(?:no ,? ?)?make (?:it|that)|scratch that|strike that|sorry|oops|or rather|rather|correction|actually|on second thoughts?|"
    r"(?:or )?better(?: yet| still)?|nope|no)"
)
_GOES_ON = {"that", "this", "it", "to", "no", "yes", "so", "my", "about", "what", "how", "why", "you", "your", "and", "by", "at"}
MOST_BETWEEN = 3  # tokens between a figure and the second thought about it
_MARK = re.compile(
    rf"(?:^|(?<= ))[,.;:-](?: [.-])*(?: (?:oh|hmm+|uh|um|ah|well|but))? {_TAKEN_BACK}(?: ,?(?: -)? ?{_TAKEN_BACK})*(?: [,.:-])?(?= )"
)
_SURE = re.compile(r" (?:no ,? ?wait|wait ,? ?no|i mean|i meant|scratch that|strike that|or rather)(?: ,)?(?= )")
# "Did I say 42? I meant 43": all of it but what was meant.
_SAID = re.compile(
    r"^(?:(?:oh|sorry|oops|no|wait|hm+|,) )*(?:did i say|i (?:said|wrote|typed|put)) [^?.!;]{1,40}? [?,.;] (?:(?:sorry|oops|no|,) )*"
    r"(?:i (?:meant|mean)(?: to (?:say|write|type))?|make (?:it|that)|it's|it should (?:be|read)|that should be|should be) (?=\S)"
)
# After these words of a second thought more is said, and nothing taken back: "a tent, actually also a mat", "no wool", "no more than 50".
_ADDS = re.compile(r"^ ?(?:also|and|plus|too|more|less|than|matter|need|problem|idea|preference|\w+ (?:too|as well)\b)")


# "As I told you, with buttons": what stands before is said of the conversation and not of the thing.
_AGAIN = re.compile(
    r"^(?:(?:no|hm+|ok|okay|well|but|sorry|please|look|,) )*"
    r"(?:(?:as|like) i(?:'ve)?(?: have| already| just)* (?:said|told you|wrote|mentioned|explained)|"
    r"i(?:'ve)?(?: have| already| just)* (?:said|told you|wrote|mentioned)|(?:(?:i|to) )?repeat(?: myself)?|i'll say it(?: all)? again|"
    r"(?:please )?(?:read|listen)(?: (?:it|that|me|this|my \w+))?(?: again| properly)|(?:once )?again(?= [,:])|once more(?= [,:]))"
    r"(?: (?:before|already|earlier|above|once))*(?: [,:;-])* (?=\S)(?!(?:[$€£] )?\d[\d.]* ,? ?not\b)"
)


def without_preamble(message: Message) -> Message:
    """What is said again, of a message that begins by saying that it was said before; all of it where nothing to look for follows."""
    match = _AGAIN.match(message.text)
    if match is None:
        return message
    rest = message.text[match.end() :].split()
    told = [w for w in rest if w[:1].isalnum() and w not in stop_words()]
    return join(list(message.tokens[message.at(match.end()) :])) if told and rest[0] not in _GOES_ON else message


def without_misstatement(message: Message) -> Message:
    """What was meant, of a message that repeats what was said before to put it right."""
    match = _SAID.match(message.text)
    return join(list(message.tokens[message.at(match.end()) :])) if match else message


def find_corrections(message: Message) -> list[range]:
    """The tokens of each second thought that has something before and something after it."""
    found: list[range] = []
    for pattern in (_MARK, _SURE):
        for match in pattern.finditer(message.text):
            span = message.span(match.start() + (match.group()[:1] == " "), match.end())
            plain_no = match.group().split()[-1] == "no"  # "boots, no leather"
            if plain_no or _ADDS.match(message.text[match.end() :]) or span.start == 0 or any(set(span) & set(f) for f in found):
                continue
            found.append(span)
    return sorted(found, key=lambda s: s.start)


def without_taken_back(message: Message, marks: Sequence[range], mentions: Sequence[Mention]) -> Message:
    """The message as it would have been written at once: what stands after a mark replaces what of its kind stands nearest before it."""
    kept = list(mentions)
    amounts = read_amounts(message, ())
    dropped: set[int] = set()
    for mark in marks:
        dropped |= set(mark)
        before = [m for m in kept if m.last <= mark.start]
        after = [m for m in kept if m.first >= mark.stop]
        for field in dict.fromkeys(_sort(m) for m in after):
            dropped |= _drop(kept, [m for m in before if _sort(m) == field][-1:])
        if not after and message.words(mark.stop, mark.stop + 1) in ("a", "an", "some"):
            dropped |= _drop(kept, [m for m in before if m.kind][-1:])
        dropped |= _old_figure(amounts, mark)
    return join([t for i, t in enumerate(message.tokens) if i not in dropped])


def _sort(mention: Mention) -> str:
    return "kind" if mention.kind else mention.field


def _drop(kept: list[Mention], mentions: Iterable[Mention]) -> set[int]:
    gone: set[int] = set()
    for mention in mentions:
        kept.remove(mention)
        gone |= set(range(mention.first, mention.last))
    return gone


def _old_figure(amounts: Sequence[Amount], mark: range) -> set[int]:
    """The tokens of the figure right before a mark, where another stands after it; its "under" stays if the new one has none."""
    old = next((a for a in reversed(amounts) if 0 <= mark.start - a.last <= MOST_BETWEEN), None)
    new = next((a for a in amounts if 0 <= a.start - mark.stop <= MOST_BETWEEN), None)
    if old is None or new is None or (old.unit and new.unit and old.unit != new.unit):
        return set()
    return set(range(old.start if new.cue else old.first, old.last))
