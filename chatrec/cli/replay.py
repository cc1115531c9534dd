"""``chatrec replay``: play a turn again from its receipt, and say what comes out otherwise."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.shops import resolve_shop

if TYPE_CHECKING:
    from chatrec.evaluation.replay import Replay


def replay_command(
    turn: Annotated[str, typer.Argument(help="the turn's id, from a log line, a receipt or the analyst's page")],
    shop: ShopOption = "demo",
    engine: Annotated[str | None, typer.Option("--engine", help="auto, openvino, transformers, openai or template")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of lines")] = False,
) -> None:
    """Play a turn again from its receipt, on the generation it ran on, and show what differs: reading, wishes, acts, items, sentences.

    It begins where the receipts of the turns before it ended, with the prices and the stock that were shown then. Nothing is saved and
    nothing is carried out; a running service is not disturbed. Exits with 1 when other items are shown, or the same in another order.

    Example: chatrec replay --shop myshop s-3kYb.2.9f0c1d2e3a4b
    """
    from chatrec.evaluation.replay import replay_turn

    done = replay_turn(resolve_shop(shop), turn, {"model": {"engine": engine}} if engine else None)
    if as_json:
        told = {"turn_id": turn, "generation": done.then.generation, "same_ranking": done.same_ranking, "notes": done.notes}
        print(json.dumps({**told, "differences": [asdict(found) for found in done.differences()]}, indent=2))
    else:
        for line in replay_lines(done):
            out.print(line, markup=False, highlight=False)
    raise typer.Exit(0 if done.same_ranking else 1)


def replay_lines(done: Replay) -> list[str]:
    """The report, line by line."""
    from chatrec.evaluation.replay import PARTS

    differences = done.differences()
    lines = [f"turn {done.then.turn_id} on generation {done.then.generation}", *(f"  note: {note}" for note in done.notes)]
    for found in differences:
        lines += [f"  {found.part}, {found.what}", f"    then: {found.then}", f"    now:  {found.now}"]
    if same := [part for part in PARTS if part not in {found.part for found in differences}]:
        lines.append(f"  the same: {', '.join(same)}")
    lines.append("the same items in the same order" if done.same_ranking else "ANOTHER RANKING")
    return lines
