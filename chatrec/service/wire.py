"""The shapes of the native API: what a client sends, and what it reads. Text is plain throughout; a page escapes what it shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chatrec.domain.context import MOST_ITEMS, Context
from chatrec.domain.reply import Alternatives
from chatrec.domain.reply import Card as ShownCard
from chatrec.domain.reply import Cards as ShownCards
from chatrec.domain.reply import Chip as ShownChip
from chatrec.domain.reply import Comparison as ShownComparison
from chatrec.storage.sessions import MOST_ID_CHARS, is_storable

# The longest message that any shop may allow (dialogue.message_chars); what is longer than the shop's own limit is cut, and said so.
MOST_MESSAGE_CHARS = 100_000
MOST_USER_CHARS = 200

CARD_EXAMPLE: dict[str, Any] = {
    "position": 1, "item_id": "ot-0042", "title": "Tarnhill Vale 2", "brand": "Tarnhill", "category": "tents", "price": "189.00",
    "currency": "USD", "rating": 4.6, "n_ratings": 31, "stock": 12, "image": "", "url": "https://shop.example/p/ot-0042",
    "why": "under $200.00 · popular", "facts": ["for 2 people", "weighs 1.9 kg"],
    "options": [{"name": "colour", "values": ["green", "sand"]}], "breaks": "",
}  # fmt: skip


def printable(text: str) -> str:
    """The id. Raises :class:`ValueError` for what no database takes as one."""
    if not is_storable(text):
        raise ValueError("an id is printable text")
    return text


class Wire(BaseModel):
    """Base of all that is read and written: unknown names in a request are errors, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


Id = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_CHARS), AfterValidator(printable)]
SessionId = Annotated[Id, Field(description="a session; leave it out to begin one", examples=["s-Jp0X2uQ4c1mZ7yVb3kTn9aQe"])]
UserId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MOST_USER_CHARS),
    AfterValidator(printable),
    Field(description="a shopper whom the shop itself has verified; needs a key with the scope users", examples=["shopper-0001"]),
]


class PageContext(Wire):
    """Where the shopper is: what the shop's page knows without anyone having said it."""

    item_id: Id | None = Field(None, description="the item whose page the shopper is on")
    page: list[Id] = Field([], max_length=MOST_ITEMS, description="items that the page is about, where there are several")
    category: str = Field("", max_length=200, description="the category whose page it is; kept for the shop's own use")
    cart: list[Id] = Field([], max_length=MOST_ITEMS, description="what lies in the cart, oldest first")
    moment: float | None = Field(None, allow_inf_nan=False, description="unix seconds as the shop's clock shows them")

    def value(self) -> Context:
        """As the bot takes it."""
        page = self.page if self.item_id is None else [*(i for i in self.page if i != self.item_id), self.item_id]
        return Context(tuple(page), tuple(self.cart), self.moment)


class ChatRequest(Wire):
    """One message of a shopper."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "a tent under $200", "stream": False}]})

    message: str = Field(max_length=MOST_MESSAGE_CHARS, description="what the shopper wrote")
    session_id: SessionId | None = None
    user_id: UserId | None = None
    context: PageContext | None = None
    stream: bool = Field(False, description="true: server-sent events, as things are found and verified")
    receipt: bool = Field(False, description="true: the turn's receipt comes with the end; needs the scope sessions")


class Option(Wire):
    """Something a version of an item differs in, and its values."""

    name: str
    values: list[str]


class Card(Wire):
    """One item as shown; everything on it comes from the shop's records."""

    model_config = ConfigDict(json_schema_extra={"examples": [CARD_EXAMPLE]})

    position: int = Field(description="its number in the list, from 1")
    item_id: str
    title: str
    brand: str = ""
    category: str = ""
    price: str | None = Field(None, description="a decimal number as text; null where the shop lists none")
    currency: str = Field("", description="ISO 4217")
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = Field(None, description="pieces; null where the shop does not say")
    image: str = Field("", description="https address of a picture on a host that the shop allows; empty otherwise")
    url: str = Field("", description="http(s) address of its page; empty where there is none")
    why: str = Field("", description="why it is shown")
    facts: list[str] = []
    options: list[Option] = []
    breaks: str = Field("", description="of an alternative: the wish that it does not fulfil")


