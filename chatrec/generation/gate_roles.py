"""What a fact may be told as: a material is no purpose ("is for corduroy"), a part is not the thing ("is a cork grip"), a rank is neither
("is for the lightest"), and two facts are not one ("has a corduroy zip").
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import PART_NAMES, Claim
from chatrec.generation.gate_frames import Frame, Opened, frames, torn_ranks
from chatrec.generation.gate_said import Failure, Reading, Said
from chatrec.generation.gate_tokens import Kind
from chatrec.generation.gate_words import MEASURES, rooted, stems
from chatrec.generation.verbs import is_participle, is_singular_verb, word_classes

_PURPOSES = frozenset(
    stems("use uses usage activity activities sport occasion room gender audience season age persons people players skin hair terrain")
)
_OF_PEOPLE = frozenset(stems("age ages years person persons people player players"))
_MATERIALS = frozenset(stems("material materials fabric fibre composition ingredients"))
_OF_THE_WHOLE = frozenset(stems("main outer body primary made"))  # "outer material"; the housing material is of a part
# Parts of which the property tells what they are: "lining merino".
_COMPONENTS = frozenset(stems("lining shell fill filling upper sole cover housing frame handle strap band blade"))
_FORMS = frozenset(stems("form shape"))
_LOOKS = frozenset(stems("colour colours pattern flavour scent"))
_POINTING_AT_A_USE = frozenset(
    stems("for suit suits suited suitable fit fits ideal meant designed intended use used on protects protect works")
)


class Role(Enum):
    """What a claim tells of its item."""

    PURPOSE = "purpose"
    MATERIAL = "material"
    LOOK = "look"
    PART = "part"
    COMPONENT = "component"
    KIND = "kind"
    FORM = "form"
    STATE = "state"
    OTHER = "other"


_REASONS = {
    Opened.FOR: "this is no purpose on record",
    Opened.OF: "this is no material on record",
    Opened.IN: "it is not offered in this",
    Opened.HAS: "this is nothing that it has",
    Opened.IS: "this is not what it is",
}


_ROLES = (
    (_PURPOSES, Role.PURPOSE),
    (_MATERIALS, Role.MATERIAL),
    (_LOOKS, Role.LOOK),
    (_FORMS, Role.FORM),
    (PART_NAMES, Role.PART),
    (_COMPONENTS, Role.COMPONENT),
)


def check_frames(said: Said) -> Failure | None:
    """The first word that is told as what its fact is not, or ``None``."""
    reading, own = said.reading, set(said.clause.indexes)
    if reading.support.is_passages or reading.tokens[-1].text == "?":
        return None
    torn = next((i for i in torn_ranks(said.clause.run, reading) if i in own), None)
    if torn is not None:
        return Failure(torn, "a rank is told as something else")
    for frame in frames(said.clause.run, reading):
        mixed = _mixed(frame, said) if frame.opened is Opened.HAS else None
        stray = mixed if mixed is not None else _stray(frame, said)
        if stray is not None and stray in own:
            return Failure(stray, _REASONS[frame.opened] if mixed is None else "two different facts are joined into one")
    return None


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
    for names, role in _ROLES:
        if claim.names & names:
            return role
    is_flag = {rooted(w) for w in claim.names} >= {rooted(w) for w in claim.words}
    return Role.STATE if is_flag and not claim.figures else Role.OTHER


def _stray(frame: Frame, said: Said) -> int | None:
    """The word of the frame that all its claims tell as something else."""
    if not frame.words or (frame.bare and frame.opened in (Opened.IS, Opened.HAS)):
        return None
    places = frame.words if frame.opened in (Opened.FOR, Opened.OF) else frame.words[-1:]
    return next((i for i in places if _is_stray(i, frame, said)), None)


def _is_stray(i: int, frame: Frame, said: Said) -> bool:
    token, reading = said.reading.tokens[i], said.reading
    if frame.opened is Opened.FOR and (_is_a_wish(token.stem, reading) or token.stem in _OF_PEOPLE):
        return False
    holding = [c for c in said.claims if c.holds(token.stem, reading.negated[i])]
    return bool(holding) and not any(_can_be(c, i, frame, said) for c in holding)


def _is_a_wish(word: str, reading: Reading) -> bool:
    """A person or an occasion, unless the thing itself is called so ("ballet flats")."""
    return word in reading.talk.wishes and word not in reading.support.type_heads


def _can_be(claim: Claim, i: int, frame: Frame, said: Said) -> bool:
    """Whether what the claim says can be told in this frame."""
    token, role = said.reading.tokens[i], role_of(claim)
    if role is Role.STATE and frame.carried:  # "is for winter and windproof"
        return True
    if claim.head == rooted(token.stem) and frame.opened in (Opened.IS, Opened.FOR):
        return False  # "the lift whirs": it has one
    if frame.opened is Opened.FOR:
        return _can_be_a_purpose(claim, role, token.stem, frame, said)
    if frame.opened is Opened.OF:
        part = claim.names - _MATERIALS - _OF_THE_WHOLE if role is Role.MATERIAL else frozenset()
        if part and not part & {said.reading.tokens[j].stem for j in said.clause.run}:
            return False
        return role not in (Role.PART, Role.PURPOSE, Role.LOOK, Role.STATE)
    if frame.opened is Opened.IN:
        return role not in (Role.PURPOSE, Role.STATE) and (role is not Role.PART or frame.article)
    if frame.opened is Opened.HAS:
        return role is not Role.PURPOSE
    return _can_be_it(role, token.text, frame, _ends_there(i, said.reading))


def _can_be_a_purpose(claim: Claim, role: Role, word: str, frame: Frame, said: Said) -> bool:
    if claim.figures and word in claim.names and not frame.carried and id(claim) not in said.matched:
        return role is Role.PURPOSE  # "stands" of "is for laptop stands" tells no height
    if claim.kind in (FactKind.COMPUTED, FactKind.DESCRIPTION, FactKind.OPINION):
        return "for" in claim.words or (role is not Role.PART and bool(claim.words & _POINTING_AT_A_USE))
    if role is Role.KIND:
        return word not in said.reading.support.type_heads
    return role in (Role.PURPOSE, Role.OTHER)


def _ends_there(i: int, reading: Reading) -> bool:
    """Whether no noun can follow: at the end, or where the next clause has a verb of its own."""
    behind = reading.tokens[i + 1 : i + 3]
    if not behind or behind[0].kind is Kind.STRONG or behind[0].text.lower() == "with":
        return True
    return behind[0].kind is Kind.BREAK and len(behind) > 1 and (behind[1].kind is Kind.CITE or is_singular_verb(behind[1].text))


def _can_be_it(role: Role, word: str, frame: Frame, ends: bool) -> bool:
    """Whether "is (a) ..." can be said with it; "is a red, ..." may go on to a noun, where "is a red." does not."""
    classes = word_classes(word)
    if "ADJ" in classes and not word.lower().endswith("ing") and not (frame.article and ends):
        return True
    if role in (Role.MATERIAL, Role.LOOK):
        return not frame.article or len(frame.words) > 1
    return role not in (Role.PART, Role.PURPOSE) or word.lower().endswith(("'s", "’s")) or (role is Role.PART and is_participle(word))


def _mixed(frame: Frame, said: Said) -> int | None:
    """The last of two words that stand together here and in no fact: the zip is not of corduroy where the trousers are."""
    tokens, types = said.reading.tokens, said.reading.support.types
    if frame.words and frame.place is not None and not _share(tokens[frame.words[-1]].stem, tokens[frame.place].stem, said.claims):
        return frame.place
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
    rooted_claims = [(c, {rooted(w) for w in c.words | c.names}) for c in claims]
    if not all(any(word in words for _, words in rooted_claims) for word in pair):
        return True  # what is not on record at all is for other rules
    together = [c for c, words in rooted_claims if pair <= words]
    return any(not c.parts or any(pair <= {rooted(w) for w in part} for part in c.parts) for c in together)
