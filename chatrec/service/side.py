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

if TYPE_CHECKING:
    from chatrec.bot import ChatRec

MOST_LINES = 20


def side_html(lines: Sequence[CartLine], profile: Profile | None, bot: ChatRec) -> str:
    """Cart and profile; of a visitor the cart alone."""
    about = profile_html(profile, bot) if profile is not None else ""
    return f"{cart_html(lines)}{about}"


def cart_html(lines: Sequence[CartLine]) -> str:
    """The cart at the prices of this moment, with its sum."""
    count = sum(line.quantity for line in lines)
    title = f"Cart ({count})" if count else "Cart"
    if not lines:
        return _panel(title, '<p class="cr-quiet">Nothing in it yet.</p>')
    rows = "".join(_line(line) for line in lines[:MOST_LINES])
    more = f'<p class="cr-quiet">and {len(lines) - MOST_LINES} more</p>' if len(lines) > MOST_LINES else ""
    total = cart_total(lines)
    together = f'<p class="cr-total"><span>Together</span><b>{escape(total)}</b></p>' if total else ""
    return _panel(title, f'<ul class="cr-lines">{rows}</ul>{more}{together}')


def _line(line: CartLine) -> str:
    version = f'<span class="cr-quiet">{escape(version_words(line.options))}</span>' if line.options else ""
    price = escape(money(line.price, line.currency)) if line.price is not None else "no price listed"
    figure = f"{line.quantity} × {price}" if line.quantity > 1 else price
    short = line.stock is not None and line.stock < line.quantity
    stock = f'<span class="cr-stock-out">{"out of stock" if not line.stock else f"only {line.stock} left"}</span>' if short else ""
    data = f'data-act="uncart" data-item="{escape(line.item_id)}" data-variant="{escape(line.variant_id)}"'
    return f"<li><div><b>{escape(line.title)}</b>{version}<span>{figure}</span>{stock}</div>{_cross(data, f'take out {line.title}')}</li>"


def profile_html(profile: Profile, bot: ChatRec) -> str:
    """What is remembered, entry by entry, and the way to have all of it erased."""
    rows = "".join(f"<li><div>{escape(text)}</div>{_cross(data, f'forget {text}')}</li>" for text, data in _entries(profile, bot))
    kept = f'<ul class="cr-lines">{rows}</ul>' if rows else '<p class="cr-quiet">Nothing so far.</p>'
    erase = '<button type="button" class="cr-erase" data-act="say" data-message="forget me">Forget me</button>'
    return _panel("Remembered about you", f"{kept}{erase}")


def _entries(profile: Profile, bot: ChatRec) -> Iterator[tuple[str, str]]:
    currency = str(bot.about()["currency"])
    for wish in profile.wishes[-MOST_LINES:]:
        yield wish_words(wish, currency), f'data-act="unlearn" data-key="{escape(f"wish:{wish_key(wish)}")}"'
    for sign, ids in (("♥", profile.liked), ("not", profile.disliked)):
        for item_id in ids[-MOST_LINES:]:
            try:
                title = bot.live_item(item_id).title
            except UnknownItem:  # no longer sold, and still remembered: it can be erased by its number
                title = item_id
            yield f"{sign} {title}", f'data-act="unlearn" data-key="{escape(f"item:{item_id}")}"'


def _panel(title: str, body: str) -> str:
    return f'<section class="cr-panel"><h3>{escape(title)}</h3>{body}</section>'


def _cross(data: str, spoken: str) -> str:
    return f'<button type="button" class="cr-cross" {data} aria-label="{escape(spoken)}">×</button>'
