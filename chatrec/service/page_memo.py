"""What a browser tells the chat page when it opens it, and what it is told to remember."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from chatrec.domain.state import DialogueState
from chatrec.service.page_texts import LANGUAGES, Texts, preferred, texts_in

_SESSION = re.compile(r"page-[0-9a-f]{24}")
# The memo holds what was liked and not; a longer one is nobody's.
_MOST_CHARS = 65_536


@dataclass(frozen=True, slots=True)
class Memo:
    """The conversation that the browser was in, or empty, and the page's own texts as its reader wants them."""

    session_id: str
    texts: Texts


def read_memo(text: object) -> Memo:
    """What the browser's memo says. Total: what cannot be read is a browser that was never here."""
    try:
        said = json.loads(str(text or "")[:_MOST_CHARS])
    except ValueError:
        said = None
    told = {str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else {}
    session_id, chosen = told.get("session", ""), told.get("language", "")
    texts = texts_in(chosen) if chosen in LANGUAGES else preferred(told.get("languages", ""))
    return Memo(session_id if _SESSION.fullmatch(session_id) else "", texts)


def write_memo(state: DialogueState, texts: Texts) -> str:
    """What the browser is to know: its conversation, what was liked in it or not, and the language with the texts of the page's script."""
    told = {
        "session": state.session_id, "liked": state.liked, "disliked": state.disliked, "language": texts.language,
        "texts": texts.of_the_script(),
    }  # fmt: skip
    return json.dumps(told)
