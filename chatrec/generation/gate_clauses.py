"""Which item does each part of a sentence speak of? Citations and breaks decide; where they leave a doubt, all candidates must agree."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chatrec.generation.gate_claims import pair_key
from chatrec.generation.gate_lexicon import RELATIONS, SETS, UNIVERSAL
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.shop_talk import ShopTalk
from chatrec.generation.verbs import is_auxiliary

_CONDITIONS = frozenset({"if", "when", "for", "with", "should"})
_IN_RANKS = frozenset("the of these them all two three rated".split())
_PRONOUNS = frozenset({"it", "this", "that", "which"})


@dataclass(slots=True)
class Clause:
    """A run of tokens between breaks. ``subjects`` must each support what it says; empty means that it speaks of no item.

    ``objects`` are the items it is compared with ("than [1]"). ``run`` are the tokens of the enumeration that it is part of: the
    neighbouring clauses with the same subjects, joined by commas or "and".
    """

    indexes: list[int]
    subjects: tuple[int, ...] = ()
    objects: tuple[int, ...] = ()
    strong_before: bool = False
    joined_by: str = ""
    cites: list[int] = field(default_factory=list)
    universal: bool = False
    run: tuple[int, ...] = ()


def split_clauses(
    tokens: Sequence[Token], talk: ShopTalk, support: Support, previous: Sequence[int], free: Container[int] = ()
) -> list[Clause]:
    """The clauses of a sentence with their subjects. ``free`` are tokens of set phrases: "all" in one of them claims nothing of all."""
    clauses = _segments(tokens)
    _move_objects(clauses, tokens)
    _join_bare_citations(clauses, tokens, talk)
    _give_subjects(clauses, tokens, support, previous, free)
    _give_runs(clauses)
    return [c for c in clauses if c.indexes]


def _segments(tokens: Sequence[Token]) -> list[Clause]:
    clauses = [Clause([])]
    strong, word = False, ""
    for i, token in enumerate(tokens):
        if token.text == ":" and any(tokens[j].stem == "same" for j in clauses[-1].indexes):
            continue  # "the same type: canister" is one statement
        if token.kind in (Kind.BREAK, Kind.STRONG):
            if clauses[-1].indexes:
                clauses.append(Clause([]))
                strong, word = False, ""
            strong, word = strong or token.kind is Kind.STRONG, token.stem or word
            clauses[-1].strong_before, clauses[-1].joined_by = strong, word
        else:
            clauses[-1].indexes.append(i)
    return [c for c in clauses if c.indexes]


def _move_objects(clauses: list[Clause], tokens: Sequence[Token]) -> None:
    """A citation behind "than" is what the subject is compared with, not a subject; "than [1] and [3]" names two of them."""
    comparing = False
    for clause in clauses:
        comparing = comparing and not clause.strong_before and tokens[clause.indexes[0]].kind is Kind.CITE and len(clause.indexes) == 1
        objects: list[int] = []
        for i in clause.indexes:
            if tokens[i].kind is Kind.CITE:
                (objects if comparing else clause.cites).append(int(tokens[i].value))
            elif tokens[i].stem == "than":
                comparing = True
            elif tokens[i].stem not in ("the", "both"):
                comparing = comparing and not objects
        clause.objects = tuple(objects)
        if objects and not clause.cites and clause is not clauses[0]:
            index = clauses.index(clause)
            if len(clause.indexes) == 1:
                clauses[index - 1].objects += clause.objects
                clause.indexes, clause.objects = [], ()
    clauses[:] = [c for c in clauses if c.indexes]


def _join_bare_citations(clauses: list[Clause], tokens: Sequence[Token], talk: ShopTalk) -> None:
    """ "[1] and [2] are waterproof": the first clause is a bare citation, so it shares what the second says."""
    for first, second in pairwise(clauses):
        if not first.cites or not second.cites or second.strong_before:
            continue
        bare = all(tokens[i].kind is Kind.CITE for i in first.indexes)
        idle = all(tokens[i].kind is Kind.CITE or (tokens[i].stem and talk.is_idle(tokens[i].stem)) for i in first.indexes)
        starts = tokens[second.indexes[0]].kind is Kind.CITE
        singular = any(tokens[i].text.lower() in ("is", "was", "has", "does") for i in second.indexes)
        if starts and (bare or (idle and not singular)):
            second.cites = [*first.cites, *second.cites]


def _give_subjects(clauses: list[Clause], tokens: Sequence[Token], support: Support, previous: Sequence[int], free: Container[int]) -> None:
    everyone = support.numbers
    cited = [i for i, c in enumerate(clauses) if c.cites]
    for i, clause in enumerate(clauses):
        words = {tokens[j].stem for j in clause.indexes}
        first = tokens[clause.indexes[0]].stem
        clause.universal = bool(words & UNIVERSAL) and not support.is_passages and _is_universal(clause, tokens, support, free)
        if clause.cites:
            group = tuple(dict.fromkeys(clause.cites))
            clause.subjects = everyone if clause.universal and len(group) < 2 else group
        elif clause.universal:
            named = [c for c in clauses[:i] if len(c.subjects) > 1]
            clause.subjects = named[-1].subjects if named else everyone
        else:
            clause.subjects = _inherited(clauses, i, cited, first, tokens, support, previous)


def _inherited(
    clauses: list[Clause], i: int, cited: list[int], first: str, tokens: Sequence[Token], support: Support, previous: Sequence[int]
) -> tuple[int, ...]:
    """The subject of a clause without a citation of its own."""
    before = [j for j in cited if j < i]
    after = [j for j in cited if j > i]
    last = next((j for j in range(i - 1, 0, -1) if not _is_apposition(clauses[j], tokens)), 0)
    earlier = clauses[last].subjects if i else ()
    if (
        last == i - 1
        and _is_apposition(clauses[i], tokens)
        and clauses[last].objects
        and tokens[clauses[last].indexes[-1]].kind is Kind.CITE
    ):
        return clauses[last].objects[-1:]  # "heavier than [2], the lightest"
    if first in _PRONOUNS:
        compared = clauses[i - 1].objects if i and first != "it" else ()  # "lighter than [1], which is red" may speak of either
        return tuple(dict.fromkeys((*earlier, *compared))) or tuple(dict.fromkeys(previous)) or _alone(support)
    if after and clauses[i].strong_before and first in _CONDITIONS:
        return tuple(clauses[after[0]].cites)  # "...; if you want a soft grip, [1]"
    if before and after:
        following = clauses[after[0]]
        starts = tokens[following.indexes[0]].kind is Kind.CITE
        apart = any(c.strong_before and c.joined_by != "but" for c in clauses[before[-1] + 1 : i + 1])
        if starts and not apart:
            return clauses[before[-1]].subjects
        if any(c.strong_before for c in clauses[i + 1 : after[0] + 1]) and not apart:
            return clauses[before[-1]].subjects
        return tuple(dict.fromkeys((*clauses[before[-1]].subjects, *following.cites)))
    if before:
        return earlier
    if after:
        return _listed(clauses, after, tokens)
    return earlier or tuple(dict.fromkeys(previous)) or _alone(support)


def _is_rank(clause: Clause, tokens: Sequence[Token]) -> bool:
    """ "The lightest", "the lightest of these": a rank alone, in apposition."""
    words = [tokens[j] for j in clause.indexes]
    ranks = [t for t in words if t.stem in RELATIONS and t.text.lower().endswith(("est", "er"))]
    return len(ranks) == 1 and words[0].text.lower() == "the" and all(t.text.lower() in _IN_RANKS for t in words if t is not ranks[0])


def _is_apposition(clause: Clause, tokens: Sequence[Token]) -> bool:
    """ "The lightest", "the dimmable one": a name for what stands before it."""
    words = [tokens[j] for j in clause.indexes]
    named = words[0].text.lower() == "the" and words[-1].text.lower() == "one" and not any(is_auxiliary(t.text) for t in words)
    return named or _is_rank(clause, tokens)


def _listed(clauses: list[Clause], after: Sequence[int], tokens: Sequence[Token]) -> tuple[int, ...]:
    """The items of "two of these are washable: [1] and [3]": all of a row of bare citations, else those of the next clause."""
    cites: list[int] = []
    for i in after:
        bare = all(tokens[j].kind is Kind.CITE for j in clauses[i].indexes)
        if cites and not bare:
            break
        cites += clauses[i].cites
        if not bare:
            break
    return tuple(dict.fromkeys(cites))


def _alone(support: Support) -> tuple[int, ...]:
    return support.numbers if len(support.numbers) == 1 else ()


def _give_runs(clauses: list[Clause]) -> None:
    start = 0
    for i in range(1, len(clauses) + 1):
        if i == len(clauses) or clauses[i].strong_before or clauses[i].subjects != clauses[start].subjects:
            run = tuple(j for clause in clauses[start:i] for j in clause.indexes)
            for clause in clauses[start:i]:
                clause.run = run
            start = i


def _is_universal(clause: Clause, tokens: Sequence[Token], support: Support, free: Container[int]) -> bool:
    """Whether a word like "all" speaks of the items; in "all-season" or "both sides" the record itself says it."""
    for i in clause.indexes:
        word = tokens[i].stem
        following = pair_key(tokens[i + 1]) if i + 1 < len(tokens) else ""
        in_a_set = i > 0 and tokens[i - 1].stem in ("of", "among") and word in SETS  # "the lightest of these" speaks of one
        at_all = i > 0 and tokens[i - 1].stem == "at"
        behind = tokens[i + 1 : i + 3]
        if word == "those" and len(behind) == 2 and behind[0].stem in ("of", "on") and behind[1].kind is Kind.CITE:
            continue  # "those of [2] are steel"
        if word == "both" and len(set(clause.cites)) == 1 and i > clause.indexes[0] + 1 and tokens[clause.indexes[0]].kind is Kind.CITE:
            continue  # "[2] has both mapping and a mop"
        if word in UNIVERSAL and i not in free and not in_a_set and not at_all and (word, following) not in support.pairs:
            return True
    return False
