"""Facts cut into claims, each with its words, their polarity and its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile

from chatrec.domain.facts import Fact, FactKind
from chatrec.generation.gate_lexicon import BOUND_KEYS, NEGATORS, RELATIONS, UNIVERSAL, VERBS
from chatrec.generation.gate_subjects import subject_of
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_words import content_stems, rooted, stem, stems, told_stems
from chatrec.generation.shop_talk import load_shop_talk
from chatrec.generation.units import canonical_unit, in_base_unit
from chatrec.generation.verbs import is_auxiliary, is_singular_verb

_CITE_IN_NOTE = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a claim, with the bound in front of it ("up to" gives ``max``) and the words behind it where it has no unit."""

    value: float
    unit: str = ""
    bound: str = ""
    behind: tuple[str, ...] = ()
    money: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement. ``said`` and ``denied`` are its stems by polarity; ``names`` name the property; ``scope`` are the items that a
    comparison was made against; ``group`` ties the claims of one fact together. ``core`` are its content stems, of which a clause
    must give at least ``least``: "safe" alone is not what "dishwasher safe" says. ``is_favoured``: a comparison to the subject's
    credit. ``parts`` are the things of "has two brushes and a remote", ``head`` the thing that a clause tells of ("the cable unplugs"),
    ``measured_part`` the part that a measure is of ("back length"), ``subject`` the things that a whole clause tells of.
    """

    said: frozenset[str]
    denied: frozenset[str]
    figures: tuple[Figure, ...]
    kind: FactKind
    group: int
    names: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    scope: frozenset[int] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    core: frozenset[str] = frozenset()
    least: int = 1
    is_favoured: bool = False
    parts: tuple[frozenset[str], ...] = ()
    head: str = ""
    measured_part: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()

    def holds(self, word: str, negated: bool) -> bool:
        """Whether this claim says the word with this polarity."""
        return word in (self.denied if negated else self.said)

    def denies_of(self, word: str, negated: Iterable[str]) -> bool:
        """ "You can not return gift cards" from "gift cards can not be returned": the same is denied of the word."""
        return self.kind is FactKind.PASSAGE and word in self.said and any(w in self.denied for w in negated)

    @property
    def words(self) -> frozenset[str]:
        """All stems, whatever their polarity."""
        return self.said | self.denied


def claims_of(fact: Fact, group: int) -> Iterator[Claim]:
    """The statements of a fact; none of a price, which code alone may tell. ``group`` ties them together."""
    names = frozenset(stems(fact.name)) if fact.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING) else frozenset()
    told = (
        told_stems(fact.name)
        if fact.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING, FactKind.BRAND, FactKind.STOCK)
        else frozenset()
    )
    told |= _ages(fact) | (_LASTING if fact.kind is FactKind.PASSAGE and _LASTED & set(stems(fact.text)) else frozenset())
    if fact.kind is FactKind.PRICE:
        return  # code renders prices: a price in the text is never supported
    text = fact.text if fact.kind is not FactKind.COMPUTED else _CITE_IN_NOTE.sub(" ", fact.text)
    for tokens in _statements(tokenise(text), whole=fact.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.TYPE, FactKind.COMPUTED)):
        said, denied = _polarity(tokens)
        negative = fact.value.lower() in ("no", "false") and fact.kind is FactKind.ATTRIBUTE
        if fact.kind is FactKind.COMPUTED and "say" in denied:
            denied |= _UNSAYING
        elif fact.kind is FactKind.STOCK and "not" in said:
            denied |= told
        elif negative:
            denied, said = denied | said | names, frozenset()
        elif denied and not said - {"not"}:
            denied |= names
        else:
            said |= told | names
        if fact.kind is FactKind.COMPUTED and fact.cites and said & RELATIONS and fact.name not in _UNNAMED and not denied:
            said |= frozenset(stems(fact.name)) | told_stems(fact.name)  # "runs the longest" has the longest battery life
        found = frozenset(said & RELATIONS)
        said, denied = said | {rooted(w) for w in said}, denied | {rooted(w) for w in denied}
        core = _core(fact.name if fact.value in ("yes", "no") else " ".join(t.text for t in tokens), fact.kind is FactKind.COMPUTED)
        yield Claim(
            said,
            denied,
            _figures(fact, tokens),
            fact.kind,
            group,
            names | told,
            found,
            pairs=frozenset(_pairs(tokens)),
            core=core,
            least=_least(fact, core),
            parts=_parts(fact, tokens),
            head=_head(fact, tokens),
            measured_part=_measured_part(fact),
            subject=subject_of(fact, tokens),
        )
    if fact.kind in (FactKind.OPTION, FactKind.ATTRIBUTE) and "," in fact.value and fact.number is None:  # "comes in three sizes"
        counted = Figure(float(fact.value.count(",") + 1), behind=stems(fact.name))
        yield Claim(names, frozenset(), (counted,), FactKind.DESCRIPTION, group)


def _figures(fact: Fact, tokens: list[Token]) -> tuple[Figure, ...]:
    """The figures of a statement, and the fact's own number where its words do not spell it."""
    figures = tuple(figures_of(tokens))
    if fact.number is not None and fact.unit and not any(f.value == fact.number for f in figures):
        figures += (Figure(fact.number, canonical_unit(fact.unit) or stem(fact.unit)),)
    return figures


