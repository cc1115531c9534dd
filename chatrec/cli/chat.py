"""``chatrec chat``: talk to a shop in the terminal."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Annotated, TypeVar

import typer

from chatrec.bot import ChatRec
from chatrec.cli.screen import columns, console, out, progress
from chatrec.cli.train import ShopOption
from chatrec.cli.transcript import event_lines, print_lines, receipt_lines
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Chips, Done, ReplyEvent
from chatrec.errors import ChatrecError, SessionError

HELP = """\
Write what you are looking for, and press Enter. Besides words you can give a command:
  /like N        more like number N of the last list        /receipt   how the last answer came about
  /dislike N     not this one; shows others                 /new       begin again
  /drop N        take back the Nth wish in <angle brackets> /help      this list
  /diversity X   0: closest matches ... 1: widest choice    /quit      leave (also Ctrl-D)
Ctrl-C stops an answer; pressed again at once, or while nothing is under way, it leaves."""
T = TypeVar("T")
# A second Ctrl-C within this time means "leave", not "stop".
AGAIN_S = 2.0


def chat_command(
    shop: ShopOption = "demo",
    user: Annotated[str | None, typer.Option("--user", help="a shopper whom you have verified; a visitor when absent")] = None,
    receipt: Annotated[bool, typer.Option("--receipt", help="print the receipt after each turn")] = False,
    engine: Annotated[str | None, typer.Option("--engine", help="auto, openvino, transformers, openai or template")] = None,
) -> None:
    """Chat with a shop in the terminal.

    While chatting: /like 2, /dislike 1, /drop 1, /diversity 0.8, /receipt, /new, /help, /quit. Ctrl-C stops an answer, twice leaves.

    Example: chatrec chat --shop myshop --receipt
    """
    overrides = {"model": {"engine": engine}} if engine else None
    with progress() as report:
        bot = ChatRec.open(shop, settings=overrides, progress=report)
    with bot:
        about = bot.about()
        console.print(f"{about['shop']} · {about['items']:,} products · /help lists the commands", markup=False, highlight=False)
        Terminal(bot, user, receipt).run()


class Terminal:
    """A chat in the terminal."""

    def __init__(self, bot: ChatRec, user: str | None, receipt: bool) -> None:
        self._bot, self._user, self._receipt = bot, user, receipt
        self._session = f"terminal-{secrets.token_hex(6)}"
        self._done: Done | None = None
        self._chips: Chips = Chips(())
        self._stopped_at = float("-inf")

    def run(self) -> None:
        """Until /quit, the end of the input, or Ctrl-C with no answer to stop."""
        while True:
            try:
                line = input("you> ").strip()
            except (EOFError, KeyboardInterrupt):
                out.print()
                return
            if line in ("/quit", "/q", "/exit"):
                return
            if line and not self._answer(line):
                return

    def _answer(self, line: str) -> bool:
        """Whether to go on after this line."""
        try:
            self._command(line) if line.startswith("/") else self._take(self._bot.reply(self._session, line, user_id=self._user))
        except KeyboardInterrupt:
            if time.monotonic() - self._stopped_at < AGAIN_S:
                return False
            self._stopped_at = time.monotonic()
            print_lines(["  stopped; Ctrl-C again leaves"])
        except ChatrecError as error:
            print_lines([f"  {error}"])
        return True

    def _take(self, events: Iterator[ReplyEvent]) -> None:
        assert isinstance(events, Generator)
        looking = console.status("looking …", spinner="dots")
        with closing(events), looking:  # an answer that is stopped lets go of its session
            for event in events:
                looking.stop()
                print_lines(event_lines(event, columns()))
                if isinstance(event, Chips):
                    self._chips = event
                if isinstance(event, Done):
                    self._done = event
                    if self._receipt:
                        print_lines(receipt_lines(event.receipt))

    def _command(self, line: str) -> None:
        name, _, value = line[1:].partition(" ")
        commands = {
            "like": self._like, "dislike": self._dislike, "drop": self._drop, "diversity": self._diversity,
            "receipt": self._show_receipt, "new": self._new, "help": self._help,
        }  # fmt: skip
        chosen = commands.get(name)
        if chosen is None:
            print_lines([f"  there is no command /{name}; /help lists them"])
        else:
            chosen(value.strip())

    def _like(self, value: str) -> None:
        shown = self._bot.state(self._session).last_shown()
        item_id = _chosen(shown, value, "/like", "product of the last list")
        self._bot.feedback(self._session, item_id, EventKind.LIKE, user_id=self._user)
        print_lines([f"  noted: more like {self._bot.live_item(item_id).title}"])

    def _dislike(self, value: str) -> None:
        shown = self._bot.state(self._session).last_shown()
        item_id = _chosen(shown, value, "/dislike", "product of the last list")
        self._bot.feedback(self._session, item_id, EventKind.DISLIKE, user_id=self._user)
        print_lines([f"  noted: not {self._bot.live_item(item_id).title}"])
        self._take(self._bot.refresh(self._session, user_id=self._user))

    def _drop(self, value: str) -> None:
        wishes = tuple(c for c in self._chips.chips if c.kind == "constraint")
        chip = _chosen(wishes, value, "/drop", "wish in <angle brackets>")
        self._bot.drop(self._session, chip.need_id, chip.key)
        self._take(self._bot.refresh(self._session, user_id=self._user))

    def _diversity(self, value: str) -> None:
        try:
            self._bot.set_diversity(self._session, float(value))
        except ValueError as error:
            raise SessionError(f"/diversity takes a number from 0 to 1, not {value!r:.40}; for example /diversity 0.8") from error
        print_lines(["  set; it counts from the next list on"])

    def _show_receipt(self, value: str) -> None:
        print_lines(receipt_lines(self._done.receipt) if self._done else ["  nothing has been answered yet"])

    def _new(self, value: str) -> None:
        self._session = f"terminal-{secrets.token_hex(6)}"
        self._done, self._chips = None, Chips(())
        print_lines(["  a new conversation"])

    def _help(self, value: str) -> None:
        print_lines(HELP.splitlines())


def _chosen(among: tuple[T, ...], value: str, command: str, what: str) -> T:
    """The one that the number names, counted from 1. Raises :class:`SessionError` that says what may be named."""
    if value.isdecimal() and 1 <= int(value[:6]) <= len(among):
        return among[int(value[:6]) - 1]
    if not among:
        raise SessionError(f"{command} {value}: there is no {what} yet; say what you are looking for first")
    raise SessionError(f"{command} takes the number of a {what}, 1 to {len(among)}, not {value!r:.40}; for example {command} 1")
