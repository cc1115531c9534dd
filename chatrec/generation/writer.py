"""The grounded writer: the model's words, sentence by sentence through the gate, and the template writer for what is missing."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from chatrec.domain.facts import DroppedSentence, Evidence, Fact, FactKind, Sentence
from chatrec.domain.giving_way import give_way
from chatrec.domain.stopping import is_stop_asked
from chatrec.errors import GeneratorBusy
from chatrec.generation.content_plan import ContentPlan, planned
from chatrec.generation.copy_editing import edited
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_words import content_stems
from chatrec.generation.prompts import CHAT_END, CHAT_START, PromptLibrary, render_reply_prompt
from chatrec.generation.rendering import render
from chatrec.generation.sentences import SentenceCutter, is_complete, is_torso
from chatrec.generation.template import ASKS_PRICE, ASKS_STOCK, CITING, TemplateWriter
from chatrec.generation.template_notes import is_topic
from chatrec.generation.token_count import count_tokens
from chatrec.generation.watchdog import within_budget
from chatrec.protocols import Generator

_LOG = logging.getLogger("chatrec.generation")
# Told by code at once. Policies are quoted: a small model made their citation the subject ("[1] ships to Canada"), and a policy loses by
# paraphrase. Fixed wordings and counts gain nothing from a model and would cost seconds.
# Why an item was shown is the ranking's own account: a small model gave reasons that nobody had.
TEMPLATE_ACTS = frozenset("ask order_status hand_off explain notice shop_answer say decline nothing tool cart return_check profile".split())
_CITES = re.compile(r"\[\d+\]")
STOP = (CHAT_END, CHAT_START)
MOST_EXTRA_SENTENCES = 2
MOST_SENTENCES_WITHOUT_ITEMS = 3
MOST_DROPPED = 6
MOST_HELD = 1
"""Sentences that may stand before the first one about an item: an opening."""
Clock = Callable[[], float]


class GroundedWriter:
    """Implements :class:`chatrec.protocols.Writer` over a :class:`chatrec.protocols.Generator`.

    Sentences come out as they are verified. ``Sentence.origin`` tells whose they are: all ``template`` means that the model gave
    nothing that stands (or was not asked: orders, questions, prices and stock are told by code). The generator is closed as soon
    as the text is complete, the time budget is spent or the caller stops reading. Nothing the model does raises.
    """

    def __init__(
        self,
        generator: Generator,
        gate: SentenceGate,
        library: PromptLibrary,
        template: TemplateWriter,
        max_tokens: int = 110,
        time_budget_s: float = 20.0,
        clock: Clock = time.monotonic,
    ) -> None:
        self._generator = generator
        self._gate = gate
        self._library = library
        self._template = template
        self._max_tokens = max_tokens
        self._time_budget_s = time_budget_s
        self._clock = clock
        self._turn_ends: float | None = None
        self._last_tokens = (0, 0)

    def for_turn(self) -> GroundedWriter:
        """This writer for one turn that begins now: all that the model writes in it shares one time budget, however many acts it has."""
        writer = GroundedWriter(
            self._generator, self._gate, self._library, self._template, self._max_tokens, self._time_budget_s, self._clock
        )
        writer._turn_ends = self._clock() + self._time_budget_s
        return writer

    @property
    def last_tokens(self) -> tuple[int, int]:
        """Tokens that the model read and wrote for the last evidence; of a writer of its own for each turn (see :meth:`for_turn`)."""
        return self._last_tokens

    def write(self, evidence: Evidence) -> Iterator[Sentence | DroppedSentence]:
        """Verified sentences and dropped ones, in order; every item is cited in the end."""
        self._last_tokens = (0, 0)
        if told_by_code(evidence):
            yield from self._template.write(evidence)
            return
        draft = _Draft(evidence, self._gate)
        yield from self._from_model(draft)
        if not draft.is_answer:
            yield from draft.let_go()
            yield from self._template.write(evidence)
            return
        for item in evidence.items if evidence.act in CITING else ():
            if item.n not in draft.mentioned:
                yield self._template.item_sentence(evidence, item.n, draft.mentioned)
        for note in draft.unsaid_notes():
            sentence = self._template.note_sentence(evidence, note, draft.mentioned)
            if sentence:
                yield sentence

    def _from_model(self, draft: _Draft) -> Iterator[Sentence | DroppedSentence]:
        if (left_s := self._left_s()) <= 0.0:
            yield self._spent()
            return
        deadline = self._clock() + left_s
        cutter = SentenceCutter()
        chunks: Iterator[str] = iter(())
        prompt, wrote = "", ""
        try:
            prompt = render_reply_prompt(draft.evidence, self._library)
            give_way()
            chunks = within_budget(
                lambda: self._generator.generate(prompt, max_tokens=self._max_tokens, stop=STOP, seed=_seed(prompt)), left_s
            )
            for chunk in chunks:
                wrote += chunk
                for text in cutter.feed(chunk):
                    yield from draft.take(text)
                if draft.is_done or is_stop_asked():
                    return
                if self._clock() > deadline:
                    yield self._spent()
                    return
        except Exception as error:  # a model's engine may fail in any way; the shopper still gets an answer
            yield self._failed(error)
            return
        finally:
            _close(chunks)
            self._count(prompt, wrote)
        yield from draft.take(cutter.rest(), last=True)

    def _count(self, read: str, wrote: str) -> None:
        with suppress(Exception):  # an engine that fails while it counts must not fail the turn
            if wrote:
                self._last_tokens = (count_tokens(self._generator, read) or 0, count_tokens(self._generator, wrote) or 0)

    def _left_s(self) -> float:
        """What is left of the turn's time for one more piece of text."""
        return self._time_budget_s if self._turn_ends is None else min(self._time_budget_s, self._turn_ends - self._clock())

    def _failed(self, error: Exception) -> DroppedSentence:
        if isinstance(error, GeneratorBusy):
            return unavailable("it is busy with other shoppers")
        if isinstance(error, TimeoutError):
            _LOG.warning("the language model is silent; the template writer finishes the reply")
            return self._spent()
        _LOG.warning("the language model failed (%s); the template writer finishes the reply", type(error).__name__)
        return unavailable(f"it failed ({type(error).__name__})")

    def _spent(self) -> DroppedSentence:
        return unavailable(f"its time budget of {self._time_budget_s:g} s was spent")


