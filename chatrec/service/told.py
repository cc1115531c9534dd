"""A turn's reply events as the native API tells them: one by one for a stream, or all together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from pydantic import BaseModel

from chatrec.domain.reply import Alternatives, Cards, Chips, Comparison, Done, ReplyEvent, Said
from chatrec.service import wire


class Teller:
    """Turns the events of one turn into those of the wire; remembers which number stands for which item."""

    def __init__(self, session_id: str, with_receipt: bool = False) -> None:
        self._session_id, self._with_receipt = session_id, with_receipt
        self._items: dict[int, str] = {}

    def tell(self, event: ReplyEvent) -> Iterator[tuple[str, BaseModel]]:
        """Name and data of what a client reads of this event: one, or nothing for what only the shop sees."""
        if isinstance(event, Cards | Alternatives):
            self._items |= {c.position: c.item_id for c in event.cards}
            yield ("cards" if isinstance(event, Cards) else "alternatives"), wire.card_list(event)
        elif isinstance(event, Comparison):
            self._items |= {n: self._items.get(n, item_id) for n, item_id in enumerate(event.item_ids, start=1)}
            yield "comparison", wire.comparison(event)
        elif isinstance(event, Said):
            cited = [self._items[n] for n in event.sentence.cites if n in self._items]
            yield "sentence", wire.Sentence(text=event.sentence.rendered, act=event.act, cites=cited)
        elif isinstance(event, Chips):
            yield "chips", wire.ChipList(chips=[wire.chip(c) for c in event.chips])
        elif isinstance(event, Done):
            yield "done", wire.Ended.model_validate(self._end(event))

    def _end(self, done: Done) -> dict[str, object]:
        receipt = asdict(done.receipt) if self._with_receipt else None
        return {
            "session_id": self._session_id, "turn_id": done.receipt.turn_id, "text": done.text, "action": done.action, "receipt": receipt
        }  # fmt: skip


def whole(events: list[ReplyEvent], teller: Teller) -> wire.ChatReply:
    """All events of a turn in one object. The turn ended: its last event is ``Done``."""
    sentences: list[wire.Sentence] = []
    lists: dict[str, list[wire.CardList]] = {"cards": [], "alternatives": []}
    chips: list[wire.Chip] = []
    table: wire.Comparison | None = None
    end: wire.Ended | None = None
    for name, data in (told for event in events for told in teller.tell(event)):
        match data:
            case wire.CardList():
                lists[name].append(data)
            case wire.Sentence():
                sentences.append(data)
            case wire.Comparison():
                table = data
            case wire.ChipList():
                chips = data.chips
            case wire.Ended():
                end = data
    assert end is not None
    return wire.ChatReply(**end.model_dump(), sentences=sentences, comparison=table, chips=chips, **lists)
