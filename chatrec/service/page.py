"""The chat page: Gradio over one open shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from chatrec.bot import ChatRec
from chatrec.service.examples import opening_questions
from chatrec.service.handlers import ChatPage
from chatrec.service.page_head import no_receipt_html, top_html, variety_ends_html, welcome_html
from chatrec.service.page_memo import read_memo
from chatrec.service.page_texts import ENGLISH, Texts
from chatrec.service.render import examples_html
from chatrec.service.stream import Turns

_FILES = Path(__file__).parent
_BRIDGE_HTML = '<div class="cr-changing"></div><div class="cr-queue"></div><div class="cr-heard" role="status"></div>'
_DONE = "() => window.chatrec.done()"
_RECALL = "() => window.chatrecMemory.recall()"
_KEEP = "(memo) => window.chatrecMemory.keep(memo)"
_STOP = "(messages, memo) => { window.chatrec.stop(); return [messages, memo]; }"
_FRESH = "(memo) => { window.chatrec.fresh(); return [memo]; }"


class Words:
    """The page's own texts in its parts: in English as it comes, in another language as soon as the browser has said which."""

    def __init__(self, bot: ChatRec, signed_in: bool) -> None:
        about = bot.about()
        self.shop, self._count, self._signed_in = str(about["shop"]), int(about["items"]), signed_in
        items, policies = bot.items(), bot.database.policies.all()
        self._prices, self._policies = any(item.price is not None for item in items), bool(policies)
        self.examples = opening_questions(items, about["currency"], policies)

    def head(self, texts: Texts) -> str:
        """The head of the page."""
        return top_html(self.shop, self._count, texts)

    def welcome(self, texts: Texts) -> str:
        """What the empty conversation says."""
        return welcome_html(self.shop, texts, prices=self._prices, policies=self._policies, signed_in=self._signed_in)


def build(bot: ChatRec, turns: Turns, user_id: str | None = None) -> gr.Blocks:
    """The page as Gradio blocks. Its turns line up in ``turns``."""
    words = Words(bot, user_id is not None)
    page = ChatPage(bot, turns, user_id, words.examples)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    blocks: gr.Blocks
    with gr.Blocks(title=words.shop, analytics_enabled=False, fill_height=True) as blocks:
        # The browser carries its session's id. A gr.State would hold a connection open for each tab, and a browser has six for one host.
        memo = gr.Textbox(visible=False)
        top = gr.HTML(words.head(ENGLISH), apply_default_css=False)
        speak = gr.Button("", elem_id="cr-speak")
        with gr.Row(elem_id="cr-main"):
            with gr.Column(scale=4, min_width=300, elem_id="cr-talk"):
                chat = _conversation(words)
                chips = gr.HTML(examples_html(words.examples), elem_id="cr-chips", apply_default_css=False)
                bridge = gr.HTML(_BRIDGE_HTML, elem_id="cr-bridge", js_on_load=(_FILES / "page.js").read_text(encoding="utf-8"))
                box, send, stop = _compose(bot)
            with gr.Column(scale=1, min_width=230, elem_id="cr-side"):
                fresh, side, slider, ends, why, receipt = _side(bot)
        _say_on((box.submit, send.click), box)
        everything = [chat, chips, receipt, side, memo]
        spoken = [top, box, send, stop, fresh, slider, ends, why]

        def opened(said: str) -> tuple[Any, ...]:
            """The conversation, and the page's parts in the reader's language."""
            messages, row, told, *rest = page.resume(said)
            texts = read_memo(said).texts
            shown = gr.update(value=messages, label=texts("conversation"), placeholder=words.welcome(texts))
            return (shown, row, told or no_receipt_html(texts), *rest, words.head(texts), *_parts_in(texts))

        asked = bridge.click(
            page.press, [chat, memo], [chat, chips, receipt, side], trigger_mode="multiple", concurrency_limit=None, **quiet
        )
        stopped = stop.click(page.stop, [chat, memo], chat, js=_STOP, cancels=[asked], queue=False, **quiet)
        begun = fresh.click(page.begin, memo, everything, js=_FRESH, cancels=[asked], queue=False, **quiet)
        loaded = blocks.load(opened, memo, [*everything, *spoken], js=_RECALL, queue=False, **quiet)
        turned = speak.click(opened, memo, [*everything, *spoken], js=_RECALL, queue=False, **quiet)
        for settled in (loaded, begun, turned):
            settled.then(None, memo, js=_KEEP, api_visibility="private")
        for ended in (asked, stopped, begun, turned):
            ended.then(None, js=_DONE, api_visibility="private")
    return blocks


