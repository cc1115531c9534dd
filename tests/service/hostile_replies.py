"""Replies and receipts whose every text is somebody else's: what a page is given to show."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from chatrec.bot import ChatRec
from chatrec.domain.facts import Sentence
from chatrec.domain.reply import Card, Cards, Chip, Chips, Comparison, Done, Effect, Receipt, ReplyEvent, Said

# So many sentences come one by one, as a reply's do; of a longer list the others are seen where a conversation is kept.
MOST_SAID = 25
KINDS = ("constraint", "answer", "followup", "undo", "profile", "other")


def answer(strings: Sequence[str]) -> Iterator[ReplyEvent]:
    """A reply with every string in every place that a reply has."""
    yield Cards(
        tuple(
            Card(n, t, t, t, t, Decimal(20), t, 4.5, 3, 2, "" if t.startswith("https:") else t, t, t, (t,), ((t, (t,)),), t) for n, t in enumerate(strings, start=1)
        ), 1, strings[0]
    )  # fmt: skip
    for n, text in enumerate(strings[:MOST_SAID]):
        yield Said(Sentence(text, text, "template"), f"act {n}")
    yield Comparison(tuple(strings), tuple(strings), tuple((t, (t,)) for t in strings))
    yield Effect("hand_off", "key")
    yield Chips(tuple(Chip(KINDS[n % len(KINDS)], t, t, 1, t) for n, t in enumerate(strings)))
    yield Done("", "", receipt("s", 1, strings))


def receipt(session_id: str, turn: int, strings: Sequence[str], **given: Any) -> Receipt:
    """A receipt with every string in every place that a page shows."""
    first = strings[0]
    shown = [
        {"position": n, "item_id": t, "title": t, "price": t, "score": 0.9, "sources": {t: 1.0}, "reason": t, "rule": t, "propensity": 1.0}
        for n, t in enumerate(strings, start=1)
    ]  # fmt: skip
    wishes = [{"strength": t, "field": t, "op": t, "values": [t], "number": None, "unit": t} for t in strings]
    ranking = {"matching": 0, "pool": 9, "diversity": 0.5, "entropy_before": 0.5, "entropy_after": 0.9}
    return Receipt(
        f"{session_id}.{turn}.{secrets.token_hex(4)}", session_id, turn, 1, first, shown=shown, degraded=list(strings),
        reading={"intents": [{"intent": t} for t in strings], "unknown": [{"word": t} for t in strings]},
        acts=[{"kind": "shop_answer", "question": first}, *({"kind": t} for t in strings)],
        evidence=[{"act": "shop_answer", "passages": []}], ledger=[{"need_id": "1", "query": first, "constraints": wishes}],
        ranking={"1": ranking}, dropped=[{"text": t, "span": t, "reason": t} for t in strings], sentences=[{"origin": t} for t in strings],
        model={"generator": first, "prompt": first, "gate": first}, context={"page": tuple(strings), "cart": tuple(strings)},
        timings_ms={"first_sentence": 1.0, "total": 2.0, first: 3.0}, **given,
    )  # fmt: skip


def keep(bot: ChatRec, strings: Sequence[str], session_id: str, user_id: str | None = None, *, lists: bool = True) -> None:
    """Turns of a conversation, each with one string as the shopper's words and in every place of what was shown. Without ``lists`` there
    are sentences and chips alone, which a browser has soon drawn."""
    items = [item.item_id for item in bot.items()]
    with bot.database.transaction():  # all of them or none, and quickly
        for n, text in enumerate(strings):
            cards = [{"item_id": items[n % len(items)], "position": 1, "why": text, "breaks": text}]
            told: list[dict[str, Any]] = [
                {"kind": "cards", "need_id": 1, "heading": text, "cards": cards},
                {"kind": "said", "act": "recommend", "text": text, "cites": [1]},
                {"kind": "comparison", "titles": [text], "item_ids": [text], "rows": [(text, [text])]},
            ]
            told = told if lists else told[1:2]
            chips = [{"kind": KINDS[n % len(KINDS)], "label": text, "message": text, "need_id": 1, "key": text}]
            bot.database.receipts.save(receipt(session_id, n + 2, [text], told=told, chips=chips), user_id)
