"""Rules about what a sentence means as a whole.

Choices without a reason, praise of a fit, words that say nothing, a difference that is none, a rank with the figure of something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_lexicon import RELATIONS, UNIVERSAL
from chatrec.generation.gate_said import TOPICAL, Failure, Reading, Said
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_wishes import TAKING_UP
from chatrec.generation.gate_words import SHARED_TOLD, stems

_BRINGING = frozenset(stems("has have with brings includes offers does features"))
_VAGUE = frozenset(stems("something anything someone anyone"))
_WHATEVER = frozenset(stems("what everything all one thing item product"))
_MODAL = frozenset(stems("may might could can would will should"))
_WANTING = frozenset(stems("want need asked ask wanted looking searching after"))


def check_sense(tokens: Sequence[Token], reading: Reading) -> Failure | None:
    """What says nothing by record must at least point at an item, ask or be shop talk: "for [2], something is for [1]" does neither.

    "[1] has what you asked for" is a claim about every wish; only a note of why an item was shown makes it."""
    cites = [i for i, t in enumerate(tokens) if t.kind is Kind.CITE]
    if not cites or tokens[-1].text == "?":
        return None
    fit = _praises_the_fit(tokens)
    if fit is not None and not any(c.kind is FactKind.COMPUTED and "ask" in c.said for own in reading.support.claims.values() for c in own):
        return Failure(fit, "no record says that it is all the shopper asked for")
    pointer = _has_it(tokens, reading)
    if pointer is not None:
        return Failure(pointer, "points back to what this sentence does not say")
    says = any(reading.content(range(len(tokens)))) or any(t.kind is Kind.NUMBER for t in tokens) or bool(reading.free)
    if not says and any(t.stem in _VAGUE for t in tokens):
        return Failure(cites[0], "says nothing of this item")
    return None


def _has_it(tokens: Sequence[Token], reading: Reading) -> int | None:
    """The place of the "it" in "[1] comes with it", where the sentence says nothing else that it could mean."""
    content = [i for i in reading.content(range(len(tokens))) if tokens[i].text.lower() not in TAKING_UP]
    if content or any(t.kind is Kind.NUMBER or i in reading.free for i, t in enumerate(tokens)):
        return None
    for i, token in enumerate(tokens[1:], start=1):
        ends = i + 1 == len(tokens) or tokens[i + 1].kind in (Kind.BREAK, Kind.STRONG)
        if ends and token.text.lower() in TAKING_UP - {"so", "too"} and tokens[i - 1].stem in _BRINGING:
            return i
    return None


def _praises_the_fit(tokens: Sequence[Token]) -> int | None:
    """The place of "what you asked for", "the one you need", where an item is said to be or have it."""
    for i, token in enumerate(tokens):
        if token.stem not in _WHATEVER or i == 0 or not any(t.kind is Kind.CITE or t.stem == "it" for t in tokens[:i]):
            continue
        behind = [t.stem for t in tokens[i + 1 : i + 6]]
        if "you" not in behind[:2] or _MODAL & {*behind, *(t.stem for t in tokens[max(0, i - 3) : i])}:
            continue
        if _WANTING & set(behind[behind.index("you") :]) and not {"if", "whether"} & {t.stem for t in tokens[:i]}:
            return i
    return None


def check_choice(clauses: Sequence[Clause], reading: Reading) -> Failure | None:
    """ "If weight matters, take [1]" says that [1] is the one for it: the others must be behind it in that."""
    for clause in clauses:
        topic = [i for i in reading.content(clause.indexes) if reading.tokens[i].stem not in RELATIONS]
        words = {reading.tokens[i].stem for i in clause.indexes}
        if not topic or reading.tokens[clause.indexes[0]].stem not in ("if", "when") or not words & TOPICAL or not clause.subjects:
            continue
        rest = [i for other in clauses if other is not clause and set(other.subjects) == set(clause.subjects) for i in other.indexes]
        if any(reading.content(rest)) or any(reading.tokens[i].kind is Kind.NUMBER for i in rest):
            continue
        others = set(reading.support.numbers) - set(clause.subjects)
        for i in topic:
            word = reading.tokens[i].stem
            own = [c for n in clause.subjects for c in reading.support.claims.get(n, ()) if c.is_favoured and word in c.words | c.names]
            if _only_they_have_it(word, clause, reading):
                continue
            if others and not any(others <= c.scope for c in own):
                return Failure(i, "no comparison on record favours this item")
    return None


def _only_they_have_it(word: str, clause: Clause, reading: Reading) -> bool:
    """ "If a red light matters, take [1]": a thing without a figure that the record of each subject has, and no other record."""

    def having(n: int) -> bool:
        return any(word in c.said and not c.figures and not c.relations for c in reading.support.claims.get(n, ()))

    others = set(reading.support.numbers) - set(clause.subjects)
    return all(map(having, clause.subjects)) and not any(map(having, others))


def check_differences(said: Said) -> Failure | None:
    """ "They differ in weight": true of what all records give, and not all alike."""
    if not said.is_difference or said.reading.support.is_passages:
        return None
    words = [(i, said.reading.tokens[i].stem) for i in said.open_words]
    place = next((i for i, word in words if word not in RELATIONS | UNIVERSAL and not said.differs(word)), None)
    return Failure(place, "the records do not differ in this") if place is not None else None


def check_ranked_at(said: Said) -> Failure | None:
    """ "The brightest at 900 lm": the figure is that of the property that is compared, not the hours that it burns."""
    tokens = said.reading.tokens
    for place, i in enumerate(said.clause.indexes):
        ranks = [j for j in said.clause.indexes[max(0, place - 5) : place] if tokens[j].stem in RELATIONS]
        if not tokens[i].unit or place < 1 or tokens[said.clause.indexes[place - 1]].stem != "at" or not ranks:
            continue
        own = {n for c in said.claims if id(c) in said.matched and not c.relations for n in c.names} - SHARED_TOLD
        ranked = [c for c in said.claims if c.relations and c.holds(tokens[ranks[-1]].stem, False)]
        if own and ranked and not any(own & c.words for c in ranked):
            return Failure(i, "this is the figure of another property")
    return None
