"""What every tool of a shop must do. Subclass and give ``make``, ``good`` and ``caller``.

A shop tests its own tools with these few lines::

    class TestGiftWrap(ToolContract):
        def make(self) -> Tool:
            return gift_wrap

        def good(self) -> dict[str, object]:
            return {"order_id": "A-1001"}
"""

# ruff: noqa: D102 (the name of each test is its sentence)

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from chatrec.actions.desk import MOST_TEXT_CHARS, ToolDesk
from chatrec.domain.tool import Call, Caller, CartLine, Tool, Trouble
from chatrec.storage.database import Database
from chatrec.testing.embedders import HashingEmbedder

# A shopper waits for the answer.
MOST_TIME_LIMIT_S = 30.0


class ToolContract(ABC):
    """``good`` are arguments with which the tool succeeds, every time that it is run afresh."""

    @abstractmethod
    def make(self) -> Tool:
        """The tool, ready to be run."""

    @abstractmethod
    def good(self) -> dict[str, object]:
        """Arguments with which it succeeds."""

    def caller(self) -> Caller:
        """Who runs it."""
        return Caller("contract-session", "contract-shopper")

    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[ToolDesk]:
        """The tool on a desk of its own."""
        with Database.open(tmp_path / "contract.db") as database:
            yield ToolDesk([self.make()], database, HashingEmbedder())

    def call(self, arguments: dict[str, object], key: str = "") -> Call:
        """A call with these arguments."""
        return Call(self.make().name, tuple((name, json.dumps(value, default=str)) for name, value in arguments.items()), key)

    def test_its_schema_is_a_schema_and_takes_the_good_arguments(self) -> None:
        tool = self.make()
        Draft202012Validator.check_schema(dict(tool.schema))
        assert list(Draft202012Validator(tool.schema).iter_errors(json.loads(json.dumps(self.good(), default=str)))) == []
        assert tool.check(self.good()) == {}

    def test_it_says_what_it_does_and_how_it_is_asked_for(self) -> None:
        tool = self.make()
        assert tool.description.strip() and len(tool.description) < 600
        assert tool.examples, "without examples it is never recognised"
        assert len(set(tool.examples)) == len(tool.examples)
        assert 0.0 <= tool.time_limit_s <= MOST_TIME_LIMIT_S

    def test_whoever_asks_is_never_an_argument(self) -> None:
        assert {"caller", "user_id", "session_id"}.isdisjoint(p.name for p in self.make().parameters)

    def test_every_missing_argument_is_noticed(self) -> None:
        tool = self.make()
        for parameter in tool.parameters:
            rest = {name: value for name, value in self.good().items() if name != parameter.name}
            assert (parameter.name in tool.check(rest)) == parameter.required

    def test_an_argument_of_nobody_is_refused(self, desk: ToolDesk) -> None:
        assert desk.run(self.call({**self.good(), "surprise": 1}), self.caller()).trouble is Trouble.INVALID

    def test_it_succeeds_and_its_answer_can_be_told(self, desk: ToolDesk) -> None:
        outcome = desk.run(self.call(self.good(), "contract:1" if self.make().changes else ""), self.caller())
        assert outcome.done, outcome
        assert len(outcome.text) <= MOST_TEXT_CHARS and outcome.text.isprintable() and "[" not in outcome.text

    def test_a_change_is_carried_out_once_for_a_key(self, desk: ToolDesk) -> None:
        if not self.make().changes:
            pytest.skip("it changes nothing")
        first = desk.run(self.call(self.good(), "contract:2"), self.caller())
        again = desk.run(self.call(self.good(), "contract:2"), self.caller())
        assert (again.text, again.trouble) == (first.text, first.trouble)

    def test_a_visitor_does_not_get_what_is_for_verified_shoppers(self, desk: ToolDesk) -> None:
        if not self.make().verified:
            pytest.skip("it is for everybody")
        assert desk.run(self.call(self.good()), Caller("contract-session")).trouble is Trouble.UNVERIFIED


class CartContract(ABC):
    """What the tools ``cart_add``, ``cart_remove``, ``cart_empty`` and ``cart_show`` must do together, where a shop brings its own."""

    @abstractmethod
    def make(self, database: Database) -> Iterable[Tool]:
        """The four tools over an empty cart."""

    @abstractmethod
    def items(self, database: Database) -> tuple[str, str]:
        """Ids of two items without versions, with at least two pieces in stock."""

    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        """A database of this test."""
        with Database.open(tmp_path / "contract.db") as opened:
            yield opened

    def desk(self, database: Database) -> ToolDesk:
        """The four tools."""
        desk = ToolDesk(self.make(database), database, HashingEmbedder())
        assert all(desk.find(name) for name in ("cart_add", "cart_remove", "cart_empty", "cart_show"))
        return desk

    def add(self, desk: ToolDesk, item_id: str, caller: Caller, key: str, quantity: int = 1) -> Trouble | None:
        """Puts pieces into the cart."""
        given = (("item_id", json.dumps(item_id)), ("quantity", json.dumps(quantity)))
        return desk.run(Call("cart_add", given, key), caller).trouble

    def lines(self, desk: ToolDesk, caller: Caller) -> list[tuple[str, int]]:
        """The cart, line by line."""
        value = desk.run(Call("cart_show"), caller).value
        assert isinstance(value, tuple | list) and all(isinstance(line, CartLine) for line in value)
        return [(line.item_id, line.quantity) for line in value]

    def test_what_was_put_in_is_there_once(self, database: Database) -> None:
        desk, ann, (one, two) = self.desk(database), Caller("s", "ann"), self.items(database)
        for key in ("k1", "k1", "k2"):
            assert self.add(desk, one, ann, key) is None
        assert self.add(desk, two, ann, "k3") is None
        assert self.lines(desk, ann) == [(one, 2), (two, 1)]

    def test_carts_are_each_shoppers_own(self, database: Database) -> None:
        desk, (one, _) = self.desk(database), self.items(database)
        self.add(desk, one, Caller("s", "ann"), "k1")
        for other in (Caller("s"), Caller("s", "bob"), Caller("t")):
            assert self.lines(desk, other) == []

    def test_out_and_empty(self, database: Database) -> None:
        desk, ann, (one, two) = self.desk(database), Caller("s", "ann"), self.items(database)
        for number, item_id in enumerate((one, two)):
            self.add(desk, item_id, ann, f"k{number}")
        assert desk.run(Call("cart_remove", (("item_id", json.dumps(one)),), "k8"), ann).done
        assert self.lines(desk, ann) == [(two, 1)]
        assert desk.run(Call("cart_remove", (("item_id", json.dumps(one)),), "k9"), ann).trouble is Trouble.REFUSED
        assert desk.run(Call("cart_empty", (), "k10"), ann).done and self.lines(desk, ann) == []

    def test_what_is_not_sold_does_not_go_in(self, database: Database) -> None:
        desk, ann = self.desk(database), Caller("s", "ann")
        self.items(database)
        assert self.add(desk, "no-such-item", ann, "k1") is Trouble.REFUSED
        assert self.lines(desk, ann) == []
