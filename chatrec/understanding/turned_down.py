"""Values turned down by pointing at them: "not that brand", "another colour please", "do you have any other brands?"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from chatrec.domain.item import Item
from chatrec.domain.need import Op
from chatrec.domain.state import DialogueState
from chatrec.understanding.lifting import named_fields
from chatrec.understanding.text import Message
from chatrec.understanding.vocabulary import Vocabulary

_NOT = (
    r"(?:not|no|no more(?: of)?|nothing|anything but|everything but|other than|except(?: for)?|without|avoid|exclude|drop|skip|remove|"
    r"leave out|hate|dislike|(?:don't|do not|didn't) (?:really )?(?:like|want|need|trust)|never|tired of)"
)
_THAT = r"(?:from |by |of |in )?(?:that|this|those|these|the same|its|their)"
_OTHER = r"(?:another|a different|different|(?<!the )other|(?<!the )others|some other|any other|a new)"
# What follows asks what an item comes in, and turns nothing down.
_ASKS = re.compile(
    r"\b(?:come|comes|coming|available|offered|does (?:it|this|that|the)|"
    r"do (?:they|these|those)|is (?:it|this|that|there)|are (?:they|these|those))\b"
)
_FIELDS = ("words",)


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """Values of one field that the shopper does not want, and the tokens that say so."""

    field: str
    values: tuple[str, ...]
    tokens: tuple[int, ...]


def turned_down(message: Message, state: DialogueState, vocabulary: Vocabulary, item: Callable[[str], Item | None]) -> list[TurnedDown]:
    """What this message turns down in the dialogue so far; empty where nothing was shown."""
    if not state.shown or _ASKS.search(message.text):
        return []
    fields = tuple(sorted(f for f, known in vocabulary.fields.items() if known.kind in _FIELDS and f != "category"))
    found: list[TurnedDown] = []
    taken: set[int] = set()
    for match in _pattern(fields).finditer(message.text):
        tokens = tuple(message.span(match.start(), match.end()))
        field = named_fields(fields)[match["not"] or match["which"] or match["what"]]
        open_to = message.text[: match.start()].endswith(("open to ", "fine with "))
        values = () if field not in fields or open_to or taken & set(tokens) else _meant(field, match["other"] is not None, state, item)
        if values:
            found.append(TurnedDown(field, values, tokens))
            taken |= set(tokens)
    return found


def _meant(field: str, other: bool, state: DialogueState, item: Callable[[str], Item | None]) -> tuple[str, ...]:
    """ "That brand" is the brand of the item talked about, of all that is shown, or the one asked for; "another brand" is none of those."""
    need = state.need()
    wanted = [v for c in (need.constraints if need else ()) if c.field == field and c.op is Op.IS for v in c.values]
    if len(state.focus) == 1 and (held := _values(item(state.focus[0]), field)):
        return tuple(dict.fromkeys((*wanted, *held))) if other else held
    listed = [_values(item(i), field) for i in state.last_shown()]
    if other:
        return tuple(dict.fromkeys((*wanted, *(v for values in listed for v in values))))
    if wanted:
        return tuple(wanted)
    return next((values for values in listed if values), ())


def _values(item: Item | None, field: str) -> tuple[str, ...]:
    if item is None:
        return ()
    if field == "brand":
        return (item.brand,) if item.brand else ()
    attribute = item.attribute(field)
    return tuple(dict.fromkeys((*(attribute.values if attribute else ()), *item.options().get(field, ()))))


@lru_cache(maxsize=64)
def _pattern(fields: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(n) for n in named_fields(fields))
    return re.compile(
        rf"\b(?:{_NOT} {_THAT} (?P<not>{names})|(?P<other>(?:(?:from|by|of|in) )?{_OTHER} (?P<which>{names})"
        rf"|(?P<what>{names}) (?:other than|different from) (?:that|this|these|those|them|it)))\b(?: (?:please|instead|though))*"
    )
