"""What stands side by side: wishes meant for all of it, and the other one of two."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.state import DialogueState

_FOR_EACH = re.compile(
    r"\bfor (?:both|each|all)(?: of (?:them|these|those))?\b|\bboth (?:of them )?(?:should|must|have to|need to|under|below|in)\b"
)


def speaks_of_each(text: str) -> bool:
    """Whether a wish is meant for everything that was shown side by side ("cheaper for both")."""
    return bool(_FOR_EACH.search(text))


def lists_of_each(state: DialogueState) -> list[tuple[str, ...]]:
    """The newest list of each open need; only the newest of all where "both" may well mean its two items."""
    if len(state.last_shown()) == 2 and sum(s.turn == state.shown[-1].turn for s in state.shown) == 1:
        return [state.last_shown()]
    newest = {s.need_id: s.item_ids for s in state.shown if state.need(s.need_id) is not None}
    return [newest[n.need_id] for n in state.needs if n.need_id in newest]


def other_than(known: Sequence[str], listed: Sequence[str]) -> tuple[str, ...]:
    """ "The other one": of two, the one that is not talked about; of more, the next after it, or the last."""
    if not known or known[0] not in listed:
        return tuple(listed[-1:])
    place = listed.index(known[0])
    return tuple(listed[place + 1 : place + 2] or listed[:1]) if len(listed) > 1 else ()
