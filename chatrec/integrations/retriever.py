"""The hybrid search as a LangChain retriever: items of the catalogue as documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from chatrec.errors import SearchError
from chatrec.integrations.search import MOST_HITS, MOST_QUERY_CHARS, Filters, Hit, search

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

_FILTERS = ("category", "brand", "min_price", "max_price", "min_rating", "in_stock", "attributes")


class CatalogueRetriever(BaseRetriever):
    """Words to documents, best first: dense vectors and BM25 fused, and within every limit that the words or ``filter`` name, at the price
    and stock of this moment.

    ``page_content`` is title, category and description; ``metadata`` holds item_id, title, brand, category, price (text, exact),
    currency, rating, n_ratings, stock, url, score and reason. ``k`` and ``filter`` (a dict of category, brand, min_price, max_price,
    min_rating, in_stock, attributes) may be given with a call as well. Raises :class:`SearchError` for a filter that the shop does not
    record.
    """

    bot: Any = Field(exclude=True, repr=False)
    k: int = Field(5, ge=1, le=MOST_HITS)
    filter: dict[str, Any] = Field(default_factory=dict)

    def __init__(self, bot: ChatRec, **more: Any) -> None:
        super().__init__(bot=bot, **more)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None, filter: Mapping[str, Any] | None = None
    ) -> list[Document]:
        limits = _filters({**self.filter, **(filter or {})})
        hits = search(self.bot, query[:MOST_QUERY_CHARS], self.k if k is None else k, limits)
        return [_document(hit) for hit in hits]


def _filters(given: Mapping[str, Any]) -> Filters:
    if unknown := sorted(set(given) - set(_FILTERS)):
        raise SearchError(f"there is no filter '{unknown[0]:.60}'; use {', '.join(_FILTERS)}, and attributes for other fields")
    return Filters(**given)


def _document(hit: Hit) -> Document:
    item = hit.item
    told = {
        "item_id": item.item_id, "title": item.title, "brand": item.brand, "category": item.category, "url": item.url,
        "price": None if item.price is None else str(item.price), "currency": item.currency, "rating": item.rating,
        "n_ratings": item.n_ratings, "stock": item.stock, "score": hit.score, "reason": hit.reason,
    }  # fmt: skip
    heading = f"{item.title} ({item.category})" if item.category else item.title
    return Document(id=item.item_id, page_content=f"{heading}\n{item.description}".strip(), metadata=told)
