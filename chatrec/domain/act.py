"""What the bot does in a turn: an ordered list of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recommend:
    """Show items for a need. ``order_by`` (field, direction) asks for the extreme of the whole shop ("the cheapest")."""

    need_id: int
    order_by: tuple[str, int] | None = None
    fresh: bool = False  # leave out what was already shown

    kind = "recommend"


@dataclass(frozen=True, slots=True)
class Ask:
    """One clarifying question with tappable answers."""

    need_id: int
    field: str
    text: str
    options: tuple[str, ...]

    kind = "ask"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two to four items side by side. With ``by`` (field, direction) only the question which goes furthest is answered."""

    item_ids: tuple[str, ...]
    by: tuple[str, int] | None = None

    kind = "compare"


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """A question about items, answered from their records."""

    item_ids: tuple[str, ...]
    question: str

    kind = "item_answer"


@dataclass(frozen=True, slots=True)
class AnswerShop:
    """A question about the shop, answered from its policies."""

    question: str

    kind = "shop_answer"


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """Where the verified shopper's orders are."""

    order_ids: tuple[str, ...]

    kind = "order_status"


@dataclass(frozen=True, slots=True)
class Explain:
    """Why an item was shown. ``words`` are the shopper's: "why not the Kolder one?" asks why an item was not shown, and may name it (then
    ``item_id`` is empty)."""

    item_id: str
    words: str = ""

    kind = "explain"


@dataclass(frozen=True, slots=True)
class Say:
    """A fixed kind of small reply: greet, thanks, bye, liked, disliked, chosen, undone, nothing_to_undo,
    reset, capability, empty, too_long."""

    topic: str
    item_ids: tuple[str, ...] = ()

    kind = "say"


@dataclass(frozen=True, slots=True)
class Decline:
    """Outside what a shop assistant does: said politely, with what it can do instead."""

    topic: str

    kind = "decline"


@dataclass(frozen=True, slots=True)
class HandOff:
    """To a person, with a brief: need, constraints, shown, tried, mood."""

    reason: str

    kind = "hand_off"


@dataclass(frozen=True, slots=True)
class UseTool:
    """One of the shop's own tools. ``arguments`` are (name, words) as far as they are known; ``confirmed``: the shopper said yes;
    ``asked`` is the argument that was asked for in the turn before."""

    tool: str
    arguments: tuple[tuple[str, str], ...] = ()
    confirmed: bool = False
    asked: str = ""

    kind = "tool"


@dataclass(frozen=True, slots=True)
class Cart:
    """``do`` is add, remove, show or empty. ``options`` are (``item:option``, value) as chosen by the shopper."""

    do: str
    item_ids: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    quantity: int = 1
    confirmed: bool = False

    kind = "cart"


@dataclass(frozen=True, slots=True)
class CheckReturn:
    """Whether what the verified shopper bought can still be sent back. ``words`` may name one of the products."""

    order_ids: tuple[str, ...] = ()
    words: str = ""

    kind = "return_check"


@dataclass(frozen=True, slots=True)
class AboutYou:
    """What is kept of the shopper: ``do`` is show, remember, offer (to remember), drop or forget. ``keys`` name what it is about."""

    do: str
    keys: tuple[str, ...] = ()
    confirmed: bool = False

    kind = "profile"


Service = UseTool | Cart | CheckReturn | AboutYou
Act = Service | Recommend | Ask | Compare | AnswerItem | AnswerShop | OrderStatus | Explain | Say | Decline | HandOff
