"""What a program may ask of a shop without a chat, as plain typed answers: the tools of an agent and of the MCP server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from chatrec.dialogue.cards import card_title, comparison_rows
from chatrec.domain.figures import live_facts
from chatrec.domain.item import Item
from chatrec.errors import SearchError
from chatrec.integrations.search import Filters, explain, search

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

MOST_SHOWN = 20
MOST_COMPARED = 4
MOST_ID_CHARS = 200

ItemId = Annotated[str, Field(min_length=1, max_length=MOST_ID_CHARS, description="an item id as search or recommend gave it")]
Words = Annotated[str, Field(max_length=500, description='what is wanted, in plain words; limits count ("a tent for two under 200")')]
Count = Annotated[int, Field(ge=1, le=MOST_SHOWN, description="how many items at most")]
Name = Annotated[str, Field(max_length=100)]
Kind = Literal["home", "item", "cart", "personal"]


class Narrowing(BaseModel):
    """Hard limits, beside those that the words name."""

    category: Annotated[Name, Field(description="a category of this shop")] = ""
    brand: Annotated[Name, Field(description="a brand of this shop")] = ""
    min_price: Annotated[float | None, Field(ge=0, description="lowest price, in the shop's currency")] = None
    max_price: Annotated[float | None, Field(ge=0, description="highest price, in the shop's currency")] = None
    min_rating: Annotated[float | None, Field(ge=0, description="lowest average rating")] = None
    in_stock: Annotated[bool, Field(description="only what can be bought now")] = False

    def filters(self) -> Filters:
        """As the search takes them."""
        return Filters(self.category, self.brand, self.min_price, self.max_price, self.min_rating, self.in_stock)


class ItemLine(BaseModel):
    """An item in a list. A price is text, exact; what is null is not recorded."""

    item_id: str
    title: str
    brand: str = ""
    category: str = ""
    price: str | None = None
    currency: str = ""
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = None
    url: str = ""
    why: str = Field("", description="why it is in the list")


class ItemRecord(ItemLine):
    """All that the shop records of an item."""

    description: str = ""
    facts: list[str] = []
    options: dict[str, list[str]] = {}


class ItemList(BaseModel):
    """Items, best first. ``notes`` say what could not be taken of a request."""

    items: list[ItemLine]
    notes: list[str] = []


class ComparisonRow(BaseModel):
    """One property that differs, with a value an item; "not listed" where a record is silent."""

    property: str
    values: list[str]


class ComparisonTable(BaseModel):
    """Two to four items side by side, in the order they were asked for."""

    items: list[ItemLine]
    rows: list[ComparisonRow]


class Explained(BaseModel):
    """Why an item is, or is not, what was asked for: by the record, not by a model."""

    item: ItemLine
    limits_kept: list[str]
    limits_broken: list[str]
    reason: str = Field(description="what led to it: words, behaviour, likeness")
    place: int | None = Field(description="its place among all that was found, from 1; null where it was not found")
    facts: list[str]


def find_items(bot: ChatRec, query: str, narrowing: Narrowing, k: int) -> ItemList:
    """The hybrid search. Raises :class:`SearchError`."""
    if not query.strip() and narrowing == Narrowing():
        raise SearchError("a search needs words or a filter; for what is popular ask for a recommendation")
    hits = search(bot, query, k, narrowing.filters())
    return ItemList(items=[_line(bot, hit.item, hit.reason) for hit in hits], notes=[] if hits else ["Nothing in the shop matches."])


def recommend_items(
    bot: ChatRec, placement: Kind, k: int, *, item_id: str | None = None, cart: Sequence[str] = (), session_id: str | None = None
) -> ItemList:
    """A list without words. Raises :class:`chatrec.errors.PlacementError`, :class:`UnknownItem`."""
    made = bot.recommend(placement, item_id=item_id, cart=cart, k=k, session_id=session_id)
    return ItemList(items=[_line(bot, bot.live_item(card.item_id), card.why) for card in made.cards], notes=list(made.notes))


def item_record(bot: ChatRec, item_id: str) -> ItemRecord:
    """The record of an item at this moment. Raises :class:`UnknownItem`."""
    item = bot.live_item(item_id)
    with bot.serving() as parts:
        facts = [fact.text for fact in live_facts(item, parts.shelf.facts(item_id))]
    options = {name: list(values) for name, values in item.options().items()}
    line = _line(bot, item, "").model_dump(exclude={"why"})
    return ItemRecord(**line, description=item.description, facts=facts, options=options)


def compare_items(bot: ChatRec, item_ids: Sequence[str]) -> ComparisonTable:
    """The properties that differ. Raises :class:`SearchError` for fewer than two different items, :class:`UnknownItem`."""
    once = list(dict.fromkeys(item_ids))
    if not 2 <= len(once) <= MOST_COMPARED:
        raise SearchError(f"{len(once)} different items were named; 2 to {MOST_COMPARED} can be compared")
    items = [bot.live_item(item_id) for item_id in once]
    rows = [ComparisonRow(property=name, values=list(values)) for name, values in comparison_rows(items, _currency(bot))]
    return ComparisonTable(items=[_line(bot, item, "") for item in items], rows=rows)


def explain_item(bot: ChatRec, item_id: str, query: str) -> Explained:
    """How an item stands to what the words ask for. Raises :class:`UnknownItem`."""
    told = explain(bot, item_id, query)
    return Explained(
        item=_line(bot, told.item, told.reason), limits_kept=list(told.kept), limits_broken=list(told.broken), reason=told.reason,
        place=told.place, facts=list(told.facts),
    )  # fmt: skip


def _line(bot: ChatRec, item: Item, why: str) -> ItemLine:
    price = None if item.price is None else str(item.price)
    return ItemLine(
        item_id=item.item_id, title=card_title(item.title), brand=item.brand, category=item.category, price=price,
        currency=(item.currency or _currency(bot)) if price else "", rating=item.rating, n_ratings=item.n_ratings, stock=item.stock,
        url=item.url, why=why,
    )  # fmt: skip


def _currency(bot: ChatRec) -> str:
    with bot.serving() as parts:
        return parts.limits.currency
