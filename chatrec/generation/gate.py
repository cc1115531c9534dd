"""The sentence gate: nothing reaches the shopper that no record supports. Default deny."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatrec.domain.facts import Evidence
from chatrec.generation.gate_allowances import free_tokens
from chatrec.generation.gate_clauses import split_clauses
from chatrec.generation.gate_ellipsis import answered, only_points, with_shared_units, written_out
from chatrec.generation.gate_english import broken, mended
from chatrec.generation.gate_formats import without_labels
from chatrec.generation.gate_pointing import pointed_out
from chatrec.generation.gate_rules import check_clause
from chatrec.generation.gate_said import read
from chatrec.generation.gate_sense import check_choice, check_sense
from chatrec.generation.gate_support import Support, as_quoted, support_of
from chatrec.generation.gate_tokens import Kind, Token, tokenise
from chatrec.generation.gate_told import is_told, told_tokens
from chatrec.generation.shop_talk import SHOP_TALK_VERSION, load_shop_talk

GATE_VERSION = 8
MOST_CHARS = 600
MOST_MENDED_CHARS = 2_000
"""Longer text is no sentence that could be mended: it is dropped as it is."""
ANSWERING = frozenset({"item_answer", "compare"})
"""Acts in which "that is [1]" would answer a question of the shopper's on no record."""


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
        self._service_talk = self._talk.of_no_product()
        self.version = f"gate.v{GATE_VERSION}+shop_talk.v{shop_talk_version}"

    def check(self, sentence: str, evidence: Evidence, previous_cites: Sequence[int] = ()) -> Verdict:
        """The verdict on one sentence. ``previous_cites`` are those of the sentence before, which "it" and "they" speak of.

        Where the sentence fails but a part of it stands, ``repaired`` holds that part (already checked).
        """
        verdict = self.judge(sentence, evidence, previous_cites)
        better = mended(without_labels(sentence[:MOST_CHARS]), evidence)
        if (verdict.ok and better == sentence) or len(sentence) > MOST_MENDED_CHARS:
            return verdict
        if verdict.ok:
            verdict = Verdict(False, sentence, "broken English", verdict.cites)
        from chatrec.generation.gate_repair import repair

        return replace(verdict, repaired=repair(better, verdict, evidence, previous_cites, self.judge))

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
        pointed = pointed_out(answered(sentence), evidence, previous_cites)
        if evidence.act in ANSWERING and only_points(tokens if pointed == sentence else tokenise(pointed)):
            return Verdict(False, sentence, "names an item as the answer and gives no reason", cites)
        whole = written_out(pointed)
        if whole is None:
            return Verdict(False, sentence, "points back to what this sentence does not say", cites)
        verdict = self._judged(whole, tokens if whole == sentence else tokenise(whole), support, previous_cites)
        slip = broken(tokens, support, evidence) if verdict.ok else None
        return Verdict(not slip, slip.text, "broken English", cites) if slip else replace(verdict, cites=cites)

    def _judged(self, sentence: str, tokens: Sequence[Token], support: Support, previous_cites: Sequence[int]) -> Verdict:
        """The verdict on a sentence whose citations and signs are in order, clause by clause."""
        tokens = with_shared_units(tokens)
        cites = tuple(int(t.value) for t in tokens if t.kind is Kind.CITE)
        is_service = not cites and (not previous_cites or sentence.rstrip().endswith("?"))
        talk = self._service_talk if is_service else self._talk
        free = free_tokens(tokens, support, talk, cites, previous_cites)
        reading = read(tokens, support, talk, free)
        clauses = split_clauses(tokens, talk, support, previous_cites, free)
        told = told_tokens(clauses, tokens, support.told)
        for clause in clauses:
            if is_told(clause, tokens, told, free, talk):
                continue
            failure = check_clause(clause, reading)
            if failure:
                token = tokens[failure.index]
                return Verdict(False, sentence[token.start : token.end], failure.reason, cites)
        failure = check_choice(clauses, reading) or check_sense(tokens, reading)
        if failure:
            return Verdict(False, tokens[failure.index].text, failure.reason, cites)
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
