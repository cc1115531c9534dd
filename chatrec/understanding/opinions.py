"""What a message says of products that it calls by name: liked, had, disliked, or wanted others like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chatrec.understanding.clauses import Clause
from chatrec.understanding.lists import stop_words
from chatrec.understanding.named import BETWEEN, Named
from chatrec.understanding.text import Message


class Opinion(StrEnum):
    """Of one product."""

    LIKED = "liked"
    HAD = "had"  # without a word on how it is: who has it chose it
    DISLIKED = "disliked"
    ALIKE = "alike"  # others like it are wanted
    NONE = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A name and what is said of the product."""

    named: Named
    opinion: Opinion


_GOOD = (
    r"lov(?:e|es|ed)|lik(?:e|es|ed)|enjoy(?:s|ed)?|ador(?:e|es|ed)|prefer(?:red)?|favou?rites?|great|awesome|amazing|fantastic|wonderful|"
    r"brilliant|excellent|superb|perfect|good|fun|funny|best|fan of|happy with|worked (?:well|great)|works (?:well|great)"
)
_BAD = (
    r"hat(?:e|es|ed)|dislik(?:e|es|ed)|awful|terrible|horrible|boring|bad|worst|dreadful|rubbish|useless|garbage|overrated|"
    r"disappoint(?:ed|ing|ment)|fell apart|broke(?: down)?|can't stand|couldn't stand|not for me|uncomfortable|poor|"
    rf"(?:not|n't|never|no|wasn't|isn't|didn't|don't|doesn't|hardly)(?: \w+){{0,2}} (?:{_GOOD}|care for|impressed|into|keen on)"
)
_HAD = (
    r"(?:have|'ve|has|had)(?: \w+)? (?:seen|watched|read|used|bought|tried|owned|got)|have|had|own|owns|owned|bought|got|use|used|saw|"
    r"watched|read|wear|wore|tried"
)
_SAID = re.compile(
    rf"\b(?:(?P<bad>{_BAD})|(?P<good>{_GOOD})|(?P<had>(?:i|we|my \w+)(?: (?:already|just|also|still|only|recently))? (?:{_HAD})))\b"
)
# "Similar to X"; "films like X", but not "I like X", "people who like X".
_ALIKE = re.compile(
    r"\b(?:similar to|close to|comparable to|in the (?:vein|style|spirit) of|along the lines of|such as|same as|alternatives? to|"
    r"reminds? me of|(?P<before>\S+ )?like)(?: (?:the|a|an|my|maybe))*$"
)
_WHO_LIKES = frozenset("i we you they to would really also do not don't didn't doesn't i'd did who still quite must people kids".split())
# Asks whether it is there, or for it: what is searched for by its name, and nothing is said of it.
_SEEKS = re.compile(
    r"^(?:(?:hi|hello|hey|so|and|ok|okay|please|yes|well|,) )*(?:(?:do|does) (?:you|the shop|your shop) (?:guys )?"
    r"(?:have|sell|carry|stock|offer)|have you got|you got|got|any|show|find|search|look|"
    r"(?:i'm|i am|we're|we are) (?:after|looking|searching)|looking for|(?:i|we) (?:need|want|would like|'d like)\b(?! something)|i'd like|"
    r"where (?:can|do) i (?:find|get|buy)|can i (?:get|buy|have|see)|is there|are there|in search)\b"
)
# "Tell me about the Moorpot oven" asks to hear of it.
_TO_HEAR_OF = re.compile(
    r"\b(?:tell|know|say|hear|read|more|info|information|details?)\b.{0,20}\b(?:about|of|on)\b|^(?:please )?describe\b"
)
_VERBS = frozenset({"is", "are", "was", "does", "do", "has", "can", "will", "compare", "than", "why", "how"})
_PRONOUN = re.compile(r"\b(?:it|that one|they|them|both|that was|those)\b")
_ASKS = re.compile(
    r"^(?:(?:and|so|but|ok|well|hi|hello|hey|,) )*(?:is|are|does|do|can|could|will|would|has|how|what|which|why|who|when|where)\b"
)


