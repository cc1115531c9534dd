"""The shopper's own words said back: a wish, a limit, what it is for. They are no claim about an item; where they would be taken for one,
the record must hold it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.generation.gate_claims import bound_before, polarised
from chatrec.generation.gate_lexicon import NEGATORS, RELATIONS, UNIVERSAL
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_words import stems
from chatrec.generation.shop_talk import ShopTalk
from chatrec.generation.units import same_quantity
from chatrec.generation.verbs import word_classes

_WISH_VERBS = frozenset({"ask", "want", "need", "like", "mention", "said", "look", "search", "prefer", "after"})
# Beside an item only what is past is a wish said back: "if you want a red one, take [1]" says that [1] is red.
WISHED = frozenset("asked wanted said mentioned wished named told needed hoped".split())
_SPEAKING_OF = frozenset("it its it's this that they their these those".split())
TAKING_UP = frozenset("one both it them that these those all this everything so too".split())
HAVING = frozenset(stems("has have with comes gets includes does is brings offers gives meets keeps"))
_NOUNS = frozenset({"wish", "limit", "minimum", "maximum"})
_BOUND_WORDS = frozenset("at least most more less than up to under over no within below above from minimum maximum or".split())
_UPPER, _LOWER = frozenset({"max", "upto", "within", "by"}), frozenset({"min"})
_CAUSES = frozenset({"sinc", "becaus", "as", "so"})
_LEADS = frozenset({"for", "on", "in", "at", "dure", "as", "with"})
_TAKING_UP = frozenset(stems("i we you there take look consider choose pick go see try start note"))
_OLD = frozenset({"old", "year"})  # "for a 5-year-old girl"
_ACTS_WITH_A_TOPIC = frozenset({"recommend", "compare", "explain"})
_SHARES_OF_A_PLACE = 4


def said_back(tokens: Sequence[Token], support: Support, talk: ShopTalk, cites: Sequence[int]) -> set[int]:
    """The tokens that repeat the shopper and so need no record."""
    if support.nothing_cited:
        return _wish(tokens, support) | _asked(tokens, support)
    free = _recipients(tokens, support, talk) | _wish_beside_items(tokens, support, talk)
    if cites:
        return free | _topic(tokens, support, talk)
    return free | _wish(tokens, support) | _choice(tokens, support)


def is_shoppers(token: Token, support: Support) -> bool:
    """Whether the shopper, or a need of theirs, has this word or figure."""
    if token.kind is Kind.NUMBER:
        return abs(token.value) in support.shopper_figures
    return token.kind is Kind.WORD and token.stem in support.shopper and token.stem not in RELATIONS and token.stem not in UNIVERSAL


def _wish(tokens: Sequence[Token], support: Support) -> set[int]:
    """ "You asked for a warm bag under $150": the shopper's words behind "you" and a verb of wishing, to the end of the clause."""
    found: set[int] = set()
    inside = False
    for i, token in enumerate(tokens):
        if token.kind is Kind.STRONG:
            inside = False
        elif token.stem in _WISH_VERBS and any(t.stem == "you" for t in tokens[max(0, i - 3) : i]):
            inside = True
        elif inside and is_shoppers(token, support):
            found.add(i)
    return found


def _asked(tokens: Sequence[Token], support: Support) -> set[int]:
    """With nothing to cite, the shopper's words may be asked back, denied ("nothing matches a red canoe") or spoken about."""
    question = any(t.text == "?" for t in tokens)
    found: set[int] = set()
    inside = False
    for i, token in enumerate(tokens):
        if token.kind is Kind.STRONG:
            inside = False
        elif token.stem in NEGATORS or token.stem == "about":
            inside = True
        if (inside or question) and is_shoppers(token, support):
            found.add(i)
    return found


def _choice(tokens: Sequence[Token], support: Support) -> set[int]:
    """ "Oak or steel?": a question about no item in particular may name what the records or the shopper name."""
    if not tokens or tokens[-1].text != "?" or any(t.text.lower() in _SPEAKING_OF for t in tokens):
        return set()
    plain = (i for i, t in enumerate(tokens) if t.kind is Kind.WORD and t.stem not in RELATIONS | UNIVERSAL | NEGATORS)
    return {i for i in plain if tokens[i].stem in support.held or is_shoppers(tokens[i], support)}


