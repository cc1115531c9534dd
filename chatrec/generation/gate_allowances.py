"""What a sentence may say without a claim: set phrases, the shopper's own wish, a price limit that the prices keep."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.generation.gate_claims import polarised
from chatrec.generation.gate_lexicon import NEGATORS
from chatrec.generation.gate_silence import unsaid
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_wishes import said_back
from chatrec.generation.gate_words import stems
from chatrec.generation.shop_talk import ShopTalk

_LIMIT_VERBS = frozenset(
    {
        "fit",
        "match",
        "meet",
        "suit",
        "stay",
        "keep",
        "respect",
        "come",
        "within",
        "under",
        "below",
        "insid",
        "in",
        "be",
        "is",
        "are",
        "cost",
    }
)
_OVER, _NOBODY = frozenset({"over", "abov", "exceed", "beyond"}), frozenset({"neither", "none", "noth", "no", "not"})
_LIMIT_OPENERS = frozenset({"under", "below", "within", "insid"})
_LIMIT_WORDS = frozenset({"than", "budget", "limit", "price", "rang", "your", "the", "that", "a", "of", "to", "up"})
LEAST_ROOT_CHARS = 3
_ENDINGS = frozenset({"abl", "eabl", "ibl", "mabl", "tabl", "nabl", "pabl"})  # stems: foldabl, dimmabl
LEAST_MISTYPED_CHARS = 4  # shorter words are too often one letter from another word
_LIMIT_NOUNS = frozenset({"budget", "limit", "rang"})
# "Is the second one waterproof?" asks about waterproof.
_POINTING = frozenset(stems("first second third fourth last other former latter left right next one ones"))
_AVAILABLE = stems("available")[0]


def free_tokens(tokens: Sequence[Token], support: Support, talk: ShopTalk, cites: Sequence[int], previous: Sequence[int]) -> set[int]:
    """The indexes of the tokens that need no claim of their own."""
    free = _phrases(tokens, talk)
    free |= _price_limit(tokens, support, cites, previous)
    free |= unsaid(tokens, support) | _answer_word(tokens, support, talk) | _offered(tokens, talk) | _in_order(tokens)
    return free | said_back(tokens, support, talk, cites)


def _in_order(tokens: Sequence[Token]) -> set[int]:
    """ "I would look at [1] first", "First, ...": an order of looking, not a rank."""
    found: set[int] = set()
    for i, token in enumerate(tokens):
        if token.stem != "first":
            continue
        ends = i + 1 == len(tokens) or tokens[i + 1].kind in (Kind.BREAK, Kind.STRONG)
        if ends and (i == 0 or tokens[i - 1].kind is Kind.CITE):
            found.add(i)
    return found


def _offered(tokens: Sequence[Token], talk: ShopTalk) -> set[int]:
    """ "Available in sizes S and M": what is offered, not what is in stock; "available in our shop" is."""
    pairs = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {
        i
        for i, (word, link, what) in enumerate(pairs)
        if word.stem == _AVAILABLE and link.stem == "in" and what.kind is Kind.WORD and not talk.is_idle(what.stem) and what.stem != "stock"
    }


def _phrases(tokens: Sequence[Token], talk: ShopTalk) -> set[int]:
    found: set[int] = set()
    for i, token in enumerate(tokens):
        for phrase in talk.phrases.get(token.stem, ()):
            end = i + len(phrase)
            compares = end < len(tokens) and tokens[end].stem == "than"  # "one more than [1]"
            if not compares and tuple(t.stem for t in tokens[i:end]) == phrase:
                found |= set(range(i, end))
                break
    return found


def _answer_word(tokens: Sequence[Token], support: Support, talk: ShopTalk) -> set[int]:
    """ "Yes, ..." answers the shopper only when the sentence says all that the question asked; "No, ..." when it denies some of it and
    says nothing else of it."""
    if len(tokens) < 3 or tokens[0].stem not in ("yes", "no") or tokens[1].kind not in (Kind.BREAK, Kind.STRONG):
        return set()
    rest = list(polarised(tokens[1:]))
    named = support.question - talk.function - support.types - _POINTING
    asked = {s for s in named if not talk.is_idle(s)} or named  # "does it click?" asks by a word of shop talk
    said = {t.stem for t, negated in rest if not negated}
    denied = {t.stem for t, negated in rest if negated}
    heads = _before_negation(tokens)
    refused = any(a in denied or any(_is_form(a, d) for d in denied) for a in named) and not asked & (said - heads)
    said |= {tokens[i].stem for i in unsaid(tokens, support)}  # "..., but the listing does not mention a warranty"
    answered = all(_is_said(a, said) for a in asked) if tokens[0].stem == "yes" else refused
    return {0} if asked and answered else set()


def _before_negation(tokens: Sequence[Token]) -> set[str]:
    """ "Sale items can not be returned": what is denied something of may be named in the question too."""
    place = next((i for i, t in enumerate(tokens[1:], start=1) if t.stem in NEGATORS), 0)
    start = next((i for i in range(place, 0, -1) if tokens[i].kind in (Kind.BREAK, Kind.STRONG)), 0)
    return {t.stem for t in tokens[start:place]}


def _is_said(asked: str, said: set[str]) -> bool:
    """Whether a word of the question is among those of the answer, a form of one (fold, foldable), or a slip of one ("dice ower")."""
    if asked in said or any(_is_form(asked, s) for s in said):
        return True
    return len(asked) >= LEAST_MISTYPED_CHARS and any(len(s) >= LEAST_MISTYPED_CHARS and _one_slip(asked, s) for s in said)


def _is_form(asked: str, said: str) -> bool:
    """ "Can I charge it?" asks what "rechargeable" answers."""
    root, form = asked.removeprefix("re").removesuffix("e"), said.removeprefix("re")
    return len(root) >= LEAST_ROOT_CHARS and form.startswith(root) and (form[len(root) :] in _ENDINGS or said != form == asked)


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter was left out, added, changed, or swapped with its neighbour."""
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) - len(short) == 1:
        return short[start:] == long[start + 1 :]
    tails = short[start + 1 :] == long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return len(long) == len(short) and (tails or swapped)


