"""The template writer: plain sentences straight from the evidence. It answers where the model may not or could not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.generation.content_plan import MOST_TOLD, Judge, only_names, plan_item, planned
from chatrec.generation.evidence_choice import UNSEEN
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_words import asked_stems, content_stems, stems
from chatrec.generation.joining import joined
from chatrec.generation.predicates import listed, sentence_case, tell
from chatrec.generation.rendering import price_text, render
from chatrec.generation.template_items import bare_sentence, item_sentences, opening_of, sentence_of, unsaid_notes
from chatrec.generation.template_notes import (
    is_topic,
    note_text,
    nothing,
    pick,
    policy_sentences,
    quoted,
    small_talk,
    verbatim,
)
from chatrec.generation.template_words import CLOSINGS, CLOSINGS_OF_ONE, CLOSINGS_OF_TWO
from chatrec.generation.units import says_again

ASKS_PRICE = re.compile(
    r"\b(?:price|prices|priced|cost|costs|expensive)\b|\bhow much (?:is|are|was|were|for|did|does (?:it|this|that) cost)\b", re.IGNORECASE
)
ASKS_STOCK = re.compile(r"\b(?:in stock|out of stock|stock|sold out|still available|availab\w+|how many (?:are )?left)\b", re.IGNORECASE)
MOST_NOTES_SAID = 1
MOST_COMPARED = 4
"""Notes told behind the items, beyond those in the items' own sentences."""
CITING = frozenset({"recommend", "compare", "item_answer", "explain"})
"""Acts whose reply cites every item; small talk about an item need not."""
VOUCHED = frozenset({"extreme", "silent_too"})
"""Notes of what code found in the whole shop, which no record beside tells."""
VERBATIM = frozenset({"ask", "order_status", "hand_off", "explain", "notice", "tool", "cart", "return_check", "profile"})
"""Acts whose sentences code wrote for this turn: they are said as they stand."""


