"""What understanding makes of one message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatrec.domain.need import Constraint


class Intent(StrEnum):
    """What the shopper wants done."""

    RECOMMEND = "recommend"  # find me something
    REFINE = "refine"  # change what I asked for
    MORE = "more"  # show other ones
    COMPARE = "compare"
    ITEM_QUESTION = "item_question"
    SHOP_QUESTION = "shop_question"
    ORDER_STATUS = "order_status"
    RETURN = "return"  # send back something they bought ("I want to return my boots"); what the rules are is a SHOP_QUESTION
    CART = "cart"  # put into, take out of, show or empty the cart; "I'll take it" alone is CHOOSE
    PROFILE = "profile"  # what is remembered of them: "what do you know about me", "forget me"
    TOOL = "tool"  # one of the shop's own tools, or a word on what was asked before a change (see ``IntentSpan.detail``)
    WHY = "why"  # why did you show me this?
    FEEDBACK = "feedback"  # likes or dislikes a shown item
    CHOOSE = "choose"  # "I'll take the second one": the shopper settles on an item
    SKIP = "skip"  # does not want to answer the open question
    UNDO = "undo"
    RESET = "reset"  # start over
    SMALL_TALK = "small_talk"
    HAND_OFF = "hand_off"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class IntentSpan:
    """One intent and the part of the message that carries it. ``score`` in [0, 1].

    ``detail`` says which of the acts behind one intent is meant: "add", "remove", "show" or "empty" for CART; "show", "forget" or
    "remember" for PROFILE; the name of the tool for TOOL, or "answer" for a word on what was asked; an empty string elsewhere.
    """

    intent: Intent
    text: str
    score: float = 1.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NeedReading:
    """What one message says about one need.

    ``opens`` is True when it starts a new need rather than refining the active one. ``query`` holds the words to search with.
    ``drops`` are fields whose constraints the shopper lifted ("any brand is fine"). ``need_id`` names an open need that it speaks of
    where that is not the active one ("for both"); ``closes`` says that this need is no longer wanted. ``thing`` is the shopper's word
    for the kind of thing ("desk" of "a wooden desk").
    """

    query: str = ""
    constraints: tuple[Constraint, ...] = ()
    recipient: str = ""
    opens: bool = False
    drops: tuple[str, ...] = ()
    need_id: int | None = None
    closes: bool = False
    thing: str = ""


@dataclass(frozen=True, slots=True)
class Comparative:
    """A wish relative to something shown: ("price", -1) is cheaper, ("weight", -1) lighter.

    ``item_ids`` are the items compared with (empty: all that was shown last). ``extreme`` is True for "the cheapest".
    """

    field: str
    direction: int
    item_ids: tuple[str, ...] = ()
    extreme: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A wish that the catalogue cannot express: the word, the field it seemed to mean, and the nearest values it does have."""

    word: str
    field: str = ""
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """Words that were read as something else, so that it can be said: a slip ("hekkin pols", read as "trekking poles") or a word for
    what the catalogue calls otherwise ("wooden", read as "oak, pine"). ``field`` is empty for a slip of the pen."""

    said: str
    read: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The meaning of one message, before it touches the dialogue.

    ``references`` are ids of shown items the message points at, in the order mentioned. ``like_items`` are items to search near
    ("something like the first"). ``liked``/``disliked`` are items the shopper judged. ``order_ids`` are order numbers named.
    ``mood`` in [-1, 1]. ``language`` is an ISO 639-1 code ("en"), or "" when unsure. ``mapped`` are words read as others, which the
    reply should say.
    """

    intents: tuple[IntentSpan, ...]
    needs: tuple[NeedReading, ...] = ()
    references: tuple[str, ...] = ()
    like_items: tuple[str, ...] = ()
    comparatives: tuple[Comparative, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    order_ids: tuple[str, ...] = ()
    language: str = "en"
    mood: float = 0.0
    mapped: tuple[Mapped, ...] = ()

    def has(self, intent: Intent) -> bool:
        """Whether any span carries this intent."""
        return any(span.intent is intent for span in self.intents)

    def span(self, intent: Intent) -> str:
        """The words of the first span with this intent, or an empty string."""
        return next((s.text for s in self.intents if s.intent is intent), "")
