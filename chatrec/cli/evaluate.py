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


def evaluate_command(
    shop: ShopOption = "demo",
    protocol: Annotated[Protocol, typer.Option(help="scripts: dialogue scripts; grounding: audit of what is said")] = Protocol.SCRIPTS,
    scripts: Annotated[list[Path] | None, typer.Option("--scripts", help="script files or folders (default tests/dialogues)")] = None,
    turns: Annotated[int, typer.Option(help="turns of the grounding audit")] = 200,
    engine: Annotated[str | None, typer.Option("--engine", help="transformers, openai or template")] = None,
    seed: Annotated[int, typer.Option(help="seed of generated turns")] = 7,
    to: Annotated[Path | None, typer.Option("--json", help="write the figures to this file")] = None,
) -> None:
    """Measure a shop's bot; exits with 1 when a script fails or a promise is broken.

    Examples: chatrec evaluate --shop demo; chatrec evaluate --shop myshop --protocol grounding --turns 50 --json figures.json
    """
    from chatrec.bot import ChatRec

    start = time.perf_counter()
    overrides = {"model": {"engine": engine}} if engine else None
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
        with bot:
            bot.warm_up()  # a model that loads longer than a turn's budget would fail the first turn
            if protocol is Protocol.SCRIPTS:
                from chatrec.evaluation.audit import run_scripts

                figures, problems = run_scripts(bot, scripts or [Path("tests/dialogues")], report)
            else:
                from chatrec.evaluation.audit import run_grounding

                figures, problems = run_grounding(bot, turns, seed, report)
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