def opinions_of(message: Message, clauses: Sequence[Clause], found: Sequence[Named]) -> list[Judged]:
    """What is said of each of these names, in their order."""
    judged: list[Judged] = []
    for named in found:
        clause = next((c for c in clauses if c.holds(named.first)), None)
        opinion = _of(message, clause, named, found) if clause else Opinion.NONE
        last = judged[-1] if judged else None
        between = [t.text for t in message.tokens[last.named.last : named.first]] if last else []
        if last is not None and between and all(w in BETWEEN or w in ("the", "a", "an", "also") for w in between):
            if opinion is Opinion.NONE or last.opinion is Opinion.ALIKE:
                opinion = last.opinion  # "X and Y were great", "like X or Y"
            elif last.opinion is Opinion.NONE and opinion is not Opinion.ALIKE:
                judged[-1] = Judged(last.named, opinion)
        judged.append(Judged(named, opinion))
    return [_with_what_follows(j, clauses, found) for j in judged]


def _with_what_follows(judged: Judged, clauses: Sequence[Clause], found: Sequence[Named]) -> Judged:
    """ "I had X. It fell apart": what is told of it next counts where nothing was told yet."""
    told = _told_after(judged.named, clauses, found) if judged.opinion in (Opinion.NONE, Opinion.HAD) else Opinion.NONE
    return judged if told is Opinion.NONE else replace(judged, opinion=told)


def _told_after(named: Named, clauses: Sequence[Clause], found: Sequence[Named]) -> Opinion:
    """What the next clause says of "it", where it names nothing itself: "I saw X. It was great"."""
    after = next((c for c in clauses if c.first >= named.last), None)
    if after is None or any(after.holds(n.first) or named.last <= n.first < after.first for n in found) or _ASKS.match(after.text):
        return Opinion.NONE
    said = _SAID.search(after.text) if _PRONOUN.search(after.text) else None
    return _meant(said) if said is not None and not said["had"] else Opinion.NONE


def _of(message: Message, clause: Clause, named: Named, found: Sequence[Named]) -> Opinion:
    """Said before the name, after it, or of "it" in the next clause."""
    others = [n for n in found if n is not named]
    start = max((n.last for n in others if n.last <= named.first and n.first >= clause.first), default=clause.first)
    stop = min((n.first for n in others if n.first >= named.last), default=clause.last)
    before = message.words(start, named.first)
    alike = _ALIKE.search(before)
    if alike and (alike["before"] or "").strip() not in _WHO_LIKES:
        return Opinion.ALIKE
    if _ASKS.match(clause.text):
        return Opinion.NONE
    told = [_meant(m) for m in _SAID.finditer(before)]
    if not told or stop == clause.last:  # "I hated X but enjoyed Y": what stands between is said of Y
        told += [_meant(m) for m in _SAID.finditer(message.words(named.last, stop))]
    if not told:
        return Opinion.NONE
    if told[0] is Opinion.DISLIKED:
        return Opinion.DISLIKED if told[-1] is Opinion.HAD else told[-1]
    return next((o for o in (Opinion.DISLIKED, Opinion.LIKED) if o in told), Opinion.HAD)


def _meant(match: re.Match[str]) -> Opinion:
    return Opinion.DISLIKED if match["bad"] else Opinion.HAD if match["had"] else Opinion.LIKED


def speaks_of(message: Message, clause: Clause, judged: Sequence[Judged]) -> bool:
    """Whether a clause says or asks something of what it names. One that asks for it, or is nothing but names, is left to the search."""
    if any(j.opinion is not Opinion.NONE for j in judged if clause.holds(j.named.first)):
        return True
    inside = {i for j in judged for i in range(j.named.first, j.named.last)}
    rest = [t for i, t in enumerate(message.tokens) if clause.holds(i) and i not in inside]
    if _TO_HEAR_OF.search(clause.text):
        return True
    return not _SEEKS.match(clause.text) and any(t.text not in stop_words() or t.text in _VERBS for t in rest if t.word)


def is_asked_of_next(clause: Clause, clauses: Sequence[Clause]) -> bool:
    """Whether the next clause asks something of "it": "and the Moorpot oven, what does it weigh?"."""
    after = next((c for c in clauses if c.first >= clause.last), None)
    asks = after is not None and bool(_ASKS.match(after.text) and _PRONOUN.search(after.text))
    return asks and not _SEEKS.match(clause.text)