class CardList(Wire):
    """A list of cards. Event ``cards``, or ``alternatives`` where nothing matches all of the wishes."""

    cards: list[Card]
    need_id: int = Field(description="which of the shopper's needs it answers")
    heading: str = ""


class Row(Wire):
    """One property in which the compared items differ."""

    property: str
    values: list[str] = Field(description='one for each item; "not listed" where the record does not say')


class Comparison(Wire):
    """A table of the properties that differ. Event ``comparison``."""

    titles: list[str]
    item_ids: list[str]
    rows: list[Row]


class Sentence(Wire):
    """One verified sentence. Event ``sentence``."""

    text: str
    act: str = Field(description="what the sentence is part of", examples=["recommend"])
    cites: list[str] = Field([], description="ids of the items that it speaks of")


class Chip(Wire):
    """Something to tap: ``constraint`` (dropping it: POST /v1/sessions/{id}/drop), ``answer``, ``followup`` or ``undo`` (send
    ``message``), ``profile`` (something remembered)."""

    kind: str
    label: str
    message: str = ""
    need_id: int = 0
    key: str = ""


class ChipList(Wire):
    """What can be tapped now. Event ``chips``."""

    chips: list[Chip]


class Begun(Wire):
    """The first event of a stream. Event ``session``."""

    session_id: str


class Ended(Wire):
    """The end of a turn. Event ``done``."""

    session_id: str
    turn_id: str
    text: str = Field(description="the whole reply")
    action: Literal["", "hand_off", "forgotten"] = Field(description="hand_off: a person is to take over; forgotten: all is erased")
    receipt: dict[str, Any] | None = None


class ChatReply(Ended):
    """A whole turn, without a stream."""

    sentences: list[Sentence] = []
    cards: list[CardList] = []
    alternatives: list[CardList] = []
    comparison: Comparison | None = None
    chips: list[Chip] = []


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(examples=["busy"])
    message: str = Field(examples=["Too many shoppers are waiting for an answer. Try again in some seconds."])
    retry_after_s: int | None = Field(None, description="seconds after which trying again helps; also in the header Retry-After")
    details: list[dict[str, Any]] | None = Field(None, description="of a request that cannot be read: which part, and why")


class ErrorBody(BaseModel):
    """The body of every error. Event ``error`` in a stream."""

    error: ErrorDetail


def card(shown: ShownCard) -> Card:
    """A card for the wire: no drawn picture, and no address that is not one of the web."""
    return Card(
        position=shown.position, item_id=shown.item_id, title=shown.title, brand=shown.brand, category=shown.category,
        price=decimal_text(shown.price), currency=shown.currency, rating=shown.rating, n_ratings=shown.n_ratings, stock=shown.stock,
        image=safe_image(shown.image), url=safe_url(shown.url), why=shown.why, facts=list(shown.facts),
        options=[Option(name=n, values=list(v)) for n, v in shown.options], breaks=shown.breaks,
    )  # fmt: skip


def card_list(event: ShownCards | Alternatives) -> CardList:
    """The cards of an act."""
    return CardList(cards=[card(c) for c in event.cards], need_id=event.need_id, heading=event.heading)


def comparison(event: ShownComparison) -> Comparison:
    """The table of an act."""
    rows = [Row(property=name, values=list(values)) for name, values in event.rows]
    return Comparison(titles=list(event.titles), item_ids=list(event.item_ids), rows=rows)


def chip(shown: ShownChip) -> Chip:
    """A chip."""
    return Chip(kind=shown.kind, label=shown.label, message=shown.message, need_id=shown.need_id, key=shown.key)


def decimal_text(price: Decimal | None) -> str | None:
    """A price without an exponent."""
    return None if price is None else f"{price:f}"


def safe_image(address: str) -> str:
    """A picture's address; empty for a drawn one, which a page draws itself."""
    return address if address.startswith("https://") else ""


def safe_url(address: str) -> str:
    """An address of the web; empty for any other, such as one that would run as a script."""
    return address if address.startswith(("https://", "http://")) else ""
