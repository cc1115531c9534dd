"""What a figure is told of: a run time is no purpose ("is for 22 h"), the length of a back is not that of the bag."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import Claim, pair_key
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_said import Reading
from chatrec.generation.gate_tokens import Kind
from chatrec.generation.gate_words import MEASURES, rooted, stem, stems
from chatrec.generation.units import base_value
from chatrec.generation.verbs import is_auxiliary, is_participle, is_singular_verb

_FOR_SO_MANY = frozenset(stems("person persons people players age ages load children"))
_TIMES = frozenset({"time", "days", "months"})  # dimensions of units
_PURPOSES = frozenset(stems("is are be made meant built suits suitable good designed intended"))
_AGES = frozenset(stems("age ages"))
_BEING = frozenset(stems("is are be has have"))
_HAVING = frozenset(stems("has have with comes gets"))
_PLAIN_LEADS = frozenset(stems("a an the its about around roughly only just up to nearly almost under over at"))
_HEADS = frozenset({"person", "piece"})
_MEASURING = frozenset(stems("weigh weighs measures measure")) | frozenset(MEASURES)


def tells_enough(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """ "Takes one cup" is not what "takes a minute for one cup" says: a figure of a clause of the record is told with all its words, or
    at least in the words that stand in front of it there."""
    if claim.kind is not FactKind.DESCRIPTION or claim.relations:
        return True
    tokens = reading.tokens
    said = {rooted(tokens[j].stem) for j in (*clause.run, *clause.indexes)}
    said |= {stem(word) for j in (*clause.run, *clause.indexes) if tokens[j].unit for word in tokens[j].text.split()}
    missing = {rooted(w) for w in claim.core if not reading.talk.is_idle(w)} - said
    return not missing or (_follows_the_record(claim, clause, place, reading) and not _is_made_a_state(claim, clause, place, reading))


def _follows_the_record(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """Whether the figure stands behind the words that it stands behind in the record: "cold for 24 hours", not "drinks for 24 hours"."""
    lead = [reading.tokens[j] for j in clause.indexes[:place]]
    if not lead or lead[-1].kind is Kind.CITE or lead[-1].stem in _HAVING | _PLAIN_LEADS:
        return True
    figure = pair_key(reading.tokens[clause.indexes[place]])
    ranges = any((lead[-1].stem, f"{f.value:g}") in claim.pairs and (f"{f.value:g}", figure) in claim.pairs for f in claim.figures)
    if (lead[-1].stem, figure) not in claim.pairs and not ranges:  # "for one or two" is for two as well
        return False
    before = lead[-2] if len(lead) > 1 else None
    is_content = before is not None and before.kind is Kind.WORD and not reading.talk.is_idle(before.stem)
    return before is None or not is_content or (before.stem, lead[-1].stem) in claim.pairs


def _is_made_a_state(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """ "Is cold for 24 hours" where the record says that it keeps drinks so."""
    words = [reading.tokens[j] for j in clause.indexes[:place]]
    copula = next((i for i, t in enumerate(words) if t.text.lower() in ("is", "are")), None)
    if copula is None or claim.words & {"is", "are"}:
        return False
    return copula + 1 >= len(words) or not is_participle(words[copula + 1].text)


def is_of_something_else(claim: Claim, clause: Clause, place: int, reading: Reading, known: frozenset[str]) -> bool:
    """Whether the words around the figure at ``place`` tell it of another thing or as another property than ``claim`` does."""
    if claim.kind is not FactKind.ATTRIBUTE:
        return False
    return (
        _is_a_purpose(claim, clause, place, reading)
        or _is_an_unnamed_time(claim, clause, place, reading)
        or _is_of_a_part(claim, clause, reading)
        or _belongs_to_a_neighbour(clause, place, reading, known)
    )


def _is_a_purpose(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """ "Is for 88 g", "is for running and 22 h"."""
    own = [reading.tokens[j].stem for j in clause.indexes[:place]]
    row = [reading.tokens[j].stem for j in clause.run if j < clause.indexes[0]]
    unit = reading.tokens[clause.indexes[place]].unit
    if claim.names & _FOR_SO_MANY or unit in _HEADS:
        return False
    if not own:  # "is for running and 22 h"
        return _ends_in_a_purpose(row)
    if "for" not in own[-2:]:
        return False
    lead = own[: len(own) - 1 - own[::-1].index("for")]
    return bool(lead) and (lead[-1] in _PURPOSES or _ends_in_a_purpose(lead))


def _ends_in_a_purpose(words: Sequence[str]) -> bool:
    """ "... is for running": one word behind the "for"."""
    return len(words) > 2 and words[-2] == "for" and words[-3] in _PURPOSES


def _is_an_unnamed_time(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """ "[1] is 22 h": hours of what? A thing is no time and has none; a word of its property must say which."""
    token = reading.tokens[clause.indexes[place]]
    before = reading.tokens[clause.indexes[place - 1]].stem if place else ""
    if before not in _BEING or not token.unit or base_value(1.0, token.unit)[1] not in _TIMES or claim.names & _AGES:
        return False
    said = {reading.tokens[j].stem for j in (*clause.run, *clause.indexes)}
    own = claim.words | claim.names
    named = said & {w for w in own if not reading.talk.is_idle(w)} - {stem(token.unit), *stems(token.text)}
    return not named and not reading.property_names[0] & claim.names


def _is_of_a_part(claim: Claim, clause: Clause, reading: Reading) -> bool:
    """ "[2] is 48 cm long" from a back length of 48 cm: a measure of a part names the part."""
    said = {reading.tokens[j].stem for j in (*clause.run, *clause.indexes)}
    part = claim.measured_part - reading.support.type_heads
    return bool(said & _MEASURING) and bool(part) and not part & said


def _belongs_to_a_neighbour(clause: Clause, place: int, reading: Reading, known: frozenset[str]) -> bool:
    """ "A 22 h red light", "a red light of 200 lm": the thing beside the figure has it, and it is another one."""
    tokens, indexes = reading.tokens, clause.indexes
    if place > 1 and tokens[indexes[place - 1]].stem == "of":
        owner = tokens[indexes[place - 2]]
        has_it = {tokens[j].stem for j in indexes[max(0, place - 5) : place - 2]} & _HAVING
        is_named = has_it and not reading.talk.is_idle(owner.stem) and indexes[place - 2] not in reading.free
        if is_named and owner.kind is Kind.WORD and owner.stem not in known:
            return True
    if place < 1 or tokens[indexes[place - 1]].text.lower() not in ("a", "an", "its", "with", "the", "has"):
        return False
    row = []
    for j in indexes[place + 1 :]:
        token = tokens[j]
        if token.kind is not Kind.WORD or reading.talk.is_idle(token.stem) or j in reading.free:
            break
        row.append(token)
    if not row or is_singular_verb(row[0].text) or is_auxiliary(row[0].text) or is_participle(row[0].text):
        return False
    return row[0].stem not in known and row[-1].stem not in known
