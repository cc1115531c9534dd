"""What the model writes, before and after the gate, beside the template writer; the same evidence for all.

Tables: the turns of a shop (``demo``, a real catalogue), ``held_out`` (invented product kinds and sentence plans that no training row
has), and ``written`` (perplexity of replies written by hand that no training row has). Methods: ``base`` and ``adapter`` are the model's
words as they came, ``base_gated`` and ``chatrec`` what the writer made of them, ``template`` the template writer.

Replies are kept in ``--out`` as they are written, so that a killed run goes on; sheets for readers are put there too
(``reply_pairs.py``, ``reply_reading.py``). They hold texts of the catalogues: keep that folder out of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.reply_evidence import HELD_OUT, Cases, cases_of
from benchmarks.reply_pairs import write_pairs
from benchmarks.reply_perplexity import perplexities
from benchmarks.reply_reading import write_reading
from benchmarks.reply_writing import Overheard, Row, grounded, write_all
from chatrec.cli.screen import console
from chatrec.domain.facts import DroppedSentence, Evidence, Sentence
from chatrec.evaluation.grounding_rules import Titles
from chatrec.evaluation.reply_measures import (
    WrittenReply,
    fault_counts,
    parts_told,
    passing,
    reply_faults,
    reply_figures,
    variety,
    wanted_citations,
)
from chatrec.generation.content_plan import planned
from chatrec.generation.engines import choose_engine, make_generator
from chatrec.generation.gate import SentenceGate
from chatrec.generation.rendering import render
from chatrec.generation.sentences import is_complete, split_sentences
from chatrec.generation.template import TemplateWriter
from chatrec.generation.writer import numbered
from chatrec.metrics.intervals import mean_interval, ratio_interval
from chatrec.resources import cache_folder
from chatrec.settings import ModelSettings

WRITTEN = "written"
TABLES = ("demo", "amazon_scientific_2018", HELD_OUT, WRITTEN)
TURNS, QUICK_TURNS = 300, 12
# raw and gated name of what one adapter setting gives
METHODS = (("none", "base", "base_gated"), ("auto", "adapter", "chatrec"))


def run(
    seed: int,
    quick: bool,
    tables: Sequence[str] | None = None,
    turns: int | None = None,
    engine: str | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Figures by table and method. ``engine`` is one of ``[model] engine``; without it the machine chooses."""
    n, place = turns or (QUICK_TURNS if quick else TURNS), out or default_out()
    place.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {}
    for table in tables or TABLES:
        if table == WRITTEN:
            figures |= perplexities(WRITTEN, seed)
        elif (cases := cases_of(table, n, seed, place)) is not None:
            figures |= measured(table, cases, ModelSettings(engine=engine or "auto"), place, seed)
    return figures


def default_out() -> Path:
    """Where replies and sheets are kept: outside any working tree."""
    return cache_folder() / "reply-benchmark"


def measured(table: str, cases: Cases, settings: ModelSettings, out: Path, seed: int) -> dict[str, Any]:
    """All methods on one table, and the sheets for readers."""
    engine, _ = choose_engine(settings)
    template = write_all(f"{table}.template", TemplateWriter(SentenceGate()), cases.evidence, out)
    only = ("distinct_2", "commonest_opening", "items_cited", "parts_told")
    figures = named(f"{table}/template", written_figures(template, cases, seed, only))
    rows: list[Row] = []
    for adapter, raw, gated in METHODS:
        chosen = settings.model_copy(update={"adapter": adapter})
        overheard = Overheard(make_generator(chosen))
        try:
            list(overheard.generate("warm up", max_tokens=4))
            rows = write_all(f"{table}.{gated}.{engine}", grounded(overheard, chosen), cases.evidence, out, overheard)
        finally:
            getattr(overheard.inner, "close", lambda: None)()
        figures |= named(f"{table}/{raw}", raw_figures(rows, cases, seed))
        figures |= named(f"{table}/{gated}", {**written_figures(rows, cases, seed), **speed(rows, seed), "engine": engine})
    for path in (
        write_pairs(out, table, cases.evidence, rows, template, seed),
        write_reading(out, table, cases.evidence, rows, seed),
    ):
        console.print(f"written: {path}", markup=False, highlight=False)
    return figures


