"""The rules of the gate: each word, figure, comparison and negation of a clause must be said by a claim of every subject."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chatrec.domain.facts import FactKind
from chatrec.generation.gate_claims import Claim, bound_before, pair_key
from chatrec.generation.gate_clauses import Clause
from chatrec.generation.gate_figures import matching_claims
from chatrec.generation.gate_lexicon import NEGATORS, PARTICLES, RELATIONS, SETS, UNIVERSAL, WIDER
from chatrec.generation.gate_negations import check_negations
from chatrec.generation.gate_roles import check_frames
from chatrec.generation.gate_said import ATTRIBUTION, Failure, Reading, Said
from chatrec.generation.gate_sense import check_differences, check_ranked_at
from chatrec.generation.gate_silence import UNSAYING, tells_how_little
from chatrec.generation.gate_tokens import Kind
from chatrec.generation.gate_words import stems

_CONDITIONS = frozenset({"if", "unless", "except", "until", "when", "onc", "provid", "exclud", "onli", "but", "within"})
BOTH = 2
LEAST_SHARE = 0.5  # of a policy statement's content words: with fewer, its sense may have changed
_DEGREES = frozenset(stems("more less most least higher highest lower lowest fewer fewest larger bigger greater smaller"))
# Degrees that need no name of the property: "the lower of the two" is a height, "the smaller one" holds less.
_OF_THE_WHOLE = {
    "height": frozenset(stems("lower lowest higher highest")),
    **dict.fromkeys(("hold", "diamet", "size"), frozenset(stems("larger largest bigger biggest smaller smallest"))),
}
_FUNCTIONS = frozenset(stems("function setting mode"))
_GLUE = frozenset({"of", "is", "are", "be", "a", "an", "the", "in", "it"})
_NAMED = frozenset({FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING})


def check_clause(clause: Clause, reading: Reading) -> Failure | None:
    """The first token of the clause that some subject's record does not support, or ``None``."""
    support = reading.support
    if tells_how_little(clause, reading):
        return None
    subjects: Sequence[int | None] = clause.subjects or (None,)
    for subject in subjects:
        own = support.claims.get(subject, ()) if subject is not None else ()
        failure = _check_for(clause, reading, (*own, *support.common), subject)
        if failure:
            return failure
    return None


def _check_for(clause: Clause, reading: Reading, claims: Sequence[Claim], subject: int | None) -> Failure | None:
    usable = [c for c in claims if _usable(c, clause, reading)]
    figures = matching_claims(clause, reading, usable, subject)
    if isinstance(figures, Failure):
        return figures
    matched, told = figures
    said = Said(clause, reading, usable, matched, told, subject)
    reading.ranked = said.ranked or reading.ranked
    return next(filter(None, (check(said) for check in _CHECKS)), None)


def _usable(claim: Claim, clause: Clause, reading: Reading) -> bool:
    """A comparison supports only clauses that compare, and only against what it was computed over; an opinion wants a speaker."""
    if claim.kind is FactKind.OPINION:
        return reading.attributed
    if claim.kind is FactKind.COMPUTED and claim.relations:
        words = {reading.tokens[i].stem for i in clause.indexes}
        against = set(clause.objects) or _others(clause, reading)
        return bool(words & claim.relations) and against <= claim.scope
    return True


def _others(clause: Clause, reading: Reading) -> set[int]:
    """What a comparison is with that names no item: the others of the sentence, else all others shown."""
    subjects = set(clause.subjects)
    named = {int(t.value) for t in reading.tokens if t.kind is Kind.CITE} - subjects
    return named or set(reading.support.numbers) - subjects


def _check_words(said: Said) -> Failure | None:
    reading = said.reading
    for i in said.open_words:
        token, negated = reading.tokens[i], reading.negated[i]
        word = token.stem
        if word == "both" and said.clause.universal and len(said.clause.subjects) != BOTH:
            return Failure(i, "there are not two items to speak of")
        if negated and any(c.denies_of(word, said.negated_words) for c in said.claims):
            continue
        if _is_for_another_rule(said, i) or _goes_without_saying(said, i) or said.supporting(word, negated):
            continue
        other = any(c.holds(word, not negated) for c in said.claims)
        where = f"the record of [{said.subject}]" if said.subject is not None else "no cited record"
        reason = "the record says the opposite" if other else f"'{token.text}' is not in {where}"
        return Failure(i, reason if other or said.subject is not None else f"'{token.text}' is in {where}")
    return None


def _is_for_another_rule(said: Said, i: int) -> bool:
    """Negations, comparisons and claims about all have rules of their own; what is denied is looked for by the negation itself."""
    word = said.reading.tokens[i].stem
    if word in NEGATORS or word in RELATIONS or (word in UNIVERSAL and said.clause.universal) or (word in SETS and word != "all"):
        return True
    if word == "both" and not said.clause.universal and len(said.clause.subjects) == 1:
        return True
    return word in said.reading.support.types and (said.reading.negated[i] or said.subject is None)


