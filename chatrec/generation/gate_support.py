"""Evidence as the gate checks against it: every fact cut into claims, each with its words, their polarity and its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile

from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.generation.comparatives import price_limit
from chatrec.generation.gate_keys import told_keys
from chatrec.generation.gate_lexicon import BOUND_KEYS, NEGATORS, PRICE_DOWN, PRICE_DOWN_WORDS, PRICE_UP_WORDS, RELATIONS, VERBS
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_words import content_stems, stem, stems, told_stems
from chatrec.generation.sentences import split_sentences
from chatrec.generation.units import canonical_unit

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
    must give at least ``least``: "safe" alone is not what "dishwasher safe" says."""

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

    def holds(self, word: str, negated: bool) -> bool:
        """Whether this claim says the word with this polarity."""
        return word in (self.denied if negated else self.said)

    @property
    def words(self) -> frozenset[str]:
        """All stems, whatever their polarity."""
        return self.said | self.denied


@dataclass(frozen=True, slots=True)
class Support:
    """What one piece of evidence supports. ``claims`` by citation number; ``common`` bind to no citation (dialogue notes)."""

    claims: dict[int, tuple[Claim, ...]]
    common: tuple[Claim, ...]
    numbers: tuple[int, ...]
    is_passages: bool
    titles: tuple[tuple[int, tuple[str, ...]], ...]
    types: frozenset[str]
    shopper: frozenset[str]
    question: frozenset[str]
    shopper_figures: frozenset[float]
    limit: float | None
    prices: dict[int, float]
    nothing_cited: bool
    passages: tuple[frozenset[str], ...]
    pairs: frozenset[tuple[str, str]]
    told: dict[int, tuple[tuple[str, ...], ...]]


@lru_cache(maxsize=128)
def support_of(evidence: Evidence) -> Support:
    """Compiles evidence once; the sentences of a reply share it."""
    groups = iter(range(1_000_000))
    notes = [(note, claim) for note in evidence.notes for claim in _claims(note, next(groups))]
    is_passages = not evidence.items
    numbers = tuple(item.n for item in evidence.items) or tuple(range(1, len(evidence.passages) + 1))
    claims: dict[int, list[Claim]] = {n: [] for n in numbers}
    for item in evidence.items:
        claims[item.n] = [c for fact in item.facts for c in _claims(fact, next(groups))]
    for n, fact in enumerate(evidence.passages, start=1):
        if is_passages:
            claims[n] = list(_claims(fact, next(groups)))
    common: list[Claim] = []
    for note, claim in notes:
        subjects = _subjects(note)
        for n in subjects & set(numbers):
            claims[n].append(_widened(claim, n, note, numbers))
        if not subjects:
            common.append(claim)
    said = f"{evidence.shopper} {' ; '.join(evidence.needs)}"
    return Support(
        claims={n: tuple(c) for n, c in claims.items()},
        common=tuple(common),
        numbers=numbers,
        is_passages=is_passages,
        titles=tuple((item.n, stems(item.name)) for item in evidence.items),
        types=frozenset(s for item in evidence.items for f in item.facts if f.kind is FactKind.TYPE for s in stems(f.text)),
        shopper=frozenset(stems(said)),
        question=frozenset(content_stems(evidence.shopper)),
        shopper_figures=frozenset(abs(t.value) for t in tokenise(said) if t.kind is Kind.NUMBER),
        limit=price_limit(evidence.needs),
        prices={i.n: f.number for i in evidence.items for f in i.facts if f.kind is FactKind.PRICE and f.number is not None},
        pairs=frozenset(
            pair for found in claims.values() for claim in found if claim.kind is not FactKind.COMPUTED for pair in claim.pairs
        ),
        passages=tuple(frozenset(map(as_quoted, split_sentences(fact.text))) for fact in evidence.passages) if is_passages else (),
        nothing_cited=not evidence.items and not evidence.passages,
        told={item.n: tuple(told_keys(item.facts)) for item in evidence.items},
    )


def as_quoted(text: str) -> str:
    """Text as it is compared when a sentence quotes a passage word for word: no citations, one space, lower case."""
    return re.sub(r"\s+", " ", _CITE_IN_NOTE.sub(" ", text)).replace(" .", ".").strip(" .!?").lower()


def _subjects(note: Fact) -> frozenset[int]:
    """The items a note speaks of: those named before "than", or everything it covers where it names none."""
    head = re.split(r"\bthan\b", note.text)[0]
    named = frozenset(int(n) for n in _CITE_IN_NOTE.findall(head))
    return named or frozenset(note.cites)