def named(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Figures under the name of table and method; what could not be measured is left out."""
    return {f"{name}/{key}": value for key, value in figures.items() if value is not None}


def written_figures(rows: Sequence[Row], cases: Cases, seed: int, only: Sequence[str] = ()) -> dict[str, Any]:
    """What the writer released, by the measures of the grounding protocol."""
    replies = [_reply(row, case, row.sentences, row.dropped, cases.titles) for row, case in zip(rows, cases.evidence, strict=True)]
    figures = {**reply_figures(replies, seed), **fault_counts(replies)}
    return {name: figures[name] for name in (*only, *fault_counts(replies))} if only else figures


def raw_figures(rows: Sequence[Row], cases: Cases, seed: int) -> dict[str, Any]:
    """The same of the model's words as they came: each sentence judged as it stands, names and prices put in, nothing left out."""
    gate = SentenceGate()
    replies = [_raw_reply(row, case, gate, cases.titles) for row, case in zip(rows, cases.evidence, strict=True)]
    whole = [float(not r.dropped and bool(r.sentences) and set(r.wanted) <= r.cited) for r in replies]
    figures = reply_figures([_with_all(r) for r in replies], seed)
    return {
        "written_turns": len(rows),
        **passing(replies, seed),
        "items_cited": figures.get("items_cited"),
        "parts_told": figures.get("parts_told"),
        "replies_wholly_released": mean_interval(whole, seed),
        **fault_counts(replies),
        **variety([row.raw for row in rows]),
    }


def speed(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Tokens a second while a reply is written, reading the prompt included; nothing where the engine counts no tokens."""
    counted = [row for row in rows if row.tokens and row.model_s]
    if not counted:
        return {}
    rate = ratio_interval([row.tokens for row in counted], [row.model_s for row in counted], seed)
    return {"tokens_per_s": rate, "tokens_a_reply": round(sum(row.tokens for row in counted) / len(counted), 1)}


def _raw_reply(row: Row, case: Evidence, gate: SentenceGate, titles: Titles) -> WrittenReply:
    """What the model said as if nobody had looked: what the gate would let pass are its sentences, the others are dropped."""
    raw = numbered(row.raw, planned(case).told)
    said = split_sentences(raw)
    if said and not is_complete(said[-1]):
        said.pop()  # it was stopped there
    stood: list[Sentence] = []
    fell: list[DroppedSentence] = []
    previous: tuple[int, ...] = ()
    for at, text in enumerate(said):
        if text in said[:at]:
            fell.append(DroppedSentence(text, text, "said before"))
            continue
        verdict = gate.check(text, case, previous)
        previous = verdict.cites or previous
        if verdict.ok:
            stood.append(Sentence(text, text, "model", verdict.cites))
        else:
            fell.append(DroppedSentence(text, verdict.span, verdict.reason))
    return _reply(row, case, tuple(stood), tuple(fell), titles, raw)


def _with_all(reply: WrittenReply) -> WrittenReply:
    """The raw reply with its dropped sentences among the others: what a shopper would read without a gate."""
    numbers = set(reply.wanted)
    told = [Sentence(d.text, d.text, "model", tuple(n for n in numbers if f"[{n}]" in d.text)) for d in reply.dropped]
    return replace(reply, sentences=(*reply.sentences, *told), dropped=())


def _reply(
    row: Row, case: Evidence, sentences: tuple[Sentence, ...], dropped: tuple[DroppedSentence, ...], titles: Titles, raw: str = ""
) -> WrittenReply:
    """As the measures take it, its faults found in what a shopper would read."""
    shown = render(raw, case, set()) if raw else " ".join(s.rendered for s in sentences)
    reply = WrittenReply(case.act, wanted_citations(case), sentences, dropped, row.first_ms, row.whole_ms)
    # what code tells of (items with nothing on record) is no fault of the model's own words
    cited = _with_all(reply).cited | ({i.n for i in case.items} - set(reply.wanted)) if raw else reply.cited
    faults = reply_faults(shown, sorted(cited), case, titles)
    return replace(reply, faults=faults, parts=parts_told(case, raw or " ".join(s.text for s in sentences)))