def _parts(fact: Fact, tokens: list[Token]) -> tuple[frozenset[str], ...]:
    """The things that a clause with "has" or "with", or a list of features, puts in a row, each by its content stems."""
    opens = fact.kind is FactKind.DESCRIPTION and bool(tokens) and tokens[0].stem in _HAVING
    if not opens and not (fact.kind is FactKind.ATTRIBUTE and PART_NAMES & set(stems(fact.name)) and fact.value not in ("yes", "no")):
        return ()
    things: list[set[str]] = [set()]
    for token in tokens[opens:]:
        if token.kind is Kind.BREAK:
            things.append(set())
        elif token.kind is Kind.WORD:
            things[-1].add(token.stem)
    talk = load_shop_talk()
    return tuple(frozenset(rooted(w) for w in thing if not talk.is_idle(w)) for thing in things if any(not talk.is_idle(w) for w in thing))


def _head(fact: Fact, tokens: list[Token]) -> str:
    """The one noun of "the cable unplugs"; "" for any other fact."""
    words = [t for t in tokens if t.kind is Kind.WORD]
    opens = fact.kind is FactKind.DESCRIPTION and len(words) > 2 and words[0].text.lower() in ("the", "a", "an", "its")
    return rooted(words[1].stem) if opens and (is_auxiliary(words[2].text) or is_singular_verb(words[2].text)) else ""


def _measured_part(fact: Fact) -> frozenset[str]:
    """ "back" of "back length"; empty where the measure is of the whole thing ("packed length")."""
    name = stems(fact.name)
    if fact.kind is not FactKind.ATTRIBUTE or fact.number is None or not name or name[-1] not in _MEASURES_OF_A_THING:
        return frozenset()
    return frozenset(name[:-1]) - _OF_THE_WHOLE


def _core(text: str, is_note: bool) -> frozenset[str]:
    """The content stems of a statement; those that claim nothing ("made") count only where there are no others."""
    words = frozenset(content_stems(text)) - UNIVERSAL
    talk = load_shop_talk()
    return words if is_note else frozenset(w for w in words if not talk.is_idle(w)) or words


def _ages(fact: Fact) -> frozenset[str]:
    """What people of an age are called: "age from 8 years" speaks of children, "age from 6 months" of babies."""
    if fact.number is None or "age" not in stems(fact.name):
        return frozenset()
    months = in_base_unit(fact.number, fact.unit, "month") or 0.0
    return _BABIES if 0.0 < months < BABY_MONTHS else _CHILDREN if 0.0 < months < CHILD_MONTHS else frozenset()


def _least(fact: Fact, core: frozenset[str]) -> int:
    """How many content words of a fact must come together: all of a yes/no property, two of a free clause, one of a plain value."""
    if fact.kind is FactKind.ATTRIBUTE and fact.value in ("yes", "no"):
        return len(core)
    free = fact.kind in (FactKind.DESCRIPTION, FactKind.OPINION, FactKind.COMPUTED) or fact.text == fact.value
    return min(2, len(core)) if free and fact.kind is not FactKind.TYPE else 1


_HAVING = frozenset(stems("has have with comes includes features"))
PART_NAMES = frozenset(stems("features feature included includes accessories"))  # properties whose values are parts of the thing
_MEASURES_OF_A_THING = frozenset(stems("length width height depth thickness weight"))
_OF_THE_WHOLE = frozenset(
    stems("folded packed total net overall assembled open closed outer item product full max maximum minimum standing")
)
_LASTED, _LASTING = frozenset(stems("warranty guarantee")), frozenset(stems("runs lasts"))  # a warranty "of two years" runs for two years
_UNNAMED = frozenset({"computed", "extreme"})  # names of notes that name no property
_BABIES, _CHILDREN = frozenset(stems("baby babies toddlers")), frozenset(stems("child children kid kids"))
BABY_MONTHS, CHILD_MONTHS = 24.0, 16 * 12.0
# A listing that does not say does not mention or list either.
_UNSAYING = frozenset({"say", "mention", "list", "tell", "state", "give", "specifi"})


