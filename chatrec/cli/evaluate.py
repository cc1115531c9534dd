"""``chatrec evaluate``: measure a shop's bot."""

from __future__ import annotations

import json
import shlex
import sys
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Given:
    """What the command was called with."""

    shop: str
    protocol: Protocol
    scripts: tuple[Path, ...]
    turns: int
    dialogues: int | None
    engine: str | None
    splits: tuple[str, ...]
    shoppers: int
    hide: float
    questions: tuple[str, ...]
    reticent: bool
    history: bool
    report: Path | None
    plots: Path | None
    data: Path | None
    seed: int
    to: Path | None


def evaluate_command(
    shop: ShopOption = "demo",
    protocol: Annotated[Protocol, typer.Option(help=_PROTOCOLS)] = Protocol.SCRIPTS,
    scripts: Annotated[list[Path] | None, typer.Option("--scripts", help="script files or folders (default tests/dialogues)")] = None,
    turns: Annotated[int, typer.Option(min=1, help="turns of the grounding audit")] = 200,
    dialogues: Annotated[
        int | None,
        typer.Option(
            min=1, help="simulator: how many shoppers come (500); dialogues: how many of each set (all); hostile: strings of each set"
        ),
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", help="transformers, openai or template (the simulator's default: words change no list)")
    ] = None,
    split: Annotated[list[SplitName] | None, typer.Option("--split", help=_SPLITS)] = None,
    shoppers: Annotated[
        int, typer.Option(min=1, help="ranking: at most so many shoppers are tested in each split, drawn by chance")
    ] = 2000,
    hide: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="simulator: share of brands and attributes taken out of the records; shoppers know them")
    ] = 0.0,
    questions: Annotated[list[Questions] | None, typer.Option("--questions", help=_QUESTIONS)] = None,
    reticent: Annotated[bool, typer.Option("--reticent", help="simulator: shoppers who name a kind of thing and wait to be asked")] = False,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="simulator: half of the targets are later choices of the log, held out of it")
    ] = True,
    report: Annotated[
        Path | None, typer.Option("--report", help="ranking, simulator: write a report for people, one HTML file that stands alone")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="ranking: write the pictures of the report into this folder, as PNG")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="understanding: folder of labelled utterances; others: folder of the data sets")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of whatever is drawn by chance")] = 7,
    to: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
) -> None:
    """Measure a shop's bot; exits with 1 when a script fails or a promise is broken.

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
    given = Given(
        shop, protocol, tuple(scripts or [Path("tests/dialogues")]), turns, dialogues, engine, tuple(s.value for s in split or SplitName),
        shoppers, hide, tuple(dict.fromkeys(q.value for q in questions or [Questions.GAIN])), reticent, history, report, plots, data, seed,
        to,
    )  # fmt: skip
    _check_reports(given)
    if protocol is Protocol.RANKING:
        from chatrec.cli.evaluate_ranking import evaluate_ranking

        evaluate_ranking(shop, given.splits, shoppers, seed, to, report, plots)
    elif protocol is Protocol.SIMULATOR:
        from chatrec.cli.evaluate_simulator import evaluate_simulator

        evaluate_simulator(given)
    elif protocol in (Protocol.SCRIPTS, Protocol.GROUNDING):
        _evaluate_bot(given)
    else:
        from chatrec.cli.evaluate_figures import evaluate_figures

        evaluate_figures(given)


def _check_reports(given: Given) -> None:
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


def finish(given: Given, seconds: float, figures: dict[str, Any], problems: list[str]) -> None:
    """Tells the problems, writes the figures, and exits with 1 where there is a problem."""
    for problem in problems:
        console.print(problem, markup=False, highlight=False)
    result = envelope(f"evaluate-{given.protocol}", given.seed, seconds, figures)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if given.to:
        given.to.write_text(text + "\n", encoding="utf-8")
    out.print(text, markup=False, highlight=False)
    raise typer.Exit(1 if problems else 0)


def envelope(name: str, seed: int, seconds: float, figures: dict[str, Any]) -> dict[str, Any]:
    """The one object that every evaluation and benchmark writes."""
    from chatrec.evaluation.machine import machine

    return {
        "name": name,
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "machine": machine(),
        "seed": seed,
        "seconds": round(seconds, 1),
        "figures": figures,
    }
