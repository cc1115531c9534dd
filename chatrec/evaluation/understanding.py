"""``chatrec evaluate --protocol understanding``: how much of what shoppers write is understood, on labelled utterances."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatrec.domain.reading import Reading
from chatrec.errors import ScriptError
from chatrec.evaluation.understanding_extent import Extent
from chatrec.evaluation.understanding_judge import Verdict, judge
from chatrec.evaluation.understanding_labels import Utterance, load_utterances
from chatrec.evaluation.understanding_peers import KeywordReader, PatternReader
from chatrec.evaluation.understanding_words import reading_lines
from chatrec.evaluation.understanding_worlds import Worlds
from chatrec.metrics.intervals import interval, percentile, resample
from chatrec.protocols import Understander

if TYPE_CHECKING:
    from chatrec.catalog.shelf import CatalogueShelf

PARTS = ("dev", "held")
OWN, KEYWORDS, PATTERNS = "chatrec", "keywords", "patterns"
DEFAULT_FOLDER = Path("tests/understanding/phrasings")
Progress = Callable[[str, int, int], None]
_COLUMNS = ("exact_match", "intent_accuracy", "exact_with_intents", "right", "said", "wanted", "twice_right", "both")


@dataclass(frozen=True, slots=True)
class Judged:
    """One utterance, what a method read, and the verdict; ``took_ms`` is the time of the reading."""

    utterance: Utterance
    reading: Reading
    verdict: Verdict
    took_ms: float


def run_understanding(
    folder: Path = DEFAULT_FOLDER,
    *,
    parts: Sequence[str] = PARTS,
    seed: int = 7,
    problems_file: Path | None = None,
    show_held: bool = False,
    report: Progress | None = None,
) -> tuple[dict[str, float | list[float]], list[str]]:
    """Reads every utterance of ``folder`` with chatrec, with keywords alone and with patterns; figures, and what chatrec got wrong.

    Figures are ``part/method/metric`` with 95% bootstrap intervals over utterances, and ``part.class/chatrec/metric``. Problems tell
    message, wanted and understood; of the held part only counts are told (``show_held`` asks for more). ``problems_file`` gets them
    too. Raises :class:`chatrec.errors.ScriptError` for files that are not valid.
    """
    worlds = Worlds(folder)
    figures: dict[str, float | list[float]] = {}
    problems: list[str] = []
    for part in parts:
        utterances = load_utterances(worlds.utterance_files(part))
        for method, judged in judge_all(worlds, utterances, report).items():
            figures |= part_figures(part, method, judged, seed)
            if method == OWN:
                problems += told_problems(part, judged, show=part != "held" or show_held)
                figures |= class_figures(part, judged)
    if problems_file is not None:
        problems_file.write_text("\n".join(problems) + "\n", encoding="utf-8")
    return figures, problems


def judge_all(worlds: Worlds, utterances: Sequence[Utterance], report: Progress | None = None) -> dict[str, list[Judged]]:
    """Method -> every utterance judged, shop by shop."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for number, shop in enumerate(shops := sorted({u.shop for u in utterances}), start=1):
        shelf = worlds.shelf(shop)
        extent = Extent(shelf, worlds.families)
        mine = [u for u in utterances if u.shop == shop]
        for utterance in mine:
            check_utterance(utterance, worlds, extent)
        for method, reader in methods(shelf).items():
            found[method] += _judged(reader, mine, worlds, extent)
        if report:
            report("shops", number, len(shops))
    return dict(found)


def check_utterance(utterance: Utterance, worlds: Worlds, extent: Extent) -> None:
    """Raises :class:`ScriptError`, naming the place, for a dialogue that does not exist or a label that its catalogue cannot express."""
    if utterance.state not in worlds.states:
        raise ScriptError(f"{utterance.place}: no dialogue {utterance.state!r} in states.yaml")
    shown = worlds.states[utterance.state].all_shown()
    for label in utterance.labels:
        strange = {i for _, items in label.items for i in items.item_ids} - shown
        if strange:
            raise ScriptError(f"{utterance.place}: {', '.join(sorted(strange))} was not shown in the dialogue {utterance.state!r}")
        for way in (w for need in label.needs for entry in need.entries for w in entry.ways):
            try:
                extent.check(way)
            except (ScriptError, ValueError) as error:
                raise ScriptError(f"{utterance.place}: {error}") from error


