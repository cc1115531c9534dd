"""What a sentence may say without a claim: set phrases, the shopper's own wish, a price limit that the prices keep."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.generation.gate_answers import answer_words
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
_LIMIT_NOUNS = frozenset({"budget", "limit", "rang"})
_AVAILABLE = stems("available")[0]


def free_tokens(tokens: Sequence[Token], support: Support, talk: ShopTalk, cites: Sequence[int], previous: Sequence[int]) -> set[int]:
    """The indexes of the tokens that need no claim of their own."""
    free = _phrases(tokens, talk)
    free |= _price_limit(tokens, support, cites, previous)
    silent = unsaid(tokens, support, previous)
    free |= silent | answer_words(tokens, support, talk, silent) | _offered(tokens, talk) | _in_order(tokens)
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
