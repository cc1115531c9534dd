"""Playing a dialogue script in the terminal (``demo.py --script``)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.bot import ChatRec
from chatrec.cli.screen import progress
from chatrec.cli.transcript import as_json, card_lines, chip_line, comparison_lines, print_lines, receipt_lines

if TYPE_CHECKING:
    from chatrec.evaluation.player import PlayedTurn


def play_script(
    path: Path, *, as_json_lines: bool = False, settings: dict[str, dict[str, Any]] | None = None, shop: str | None = None
) -> int:
    """Play a dialogue script and print each turn with its cards and receipt; gives the number of failed assertions."""
    from chatrec.evaluation.player import play
    from chatrec.evaluation.scripts import load_script

    script = load_script(path)
    with progress() as report:
        bot = ChatRec.open(shop or script.shop, settings={**script.settings, **(settings or {})}, progress=report)
        bot.warm_up()
    with bot:
        played = play(script, bot, show_json if as_json_lines else show_turn)
    if not as_json_lines:
        verdict = f"{len(played.failures)} assertions failed" if played.failures else "all assertions hold"
        print_lines([f"\n{script.name}: {len(played.turns)} turns, {verdict}"])
    return len(played.failures)


def show_json(number: int, turn: PlayedTurn) -> None:
    """One turn as a line of JSON."""
    sys.stdout.write(json.dumps(as_json(turn), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_turn(number: int, turn: PlayedTurn) -> None:
    """One turn as a person reads it."""
    said = turn.step.get("shopper", ", ".join(f"{k}: {v}" for k, v in turn.step.items() if k != "expect"))
    print_lines([f"\n{number}. you> {said}"])
    for card in turn.cards:
        print_lines(card_lines(card))
    if turn.comparison:
        print_lines(comparison_lines(turn.comparison))
    if turn.receipt:
        print_lines([f"bot> {turn.text}", chip_line(turn.chips), *receipt_lines(turn.receipt)])
    print_lines(f"  FAILED: {f}" for f in turn.failed)
