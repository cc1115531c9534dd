"""The template writer: plain sentences straight from the evidence. It answers where the model may not or could not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_words import asked_stems, content_stems, stems
from chatrec.generation.predicates import is_statement, join_predicates, sentence_case, tell
from chatrec.generation.prompts import UNSEEN
from chatrec.generation.rendering import harmless, inert, price_text, render
from chatrec.generation.sentences import split_sentences
from chatrec.generation.template_words import CLOSINGS, OPENINGS, PRESENTING, SAYINGS, WAYS_OUT

ASKS_PRICE = re.compile(
    r"\b(?:price|prices|priced|cost|costs|expensive)\b|\bhow much (?:is|are|for|does (?:it|this|that) cost)\b", re.IGNORECASE
)
ASKS_STOCK = re.compile(r"\b(?:in stock|out of stock|stock|sold out|still available|availab\w+|how many (?:are )?left)\b", re.IGNORECASE)
MOST_TOLD = 3
MOST_NOTES_SAID = 2
MOST_POLICY_SENTENCES = 3
CITING = frozenset({"recommend", "compare", "item_answer", "explain"})
"""Acts whose reply cites every item; small talk about an item need not."""
VERBATIM = frozenset({"ask", "order_status", "hand_off", "explain", "notice", "tool", "cart", "return_check", "profile"})
"""Acts whose sentences code wrote for this turn: they are said as they stand."""
_COUNTED = re.compile(r"(?P<what>.+?):\s*(?P<count>\d+)")


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
            if text in CLOSINGS:  # a question to the shopper comes last
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
        for text in (self._item_text(evidence, item), *_quoted(item)):
            sentence = self._released(text, evidence, mentioned, ())
            if sentence:
                return sentence
        text = f"{_pick(PRESENTING[1:], evidence, n)}." if len(evidence.items) > 1 else "Take a look at [n]."
        text = text.replace("[n]", f"[{n}]")
        return Sentence(text, render(text, evidence, mentioned), "template", (n,))

    def note_sentence(self, evidence: Evidence, note: Fact, mentioned: set[int]) -> Sentence | None:
        """A note as a sentence of its own; ``None`` for a note that is no statement."""
        return self._released(_note_text(note), evidence, mentioned, ()) if not is_topic(note) else None

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
            yield from _verbatim(evidence)
        elif act == "shop_answer":
            yield from ((text, True) for text in policy_sentences(evidence))
        elif act == "item_answer" and evidence.items:
            yield from self._answers(evidence)
        elif act in ("say", "decline"):
            yield from _small_talk(evidence)
        elif act == "nothing":
            yield from _nothing(evidence)
        else:
            yield from ((text, False) for text in self._about_items(evidence))

    def _about_items(self, evidence: Evidence) -> Iterator[str]:
        if not evidence.items:
            yield from (_note_text(note) for note in evidence.notes if not is_topic(note))
            return
        answer = next((note for note in evidence.notes if note.name == "extreme"), None)
        if answer is not None:
            yield _note_text(answer)
        elif evidence.act == "recommend" and len(evidence.items) > 1:
            yield _pick(OPENINGS, evidence).replace("{count}", _count(len(evidence.items)))
        for item in evidence.items:
            yield self._item_text(evidence, item)
        limit = 4 if evidence.act == "compare" else MOST_NOTES_SAID
        yield from (_note_text(note) for note in evidence.notes[:limit] if not is_topic(note) and note is not answer)
        if evidence.act == "recommend":
            yield _pick(CLOSINGS, evidence)

    def _item_text(self, evidence: Evidence, item: EvidenceItem) -> str:
        """ "[1] weighs 900 g, is waterproof and comes in blue." """
        quiet = (FactKind.STOCK, FactKind.RATING) if evidence.act == "recommend" else (FactKind.STOCK,)
        predicates = self._predicates(item, [f for f in item.facts if f.kind not in quiet], evidence)
        if all(p.startswith("is made by ") for p in predicates) and any(is_statement(f) for f in item.facts):
            predicates = []  # a brand alone says little where the listing says more
        if not predicates:
            return next(iter(_quoted(item)), "")
        ways = PRESENTING if item is not evidence.items[0] else tuple(w for w in PRESENTING if not w.startswith("Then"))
        lead = "[n]" if evidence.act == "compare" else _pick(ways, evidence, turn=item.n)
        joined = join_predicates(predicates)
        joined = joined if lead == "[n]" or joined.startswith("its ") else f"it {joined}"
        return f"{lead}{'' if lead == '[n]' and not joined.startswith('its ') else ':'} {joined}.".replace("[n]", f"[{item.n}]")

    def _predicates(self, item: EvidenceItem, facts: Sequence[Fact], evidence: Evidence) -> list[str]:
        """The first facts that can be told together so that the gate agrees."""
        told: dict[str, str] = {}
        for fact in facts:
            predicate = tell(fact) if len(told) < MOST_TOLD else ""
            if predicate and self._gate.judge(f"[{item.n}] {join_predicates([*told.values(), predicate])}.", evidence).ok:
                told[fact.text] = predicate
        return list(told.values())

    def _answers(self, evidence: Evidence) -> Iterator[tuple[str, bool]]:
        """The facts that touch the question, item by item; or honestly that the listing does not say."""
        asked = set(content_stems(evidence.shopper))
        unsaid = [note for note in evidence.notes if "does not" in note.text]
        for item in evidence.items:
            figures = list(_price_and_stock(evidence, item))
            yield from ((text, True) for text in figures)
            own = [note for note in unsaid if item.n in note.cites]
            yield from ((_note_text(note), False) for note in own)
            facts = [f for f in item.facts if f.kind not in UNSEEN and asked & (set(stems(f"{f.name} {f.text}")) | asked_stems(f.name))]
            if not facts and not own and not figures:
                facts = [f for f in item.facts if f.kind is not FactKind.TYPE and f.kind not in UNSEEN][:2]
            yield from self._answer(item, facts, evidence)
        told = [note for note in evidence.notes if note not in unsaid and asked & set(stems(f"{note.name} {note.text}"))]
        yield from ((_note_text(note), False) for note in told[:MOST_NOTES_SAID])

    def _answer(self, item: EvidenceItem, facts: Sequence[Fact], evidence: Evidence) -> Iterator[tuple[str, bool]]:
        told = self._predicates(item, facts, evidence)
        if told:
            joined = join_predicates(told)
            yield f"[{item.n}]{':' if joined.startswith('its ') else ''} {joined}.", False
        clauses = [f for f in facts if f.kind is FactKind.OPINION or (f.kind is FactKind.DESCRIPTION and not tell(f))]
        # the listing's own words, named as such, are the record itself
        yield from ((text, True) for text in list(_quoted(item, clauses))[:1])


def _price_and_stock(evidence: Evidence, item: EvidenceItem) -> Iterator[str]:
    """Told by code from the record, so they need no gate; what the record lacks is said to be lacking."""
    if ASKS_PRICE.search(evidence.shopper):
        yield f"Here it is with its price: [{item.n}]." if price_text(item) else f"The listing of [{item.n}] does not give a price."
    if ASKS_STOCK.search(evidence.shopper):
        stock = next((f for f in item.facts if f.kind is FactKind.STOCK), None)
        yield f"[{item.n}] {tell(stock)}." if stock else f"The listing of [{item.n}] does not say whether it is in stock."


def is_topic(note: Fact) -> bool:
    """Whether a note only names the kind of small talk ("topic greet")."""
    return note.name == "topic" or note.text.startswith("topic ")


def _pick(choices: Sequence[str], evidence: Evidence, turn: int = 0) -> str:
    """One of ``choices`` by a digest of the evidence; ``turn`` walks on through them, so that neighbours differ."""
    seed = f"{evidence.act}|{evidence.shopper}|{[i.item_id for i in evidence.items]}"
    return choices[(int.from_bytes(hashlib.blake2b(seed.encode(errors="replace"), digest_size=4).digest()) + turn) % len(choices)]


def _count(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


def _note_text(note: Fact) -> str:
    text = inert(note.text)  # a value of the catalogue or of the shopper may stand in it
    counted = _COUNTED.fullmatch(text)
    if counted and not note.cites:
        return sentence_case(f"{counted['what']} there {'is' if counted['count'] == '1' else 'are'} {counted['count']}")
    return sentence_case(text)


def _quoted(item: EvidenceItem, facts: Sequence[Fact] | None = None) -> Iterator[str]:
    for fact in item.facts if facts is None else facts:
        if is_statement(fact):
            lead = "Take a look at" if facts is None else "About"
            yield f"{lead} [{item.n}]: {fact.text.rstrip(' .,;:')}."
        elif fact.kind is FactKind.DESCRIPTION and not tell(fact):
            yield f"The listing of [{item.n}] says: {fact.text.rstrip(' .,;:')}."
        elif fact.kind is FactKind.OPINION:
            yield f"Reviewers of [{item.n}] say: {fact.text.rstrip('.')}."


def _verbatim(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    said = bool(evidence.items)
    for fact in (*evidence.passages, *evidence.notes):
        if not is_topic(fact):
            said = True
            text = f"{sentence_case(fact.name)[:-1]}: {harmless(fact.text)}" if fact.kind is FactKind.ORDER else inert(fact.text)
            text = harmless(fact.text) if fact.kind is FactKind.TOOL else text  # a tool's words are data: no citation is theirs to make
            whole = fact.name == "language" or text.rstrip().endswith("?")  # other languages end their sentences in their own way
            yield (text if whole else sentence_case(text)), True
    if not said or evidence.act == "hand_off":
        yield _saying(evidence), True


def _saying(evidence: Evidence) -> str:
    """The fixed wording for the note's topic, else for the act, else what the assistant can do."""
    topics = [re.sub(r"^topic:?\s+", "", note.text).strip() for note in evidence.notes if is_topic(note)]
    known = next((t for t in (*topics, evidence.act) if t in SAYINGS), "capability")
    return _pick(SAYINGS[known], evidence)


