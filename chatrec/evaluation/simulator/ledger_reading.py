"""Whether the bot's ledger says what the shopper wished."""

from __future__ import annotations

from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.evaluation.simulator.wishes import KIND, WORD, Wish, is_a, stem, words_in

_NEAR = 0.011  # figures that differ by no more, relatively, were understood


def understood(wish: Wish, need: Need) -> bool:
    """Whether a need says what was wished: as a constraint, or, for words and kinds of things, among the words to search with."""
    if any(says(c, wish) for c in need.constraints):
        return True
    if wish.field == WORD or wish.role in ("kind", "style"):
        known = {stem(w) for w in words_in(need.query)} | {stem(w) for c in need.constraints for v in c.values for w in words_in(v)}
        return {stem(w) for v in wish.values for w in words_in(v)} <= known
    return False


def filtered(wish: Wish, need: Need) -> bool:
    """Whether a need holds all of a wish as hard filters: then nothing shown for it may break the wish."""
    hard = [c for c in need.hard() if c.field == wish.field]
    if wish.least is None and wish.most is None:
        return any(says(c, wish) and all(_is_meant(v, wish) for v in c.values) for c in hard)
    bounds = ((Op.AT_LEAST, wish.least), (Op.AT_MOST, wish.most))
    return all(b is None or any(c.op is op and _same_figure(c, Wish(c.field, wish.role, most=b)) for c in hard) for op, b in bounds)


def _is_meant(value: str, wish: Wish) -> bool:
    """Whether a value of the ledger is no more than what was wished: "roller chains" for chains, not "chain fittings"."""
    same = any(value.casefold() == v.casefold() for v in wish.values)
    return same or (wish.field == KIND and any(is_a(value, v) for v in wish.values))


def says(constraint: Constraint, wish: Wish) -> bool:
    """Whether a constraint says (part of) what is wished."""
    if wish.least is not None or wish.most is not None:
        return constraint.field == wish.field and _same_figure(constraint, wish)
    wanted = Op.IS_NOT if wish.excluded else Op.IS
    turned = wish.excluded and constraint.strength is Strength.AVOID and constraint.op is Op.IS
    if constraint.op is not wanted and not turned:
        return False
    if constraint.field != wish.field and not (wish.role == "kind" and constraint.field in (KIND, "title", "type", "style")):
        return wish.field == WORD and _shares(constraint, wish)
    return _shares(constraint, wish)


def _same_figure(constraint: Constraint, wish: Wish) -> bool:
    bounds = [b for b in (wish.least, wish.most) if b is not None]
    figures = [constraint.number] if constraint.number is not None else []
    if constraint.op is Op.IS:
        figures += [float(v) for v in constraint.values if v.replace(".", "", 1).isdigit()]
    near = any(abs(f - b) <= _NEAR * max(1.0, abs(b)) for f in figures for b in bounds)
    wrong_side = (constraint.op is Op.AT_LEAST and wish.least is None) or (constraint.op is Op.AT_MOST and wish.most is None)
    return near and not wrong_side


def _shares(constraint: Constraint, wish: Wish) -> bool:
    held = [{stem(w) for w in words_in(v)} for v in constraint.values]
    return any(want and any(want <= h or (h and h <= want) for h in held) for want in ({stem(w) for w in words_in(v)} for v in wish.values))
