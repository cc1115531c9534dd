"""What stands side by side: wishes meant for all of it, and the other one of two."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec.domain.state import DialogueState

_FOR_EACH = re.compile(r"\bfor (?:both|each|all)(?: of (?:them|these|those))?\b")
_EACH = re.compile(r"\beach\b(?! other| of | one )|\bapiece\b")
_EACH_OF = re.compile(r"\bboth (?:of them )?(?:should|must|have to|need to|under|below|in)\b")


def lists_of_each(text: str, state: DialogueState) -> list[tuple[str, ...]]:
    """The newest list of each open need, where a wish is meant for all that was asked for ("cheaper for both"); empty where it is not.

    "Both should be blue" is said of the two items of the newest list, if it has two; "for both" is not: one has a wish for what one
    looks for, and how many items the last list happened to hold does not change it.
    """
    of_two = bool(_EACH_OF.search(text)) and not (_stands_alone(state) and len(state.last_shown()) == 2)
    of_each = bool(_EACH.search(text)) and not _stands_alone(state)  # "under 150 each", after several things in one message
    if not of_two and not of_each and not _FOR_EACH.search(text):
        return []
    newest = {s.need_id: s.item_ids for s in state.shown if state.need(s.need_id) is not None}
    return [newest[n.need_id] for n in state.needs if n.need_id in newest]


def _stands_alone(state: DialogueState) -> bool:
    return sum(s.turn == state.shown[-1].turn for s in state.shown) == 1 if state.shown else False


def other_than(known: Sequence[str], listed: Sequence[str]) -> tuple[str, ...]:
    """ "The other one": of two, the one that is not talked about; of more, the next after it, or the last."""
    if not known or known[0] not in listed:
        return tuple(listed[-1:])
    place = listed.index(known[0])
    return tuple(listed[place + 1 : place + 2] or listed[:1]) if len(listed) > 1 else ()
