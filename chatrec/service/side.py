"""Beside the conversation: the cart, and what is remembered of a verified shopper, each line with a cross that takes it away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from chatrec.dialogue.cart_words import cart_total, version_words
from chatrec.dialogue.profile import wish_words
from chatrec.domain.figures import money
from chatrec.domain.profile import Profile, wish_key
from chatrec.domain.tool import CartLine
from chatrec.errors import UnknownItem
from chatrec.service.page_texts import ENGLISH, Texts

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

MOST_LINES = 20


def side_html(lines: Sequence[CartLine], profile: Profile | None, bot: ChatRec, texts: Texts = ENGLISH) -> str:
    """Cart and profile; of a visitor the cart alone."""
    about = profile_html(profile, bot, texts) if profile is not None else ""
    return f"{cart_html(lines, texts)}{about}"


def cart_html(lines: Sequence[CartLine], texts: Texts = ENGLISH) -> str:
    """The cart at the prices of this moment, with its sum."""
    count = sum(line.quantity for line in lines)
    title = texts("basket_count", count=count) if count else texts("basket")
    if not lines:
        return _panel(title, f'<p class="cr-quiet">{escape(texts("basket_empty"))}</p>')
    rows = "".join(_line(line, texts) for line in lines[:MOST_LINES])
    over = len(lines) - MOST_LINES
    more = f'<p class="cr-quiet">{escape(texts("basket_more", count=over))}</p>' if over > 0 else ""
    total = cart_total(lines)
    together = f'<p class="cr-total"><span>{escape(texts("basket_total"))}</span><b>{escape(total)}</b></p>' if total else ""
    return _panel(title, f'<ul class="cr-lines">{rows}</ul>{more}{together}')


def _line(line: CartLine, texts: Texts) -> str:
    version = f'<span class="cr-quiet"{texts.spoken}>{escape(version_words(line.options))}</span>' if line.options else ""
    price = money(line.price, line.currency) if line.price is not None else texts("no_price")
    figure = texts("basket_line", count=line.quantity, price=price) if line.quantity > 1 else price
    short = line.stock is not None and line.stock < line.quantity
    left = texts("short_left", count=line.stock) if line.stock else texts("short_out")
    stock = f'<span class="cr-stock-out">{escape(left)}</span>' if short else ""
    data = f'data-act="uncart" data-item="{escape(line.item_id)}" data-variant="{escape(line.variant_id)}"'
    cross = _cross(data, texts("take_out", title=line.title))
    return f"<li><div><b{texts.spoken}>{escape(line.title)}</b>{version}<span>{escape(figure)}</span>{stock}</div>{cross}</li>"


def profile_html(profile: Profile, bot: ChatRec, texts: Texts = ENGLISH) -> str:
    """What is remembered, entry by entry, and the way to have all of it erased."""
    rows = "".join(
        f"<li><div{texts.spoken}>{escape(text)}</div>{_cross(data, texts('forget', label=text))}</li>"
        for text, data in _entries(profile, bot, texts)
    )
    kept = f'<ul class="cr-lines">{rows}</ul>' if rows else f'<p class="cr-quiet">{escape(texts("profile_empty"))}</p>'
    forget = escape(texts("forget_me"))
    erase = f'<button type="button" class="cr-erase" data-act="say" data-message="forget me">{forget}</button>'
    return _panel(texts("profile"), f"{kept}{erase}")


def _entries(profile: Profile, bot: ChatRec, texts: Texts) -> Iterator[tuple[str, str]]:
    currency = str(bot.about()["currency"])
    for wish in profile.wishes[-MOST_LINES:]:
        yield wish_words(wish, currency), f'data-act="unlearn" data-key="{escape(f"wish:{wish_key(wish)}")}"'
    for sign, ids in (("profile_liked", profile.liked), ("profile_disliked", profile.disliked)):
        for item_id in ids[-MOST_LINES:]:
            try:
                title = bot.live_item(item_id).title
            except UnknownItem:  # no longer sold, and still remembered: it can be erased by its number
                title = item_id
            yield texts(sign, title=title), f'data-act="unlearn" data-key="{escape(f"item:{item_id}")}"'


def _panel(title: str, body: str) -> str:
    return f'<section class="cr-panel"><h2>{escape(title)}</h2>{body}</section>'


def _cross(data: str, spoken: str) -> str:
    return f'<button type="button" class="cr-cross" {data} aria-label="{escape(spoken)}">×</button>'
