"""A turn as the text of one chat message: verified sentences, then tables and items as Markdown lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chatrec.domain.figures import money
from chatrec.domain.reply import Alternatives, Card, Cards, Comparison, Done, ReplyEvent, Said
from chatrec.service import wire
from chatrec.service.told import Teller, whole

# Clients show a reply as Markdown or as plain text. What could load a picture, link elsewhere or open a tag is made plain; a dot or a dash
# stays as it is, so that plain text reads well. Stars, underscores and ticks within words change how a name looks.
_ACTIVE = re.compile(r"([\\`*\[\]<>|]|(?<!\w)_|_(?!\w))")
_UNSAFE_IN_LINK = re.compile(r"[\s()<>\"\\]")


def plain(text: str) -> str:
    """Text of the shop's files inside a Markdown message."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))


class Writing:
    """Turns the events of one turn into pieces of text, and keeps what goes into the field ``chatrec``."""

    def __init__(self, session_id: str, with_items: bool) -> None:
        self._teller, self._with_items = Teller(session_id), with_items
        self._events: list[ReplyEvent] = []
        self._later: list[str] = []
        self.text = ""

    def add(self, event: ReplyEvent) -> Iterator[str]:
        """The text that this event adds to the message. Items and tables stand at the end, below what is said of them."""
        self._events.append(event)
        pieces: list[str] = []
        if isinstance(event, Said):
            pieces = [f"{' ' if self.text else ''}{plain(event.sentence.rendered)}"]
        elif isinstance(event, Cards | Alternatives) and self._with_items:
            self._later.append(items_text(event))
        elif isinstance(event, Comparison) and self._with_items:
            self._later.append(table_text(event))
        elif isinstance(event, Done):
            pieces = ["\n\n" * bool(self.text or n) + block for n, block in enumerate(self._later)]
        for piece in pieces:
            self.text += piece
            yield piece

    def told(self) -> dict[str, Any]:
        """The field ``chatrec`` of a finished turn: cards, alternatives, comparison, chips and action, as the native API tells them."""
        kept = {"turn_id", "action", "cards", "alternatives", "comparison", "chips"}
        return wire.ChatReply.model_dump(whole(self._events, self._teller), mode="json", include=kept)


def items_text(event: Cards | Alternatives) -> str:
    """Cards as a numbered list, by the numbers of the cards."""
    heading = f"{plain(event.heading)}\n" if event.heading else ""
    return heading + "\n".join(_line(card) for card in event.cards)


def _line(card: Card) -> str:
    title, url = plain(card.title), wire.card(card).url
    named = f"[{title}]({_UNSAFE_IN_LINK.sub(_quoted, url)})" if url else f"**{title}**"
    price = money(card.price, card.currency) if card.price is not None else ""
    more = " · ".join(plain(part) for part in (price, card.why, card.breaks) if part)
    return f"{card.position}. {named}" + (f" – {more}" if more else "")


def _quoted(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else ""


def table_text(event: Comparison) -> str:
    """A comparison as a Markdown table."""
    rows = [("", *event.titles), ("---",) * (len(event.titles) + 1)]
    lines = [rows[0], rows[1], *((name, *values) for name, values in event.rows)]
    return "\n".join(f"| {' | '.join(cell if cell == '---' else plain(cell) for cell in line)} |" for line in lines)