def _goes_without_saying(said: Said, i: int) -> bool:
    """The speakers of an opinion, the sort of thing that a property is, a topic, the silence of a listing, the "free" of "PFAS-free"."""
    word, negated = said.reading.tokens[i].stem, said.reading.negated[i]
    if word in ATTRIBUTION and (_has_opinion(said) or _only_attributes(said)):
        return True
    if word in UNSAYING and negated and any(c.holds(word, True) for c in said.claims):
        return True
    return _names_a_function(said, i) or (said.is_topic and said.is_favoured_in(word)) or (word == "free" and _frees(said, i))


def _names_a_function(said: Said, i: int) -> bool:
    """ "A keep-warm setting": the word only says what sort of thing the property in front of it is."""
    tokens = said.reading.tokens
    return tokens[i].stem in _FUNCTIONS and i > 0 and bool(said.supporting(tokens[i - 1].stem, said.reading.negated[i - 1]))


def _only_attributes(said: Said) -> bool:
    """ "..., reviewers say": a clause that only names the speakers of an opinion on record."""
    words = {said.reading.tokens[i].stem for i in said.open_words}
    return words <= ATTRIBUTION and any(c.kind is FactKind.OPINION for c in said.claims)


def _frees(said: Said, i: int) -> bool:
    """ "PFAS-free", "free of PFAS": the word denies its neighbour, which is looked for by itself."""
    tokens = said.reading.tokens
    return tokens[i].joined or (i + 1 < len(tokens) and tokens[i + 1].stem in ("of", "from"))


def _has_opinion(said: Said) -> bool:
    if any(c.kind is FactKind.RATING and id(c) in said.matched for c in said.claims):
        return True
    opinions = [c for c in said.claims if c.kind is FactKind.OPINION]
    others = [i for i in said.open_words if said.reading.tokens[i].stem not in ATTRIBUTION]
    return any(c.holds(said.reading.tokens[i].stem, said.reading.negated[i]) for c in opinions for i in others)


def _check_relations(said: Said) -> Failure | None:
    """ "lighter", "more", "only" ... must come from one computed note (or one clause of the record) together with what they bind to."""
    tokens, open_words = said.reading.tokens, said.open_words
    for i in open_words:
        word = tokens[i].stem
        if word not in RELATIONS or (word == "than" and said.clause.objects) or (word == "top" and _has_a_top(said)):
            continue
        if word == "onli" and any(t.kind is Kind.NUMBER and t.unit for t in tokens[i + 1 : i + 3]):
            continue  # "only 23 cm", "only takes 3 minutes": the figure is checked
        if word == "onli" and _is_bounded_behind(said, i):
            continue  # "only for dogs of up to 25 kg"
        after = [j for j in open_words if j > i and tokens[j].stem != "than"]
        before = [j for j in open_words if j < i]
        bound = after[:1] or before[-1:]
        if word == "onli" and not bound:
            return Failure(i, "says only, and not what")
        if not any(_compares(c, word, [tokens[j].stem for j in bound], said, i) for c in said.claims):
            return Failure(i, f"no comparison on record says '{tokens[i].text}'")
    return None


def _has_a_top(said: Said) -> bool:
    """ "A threaded top": a property of that name is told, no rank."""
    return any("top" in c.names for c in said.claims)


def _is_bounded_behind(said: Said, i: int) -> bool:
    """Whether a figure of the record with an upper bound follows in the clause, which says "only" by itself."""
    tokens, indexes = said.reading.tokens, said.clause.indexes
    figures = [p for p, j in enumerate(indexes) if j > i and tokens[j].kind is Kind.NUMBER and tokens[j].unit]
    return any(bound_before([tokens[j] for j in indexes], p) == "upto" for p in figures)


def _compares(claim: Claim, word: str, bound: list[str], said: Said, i: int) -> bool:
    if not claim.holds(word, said.reading.negated[i]):
        return False
    if claim.kind is FactKind.COMPUTED:
        said_words = {said.reading.tokens[j].stem for j in said.clause.indexes}
        if said_words & WIDER - claim.words:
            return False
        ranking = {w for w in claim.words - RELATIONS if not said.reading.talk.is_idle(w)}
        alone = any(word in words and name in claim.words for name, words in _OF_THE_WHOLE.items())
        ranked = said.ranked or said.reading.ranked
        figured = id(claim) in said.matched and bool(claim.figures and claim.figures[0].unit)  # "two litres more"
        if word in _DEGREES and ranking and not ranking & ranked and not alone and not figured:
            return False  # "the highest" of what?
        return all(b in claim.words or b in claim.names or b in said.reading.support.types or b in UNIVERSAL for b in bound)
    if said.clause.objects or said.clause.universal:
        return False
    tokens = said.reading.tokens
    next_to = [pair_key(t) for t in tokens[max(0, i - 1) : i + 2] if t.kind in (Kind.WORD, Kind.NUMBER) and t.stem != word]
    return any((word, n) in claim.pairs or (n, word) in claim.pairs for n in next_to)


