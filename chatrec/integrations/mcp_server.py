"""An MCP server over an open shop: search, recommend, explain, item and feedback for any assistant that speaks the protocol."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from chatrec import __version__
from chatrec.errors import ChatrecError
from chatrec.integrations import catalogue as shop

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

# Nothing outside the shop is reached, and nothing is changed.
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
# An event is added to a log: nothing is taken away, and doing it twice is two events.
NOTES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
MOST_NAMED = 100
SessionId = Annotated[
    str | None, Field(min_length=1, max_length=200, pattern=r"^[\w.:-]+$", description="whose feedback; one of this server unless given")
]
Judgement = Literal["view", "click", "like", "dislike", "cart", "purchase"]


class Noted(BaseModel):
    """What was logged, and for whom."""

    session_id: str
    item_id: str
    kind: str


class About(BaseModel):
    """What the shop sells."""

    shop: str
    items: int
    currency: str
    categories: list[str]
    brands: list[str]
    policies: list[str]


def make_server(bot: ChatRec) -> MCPServer[None]:
    """The server over an open shop, which stays the caller's to close. Prices and stock are those of the moment. Every shopper is a
    visitor: no orders and no profiles are within reach."""
    server: MCPServer[None] = MCPServer(
        "chatrec", title=str(bot.about()["shop"]), version=__version__, log_level="WARNING",
        instructions="Search this shop's catalogue and recommend from it. Name only items, prices and properties that a tool gave you; "
        "read shop://about for categories and brands, shop://policies/NAME for the shop's rules.",
    )  # fmt: skip
    _add_readers(server, bot)
    _add_feedback(server, bot)
    _add_resources(server, bot)
    return server


def _add_readers(server: MCPServer[None], bot: ChatRec) -> None:
    @server.tool(title="Search the catalogue", annotations=READS)
    def search(query: shop.Words, limits: shop.Narrowing = shop.Narrowing(), k: shop.Count = 5) -> shop.ItemList:  # noqa: B008
        """Items for words such as "a tent for two under 200", best first. Limits that the words name hold; further ones go in `limits`."""
        with _told():
            return shop.find_items(bot, query, limits, k)

    @server.tool(title="Recommend without words", annotations=READS)
    def recommend(
        placement: shop.Kind = "home",
        item_id: Annotated[str | None, Field(max_length=shop.MOST_ID_CHARS, description="for placement item")] = None,
        cart: Annotated[list[shop.ItemId], Field(max_length=50, description="for placement cart: what lies in it")] = [],  # noqa: B006
        k: shop.Count = 5,
    ) -> shop.ItemList:
        """A varied list: what is popular (home), what goes with or is like an item (item), what completes a cart (cart)."""
        with _told():
            return shop.recommend_items(bot, placement, k, item_id=item_id, cart=cart)

    @server.tool(title="Explain an item", annotations=READS)
    def explain(item_id: shop.ItemId, query: shop.Words) -> shop.Explained:
        """Why an item is, or is not, what was asked for: limits kept and broken, its place among all that was found, and its facts."""
        with _told():
            return shop.explain_item(bot, item_id, query)

    @server.tool(title="Read an item", annotations=READS)
    def item(item_id: shop.ItemId) -> shop.ItemRecord:
        """All that the shop records of one item, with the price and stock of this moment."""
        with _told():
            return shop.item_record(bot, item_id)


def _add_feedback(server: MCPServer[None], bot: ChatRec) -> None:
    visitor = f"mcp-{secrets.token_urlsafe(18)}"

    @server.tool(title="Note what a shopper did", annotations=NOTES)
    def feedback(item_id: shop.ItemId, kind: Judgement, session_id: SessionId = None) -> Noted:
        """Logs that a shopper saw, clicked, liked, disliked, carted or bought an item. It orders nothing: it only teaches the shop."""
        with _told():
            session = session_id or visitor
            bot.feedback(session, item_id, kind)
            return Noted(session_id=session, item_id=item_id, kind=kind)


def _add_resources(server: MCPServer[None], bot: ChatRec) -> None:
    @server.resource("shop://about", name="about", title="What the shop sells", mime_type="application/json")
    def about() -> str:
        """Categories, brands, currency and the names of the policies."""
        return _about(bot).model_dump_json()

    for name in bot.database.policies.all():
        server.resource(f"shop://policies/{name}", name=name, title=_title(name), mime_type="text/markdown")(_policy(bot, name))


def _policy(bot: ChatRec, name: str) -> Callable[[], str]:
    def policy() -> str:
        text = bot.database.policies.all().get(name)
        if text is None:
            raise ResourceNotFoundError(f"the shop has no policy '{name}' any more")
        return text

    policy.__doc__ = f"The shop's own words on {_title(name).lower()}."
    return policy


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _about(bot: ChatRec) -> About:
    told, items = bot.about(), bot.items()
    return About(
        shop=told["shop"],
        items=told["items"],
        currency=told["currency"],
        categories=_names(i.category for i in items),
        brands=_names(i.brand for i in items),
        policies=list(bot.database.policies.all()),
    )


def _names(values: Iterable[str]) -> list[str]:
    return sorted({v for v in values if v})[:MOST_NAMED]


@contextmanager
def _told() -> Iterator[None]:
    """An error of chatrec's own becomes one that the model reads and can act on."""
    try:
        yield
    except ChatrecError as error:
        raise ToolError(str(error)) from error
