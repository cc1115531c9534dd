"""The shapes of the native API around a conversation: what is remembered, its buttons, feedback, and erasing it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from chatrec.domain import need as domain
from chatrec.domain import tool
from chatrec.domain.reply import Done, ReplyEvent
from chatrec.domain.state import DialogueState
from chatrec.service.told import Teller, whole
from chatrec.service.wire import ChatReply, Id, UserId, Wire, decimal_text


class Kept(Wire):
    """What is remembered of a conversation."""

    session_id: str
    turns: list[PastTurn] = Field([], description="oldest first, the newest 60")
    needs: list[Need] = Field([])
    active_need: int | None = None
    liked: list[str] = Field([])
    disliked: list[str] = Field([])
    cart: list[CartLine] = Field([])


class PastTurn(ChatReply):
    """A turn as it was answered; cards show the records as they stand now."""

    message: str = Field(description="what the shopper wrote, or what a button said")
    stopped: bool = Field(False, description="the shopper stopped the reply")


class Wish(Wire):
    """One constraint of a need."""

    key: str = Field(description="its name for POST /v1/sessions/{session_id}/drop", examples=["price:at_most"])
    field: str
    op: Literal["is", "is_not", "at_most", "at_least"]
    values: list[str] = Field([])
    number: float | None = None
    unit: str = ""
    strength: Literal["must", "prefer", "avoid"]
    said: str = Field("", description="the shopper's own words")


class Need(Wire):
    """One thing that the shopper looks for."""

    need_id: int
    query: str = ""
    recipient: str = ""
    wishes: list[Wish] = Field([])


class CartLine(Wire):
    """One line of the cart, at the price and stock of this moment."""

    item_id: str
    variant_id: str = ""
    quantity: int
    title: str
    options: dict[str, str] = Field({})
    price: str | None = Field(None, description="of one piece, a decimal number as text")
    currency: str = ""
    stock: int | None = None


class NewSession(Wire):
    """A session to begin with."""

    session_id: str = Field(examples=["s-Jp0X2uQ4c1mZ7yVb3kTn9aQe"])


class Erased(Wire):
    """How many rows were erased, by kind."""

    erased: dict[str, int] = Field(examples=[{"events": 12, "receipts": 3, "sessions": 1}])


class ButtonRequest(Wire):
    """A button that begins a turn."""

    user_id: UserId | None = None
    heard: str = Field("", max_length=200, description="what the conversation shows in place of a message")
    stream: bool = Field(False, description="true: server-sent events, as for POST /v1/chat")


class DropRequest(ButtonRequest):
    """A wish that no longer counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"need_id": 1, "key": "price:at_most"}]})

    need_id: int = Field(ge=0, le=2**31)
    key: str = Field(max_length=1000)


class CartRequest(ButtonRequest):
    """An item for the cart."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"item_id": "ot-0042"}]})

    item_id: Id


class DislikeRequest(ButtonRequest):
    """An item that is not for the shopper."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"item_id": "ot-0042", "heard": "Not for me: Tarnhill Vale 2"}]})

    item_id: Id


class UndoRequest(Wire):
    """The turn that is to be taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"turn_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe.3.0f2c9a51d7be"}]})

    turn_id: str | None = Field(None, max_length=300, description="refused where it is not the newest; without it the newest goes")
    user_id: UserId | None = None


class Undone(Wire):
    """A turn that was taken back."""

    turn_id: str
    message: str = Field(description="what the shopper had written; empty where a button began the turn")
    heard: str = Field(description="what the conversation had shown in place of a message")


class FeedbackRequest(Wire):
    """What a shopper did with an item."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"session_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe", "item_id": "ot-0042", "kind": "like"}]}
    )

    session_id: Id
    item_id: Id
    kind: Literal["view", "click", "like", "dislike", "cart", "purchase"]
    user_id: UserId | None = None


class Logged(Wire):
    """The event is in the log, and counts from the next turn on."""

    logged: bool = True


class ForgetRequest(Wire):
    """Who is to be forgotten: a shopper with all their sessions, or one session. Exactly one of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": "s-Jp0X2uQ4c1mZ7yVb3kTn9aQe"}]})

    session_id: Id | None = None
    user_id: UserId | None = None

    @model_validator(mode="after")
    def _one(self) -> ForgetRequest:
        if (self.session_id is None) == (self.user_id is None):
            raise ValueError("give either session_id or user_id")
        return self


def past_turn(session_id: str, message: str, events: tuple[ReplyEvent, ...]) -> PastTurn:
    """A turn that was kept."""
    told = whole(list(events), Teller(session_id))
    stopped = any(isinstance(event, Done) and event.receipt.stopped for event in events)
    return PastTurn(**told.model_dump(), message=message, stopped=stopped)


def needs(state: DialogueState) -> list[Need]:
    """What the shopper looks for."""
    return [
        Need(need_id=n.need_id, query=n.query, recipient=n.recipient, wishes=[_wish(c) for c in n.constraints]) for n in state.needs
    ]  # fmt: skip


def _wish(c: domain.Constraint) -> Wish:
    return Wish(
        key=c.key, field=c.field, op=c.op.value, values=list(c.values), number=c.number, unit=c.unit, strength=c.strength.value, said=c.said
    )


def cart_line(line: tool.CartLine) -> CartLine:
    """One line of the cart."""
    return CartLine(
        item_id=line.item_id, variant_id=line.variant_id, quantity=line.quantity, title=line.title, options=dict(line.options),
        price=decimal_text(line.price), currency=line.currency, stock=line.stock,
    )  # fmt: skip