def _recipients(tokens: Sequence[Token], support: Support, talk: ShopTalk) -> set[int]:
    """ "for your son's birthday": people and occasions that the shopper named."""
    found: set[int] = set()
    for i, token in enumerate(tokens):
        if token.stem in talk.wishes and token.stem in support.shopper:
            before = {t.stem for t in tokens[max(0, i - _SHARES_OF_A_PLACE) : i]}
            if before & {"for", "your", "her", "his", "on"}:
                found.add(i)
    return found


def _wish_beside_items(tokens: Sequence[Token], support: Support, talk: ShopTalk) -> set[int]:
    """ "You asked for at least 800 lm, and [1] gives 900 lm": a wish as it was, with its bound, beside what a record says.

    Where nothing else is said ("you asked for a red one, so take [1]") the wish is taken for a claim, and none of it is free.
    """
    found: set[int] = set()
    runs: set[int] = set()
    for i, token in enumerate(tokens):
        if i in runs or not _opens_a_wish(tokens, i):
            continue
        start, end = i + 1, _end_of_wish(tokens, i + 1, support, talk)
        if token.text.lower() in _NOUNS:  # "oak was your wish": the wish stands in front
            start, end = next((j + 1 for j in range(i, -1, -1) if tokens[j].kind in (Kind.BREAK, Kind.STRONG)), 0), i
            found.add(i)
        runs |= set(range(min(start, i), max(end, i + 1)))
        found |= _repeated(tokens, start, end, support)
    if not found or _reasons(tokens, runs) or _takes_it_up(tokens, runs) or not _says_more(tokens, runs, talk):
        return set()
    return found


def _opens_a_wish(tokens: Sequence[Token], i: int) -> bool:
    text, before = tokens[i].text.lower(), [t.stem for t in tokens[max(0, i - 3) : i]]
    if text in _NOUNS:
        return before[-1:] == ["your"] and tokens[max(0, i - 2)].text.lower() in ("was", "is", "were")
    if "you" not in before:
        return False
    return text in WISHED or (text in ("looking", "after", "searching") and bool({"were", "are"} & set(before)))


def _end_of_wish(tokens: Sequence[Token], start: int, support: Support, talk: ShopTalk) -> int:
    """Where the wish ends: at a citation or a strong break, or at a comma or "and" behind which other words follow."""
    i = start
    while i < len(tokens) and tokens[i].kind not in (Kind.STRONG, Kind.CITE):
        if tokens[i].kind is Kind.BREAK and not _goes_on(tokens, i + 1, support, talk):
            return i
        i += 1
    return i


def _goes_on(tokens: Sequence[Token], start: int, support: Support, talk: ShopTalk) -> bool:
    """Whether the next stretch is more of the wish: the shopper's words and idle ones, no item, no verb of being."""
    found = False
    for token in tokens[start:]:
        if token.kind in (Kind.BREAK, Kind.STRONG):
            break
        if token.kind is Kind.CITE or token.text.lower() in ("it", "is", "are", "they", "this", "has", "have"):
            return False
        own = is_shoppers(token, support) or token.text.lower() in _BOUND_WORDS
        if not own and not (token.stem and talk.is_idle(token.stem)):
            return False
        found = found or own
    return found


def _repeated(tokens: Sequence[Token], start: int, end: int, support: Support) -> set[int]:
    """The words and figures between that the shopper said, with the polarity and the bound with which they were said."""
    found: set[int] = set()
    run = list(tokens[start:end])
    for place, (token, negated) in enumerate(polarised(run)):
        i = start + place
        if token.kind is Kind.NUMBER:
            bounds = _bounds(run, place, support)
            if bounds is not None:
                found |= {i} | {start + j for j in bounds}
        elif token.stem in NEGATORS:
            found |= {i} if support.denied_by_shopper else set()
        elif is_shoppers(token, support) and (token.stem in support.denied_by_shopper) is negated:
            found.add(i)
    return found


def _bounds(run: Sequence[Token], place: int, support: Support) -> list[int] | None:
    """The places of the words that bound this figure; ``None`` where the shopper set no such limit."""
    token = run[place]
    around = [j for j in range(max(0, place - 3), place) if run[j].text.lower() in _BOUND_WORDS]
    spoken = bound_before(list(run), place)
    behind = [t.stem for t in run[place + 1 : place + 3]]
    if behind[:1] == ["or"] and len(behind) > 1:
        spoken = "min" if behind[1] in ("more", "longer", "higher", "over", "up") else "max"
        around += [place + 1, place + 2]
    for figure in support.asked:
        same = abs(token.value) == abs(figure.value) and (
            not token.unit or not figure.unit or same_quantity(token.value, token.unit, figure.value, figure.unit)
        )
        converted = bool(token.unit and figure.unit) and same_quantity(token.value, token.unit, figure.value, figure.unit)
        if (same or converted) and _same_side(spoken, figure.bound):
            return around
    return None


