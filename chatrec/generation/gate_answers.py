""" "Yes, ..." and "No, ...": an answer to the shopper's question, borne out by the rest of the sentence or by a verdict computed for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatrec.generation.gate_claims import polarised
from chatrec.generation.gate_lexicon import NEGATORS, UNIVERSAL
from chatrec.generation.gate_roles import Role, role_of
from chatrec.generation.gate_support import Support
from chatrec.generation.gate_tokens import Kind, Token
from chatrec.generation.gate_words import asked_stems, stems
from chatrec.generation.shop_talk import ShopTalk

LEAST_ROOT_CHARS = 3
_ENDINGS = frozenset({"abl", "eabl", "ibl", "mabl", "tabl", "nabl", "pabl"})  # stems: foldabl, dimmabl
LEAST_MISTYPED_CHARS = 4  # shorter words are too often one letter from another word
# "Is the second one waterproof?" asks about waterproof.
_POINTING = frozenset(stems("first second third fourth last other former latter left right next one ones"))
# "Can I wear it in the rain?" asks about the rain.
_USING = frozenset(stems("wear use ride bring ok okay fine suitable"))


def answer_words(tokens: Sequence[Token], support: Support, talk: ShopTalk, silent: set[int]) -> set[int]:
    """The "yes" or "no" of a sentence that says all that the question asked, or denies some of it; that a verdict decides where there is
    one. With it the "big" of "big enough", where the verdict says so. ``silent`` are tokens that repeat the question as unanswered."""
    if len(tokens) < 3 or tokens[0].stem not in ("yes", "no") or tokens[1].kind not in (Kind.BREAK, Kind.STRONG):
        return set()
    decided = _decided(tokens, support)
    if decided:
        enough = {i - 1 for i, t in enumerate(tokens) if i > 1 and t.stem == "enough" and tokens[i - 1].stem in support.question}
        bears = tokens[0].stem == decided and _takes_up(tokens, support, talk)
        return {0} | (enough if decided == "yes" else set()) if bears else set()
    return _by_the_record(tokens, support, talk, silent)


def _by_the_record(tokens: Sequence[Token], support: Support, talk: ShopTalk, silent: set[int]) -> set[int]:
    """ "Yes" only where the sentence says all that the question asked, "no" where it denies some of it and says nothing else of it."""
    rest = list(polarised(tokens[1:]))
    named = support.question - talk.function - support.types - _POINTING
    asked = {s for s in named if not talk.is_idle(s)} or named  # "does it click?" asks by a word of shop talk
    asked = asked - _USING or asked
    said = {t.stem for t, negated in rest if not negated}
    denied = {t.stem for t, negated in rest if negated}
    all_alike = bool(UNIVERSAL & set(support.shopper_words))  # "are they washable?": no, where one of them is not
    heads = _before_negation(tokens)
    refused = any(a in denied or any(_is_form(a, d) for d in denied) for a in named) and (all_alike or not asked & (said - heads))
    said |= {tokens[i].stem for i in silent}  # "..., but the listing does not mention a warranty"
    said |= set(_meant(tokens, said, support))
    answered = all(_is_said(a, said) for a in asked) if tokens[0].stem == "yes" else refused
    return {0} if asked and answered else set()


def _decided(tokens: Sequence[Token], support: Support) -> str:
    """ "yes" or "no" where a verdict on the one thing asked is the same for every item that the sentence speaks of; else ""."""
    judged = [support.verdicts.get(n) for n in _subjects(tokens, support)]
    found = frozenset().union(*(v.answers for v in judged if v))
    return next(iter(found)) if len(found) == 1 and all(judged) and not support.asks_more else ""


def _subjects(tokens: Sequence[Token], support: Support) -> set[int]:
    cited = {int(t.value) for t in tokens if t.kind is Kind.CITE}
    return cited or (set(support.numbers) if len(support.numbers) == 1 else set())


def _takes_up(tokens: Sequence[Token], support: Support, talk: ShopTalk) -> bool:
    """Whether the sentence tells of what the verdict is on."""
    words = {t.stem for t in tokens[1:] if t.kind is Kind.WORD and not talk.is_idle(t.stem)}
    figures = {t.value for t in tokens[1:] if t.kind is Kind.NUMBER}
    judged = [c for n in _subjects(tokens, support) if n in support.verdicts for c in support.verdicts[n].claims]
    return any(words & c.words or figures & {f.value for f in c.figures} for c in judged)


def _meant(tokens: Sequence[Token], said: set[str], support: Support) -> Iterator[str]:
    """What a shopper may call the yes/no properties that the sentence affirms: "in the rain" asks whether it is waterproof."""
    for n in _subjects(tokens, support):
        for claim in support.claims.get(n, ()):
            if role_of(claim) is Role.STATE and claim.said and claim.core <= said:
                yield from asked_stems(" ".join(claim.names))


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
