"""The tables. A change here needs a new migration in ``migrations/versions`` and a new ``HEAD``."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Column, Dialect, Double, ForeignKeyConstraint, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

HEAD = "0006"
"""The newest migration: a database that says so is opened without loading alembic."""


class Money(TypeDecorator[Decimal]):
    """A Decimal kept as its own digits: 19.90 comes back as 19.90, never as a binary fraction."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Decimal to text."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Text to Decimal."""
        return None if value is None else Decimal(value)


METADATA = MetaData(
    naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(referred_table_name)s"}
)

items = Table(
    "items",
    METADATA,
    Column("item_id", Text, primary_key=True),
    Column("position", Integer, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("category_path", Text, nullable=False),  # JSON list
    Column("brand", Text, nullable=False),
    Column("price", Money),
    Column("currency", Text, nullable=False),
    Column("rating", Double),
    Column("n_ratings", Integer),
    Column("stock", Integer),
    Column("image", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON list of Attribute
)

variants = Table(
    "variants",
    METADATA,
    Column("item_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("variant_id", Text, nullable=False),
    Column("options", Text, nullable=False),  # JSON list of [name, value]
    Column("price", Money),
    Column("stock", Integer),
    ForeignKeyConstraint(["item_id"], ["items.item_id"], ondelete="CASCADE"),
)

# No foreign key to items: what shoppers did outlives the products they did it to.
events = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Double, nullable=False),
    Column("timestamp", Double, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("position", Integer),
    Column("propensity", Double),
    Column("source", Text, nullable=False),  # the file it was imported from; "" for what happened in the chat
    Index("ix_events_user_time", "user_id", "timestamp"),
    Index("ix_events_session", "session_id"),
    Index("ix_events_source", "source"),
)

effects = Table(
    "effects",
    METADATA,
    Column("key", Text, primary_key=True),  # what was done once and must not be done again
    Column("session_id", Text, nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("user_id", Text, index=True),
    Column("outcome", Text, nullable=False, server_default=""),  # what came of it; "" while it is under way
)

sessions = Table(
    "sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("user_id", Text, index=True),
    Column("state", Text, nullable=False),  # JSON of DialogueState
    Column("saved_at", Double, nullable=False, index=True),
)

# The state before a turn, so that the turn can be taken back.
checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("changed", String(32), nullable=False),  # what the turn changed outside the dialogue; "" for most
    Column("state", Text, nullable=False),  # JSON of DialogueState
)

receipts = Table(
    "receipts",
    METADATA,
    Column("turn_id", Text, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("user_id", Text, index=True),
    Column("turn", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("receipt", Text, nullable=False),  # JSON of Receipt
)

# One row a turn without a word of the shopper: what is counted over the whole shop never reads the receipts.
turns = Table(
    "turns",
    METADATA,
    Column("turn_id", Text, primary_key=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("user_id", Text, index=True),
    Column("at", Double, nullable=False, index=True),
    Column("mood", Double, nullable=False),
    Column("language", String(16), nullable=False),
    Column("acts", Text, nullable=False),  # kinds, with commas between
    Column("action", String(32), nullable=False),
    Column("asked", Text, nullable=False),  # the field that this turn asked about
    Column("waiting", Text, nullable=False),  # the field whose question waited for an answer when the message came
    Column("answer", String(16), nullable=False),  # answered, any, skipped, passed; "" where none waited
)

orders = Table(
    "orders",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("user_id", Text, nullable=False, index=True),
    Column("item_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("placed_at", Text, nullable=False),
    Column("eta", Text, nullable=False),
)

policies = Table(
    "policies",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

users = Table(
    "users",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("attributes", Text, nullable=False),  # JSON object
)

profiles = Table(
    "profiles",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("profile", Text, nullable=False),  # JSON of Profile
    Column("saved_at", Double, nullable=False),
)

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("item_id", Text, nullable=False, index=True),
    Column("user_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("rating", Double),
    Column("timestamp", Double),
)

carts = Table(
    "carts",
    METADATA,
    Column("owner", Text, primary_key=True),  # a user id, or anon:<session>
    Column("item_id", Text, primary_key=True),
    Column("variant_id", Text, primary_key=True),  # "" for an item without variants
    Column("quantity", Integer, nullable=False),
    Column("added_at", Double, nullable=False),
)

# Only the digest of a key is kept: see :mod:`chatrec.storage.api_keys`.
api_keys = Table(
    "api_keys",
    METADATA,
    Column("key_id", String(16), primary_key=True),
    Column("digest", String(64), nullable=False, index=True, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # with spaces between
    Column("created_at", Double, nullable=False),
    Column("last_used_day", String(10), nullable=False),  # ISO date in UTC; "" for a key never used
    Column("revoked_at", Double),
)

marks = Table(
    "marks",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# Who is at work on a session, so that its turns follow each other whichever process takes them.
turn_leases = Table(
    "turn_leases",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
)
