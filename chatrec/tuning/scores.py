"""How well a model writes from evidence: what it says passes the sentence gate, every item is cited, the reply needs no mending.

A reply is scored as a shopper would get it, through :class:`chatrec.generation.writer.GroundedWriter`: what the gate drops or mends, what
is said twice and the items that the template writer has to add all count against the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.errors import GeneratorFailed
from chatrec.generation.content_plan import planned
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import PromptLibrary, render_reply_prompt
from chatrec.generation.template import CITING, TemplateWriter
from chatrec.generation.writer import GroundedWriter, told_by_code
from chatrec.protocols import Generator
from chatrec.resources import prompts_folder
from chatrec.settings import ModelSettings
from chatrec.tuning.row_evidence import read_evidence

FIGURES = ("grounded", "cited", "whole")
MOST_TOKENS = ModelSettings().max_tokens
_BUDGET_S = 600.0  # a slow machine must not make a model score worse

Counted = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReplyScore:
    """One reply in counts. ``passed`` of its ``sentences`` stood as the model wrote them, ``cited`` of its ``items`` are in sentences of
    its own, ``whole``: all of both, so that nothing was mended or dropped and no item is left to the template writer (which may still
    add what code has to tell, such as stock). A reply without a sentence counts as one that fell."""

    passed: int
    sentences: int
    cited: int
    items: int
    whole: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A prompt to be answered and what may be said."""

    prompt: str
    evidence: Evidence


class Scorer:
    """Scores replies against evidence with the gate and the prompts of this installation. One for many replies."""

    def __init__(self, most_tokens: int = MOST_TOKENS) -> None:
        self._gate, self._library, self._template = SentenceGate(), PromptLibrary(prompts_folder()), TemplateWriter()
        self.most_tokens = most_tokens
        self.gate_version = self._gate.version

    def of_text(self, evidence: Evidence, text: str) -> ReplyScore:
        """The score of a reply that was written already."""
        return self._score(evidence, _Written(text))

    def of_generator(self, generator: Generator, cases: Sequence[Evidence], counted: Counted | None = None) -> list[ReplyScore]:
        """One score a case, in order; as many replies at once as the engine computes together. Raises :class:`GeneratorFailed`."""
        at_once = int(getattr(generator, "at_once", 1))
        scores: list[ReplyScore] = []
        if cases:
            render_reply_prompt(
                cases[0], self._library
            )  # what it imports is imported here: many threads at once stall each other's imports
        with ThreadPoolExecutor(at_once) as pool:
            for score in pool.map(lambda evidence: self._score(evidence, generator), cases):
                scores.append(score)
                if counted is not None:
                    counted(len(scores), len(cases))
        return scores

    def _score(self, evidence: Evidence, generator: Generator) -> ReplyScore:
        writer = GroundedWriter(generator, self._gate, self._library, self._template, self.most_tokens, _BUDGET_S)
        return _counts(evidence, writer.write(evidence))


def cases_of(rows: Iterable[Mapping[str, str]], most: int) -> list[Case]:
    """At most ``most`` rows that the model would be asked for in a shop, evenly over all of them; rows without evidence are left out."""
    asked = []
    for row in rows:
        if row.get("evidence"):
            case = Case(row["prompt"], read_evidence(row["evidence"]))
            if not told_by_code(case.evidence):
                asked.append(case)
    return spread(asked, most)


def spread(values: Sequence[T], most: int) -> list[T]:
    """At most ``most`` of the values, in order and evenly over all of them."""
    step = len(values) / most if 0 < most < len(values) else 1.0
    return [values[int(n * step)] for n in range(min(most, len(values)))]


def rates(scores: Sequence[ReplyScore]) -> dict[str, float]:
    """The three figures, each a share in [0, 1]; what there is nothing of counts as complete."""
    return {
        "grounded": _share(sum(s.passed for s in scores), sum(s.sentences for s in scores)),
        "cited": _share(sum(s.cited for s in scores), sum(s.items for s in scores)),
        "whole": _share(sum(s.whole for s in scores), len(scores)),
    }


def overall(figures: Mapping[str, float]) -> float:
    """One figure by which models are put in order: the mean of the three."""
    return sum(figures[name] for name in FIGURES) / len(FIGURES)


class _Written:
    """A generator that has written already: asked again it has nothing more to say."""

    name = "written"

    def __init__(self, text: str) -> None:
        self._text = text

    def generate(self, _prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        text, self._text = self._text, ""
        cut = min((at for end in stop if (at := text.find(end)) >= 0), default=len(text))
        if text[:cut]:
            yield text[:cut]


def _counts(evidence: Evidence, parts: Iterable[Sentence | DroppedSentence]) -> ReplyScore:
    said: list[Sentence] = []
    fell = 0
    for part in parts:
        if isinstance(part, Sentence):
            said += [part] if part.origin in ("model", "repaired") else []
        elif part.text:
            fell += 1
        else:
            raise GeneratorFailed(f"no score can be given: {part.reason}")
    passed = sum(sentence.origin == "model" for sentence in said)
    wanted = set(planned(evidence).told) if evidence.act in CITING else set()
    cited = wanted & {n for sentence in said for n in sentence.cites}
    sentences = max(1, passed + fell)
    return ReplyScore(
        passed=passed,
        sentences=sentences,
        cited=len(cited),
        items=len(wanted),
        whole=passed == sentences and cited == wanted,
        text=" ".join(sentence.text for sentence in said),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