class TemplateWriter:
    """Implements :class:`chatrec.protocols.Writer`. Deterministic: wording is chosen by a digest of the evidence.

    Every sentence is judged by the gate before it is released, so that odd catalogue text cannot slip through; what fails is
    replaced by a sentence that only cites.
    """

    def __init__(self, gate: SentenceGate | None = None) -> None:
        self._gate = gate or SentenceGate()

    def write(self, evidence: Evidence) -> Iterator[Sentence]:
        """The whole reply. Every item is cited."""
        mentioned: set[int] = set()
        previous: tuple[int, ...] = ()
        for text, trusted in self._texts(evidence):
            if text and text in (*CLOSINGS, *CLOSINGS_OF_ONE, *CLOSINGS_OF_TWO):  # a question to the shopper comes last
                yield from self._missing(evidence, mentioned)
            sentence = self._released(text, evidence, mentioned, previous, trusted)
            if sentence:
                previous = sentence.cites or previous
                yield sentence
        yield from self._missing(evidence, mentioned)

    def _missing(self, evidence: Evidence, mentioned: set[int]) -> Iterator[Sentence]:
        for item in evidence.items if evidence.act in CITING else ():
            if item.n not in mentioned:
                yield self.item_sentence(evidence, item.n, mentioned)

    def item_sentence(self, evidence: Evidence, n: int, mentioned: set[int]) -> Sentence:
        """One sentence about item ``n``: what of it touches the shopper's words, else what is most telling."""
        item = next(i for i in evidence.items if i.n == n)
        for text in (sentence_of(evidence, plan_item(evidence, item, self._judge_of(evidence))), *quoted(item)):
            sentence = self._released(text, evidence, mentioned, ())
            if sentence:
                return sentence
        text = bare_sentence(evidence, [f"[{item.n}]"], len(evidence.items) > 1)
        return Sentence(text, render(text, evidence, mentioned), "template", (n,))

    def opening(self, evidence: Evidence) -> Sentence | None:
        """What stands before the items: what they share, or how many there are."""
        plan = planned(evidence)
        return self._released(opening_of(evidence, plan, self._judge_of(evidence)), evidence, set(), ()) if plan.told else None

    def closing(self, evidence: Evidence) -> Sentence | None:
        """The offer to go on, behind the items of a recommendation."""
        return self._released(_closing(evidence), evidence, set(), ()) if evidence.act == "recommend" else None

    def _judge_of(self, evidence: Evidence) -> Judge:
        return lambda text: self._gate.judge(text, evidence).ok

    def note_sentence(self, evidence: Evidence, note: Fact, mentioned: set[int]) -> Sentence | None:
        """A note as a sentence of its own; ``None`` for a note that is no statement."""
        return self._released(note_text(note), evidence, mentioned, (), note.name in VOUCHED) if not is_topic(note) else None

    def _released(
        self, text: str, evidence: Evidence, mentioned: set[int], previous: Sequence[int], trusted: bool = False
    ) -> Sentence | None:
        if not text:
            return None
        verdict = self._gate.judge(text, evidence, previous)
        if not verdict.ok and not trusted:
            return None
        return Sentence(text, render(text, evidence, mentioned), "template", verdict.cites)

    def _texts(self, evidence: Evidence) -> Iterator[tuple[str, bool]]:
        """Sentences with whether code vouches for them as they stand: a question, an order line or a policy sentence is the record."""
        act = evidence.act
        if act in VERBATIM:
            yield from verbatim(evidence)
        elif act == "shop_answer":
            yield from ((text, True) for text in policy_sentences(evidence))
            yield from ((sentence_case(note.text), True) for note in evidence.notes if note.name == "unanswered")
        elif act == "item_answer" and evidence.items:
            yield from self._answers(evidence)
        elif act in ("say", "decline"):
            yield from small_talk(evidence)
        elif act == "nothing":
            yield from nothing(evidence)
        else:
            counted = {note_text(note) for note in evidence.notes if note.name in VOUCHED}
            yield from ((text, text in counted) for text in self._about_items(evidence))

    def _about_items(self, evidence: Evidence) -> Iterator[str]:
        if not evidence.items:
            yield from (note_text(note) for note in evidence.notes if not is_topic(note))
            return
        sentences = list(item_sentences(evidence, self._judge_of(evidence)))
        yield from sentences
        left = unsaid_notes(evidence, sentences)[: MOST_COMPARED if evidence.act == "compare" else MOST_NOTES_SAID]
        yield from (note_text(note) for note in left)
        if evidence.act == "recommend":
            yield _closing(evidence)

    def _predicates(self, item: EvidenceItem, facts: Sequence[Fact], evidence: Evidence) -> list[str]:
        """The first facts that can be told together so that the gate agrees."""
        told: dict[str, str] = {}
        for fact in facts:
            predicate = tell(fact) if len(told) < MOST_TOLD else ""
            if (
                predicate
                and not says_again(predicate, told.values())
                and self._gate.judge(f"[{item.n}] {joined([*told.values(), predicate])}.", evidence).ok
            ):
                told[fact.text] = predicate
        return list(told.values())

    def _answers(self, evidence: Evidence) -> Iterator[tuple[str, bool]]:
        """The facts that touch the question, item by item; or honestly that the listing does not say."""
        asked = set(content_stems(evidence.shopper))
        unsaid = [note for note in evidence.notes if "does not" in note.text]
        silent = _silent(evidence)
        unlisted = _unlisted(evidence)
        for item in evidence.items:
            figures = [] if item.n in unlisted else list(_price_and_stock(evidence, item))
            yield from ((text, True) for text in figures)
            own = [note for note in unsaid if item.n in note.cites]
            if item.n in unlisted or (own and (item.n in silent or any("does not" in text for text in figures))):
                continue  # said once, of all of them together or beside what else is lacking
            yield from ((note_text(note), False) for note in own)
            usable = [f for f in item.facts if f.kind not in UNSEEN and not only_names(f, item)]
            facts = [f for f in usable if asked & (set(stems(f"{f.name} {f.text}")) | asked_stems(f.name))]
            if not facts and not own and not figures:
                facts = [f for f in usable if f.kind is not FactKind.TYPE][:MOST_TOLD]
                if not facts and not any(n.name == "verdict" and item.n in n.cites for n in evidence.notes):
                    yield f"The listing of [{item.n}] does not say.", True
            yield from self._answer(item, facts, evidence)
        if unlisted:
            yield f"The listings of {listed([f'[{n}]' for n in unlisted])} do not say whether they are in stock.", True
        if silent:
            yield f"The listings of {listed([f'[{n}]' for n in silent])} do not say.", True
        told = [n for n in evidence.notes if n not in unsaid and (n.name == "verdict" or asked & set(stems(f"{n.name} {n.text}")))]
        # a verdict is computed from the record's own value, which code vouches for
        others = [n for n in told if n.name != "verdict"][:MOST_NOTES_SAID]
        yield from ((note_text(note), note.name == "verdict") for note in told if note.name == "verdict" or note in others)

    def _answer(self, item: EvidenceItem, facts: Sequence[Fact], evidence: Evidence) -> Iterator[tuple[str, bool]]:
        told = self._predicates(item, facts, evidence)
        if told:
            said = joined(told)
            yield f"[{item.n}]{':' if said.startswith('its ') else ''} {said}.", False
        clauses = [f for f in facts if f.kind is FactKind.OPINION or (f.kind is FactKind.DESCRIPTION and not tell(f))]
        # the listing's own words, named as such, are the record itself
        yield from ((text, True) for text in list(quoted(item, clauses))[:1])


def _closing(evidence: Evidence) -> str:
    return pick({1: CLOSINGS_OF_ONE, 2: CLOSINGS_OF_TWO}.get(len(evidence.items), CLOSINGS), evidence)


def _silent(evidence: Evidence) -> list[int]:
    """The items whose listings do not answer, where that is to be said of several."""
    places = [item.n for item in evidence.items if any(n.name == "silent" and n.cites == (item.n,) for n in evidence.notes)]
    priced = ASKS_PRICE.search(evidence.shopper) or ASKS_STOCK.search(evidence.shopper)
    return places if len(places) > 1 and not priced else []


def _unlisted(evidence: Evidence) -> list[int]:
    """The items of which nothing but their stock was asked and whose listings do not tell it, where there are several."""
    if not ASKS_STOCK.search(evidence.shopper) or ASKS_PRICE.search(evidence.shopper):
        return []
    places = [item.n for item in evidence.items if not any(f.kind is FactKind.STOCK for f in item.facts)]
    return places if len(places) > 1 else []


def _price_and_stock(evidence: Evidence, item: EvidenceItem) -> Iterator[str]:
    """Told by code from the record, so they need no gate; what the record lacks is said to be lacking."""
    if ASKS_PRICE.search(evidence.shopper):
        yield f"Here it is with its price: [{item.n}]." if price_text(item) else f"The listing of [{item.n}] does not say what it costs."
    if ASKS_STOCK.search(evidence.shopper):
        stock = next((f for f in item.facts if f.kind is FactKind.STOCK), None)
        yield f"[{item.n}] {tell(stock)}." if stock else f"The listing of [{item.n}] does not say whether it is in stock."
