"""The grounded writer: the model's words, sentence by sentence through the gate, and the template writer for what is missing."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.domain.giving_way import give_way
from chatrec.domain.stopping import is_stop_asked
from chatrec.errors import GeneratorBusy
from chatrec.generation.content_plan import planned
from chatrec.generation.draft import Draft
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import CHAT_END, CHAT_START, PromptLibrary, render_reply_prompt
from chatrec.generation.sentences import SentenceCutter
from chatrec.generation.template import ASKS_PRICE, ASKS_STOCK, CITING, TemplateWriter
from chatrec.generation.token_count import count_tokens
from chatrec.generation.watchdog import within_budget
from chatrec.protocols import Generator

_LOG = logging.getLogger("chatrec.generation")
# Told by code at once. Policies are quoted: a small model made their citation the subject ("[1] ships to Canada"), and a policy loses by
# paraphrase. Fixed wordings and counts gain nothing from a model and would cost seconds.
# Why an item was shown is the ranking's own account: a small model gave reasons that nobody had.
TEMPLATE_ACTS = frozenset("ask order_status hand_off explain notice shop_answer say decline nothing tool cart return_check profile".split())
STOP = (CHAT_END, CHAT_START)
NOBODY = 0
_CITE = re.compile(r"\[(\d{1,4})\]")
Clock = Callable[[], float]


class GroundedWriter:
    """Implements :class:`chatrec.protocols.Writer` over a :class:`chatrec.protocols.Generator`.

    Sentences come out as they are verified, behind an opening that code gives at once. ``Sentence.origin`` tells whose they are: none but
    ``template`` and ``code`` means that the model gave nothing that stands (or was not asked: orders, questions, prices and stock are
    told by code). The generator is closed as soon as the text is complete, the time budget is spent or the caller stops reading.
    Nothing the model does raises.
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
        draft = Draft(evidence, self._gate)
        yield from self._opening(draft)
        yield from self._from_model(draft, draft.plan.told)
        yield from self._one_by_one(draft)
        if not draft.is_answer:
            yield from draft.let_go()
            yield from (s for s in self._template.write(evidence) if s.text not in draft.said)
            return
        for item in evidence.items if evidence.act in CITING else ():
            if item.n not in draft.mentioned:
                yield self._template.item_sentence(evidence, item.n, draft.mentioned)
        for note in draft.unsaid_notes():
            yield from _by_code(self._template.note_sentence(evidence, note, draft.mentioned))
        yield from _by_code(self._template.closing(evidence))

    def _opening(self, draft: Draft) -> Iterator[Sentence]:
        """What code tells first: what it found in the whole shop ("the lightest of all is [1]"), else what all items share or how many
        there are. It stands before the model has said a word."""
        evidence = draft.evidence
        answers = [self._template.note_sentence(evidence, n, draft.mentioned) for n in evidence.notes if n.name == "extreme"]
        for sentence in answers or [self._template.opening(evidence)]:
            for told in _by_code(sentence):
                draft.told_by_code(told)
                yield told

    def _one_by_one(self, draft: Draft) -> Iterator[Sentence | DroppedSentence]:
        """Asks again for each item of a list that is told of by nothing that stands; a model that fails at one is asked no more."""
        for plan in draft.missing() if len(draft.evidence.items) > 1 else ():
            if draft.is_cut:
                return
            yield from self._from_model(draft, (plan.item.n,))
            draft.is_cut = draft.is_cut or plan.item.n not in draft.mentioned

    def _from_model(self, draft: Draft, numbers: Sequence[int]) -> Iterator[Sentence | DroppedSentence]:
        """The model's sentences about the items of these numbers, as they are verified."""
        if (left_s := self._left_s()) <= 0.0:
            draft.is_cut = True
            yield self._spent()
            return
        deadline = self._clock() + left_s
        cutter = SentenceCutter()
        chunks: Iterator[str] = iter(())
        prompt, wrote = "", ""
        draft.is_cut = True
        try:
            prompt = render_reply_prompt(draft.evidence, self._library, draft.plan.of(*numbers))
            give_way()
            chunks = within_budget(
                lambda: self._generator.generate(prompt, max_tokens=self._max_tokens, stop=STOP, seed=_seed(prompt)), left_s
            )
            for chunk in chunks:
                wrote += chunk
                for text in cutter.feed(chunk):
                    yield from draft.take(numbered(text, numbers))
                if is_stop_asked():
                    return
                if draft.is_done or (len(numbers) == 1 and numbers[0] in draft.mentioned and draft.mentioned > set(numbers)):
                    draft.is_cut = False
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
        draft.is_cut = is_stop_asked()
        yield from draft.take(numbered(cutter.rest(), numbers), last=True)

    def _count(self, read: str, wrote: str) -> None:
        with suppress(Exception):  # an engine that fails while it counts must not fail the turn
            if wrote:
                counted = (count_tokens(self._generator, read) or 0, count_tokens(self._generator, wrote) or 0)
                self._last_tokens = (self._last_tokens[0] + counted[0], self._last_tokens[1] + counted[1])

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


def _by_code(sentence: Sentence | None) -> Iterator[Sentence]:
    """What code says by design, beside the model: it stands in for nothing."""
    if sentence is not None:
        yield replace(sentence, origin="code")


def unavailable(why: str) -> DroppedSentence:
    """The mark, without a text, that the language model could not finish: it goes into the receipt as a weaker answer."""
    return DroppedSentence("", "", f"language model: {why}, the template writer finished the reply")


def told_by_code(evidence: Evidence) -> bool:
    """Whether the template writer answers at once: orders, questions, hand-over, questions about a price or stock, and items of which
    nothing can be told but that they are there."""
    if evidence.act in TEMPLATE_ACTS or (evidence.act in CITING and evidence.items and not planned(evidence).told):
        return True
    return evidence.act == "item_answer" and bool(ASKS_PRICE.search(evidence.shopper) or ASKS_STOCK.search(evidence.shopper))


def numbered(text: str, numbers: Sequence[int]) -> str:
    """A sentence with the numbers that the shopper sees; one that was on no line becomes a citation that nothing has."""
    known = dict(enumerate(numbers, start=1))
    return _CITE.sub(lambda found: f"[{known.get(int(found[1]), NOBODY)}]", text) if numbers else text


def _seed(prompt: str) -> int:
    return int.from_bytes(hashlib.blake2b(prompt.encode(errors="replace"), digest_size=4).digest())


def _close(chunks: Iterator[str]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        with suppress(Exception):  # an engine that fails while it is being stopped must not fail the turn
            close()