def _price_limit(tokens: Sequence[Token], support: Support, cites: Sequence[int], previous: Sequence[int]) -> set[int]:
    """ "within your budget", "under $150": true when the limit is the shopper's and every price in question keeps it."""
    found: set[int] = set()
    asked = set(cites) or set(previous) or set(support.numbers)
    for i, token in enumerate(tokens):
        below = token.stem == "less" and i + 1 < len(tokens) and tokens[i + 1].stem == "than"
        nobody = [j for j in range(max(0, i - 3), i) if tokens[j].stem in _NOBODY]
        if token.stem in _OVER and nobody:  # "neither goes over your $150"
            below, asked, over = True, set(support.numbers), True
        else:
            over = False
        if not below and token.stem not in _LIMIT_OPENERS and not (token.stem in _LIMIT_VERBS and _next_is_limit(tokens, i)):
            continue
        run = _run(tokens, i)
        figures = [t.value for t in tokens[i + 1 : run] if t.kind is Kind.NUMBER]
        nouns = any(t.stem in _LIMIT_NOUNS for t in tokens[i + 1 : run])
        limit = figures[0] if figures else support.limit if nouns else None
        if limit is None or (figures and figures[0] not in support.shopper_figures) or len(figures) > 1:
            continue
        is_money = nouns or any(t.money for t in tokens[i:run]) or limit == support.limit
        if is_money and asked <= set(support.prices) and all(support.prices[n] <= limit for n in asked):
            found |= set(range(nobody[0] if over else i - (i > 0 and tokens[i - 1].stem in _LIMIT_VERBS), run))
    return found


def _next_is_limit(tokens: Sequence[Token], i: int) -> bool:
    return any(t.stem in _LIMIT_NOUNS for t in tokens[i + 1 : _run(tokens, i)])


def _run(tokens: Sequence[Token], i: int) -> int:
    """The end of the limit phrase that starts at ``i``."""
    j = i + 1
    while j < len(tokens) and (tokens[j].stem in _LIMIT_WORDS | _LIMIT_OPENERS or (tokens[j].kind is Kind.NUMBER and not tokens[j].unit)):
        j += 1
    return j