def _check_names(said: Said) -> Failure | None:
    """A word beside a property's name must be that property's value: no "nylon fill" from "fill synthetic; shell nylon"."""
    reading = said.reading
    named = (c for c in said.claims if c.kind in _NAMED and not c.names >= c.said)
    names = frozenset(n for c in named for n in c.names) - reading.support.types
    chain: list[int] = []
    content = set(reading.content(said.clause.indexes)) - said.told
    for i in said.clause.indexes:
        token = reading.tokens[i]
        if i in content and token.stem not in RELATIONS | NEGATORS | UNIVERSAL | ATTRIBUTION:
            chain.append(i)
        elif token.text.lower() in ("a", "an") and i and reading.tokens[i - 1].stem in ("in", "with"):
            chain = []  # "a synthetic fill in a nylon shell" tells of two things
        elif token.kind is not Kind.CITE and (token.kind is not Kind.WORD or token.stem not in _GLUE):
            chain = []
        if len(chain) > 1 and _mixes(reading.tokens[chain[-2]].stem, reading.tokens[chain[-1]].stem, names, said):
            return Failure(chain[-1], f"'{reading.tokens[chain[-2]].text} {token.text}' joins two different facts")
    return None


def _check_particles(said: Said) -> Failure | None:
    """ "Switches on" where the record says "switches off": the small word turns the verb round."""
    tokens = said.reading.tokens
    for i, j in pairwise(said.clause.indexes):
        verb, particle = tokens[i].stem, tokens[j].stem
        if particle not in PARTICLES or j in said.told:
            continue
        holding = [c for c in said.claims if c.holds(verb, said.reading.negated[i])]
        if any((verb, PARTICLES[particle]) in c.pairs for c in holding) and not any((verb, particle) in c.pairs for c in holding):
            return Failure(j, "the record says the opposite")
    return None


def _check_owned(said: Said) -> Failure | None:
    """ "Its score pad has 13 years": what is owned and what is said of it must stand in one fact."""
    tokens = said.reading.tokens
    if tokens[said.clause.indexes[0]].text.lower() not in ("its", "their"):
        return None
    words = [i for i in said.reading.content(said.clause.indexes) if tokens[i].stem not in RELATIONS | NEGATORS | UNIVERSAL]
    own = [c for c in said.claims if not words or tokens[words[0]].stem in c.words | c.names]
    stray = next((i for i in words if not any(tokens[i].stem in c.words | c.names for c in own)), None)
    figures = any(tokens[i].kind is Kind.NUMBER and i not in said.reading.free for i in said.clause.indexes)
    if stray is None and figures and not any(id(c) in said.matched for c in own):
        stray = words[0] if words else said.clause.indexes[0]
    return Failure(stray, "this is said of something else") if stray is not None else None


def _mixes(first: str, second: str, names: frozenset[str], said: Said) -> bool:
    if not {first, second} & names or {first, second} & said.reading.support.types:
        return False
    return not any({first, second} <= c.words | c.names for c in said.claims)


def _is_whole(claim: Claim, reading: Reading) -> bool:
    """Whether the sentence keeps what limits the statement: its conditions, its bounded figures, and most of its content."""
    words = {t.stem for t in reading.tokens}
    values = {t.value for t in reading.tokens if t.kind is Kind.NUMBER}
    if claim.kind is not FactKind.PASSAGE:
        return True
    if claim.words & _CONDITIONS - words or any(f.bound and f.value not in values for f in claim.figures):
        return False
    return len(claim.core & words) >= LEAST_SHARE * len(claim.core)


def _check_one_statement(said: Said) -> Failure | None:
    """Policies and dialogue notes: what a clause says must stand in one statement, else two of them could be mixed into a third."""
    if not said.reading.support.is_passages:
        return None
    stated = [(said.reading.tokens[i].stem, said.reading.negated[i]) for i in said.open_words]
    words = [w for w in stated if w[0] not in NEGATORS | UNIVERSAL]
    denied = said.negated_words
    held = (all(c.holds(*w) or (w[1] and c.denies_of(w[0], denied)) for w in words) and _is_whole(c, said.reading) for c in said.claims)
    if not words or any(held):
        return None
    return Failure(said.open_words[0], "no single statement of the passage says this")


_CHECKS = (
    _check_words,
    check_negations,
    _check_relations,
    _check_names,
    _check_owned,
    _check_particles,
    check_differences,
    check_ranked_at,
    check_frames,
    _check_one_statement,
)
