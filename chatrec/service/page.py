"""The chat page: Gradio over one open shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.reply import ReplyEvent
from chatrec.errors import ChatrecError
from chatrec.service.conversation import Message, View, hear, stream

# One listener for every button drawn in cards and chips, wherever it stands: what was pressed goes to Python as the event's data.
_BRIDGE = """
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (!button) return;
  event.preventDefault();
  trigger('click', {...button.dataset});
});
"""
Update = tuple[list[Message], str, str]


class ChatPage:
    """The page's handlers. Holds no conversation: the session id is the only thing that a browser tab carries."""

    def __init__(self, bot: ChatRec, user_id: str | None) -> None:
        self._bot, self._user_id = bot, user_id

    def send(self, message: str, messages: list[Message], session_id: str) -> Iterator[tuple[list[Message], str, str, str]]:
        """The shopper sent a message; the textbox is emptied at once."""
        view = hear(View(list(messages)), message)
        yield view.messages, "", "", ""
        for update in self._play(view, lambda: self._bot.reply(session_id, message, user_id=self._user_id)):
            yield (*update, "")

    def press(self, event: gr.EventData, messages: list[Message], session_id: str) -> Iterator[Update]:
        """A button on a card or a chip was pressed."""
        data = {str(k): str(v) for k, v in (event._data or {}).items()}
        act, item_id, view = data.get("act", ""), data.get("item", ""), View(list(messages))
        if act == "say":
            yield from self._say(data.get("message", ""), view, session_id)
        elif act == "why":
            yield from self._say(f"Why did you show me number {data.get('position', '1')}?", view, session_id)
        elif act == "like":
            self._judge(session_id, item_id, EventKind.LIKE)
            gr.Info("Noted: more like this.", duration=3)
        elif act == "dislike":
            self._judge(session_id, item_id, EventKind.DISLIKE)
            yield from self._play(view, lambda: self._bot.refresh(session_id, user_id=self._user_id))
        elif act == "drop":
            self._bot.drop(session_id, int(data.get("need", "0")), data.get("key", ""))
            yield from self._play(view, lambda: self._bot.refresh(session_id, user_id=self._user_id))

    def slide(self, diversity: float, session_id: str) -> None:
        """The diversity slider was moved; it counts from the next list on."""
        self._bot.set_diversity(session_id, diversity)

    def _say(self, message: str, view: View, session_id: str) -> Iterator[Update]:
        hear(view, message)
        yield from self._play(view, lambda: self._bot.reply(session_id, message, user_id=self._user_id))

    def _judge(self, session_id: str, item_id: str, kind: EventKind) -> None:
        self._bot.feedback(session_id, item_id, kind, user_id=self._user_id)

    def _play(self, view: View, events: Callable[[], Iterator[ReplyEvent]]) -> Iterator[Update]:
        try:
            for now in stream(view, events()):
                yield now.messages, now.chips, now.receipt
        except ChatrecError as error:
            view.messages.append({"role": "assistant", "content": f"Something went wrong on our side: {escape(str(error))}"})
            yield view.messages, view.chips, view.receipt


def build(bot: ChatRec, user_id: str | None = None) -> gr.Blocks:
    """The page as Gradio blocks."""
    page, about = ChatPage(bot, user_id), bot.about()
    blocks: gr.Blocks
    with gr.Blocks(title=str(about["shop"]), analytics_enabled=False, fill_height=True) as blocks:
        session = gr.State(lambda: f"page-{secrets.token_hex(12)}")
        gr.HTML(f'<div class="cr-top"><h1>{escape(about["shop"])}</h1><span>{about["items"]:,} products · ask me anything</span></div>')
        with gr.Row():
            with gr.Column(scale=4, min_width=320):
                chat = gr.Chatbot(
                    label="Conversation",
                    show_label=False,
                    height="68vh",
                    allow_tags=False,
                    sanitize_html=True,
                    buttons=["copy", "copy_all"],
                    feedback_options=None,
                    group_consecutive_messages=True,
                    latex_delimiters=[],
                    placeholder=_welcome(about),
                    layout="bubble",
                )
                chips = gr.HTML("", elem_id="cr-chips")
                with gr.Row(equal_height=False, elem_id="cr-compose"):
                    box = gr.Textbox(
                        placeholder="What are you looking for?", show_label=False, label="Your message", scale=8, autofocus=True,
                        max_length=bot.settings.dialogue.message_chars, lines=1, max_lines=4,
                    )  # fmt: skip
                    go = gr.Button("Send", variant="primary", scale=1, min_width=80)
                    stop = gr.Button("Stop", scale=1, min_width=70)
            with gr.Column(scale=1, min_width=230):
                slider = gr.Slider(
                    0,
                    1,
                    value=bot.settings.offer.diversity,
                    step=0.05,
                    label="Variety",
                    info="left: closest matches; right: a wider choice",
                )
                fresh = gr.Button("New conversation", size="sm")
                with gr.Accordion("Why this answer (receipt)", open=False):
                    receipt = gr.HTML("")
        bridge = gr.HTML("", elem_id="cr-bridge", js_on_load=_BRIDGE)
        sent = [
            trigger(page.send, [box, chat, session], [chat, chips, receipt, box], show_progress="hidden", api_visibility="private")
            for trigger in (box.submit, go.click)
        ]
        pressed = bridge.click(page.press, [chat, session], [chat, chips, receipt], show_progress="hidden", api_visibility="private")
        stop.click(None, cancels=[*sent, pressed], api_visibility="private")
        slider.release(page.slide, [slider, session], api_visibility="private")
        fresh.click(lambda: ([], "", "", f"page-{secrets.token_hex(12)}"), None, [chat, chips, receipt, session], api_visibility="private")
    return blocks


def _welcome(about: dict[str, Any]) -> str:
    return (
        f"### {escape(str(about['shop']))}\n\nTell me what you need, in your own words.\n\n"
        "A budget, a brand you like or don't, who it is for: it all helps. I also know the shop's policies and your orders."
    )


def _theme() -> gr.themes.Base:
    """Fonts of the machine: the page loads nothing from elsewhere."""
    return gr.themes.Soft(
        primary_hue="emerald", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )


def launch(bot: ChatRec, *, host: str, port: int, user_id: str | None = None, block: bool = True) -> gr.Blocks:
    """Open the page on ``host``:``port``. With ``block`` it returns when the server is stopped."""
    blocks = build(bot, user_id)
    blocks.queue(max_size=bot.settings.serve.queue, default_concurrency_limit=4)
    blocks.launch(
        server_name=host,
        server_port=port,
        quiet=True,
        share=False,
        prevent_thread_lock=not block,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        css=Path(__file__).with_name("page.css").read_text(encoding="utf-8"),
        theme=gr.themes.Soft(
            primary_hue="emerald", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
    )
    return blocks
