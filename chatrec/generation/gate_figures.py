"""Figures: a number passes with the unit, the bound and the property that the record gives it."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import Claim, Figure, bound_before, pair_key
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_figure_sense import is_of_something_else, tells_enough
from chatrec.generation.gate_lexicon import COMPARATIVES, RELATIONS, SETS, UNIVERSAL
from chatrec.generation.gate_said import Failure, Reading
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_wishes import WISHED
from chatrec.generation.gate_words import MEASURES, SHARED_TOLD, stem, stems
from chatrec.generation.units import base_value, canonical_unit, in_base_unit, same_quantity, spoken_unit

_PROPERTY_KINDS = frozenset({FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING, FactKind.STOCK})
_COUNTED = frozenset({"piece", "person"})
_COUNTING = frozenset({"these", "the", "of", "all", "are", "here", "found", "have", "show", "into", "between"})


_REACHING = frozenset(stems("least most minimum maximum from reach reaches"))
_UTMOST = frozenset(stems("most maximum"))
_BOUND_STEMS = frozenset(stems("at least most more less than under over above below from minimum maximum reach reaches"))


def matching_claims(
    clause: Clause, reading: Reading, claims: Sequence[Claim], subject: int | None
) -> tuple[frozenset[int], frozenset[int]] | Failure:
    """The ids of the claims whose figures the clause gives, and the tokens that those figures account for; or the figure that fails."""
    matched: set[int] = set()
    told: set[int] = set()
    for place, i in enumerate(clause.indexes):
        token = reading.tokens[i]
        is_figure = token.kind is Kind.NUMBER or _is_counting_one(clause, place, reading)
        if not is_figure or i in reading.free or _counts_items(clause, place, reading, subject):
            continue
        value = 1.0 if token.kind is Kind.WORD else token.value
        found = _of_one_property([c for c in claims if _says(c, value, token, clause, place, reading)], token, clause, reading)
        if not found:
            reason = "prices are written by code" if token.money else f"no record gives '{token.text}' for this"
            return Failure(i, reason)
        bound = _spoken_bound(clause, place, reading)
        if any(_keeps_to(c, f, clause, place, reading) or _is_limit(f, bound, clause, place, reading) for c in found for f in c.figures):
            told |= set(_bound_words(clause, place, reading, _BOUND_STEMS))
        matched |= {id(c) for c in found}
        told |= _accounted(found, clause, place, reading)
        if token.kind is Kind.WORD:
            told.add(i)
    return frozenset(matched), frozenset(told)


def _of_one_property(found: list[Claim], token: Token, clause: Clause, reading: Reading) -> list[Claim]:
    """ "[1] is 55 cm high, [2] 48 cm": a figure that names no property tells the one named before it."""
    measured = [c for c in found if c.kind in _PROPERTY_KINDS]
    if any(reading.content(clause.indexes)):
        if measured:
            reading.property_names = frozenset().union(*(c.names for c in measured)), base_value(1.0, token.unit)[1]
        return found
    before, dimension = reading.property_names
    if not token.unit or base_value(1.0, token.unit)[1] != dimension:
        return found
    return [c for c in found if c not in measured or (c.names & before) - SHARED_TOLD]


def _is_counting_one(clause: Clause, place: int, reading: Reading) -> bool:
    """ "one pocket" counts; "the lighter one" does not."""
    i = clause.indexes[place]
    if reading.tokens[i].text.lower() != "one" or place + 1 >= len(clause.indexes):
        return False
    following = reading.tokens[clause.indexes[place + 1]]
    return (
        following.kind is Kind.WORD
        and (bool(spoken_unit(following.text)) or not reading.talk.is_idle(following.stem))
        and not _before_is_article(clause, place, reading)
    )


def _before_is_article(clause: Clause, place: int, reading: Reading) -> bool:
    before = reading.tokens[clause.indexes[place - 1]].stem if place else ""
    return before in ("the", "this", "that", "which", "a") or before in RELATIONS


def _counts_items(clause: Clause, place: int, reading: Reading, subject: int | None) -> bool:
    """ "these two", "here are three tents": the number of cited items, said of no single one."""
    token = reading.tokens[clause.indexes[place]]
    if token.unit or token.money:
        return False
    named = {t.value for t in reading.tokens if t.kind is Kind.CITE}
    behind_it = [reading.tokens[j].stem for j in clause.indexes[place + 1 : place + 3]]
    if behind_it[:1] == ["of"] and behind_it[-1] in SETS and named:
        return len(named) > 1 and token.value == len(named)  # "two of these can go in: [1] and [3]"
    if token.value != len(reading.support.numbers):
        return False
    before = reading.tokens[clause.indexes[place - 1]].stem if place else ""
    if before == "all":
        return True
    if clause.indexes[place] == 0 and not clause.cites:
        before = "the"  # "Three to look at: [1] ..."
    behind = [reading.tokens[j] for j in clause.indexes[place + 1 :]]
    if before == "go" and behind and behind[0].stem == "way":
        return True
    plain = not behind or behind[0].kind is not Kind.WORD or reading.talk.is_idle(behind[0].stem) or behind[0].stem in reading.support.types
    return plain and (before in _COUNTING or (subject is None and not before))


def _says(claim: Claim, value: float, token: Token, clause: Clause, place: int, reading: Reading) -> bool:
    bound = _spoken_bound(clause, place, reading)
    compares = bool(claim.scope and claim.relations)
    if compares and not _is_difference(clause, place, reading):
        return False
    if claim.kind is FactKind.COMPUTED and not compares and not _is_led_so(claim, token, clause, place, reading):
        return False
    if claim.kind in _PROPERTY_KINDS and token.unit and _next_stem(clause, place, reading) in COMPARATIVES:
        return False  # "300 g lighter" is no weight
    if _turns_the_end(claim, clause, place, reading):
        return False
    for figure in claim.figures:
        if _keeps_to(claim, figure, clause, place, reading) and _about_this(claim, figure, clause, place, reading):
            return True
        if (
            _equal(figure, claim.names, value, token, clause, place, reading)
            and (
                _bound_fits(figure.bound, bound)
                or _is_plainly_told(claim, figure, bound, clause, reading)
                or _is_limit(figure, bound, clause, place, reading)
            )
            and _about_this(claim, figure, clause, place, reading)
            and tells_enough(claim, clause, place, reading)
        ):
            return True
    return False


def _is_led_so(claim: Claim, token: Token, clause: Clause, place: int, reading: Reading) -> bool:
    """Of a note with two figures of one unit ("holds 45 l, which is enough for 40 litres"): whether the word before it is the note's."""
    if not token.unit or sum(f.unit == token.unit for f in claim.figures) < 2:
        return True
    lead = reading.tokens[clause.indexes[place - 1]] if place else None
    return lead is not None and (pair_key(lead), pair_key(token)) in claim.pairs


