"""What a fact may be told as: a material is no purpose ("is for corduroy"), a part is not the thing ("is a cork grip"), a rank is neither
("is for the lightest"), and two facts are not one ("has a corduroy zip").

A verb of being, having or suiting opens a frame. Each word in it must come from a fact that can be told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import PART_NAMES, Claim
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS, SETS, UNIVERSAL
from chatrec.generation.gate_said import Failure, Reading, Said
from chatrec.generation.gate_tokens import Kind
from chatrec.generation.gate_words import MEASURES, rooted, stems
from chatrec.generation.verbs import is_auxiliary, is_participle, is_singular_verb, word_classes


class Role(Enum):
    """What a claim tells of its item."""

    PURPOSE = "purpose"
    MATERIAL = "material"
    LOOK = "look"
    PART = "part"
    KIND = "kind"
    STATE = "state"
    OTHER = "other"


class Opened(Enum):
    """The frame that a clause has opened."""

    FOR = "is for"
    OF = "is made of"
    IN = "comes in"
    HAS = "has"
    IS = "is"


@dataclass(slots=True)
class _Frame:
    """``words`` are the places of its content words; ``bare`` says that a noun of shop talk ends it ("a hiking one")."""

    opened: Opened
    words: list[int] = field(default_factory=list)
    article: bool = False
    bare: bool = False


_PURPOSES = frozenset(stems("use uses usage activity activities sport occasion room gender audience season age persons people players skin hair"))
_MATERIALS = frozenset(stems("material materials fabric fibre composition"))
_LOOKS = frozenset(stems("colour colours pattern finish shape flavour scent"))
_POINTING_AT_A_USE = frozenset(
    stems("for suit suits suited suitable fit fits ideal made meant designed built intended use used on to when with protect works let")
)
_BEING = frozenset(stems("is are be was were"))
_HAVING = frozenset(stems("has have"))
_FITTING = frozenset(
    stems("made meant built suited suitable good designed intended ideal one ones choice pick option match fit also mainly only just both all")
)
_MAKING = frozenset(stems("made built"))
_ARTICLES = frozenset("a an".split())
_LEADS = frozenset("a an the its their also both not no".split())
_NOUNS_OF_TALK = frozenset(stems("one ones option choice pick thing kind product item model pack set pair kit box type piece"))
_TRAILING = frozenset("too also both well though as".split())
_ENDS = frozenset(
    "in at on of by from to as than per under over up down out into onto through behind beside between along against around that which "
    "who when if so because like after before until without inside outside and or".split()
)
_GOING = frozenset(stems("go start begin end stay work"))
_PLACES = frozenset(("at", "on"))
MOST_BEFORE = 3


def check_frames(said: Said) -> Failure | None:
    """The first word that is told as what its fact is not, or ``None``."""
    reading, own = said.reading, set(said.clause.indexes)
    if reading.support.is_passages or reading.tokens[-1].text == "?":
        return None
    torn = next((i for i in _torn_ranks(said.clause.run, reading) if i in own), None)
    if torn is not None:
        return Failure(torn, "a rank is told as something else")
    for frame in _frames(said.clause.run, reading):
        mixed = _mixed(frame, said) if frame.opened is Opened.HAS else None
        stray = mixed if mixed is not None else _stray(frame, said)
        if stray is not None and stray in own:
            return Failure(stray, _REASONS[frame.opened] if mixed is None else "two different facts are joined into one")
    return None


_REASONS = {
    Opened.FOR: "this is no purpose on record",
    Opened.OF: "this is no material on record",
    Opened.IN: "it is not offered in this",
    Opened.HAS: "this is nothing that it has",
    Opened.IS: "this is not what it is",
}


def role_of(claim: Claim) -> Role:
    """What the claim tells of its item."""
    if claim.kind is FactKind.TYPE:
        return Role.KIND
    if claim.kind is FactKind.DESCRIPTION:
        return Role.PART if claim.parts else Role.OTHER
    if claim.kind is FactKind.OPTION and not claim.names & _LOOKS:
        return Role.OTHER
    if claim.kind not in (FactKind.ATTRIBUTE, FactKind.OPTION):
        return Role.OTHER
    for names, role in ((_PURPOSES, Role.PURPOSE), (_MATERIALS, Role.MATERIAL), (_LOOKS, Role.LOOK), (PART_NAMES, Role.PART)):
        if claim.names & names:
            return role
    return Role.STATE if claim.names >= claim.words and not claim.figures else Role.OTHER


def _frames(run: Sequence[int], reading: Reading) -> Iterator[_Frame]:
    """The frames of an enumeration in order, each with the words up to the next break, verb or preposition; a word behind a comma or an
    "and" that has no verb of its own stands in the frame before it."""
    tokens = reading.tokens
    frame: _Frame | None = None
    content = set(reading.content(run))
    for place, i in enumerate(run):
        token = tokens[i]
        opened = _opens(run, place, reading, frame)
        breaks = place > 0 and run[place - 1] + 1 < i
        if opened or breaks or token.kind is Kind.CITE:
            if frame and (frame.words or opened or token.kind is Kind.CITE):
                yield frame
            again = opened or (frame.opened if frame and token.kind is not Kind.CITE else None)
            frame = _Frame(again) if again else None
        if frame is None or opened or token.kind is not Kind.WORD:
            continue
        low = token.text.lower()
        if low in _ENDS or _is_verb(i, reading, bool(frame.words)):
            yield frame
            frame = None
        elif low in _ARTICLES:
            frame.article = True
        elif i in content and token.stem not in RELATIONS | NEGATORS | UNIVERSAL:
            frame.words.append(i)
            frame.bare = False
        elif token.stem in _NOUNS_OF_TALK and low not in _TRAILING:
            frame.bare = True
    if frame:
        yield frame


def _opens(run: Sequence[int], place: int, reading: Reading, frame: _Frame | None) -> Opened | None:
    tokens = reading.tokens
    token = tokens[run[place]]
    before = tokens[run[place - 1]] if place and run[place - 1] + 1 == run[place] else None
    last = before.stem if before is not None and before.kind is Kind.WORD else ""
    if token.kind is not Kind.WORD:
        return None
    if token.text.lower() == "for":
        return Opened.FOR if _is_purpose(run, place, reading) or (frame and frame.opened is Opened.FOR and not last) else None
    if token.text.lower() in ("of", "from"):
        return Opened.OF if last in _MAKING or (last in _BEING and token.text.lower() == "of") else None
    if token.text.lower() == "in":
        return Opened.IN if last == "come" else None
    if token.text.lower() == "with":
        return Opened.HAS if last not in _GOING else None
    if token.stem in _HAVING:
        return Opened.HAS
    return Opened.IS if token.stem in _BEING else None


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


def _is_verb(i: int, reading: Reading, follows: bool) -> bool:
    """Whether the word is a verb where it stands; a word that is a noun as well is one only behind another."""
    text = reading.tokens[i].text
    if is_auxiliary(text):
        return True
    return is_singular_verb(text) and ("NOUN" not in word_classes(text) or follows and not reading.tokens[i].joined and _opens_object(i, reading))


def _opens_object(i: int, reading: Reading) -> bool:
    following = reading.tokens[i + 1] if i + 1 < len(reading.tokens) else None
    return following is not None and (following.kind is Kind.NUMBER or following.text.lower() in ("the", "a", "an", "its", "your", "each"))


def _torn_ranks(run: Sequence[int], reading: Reading) -> Iterator[int]:
    """ "Is for the lightest", "made of the cheapest of these", "has the lightest."."""
    tokens = reading.tokens
    for place, i in enumerate(run):
        if tokens[i].stem not in RELATIONS or not tokens[i].text.lower().endswith("est") or not _ends_there(i, reading):
            continue
        lead = place - 1 - (place > 0 and tokens[run[place - 1]].text.lower() == "the")
        if lead < 0 or run[lead] + (place - lead) != i:
            continue
        opened = _opens(run, lead, reading, None)
        if opened not in (None, Opened.IS):
            yield i


def _ends_there(i: int, reading: Reading) -> bool:
    behind = reading.tokens[i + 1 : i + 3]
    if not behind or behind[0].kind in (Kind.BREAK, Kind.STRONG):
        return True
    return behind[0].stem == "of" and len(behind) > 1 and (behind[1].stem in SETS or behind[1].stem == "the")


def _stray(frame: _Frame, said: Said) -> int | None:
    """The word of the frame that all its claims tell as something else."""
    if not frame.words or (frame.bare and frame.opened in (Opened.IS, Opened.HAS)):
        return None
    places = frame.words if frame.opened in (Opened.FOR, Opened.OF) else frame.words[-1:]
    return next((i for i in places if _is_stray(i, frame, said)), None)


def _is_stray(i: int, frame: _Frame, said: Said) -> bool:
    token, reading = said.reading.tokens[i], said.reading
    if token.stem in reading.talk.wishes and frame.opened is Opened.FOR:
        return False
    holding = [c for c in said.claims if c.holds(token.stem, reading.negated[i])]
    return bool(holding) and not any(_can_be(c, i, frame, said) for c in holding)


def _can_be(claim: Claim, i: int, frame: _Frame, said: Said) -> bool:
    """Whether what the claim says can be told in this frame."""
    token, role = said.reading.tokens[i], role_of(claim)
    if frame.opened is Opened.FOR:
        if claim.kind in (FactKind.COMPUTED, FactKind.DESCRIPTION, FactKind.OPINION):
            return bool(claim.words & _POINTING_AT_A_USE) and role is not Role.PART or "for" in claim.words
        if role is Role.KIND:
            return token.stem not in said.reading.support.type_heads
        return role in (Role.PURPOSE, Role.OTHER)
    if frame.opened is Opened.OF:
        return role not in (Role.PART, Role.PURPOSE, Role.LOOK, Role.STATE)
    if frame.opened is Opened.IN:
        return role not in (Role.PART, Role.PURPOSE, Role.STATE)
    if frame.opened is Opened.HAS:
        return role is not Role.PURPOSE
    return _can_be_it(role, token.text, frame.article)


def _can_be_it(role: Role, word: str, article: bool) -> bool:
    classes = word_classes(word)
    if "ADJ" in classes and not word.lower().endswith("ing"):
        return True
    if role in (Role.MATERIAL, Role.LOOK):
        return not article
    return role not in (Role.PART, Role.PURPOSE) or word.lower().endswith(("'s", "’s")) or (role is Role.PART and is_participle(word))


def _mixed(frame: _Frame, said: Said) -> int | None:
    """The last of two words that stand together here and in no fact: the zip is not of corduroy where the trousers are."""
    tokens, types = said.reading.tokens, said.reading.support.types
    if len(frame.words) < 2 or frame.bare or tokens[frame.words[-1]].stem in types:
        return None
    *modifiers, head = frame.words
    for i in modifiers:
        word = tokens[i].stem
        if word in types or word in MEASURES or word_classes(tokens[i].text) == {"ADV"} or said.reading.negated[i]:
            continue
        if not _share(word, tokens[head].stem, said.claims):
            return head
    return None


def _share(first: str, second: str, claims: Sequence[Claim]) -> bool:
    pair = {rooted(first), rooted(second)}
    holding = [c for c in claims if {first, second} <= c.words | c.names or pair <= {rooted(w) for w in c.words | c.names}]
    return any(not c.parts or any(pair <= {rooted(w) for w in part} for part in c.parts) for c in holding) or not _both_held(first, second, claims)


def _both_held(first: str, second: str, claims: Sequence[Claim]) -> bool:
    return all(any(w in c.words | c.names for c in claims) for w in (first, second))