def _same_side(spoken: str, asked: str) -> bool:
    if not spoken:
        return True
    return (spoken in _UPPER and asked in _UPPER) or (spoken in _LOWER and asked in _LOWER)


def _reasons(tokens: Sequence[Token], runs: set[int]) -> bool:
    """ "Since you asked for ..., take [1]", "you asked for ..., so take [1]": the wish is given as a reason for the item."""
    first = min(runs)
    lead = any(tokens[j].stem in _CAUSES for j in range(max(0, first - 4), first))
    last = max(runs) + 1
    return lead or any(t.stem == "so" for t in tokens[last : last + 2])


def _takes_it_up(tokens: Sequence[Token], runs: set[int]) -> bool:
    """ "..., and [1] has one", "[1] has both": the wish is told as a property in a word that points back to it."""
    for i, token in enumerate(tokens):
        if i in runs or token.text.lower() not in TAKING_UP:
            continue
        before = {t.stem for t in tokens[max(0, i - 3) : i]}
        ends = i + 1 == len(tokens) or tokens[i + 1].kind in (Kind.BREAK, Kind.STRONG) or tokens[i + 1].stem in ("in", "for", "with", "on")
        if ends and (before & HAVING or tokens[i - 1].kind is Kind.BREAK):
            return True
    return False


def _says_more(tokens: Sequence[Token], runs: set[int], talk: ShopTalk) -> bool:
    """Whether the sentence says something of an item besides the wish, or speaks of none."""
    rest = [t for i, t in enumerate(tokens) if i not in runs]
    if not any(t.kind is Kind.CITE for t in rest) and not any(t.text.lower() in ("it", "they", "this", "these") for t in rest):
        return True
    return any(t.kind is Kind.NUMBER or (t.kind is Kind.WORD and not talk.is_idle(t.stem)) for t in rest)


def _topic(tokens: Sequence[Token], support: Support, talk: ShopTalk) -> set[int]:
    """ "For the bus, take [1]": what the shopper said it is for, in front of the sentence; a property is no topic, it must be held."""
    if support.act not in _ACTS_WITH_A_TOPIC or not tokens or tokens[0].stem not in _LEADS:
        return set()
    ends = (Kind.BREAK, Kind.STRONG, Kind.CITE)
    end = next((i for i, t in enumerate(tokens) if t.kind in ends or t.stem in _TAKING_UP), len(tokens))
    if end == len(tokens) or tokens[end].kind is Kind.CITE:
        return set()
    known = support.type_heads | support.needs | (support.held - support.types)
    cited = next((int(t.value) for t in tokens[end:] if t.kind is Kind.CITE), 0)
    known -= frozenset().union(*(c.said for c in support.claims.get(cited, ())))  # "for induction, take [1]", which works on it
    said = [i for i in range(1, end) if tokens[i].kind is Kind.NUMBER or not (tokens[i].stem and talk.is_idle(tokens[i].stem))]
    people = {i for i in said if is_shoppers(tokens[i], support) and (tokens[i].stem in talk.wishes or tokens[i].unit == "year")}
    people |= {i for i in said if people and tokens[i].stem in _OLD}
    said = [i for i in said if i not in people]
    plain = (is_shoppers(tokens[i], support) and not tokens[i].unit for i in said)
    if not all(plain) or any(tokens[i].stem in known for i in said if tokens[i].kind is Kind.WORD):
        return set()
    if not said or tokens[0].stem == "with":  # "with a filter, ..." would tell of the item
        counted = {i for i in said if tokens[i].kind is Kind.NUMBER and i + 1 in people}
        return people | counted if counted >= set(said) else set()
    last = tokens[said[-1]]
    names_a_thing = last.kind is Kind.NUMBER or "NOUN" in word_classes(last.text) or last.text.lower().endswith("ing")
    spoken = [t.stem or f"{t.value:g}" for t in tokens[said[0] : said[-1] + 1]]
    said_so = _is_contiguous([tokens[i].stem for i in said], support.shopper_words) or _is_contiguous(spoken, support.shopper_words)
    return {*said, *people} if names_a_thing and said_so else set()


def _is_contiguous(words: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the shopper said these words in this order, one right behind the other; one alone need only be said."""
    if len(words) < 2:
        return True
    size = len(words)
    return any(tuple(said[i : i + size]) == tuple(words) for i in range(len(said) - size + 1))
