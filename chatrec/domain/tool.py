"""Tools: what a shop lets the bot do for a shopper, each a Python function with a schema of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

CALLER = "caller"
"""A tool's function that has a parameter of this name is given the :class:`Caller`; it is never asked for, nor taken from a message."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a tool is run for. ``user_id`` comes from the shop alone; ``None`` is a visitor, known by the session only."""

    session_id: str
    user_id: str | None = None

    @property
    def owner(self) -> str:
        """The name under which a cart and events are kept."""
        return self.user_id if self.user_id is not None else f"anon:{self.session_id}"


class Trouble(StrEnum):
    """Why a tool gave no result."""

    UNKNOWN = "unknown"  # there is no such tool
    INVALID = "invalid"  # an argument is not what the schema asks for
    UNVERIFIED = "unverified"  # the tool is for shoppers whom the shop has verified
    REFUSED = "refused"  # the tool said no; its words are for the shopper
    FAILED = "failed"
    TIMEOUT = "timeout"
    UNSURE = "unsure"  # begun before and never heard of again: whether it was done is not known


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. ``text`` is for the shopper (one line of plain text, bounded), ``value`` what the function returned: absent
    where the outcome was kept from an earlier call with the same key."""

    text: str = ""
    trouble: Trouble | None = None
    value: object = None

    @property
    def done(self) -> bool:
        """Whether the tool did what it was asked."""
        return self.trouble is None


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool. ``arguments`` are (name, JSON text); a call with a ``key`` is carried out at most once."""

    tool: str
    arguments: tuple[tuple[str, str], ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool, as its schema has it. ``kind`` is the JSON type; ``choices`` are the only values allowed."""

    name: str
    kind: str = "string"
    required: bool = True
    choices: tuple[str, ...] = ()
    pattern: str = ""
    description: str = ""
    form: str = ""  # JSON schema's "format": date, time, ...


@dataclass(frozen=True)
class Tool:
    """A function that the bot may use.

    ``schema`` is the JSON schema (draft 2020-12) of its arguments, made from the function's type hints. ``changes``: it changes something
    in the world, so the shopper is asked first and it is carried out once. ``verified``: only for shoppers whom the shop has verified.
    ``examples`` are sentences by which it is recognised; ``{order_id}`` in one marks where that argument stands. ``question`` is asked
    before a change ("Shall I gift-wrap order {order_id} for $4?"), ``questions`` for a missing argument, by its name. ``time_limit_s`` 0
    runs it in the turn's own thread. ``check`` gives what is wrong with some arguments, by name.
    """

    name: str
    description: str
    function: Callable[..., object]
    schema: Mapping[str, Any] = field(default_factory=dict)
    changes: bool = False
    verified: bool = False
    examples: tuple[str, ...] = ()
    question: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)
    time_limit_s: float = 10.0
    check: Callable[[Mapping[str, object]], Mapping[str, str]] = lambda arguments: {}

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments, in the order of the function."""
        required = set(self.schema.get("required", ()))
        return tuple(_parameter(name, told, name in required) for name, told in self.schema.get("properties", {}).items())


def _parameter(name: str, told: Mapping[str, Any], required: bool) -> Parameter:
    options = [told, *told.get("anyOf", ())]  # an optional argument may be one of its kind, or null
    kind = next((str(o["type"]) for o in options if o.get("type") not in (None, "null")), "string")
    choices = next((tuple(map(str, o["enum"])) for o in options if "enum" in o), ())
    pattern = next((str(o["pattern"]) for o in options if "pattern" in o), "")
    form = next((str(o["format"]) for o in options if "format" in o), "")
    return Parameter(name, kind, required, choices, pattern, str(told.get("description", "")), form)


@dataclass(frozen=True, slots=True)
class Pending:
    """What was asked of the shopper in turn ``turn`` and waits for one word: a yes, or the argument ``missing``.

    ``kind`` is the act's kind and ``do`` what it is to do; ``arguments`` are what is known so far. ``options`` are answers to tap.
    ``is_beside``: it was offered beside another question, so that a mere yes or no is not meant for it.
    """

    kind: str
    do: str
    arguments: tuple[tuple[str, str], ...] = ()
    missing: str = ""
    options: tuple[str, ...] = ()
    turn: int = 0
    is_beside: bool = False

    def argument(self, name: str) -> str:
        """The value of this argument, or an empty string."""
        return next((value for known, value in self.arguments if known == name), "")


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart at the price and stock of this moment. ``price`` is that of one piece; ``None``: the shop lists none."""

    item_id: str
    variant_id: str
    quantity: int
    title: str
    options: tuple[tuple[str, str], ...] = ()
    price: Decimal | None = None
    currency: str = ""
    stock: int | None = None

    @property
    def total(self) -> Decimal | None:
        """What the line comes to."""
        return None if self.price is None else self.price * self.quantity