def methods(shelf: CatalogueShelf) -> dict[str, Understander]:
    """chatrec's own reader and its peers over one catalogue."""
    from chatrec.embedding.minilm import MiniLMEmbedder
    from chatrec.understanding import RuleUnderstander

    return {
        OWN: RuleUnderstander(shelf.contract, shelf, MiniLMEmbedder()),
        KEYWORDS: KeywordReader(),
        PATTERNS: PatternReader(shelf.contract),
    }


def _judged(reader: Understander, utterances: Sequence[Utterance], worlds: Worlds, extent: Extent) -> Iterator[Judged]:
    if utterances:
        reader.read("hello", worlds.states["new"])  # what is loaded on first use is no part of a turn's time
    for utterance in utterances:
        state = worlds.states[utterance.state]
        start = time.perf_counter()
        reading = reader.read(utterance.text, state)
        took_ms = (time.perf_counter() - start) * 1000
        yield Judged(utterance, reading, judge(reading, utterance, state, extent), took_ms)


def part_figures(part: str, method: str, judged: Sequence[Judged], seed: int) -> dict[str, float | list[float]]:
    """The figures of one method on one part, ``[low, value, high]`` each, and the number of utterances."""
    rows = [_row(j.verdict) for j in judged]
    drawn = resample(rows, seed)
    shares = {name: drawn.mean(_COLUMNS.index(name)) for name in _COLUMNS[:3]}
    right, said, wanted, twice, both = range(3, 8)
    ratios = {
        "constraint_precision": drawn.ratio(right, said),
        "constraint_recall": drawn.ratio(right, wanted),
        "constraint_f1": drawn.ratio(twice, both),
    }
    shares |= {name: value if value is not None else [0.0, 0.0, 0.0] for name, value in ratios.items()}
    times = [j.took_ms for j in judged]
    shares |= {f"p{q}_ms": interval(times, percentile(q), seed, draws=500, digits=2) for q in (50, 95)}
    return {f"{part}/{method}/utterances": len(judged), **{f"{part}/{method}/{name}": value for name, value in shares.items()}}


def _row(verdict: Verdict) -> list[float]:
    right, said, wanted = verdict.right, verdict.said, verdict.wanted
    return [verdict.ledger, verdict.intents, verdict.ledger and verdict.intents, right, said, wanted, 2 * right, said + wanted]


def class_figures(part: str, judged: Sequence[Judged]) -> dict[str, float | list[float]]:
    """Exact match, intents and count for each class of phrasing, and how often each part of a reading was wrong."""
    by_kind: dict[str, list[Verdict]] = defaultdict(list)
    for j in judged:
        by_kind[j.utterance.kind].append(j.verdict)
    figures: dict[str, float | list[float]] = {}
    for kind, verdicts in sorted(by_kind.items()):
        table = f"{part}.{kind}/{OWN}"
        figures[f"{table}/utterances"] = len(verdicts)
        figures[f"{table}/exact_match"] = round(sum(v.ledger for v in verdicts) / len(verdicts), 4)
        figures[f"{table}/intent_accuracy"] = round(sum(v.intents for v in verdicts) / len(verdicts), 4)
    wrong = Counter(w for j in judged for w in set(j.verdict.wrong))
    return figures | {f"{part}/{OWN}/wrong_{name}": count for name, count in sorted(wrong.items())}


def told_problems(part: str, judged: Sequence[Judged], show: bool) -> list[str]:
    """What was not understood, in words; only counts by class where the utterances are not to be seen."""
    failed = [j for j in judged if j.verdict.wrong]
    if show:
        return [_problem(j) for j in failed]
    counts = Counter(f"{j.utterance.kind} ({', '.join(j.verdict.wrong)})" for j in failed)
    return [f"{part}: {count} x {what}" for what, count in counts.most_common()]


def _problem(judged: Judged) -> str:
    said = judged.utterance
    wanted = "\n      or\n".join("\n".join(f"      {line}" for line in lines) for lines in said.written)
    understood = "\n".join(f"      {line}" for line in reading_lines(judged.reading))
    return (
        f"{said.place} [{said.kind} / {said.mould}] {said.shop} {said.state}: {said.text}\n"
        f"   wrong: {', '.join(judged.verdict.wrong)}\n   wanted:\n{wanted}\n   understood:\n{understood}"
    )