def _is_difference(clause: Clause, place: int, reading: Reading) -> bool:
    """ "300 g lighter", "lighter by 300 g": else the figure is the item's own, as in "the lightest at 300 g"."""
    before = [reading.tokens[j].stem for j in clause.indexes[max(0, place - 2) : place]]
    return _next_stem(clause, place, reading) in RELATIONS or "by" in before


def _turns_the_end(claim: Claim, clause: Clause, place: int, reading: Reading) -> bool:
    """ "For ages from 7 years" of what goes up to 7 years: the other end of a span whose ends are properties of their own."""
    if "age" not in claim.names or not {"from", "to"} & claim.names:
        return False
    before = [reading.tokens[j].stem for j in clause.indexes[max(0, place - 2) : place]]
    return ("from" in before and "from" not in claim.names) or ("up" in before and "to" not in claim.names)


def _keeps_to(claim: Claim, figure: Figure, clause: Clause, place: int, reading: Reading) -> bool:
    """ "Weighs under 2 kg", "gives at least 800 lm": a limit that the item's own figure keeps."""
    bound, token = _spoken_bound(clause, place, reading), reading.tokens[clause.indexes[place]]
    if bound not in ("max", "min") or claim.kind is not FactKind.ATTRIBUTE or figure.bound or not token.unit or not figure.unit:
        return False
    own = in_base_unit(figure.value, figure.unit, token.unit)
    words = {reading.tokens[j].text.lower() for j in clause.indexes}
    if own is None or ("you" in words and words & WISHED and token.value not in reading.support.shopper_figures):
        return False  # "you asked for at least 900 lm": the limit must be the shopper's
    reaches = own == token.value and bool(_bound_words(clause, place, reading, _REACHING))
    return reaches or (own < token.value if bound == "max" else own > token.value)


def _bound_words(clause: Clause, place: int, reading: Reading, words: frozenset[str]) -> list[int]:
    return [j for j in clause.indexes[max(0, place - 4) : place] if reading.tokens[j].stem in words]


def _equal(figure: Figure, names: frozenset[str], value: float, token: Token, clause: Clause, place: int, reading: Reading) -> bool:
    if figure.money != token.money:
        return False
    if token.unit in _COUNTED and not figure.unit and stem(token.unit) in names:
        return value == figure.value  # "pieces 60" told as "60 pieces"
    if not token.unit and "age" in names and value == figure.value and canonical_unit(figure.unit) == "year":
        return True  # "aged 3 and up"
    if token.unit or figure.unit:
        unit = token.unit
        if not unit and figure.unit == "in" and _next_stem(clause, place, reading) in ("in", "inch"):
            unit = "in"
        if not unit and figure.unit == "person" and value == figure.value:
            return True  # "sleeps 2"
        return bool(unit) and same_quantity(value, unit, figure.value, figure.unit or unit) and bool(figure.unit)
    if value != figure.value:
        return False
    counted = _next_stem(clause, place, reading)  # "3 pockets" is not "3 poles"
    return not counted or not figure.behind or counted in (*figure.behind, *names) or reading.talk.is_idle(counted)


