"""What the chat page would show of a turn: the check that hostile input is judged by, where the page is known."""

from __future__ import annotations

from collections.abc import Sequence

from chatrec.domain.reply import ReplyEvent
from chatrec.evaluation.page_check import html_problems, markdown_problems


def page_problems(events: Sequence[ReplyEvent], message: str) -> list[str]:
    """What the chat page would show unescaped in this turn."""
    from chatrec.service.conversation import View, hear, stream
    from chatrec.service.render import escape_markdown

    view = hear(View(), message)
    problems = [] if view.messages[0]["content"] == escape_markdown(message) else ["the message stands unescaped"]
    *_, view = stream(view, events)
    for text in (m["content"] for m in view.messages):
        problems += markdown_problems(text) if isinstance(text, str) else []
    blocks = [getattr(m["content"], "value", "") for m in view.messages]
    for html in (*blocks, view.chips, view.receipt):
        problems += html_problems(str(html or ""))
    return problems