def _parts_in(texts: Texts) -> tuple[Any, ...]:
    """Gradio's own parts in a language: box, Send, Stop, New conversation, slider with its ends, and the receipt's fold."""
    return (
        gr.update(placeholder=texts("placeholder"), label=texts("message")),
        *(gr.update(value=texts(key)) for key in ("send", "stop", "fresh")),
        gr.update(label=texts("variety"), info=texts("variety_info")),
        variety_ends_html(texts),
        gr.update(label=texts("receipt")),
    )


def _conversation(words: Words) -> gr.Chatbot:
    return gr.Chatbot(
        label=ENGLISH("conversation"),
        show_label=False,
        height=None,
        elem_id="cr-chat",
        allow_tags=False,
        sanitize_html=True,
        autoscroll=False,  # page.js keeps the newest exchange in view, from its beginning
        buttons=[],
        feedback_options=None,
        group_consecutive_messages=True,
        latex_delimiters=[],
        placeholder=words.welcome(ENGLISH),
        layout="bubble",
    )


def _compose(bot: ChatRec) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """The box to write in (Enter sends, Shift+Enter begins a new line), Send, and Stop, which shows while an answer comes."""
    with gr.Row(equal_height=False, elem_id="cr-compose"):
        box = gr.Textbox(
            placeholder=ENGLISH("placeholder"), show_label=False, label=ENGLISH("message"), container=False, scale=8, min_width=120,
            autofocus=True, max_length=bot.settings.dialogue.message_chars, lines=1, max_lines=4,
        )  # fmt: skip
        stop = gr.Button(ENGLISH("stop"), scale=0, min_width=64, elem_id="cr-stop")
        send = gr.Button(ENGLISH("send"), variant="primary", scale=0, min_width=72, elem_id="cr-send")
    return box, send, stop


def _side(bot: ChatRec) -> tuple[gr.Button, gr.HTML, gr.Slider, gr.HTML, gr.Accordion, gr.HTML]:
    """New conversation, the cart and what is remembered, the variety slider with its ends, and the folded receipt."""
    fresh = gr.Button(ENGLISH("fresh"), size="sm", elem_id="cr-fresh")
    side = gr.HTML("", elem_id="cr-kept", apply_default_css=False)
    with gr.Group(elem_id="cr-variety"):
        slider = gr.Slider(
            0, 1, value=bot.settings.offer.diversity, step=0.05, label=ENGLISH("variety"), info=ENGLISH("variety_info"),
            buttons=[], interactive=True,
        )  # fmt: skip
        ends = gr.HTML(variety_ends_html(ENGLISH), apply_default_css=False)
    with gr.Accordion(ENGLISH("receipt"), open=False, elem_id="cr-why") as why:
        receipt = gr.HTML(no_receipt_html(ENGLISH))
    return fresh, side, slider, ends, why, receipt


def _say_on(triggers: tuple[Any, ...], box: gr.Textbox) -> None:
    """The box is emptied in the browser, at once: what is typed while an answer comes stays or waits its turn, and is never wiped."""
    for trigger in triggers:
        trigger(None, box, box, js="(message) => window.chatrec.say(message)", show_progress="hidden", api_visibility="private")


def _theme() -> gr.themes.Base:
    """Fonts of the machine: the page loads nothing from elsewhere."""
    return gr.themes.Soft(
        primary_hue="emerald", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )


def mount(app: FastAPI, bot: ChatRec, turns: Turns, user_id: str | None = None) -> None:
    """The page at ``/`` of ``app``, behind every other route, its turns in one line with those of the service. Nothing of it is loaded from
    elsewhere."""
    blocks = build(bot, turns, user_id)
    blocks.queue(max_size=None, default_concurrency_limit=None)  # ``turns`` bound both, and say so when they are full
    style, memory = ((_FILES / name).read_text(encoding="utf-8") for name in ("page.css", "page_memory.js"))
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        favicon_path=str(_FILES / "favicon.svg"),
        head=f"<style>{style}</style><script>{memory}</script>",
        theme=_theme(),
    )