def _next_stem(clause: Clause, place: int, reading: Reading) -> str:
    if place + 1 >= len(clause.indexes):
        return ""
    return reading.tokens[clause.indexes[place + 1]].stem


def _spoken_bound(clause: Clause, place: int, reading: Reading) -> str:
    tokens = [reading.tokens[j] for j in clause.indexes]
    if place > 1 and tokens[place - 1].stem in ("the", "your"):  # "more than the 800 lm you asked for"
        return bound_before(tokens[: place - 1] + tokens[place:], place - 1)
    return bound_before(tokens, place)


def _bound_fits(record: str, spoken: str) -> bool:
    """A figure keeps its bound; an exact figure may be softened to "up to", and "within 30 days" may be told as 30 days."""
    if record == spoken:
        return True
    if record == "":
        return spoken in ("upto", "by")
    if record in ("within", "by"):
        return spoken in ("", "upto")
    return record == "upto" and spoken == "within"


def _is_limit(figure: Figure, bound: str, clause: Clause, place: int, reading: Reading) -> bool:
    """ "Up to 135 cm", "from 65 cm", of what goes from 65 to 135 cm."""
    if figure.bound == "high":
        return bound == "upto" or (bound == "max" and bool(_bound_words(clause, place, reading, _UTMOST)))
    return figure.bound == "low" and bound == "min" and bool(_bound_words(clause, place, reading, _REACHING))


def _is_plainly_told(claim: Claim, figure: Figure, bound: str, clause: Clause, reading: Reading) -> bool:
    """ "From 77 shoppers", "aged 3", "can lift 500 g": the bound goes without saying, or is said by another word."""
    if claim.kind is FactKind.RATING:
        return figure.bound in ("", "by") and bound in ("", "by", "min")
    if bound:
        return False
    able = any(reading.tokens[i].stem == "can" for i in clause.indexes)
    return (figure.bound == "min" and "age" in claim.names) or (figure.bound == "upto" and able)


def _about_this(claim: Claim, figure: Figure, clause: Clause, place: int, reading: Reading) -> bool:
    """Whether the words around the figure are those of the claim, so that a weight is not given as a length."""
    known = claim.words | claim.names | reading.support.types | UNIVERSAL
    before, after = _window(clause, place, reading, "of" if reading.tokens[clause.indexes[place]].unit in _COUNTED else "with")
    after_word = next(iter(after), "")
    if after_word in MEASURES and claim.kind in _PROPERTY_KINDS:
        if not MEASURES[after_word] & claim.names:
            return False
        after = after[1:]
    if claim.kind in _PROPERTY_KINDS:
        names = _competing_names(reading, clause)
        if any(w in names and w not in known for w in before) or is_of_something_else(claim, clause, place, reading, known):
            return False
        return all(w in known or (figure.unit and w not in names) for w in after[:1])
    return all(w in known for w in (*before, *after))


def _competing_names(reading: Reading, clause: Clause) -> set[str]:
    claims = [c for n in clause.subjects for c in reading.support.claims.get(n, ())]
    return {n for c in claims if c.kind in _PROPERTY_KINDS and not c.names >= c.said for n in c.names} | set(MEASURES)


def _window(clause: Clause, place: int, reading: Reading, end: str) -> tuple[list[str], list[str]]:
    """The content stems around a figure, to the next figure, "with" or the word ``end``: "60 pieces of beech" tells two facts."""

    def walk(indexes: Sequence[int]) -> list[str]:
        words: list[str] = []
        for j in indexes:
            token = reading.tokens[j]
            if token.kind is Kind.NUMBER or token.stem in ("with", end):
                break
            if (
                token.kind is Kind.WORD
                and j not in reading.free
                and not reading.talk.is_idle(token.stem)
                and token.stem not in ("not", "no", "onli")
            ):
                words.append(token.stem)
        return words

    return walk(clause.indexes[:place][::-1]), walk(clause.indexes[place + 1 :])


def _accounted(found: Sequence[Claim], clause: Clause, place: int, reading: Reading) -> set[int]:
    """The measuring adjective right behind a figure."""
    if place + 1 >= len(clause.indexes):
        return set()
    j = clause.indexes[place + 1]
    word = reading.tokens[j].stem
    return {j} if word in MEASURES and any(MEASURES[word] & c.names for c in found) else set()
