"""Shoppers: what the shop says of them, what they liked, what they ordered and what lies in their carts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select, update

from chatrec.domain.item import Order
from chatrec.domain.profile import Profile
from chatrec.storage import schema
from chatrec.storage.codec import Codec
from chatrec.storage.connections import Connections, insert_new

_PROFILE: Codec[Profile] = Codec(Profile)
_ORDER = ("order_id", "user_id", "item_id", "status", "placed_at", "eta")


class UserTable:
    """The shoppers that the shop knows, with their attributes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def replace_all(self, users: Mapping[str, Mapping[str, str]]) -> int:
        """Puts these shoppers (id -> attributes) in place of all; gives their number. One transaction."""
        rows = [{"user_id": user_id, "attributes": json.dumps(dict(attributes))} for user_id, attributes in users.items()]
        with self._connections.writing() as connection:
            connection.execute(delete(schema.users))
            if rows:
                connection.execute(insert(schema.users), rows)
        return len(rows)

    def known(self, user_id: str) -> bool:
        """Whether the shop knows this shopper: from its list of users, an order, or an imported event."""
        event, order, user = schema.events.c, schema.orders.c, schema.users.c
        found = or_(
            exists().where(user.user_id == user_id),
            exists().where(order.user_id == user_id),
            exists().where(event.user_id == user_id, event.source != ""),
        )
        with self._connections.reading() as connection:
            return bool(connection.execute(select(found)).scalar_one())

    def attributes(self, user_id: str) -> dict[str, str]:
        """The shopper's attributes; empty where the shop listed none."""
        with self._connections.reading() as connection:
            text = connection.execute(select(schema.users.c.attributes).where(schema.users.c.user_id == user_id)).scalar()
        return {} if text is None else dict(json.loads(text))

    def all(self) -> dict[str, dict[str, str]]:
        """Every listed shopper's attributes, by id."""
        with self._connections.reading() as connection:
            rows = connection.execute(select(schema.users).order_by(schema.users.c.user_id)).all()
        return {row.user_id: dict(json.loads(row.attributes)) for row in rows}


class ProfileTable:
    """What verified shoppers liked and disliked across their dialogues."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def load(self, user_id: str) -> Profile:
        """The profile; an empty one for a shopper without."""
        with self._connections.reading() as connection:
            text = connection.execute(select(schema.profiles.c.profile).where(schema.profiles.c.user_id == user_id)).scalar()
        return Profile(user_id) if text is None else _PROFILE.value(text)

    def save(self, profile: Profile) -> None:
        """Keeps the profile in place of the one before; an empty one leaves no row."""
        row = {"user_id": profile.user_id, "profile": _PROFILE.text(profile), "saved_at": time.time()}
        with self._connections.writing() as connection:
            connection.execute(delete(schema.profiles).where(schema.profiles.c.user_id == profile.user_id))
            if not profile.is_empty:
                connection.execute(insert(schema.profiles), row)


class OrderTable:
    """The shop's orders, line by line."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def replace_all(self, orders: Iterable[Order]) -> int:
        """Puts these lines in place of all orders; gives their number. One transaction."""
        rows = [{name: getattr(order, name) for name in _ORDER} for order in orders]
        with self._connections.writing() as connection:
            connection.execute(delete(schema.orders))
            if rows:
                connection.execute(insert(schema.orders), rows)
        return len(rows)

    def set_status(self, order_id: str, status: str, eta: str | None = None) -> int:
        """Changes status (and the day of arrival) of every line of an order; gives the number of lines."""
        values = {"status": status} if eta is None else {"status": status, "eta": eta}
        with self._connections.writing() as connection:
            return connection.execute(update(schema.orders).where(schema.orders.c.order_id == order_id).values(values)).rowcount

    def of_user(self, user_id: str, order_ids: Sequence[str] = ()) -> list[Order]:
        """This shopper's own lines, newest order first; with ``order_ids`` only those. Orders of others are never given."""
        c = schema.orders.c
        statement = select(*(c[name] for name in _ORDER)).where(c.user_id == user_id).order_by(c.placed_at.desc(), c.order_id.desc(), c.id)
        if order_ids:
            statement = statement.where(c.order_id.in_(list(order_ids)))
        with self._connections.reading() as connection:
            return [Order(*row) for row in connection.execute(statement)]

    def count(self) -> int:
        """How many lines there are."""
        with self._connections.reading() as connection:
            return len(connection.execute(select(schema.orders.c.id)).all())


class CartTable:
    """Carts. ``owner`` is a user id, or ``anon:<session>`` for a visitor."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, owner: str, item_id: str, *, variant_id: str = "", quantity: int = 1, key: str, session_id: str = "") -> bool:
        """Puts pieces into the cart once: a second call with the same ``key`` changes nothing and gives False."""
        c = schema.carts.c
        place: dict[str, Any] = {"owner": owner, "item_id": item_id, "variant_id": variant_id}
        with self._connections.writing() as connection:
            if not insert_new(connection, schema.effects, {"key": f"cart:{key}", "session_id": session_id, "at": time.time()}):
                return False
            if not insert_new(connection, schema.carts, {**place, "quantity": quantity, "added_at": time.time()}):
                line = (c.owner == owner, c.item_id == item_id, c.variant_id == variant_id)
                connection.execute(update(schema.carts).where(*line).values(quantity=c.quantity + quantity))
        return True

    def put(self, owner: str, item_id: str, variant_id: str, quantity: int) -> None:
        """Sets how many pieces of a line lie in the cart."""
        c = schema.carts.c
        row = {"owner": owner, "item_id": item_id, "variant_id": variant_id, "quantity": quantity, "added_at": time.time()}
        with self._connections.writing() as connection:
            if not insert_new(connection, schema.carts, row):
                line = (c.owner == owner, c.item_id == item_id, c.variant_id == variant_id)
                connection.execute(update(schema.carts).where(*line).values(quantity=quantity))

    def remove(self, owner: str, item_id: str, variant_id: str = "") -> bool:
        """Takes one line out; gives whether it was there."""
        c = schema.carts.c
        line = (c.owner == owner, c.item_id == item_id, c.variant_id == variant_id)
        with self._connections.writing() as connection:
            return connection.execute(delete(schema.carts).where(*line)).rowcount > 0

    def move(self, owner: str, to: str) -> None:
        """Hands the lines of one cart to another: a visitor signed in. A line that is in both keeps the larger number of pieces."""
        with self._connections.writing():
            held = {(i, v): n for i, v, n in self.lines(to)}
            for item_id, variant_id, quantity in self.lines(owner):
                self.put(to, item_id, variant_id, max(quantity, held.get((item_id, variant_id), 0)))
            self.clear(owner)

    def lines(self, owner: str) -> list[tuple[str, str, int]]:
        """(item id, variant id, pieces), in the order in which they came."""
        c = schema.carts.c
        statement = select(c.item_id, c.variant_id, c.quantity).where(c.owner == owner).order_by(c.added_at, c.item_id)
        with self._connections.reading() as connection:
            return [(row.item_id, row.variant_id, row.quantity) for row in connection.execute(statement)]

    def clear(self, owner: str) -> None:
        """Empties the cart."""
        with self._connections.writing() as connection:
            connection.execute(delete(schema.carts).where(schema.carts.c.owner == owner))
