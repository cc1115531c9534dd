"""``chatrec chat``: talk to a shop in the terminal, or play a dialogue script."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from chatrec.bot import ChatRec
from chatrec.cli.screen import console, out, progress
from chatrec.cli.train import ShopOption
from chatrec.cli.transcript import as_json, card_lines, chip_line, comparison_lines, receipt_lines
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Cards, Chips, Comparison, Done, Effect, ReplyEvent, Said
from chatrec.errors import ChatrecError

HELP = "commands: /like N  /dislike N  /drop N (chip)  /diversity 0..1  /receipt  /new  /quit"


def chat_command(
    shop: ShopOption = "demo",
    user: Annotated[str | None, typer.Option("--user", help="a shopper whom you have verified; a visitor when absent")] = None,
    receipt: Annotated[bool, typer.Option("--receipt", help="print the receipt after each turn")] = False,
    engine: Annotated[str | None, typer.Option("--engine", help="transformers, openai or template")] = None,
) -> None:
    """Chat with a shop in the terminal.

    While chatting: /like 2, /dislike 1, /drop 1, /diversity 0.8, /receipt, /new, /quit.
    """
    overrides = {"model": {"engine": engine}} if engine else None
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
    with bot:
        console.print(f"{bot.about()['shop']} · {len_text(bot)} · {HELP}", markup=False, highlight=False)
        Terminal(bot, user, receipt).run()


def len_text(bot: ChatRec) -> str:
    """How many products there are, in words."""
    return f"{bot.about()['items']:,} products"


class Terminal:
    """A chat in the terminal."""

    def __init__(self, bot: ChatRec, user: str | None, receipt: bool) -> None:
        self._bot, self._user, self._receipt = bot, user, receipt
        self._session = f"terminal-{secrets.token_hex(6)}"
        self._done: Done | None = None
        self._chips: Chips = Chips(())

    def run(self) -> None:
        """Until /quit or the end of the input."""
        while True:
            try:
                line = input("you> ").strip()
            except EOFError:
                return
            if line in ("/quit", "/q", "/exit"):
                return
            try:
                self._command(line) if line.startswith("/") else self._turn(line)
            except (ChatrecError, ValueError, IndexError) as error:
                out.print(f"  {error}", markup=False)

    def _turn(self, line: str) -> None:
        self._take(self._bot.reply(self._session, line, user_id=self._user))

    def _take(self, events: Iterable[ReplyEvent]) -> None:
        for event in events:
            print_event(event)
            if isinstance(event, Chips):
                self._chips = event
            if isinstance(event, Done):
                self._done = event
                if self._receipt:
                    print_lines(receipt_lines(event.receipt))

    def _command(self, line: str) -> None:
        name, _, value = line[1:].partition(" ")
        if name in ("like", "dislike"):
            shown = self._bot.state(self._session).last_shown()
            item_id = shown[int(value) - 1]
            self._bot.feedback(self._session, item_id, EventKind.LIKE if name == "like" else EventKind.DISLIKE, user_id=self._user)
            out.print("  noted")
        elif name == "drop":
            chip = [c for c in self._chips.chips if c.kind == "constraint"][int(value) - 1]
            self._bot.drop(self._session, chip.need_id, chip.key)
            self._take(self._bot.refresh(self._session, user_id=self._user))
        elif name == "diversity":
            self._bot.set_diversity(self._session, float(value))
            out.print("  set")
        elif name == "receipt" and self._done:
            print_lines(receipt_lines(self._done.receipt))
        elif name == "new":
            self._session = f"terminal-{secrets.token_hex(6)}"
            out.print("  a new conversation")
        else:
            out.print(f"  {HELP}", markup=False)


def print_event(event: ReplyEvent) -> None:
    """One reply event, as it comes."""
    if isinstance(event, Cards):
        if event.heading:
            out.print(f"  -- {event.heading}", markup=False, highlight=False)
        for card in event.cards:
            print_lines(card_lines(card))
    elif isinstance(event, Comparison):
        print_lines(comparison_lines(event))
    elif isinstance(event, Said):
        out.print(f"bot> {event.sentence.rendered}", markup=False, highlight=False)
    elif isinstance(event, Chips) and event.chips:
        out.print(chip_line(event.chips), markup=False, highlight=False)
    elif isinstance(event, Effect):
        out.print(f"  [{event.kind}]", markup=False, highlight=False)


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines, nothing in them taken as markup."""
    for line in lines:
        out.print(line, markup=False, highlight=False)


def play_script(
    path: Path, *, as_json_lines: bool = False, settings: dict[str, dict[str, Any]] | None = None, shop: str | None = None
) -> int:
    """Play a dialogue script and print each turn with its cards and receipt; gives the number of failed assertions."""
    from chatrec.evaluation.player import PlayedTurn, play
    from chatrec.evaluation.scripts import load_script

    script = load_script(path)
    with progress() as report:
        bot = ChatRec.open(shop or script.shop, settings={**script.settings, **(settings or {})}, progress=report)
        bot.warm_up()

    def show(number: int, turn: PlayedTurn) -> None:
        if as_json_lines:
            sys.stdout.write(json.dumps(as_json(turn), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        said = turn.step.get("shopper", ", ".join(f"{k}: {v}" for k, v in turn.step.items() if k != "expect"))
        out.print(f"\n{number}. you> {said}", markup=False, highlight=False)
        for card in turn.cards:
            print_lines(card_lines(card))
        if turn.comparison:
            print_lines(comparison_lines(turn.comparison))
        if turn.receipt:
            out.print(f"bot> {turn.text}", markup=False, highlight=False)
            out.print(chip_line(turn.chips), markup=False, highlight=False)
            print_lines(receipt_lines(turn.receipt))
        print_lines(f"  FAILED: {f}" for f in turn.failed)

    with bot:
        played = play(script, bot, show)
    if not as_json_lines:
        verdict = f"{len(played.failures)} assertions failed" if played.failures else "all assertions hold"
        out.print(f"\n{script.name}: {len(played.turns)} turns, {verdict}", markup=False, highlight=False)
    return len(played.failures)
