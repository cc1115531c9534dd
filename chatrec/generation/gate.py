"""The sentence gate: nothing reaches the shopper that no record supports. Default deny."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatrec.domain.facts import Evidence
from chatrec.generation.gate_allowances import free_tokens
from chatrec.generation.gate_clauses import split_clauses
from chatrec.generation.gate_rules import check_clause, read
from chatrec.generation.gate_support import Support, as_quoted, support_of
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_told import is_told, told_tokens
from chatrec.generation.shop_talk import SHOP_TALK_VERSION, load_shop_talk

GATE_VERSION = 2
MOST_CHARS = 600


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be released; else the ``span`` that failed and why. ``cites`` are its citations in order."""

    ok: bool
    span: str = ""
    reason: str = ""
    cites: tuple[int, ...] = ()
    repaired: str = ""


class SentenceGate:
    """Checks sentences against evidence. Total: any string gets a verdict. Pure: the same input gives the same verdict.

    ``version`` names the rules and the word list; both are fixed before an adapter is scored.
    """

    def __init__(self, shop_talk_version: int = SHOP_TALK_VERSION) -> None:
        self._talk = load_shop_talk(shop_talk_version)
        self.version = f"gate.v{GATE_VERSION}+shop_talk.v{shop_talk_version}"

    def check(self, sentence: str, evidence: Evidence, previous_cites: Sequence[int] = ()) -> Verdict:
        """The verdict on one sentence. ``previous_cites`` are those of the sentence before, which "it" and "they" speak of.

        Where the sentence fails but a part of it stands, ``repaired`` holds that part (already checked).
        """
        verdict = self.judge(sentence, evidence, previous_cites)
        if verdict.ok:
            return verdict
        from chatrec.generation.gate_repair import repair

        mended = repair(sentence, verdict, evidence, previous_cites, self.judge)
        return Verdict(False, verdict.span, verdict.reason, verdict.cites, mended)

    def judge(self, sentence: str, evidence: Evidence, previous_cites: Sequence[int] = ()) -> Verdict:
        """The verdict alone, without an attempt to mend."""
        if not sentence.strip():
            return Verdict(False, "", "empty")
        if len(sentence) > MOST_CHARS:
            return Verdict(False, sentence[:40], "too long for one sentence")
        tokens = tokenise(sentence)
        support = support_of(evidence)
        cites = tuple(int(t.value) for t in tokens if t.kind is Kind.CITE)
        if _is_quoted(sentence, support, cites):
            return Verdict(True, cites=cites)
        failed = _bad_token(tokens, support) or _spelled_name(tokens, support)
        if failed:
            return Verdict(False, failed[0], failed[1], cites)
        free = free_tokens(tokens, support, self._talk, cites, previous_cites)
        reading = read(tokens, support, self._talk, free)
        clauses = split_clauses(tokens, self._talk, support, previous_cites)
        told = told_tokens(clauses, tokens, support.told)
        for clause in clauses:
            if is_told(clause, tokens, told, free, self._talk):
                continue
            failure = check_clause(clause, reading)
            if failure:
                token = tokens[failure.index]
                return Verdict(False, sentence[token.start : token.end], failure.reason, cites)
        return Verdict(True, cites=cites)


def _is_quoted(sentence: str, support: Support, cites: Sequence[int]) -> bool:
    """A whole sentence of a policy, cited, needs no further check; a part of one might lack its "not"."""
    quoted = as_quoted(sentence)
    return len(quoted.split()) > 2 and any(quoted in support.passages[n - 1] for n in cites if 0 < n <= len(support.passages))


def _bad_token(tokens: Sequence[Token], support: Support) -> tuple[str, str] | None:
    for token in tokens:
        if token.kind is Kind.OTHER:
            return token.text, "a sign that plain text does not need"
        if token.kind is Kind.CITE and int(token.value) not in support.numbers:
            return token.text, "there is no such item"
    return None


def _spelled_name(tokens: Sequence[Token], support: Support) -> tuple[str, str] | None:
    """A product's whole name written by hand; single words of it fall to the ordinary rules."""
    words = [t.stem for t in tokens if t.kind is Kind.WORD]
    for n, title in support.titles:
        size = len(title)
        if size < 2 or set(title) <= support.types:
            continue
        if any(tuple(words[i : i + size]) == title for i in range(len(words) - size + 1)):
            return " ".join(title), f"the name of [{n}] is written by code"
    return None
