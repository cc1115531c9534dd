"""The chat page: Gradio over one open shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from chatrec.bot import ChatRec
from chatrec.service.examples import opening_questions
from chatrec.service.handlers import ChatPage, new_session
from chatrec.service.render import examples_html, top_html, welcome_html

_FILES = Path(__file__).parent
_BRIDGE_HTML = '<div class="cr-queue" role="status" aria-label="Messages waiting to be sent"></div>'
_VARIETY_ENDS = '<div class="cr-ends" aria-hidden="true"><span>closest matches</span><span>wider choice</span></div>'
_DONE = "() => window.chatrec.done()"
# The browser remembers which conversation it was in; where it may not store anything, every load begins a new one.
_RECALL = "() => { try { return [localStorage.getItem('chatrec.session') || '']; } catch { return ['']; } }"
_KEEP = """(memo) => {
  const { session, liked, disliked } = JSON.parse(memo);
  try { localStorage.setItem('chatrec.session', session); } catch { /* a private window */ }
  window.chatrecJudged = [...liked.map((item) => [item, 'like']), ...disliked.map((item) => [item, 'dislike'])];
  window.chatrec?.resume();
}"""


def build(bot: ChatRec, user_id: str | None = None) -> gr.Blocks:
    """The page as Gradio blocks."""
    about, policies = bot.about(), bot.database.policies.all()
    examples = examples_html(opening_questions(bot.items(), about["currency"], policies))
    page = ChatPage(bot, user_id, examples)
    blocks: gr.Blocks
    with gr.Blocks(title=str(about["shop"]), analytics_enabled=False, fill_height=True) as blocks:
        session = gr.State(new_session)
        memo = gr.Textbox(visible=False)
        gr.HTML(top_html(str(about["shop"]), about["items"]), apply_default_css=False)
        with gr.Row(elem_id="cr-main"):
            with gr.Column(scale=4, min_width=300, elem_id="cr-talk"):
                chat = _conversation(bot, about, policies, user_id)
                chips = gr.HTML(examples, elem_id="cr-chips", apply_default_css=False)
                bridge = gr.HTML(_BRIDGE_HTML, elem_id="cr-bridge", js_on_load=(_FILES / "page.js").read_text(encoding="utf-8"))
                box, send, stop = _compose(bot)
            with gr.Column(scale=1, min_width=230, elem_id="cr-side"):
                fresh, side, receipt = _side(bot)
        _say_on((box.submit, send.click), box)
        everything = [chat, chips, receipt, side, session, memo]
        asked = bridge.click(
            page.press,
            [chat, session],
            [chat, chips, receipt, side],
            show_progress="hidden",
            trigger_mode="multiple",
            api_visibility="private",
        )
        stopped = stop.click(
            page.stop, chat, chat, js="(messages) => { window.chatrec.stop(); return [messages]; }",
            cancels=[asked], queue=False, show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        begun = fresh.click(
            page.begin, None, everything,
            js="() => { window.chatrec.fresh(); return []; }", cancels=[asked], queue=False,
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
        loaded = blocks.load(page.resume, memo, everything, js=_RECALL, queue=False, show_progress="hidden", api_visibility="private")
        for settled in (loaded, begun):
            settled.then(None, memo, js=_KEEP, api_visibility="private")
        for ended in (asked, stopped, begun):
            ended.then(None, js=_DONE, api_visibility="private")
    return blocks


def _conversation(bot: ChatRec, about: dict[str, Any], policies: dict[str, str], user_id: str | None) -> gr.Chatbot:
    prices = any(item.price is not None for item in bot.items())
    return gr.Chatbot(
        label="Conversation",
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
        placeholder=welcome_html(str(about["shop"]), prices=prices, policies=bool(policies), signed_in=user_id is not None),
        layout="bubble",
    )


def _compose(bot: ChatRec) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """The box to write in (Enter sends, Shift+Enter begins a new line), Send, and Stop, which shows while an answer comes."""
    with gr.Row(equal_height=False, elem_id="cr-compose"):
        box = gr.Textbox(
            placeholder="What are you looking for?", show_label=False, label="Your message", container=False, scale=8, min_width=120,
            autofocus=True, max_length=bot.settings.dialogue.message_chars, lines=1, max_lines=4,
        )  # fmt: skip
        stop = gr.Button("Stop", scale=0, min_width=64, elem_id="cr-stop")
        send = gr.Button("Send", variant="primary", scale=0, min_width=72, elem_id="cr-send")
    return box, send, stop


def _side(bot: ChatRec) -> tuple[gr.Button, gr.HTML, gr.HTML]:
    """New conversation, the cart and what is remembered, the variety slider and the folded receipt."""
    fresh = gr.Button("New conversation", size="sm", elem_id="cr-fresh")
    side = gr.HTML("", elem_id="cr-kept", apply_default_css=False)
    with gr.Group(elem_id="cr-variety"):
        gr.Slider(
            0, 1, value=bot.settings.offer.diversity, step=0.05, label="Variety",
            info="How alike or different the products are that you are shown",
            buttons=[], interactive=True,
        )  # fmt: skip
        gr.HTML(_VARIETY_ENDS, apply_default_css=False)
    with gr.Accordion("Why this answer?", open=False, elem_id="cr-why"):
        receipt = gr.HTML('<p class="cr-quiet">The receipt of the last answer will stand here.</p>')
    return fresh, side, receipt


def _say_on(triggers: tuple[Any, ...], box: gr.Textbox) -> None:
    """The box is emptied in the browser, at once: what is typed while an answer comes stays or waits its turn, and is never wiped."""
    for trigger in triggers:
        trigger(None, box, box, js="(message) => window.chatrec.say(message)", show_progress="hidden", api_visibility="private")


def _theme() -> gr.themes.Base:
    """Fonts of the machine: the page loads nothing from elsewhere."""
    return gr.themes.Soft(
        primary_hue="emerald", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )


def mount(app: FastAPI, bot: ChatRec, user_id: str | None = None) -> None:
    """The page at ``/`` of ``app``, behind every other route. Nothing of it is loaded from elsewhere."""
    blocks = build(bot, user_id)
    blocks.queue(max_size=bot.settings.serve.queue, default_concurrency_limit=bot.settings.serve.turns)
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
        head=f"<style>{(_FILES / 'page.css').read_text(encoding='utf-8')}</style>",
        theme=_theme(),
    )
