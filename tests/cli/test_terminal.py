"""The terminal chat: what it prints, cut to the window; its commands; Ctrl-C."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len

from chatrec.bot import ChatRec
from chatrec.cli.chat import Terminal
from chatrec.cli.transcript import card_lines, event_lines
from chatrec.domain.facts import Sentence
from chatrec.domain.reply import Card, Chip, Chips, Said

LONG = Card(
    1, "x", "An exceedingly long title of a product 超長的標題 that no shop should have given to anything at all", "A brand",
    price=Decimal("1234.50"), currency="USD", rating=4.5, n_ratings=12, stock=2, why="because " * 20, options=(("size", ("large",) * 8),),
)  # fmt: skip
Talk = Callable[..., str]


@pytest.mark.parametrize("width", [44, 60, 80, 120])
def test_lines_fit_the_window_and_figures_stay(width: int) -> None:
    lines = list(card_lines(LONG, width))
    assert max(map(cell_len, lines)) <= width
    assert "$1,234.50 · 4.5/5 (12) · only 2 left" in lines[0 if width > 55 else 1] and "…" in lines[0]
    said = Said(Sentence("w " * 90, "word " * 90, "template"), "recommend")
    assert max(map(cell_len, event_lines(said, width))) <= width
    chips = Chips(tuple(Chip("answer", f"label {n}") for n in range(20)))
    assert max(map(cell_len, event_lines(chips, width))) <= width


def test_nothing_is_cut_where_no_window_is() -> None:
    assert LONG.title in next(card_lines(LONG)) and "…" not in "".join(card_lines(LONG))


@pytest.fixture
def talk(demo_bot: ChatRec, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    def run(*lines: str | BaseException) -> str:
        said = iter(lines)

        def written(prompt: str = "") -> str:
            line = next(said, EOFError())
            if isinstance(line, BaseException):
                raise line
            return line

        monkeypatch.setattr(builtins, "input", written)
        Terminal(demo_bot, None, receipt=False).run()
        return capsys.readouterr().out

    return run


def test_commands_explain_themselves(talk: Talk) -> None:
    out = talk(
        "/like 1", "/receipt", "a tent under 200", "/like 9", "/like x", "/drop 7", "/diversity high", "/wrong", "/help", "/like 2", ""
    )
    for words in (
        "/like 1: there is no product of the last list yet", "nothing has been answered yet", "/like takes the number of a product of the last list, 1 to 3, not '9'",
        "not 'x'", "/drop takes the number of a wish in <angle brackets>, 1 to 2, not '7'", "a number from 0 to 1, not 'high'", "no command /wrong; /help lists them",
        "/diversity X", "noted: more like",
    ):  # fmt: skip
        assert words in out, words
    assert "without words" not in out  # Enter alone asks nothing


def test_not_for_me_and_drop_show_a_new_list(talk: Talk) -> None:
    out = talk("a tent under 200", "/dislike 1", "/drop 2")
    assert out.count("[1]") == 3 and "noted: not" in out


def test_ctrl_c_stops_the_answer_and_twice_leaves(talk: Talk, demo_bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    reply = demo_bot.reply

    def interrupted(session_id: str, message: str, *, user_id: str | None = None) -> Iterator[Any]:
        events = reply(session_id, message, user_id=user_id)
        try:
            yield next(events)
            if "tent" in message:
                raise KeyboardInterrupt
            yield from events
        finally:
            events.close()  # type: ignore[attr-defined]
            closed.append(message)

    monkeypatch.setattr(demo_bot, "reply", interrupted)
    out = talk("a tent", "hello")
    assert "stopped; Ctrl-C again leaves" in out and "bot>" in out.split("stopped")[1]
    assert closed == ["a tent", "hello"]
    out = talk("a tent", "a small tent", "hello")  # the second one comes at once
    assert out.count("stopped") == 1 and closed[2:] == ["a tent", "a small tent"]
    assert "bot>" not in talk(KeyboardInterrupt(), "hello")
