"""Reply events as JSON-ready data, in the words of the HTTP API, for programs that embed the bot."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chatrec.domain.reply import Alternatives, Card, Cards, Chips, Comparison, Done, ReplyEvent, Said


def card_json(card: Card) -> dict[str, Any]:
    """A card; a price is a string such as "129.00", so that no figure is rounded on the way. Text is plain: whoever renders it escapes."""
    return {
        **asdict(card),
        "price": None if card.price is None else f"{card.price:f}",
        "facts": list(card.facts),
        "options": {name: list(values) for name, values in card.options},
    }


class TurnJson:
    """Tells the events of one turn; remembers which number stands for which item."""

    def __init__(self) -> None:
        self._items: dict[int, str] = {}

    def tell(self, event: ReplyEvent) -> tuple[str, dict[str, Any]]:
        """The name of an event and its data; ``("", {})`` for what a shopper does not see. The receipt stays out: ask for it by the turn's
        id."""
        if isinstance(event, Cards | Alternatives):
            self._items |= {c.position: c.item_id for c in event.cards}
            name = "cards" if isinstance(event, Cards) else "alternatives"
            return name, {"cards": [card_json(c) for c in event.cards], "need_id": event.need_id, "heading": event.heading}
        if isinstance(event, Comparison):
            self._items |= {n: self._items.get(n, item_id) for n, item_id in enumerate(event.item_ids, start=1)}
            rows = [{"property": name, "values": list(values)} for name, values in event.rows]
            return "comparison", {"titles": list(event.titles), "item_ids": list(event.item_ids), "rows": rows}
        if isinstance(event, Said):
            cited = [self._items[n] for n in event.sentence.cites if n in self._items]
            return "sentence", {"text": event.sentence.rendered, "act": event.act, "cites": cited}
        return _last(event)


def _last(event: ReplyEvent) -> tuple[str, dict[str, Any]]:
    if isinstance(event, Chips):
        return "chips", {"chips": [asdict(chip) for chip in event.chips]}
    if isinstance(event, Done):
        receipt = event.receipt
        return "done", {"session_id": receipt.session_id, "turn_id": receipt.turn_id, "text": event.text, "action": event.action}
    return "", {}
