"""A conversation as the chat page keeps it: reply events become messages, chips and a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chatrec.domain.reply import Alternatives, Cards, Chips, Comparison, Done, Effect, ReplyEvent, Said
from chatrec.service.render import LOOKING_HTML, cards_html, chips_html, comparison_html, escape_markdown, receipt_html

Message = dict[str, Any]
LOOKING_ID = "looking"  # by this the sign of looking is known, also when the browser sends the conversation back
HANDED_OFF = '<div class="cr-heading">A person from the shop takes over from here.</div>'


@dataclass(slots=True)
class View:
    """What the page shows now. ``messages`` are Gradio chat messages; the rest is HTML."""

    messages: list[Message] = field(default_factory=list)
    chips: str = ""
    receipt: str = ""
    side: str = ""


def hear(view: View, message: str) -> View:
    """The view with the shopper's message in it. It is shown as plain text: no Markdown, no HTML, no pictures."""
    view.messages.append({"role": "user", "content": escape_markdown(message)})
    return view


def look(view: View) -> View:
    """The view with a sign that the shop is looking; it goes with the first thing that is found."""
    view.messages.append({**_html(LOOKING_HTML), "metadata": {"id": LOOKING_ID}})
    return view


def settle(view: View) -> View:
    """The view without any sign of looking: nothing is under way any more."""
    view.messages = [m for m in view.messages if not _is_looking(m)]
    return view


def stream(view: View, events: Iterable[ReplyEvent]) -> Iterator[View]:
    """The view after each event; text grows sentence by sentence.

    Sentences that speak of no item (an opening, a limit that could not be kept) stand above the cards of their act, since they are
    read first; those about the items stand below, so that no card moves away under the shopper's finger while the text grows.
    """
    page = _Writing(view)
    for event in events:
        settle(view)
        if isinstance(event, Cards | Alternatives | Comparison) or (isinstance(event, Effect) and event.kind == "hand_off"):
            page.show(_block(event))
        elif isinstance(event, Said):
            page.say(event)
        elif isinstance(event, Chips):
            view.chips = chips_html(event.chips)
        elif isinstance(event, Done):
            view.receipt = receipt_html(event.receipt)
        yield view


class _Writing:
    """Where the next sentence goes."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._block: Message | None = None
        self._above: Message | None = None
        self._below: Message | None = None
        self._act = ""

    def show(self, block: Message) -> None:
        """Something to look at; the act that showed it speaks next."""
        self._view.messages.append(block)
        self._block, self._above, self._below, self._act = block, None, None, ""

    def say(self, event: Said) -> None:
        """One more sentence of an act; each act has text of its own."""
        if self._act not in ("", event.act):
            self._block = self._above = self._below = None
        self._act = event.act
        said = escape_markdown(event.sentence.rendered)  # names and policies come from the shop's files
        bubble = self._bubble(bool(event.sentence.cites))
        bubble["content"] = f"{bubble['content']} {said}".strip()

    def _bubble(self, of_items: bool) -> Message:
        messages = self._view.messages
        if self._block is not None and not of_items and self._below is None:
            if self._above is None:
                self._above = {"role": "assistant", "content": ""}
                messages.insert(next(n for n, m in enumerate(messages) if m is self._block), self._above)
            return self._above
        if self._below is None:
            self._below = {"role": "assistant", "content": ""}
            messages.append(self._below)
        return self._below


def _block(event: Cards | Alternatives | Comparison | Effect) -> Message:
    if isinstance(event, Cards | Alternatives):
        return _html(cards_html(event.cards, event.heading))
    if isinstance(event, Comparison):
        return _html(comparison_html(event))
    return _html(HANDED_OFF)


def _html(html: str) -> Message:
    import gradio as gr

    return {"role": "assistant", "content": gr.HTML(html, apply_default_css=False)}


def _is_looking(message: Message) -> bool:
    return (message.get("metadata") or {}).get("id") == LOOKING_ID