def _widened(claim: Claim, subject: int, note: Fact, numbers: tuple[int, ...]) -> Claim:
    """A comparison in its other true wordings: the lightest of these is also lighter than each; one of two is the lightest."""
    if not claim.relations:
        return claim
    said = set(claim.said)
    whole = set(note.cites) >= set(numbers)
    for word in claim.relations:
        if word.endswith("est") and len(word) > 4 and f"{word[:-3]}er" in RELATIONS:
            said.add(f"{word[:-3]}er")
        if word in ("more", "less") and whole:
            said.add({"more": "most", "less": "least"}[word])
        if word.endswith("er") and whole and f"{word[:-2]}est" in RELATIONS:
            said.add(f"{word[:-2]}est")
    if any(form <= claim.said for form in PRICE_DOWN):
        said |= PRICE_DOWN_WORDS | ({"cheapest"} if whole else set())
    elif {"cost", "more"} <= claim.said or {"most", "expens"} <= claim.said:
        said |= PRICE_UP_WORDS
    if "rate" in claim.said:
        said |= {"rate", "highest"} if whole and "higher" in said else {"rate"}
    scope = frozenset(note.cites) - {subject}
    return Claim(
        frozenset(said), claim.denied, claim.figures, claim.kind, claim.group, claim.names, frozenset(said & RELATIONS), scope, claim.pairs
    )


def _claims(fact: Fact, group: int) -> Iterator[Claim]:
    names = frozenset(stems(fact.name)) if fact.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING) else frozenset()
    told = (
        told_stems(fact.name)
        if fact.kind in (FactKind.ATTRIBUTE, FactKind.OPTION, FactKind.RATING, FactKind.BRAND, FactKind.STOCK)
        else frozenset()
    )
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
        figures = tuple(_figures(tokens))
        if fact.number is not None and fact.unit and not any(f.value == fact.number for f in figures):
            figures += (Figure(fact.number, canonical_unit(fact.unit) or stem(fact.unit)),)
        found = frozenset(said & RELATIONS)
        core = frozenset(content_stems(fact.name if fact.value in ("yes", "no") else " ".join(t.text for t in tokens)))
        yield Claim(
            said,
            denied,
            figures,
            fact.kind,
            group,
            names | told,
            found,
            pairs=frozenset(_pairs(tokens)),
            core=core,
            least=_least(fact, core),
        )


def _least(fact: Fact, core: frozenset[str]) -> int:
    """How many content words of a fact must come together: all of a yes/no property, two of a free clause, one of a plain value."""
    if fact.kind is FactKind.ATTRIBUTE and fact.value in ("yes", "no"):
        return len(core)
    free = fact.kind in (FactKind.DESCRIPTION, FactKind.OPINION, FactKind.COMPUTED) or fact.text == fact.value
    return min(2, len(core)) if free and fact.kind is not FactKind.TYPE else 1


# A listing that does not say does not mention or list either.
_UNSAYING = frozenset({"say", "mention", "list", "tell", "state", "give", "specifi"})


def _statements(tokens: list[Token], whole: bool) -> Iterator[list[Token]]:
    """Cuts at semicolons, full stops and "while"; and at "and" or a comma where what follows has its own verb."""
    piece: list[Token] = []
    for i, token in enumerate(tokens):
        cut = token.kind is Kind.STRONG and token.text != ":"
        if token.kind is Kind.BREAK and not whole and token.text not in "()":
            cut = any(t.stem in VERBS for t in _until_break(tokens[i + 1 :])) and any(t.stem in VERBS for t in piece)
        if cut and not whole:
            if piece:
                yield piece
            piece = []
        else:
            piece.append(token)
    if piece:
        yield piece


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
        yield token, (negated or follows_free) and token.stem not in NEGATORS
        if token.stem in NEGATORS and token.kind is not Kind.NUMBER:
            negated = True


def _figures(tokens: list[Token]) -> Iterator[Figure]:
    for i, token in enumerate(tokens):
        if token.kind is Kind.NUMBER:
            behind = () if token.unit else tuple(t.stem for t in takewhile(lambda t: t.kind is Kind.WORD, tokens[i + 1 : i + 4]))
            yield Figure(token.value, token.unit, bound_before(tokens, i), behind, token.money)


def bound_before(tokens: list[Token], i: int) -> str:
    """The bound that the words right in front of token ``i`` put on it, or ""."""
    if _in_range(tokens, i):
        return "range"
    before = [t.stem for t in tokens[max(0, i - 3) : i]]
    for length in (3, 2, 1):
        found = BOUND_KEYS.get(tuple(before[-length:]))
        if found and len(before) >= length:
            return found
    return ""


def _in_range(tokens: list[Token], i: int) -> bool:
    """Whether the figure is one end of "3 to 5 days" or "3-5 days": neither end says it alone."""
    numbers = [t.kind is Kind.NUMBER for t in tokens]
    after = i + 1 < len(tokens) and numbers[i + 1] and tokens[i + 1].joined
    after = after or (i + 2 < len(tokens) and numbers[i + 2] and tokens[i + 1].stem == "to")
    before = i > 0 and numbers[i - 1] and tokens[i].joined
    return after or before or (i > 1 and numbers[i - 2] and tokens[i - 1].stem == "to")


def _pairs(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    words = [pair_key(t) for t in tokens if t.kind in (Kind.WORD, Kind.NUMBER)]
    yield from pairwise(words)


def pair_key(token: Token) -> str:
    """How a token is named in ``Claim.pairs``: its stem, or the figure."""
    return token.stem or f"{token.value:g}"
