from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool

from chatrec.bot import ChatRec
from chatrec.errors import SearchError
from chatrec.integrations.langchain import CatalogueRetriever, agent_tools
from chatrec.integrations.search import Filters, search


@pytest.fixture
def retriever(bot: ChatRec) -> CatalogueRetriever:
    return CatalogueRetriever(bot, k=4)


@pytest.fixture
def tools(bot: ChatRec) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in agent_tools(bot)}


def test_documents_are_items_as_the_shop_sells_them_now(retriever: CatalogueRetriever, bot: ChatRec) -> None:
    found = retriever.invoke("a waterproof jacket for hiking")
    assert len(found) == 4
    assert len({d.id for d in found}) == 4
    for document in found:
        item = bot.live_item(str(document.id))
        assert document.metadata["item_id"] == item.item_id
        assert document.metadata["price"] == str(item.price)
        assert document.metadata["stock"] == item.stock
        assert item.title in document.page_content
    scores = [d.metadata["score"] for d in found]
    assert scores == sorted(scores, reverse=True)


def test_limits_in_the_words_and_in_the_filter_hold(retriever: CatalogueRetriever) -> None:
    cheap = retriever.invoke("a tent under 200", k=10)
    assert cheap
    assert all(Decimal(d.metadata["price"]) <= 200 and d.metadata["category"] == "tents" for d in cheap)
    bounded = retriever.invoke("a tent", k=10, filter={"min_price": 200, "max_price": 400, "in_stock": True})
    assert bounded
    assert all(200 <= Decimal(d.metadata["price"]) <= 400 and d.metadata["stock"] > 0 for d in bounded)
    brand = bounded[0].metadata["brand"]
    assert {d.metadata["brand"] for d in retriever.invoke("", filter={"brand": brand.upper()}, k=10)} == {brand}


def test_a_price_that_changed_counts_at_once(retriever: CatalogueRetriever, bot: ChatRec) -> None:
    first = retriever.invoke("a tent under 200")[0]
    before = bot.live(str(first.id)).price
    bot.set_price(str(first.id), Decimal("999.00"))
    try:
        assert first.id not in {d.id for d in retriever.invoke("a tent under 200", k=20)}
    finally:
        bot.set_price(str(first.id), before)


def test_what_the_shop_does_not_record_is_told_with_what_it_does(bot: ChatRec) -> None:
    with pytest.raises(SearchError, match="tents"):
        search(bot, "something", filters=Filters(category="tentz"))
    with pytest.raises(SearchError, match="hold no 'warp drive'"):
        search(bot, "something", filters=Filters(attributes={"warp drive": "yes"}))
    for wrong in ({"k": 0}, {"k": 51}, {"query": "x" * 501}):
        with pytest.raises(SearchError):
            search(bot, **{"query": "a tent", **wrong})  # type: ignore[arg-type]
    assert search(bot, "a tent under 1") == []
    assert search(bot, "the tents", 3, Filters(category="Tent"))[0].item.category == "tents"


def test_the_retriever_in_a_chain_in_batches_and_asynchronously(retriever: CatalogueRetriever) -> None:
    chain = retriever | RunnableLambda(lambda documents: [d.id for d in documents])
    asked = ["a tent", "a head torch"]
    assert chain.batch(asked) == [chain.invoke(a) for a in asked]
    assert asyncio.run(chain.ainvoke("a tent")) == chain.invoke("a tent")
    assert "bot" not in repr(retriever)


def test_the_tools_are_described_and_bounded(tools: dict[str, BaseTool]) -> None:
    assert set(tools) == {"search_items", "recommend", "item", "compare"}
    for tool in tools.values():
        schema = tool.args_schema.model_json_schema()  # type: ignore[union-attr]
        assert schema["additionalProperties"] is False
        assert len(tool.description) > 20
    assert "cannot be used" in tools["search_items"].invoke({"query": "a tent", "k": 1000})
    assert "cannot be used" in tools["compare"].invoke({"item_ids": ["one"]})


def test_an_agent_searches_reads_and_compares(tools: dict[str, BaseTool], bot: ChatRec) -> None:
    call = {"name": "search_items", "args": {"query": "a tent", "max_price": 300, "k": 3}, "id": "call-1", "type": "tool_call"}
    message = tools["search_items"].invoke(call)
    assert isinstance(message, ToolMessage)
    found = json.loads(str(message.content))["items"]
    assert len(found) == 3
    assert all(float(line["price"]) <= 300 for line in found)
    record = tools["item"].invoke({"item_id": found[0]["item_id"]})
    assert record["description"] == bot.live_item(found[0]["item_id"]).description
    assert record["facts"]
    table = tools["compare"].invoke({"item_ids": [line["item_id"] for line in found]})
    assert [line["item_id"] for line in table["items"]] == [line["item_id"] for line in found]
    assert all(len(row["values"]) == 3 for row in table["rows"])


def test_recommendations_leave_no_trace(tools: dict[str, BaseTool], bot: ChatRec) -> None:
    before = bot.database.events.count()
    home = tools["recommend"].invoke({})
    assert len(home["items"]) == 5
    item_id = home["items"][0]["item_id"]
    beside = tools["recommend"].invoke({"placement": "item", "item_id": item_id, "k": 3})
    assert item_id not in {line["item_id"] for line in beside["items"]}
    assert bot.database.events.count() == before


def test_a_tool_that_cannot_says_so_in_a_sentence(tools: dict[str, BaseTool]) -> None:
    assert "no item 'nothing'" in tools["item"].invoke({"item_id": "nothing"})
    assert "tents" in tools["search_items"].invoke({"query": "x", "category": "tentz"})
    assert "item_id" in tools["recommend"].invoke({"placement": "item"})
