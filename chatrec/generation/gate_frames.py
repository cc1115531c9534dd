"""The frames that a verb of being, having or suiting opens in a clause, with the words that stand in them: "is for ...", "has ...".

A word behind a comma or an "and" without a verb of its own stands in the frame before it: "is for walking and cycling".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS, SETS, UNIVERSAL
from chatrec.generation.gate_said import Reading
from chatrec.generation.gate_tokens import Kind
from chatrec.generation.gate_words import stems
from chatrec.generation.verbs import is_auxiliary, is_participle, is_singular_verb, word_classes

_BEING = frozenset(stems("is are be was were"))
_HAVING = frozenset(stems("has have"))
_FITTING = frozenset(
    stems(
        "made meant built suited suitable good designed intended ideal one ones choice pick option match fit also mainly only just both all"
    )
)
_MAKING = frozenset(stems("made built"))
_ARTICLES = frozenset("a an".split())
_DETERMINERS = frozenset("the a an its your each".split())
_NEW_SUBJECTS = frozenset("its their the it they".split())
_STANDING_FOR = frozenset("it they which this these both all also".split())
_NOUNS_OF_TALK = frozenset(stems("one ones option choice pick thing kind product item model pack set pair kit box type piece"))
_TRAILING = frozenset("too also both well though as".split())
_ENDS = frozenset(
    "in at on of by from to as than per for under over up down out into onto through behind beside between along against around that which "
    "who whose when if so because like after before until without inside outside and or".split()
)
_GOING = frozenset(stems("go start begin end stay work"))
_PLACES = frozenset(("at", "on"))
_THAT_ONE = frozenset(("the", "its", "each", "their"))
# What shoppers said of the thing stands in no frame: "is for hiking, rated the highest".
_JUDGED = "rated"
MOST_BEFORE = 3


class Opened(Enum):
    """The frame that a clause has opened."""

    FOR = "is for"
    OF = "is made of"
    IN = "comes in"
    HAS = "has"
    IS = "is"


@dataclass(slots=True)
class Frame:
    """``words`` are the places of its content words; ``bare`` says that a noun of shop talk ends it ("a hiking one"); ``carried``, that it
    stands behind a comma or an "and" of the frame before it; ``place`` is the word behind an "at" or "on"."""

    opened: Opened
    words: list[int] = field(default_factory=list)
    article: bool = False
    bare: bool = False
    carried: bool = False
    place: int | None = None


def frames(run: Sequence[int], reading: Reading) -> Iterator[Frame]:
    """The frames of an enumeration in order, each with the words up to the next break, verb or preposition; a word behind a comma or an
    "and" that has no verb of its own stands in the frame before it."""
    tokens, content = reading.tokens, set(reading.content(run))
    frame: Frame | None = None
    for place, i in enumerate(run):
        token, breaks = tokens[i], place > 0 and run[place - 1] + 1 < i
        opened = _opens(run, place, reading, frame)
        if frame and (opened or breaks or token.kind is Kind.CITE):
            yield frame
            frame = None if opened or token.kind is Kind.CITE else Frame(frame.opened, carried=True)
        if opened:
            frame = Frame(opened)
        elif frame and token.kind is Kind.WORD:
            if _ends(i, frame, reading):
                frame.place = _place(i, content, reading)
                yield frame
                frame = None
            else:
                _take(i, frame, i in content, reading)
    if frame:
        yield frame


def _take(i: int, frame: Frame, is_content: bool, reading: Reading) -> None:
    token, low = reading.tokens[i], reading.tokens[i].text.lower()
    if low in _ARTICLES:
        frame.article = True
    elif is_content and token.stem not in RELATIONS | NEGATORS | UNIVERSAL:
        frame.words.append(i)
        frame.bare = False
    elif token.stem in _NOUNS_OF_TALK and low not in _TRAILING:
        frame.bare = True


def _ends(i: int, frame: Frame, reading: Reading) -> bool:
    """Whether the frame ends before this word: at a preposition, a verb, a participle that brings one ("made for")."""
    text = reading.tokens[i].text
    following = reading.tokens[i + 1] if i + 1 < len(reading.tokens) else None
    if (text.lower() in _ENDS and not reading.tokens[i].joined) or is_auxiliary(text) or text.lower() == _JUDGED:
        return True
    if frame.carried and not frame.words and text.lower() in _NEW_SUBJECTS:
        return True
    goes_on = following is not None and following.kind in (Kind.WORD, Kind.NUMBER)
    if is_participle(text) and goes_on and (following.text.lower() in _ENDS) and (frame.words or frame.carried):  # type: ignore[union-attr]
        return True
    if not is_singular_verb(text):
        return False
    if "NOUN" not in word_classes(text) or (frame.carried and not frame.words and goes_on):
        return True
    return bool(frame.words) and following is not None and (following.kind is Kind.NUMBER or following.text.lower() in _DETERMINERS)


def _place(i: int, content: set[int], reading: Reading) -> int | None:
    """The word that says where: "piping at the waist"."""
    if reading.tokens[i].text.lower() not in _PLACES or reading.tokens[i + 1].text.lower() not in _THAT_ONE:
        return None
    return next((j for j in range(i + 1, min(i + MOST_BEFORE, len(reading.tokens))) if j in content), None)


def _opens(run: Sequence[int], place: int, reading: Reading, frame: Frame | None) -> Opened | None:
    tokens = reading.tokens
    token, low = tokens[run[place]], tokens[run[place]].text.lower()
    before = tokens[run[place - 1]] if place and run[place - 1] + 1 == run[place] else None
    last = before.stem if before is not None and before.kind is Kind.WORD else ""
    if token.kind is not Kind.WORD:
        return None
    if low == "for":
        goes_on = frame is not None and frame.opened in (Opened.FOR, Opened.IS) and before is None
        return Opened.FOR if goes_on or _is_purpose(run, place, reading) else None
    if low in ("of", "from"):
        return Opened.OF if last in _MAKING or (last in _BEING and low == "of") else None
    if low == "in":
        return Opened.IN if last == "come" else None
    if low == "with":
        return Opened.HAS if last not in _GOING else None
    if token.stem in _HAVING:
        return Opened.HAS
    return Opened.IS if token.stem in _BEING and _speaks_of_the_item(run, place, reading) else None


def _speaks_of_the_item(run: Sequence[int], place: int, reading: Reading) -> bool:
    """ "[1] is", "it is", "[1] has a hood and is": not "the grip of [1] is"."""
    tokens = reading.tokens
    if not place or run[place - 1] + 1 < run[place]:
        return True
    before = tokens[run[place - 1]]
    if before.kind is Kind.CITE:
        lead = tokens[run[place - 2]] if place > 1 else None
        return lead is None or lead.text.lower() not in _ENDS
    return before.text.lower() in _STANDING_FOR


def _is_purpose(run: Sequence[int], place: int, reading: Reading) -> bool:
    """ "Is for", "is made for", "is a good choice for", "[2], built for": nothing else stands between the verb of being and the "for"."""
    tokens = reading.tokens
    for i in reversed(run[:place]):
        token = tokens[i]
        if token.kind is Kind.CITE:
            return tokens[run[place - 1]].stem in _FITTING and is_participle(tokens[run[place - 1]].text)
        if token.stem in _BEING:
            return True
        if token.kind is not Kind.WORD or (token.stem not in _FITTING and token.text.lower() not in ("a", "an", "the", "not", "very")):
            return False
    return False


def torn_ranks(run: Sequence[int], reading: Reading) -> Iterator[int]:
    """ "Is for the lightest", "made of the cheapest of these", "has the lightest."."""
    tokens = reading.tokens
    for place, i in enumerate(run):
        named = place > 0 and tokens[run[place - 1]].text.lower() == "the"
        ranks = tokens[i].text.lower().endswith("est") or (named and tokens[i].text.lower().endswith("er"))
        if tokens[i].stem not in RELATIONS or not ranks or not _ends_there(i, reading):
            continue
        lead = place - 1 - named
        if lead < 0 or run[lead] + (place - lead) != i:
            continue
        opened = _opens(run, lead, reading, None)
        if opened not in (None, Opened.IS):
            yield i


def _ends_there(i: int, reading: Reading) -> bool:
    rated = i + 1 < len(reading.tokens) and reading.tokens[i + 1].text.lower() == "rated"
    behind = reading.tokens[i + 1 + rated : i + 3 + rated]
    if not behind or behind[0].kind in (Kind.BREAK, Kind.STRONG):
        return True
    return behind[0].stem == "of" and len(behind) > 1 and (behind[1].stem in SETS or behind[1].stem == "the")