def _statements(tokens: list[Token], whole: bool) -> Iterator[list[Token]]:
    """Cuts at semicolons, full stops and "while"; and at "and" or a comma where what follows has its own verb.

    A piece that opens with its verb speaks of what the piece before it spoke of: "delivery costs $5 and takes 3 days"."""
    piece: list[Token] = []
    subject: list[Token] = []
    for i, token in enumerate(tokens):
        cut = token.kind is Kind.STRONG and token.text != ":"
        if token.kind is Kind.BREAK and not whole and token.text not in "()":
            cut = any(t.stem in VERBS for t in _until_break(tokens[i + 1 :])) and any(t.stem in VERBS for t in piece)
        if cut and not whole:
            if piece:
                yield piece
            follows = token.kind is Kind.BREAK and _opens_with_verb(tokens[i + 1 : i + 3])
            subject = (subject or [*piece[:1], *takewhile(lambda t: t.stem not in VERBS, piece[1:])]) if follows else []
            piece = list(subject)
        else:
            piece.append(token)
    if piece:
        yield piece


def _opens_with_verb(tokens: list[Token]) -> bool:
    """ "Takes 3 days", not "refunds take 3 days"."""
    if not tokens or tokens[0].stem not in VERBS or not (is_auxiliary(tokens[0].text) or is_singular_verb(tokens[0].text)):
        return False
    return len(tokens) < 2 or tokens[1].kind is not Kind.WORD or tokens[1].stem not in VERBS


def _until_break(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.kind in (Kind.BREAK, Kind.STRONG):
            return
        yield token


def _polarity(tokens: Iterable[Token]) -> tuple[frozenset[str], frozenset[str]]:
    said: set[str] = set()
    denied: set[str] = set()
    for token, negated in polarised(tokens):
        if token.kind is Kind.WORD or (token.kind is Kind.NUMBER and token.stem):
            (denied if negated else said).add(token.stem)
        if token.kind is Kind.NUMBER and token.unit:
            (denied if negated else said).add(stem(token.unit))
    return frozenset(said), frozenset(denied)


def polarised(tokens: Iterable[Token]) -> Iterator[tuple[Token, bool]]:
    """Tokens with whether a negation governs them: from "not" to the next break, over "or" as well. A joined "free" denies its word."""
    negated = False
    items = list(tokens)
    for i, token in enumerate(items):
        if token.kind is Kind.STRONG or (token.kind is Kind.BREAK and token.stem not in ("or", "nor")):
            negated = False
        follows_free = i + 1 < len(items) and items[i + 1].joined and items[i + 1].stem == "free"
        negated = negated or (i > 1 and items[i - 2].stem == "free" and items[i - 1].stem in ("of", "from"))
        yield token, (negated or follows_free) and token.stem not in NEGATORS
        if token.stem in NEGATORS and token.kind is not Kind.NUMBER:
            negated = True


def figures_of(tokens: list[Token]) -> Iterator[Figure]:
    """The numbers of a statement, each with its bound."""
    for i, token in enumerate(tokens):
        is_one = token.stem == "one" and i + 1 < len(tokens)  # "folds with one hand"
        if token.kind is Kind.NUMBER or is_one:
            behind = () if token.unit else tuple(t.stem for t in takewhile(lambda t: t.kind is Kind.WORD, tokens[i + 1 : i + 4]))
            yield Figure(1.0 if is_one else token.value, token.unit, bound_before(tokens, i), behind, token.money)


def bound_before(tokens: list[Token], i: int) -> str:
    """The bound that the words right in front of token ``i`` put on it, or ""."""
    end = _end_of_range(tokens, i)
    if end:
        return end
    before = [t.stem for t in tokens[max(0, i - 3) : i]]
    for length in (3, 2, 1):
        found = BOUND_KEYS.get(tuple(before[-length:]))
        if found and len(before) >= length:
            return found
    return ""


def _end_of_range(tokens: list[Token], i: int) -> str:
    """ "low" or "high" for the ends of "3 to 5 days" or "3-5 days": neither says it alone."""
    numbers = [t.kind is Kind.NUMBER for t in tokens]
    after = i + 1 < len(tokens) and numbers[i + 1] and tokens[i + 1].joined
    after = after or (i + 2 < len(tokens) and numbers[i + 2] and tokens[i + 1].stem == "to")
    before = i > 0 and numbers[i - 1] and tokens[i].joined
    return "low" if after else "high" if before or (i > 1 and numbers[i - 2] and tokens[i - 1].stem == "to") else ""


def _pairs(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    words = [pair_key(t) for t in tokens if t.kind in (Kind.WORD, Kind.NUMBER)]
    yield from pairwise(words)


def pair_key(token: Token) -> str:
    """How a token is named in ``Claim.pairs``: its stem, or the figure, written out or not."""
    if token.kind is Kind.NUMBER:
        return f"{token.value:g}"
    return "1" if token.stem == "one" else token.stem
