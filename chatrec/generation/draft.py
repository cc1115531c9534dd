"""What the model has said so far that stands: its sentences judged, mended, held back or dropped one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.domain.facts import DroppedSentence, Evidence, Fact, FactKind, Sentence
from chatrec.generation.content_plan import COMPARING, ContentPlan, ItemPlan, planned
from chatrec.generation.copy_editing import edited
from chatrec.generation.gate import SentenceGate
from chatrec.generation.gate_words import content_stems
from chatrec.generation.plan_editing import edited_to_plan
from chatrec.generation.rendering import render
from chatrec.generation.sentences import is_complete, is_torso
from chatrec.generation.template import CITING
from chatrec.generation.template_notes import is_topic

_CITES = re.compile(r"\[\d+\]")
MOST_EXTRA_SENTENCES = 2
MOST_SENTENCES_WITHOUT_ITEMS = 3
MOST_DROPPED = 6
MOST_HELD = 1
"""Sentences that may stand before the first one about an item: an opening."""


class Draft:
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
        self._is_opened = False
        self.is_cut = False
        """Whether the model stopped before it was done: it failed, was stopped, or its time was spent."""

    @property
    def said(self) -> frozenset[str]:
        """The sentences that stand, as they were written."""
        return frozenset(self._released)

    def told_by_code(self, sentence: Sentence) -> None:
        """Takes note of what code has said before the model."""
        self.mentioned.update(sentence.cites)
        self._released.append(sentence.text)
        self._is_opened = True

    def missing(self) -> list[ItemPlan]:
        """The items that no released sentence cites, of which something is to be told; sentences dropped so far count no more."""
        self._dropped = 0
        wanted = set(self.plan.told) - self.mentioned if self.evidence.act in CITING else set()
        return [plan for plan in self.plan.items if plan.item.n in wanted and not plan.is_bare]

    def take(self, text: str, last: bool = False) -> Iterator[Sentence | DroppedSentence]:
        """Judges one sentence of the model: released, mended or dropped. A torso at the very end is dropped silently."""
        if not text or self.is_done:
            return
        text = self._edited(text)
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
        released = text if verdict.ok else self._edited(verdict.repaired)
        if not verdict.ok:
            yield self._drop(text, verdict.span, verdict.reason)
        if why := self._unfit(released, key):
            if verdict.ok:
                yield self._drop(text, text, why)
            return
        cites = verdict.cites if verdict.ok else self._gate.judge(released, self.evidence, self._previous).cites
        if self._is_early(cites) and (released.endswith("?") or self._is_opened or len(self._held) >= MOST_HELD):
            yield self._drop(released, released, "talks of something else before any item")
            return
        self._previous = cites or self._previous
        self._released.append(released)
        self._held.append(Sentence(released, render(released, self.evidence, self.mentioned), "model" if verdict.ok else "repaired", cites))
        if not self._is_early(cites):
            yield from self._held
            self._held.clear()

    def _edited(self, text: str) -> str:
        return edited_to_plan(text, self.plan) if self.evidence.act in COMPARING else edited(text)

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
        """Notes that honesty asks for and no sentence has told: what the dialogue found, stock, "the listing does not say"; and one that
        sets items apart ("only [2] is waterproof")."""
        said = set(content_stems(" ".join(self._released)))
        said |= {token for text in self._released for token in text.replace(".", " ").split() if token.isdigit()}
        apart = [n for n in self.plan.others if n.text.startswith("only ")][:1]
        return [n for n in self.evidence.notes if (_must_be_said(n) or n in apart) and not _contents(n) <= said]


def _must_be_said(note: Fact) -> bool:
    return not is_topic(note) and (not note.cites or note.name in ("stock", "extreme") or "does not" in note.text)


def _contents(note: Fact) -> set[str]:
    figures = {w.strip(".,;:") for w in note.text.split()}
    return set(content_stems(note.text)) | {w for w in figures if w.isdigit()}