def policy_sentences(evidence: Evidence) -> list[str]:
    """The sentences of the passages that answer the question, in their own words and order, each with its citation.

    Which answer is told by the question's content words; a passage that holds none of them answers with its opening, and only the
    best passage may.
    """
    asked = set(content_stems(evidence.shopper))
    told = [(n, text) for n, passage in enumerate(evidence.passages, start=1) for text in split_sentences(passage.text)]
    hits = [len(asked & set(content_stems(text))) for _, text in told]
    best = max(hits, default=0)
    chosen = [pair for pair, hit in zip(told, hits, strict=True) if hit == best and best > 0][:MOST_POLICY_SENTENCES]
    if len(chosen) < 2:
        first = chosen[0] if chosen else (1, "")
        chosen = [pair for pair in told if pair in chosen or (pair[0] == first[0] and told.index(pair) >= _place(told, first))][:2]
    found = [re.sub(r"\s*([.!?]*)$", rf" [{n}]\1", text, count=1) for n, text in chosen]
    return found or [_pick(SAYINGS["policy"], evidence)]


def _place(told: Sequence[tuple[int, str]], first: tuple[int, str]) -> int:
    return told.index(first) if first in told else 0


def _small_talk(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """A fixed wording claims nothing of any item, so code vouches for it; notes beside it are judged."""
    yield _saying(evidence).replace("[n]", f"[{evidence.items[0].n}]" if evidence.items else "that"), True
    yield from ((_note_text(note), False) for note in evidence.notes if not is_topic(note))


def _nothing(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """That nothing matches, then the ways out with their counts, which code computed."""
    if not any("nothing" in note.text.lower() for note in evidence.notes):
        yield _pick(SAYINGS["nothing"], evidence), True
    nearest = [note for note in evidence.notes if note.name == "alternative"]
    counted = [(note, _COUNTED.fullmatch(note.text.strip())) for note in evidence.notes if not is_topic(note) and note not in nearest]
    yield from ((_note_text(note), note.source == "turn") for note, found in counted if not found)
    ways = [f"{harmless(found['what'])}: {found['count']}" for _, found in counted if found]
    if ways:
        yield f"{_pick(WAYS_OUT, evidence)} ({'; '.join(ways)}).", True
    yield from ((_note_text(note), note.source == "turn") for note in nearest)
