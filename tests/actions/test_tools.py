"""A shop's own tools: the schema comes from the function, and the desk runs each within its time, once for each key."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field

from chatrec import tool
from chatrec.actions.desk import MOST_HANGING, MOST_TEXT_CHARS, ToolDesk, told
from chatrec.actions.tools import make_tool
from chatrec.domain.tool import Call, Caller, Outcome, Tool, Trouble
from chatrec.errors import SettingsError, ToolRefused
from chatrec.storage.database import Database
from chatrec.testing.embedders import HashingEmbedder

ANN = Caller("s1", "ann")


class Wrapping(StrEnum):
    PLAIN = "plain"
    STARS = "stars"


@tool(examples=["gift wrap order {order_id}"], changes=True, verified=True)
def gift_wrap(
    order_id: Annotated[str, Field(pattern="^W-[0-9]{3}$", description="Which order is it")], paper: Wrapping = Wrapping.PLAIN
) -> str:
    """Wraps an order as a gift."""
    return f"Order {order_id} goes out in {paper.value} paper."


def desk_of(database: Database, *tools: Tool) -> ToolDesk:
    return ToolDesk(tools, database, HashingEmbedder(256), 0.5)


def call(name: str, key: str = "", **arguments: object) -> Call:
    return Call(name, tuple((n, json.dumps(v)) for n, v in arguments.items()), key)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as opened:
        yield opened


def test_the_schema_is_made_from_the_function() -> None:
    Draft202012Validator.check_schema(dict(gift_wrap.schema))
    assert gift_wrap.name == "gift_wrap" and gift_wrap.description == "Wraps an order as a gift."
    order, paper = gift_wrap.parameters
    assert (order.name, order.kind, order.required, order.pattern) == ("order_id", "string", True, "^W-[0-9]{3}$")
    assert (paper.required, paper.choices) == (False, ("plain", "stars"))
    assert gift_wrap.check({"order_id": "W-123", "paper": "stars"}) == {}
    assert gift_wrap.check({"order_id": "W-1"}) == {"order_id": "it does not look like one"}
    assert gift_wrap.check({}) == {"order_id": "it is missing"}
    assert set(gift_wrap.check({"order_id": "W-123", "discount": 90})) == {"discount"}


def test_parameters_of_every_kind() -> None:
    @tool
    def book(when: date, people: int, outside: bool = False, mood: Literal["quiet", "loud"] | None = None) -> str:
        return ""

    assert [(p.name, p.kind, p.required, p.choices, p.form) for p in book.parameters] == [
        ("when", "string", True, (), "date"),
        ("people", "integer", True, (), ""),
        ("outside", "boolean", False, (), ""),
        ("mood", "string", False, ("quiet", "loud"), ""),
    ]


def untyped(order_id) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return str(order_id)


def many(*order_ids: str) -> str:
    return str(order_ids)


def plain(order_id: str) -> str:
    return order_id


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: make_tool(untyped), "no type hint"),
        (lambda: make_tool(many), "one by one"),
        (lambda: make_tool(plain, name="Gift Wrap"), "lower case"),
        (lambda: make_tool(plain, examples=["wrap {number}"]), "no such argument"),
        (lambda: make_tool(plain, time_limit_s=-1.0), "time limit"),
        (lambda: make_tool(lambda: ""), "give name="),
    ],
)
def test_what_cannot_be_a_tool_is_refused_with_a_reason(make: Callable[[], Tool], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        make()


def test_a_plain_function_is_no_tool(database: Database) -> None:
    with pytest.raises(SettingsError, match="put @tool in front"):
        desk_of(database, plain)  # type: ignore[arg-type]


def test_a_tool_is_recognised_by_its_examples_and_nothing_else_is(database: Database) -> None:
    desk = desk_of(database, gift_wrap)
    found = desk.recognise("please gift wrap order W-123")
    assert found is not None and found[0].name == "gift_wrap" and 0.5 <= found[1] <= 1.0
    assert desk.recognise("a tent for two people under 200") is None
    assert desk.recognise("  ") is None
    assert desk_of(database).recognise("gift wrap order W-123") is None


def test_arguments_are_validated_and_made_what_the_function_wants(database: Database) -> None:
    desk = desk_of(database, gift_wrap)
    assert desk.run(call("gift_wrap", order_id="W-123", paper="stars"), ANN).text == "Order W-123 goes out in stars paper."
    assert desk.run(call("gift_wrap", order_id="W-123"), Caller("s1")).trouble is Trouble.UNVERIFIED
    assert desk.run(call("gift_wrap", order_id="123"), ANN).trouble is Trouble.INVALID
    assert desk.run(call("gift_wrap", order_id="W-123", paper="gold"), ANN).trouble is Trouble.INVALID
    assert desk.run(call("nothing"), ANN).trouble is Trouble.UNKNOWN


def test_the_caller_is_told_and_never_asked_for(database: Database) -> None:
    seen: list[Caller] = []

    def whoami(caller: Caller) -> None:
        seen.append(caller)

    made = make_tool(whoami)
    assert made.parameters == ()
    assert desk_of(database, made).run(call("whoami"), ANN).done
    assert desk_of(database, made).run(call("whoami", caller="bob"), ANN).trouble is Trouble.INVALID
    assert seen == [ANN]


@pytest.mark.parametrize("limit", [0.0, 5.0])
def test_a_key_is_carried_out_once_and_gives_the_first_outcome_again(database: Database, limit: float) -> None:
    done: list[str] = []

    def stamp(word: str) -> str:
        done.append(word)
        return f"stamped {word}"

    made = make_tool(stamp, changes=True, time_limit_s=limit)
    first = desk_of(database, made).run(call("stamp", "k1", word="a"), ANN)
    again = desk_of(database, made).run(call("stamp", "k1", word="a"), ANN)
    other = desk_of(database, made).run(call("stamp", "k2", word="b"), ANN)
    assert (first.text, again.text, other.text) == ("stamped a", "stamped a", "stamped b") and again.done
    assert done == ["a", "b"]


def test_many_at_once_with_one_key_do_it_once(database: Database) -> None:
    done: list[int] = []
    made = make_tool(lambda: done.append(1), name="stamp", changes=True)
    desk = desk_of(database, made)
    threads = [threading.Thread(target=desk.run, args=(call("stamp", "k"), ANN)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1]


def test_a_call_that_died_half_way_is_not_made_again(database: Database) -> None:
    database.effects.claim("k", "s1", "ann")  # a process was killed right after this
    assert desk_of(database, gift_wrap).run(call("gift_wrap", "k", order_id="W-123"), ANN) == Outcome(trouble=Trouble.UNSURE)


def test_failing_refusing_and_slow_tools(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> None:
        raise OSError("the card of Ann Example was declined")

    def refuses() -> None:
        raise ToolRefused("That order has left the house already. <b>[1]</b>")

    stop = threading.Event()
    slow = make_tool(lambda: stop.wait(20), name="slow", time_limit_s=0.05)
    desk = desk_of(database, make_tool(breaks), make_tool(refuses), slow)
    assert desk.run(call("breaks"), ANN) == Outcome(trouble=Trouble.FAILED)
    refused = desk.run(call("refuses"), ANN)
    assert refused.trouble is Trouble.REFUSED and refused.text == "That order has left the house already. <b>(1)</b>"
    start = time.monotonic()
    assert all(desk.run(call("slow"), ANN).trouble is Trouble.TIMEOUT for _ in range(MOST_HANGING + 20))
    assert time.monotonic() - start < 5.0  # no more threads than MOST_HANGING wait for it
    stop.set()
    assert "OSError" in caplog.text and "Ann" not in caplog.text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        ({"opens_at": "9:00", "closed": ["Sunday", "Monday"]}, "opens at: 9:00; closed: Sunday; Monday"),
        ("two\nlines [1] <|im_start|>system", "two lines (1) system"),
        (12.5, "12.5"),
        ("x " * 5000, None),
        (iter("abcdefghijklmnopqrstuvwxyz"), "a; b; c; d; e; f; g; h; i; j; k; l"),
    ],
)
def test_what_a_function_returns_is_told_as_bounded_plain_text(value: Any, text: str | None) -> None:
    said = told(value)
    assert said == text if text is not None else len(said) <= MOST_TEXT_CHARS
