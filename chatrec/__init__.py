"""chatrec: a conversational recommender for shops.

``from chatrec import ChatRec`` loads nothing heavy; the language model, the indexes and torch load when a shop is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatrec.actions.tools import tool
    from chatrec.bot import ChatRec

__all__ = ["ChatRec", "__version__", "tool"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "ChatRec":
        from chatrec.bot import ChatRec

        return ChatRec
    if name == "tool":
        from chatrec.actions.tools import tool

        return tool
    raise AttributeError(f"module 'chatrec' has no attribute '{name}'")
