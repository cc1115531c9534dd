"""The pages of the example shop: templates filled from the bot's own catalogue, every value escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from chatrec.domain.figures import money, number_text, stock_text
from chatrec.domain.item import Attribute, Item
from chatrec.service.examples import known_kinds, opening_questions
from chatrec.service.headers import page_policy

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

ON_A_PAGE = 24
IN_THE_MENU = 9
FOLDER = Path(__file__).parent / "static" / "demo_site"
# Besides the policy of all our pages: no script of theirs may turn text into markup.
_TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
ORDERS = {"name": "Name", "cheap": "Price, lowest first", "dear": "Price, highest first", "rated": "Best rated"}
Sort = Literal["name", "cheap", "dear", "rated"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One category as the pages show it. ``item_id`` is the item whose picture stands for it."""

    name: str
    label: str
    count: int
    item_id: str


class Storefront:
    """The pages of one open shop."""

    def __init__(self, bot: ChatRec) -> None:
        self._bot = bot
        self._headers = {"Content-Security-Policy": f"{page_policy(bot.settings)}; {_TRUSTED_TYPES}"}
        self._items: tuple[Item, ...] = ()
        self._kinds: tuple[Kind, ...] = ()
        self._questions: tuple[str, ...] = ()
        self._pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
        self._pages.globals.update(money=money, number=number_text, stock_words=stock_text)

    def page(self, name: str, request: Request, status: int = 200, **given: Any) -> HTMLResponse:
        """A page from its template. Every value is escaped."""
        about = self._catalogue()
        base = str(request.scope.get("root_path", "")).rstrip("/")
        shared = {
            "shop": about["shop"], "currency": about["currency"], "count": about["items"],
            "kinds": self._kinds, "menu": self._kinds[:IN_THE_MENU], "questions": self._questions, "base": base, "origin": f"{request.url.scheme}://{request.url.netloc}",
            "item": None, "category": "", "q": "",
        }  # fmt: skip
        html = self._pages.get_template(f"{name}.html").render({**shared, **given})
        return HTMLResponse(html, status_code=status, headers=self._headers)

    def item(self, item_id: str) -> Item | None:
        """The record, price and stock as they are now; ``None`` where the shop has no such item (any more)."""
        self._catalogue()
        return next(iter(self._now(item for item in self._items if item.item_id == item_id)), None)

    def of_kind(self, name: str, sort: Sort, page: int) -> tuple[list[Item], int]:
        """The items of one page of a category, and how many the category holds."""
        self._catalogue()
        found = sorted(self._now(item for item in self._items if item.category == name), key=_ORDER_BY[sort])
        return found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE], len(found)

    def _now(self, items: Iterable[Item]) -> list[Item]:
        chosen = list(items)
        live = self._bot.database.items.live([item.item_id for item in chosen])
        return [replace(i, price=live[i.item_id].price, stock=live[i.item_id].stock) for i in chosen if i.item_id in live]

    def _catalogue(self) -> dict[str, Any]:
        """Takes up a newer generation of the catalogue, where there is one."""
        about, items = self._bot.about(), self._bot.items()
        if items is not self._items:
            named = [item for item in items if item.category]
            self._questions = opening_questions(items, str(about["currency"]), self._bot.database.policies.all())
            self._kinds = tuple(_kinds(named))
            self._items = items
        return about


def _kinds(items: list[Item]) -> Iterator[Kind]:
    """Categories, those first that a shopper would look for; small ones and those with long names after them."""
    of: dict[str, list[Item]] = {}
    for item in items:
        of.setdefault(item.category, []).append(item)
    for name in dict.fromkeys((*known_kinds(items), *sorted(of))):
        yield Kind(name, name[:1].upper() + name[1:], len(of[name]), of[name][0].item_id)


def _price(item: Item, missing: str) -> Decimal:
    return item.price if item.price is not None else Decimal(missing)


_ORDER_BY: dict[Sort, Callable[[Item], Any]] = {
    "name": lambda item: item.title.casefold(),
    "cheap": lambda item: (_price(item, "Infinity"), item.item_id),
    "dear": lambda item: (-_price(item, "-1"), item.item_id),
    "rated": lambda item: (-(item.rating or 0.0), -(item.n_ratings or 0), item.item_id),
}


def details(attributes: Iterable[Attribute]) -> Iterator[tuple[str, str]]:
    """The properties of a record as rows of a table: name and value."""
    for attribute in attributes:
        known = f"{number_text(attribute.number)} {attribute.unit}".strip() if attribute.number is not None else ", ".join(attribute.values)
        if known:
            yield attribute.name.replace("_", " "), known
