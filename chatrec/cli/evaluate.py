"""``chatrec evaluate``: measure a shop's bot."""

from __future__ import annotations

import json
import shlex
import sys
import time
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


class SplitName(StrEnum):
    """How the ranking protocol parts the log."""

    LAST = "leave-last-out"
    TIME = "time"
    STRONG = "strong"


_PROTOCOLS = (
    "scripts: dialogue scripts; grounding: audit of what is said; "
    "ranking: whether the trained model finds what shoppers chose, and how varied and fair its lists are"
)
_SPLITS = (
    "ranking: leave-last-out (each shopper's newest item is sought), time (what came after a moment is sought), strong (shoppers that "
    "nothing was learnt from); may be repeated, default all three"
)


def evaluate_command(
    shop: ShopOption = "demo",
    protocol: Annotated[Protocol, typer.Option(help=_PROTOCOLS)] = Protocol.SCRIPTS,
    scripts: Annotated[list[Path] | None, typer.Option("--scripts", help="script files or folders (default tests/dialogues)")] = None,
    turns: Annotated[int, typer.Option(min=1, help="turns of the grounding audit")] = 200,
    engine: Annotated[str | None, typer.Option("--engine", help="transformers, openai or template")] = None,
    split: Annotated[list[SplitName] | None, typer.Option("--split", help=_SPLITS)] = None,
    shoppers: Annotated[
        int, typer.Option(min=1, help="ranking: at most so many shoppers are tested in each split, drawn by chance")
    ] = 2000,
    report: Annotated[
        Path | None, typer.Option("--report", help="ranking: write a report for people, one HTML file that stands alone")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="ranking: write the pictures of the report into this folder, as PNG")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of whatever is drawn by chance")] = 7,
    to: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
) -> None:
    """Measure a shop's bot; exits with 1 when a script fails or a promise is broken.

    Ranking learns anew from a part of the shop's event log and looks for the rest of it; nothing of the shop changes. chatrec is what
    'chatrec train' would serve, the controls are random, popularity and keyword search; differences are paired, with 95% bootstrap
    intervals. --shoppers 500 gives a first impression in a quarter of the time.

    Examples: chatrec evaluate --shop demo; chatrec evaluate --shop myshop --protocol grounding --turns 50 --json figures.json;
    chatrec evaluate --shop myshop --protocol ranking --report ranking.html
    """
    if protocol is Protocol.RANKING:
        from chatrec.cli.evaluate_ranking import evaluate_ranking

        evaluate_ranking(shop, tuple(s.value for s in split or SplitName), shoppers, seed, to, report, plots)
        return
    if report or plots:
        raise typer.BadParameter("--report and --plots belong to --protocol ranking")
    _evaluate_bot(shop, protocol, scripts or [Path("tests/dialogues")], turns, engine, seed, to)


def _evaluate_bot(shop: str, protocol: Protocol, scripts: list[Path], turns: int, engine: str | None, seed: int, to: Path | None) -> None:
    """The protocols that talk with the bot."""
    from chatrec.bot import ChatRec

    start = time.perf_counter()
    overrides = {"model": {"engine": engine}} if engine else None
    with progress() as told:
        bot = ChatRec.open(shop, settings=overrides, progress=told)
        with bot:
            bot.warm_up()  # a model that loads longer than a turn's budget would fail the first turn
            if protocol is Protocol.SCRIPTS:
                from chatrec.evaluation.audit import run_scripts

                figures, problems = run_scripts(bot, scripts, told)
            else:
                from chatrec.evaluation.audit import run_grounding

                figures, problems = run_grounding(bot, turns, seed, told)
    for problem in problems:
        console.print(problem, markup=False, highlight=False)
    result = envelope(f"evaluate-{protocol}", seed, time.perf_counter() - start, figures)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if to:
        to.write_text(text + "\n", encoding="utf-8")
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
