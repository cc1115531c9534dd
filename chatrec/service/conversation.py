"""A conversation as the chat page keeps it: reply events become messages, chips and a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chatrec.domain.reply import Cards, Chips, Comparison, Done, Effect, ReplyEvent, Said
from chatrec.service.render import cards_html, chips_html, comparison_html, escape_markdown, receipt_html

Message = dict[str, Any]
WAITING = "…"
HANDED_OFF = '<div class="cr-heading">A person from the shop takes over from here.</div>'


@dataclass(slots=True)
class View:
    """What the page shows now. ``messages`` are Gradio chat messages; the rest is HTML."""

    messages: list[Message] = field(default_factory=list)
    chips: str = ""
    receipt: str = ""


def hear(view: View, message: str) -> View:
    """The view with the shopper's message in it. It is shown as plain text: no Markdown, no HTML, no pictures."""
    view.messages.append({"role": "user", "content": escape_markdown(message)})
    return view


def stream(view: View, events: Iterable[ReplyEvent]) -> Iterator[View]:
    """The view after each event. The text of an act stands above its cards and grows sentence by sentence."""
    text: Message | None = None
    for event in events:
        if isinstance(event, Cards | Comparison | Effect):
            text = _bubble(view)
            view.messages.append(_block(event))
        elif isinstance(event, Said):
            text = text or _bubble(view)
            said = escape_markdown(event.sentence.rendered)  # names and policies come from the shop's files
            text["content"] = said if text["content"] == WAITING else f"{text['content']} {said}"
        elif isinstance(event, Chips):
            view.chips = chips_html(event.chips)
            text = None
        elif isinstance(event, Done):
            view.receipt = receipt_html(event.receipt)
            view.messages = [m for m in view.messages if m["content"] != WAITING]
        yield view


def _bubble(view: View) -> Message:
    message: Message = {"role": "assistant", "content": WAITING}
    view.messages.append(message)
    return message


def _block(event: Cards | Comparison | Effect) -> Message:
    import gradio as gr

    if isinstance(event, Cards):
        html = cards_html(event.cards, event.heading)
    elif isinstance(event, Comparison):
        html = comparison_html(event)
    else:
        html = HANDED_OFF if event.kind == "hand_off" else ""
    return {"role": "assistant", "content": gr.HTML(html)}