def unavailable(why: str) -> DroppedSentence:
    """The mark, without a text, that the language model could not finish: it goes into the receipt as a weaker answer."""
    return DroppedSentence("", "", f"language model: {why}, the template writer finished the reply")


def told_by_code(evidence: Evidence) -> bool:
    """Whether the template writer answers at once: orders, questions, hand-over, questions about a price or stock, and items of which
    nothing can be told but that they are there."""
    if evidence.act in TEMPLATE_ACTS or (evidence.act in CITING and evidence.items and not planned(evidence).told):
        return True
    return evidence.act == "item_answer" and bool(ASKS_PRICE.search(evidence.shopper) or ASKS_STOCK.search(evidence.shopper))


class _Draft:
    """What the model has said so far that stands.

    Where items are to be told, what cites none of them waits until one is cited: a model that talks past them leaves nothing behind, and
    the template writer answers alone.
    """

    def __init__(self, evidence: Evidence, gate: SentenceGate) -> None:
        self.evidence = evidence
        self.plan: ContentPlan = planned(evidence)
        self.mentioned: set[int] = set()
        self._gate = gate
        self._previous: tuple[int, ...] = ()
        self._released: list[str] = []
        self._held: list[Sentence] = []
        self._seen: set[str] = set()
        self._dropped = 0

    def take(self, text: str, last: bool = False) -> Iterator[Sentence | DroppedSentence]:
        """Judges one sentence of the model: released, mended or dropped. A torso at the very end is dropped silently."""
        if not text or self.is_done:
            return
        text = edited(text)
        key = text.lower()
        if key in self._seen:
            yield self._drop(text, text, "said before")
            return
        self._seen.add(key)
        if last and is_torso(text):
            return  # the model stopped in mid-sentence
        text = text if is_complete(text) else f"{text.rstrip(' ,;:')}."
        if self._is_copied(text):
            yield self._drop(text, text, "the record copied instead of a sentence")
            return
        verdict = self._gate.check(text, self.evidence, self._previous)
        released = text if verdict.ok else verdict.repaired
        if not verdict.ok:
            yield self._drop(text, verdict.span, verdict.reason)
        if why := self._unfit(released, key):
            if verdict.ok:
                yield self._drop(text, text, why)
            return
        cites = verdict.cites if verdict.ok else self._gate.judge(released, self.evidence, self._previous).cites
        if self._is_early(cites) and (released.endswith("?") or len(self._held) >= MOST_HELD):
            yield self._drop(released, released, "talks of something else before any item")
            return
        self._previous = cites or self._previous
        self._released.append(released)
        self._held.append(Sentence(released, render(released, self.evidence, self.mentioned), "model" if verdict.ok else "repaired", cites))
        if not self._is_early(cites):
            yield from self._held
            self._held.clear()

    def let_go(self) -> Iterator[DroppedSentence]:
        """What still waits for an item that did not come."""
        for sentence in self._held:
            yield self._drop(sentence.text, sentence.text, "nothing is said of any item")
        self._held.clear()

    def _is_early(self, cites: tuple[int, ...]) -> bool:
        return bool(self.evidence.items) and self.evidence.act in CITING and not cites and not self.mentioned

    def _unfit(self, text: str, key: str) -> str:
        """Why a sentence that the gate lets pass is no good here; "" where it is."""
        if not text or is_torso(text):
            return "breaks off"
        if self._is_copied(text):
            return "the record copied instead of a sentence"
        if text.lower() in self._seen - {key} or not self._adds(text):
            return "said before"
        return ""

    def _is_copied(self, text: str) -> bool:
        """Whether the model only repeats its prompt: "[1] sleeping bags; weight 900 g"."""
        body = _CITES.sub("", text).strip().lower()
        types = [f.text.lower() for item in self.evidence.items for f in item.facts if f.kind is FactKind.TYPE]
        return any(body.startswith(kind) for kind in types) or body.startswith(("notes:", "task:", "shopper:", "wants:"))

    def _drop(self, text: str, span: str, reason: str) -> DroppedSentence:
        self._dropped += 1
        return DroppedSentence(text, span, reason)

    def _adds(self, text: str) -> bool:
        """Whether a mended or later sentence says a content word that no released one has said."""
        said = set(content_stems(" ".join(self._released)))
        return not self._released or "[" in text or bool(set(content_stems(text)) - said)

    @property
    def is_done(self) -> bool:
        """All items cited and enough said, or too much dropped to go on."""
        wanted = set(self.plan.told) if self.evidence.act in CITING else set()
        if self._dropped >= MOST_DROPPED:
            return True
        if not wanted:
            return len(self._released) >= MOST_SENTENCES_WITHOUT_ITEMS
        return wanted <= self.mentioned and len(self._released) >= len(wanted) + MOST_EXTRA_SENTENCES

    @property
    def is_answer(self) -> bool:
        """Whether what stands answers at all: a cited item or passage; for small talk any sentence."""
        if self.evidence.act in CITING or self.evidence.passages:
            return bool(self.mentioned)
        return bool(self._released)

    def unsaid_notes(self) -> list[Fact]:
        """Notes that honesty asks for and no sentence has told: what the dialogue found, stock, "the listing does not say"."""
        said = set(content_stems(" ".join(self._released)))
        said |= {token for text in self._released for token in text.replace(".", " ").split() if token.isdigit()}
        return [n for n in self.evidence.notes if _must_be_said(n) and not _contents(n) <= said]


def _must_be_said(note: Fact) -> bool:
    return not is_topic(note) and (not note.cites or note.name in ("stock", "extreme") or "does not" in note.text)


def _contents(note: Fact) -> set[str]:
    figures = {w.strip(".,;:") for w in note.text.split()}
    return set(content_stems(note.text)) | {w for w in figures if w.isdigit()}


def _seed(prompt: str) -> int:
    return int.from_bytes(hashlib.blake2b(prompt.encode(errors="replace"), digest_size=4).digest())


def _close(chunks: Iterator[str]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        with suppress(Exception):  # an engine that fails while it is being stopped must not fail the turn
            close()
