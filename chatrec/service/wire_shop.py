"""The shapes of the native API for the shop's pages: an item's record, and lists of items."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from chatrec.domain import item as domain
from chatrec.placements import MOST_CARDS, MOST_IN_CART, Placement
from chatrec.service.wire import Card, Id, SessionId, UserId, Wire, card, decimal_text, safe_image, safe_url

PLACEMENTS = Literal["home", "item", "cart", "search", "personal"]


class RecommendQuery(Wire):
    """What a page asks for."""

    model_config = ConfigDict(extra="forbid")

    item_id: Id | None = Field(None, description="item: the product whose page it is")
    cart: list[Id] = Field([], max_length=MOST_IN_CART, description="cart: what lies in it, one value each; absent: the cart that is kept")
    q: str = Field("", max_length=500, description="search: the words searched for")
    k: int = Field(6, ge=1, le=MOST_CARDS, description="how many items")
    session_id: SessionId | None = None
    user_id: UserId | None = None


class Property(Wire):
    """One property of an item beyond the usual ones."""

    name: str
    values: list[str]
    number: float | None = None
    unit: str = ""


class Version(Wire):
    """One buyable version of an item."""

    variant_id: str
    options: dict[str, str]
    price: str | None = None
    stock: int | None = None


class Item(Wire):
    """An item's record, with price and stock of this moment; null means that the shop does not say."""

    item_id: str
    title: str
    description: str = ""
    category: str = ""
    category_path: list[str] = Field([])
    brand: str = ""
    price: str | None = None
    currency: str = ""
    rating: float | None = None
    n_ratings: int | None = None
    stock: int | None = None
    image: str = Field("", description="https address of a picture on a host that the shop allows; empty otherwise")
    url: str = ""
    attributes: list[Property] = Field([])
    variants: list[Version] = Field([])


class Recommended(Wire):
    """A list for one place of a shop's page."""

    placement: PLACEMENTS
    items: list[Card]
    propensities: dict[str, float] = Field(description="by item id: the probability with which it is shown at all")
    generation: int = Field(description="number of the catalogue generation that answered")
    notes: list[str] = Field([], description="what of a search could not be taken, and ways out where nothing matches")


def item(record: domain.Item, image: str) -> Item:
    """A record for the wire."""
    return Item(
        item_id=record.item_id, title=record.title, description=record.description, category=record.category,
        category_path=list(record.category_path), brand=record.brand, price=decimal_text(record.price), currency=record.currency,
        rating=record.rating, n_ratings=record.n_ratings, stock=record.stock, image=safe_image(image), url=safe_url(record.url),
        attributes=[Property(name=a.name, values=list(a.values), number=a.number, unit=a.unit) for a in record.attributes],
        variants=[
            Version(variant_id=v.variant_id, options=dict(v.options), price=decimal_text(v.price), stock=v.stock) for v in record.variants
        ],
    )  # fmt: skip


def recommended(found: Placement) -> Recommended:
    """A list for the wire."""
    return Recommended.model_validate({
        "placement": found.placement, "items": [card(c) for c in found.cards], "propensities": dict(found.propensities),
        "generation": found.generation, "notes": list(found.notes),
    })  # fmt: skip
