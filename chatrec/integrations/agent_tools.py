"""Tools for an agent: a shop's catalogue in reach of a language model, to read and never to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from langchain_core.tools import BaseTool, StructuredTool, ToolException
from pydantic import BaseModel, ConfigDict, Field

from chatrec.errors import ChatrecError
from chatrec.integrations import catalogue as shop

if TYPE_CHECKING:
    from chatrec.bot import ChatRec


class SearchArguments(shop.Narrowing):
    """What to search for."""

    model_config = ConfigDict(extra="forbid")
    query: shop.Words
    k: shop.Count = 5


class RecommendArguments(BaseModel):
    """What the list is for."""

    model_config = ConfigDict(extra="forbid")
    placement: Annotated[
        shop.Kind, Field(description="home: popular and varied; item: goes with or is like item_id; cart: completes the cart")
    ] = "home"
    item_id: Annotated[str | None, Field(max_length=shop.MOST_ID_CHARS, description="for placement item")] = None
    cart: Annotated[list[shop.ItemId], Field(max_length=50, description="for placement cart: ids of what lies in it")] = []
    k: shop.Count = 5


class ItemArguments(BaseModel):
    """Which item."""

    model_config = ConfigDict(extra="forbid")
    item_id: shop.ItemId


class CompareArguments(BaseModel):
    """Which items."""

    model_config = ConfigDict(extra="forbid")
    item_ids: Annotated[list[shop.ItemId], Field(min_length=2, max_length=shop.MOST_COMPARED)]


def agent_tools(bot: ChatRec) -> list[BaseTool]:
    """``search_items``, ``recommend``, ``item`` and ``compare``. Each gives JSON-ready data from the records at this moment; what cannot
    be done comes back as a sentence that the model can act on, not as an exception."""

    def search_items(query: str, k: int = 5, **narrowing: Any) -> dict[str, Any]:
        return shop.find_items(bot, query, shop.Narrowing(**narrowing), k).model_dump()

    def recommend(placement: shop.Kind = "home", item_id: str | None = None, cart: list[str] | None = None, k: int = 5) -> dict[str, Any]:
        return shop.recommend_items(bot, placement, k, item_id=item_id, cart=cart or []).model_dump()

    def item(item_id: str) -> dict[str, Any]:
        return shop.item_record(bot, item_id).model_dump()

    def compare(item_ids: list[str]) -> dict[str, Any]:
        return shop.compare_items(bot, item_ids).model_dump()

    return [
        _tool(search_items, SearchArguments, "Search the shop's catalogue by words and limits. Gives items with live price and stock."),
        _tool(recommend, RecommendArguments, "A list of items without words: popular ones, what goes with an item, what completes a cart."),
        _tool(item, ItemArguments, "Everything the shop records of one item, with live price and stock."),
        _tool(compare, CompareArguments, "Two to four items side by side: the properties that differ."),
    ]


def _tool(function: Callable[..., dict[str, Any]], arguments: type[BaseModel], description: str) -> BaseTool:
    def told(**given: Any) -> dict[str, Any]:
        try:
            return function(**given)
        except ChatrecError as error:
            raise ToolException(str(error)) from error

    return StructuredTool.from_function(
        told, name=function.__name__, description=description, args_schema=arguments, handle_tool_error=True,
        handle_validation_error=lambda error: f"The arguments cannot be used: {error}",
    )  # fmt: skip
