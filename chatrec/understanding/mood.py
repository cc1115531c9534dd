"""The shopper's mood in [-1, 1]: what the words say of the shop or its bot, and not of the weather.

A lexicon in five strengths, each pattern with the weight of its section. Words that are as often said of other things ("terrible",
"broken", "hate") count only where the clause is aimed at the shop. A general lexicon (VADER) cannot tell the two apart: measured in
docs/decisions/0013-intents-languages-moods.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.understanding.lists import lines_of
from chatrec.understanding.text import Message

# Anger is what a colleague should hear of: ``dialogue.decide`` hands off at -0.75.
WEIGHTS = {"abuse": -1.0, "angry": -0.8, "aimed strong": -0.6, "aimed mild": -0.4, "unhappy": -0.4, "pleased": 0.5}
SHOUTED = -0.6
_LOUD, _INTENSE, _AGAIN, _MARK = 1.3, 1.3, 1.35, 0.1
_TURNED_BAD, _TURNED_GOOD = -0.9, -0.5  # "not good" is a complaint, "not bad" faint praise

_AIMED = re.compile(
    r"\b(?:you|your|yours|you're|you've|u|ur|bot|robot|chatbot|chat|machine|shop|store|company|service|support|staff|website|"
    r"site|app|order|orders|"
    r"parcel|package|delivery|shipping|courier|refund|answers?|reply|replies|suggestions?|recommendations?|customers?|"
    r"experience|results?)\b"
)
# "This is terrible", "awful!", "it's a nightmare here": short, and about what was just said or shown.
_BARE = re.compile(
    r"^(?:(?:no|oh|wow|well|ok|and|but|hmm|ugh|god|so) )*(?:(?:this|that|these|those|it|they|what|how|absolutely|totally|really|"
    r"just)(?:'s|'re)?"
    r"|complete|utter|pure)\b.{0,30}$|^\S+(?: \S+)?$"
)
# A wish, or a question about things: what is bad in it is not the shop.
_WISH = re.compile(
    r"\b(?:i (?:need|want|look|search)|looking for|show me|find|do you (?:have|sell|stock|carry)|any |something|anything|"
    r"recommend|suggest|for (?:a|the|my|terrible|bad)|"
    r"against|gift|present)\b"
)
_ASKS = re.compile(
    r"^(?:(?:and|but|so|hi|hello) )*(?:how (?:do|can|should|to)|what (?:if|happens|about)|is|are|does|do|can|could|would|will|"
    r"where|when|which)\b"
)
# Whose fault it is when it is not the shop's.
_ELSEWHERE = re.compile(
    r"\bmy (?:\w+ )?(?:old|last|previous|current|boss|husband|wife|ex|dog|cat|neighbou?r|kids?|son|daughter|mother|father|mum|"
    r"mom|dad|sister|brother|friend|"
    r"back|knees?|feet|foot|hip|neck|job|life|flight|train|landlord)\b|\b(?:weather|rain|cold|heat|summer|winter|wind|traffic|"
    r"war|mosquitoes|outside)\b"
    r"|\b(?:the|another|other) (?:previous|other|last) (?:one|brand|shop|store)\b"
)
_AGAIN_WORDS = re.compile(r"\b(?:again|still|(?:second|third|fourth|fifth|\w+th) time|every time|always|weeks|months|yet)\b")
_INTENSE_WORDS = re.compile(r"\b(?:absolutely|totally|completely|utterly|incredibly|extremely|so|such|really|very|ever|beyond)\b")
_TURN = re.compile(r"\b(?:not|no|never|isn't|don't|doesn't|didn't|wasn't|aren't|hardly|can't|won't|nothing)(?: \S+){0,2} $")
_CUT = re.compile(r" [.!?;,] | [.!?;,]$|^[.!?;,] ")


def _compiled() -> dict[str, re.Pattern[str]]:
    found: dict[str, list[str]] = {}
    section = ""
    for line in lines_of("moods.txt"):
        if line.startswith("["):
            section = line.strip("[]")
        else:
            found.setdefault(section, []).append(line)
    return {name: re.compile(rf"(?<!\S)(?:{'|'.join(lines)})(?!\S)") for name, lines in found.items()}


_PATTERNS = _compiled()


def score_mood(message: Message) -> float:
    """-1 is abuse, -0.75 and below anger at the shop or its bot, about -0.4 a complaint, 0 says nothing, 1 is delighted."""
    text = message.words(0, len(message.tokens))
    clauses = [c.strip() for c in _CUT.split(f"{text} ") if c.strip()]
    values = [v for clause in clauses for v in _values(clause)]
    words = [t for t in message.tokens if t.word]
    if not values:
        return SHOUTED if len(words) >= 4 and all(t.raw.isupper() for t in words) else 0.0
    total = _together(values)
    bad = total < 0.0
    if bad and _AGAIN_WORDS.search(text):
        total *= _AGAIN
    if bad and _INTENSE_WORDS.search(text):
        total *= _INTENSE
    if any(t.raw.isupper() and len(t.raw) > 2 for t in words):
        total *= _LOUD
    total *= 1.0 + min(sum(t.text == "!" for t in message.tokens), 3) * _MARK
    return round(max(-1.0, min(1.0, total)), 3)


def is_abusive(message: Message) -> bool:
    """Whether the shopper insults the bot or the people of the shop."""
    return bool(_PATTERNS["abuse"].search(message.words(0, len(message.tokens))))


def _together(values: list[float]) -> float:
    """The worst, and half of what else is said: two complaints are more than one. Praise beside a complaint softens it."""
    worst = min(values) if min(values) < 0.0 else max(values)
    return worst + 0.5 * (sum(values) - worst)


def _values(clause: str) -> Iterator[float]:
    aimed = _is_aimed(clause)
    taken: list[tuple[int, int]] = []
    for section, weight in WEIGHTS.items():
        if section.startswith("aimed") and not aimed:
            continue
        if section == "pleased" and _WISH.search(clause):
            continue
        for match in _PATTERNS[section].finditer(clause):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            yield _turned(weight, clause[: match.start()])


def _turned(weight: float, before: str) -> float:
    """The weight of a word after "not": anger and abuse are not talked away."""
    if weight <= WEIGHTS["angry"] or not _TURN.search(before):
        return weight
    return weight * (_TURNED_BAD if weight > 0.0 else _TURNED_GOOD)


def _is_aimed(clause: str) -> bool:
    if _ELSEWHERE.search(clause) or _ASKS.match(clause):
        return False
    return bool(_AIMED.search(clause) and not _WISH.search(clause)) or (bool(_BARE.match(clause)) and not _WISH.search(clause))
