"""Mending a sentence instead of losing it: every attempt is judged again, so a mended sentence is as safe as a clean one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from chatrec.domain.facts import Evidence
from chatrec.generation.gate_english import mended
from chatrec.generation.gate_formats import plain_format
from chatrec.generation.gate_lexicon import RELATIONS
from chatrec.generation.gate_tokens import Kind, tokenise
from chatrec.generation.gate_words import stem
from chatrec.generation.sentences import is_torso
from chatrec.generation.shop_talk import load_shop_talk
from chatrec.generation.verbs import is_auxiliary, is_base_verb, is_singular_verb, word_classes

if TYPE_CHECKING:
    from chatrec.generation.gate import Verdict

Judge = Callable[[str, Evidence, Sequence[int]], "Verdict"]
MOST_ATTEMPTS = 12
LEAST_WORDS = 3
_GLUED = re.compile(r"[.,;:]\[")
_CITED = re.compile(r"\[\d{1,2}\]")
_DEGREES = frozenset({"very", "really", "quite", "extremely", "highly", "only", "even", "especially", "truly", "super"})
_NO_NOUN = r"(?:ones?|of|in|for|to|with|at|on|by|and|or|but|is|are|was|that|which|from|than|as|i|you|we|it|they|there|let|take)\b"
_CONJUNCTION = re.compile(r"^(?:while|whereas|but|and|or|so|which|though|although|yet)\s+", re.IGNORECASE)
_LEADS = frozenset({"it", "which", "that", "also", "and"})
_ORDERS = frozenset("take choose pick see look compare note consider go try".split())
_MANY = frozenset("both all they these those".split())
_TWO_ITEMS = re.compile(r"^\[\d{1,2}\](?:, \[\d{1,2}\])* and \[\d{1,2}\]")
_SPACES = re.compile(r"\s+")


def repair(sentence: str, verdict: Verdict, evidence: Evidence, previous_cites: Sequence[int], judge: Judge) -> str:
    """A part or a tidied form of ``sentence`` that passes and still says something, or ""."""
    tried: set[str] = set()
    for attempt in _attempts(sentence, verdict, evidence, previous_cites, judge):
        attempt = _tidied(attempt)
        if attempt in tried or len(attempt.split()) < LEAST_WORDS:
            continue
        if len(tried) > MOST_ATTEMPTS:
            break
        tried.add(attempt)
        if judge(attempt, evidence, previous_cites).ok and _says_something(attempt, sentence):
            return attempt
    return ""


def _says_something(attempt: str, sentence: str) -> bool:
    """A mended sentence must keep a citation where the old one had one: shop talk alone is no answer."""
    kept = bool(_CITED.search(attempt)) or (not _CITED.search(sentence) and _has_content(attempt))
    return kept and not _GLUED.search(attempt) and not is_torso(attempt) and _has_verb(attempt)


def _has_content(text: str) -> bool:
    """Whether anything is said that is no shop talk."""
    talk = load_shop_talk()
    return any(t.kind is Kind.NUMBER or (t.kind is Kind.WORD and not talk.is_idle(t.stem)) for t in tokenise(text))


def _has_verb(text: str) -> bool:
    """ "[2], the glass one." tells nothing."""
    tokens = tokenise(text)
    words = [t.text for t in tokens if t.kind is Kind.WORD]
    if words and (words[0].lower() in _MANY or _TWO_ITEMS.match(text)) and any(map(is_base_verb, words)):
        return True
    told = (is_singular_verb(w) and "NOUN" not in word_classes(w) for w in words)
    behind = (b.kind is Kind.WORD and is_singular_verb(b.text) for a, b in pairwise(tokens) if a.kind is Kind.CITE or a.stem in _LEADS)
    return any(is_auxiliary(w) or w.lower() in _ORDERS for w in words) or any(told) or any(behind)


def _attempts(sentence: str, verdict: Verdict, evidence: Evidence, previous_cites: Sequence[int], judge: Judge) -> Iterator[str]:
    yield sentence
    clean = mended(plain_format(sentence, evidence), evidence)
    if clean != sentence:
        yield clean
        verdict = judge(clean, evidence, previous_cites)
    if not verdict.cites:
        yield from _with_citation(clean, evidence)
    yield from _without_word(clean, verdict)
    yield from _shortened(clean)


def _with_citation(sentence: str, evidence: Evidence) -> Iterator[str]:
    """ "It has a hood." without a citation: try each item as its subject; exactly one may fit, so the first that passes is it."""
    numbers = [i.n for i in evidence.items] or list(range(1, len(evidence.passages) + 1))
    for n in numbers[:4]:
        if evidence.items:
            yield re.sub(r"^(?:it|this one|this|the \w+(?: one)?)\b", f"[{n}]", sentence.strip(), count=1, flags=re.IGNORECASE)
        else:
            yield re.sub(r"\s*([.!?]*)\s*$", rf" [{n}]\1", sentence, count=1)


def _without_word(sentence: str, verdict: Verdict) -> Iterator[str]:
    """Leave out the one word that failed where it stands between an article and its noun ("a lightweight sleeping bag")."""
    if (
        re.fullmatch(r"[^\W\d_]+", verdict.span)
        and verdict.span.lower() != "one"
        and (verdict.span.lower() in _DEGREES or stem(verdict.span) not in RELATIONS)
    ):
        yield re.sub(
            rf"\b(a|an|the|its|your|this|these|with)\s+{re.escape(verdict.span)},?\s+(?!(?i:{_NO_NOUN}))(?=[^\W_])",
            r"\1 ",
            sentence,
            count=1,
        )
        if verdict.span.lower() in _DEGREES:
            yield re.sub(rf"\b{re.escape(verdict.span)}\s+(?=[^\W_])", "", sentence, count=1)


def _shortened(sentence: str) -> Iterator[str]:
    """Cut clauses off the end, longest remainder first; then cut the opening clause."""
    tokens = tokenise(sentence)
    cuts = [t for t in tokens if t.kind in (Kind.BREAK, Kind.STRONG) or t.stem in ("with", "for", "which", "so", "because")]
    for token in reversed(cuts[-6:]):
        head = sentence[: token.start].rstrip(" ,;:-–—")
        if head and tokens[-1].start > token.start:
            yield f"{head}."
    for token in [c for c in cuts if c.kind in (Kind.BREAK, Kind.STRONG)][:2]:
        tail = _CONJUNCTION.sub("", sentence[token.end :].lstrip(" ,;:-–—"))
        if tail:
            yield tail[0].upper() + tail[1:]


def _tidied(text: str) -> str:
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    text = _SPACES.sub(" ", text).strip()
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"\b(a)\s+(?=[aeiou])(?!one\b|us|uni|eu)", "an ", text)
    text = re.sub(r"\b(?:and|or|but|with|while|,)\s*([.!?])$", r"\1", text)
    text = re.sub(r"^(\[\d{1,2}\]), (?=(?:is|has|comes|weighs|holds|costs)\b)", r"\1 ", text)
    return text
