"""Which of a file's columns is which field: what the mapping says first, then the names that shops usually use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatrec.catalog.mapping import ATTRIBUTE, IGNORE, TableMapping
from chatrec.catalog.readers import KEY, SEQUENCE
from chatrec.errors import MissingColumn, SettingsError

Aliases = Mapping[str, Sequence[str]]

# For each field the names it goes by, the surest first. Names are compared in snake case.
ITEM_ALIASES: Aliases = {
    "item_id": (
        "item_id", "id", "product_id", "uniq_id", "object_id", "sku", "asin", "parent_asin", "product_code", "article_id",
        "article_number",
        "stock_code", "item_code", "movie_id", "book_id", "pid", "code", "handle", "isbn", "gtin", "ean", "item",
    ),
    "title": (
        "title", "name", "product_name", "product_title", "item_name", "item_title", "display_name", "productname", "label", "heading",
    ),
    "description": (
        "description", "product_description", "long_description", "desc", "body_html", "body", "details", "summary", "short_description",
        "about",
    ),
    "category": (
        "category", "categories", "category_path", "product_category_tree", "product_category", "category_name",
        "google_product_category",
        "hierarchical_categories", "product_type", "taxonomy", "genre", "department",
    ),
    "brand": ("brand", "brand_name", "manufacturer", "vendor", "maker", "product_brand"),
    "price": (
        "price", "sale_price", "discounted_price", "current_price", "selling_price", "final_price", "unit_price", "price_amount",
        "actual_price",
    ),
    "currency": ("currency", "price_currency", "currency_code"),
    "rating": ("rating", "average_rating", "avg_rating", "overall_rating", "product_rating", "rating_value", "stars", "review_rating"),
    "n_ratings": (
        "n_ratings", "rating_count", "ratings_count", "rating_number", "review_count", "reviews_count", "num_reviews",
        "number_of_reviews", "no_of_ratings",
    ),
    "stock": (
        "stock", "current_stock", "stock_quantity", "quantity_in_stock", "inventory", "in_stock", "qty", "quantity", "inventory_quantity",
        "availability",
    ),
    "image": (
        "image", "image_url", "image_link", "img", "picture", "thumbnail", "images", "image_urls", "image_src", "img_url", "main_image",
    ),
    "url": ("url", "product_url", "link", "product_link", "permalink", "page_url"),
    "variant_of": ("variant_of", "parent_id", "item_group_id", "parent_sku"),
    "options": ("options",),
    "variants": ("variants",),
}  # fmt: skip
EVENT_ALIASES: Aliases = {
    "user_id": ("user_id", "user", "customer_id", "visitor_id", "shopper_id", "reviewer_id", "client_id", "customer", "member_id"),
    "item_id": (
        "item_id", "product_id", "item", "sku", "asin", "parent_asin", "object_id", "movie_id", "stock_code", "article_id", "product",
        "book_id", "artist_id",
    ),
    "event": ("event", "event_type", "type", "action", "behavior", "behaviour", "behavior_type"),
    "value": ("value", "weight"),
    "rating": ("rating", "overall", "score", "stars"),
    "quantity": ("quantity", "qty", "count", "plays"),
    "timestamp": (
        "timestamp", "time", "ts", "date", "event_time", "created_at", "datetime", "invoice_date", "unix_review_time", "purchased_at",
        "order_date",
    ),
    "session_id": ("session_id", "session", "invoice_no", "order_id", "basket_id"),
    "history": ("item_id_list", "history", "items", "item_ids", "sequence"),
}  # fmt: skip
USER_ALIASES: Aliases = {"user_id": ("user_id", "id", "customer_id", "user", "shopper_id", "member_id")}
REVIEW_ALIASES: Aliases = {
    "item_id": EVENT_ALIASES["item_id"],
    "user_id": (*EVENT_ALIASES["user_id"], "reviewer", "author", "reviewer_name"),
    "text": ("text", "review_text", "review", "body", "comment", "content", "review_body", "summary"),
    "rating": EVENT_ALIASES["rating"],
    "timestamp": EVENT_ALIASES["timestamp"],
}
ORDER_ALIASES: Aliases = {
    "order_id": ("order_id", "id", "order", "order_number", "invoice_no"),
    "user_id": EVENT_ALIASES["user_id"],
    "item_id": EVENT_ALIASES["item_id"],
    "status": ("status", "order_status", "state"),
    "placed_at": ("placed_at", "ordered_at", "order_date", "created_at", "date", "purchased_at"),
    "eta": ("eta", "expected", "delivery_date", "expected_delivery", "arrives", "estimated_delivery"),
}

# What a shopper should not hear: what things cost the shop, other prices than the one charged, and bookkeeping.
_PRICES = re.compile(
    r"(?:^|_)(?:cost|margin|msrp|rrp|wholesale|supplier|(?:purchase|list|retail|original|old|regular|compare_at)_price)(?:_|$)"
)
_BOOKS = re.compile(
    r"^(?:crawl|scrape|index|embedding|vector|hash|slug|etag|row|unnamed|popularity|sales_rank|rank|score|objectid|guid|uuid|pid|promoted|featured|seo)(?:_|$)"
    r"|(?:_at|_timestamp|_uuid|_guid|_hash|_embedding|_vector|_url|_urls|_link|_image|_images|_license|_licence|_id|_ids)$"
    r"|^(?:timestamp|links?|urls?|images?|created|updated|modified|aliases|also_buy|also_view|also_bought|also_viewed|bought_together|related)$"
)
# Fields that a record has once: a second column for one of them is no property of its own, unless its name says little.
_ONCE = ("item_id", "title", "price", "currency", "rating", "n_ratings", "stock", "image", "url", "description")
_VAGUE = frozenset({"label", "handle", "quantity", "qty", "item", "code", "details", "about", "heading"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TYPED = re.compile(r":(?:token|token_seq|float|float_seq)$")  # RecBole's atomic files


@dataclass
class Columns:
    """Where each field of a table comes from. ``attributes`` maps the remaining columns to labels ("" for the column's own name);
    ``left_out`` says why a column is not used."""

    fields: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    by_mapping: frozenset[str] = frozenset()


def snake(name: str) -> str:
    """A column name in the form in which names are compared: ``objectID`` and ``Object Id`` are both ``object_id``."""
    name = _TYPED.sub("", name.strip())
    if not name.isupper():
        name = _CAMEL.sub("_", name)
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_")


def resolve(columns: Sequence[str], mapping: TableMapping, aliases: Aliases, required: Sequence[str], file: str) -> Columns:
    """Fields of these columns. Raises :class:`MissingColumn` for a required field without column or constant, and
    :class:`SettingsError` for a mapping that names a column that is not there, or a field that does not exist."""
    found = Columns()
    _apply_mapping(found, columns, mapping, aliases, file)
    found.by_mapping = frozenset(found.fields.values())
    taken = {*found.fields.values(), *found.attributes, *found.left_out, KEY, SEQUENCE}
    names: dict[str, str] = {}
    for column in columns:
        if column not in taken:
            names.setdefault(snake(column), column)
    for wanted, known in aliases.items():
        given = next((names[a] for a in known if a in names and names[a] not in taken), None)
        if wanted not in found.fields and given is not None:
            found.fields[wanted] = given
            taken.add(given)
    for column in columns:
        if column not in taken:
            _place_rest(found, column, mapping, _doubled(found, snake(column), aliases))
    _check_required(found, columns, mapping, required, file)
    return found


def _apply_mapping(found: Columns, columns: Sequence[str], mapping: TableMapping, aliases: Aliases, file: str) -> None:
    for column, wanted in mapping.columns.items():
        if column not in columns:
            raise SettingsError(f"the mapping names the column '{column}', but {file} has: {listed(columns)}")
        if wanted in (IGNORE, ""):
            found.left_out[column] = "the mapping says so"
        elif wanted == ATTRIBUTE or wanted.startswith(f"{ATTRIBUTE}:"):
            found.attributes[column] = wanted.partition(":")[2].strip()
        elif wanted in aliases:
            if wanted in found.fields:
                raise SettingsError(f"the mapping gives '{wanted}' two columns of {file}: '{found.fields[wanted]}' and '{column}'")
            found.fields[wanted] = column
        else:
            known = ", ".join((*aliases, ATTRIBUTE, IGNORE))
            raise SettingsError(f"the mapping sends the column '{column}' to '{wanted}', which is no field; use one of: {known}")


def _doubled(found: Columns, name: str, aliases: Aliases) -> str:
    """The column that already gives the field which this name also means, or ``""``."""
    for wanted in _ONCE:
        if wanted in found.fields and name in aliases.get(wanted, ()) and name not in _VAGUE:
            return found.fields[wanted]
    return ""


def _place_rest(found: Columns, column: str, mapping: TableMapping, doubled: str) -> None:
    name = snake(column)
    if mapping.unmapped == IGNORE:
        found.left_out[column] = "the mapping leaves out what it does not name"
    elif doubled:
        found.left_out[column] = f"means the same as '{doubled}', which is used; map it to use it"
    elif _PRICES.search(name):
        found.left_out[column] = "another price than the one charged; map it to use it"
    elif _BOOKS.search(name):
        found.left_out[column] = "bookkeeping, by its name; map it to use it"
    else:
        found.attributes[column] = ""


def _check_required(found: Columns, columns: Sequence[str], mapping: TableMapping, required: Sequence[str], file: str) -> None:
    for wanted in required:
        if wanted in found.fields or wanted in mapping.constants:
            continue
        hint = f'name it in the mapping under columns: "your column" = "{wanted}"'
        if wanted == "item_id":
            hint += ', or say id_from = "position" or id_from = ["column", ...] for a file without ids'
        raise MissingColumn(f"{file} has no column for '{wanted}' (columns: {listed(columns)}); {hint}")


def listed(columns: Sequence[str]) -> str:
    """Column names for a message, bounded."""
    names = [c[:40] for c in columns if c not in (KEY, SEQUENCE)]
    return (", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")) or "none"
