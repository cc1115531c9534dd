"""The same prompts with the bare base model and with the adapter: citations, sentences that pass the gate, tokens a second.

Two tables: ``held_out`` (invented product kinds and sentence plans that no training row has) and ``demo`` (the evidence of real turns
on the demo shop, whose products the adapter has never seen). ``template`` is the template writer on the same evidence.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.catalogues import shop_of
from benchmarks.intervals import interval
from chatrec.bot import ChatRec
from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.evaluation.shopper_lines import dialogues
from chatrec.generation.gate import SentenceGate, Verdict
from chatrec.generation.prompts import CHAT_END, PromptLibrary, render_reply_prompt
from chatrec.generation.sentences import split_sentences
from chatrec.generation.template import TemplateWriter
from chatrec.generation.transformers_engine import TransformersGenerator
from chatrec.generation.writer import told_by_code
from chatrec.resources import prompts_folder
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.tuning.dialogues import held_out_drafts
from chatrec.wiring import Words

MAX_TOKENS = 110
WRITTEN = ("recommend", "compare", "item_answer")


@dataclass
class Recorder:
    """A writer that keeps the evidence it was given and lets the template writer answer."""

    template: TemplateWriter = field(default_factory=TemplateWriter)
    seen: list[Evidence] = field(default_factory=list)

    def write(self, evidence: Evidence) -> Iterator[Sentence | DroppedSentence]:
        """The template writer's sentences."""
        self.seen.append(evidence)
        yield from self.template.write(evidence)


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table and method."""
    n = 12 if quick else 60
    evidence: dict[str, list[Evidence]] = {}
    if not tables or "held_out" in tables:
        evidence["held_out"] = [d.evidence for d in held_out_drafts(n, seed) if d.evidence.act in WRITTEN]
    if not tables or "demo" in tables:
        evidence["demo"] = recorded("demo", n, seed)
    figures: dict[str, Any] = {}
    for method, adapter in (("base", "none"), ("adapter", "auto")):
        generator = TransformersGenerator.open(adapter=adapter)
        list(generator.generate("warm up", max_tokens=4))
        for table, cases in evidence.items():
            figures |= measure(table, method, generator, cases, seed)
    for table, cases in evidence.items():
        texts = [" ".join(s.text for s in TemplateWriter().write(e)) for e in cases]
        figures[f"{table}/template/distinct_2"] = distinct_2(texts)
        figures[f"{table}/template/commonest_opening"] = commonest_opening(texts)
    return figures


def recorded(shop: str, n_turns: int, seed: int) -> list[Evidence]:
    """The evidence of ``n_turns`` generated turns, where the model would have written."""
    recorder = Recorder()
    folder = shop_of(shop)
    assert folder is not None
    words = Words(recorder, {"generator": "recorder"})
    with ChatRec(folder, Database.open(folder), MiniLMEmbedder(), words, load_settings(folder)) as bot:
        for messages in dialogues(bot.items(), n_turns, seed):
            session_id = f"bench-{secrets.token_hex(6)}"
            for message in messages:
                list(bot.reply(session_id, message))
            bot.forget(session_id=session_id)
    return [e for e in recorder.seen if e.act in WRITTEN and not told_by_code(e)][:n_turns]


def measure(table: str, method: str, generator: TransformersGenerator, cases: Sequence[Evidence], seed: int) -> dict[str, Any]:
    """One model on one table."""
    library, gate = PromptLibrary(prompts_folder()), SentenceGate()
    cited: list[float] = []
    passed: list[float] = []
    whole: list[float] = []
    texts: list[str] = []
    before, start = generator.tokens_done, time.perf_counter()
    for case in cases:
        prompt = render_reply_prompt(case, library)
        text = "".join(generator.generate(prompt, max_tokens=MAX_TOKENS, stop=(CHAT_END,), seed=seed))
        texts.append(text)
        verdicts: list[Verdict] = []
        previous: tuple[int, ...] = ()
        for sentence in split_sentences(text):
            verdict = gate.judge(sentence, case, previous)
            previous = verdict.cites or previous
            verdicts.append(verdict)
        passed += [float(v.ok) for v in verdicts]
        mentioned = {n for v in verdicts for n in v.cites}
        wanted = {i.n for i in case.items}
        cited += [float(n in mentioned) for n in sorted(wanted)]
        whole.append(float(bool(verdicts) and all(v.ok for v in verdicts) and wanted <= mentioned))
    seconds = time.perf_counter() - start
    name = f"{table}/{method}"
    return {
        f"{name}/prompts": len(cases),
        f"{name}/citation_rate": interval(cited, lambda v: float(np.mean(v)), seed),
        f"{name}/sentences_passing_gate": interval(passed, lambda v: float(np.mean(v)), seed),
        f"{name}/replies_wholly_released": interval(whole, lambda v: float(np.mean(v)), seed),
        f"{name}/tokens_per_s": round((generator.tokens_done - before) / seconds, 1),
        f"{name}/distinct_2": distinct_2(texts),
        f"{name}/commonest_opening": commonest_opening(texts),
    }


def distinct_2(texts: Sequence[str]) -> float:
    """Share of different word pairs among all (Li et al., 2016)."""
    pairs = [pair for text in texts for words in [text.lower().split()] for pair in pairwise(words)]
    return round(len(set(pairs)) / max(len(pairs), 1), 4)


def commonest_opening(texts: Sequence[str]) -> float:
    """Share of replies that begin with the commonest three words."""
    openings = Counter(" ".join(text.lower().split()[:3]) for text in texts)
    return round(max(openings.values(), default=0) / max(len(texts), 1), 4)
