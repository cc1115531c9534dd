"""Needs that the shopper gives up ("drop the tent, I only need the sleeping bag") and values that join others ("blue is fine too")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.reading import NeedReading
from chatrec.understanding.analysis import Analysis
from chatrec.understanding.both import lists_of_each
from chatrec.understanding.clauses import Clause
from chatrec.understanding.lists import stop_words
from chatrec.understanding.text import stems

_GIVES_UP = re.compile(
    r"^(?:(?:ok|okay|please|actually|no|well|so|and|but|then|now|hmm|sorry|,) )*(?:let's )?"
    r"(?:drop|forget(?: about)?|scrap|skip|cancel|remove|leave(?: out)?|ditch|lose|set aside|never ?mind(?: about)?|no need for|no more|"
    r"(?:i|we) (?:don't|do not|no longer|won't) (?:really )?(?:need|want)|(?:i'm|we're) (?:not|no longer) (?:interested in|looking for))\b"
)
_GOES_ON = re.compile(r"\b(?:only|just|but|instead)\b")
_LEFT = stop_words() | {
    "drop",
    "forget",
    "scrap",
    "skip",
    "cancel",
    "remove",
    "leave",
    "never",
    "mind",
    "nevermind",
    "longer",
    "interested",
}
_LEFT = _LEFT | {"looking", "anymore", "after", "all", "now", "please", "actually", "really", "thanks"}
_BACK_TO = re.compile(r"\bback to (?:the |those |these |my )?(?P<what>[a-z]+(?: [a-z]+)?)")
_JOINS = re.compile(
    r"\b(?:is|are|would be|it's) (?:also )?(?:fine|ok|okay|good|great|acceptable|alright|possible|welcome)\b|"
    r"\b(?:fine|ok|okay|good|works?|do|welcome) (?:too|as well|also)\b|\b(?:too|as well)$|^(?:(?:and|oh|no wait|wait) )*(?:or|also|plus)\b"
)
_SURELY_JOINS = re.compile(
    r"\b(?:fine|ok|okay|good|great|acceptable|alright|works?|do|welcome) (?:too|as well|also)\b|\balso (?:fine|ok|okay|good)\b"
)


def needs_given_up(analysis: Analysis, clause: Clause) -> tuple[int, ...]:
    """The open needs that a clause says are no longer wanted: it names their kind of thing, and asks for nothing else."""
    if not _GIVES_UP.match(clause.text):
        return ()
    inside = analysis.inside(clause)
    kinds = [m for m in inside if m.kind]
    if not kinds or len(kinds) < len(inside):
        return ()
    rest = [
        t.text
        for i, t in enumerate(analysis.message.tokens)
        if clause.holds(i) and t.text[:1].isalnum() and not any(m.covers(i) for m in inside)
    ]
    if not set(rest) <= _LEFT or _GOES_ON.search(clause.text):
        return ()
    named = {v.casefold() for m in kinds for v in m.values}
    return tuple(n.need_id for n in analysis.state.needs if named & _kinds(n))


def need_returned_to(analysis: Analysis, clause: Clause) -> int | None:
    """The earlier need that "back to the headphones" names in the words it was asked for with; kinds of things are found without."""
    found = _BACK_TO.search(clause.text)
    if not found or any(m.kind for m in analysis.inside(clause)):
        return None
    wanted = set(stems(found["what"])) - stop_words()
    holding = [n for n in analysis.state.needs if wanted & set(stems(n.query))]
    others = [n for n in holding if n.need_id != analysis.state.active_need] or holding
    return others[-1].need_id if others else None


def back_to_earlier(readings: Sequence[NeedReading], analysis: Analysis) -> tuple[NeedReading, ...]:
    """ "Back to the jackets" means the rain jackets that were asked for, though the shop has other jackets too."""
    if not _BACK_TO.search(analysis.message.text):
        return tuple(readings)
    return tuple(replace(r, constraints=tuple(_of_earlier(c, analysis.state.needs) for c in r.constraints)) for r in readings)


def _of_earlier(named: Constraint, needs: Sequence[Need]) -> Constraint:
    if named.field != "category" or named.op is not Op.IS or len(named.values) < 2:
        return named
    earlier = [c for n in needs for c in n.constraints if c.field == "category" and c.op is Op.IS and set(c.values) < set(named.values)]
    return replace(named, values=earlier[-1].values) if earlier else named


def _kinds(need: Need) -> set[str]:
    return {v.casefold() for c in need.constraints if c.op is Op.IS and c.strength is Strength.MUST for v in c.values}


def join_values(readings: Sequence[NeedReading], analysis: Analysis) -> tuple[NeedReading, ...]:
    """ "Unisex is fine too" leaves what was asked for before and adds to it."""
    need = analysis.state.need()
    return tuple(readings) if need is None else tuple(_joined(r, need, analysis) for r in readings)


def _joined(reading: NeedReading, need: Need, analysis: Analysis) -> NeedReading:
    if reading.opens and not _SURELY_JOINS.search(analysis.message.text):
        return reading
    reading = _allowed_again(reading, need, analysis)
    made = [_with_old(c, need, analysis) for c in reading.constraints]
    if made == list(reading.constraints):
        return reading
    kinds = any(c != old and c.field == "category" for c, old in zip(made, reading.constraints, strict=True))
    return replace(reading, constraints=tuple(made), opens=reading.opens and not kinds)


def _allowed_again(reading: NeedReading, need: Need, analysis: Analysis) -> NeedReading:
    """ "Kolder is fine after all", said of what was excluded, lets it in again and asks for nothing."""
    excluded = [c for c in need.constraints if c.op is Op.IS_NOT]
    again = [
        c
        for c in reading.constraints
        if c.op is Op.IS and _joins(c, analysis) and set(c.values) <= {v for old in excluded if old.field == c.field for v in old.values}
    ]
    if not again:
        return reading
    fields, values = {c.field for c in again}, {v for c in again for v in c.values}
    left = [replace(c, values=tuple(v for v in c.values if v not in values)) if c.op is Op.IS_NOT else c for c in need.constraints]
    kept = [c for c in left if c.field in fields and (c.values or c.number is not None)]
    others = [c for c in reading.constraints if c not in again]
    return replace(reading, constraints=(*others, *kept), drops=(*reading.drops, *sorted(fields)))


def _joins(new: Constraint, analysis: Analysis) -> bool:
    return any(new.said and new.said in c.text and _JOINS.search(c.text) for c in analysis.clauses)


def _with_old(new: Constraint, need: Need, analysis: Analysis) -> Constraint:
    clause = next((c for c in analysis.clauses if new.said and new.said in c.text), None)
    if new.op is not Op.IS or clause is None or not _JOINS.search(clause.text):
        return new
    old = next((c for c in need.constraints if c.field == new.field and c.op is Op.IS), None)
    if old is None or set(new.values) >= set(old.values) or set(old.values) <= {"yes", "no"}:
        return new
    return replace(new, values=tuple(dict.fromkeys((*old.values, *new.values))), strength=old.strength)


def share_out(readings: Sequence[NeedReading], analysis: Analysis) -> tuple[NeedReading, ...]:
    """ "Under 50 for both": what refines one need refines each of those shown together."""
    ids = tuple(n.need_id for n in analysis.state.needs)
    if len(lists_of_each(analysis.message.text, analysis.state)) < 2 or any(r.opens or r.closes for r in readings):
        return tuple(readings)
    return tuple(replace(r, need_id=n, query="") for n in ids for r in readings if r.constraints or r.drops)


def with_turned_down(readings: Sequence[NeedReading], analysis: Analysis) -> tuple[NeedReading, ...]:
    """ "Not that brand": its value is excluded from the first need that the message speaks of."""
    found = tuple(Constraint(t.field, Op.IS_NOT, t.values, said=_words(analysis, t.tokens)) for t in analysis.turned_down)
    if not found:
        return tuple(readings)
    first = readings[0] if readings else NeedReading()
    return (replace(first, constraints=(*first.constraints, *found)), *readings[1:])


def _words(analysis: Analysis, tokens: Sequence[int]) -> str:
    return analysis.message.words(tokens[0], tokens[-1] + 1)[:80]
