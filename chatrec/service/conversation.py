"""A conversation as the chat page keeps it: reply events become messages, chips and a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chatrec.domain.reply import Alternatives, Cards, Chips, Comparison, Done, Effect, ReplyEvent, Said
from chatrec.service.page_texts import ENGLISH, Texts
from chatrec.service.render import (
    cards_html,
    chips_html,
    comparison_html,
    escape_markdown,
    last_html,
    looking_html,
    person_html,
    plain_again,
    receipt_html,
)

Message = dict[str, Any]
# By these two ids what is no part of the conversation is known, also when the browser sends the conversation back.
LOOKING_ID = "looking"
LAST_ID = "last"


@dataclass(slots=True)
class View:
    """What the page shows now, with its own ``texts``. ``messages`` are Gradio chat messages; the rest is HTML."""

    messages: list[Message] = field(default_factory=list)
    chips: str = ""
    receipt: str = ""
    side: str = ""
    texts: Texts = ENGLISH


def hear(view: View, message: str, turn: int = 0, *, pressed: bool = False) -> View:
    """The view with the shopper's message, or what a button says in its place, that begins this ``turn`` of the dialogue. It is shown as
    plain text: no Markdown, no HTML, no pictures."""
    exchange = {"id": f"{'press' if pressed else 'turn'}:{turn}"}
    view.messages.append({"role": "user", "content": escape_markdown(message), "metadata": exchange})
    return view


def look(view: View) -> View:
    """The view with a sign that the shop is looking; it goes with the first thing that is found."""
    view.messages.append({**_html(looking_html(view.texts)), "metadata": {"id": LOOKING_ID}})
    return view


def settle(view: View) -> View:
    """The view without any sign of looking, and without what could be done with the exchange before."""
    view.messages = [m for m in view.messages if (m.get("metadata") or {}).get("id") not in (LOOKING_ID, LAST_ID)]
    return view


def offer(view: View) -> View:
    """The view with what can be done with its last exchange."""
    heard = next((m for m in reversed(settle(view).messages) if m.get("role") == "user"), None)
    kind, _, turn = str((heard or {}).get("metadata", {}).get("id") or "").partition(":")
    if heard is not None and turn.isdecimal():
        message = plain_again(_text_of(heard["content"])) if kind == "turn" else ""
        view.messages.append({**_html(last_html(int(turn), message, view.texts)), "metadata": {"id": LAST_ID}})
    return view


def without_last(view: View) -> View:
    """The view without its last exchange."""
    said = [n for n, m in enumerate(settle(view).messages) if m.get("role") == "user"]
    view.messages = view.messages[: said[-1]] if said else []
    return view


def stream(view: View, events: Iterable[ReplyEvent]) -> Iterator[View]:
    """The view after each event; text grows sentence by sentence.

    Sentences that speak of no item (an opening, a limit that could not be kept) stand above the cards of their act, since they are
    read first; those about the items stand below, so that no card moves away under the shopper's finger while the text grows.
    """
    page = Writing(view)
    for event in events:
        yield page.take(event)


class Writing:
    """Writes the events of one turn into a view: see :func:`stream`."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._block: Message | None = None
        self._above: Message | None = None
        self._below: Message | None = None
        self._act = ""

    def take(self, event: ReplyEvent) -> View:
        """The view after one more event."""
        view = settle(self._view)
        if isinstance(event, Cards | Alternatives | Comparison) or (isinstance(event, Effect) and event.kind == "hand_off"):
            self._show(_block(event, view.texts))
        elif isinstance(event, Said):
            self._say(event)
        elif isinstance(event, Chips):
            view.chips = chips_html(event.chips, view.texts)
        elif isinstance(event, Done):
            view.receipt = receipt_html(event.receipt, view.texts)
        return view

    def _show(self, block: Message) -> None:
        """Something to look at; the act that showed it speaks next."""
        self._view.messages.append(block)
        self._block, self._above, self._below, self._act = block, None, None, ""

    def _say(self, event: Said) -> None:
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


def _block(event: Cards | Alternatives | Comparison | Effect, texts: Texts) -> Message:
    if isinstance(event, Cards | Alternatives):
        return _html(cards_html(event.cards, event.heading, texts))
    if isinstance(event, Comparison):
        return _html(comparison_html(event, texts))
    return _html(person_html(texts))


def _html(html: str) -> Message:
    import gradio as gr

    return {"role": "assistant", "content": gr.HTML(html, apply_default_css=False)}


def _text_of(content: Any) -> str:
    """The text of a message, also as Gradio hands it back: as a list of blocks."""
    blocks = content if isinstance(content, list) else [content]
    return "".join(str(b.get("text") or "") if isinstance(b, dict) else str(b) for b in blocks)
