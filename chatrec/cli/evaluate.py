"""``chatrec evaluate``: measure a shop's bot."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from chatrec.cli.screen import console, out, progress
from chatrec.cli.train import ShopOption


class Protocol(StrEnum):
    """What is measured."""

    SCRIPTS = "scripts"
    GROUNDING = "grounding"
    RANKING = "ranking"
    SIMULATOR = "simulator"
    UNDERSTANDING = "understanding"
    KNOWLEDGE = "knowledge"
    DIALOGUES = "dialogues"
    HOSTILE = "hostile"


class SplitName(StrEnum):
    """How the ranking protocol parts the log."""

    LAST = "leave-last-out"
    TIME = "time"
    STRONG = "strong"


class Questions(StrEnum):
    """How the bot chooses a clarifying question."""

    GAIN = "information_gain"
    MOST_USED = "most_used"
    OFF = "off"


_PROTOCOLS = (
    "scripts: dialogue scripts; grounding: audit of what is said; ranking: whether the trained model finds what shoppers chose, and how "
    "varied and fair its lists are; simulator: shoppers with a hidden target talk with the bot; understanding: labelled utterances; "
    "knowledge: policy and product questions; dialogues: human dialogues played turn by turn; hostile: naughty strings and injections"
)
_SPLITS = (
    "ranking: leave-last-out (each shopper's newest item is sought), time (what came after a moment is sought), strong (shoppers that "
    "nothing was learnt from); may be repeated, default all three"
)
_QUESTIONS = (
    "simulator: how clarifying questions are chosen; repeat it to compare ways on the same shoppers (the first is called 'chatrec'): "
    "information_gain, most_used or off"
)


ScriptsOption = Annotated[list[Path] | None, typer.Option("--scripts", help="script files or folders (default tests/dialogues)")]
TurnsOption = Annotated[int, typer.Option(min=1, help="turns of the grounding audit")]
DialoguesOption = Annotated[
    int | None,
    typer.Option(
        min=1, help="simulator: how many shoppers come (500); dialogues: how many of each set (all); hostile: strings of each set"
    ),
]
EngineOption = Annotated[str | None, typer.Option("--engine", help="as in chat; the simulator's default is template: words change no list")]
SplitOption = Annotated[list[SplitName] | None, typer.Option("--split", help=_SPLITS)]
ShoppersOption = Annotated[int, typer.Option(min=1, help="ranking: at most so many shoppers are tested in each split, drawn by chance")]
HideOption = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="simulator: share of brands and attributes taken out of the records; shoppers know them")
]
QuestionsOption = Annotated[list[Questions] | None, typer.Option("--questions", help=_QUESTIONS)]
ReticentOption = Annotated[bool, typer.Option("--reticent", help="simulator: shoppers who name a kind of thing and wait to be asked")]
HistoryOption = Annotated[
    bool, typer.Option("--history/--no-history", help="simulator: half of the targets are later choices of the log, held out of it")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="ranking, simulator: write a report for people, one HTML file that stands alone")
]
PlotsOption = Annotated[Path | None, typer.Option("--plots", help="ranking: write the pictures of the report into this folder, as PNG")]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="understanding: folder of labelled utterances; others: folder of the data sets")
]
SeedOption = Annotated[int, typer.Option(help="seed of whatever is drawn by chance")]
ProblemsOption = Annotated[Path | None, typer.Option("--problems", help="write what failed, line by line (all but ranking and simulator)")]
BarOption = Annotated[
    list[str] | None,
    typer.Option("--at-least", help="FIGURE=VALUE, such as held/chatrec/exact_match=.9: a figure below it exits with 1; may be repeated"),
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="write the figures to this file")]


@dataclass(frozen=True)
class Given:
    """What the command was called with."""

    shop: str
    protocol: Protocol
    scripts: tuple[Path, ...] = (Path("tests/dialogues"),)
    turns: int = 200
    dialogues: int | None = None
    engine: str | None = None
    splits: tuple[str, ...] = ()
    shoppers: int = 2000
    hide: float = 0.0
    questions: tuple[str, ...] = ()
    reticent: bool = False
    history: bool = True
    report: Path | None = None
    plots: Path | None = None
    data: Path | None = None
    seed: int = 7
    problems: Path | None = None
    bars: Mapping[str, float] = field(default_factory=dict)
    to: Path | None = None


def evaluate_command(
    shop: ShopOption = "demo",
    protocol: Annotated[Protocol, typer.Option(help=_PROTOCOLS)] = Protocol.SCRIPTS,
    scripts: ScriptsOption = None,
    turns: TurnsOption = 200,
    dialogues: DialoguesOption = None,
    engine: EngineOption = None,
    split: SplitOption = None,
    shoppers: ShoppersOption = 2000,
    hide: HideOption = 0.0,
    questions: QuestionsOption = None,
    reticent: ReticentOption = False,
    history: HistoryOption = True,
    report: ReportOption = None,
    plots: PlotsOption = None,
    data: DataOption = None,
    seed: SeedOption = 7,
    problems: ProblemsOption = None,
    at_least: BarOption = None,
    to: JsonOption = None,
) -> None:
    """Measure a shop's bot; exits with 1 when a script fails, a promise is broken, or a figure lies below a bar that you set.

    Ranking learns anew from a part of the shop's event log and looks for the rest of it; nothing of the shop changes. chatrec is what
    'chatrec train' would serve, the controls are random, popularity and keyword search; differences are paired, with 95% bootstrap
    intervals. --shoppers 500 gives a first impression in a quarter of the time.

    Simulator lets shoppers with a hidden target talk with a copy of the shop's bot for five turns, and with random, popularity and
    keyword controls. They never say a title, mistype, change their minds and lose patience. --dialogues 50 takes a minute or two.
    Ctrl-C keeps what was done so far.

    Examples: chatrec evaluate --shop demo; chatrec evaluate --shop myshop --protocol grounding --turns 50 --json figures.json;
    chatrec evaluate --shop myshop --protocol ranking --report ranking.html;
    chatrec evaluate --shop myshop --protocol simulator --dialogues 100 --report simulator.html
    """
    ways = tuple(dict.fromkeys(q.value for q in questions or [Questions.GAIN]))
    splits, files = tuple(s.value for s in split or SplitName), tuple(scripts or [Path("tests/dialogues")])
    _evaluate(
        Given(
            shop, protocol, files, turns, dialogues, engine, splits, shoppers, hide, ways, reticent, history, report, plots, data, seed,
            problems, _bars(at_least or ()), to,
        )
    )  # fmt: skip


def _evaluate(given: Given) -> None:
    """Each protocol is loaded only when it is asked for."""
    _check_reports(given)
    if given.protocol is Protocol.RANKING:
        from chatrec.cli.evaluate_ranking import evaluate_ranking

        evaluate_ranking(given.shop, given.splits, given.shoppers, given.seed, given.to, given.report, given.plots)
    elif given.protocol is Protocol.SIMULATOR:
        from chatrec.cli.evaluate_simulator import evaluate_simulator

        evaluate_simulator(given)
    elif given.protocol in (Protocol.SCRIPTS, Protocol.GROUNDING):
        _evaluate_bot(given)
    else:
        from chatrec.cli.evaluate_figures import evaluate_figures

        evaluate_figures(given)


def _bars(told: Sequence[str]) -> dict[str, float]:
    found = {}
    for bar in told:
        name, _, value = bar.rpartition("=")
        try:
            found[name] = float(value)
        except ValueError:
            name = ""
        if not name:
            raise typer.BadParameter(f"--at-least takes FIGURE=VALUE, not '{bar}'")
    return found


def _check_reports(given: Given) -> None:
    if given.problems and given.protocol in (Protocol.RANKING, Protocol.SIMULATOR):
        raise typer.BadParameter("--problems belongs to the protocols that list what failed; ranking and simulator write a --report")
    if given.bars and given.protocol in (Protocol.RANKING, Protocol.SIMULATOR):
        raise typer.BadParameter("--at-least does not belong to --protocol ranking or simulator")
    if given.plots and given.protocol is not Protocol.RANKING:
        raise typer.BadParameter("--report and --plots belong to --protocol ranking, --report to simulator too")
    if given.report and given.protocol not in (Protocol.RANKING, Protocol.SIMULATOR):
        raise typer.BadParameter("--report and --plots belong to --protocol ranking, --report to simulator too")


def _evaluate_bot(given: Given) -> None:
    """The protocols that talk with the open bot."""
    from chatrec.bot import ChatRec

    start = time.perf_counter()
    overrides = {"model": {"engine": given.engine}} if given.engine else None
    with progress() as told:
        bot = ChatRec.open(given.shop, settings=overrides, progress=told)
        with bot:
            bot.warm_up()  # a model that loads longer than a turn's budget would fail the first turn
            if given.protocol is Protocol.SCRIPTS:
                from chatrec.evaluation.audit import run_scripts

                figures, problems = run_scripts(bot, given.scripts, told)
            else:
                from chatrec.evaluation.audit import run_grounding

                figures, problems = run_grounding(bot, given.turns, given.seed, told)
    finish(given, time.perf_counter() - start, figures, problems)


def finish(given: Given, seconds: float, figures: dict[str, Any], problems: list[str], misses: Sequence[str] = ()) -> None:
    """Tells what failed, writes the figures, and exits with 1 where a promise is broken (``problems``) or a figure lies below its bar.

    ``misses`` are cases that were not got right: they are what the figures count, and break no promise.
    """
    below = _below(figures, given.bars)
    for line in (*problems, *misses, *below):
        console.print(line, markup=False, highlight=False)
    if given.problems:
        given.problems.write_text("".join(f"{line}\n" for line in (*problems, *misses)), encoding="utf-8")
    text = json.dumps(envelope(f"evaluate-{given.protocol}", given.seed, seconds, figures), indent=2, ensure_ascii=False)
    if given.to:
        given.to.write_text(text + "\n", encoding="utf-8")
    out.print(text, markup=False, highlight=False)
    raise typer.Exit(1 if problems or below else 0)


def _below(figures: Mapping[str, Any], bars: Mapping[str, float]) -> list[str]:
    """The figures that lie below what was asked for, or are not among what was measured."""
    found = []
    for name, least in bars.items():
        value = figures.get(name)
        value = value[1] if isinstance(value, list | tuple) and len(value) == 3 else value
        if not isinstance(value, int | float):
            found.append(f"{name}: there is no such figure; at least {least:g} was asked for")
        elif value < least:
            found.append(f"{name}: {value:g}, at least {least:g} was asked for")
    return found


def envelope(name: str, seed: int, seconds: float, figures: dict[str, Any]) -> dict[str, Any]:
    """The one object that every evaluation and benchmark writes."""
    from chatrec.evaluation.machine import machine

    return {
        "name": name,
        "command": shlex.join([Path(sys.argv[0]).name, *(_portable(a) for a in sys.argv[1:])]),
        "machine": machine(),
        "seed": seed,
        "seconds": round(seconds, 1),
        "figures": figures,
    }


def _portable(argument: str) -> str:
    """A result names no folder of this machine: of a place outside the working folder only its name is told."""
    option, sign, value = argument.rpartition("=")
    return f"{option}{sign}{Path(value).name}" if Path(value).is_absolute() else argument
