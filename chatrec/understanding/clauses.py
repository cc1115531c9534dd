"""Cuts a message into clauses: each may carry its own intent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from chatrec.understanding.text import Message

MOST_CLAUSES = 12
_STOPS = {".", "?", "!", ";"}
_STARTERS = (
    r"show|find|give|tell|compare|recommend|suggest|forget|skip|undo|start|what|what's|where|where's|when|"
    r"how|how's|why|who|which|do you|does|did|can|could|would|is|are|"
    r"i need|i want|(?:i|we) (?:only|just|really|actually|now) (?:need|want)|"
    r"i'm|i am|i'd|i would|i like|i love|i don't|i hate|i also|i take|i'll|i will|i was|"
    r"let's|please|has my|have you|my order|my package|my parcel|track|also|not|but|there|remove|add|talk|"
    r"take|buy|order|search|look|get me|help|any|we need|we want|we are|we're|thanks|thank|it's|that's|the "
    r"(?:first|second|third|last|other)"
)
_LINK = re.compile(
    rf"(?:(?: ,)? (?:and|but|also|then|plus|oh)(?: (?:then|also|please|could you please|finally))?|(?: ,)) (?=(?:{_STARTERS})\b)"
)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|thanks|thank you|no thanks|ok|okay|"
    r"great|cool|perfect|nice|yes|yeah|no|sorry|please|hmm+(?: no| ok| well)?|nah|well|oh|ah)(?: there| everyone| bot| "
    r"again)?(?= ,|$| !)"
)
_NOT_CUT = re.compile(r"\b(?:between|from) [^,.;]{0,20}$")
# "but not", "and not": what follows belongs to the wish before it.
_STAYS = re.compile(r"^(?:not|but|any|also|is|are|i like|i love|i hate|i don't|the|add|get me|there)\b")
# "But it's not a must": said of the wish before it.
_SOFTENS = re.compile(
    r"^(?:it's|it is|that's|that is|this is|which is|these are|they're) (?:really |absolutely |strictly |by no means )*(?:not|"
    r"no) (?:really |that |"
    r"strictly )*(?:an? )?(?:must|essential|important|required|requirement|necessary|mandatory|vital|need|deal ?breaker|condition)\b"
)
_WEIGHS = re.compile(r"^(?:and |but )?(?:which|compare|what|is|are|who)\b")
_OWN = re.compile(
    r"^(?:i don't like (?:the|it|that|this|these|those)|i hate (?:the|it|that|this)|i (?:like|love) (?:the|"
    r"it|that|this)|not (?:that|this|the) |is (?:it|the|that|this|there)|are (?:they|these|those|you|"
    r"there)|the |any other|there (?:is|are))"
)


# "Add the first and the third": one act on both; "I like the first and the second is ugly" are two.
_LISTS = re.compile(r"\bthe (?:first|second|third|fourth|fifth|last)(?: one)?$")
_SAYS = re.compile(
    r"^the (?:first|second|third|fourth|fifth|last|other)(?: one)? (?:is|are|was|looks|has|seems|could|would|can|does|costs)\b"
)
# "Forget the tents, sleeping bags under 80": what is dropped, and what is wanted in its place.
_DROPS = re.compile(
    r"^(?:(?:ok|okay|no|oh|actually|well|please|right|so|hm+|,) )*(?:forget|scrap|scratch|strike|ditch|skip|drop|leave|never ?mind)"
    r"(?: about)?(?: (?:the|that|it|this|those|these|all that|my))?(?: [a-z0-9]+){0,5}?(?= (?:,|-|:|;|instead|rather) )"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Tokens ``first`` to ``last`` (not included)."""

    first: int
    last: int
    text: str
    asks: bool

    def holds(self, index: int) -> bool:
        """Whether a token lies inside."""
        return self.first <= index < self.last


def cut_clauses(message: Message) -> list[Clause]:
    """The clauses in order; none is empty of words."""
    clauses: list[Clause] = []
    first = 0
    for index in range(len(message.tokens) + 1):
        at_end = index == len(message.tokens)
        if at_end or message.tokens[index].text in _STOPS:
            asks = not at_end and message.tokens[index].text == "?"
            clauses += _inner(message, first, index, asks)
            first = index + 1
    worded = [c for c in clauses if any(t.text[:1].isalnum() or t.text == "#" for t in message.tokens[c.first : c.last])]
    if len(worded) > MOST_CLAUSES:
        head, tail = worded[: MOST_CLAUSES - 1], worded[MOST_CLAUSES - 1 :]
        rest = Clause(tail[0].first, tail[-1].last, message.words(tail[0].first, tail[-1].last), tail[-1].asks)
        return [*head, rest]
    return worded


def _dropped(text: str) -> int:
    """Where the words end that give something up at the start of a sentence; 0 where none do."""
    match = _DROPS.match(text)
    return match.end() if match and ("what i said" in match.group() or not any(c.isdigit() for c in match.group())) else 0


def _goes_on(text: str, joint: int, rest: str) -> bool:
    """Whether what follows a joint belongs to the act before it: "add the first and the third", "boots but not leather"."""
    weighed = _WEIGHS.match(text) or (_LISTS.search(text[:joint]) and not _SAYS.match(rest))
    if rest.startswith("the ") and weighed:
        return True
    return bool(_NOT_CUT.search(text[:joint]) or _SOFTENS.match(rest) or (_STAYS.match(rest) and not _OWN.match(rest)))


def _inner(message: Message, first: int, last: int, asks: bool) -> list[Clause]:
    """One sentence cut where a new act begins."""
    if first >= last:
        return []
    text = message.words(first, last)
    cuts = [0]
    greeting = _GREETING.match(text)
    if greeting and greeting.end() < len(text):
        cuts.append(greeting.end())
    if dropped := _dropped(text):
        cuts.append(dropped)
    for match in _LINK.finditer(text):
        rest = text[match.end() :]
        if match.start() > cuts[-1] and not _goes_on(text, match.start(), rest):
            cuts.append(match.start())
    offset = message.tokens[first].start
    places = [message.at(offset + c + (1 if c else 0)) if c else first for c in cuts]
    bounds = [*sorted(set(places)), last]
    found = []
    for start, stop in pairwise(bounds):
        while start < stop - 1 and message.tokens[start].text in (",", "and", "but", "then", "also", "oh", "plus", "-", ":"):
            start += 1
        if start < stop:
            found.append(Clause(start, stop, message.words(start, stop), asks and stop == last))
    return found
