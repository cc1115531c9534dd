"""Shop questions answered from the shop's policies: every topic of a question looked for on its own, cut to the sentences that answer,
and silence where no passage is likely to hold the answer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chatrec.domain.facts import Passage
from chatrec.embedding.kept import encode_kept
from chatrec.errors import GenerationError
from chatrec.knowledge.circumstances import Circumstances
from chatrec.knowledge.everyday import in_policy_words
from chatrec.knowledge.off_topic import OFF_TOPIC
from chatrec.knowledge.policy_index import Asked, PolicyIndex
from chatrec.knowledge.question_parts import is_question, question_parts
from chatrec.knowledge.words import content_stems, words_of
from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PASSAGES = "passages.json"
VECTORS = "passages.npy"
# The probability that a passage answers is logistic in its fit and in how near the question comes to a question that policies do not
# answer (Platt, 1999). Fitted, like the threshold, on the questions of tests/knowledge/questions marked "dev".
FIT_WEIGHT, OFF_TOPIC_WEIGHT, BIAS = 16.3, -9.2, -2.2
LEAST_LIKELY = 0.5
# An example of what policies leave out is no example where the shop's own policies come this near to it.
OWN_TOPIC = 0.5
# A passage whose fit lies this much below that of the best one answers another question.
SHARE_OF_BEST = 0.9
# What the whole message adds to the fit of one of its parts, and how near a passage must come to one told already to be told instead.
WHOLE_SHARE = 0.15
SHARE_OF_TOLD = 0.8
# A passage that holds elsewhere only (abroad) comes after one for the shopper at home that fits this well beside it, and one that speaks of
# the place which a question names comes before one that does not.
SHARE_OF_APART, SHARE_OF_UNNAMED = 0.82, 0.9
# A sentence is told when it fits this well beside the best one of its passage.
SHARE_OF_BEST_SENTENCE = 0.75
# Sentences told in one answer, of all passages together; characters that evidence keeps of one.
MOST_SENTENCES = 4
MOST_CHARS = 390
_LEANING = re.compile(r"(?:it|they|this|these|those|that|however|but|otherwise|except|the same|such)\b", re.IGNORECASE)


class Answer(NamedTuple):
    """The place of a passage, the probability that it answers, and its sentences that do, the best first."""

    place: int
    likely: float
    sentences: tuple[int, ...]


class PolicyKnowledge:
    """Implements :class:`chatrec.protocols.Knowledge`. Read-only; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], vectors: NDArray[np.float32], embedder: Embedder) -> None:
        """``vectors`` are the passages' embeddings, shape ``(len(passages), d)``, unit norm, made by ``embedder``."""
        if len(passages) != len(vectors):
            raise GenerationError(f"{len(passages)} policy passages but {len(vectors)} vectors; build the generation again")
        self._passages, self.embedder = tuple(passages), embedder
        if passages:
            self.index = PolicyIndex(passages, vectors, embedder)
            self._circumstances = Circumstances(passages)
            examples = encode_kept(embedder, OFF_TOPIC)
            self._off_topic = examples[self.index.nearest(examples) < OWN_TOPIC]

    @classmethod
    def load(cls, generation_folder: Path, embedder: Embedder) -> PolicyKnowledge:
        """The policies of a finished generation; none where it holds none. Raises :class:`GenerationError` for spoilt files."""
        import numpy as np

        path = generation_folder / PASSAGES
        if not path.is_file():
            return cls((), np.zeros((0, embedder.dimension), dtype=np.float32), embedder)
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
            passages = [Passage(str(r["passage_id"]), str(r["topic"]), str(r["text"])) for r in records]
            vectors = np.load(generation_folder / VECTORS)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GenerationError(
                f"the policy passages in {generation_folder} cannot be read ({error}); build the generation again"
            ) from error
        return cls(passages, vectors, embedder)

    def __len__(self) -> int:
        return len(self._passages)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages, whole, in the order of the policies."""
        return self._passages

    def search(self, question: str, k: int = 3, context: str = "") -> list[Passage]:
        """The passages that answer, cut to the sentences that do, at most ``k``; empty when none is likely to hold an answer.

        Scores are probabilities. A question with several topics gets the best passage of each first, in the order asked; the
        rest follow by score. A passage is told once, with the sentences of all topics that it answers. ``context`` is the whole message
        where ``question`` is one of several in it: "and what does it cost?" is understood from what was asked before.
        """
        if not self._passages or not question.strip():
            return []
        found = self._by_part(question, context)
        firsts = [answers[0] for answers in found if answers]
        rest = sorted((a for answers in found for a in answers[1:]), key=lambda a: (-a.likely, a.place))
        merged: dict[int, tuple[float, list[int]]] = {}
        for answer in [*firsts, *rest]:
            score, told = merged.get(answer.place, (0.0, []))
            merged[answer.place] = (max(score, answer.likely), told + [s for s in answer.sentences if s not in told])
        kept = dict(list(merged.items())[:k])
        spare = MOST_SENTENCES - len(kept)
        passages = []
        for place, (score, told) in kept.items():
            more = told[1 : 1 + max(0, spare)]
            spare -= len(more)
            passages.append(self._told(place, score, {*told[:1], *more}))
        return passages

    def unanswered(self, question: str) -> tuple[str, ...]:
        """The parts of a question with several topics that no passage answers; empty where it asks one thing."""
        parts = question_parts(question) if self._passages else ()
        found = self._by_part(question, "") if len(parts) > 1 else []
        return tuple(part for part, answers in zip(parts, found, strict=False) if not answers and is_question(part))

    def rank(self, question: str) -> list[tuple[Passage, float]]:
        """Every passage with its probability, best first, whether or not it is likely enough to be told."""
        if not self._passages:
            return []
        asked = self.index.ask(question)
        likely = self._likely(asked, [float(f) for f in self.index.fit(asked)])
        order = sorted(range(len(likely)), key=lambda i: (-likely[i], i))
        return [(self._passages[i], likely[i]) for i in order]

    def _by_part(self, question: str, context: str) -> list[list[Answer]]:
        """What answers each part of the question; with a ``context`` that holds it as one of several, what answers that one."""
        parts = question_parts(question)
        chosen = range(len(parts))
        if len(parts) == 1 and len(around := question_parts(context)) > 1:
            shared = [len(set(words_of(question)) & set(words_of(part.partition(" (")[0]))) for part in around]
            chosen, parts = range(shared.index(max(shared)), shared.index(max(shared)) + 1), around
        if len(parts) == 1:
            return [self._answers(question, around=context)]
        whole = self.index.fit(self.index.ask(context if question not in parts and context else question))
        found: list[list[Answer]] = []
        for part in parts:
            told = {answers[0].place for answers in found if answers} if part.endswith(")") else set()
            found.append(self._answers(part, whole, told))
        return [found[n] for n in chosen]

    def _answers(
        self, question: str, whole: NDArray[np.float32] | None = None, told: Collection[int] = (), around: str = ""
    ) -> list[Answer]:
        """The passages that answer one question, best first; what stands ``around`` it tells the case. One of several takes a little from
        how the ``whole`` message fits; one that points back asks for something else than was ``told`` already, where another passage fits
        about as well."""
        import numpy as np

        asked = self.index.ask(question)
        own = self.index.fit(asked)
        if (said := in_policy_words(question, around)) != question:
            asked = self.index.ask(said)
            own = np.maximum(own, self.index.fit(asked))
        fits = [float(f) for f in (own if whole is None else (1 - WHOLE_SHARE) * own + WHOLE_SHARE * whole)]
        order = self._in_place(question, sorted(range(len(fits)), key=lambda i: (-fits[i], i)), fits)[:4]
        if fresh := [i for i in order if i not in told and fits[i] >= SHARE_OF_TOLD * fits[order[0]]]:
            order = [fresh[0], *(i for i in order if i != fresh[0])]
        likely = self._likely(asked, [fits[i] for i in order])
        return [
            Answer(i, p, tuple(self._answering(i, asked)))
            for i, p in zip(order, likely, strict=True)
            if p >= LEAST_LIKELY and (i == order[0] or (i not in told and fits[i] >= SHARE_OF_BEST * fits[order[0]]))
        ]

    def _in_place(self, question: str, order: list[int], fits: Sequence[float]) -> list[int]:
        """The passages in their order, without those of circumstances that the question does not speak of where another fits about as well,
        and only those that speak of the place it names where one does."""
        told = self._circumstances
        order = sorted(order, key=lambda i: told.is_out_of_season(i, question))
        best = fits[order[0]]
        apart = {i for i in order if fits[i] >= SHARE_OF_APART * best and told.is_apart(i, question)}
        here = [i for i in order if fits[i] >= SHARE_OF_APART * best and i not in apart]
        order = [*here, *(i for i in order if i not in here and not told.is_apart(i, question))] if here else order
        names = told.named(question.partition(" (")[0])  # in brackets stands what was asked before
        named = [i for i in order if fits[i] >= SHARE_OF_UNNAMED * fits[order[0]] and any(told.holds(i, n) for n in names)]
        return named or order

    def _likely(self, asked: Asked, fits: Sequence[float]) -> list[float]:
        off_topic = float((self._off_topic @ asked.vector).max(initial=0.0))
        scores = [FIT_WEIGHT * fit + OFF_TOPIC_WEIGHT * off_topic + BIAS for fit in fits]
        return [round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, s)))), 4) for s in scores]

    def _answering(self, place: int, asked: Asked) -> list[int]:
        """The sentences of a passage that answer, the best first."""
        fits = self.index.sentence_fit(place, asked)
        order = sorted(range(len(fits)), key=lambda n: (-fits[n], n))
        chosen = [n for n in order if fits[n] >= SHARE_OF_BEST_SENTENCE * fits[order[0]]]
        said = {s for n in chosen for s in content_stems(self.index.sentences[place][n])}
        # where none holds a word of the question, they are guesses: how the passage begins is what it is about
        return chosen if said & set(asked.terms) else [0, *(n for n in chosen if n)]

    def _told(self, place: int, likely: float, told: set[int]) -> Passage:
        """The passage cut to ``told``, in its own order and words, within the room that evidence has."""
        kept: list[str] = []
        sentences = self.index.sentences[place]
        told = told | {n - 1 for n in told if n and _LEANING.match(sentences[n])}
        for sentence in (s for n, s in enumerate(sentences) if n in told):
            if kept and len(" ".join((*kept, sentence))) > MOST_CHARS:
                break
            kept.append(sentence)
        passage = self._passages[place]
        return replace(passage, text=" ".join(kept) or passage.text, score=likely)
