"""The decision: what the turn does, as an ordered list of acts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.dialogue.ledger import Change
from chatrec.domain.act import Act, AnswerItem, AnswerShop, Compare, Decline, Explain, HandOff, OrderStatus, Recommend, Say
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState

MOST_ACTS = 4
MOST_COMPARED = 4
ANGRY = -0.75

_SEARCHES = {Intent.RECOMMEND, Intent.REFINE, Intent.SKIP}
_TOPICS = (
    ("thanks", re.compile(r"\b(?:thank|thanks|thx|cheers|ta)\b", re.I)),
    ("bye", re.compile(r"\b(?:bye|goodbye|see you|good night|that's all|thats all)\b", re.I)),
    ("capability", re.compile(r"\b(?:who are you|what are you|what can you|how can you help|are you (?:a )?(?:bot|human|real))\b", re.I)),
)


def decide(state: DialogueState, reading: Reading, change: Change) -> tuple[Act, ...]:
    """The acts of this turn. There is always at least one, and never more than ``MOST_ACTS``."""
    acts: list[Act] = []
    for span in reading.intents:
        for act in _acts_for(span, state, reading, change):
            if act not in acts and not _covered(act, acts):
                acts.append(act)
    if not acts:
        acts = [_unmet(change)] if change.unmet or change.unknown else list(_search(state, reading, change)) or [Decline("scope")]
    if reading.mood <= ANGRY and not state.handed_off and not any(isinstance(a, HandOff) for a in acts):
        # to be told what the bot can not do is the last thing that an angry shopper needs
        kept = [a for a in acts if not isinstance(a, Decline)][: MOST_ACTS - 1]
        return (*kept, HandOff("anger"))
    return tuple(_without_greeting(acts)[:MOST_ACTS])


def _without_greeting(acts: list[Act]) -> list[Act]:
    """ "Hi, I need a tent" is answered with tents: "what can I help you find?" would be deaf."""
    return [a for a in acts if not (isinstance(a, Say) and a.topic == "greet")] or acts


def _covered(act: Act, acts: list[Act]) -> bool:
    return isinstance(act, Recommend) and any(isinstance(a, Recommend) and a.need_id == act.need_id for a in acts)


def _unmet(change: Change) -> Say:
    return Say("nothing_further" if change.unmet else "not_carried")


def _acts_for(span: IntentSpan, state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    intent = span.intent
    if intent in _SEARCHES:
        yield from _search(state, reading, change)
    elif intent in (Intent.MORE, Intent.FEEDBACK, Intent.CHOOSE, Intent.COMPARE, Intent.ITEM_QUESTION, Intent.WHY):
        yield from _about_items(span, state, reading, change)
    elif intent is Intent.SHOP_QUESTION:
        yield AnswerShop(span.text)
    elif intent is Intent.ORDER_STATUS:
        yield OrderStatus(reading.order_ids)
    elif intent is Intent.HAND_OFF:
        yield HandOff("asked")
    elif intent in (Intent.UNDO, Intent.RESET):
        yield Say("undone" if intent is Intent.UNDO else "reset")
        yield from _search(state, reading, change)
    elif intent is Intent.SMALL_TALK:
        yield Say(_topic(span.text))
    else:
        yield Decline("scope")


def _search(state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    if not change.touched and (change.unmet or change.unknown):
        return  # what was asked for is not to be had: showing the old list again would be no answer
    order_by = next(((c.field, c.direction) for c in reading.comparatives if c.extreme and c.field not in change.unlisted), None)
    # a question that is waved away changes nothing: the same list again would be no answer
    fresh = bool(reading.disliked) or (reading.has(Intent.SKIP) and not change.touched)
    touched = change.touched or ((state.active_need,) if state.active_need is not None else ())
    for need_id in touched:
        yield Recommend(need_id, order_by, fresh=fresh)
    if not touched and (reading.has(Intent.RECOMMEND) or (state.shown and not reading.has(Intent.UNDO) and not reading.has(Intent.RESET))):
        # nothing said yet about what: show what this shopper, or everyone, likes
        yield Recommend(0, order_by, fresh=fresh)


def _about_items(span: IntentSpan, state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    intent, pointed = span.intent, reading.references
    if intent is Intent.MORE:
        yield Recommend(state.active_need or 0, fresh=True)
    elif intent is Intent.FEEDBACK:
        if reading.disliked:
            yield Recommend(state.active_need or 0, fresh=True)
        else:
            yield Say("liked", reading.liked)
    elif intent is Intent.CHOOSE:
        yield Say("chosen", pointed or state.focus or state.last_shown()[:1])
    elif intent is Intent.COMPARE:
        items = pointed if len(pointed) > 1 else tuple(dict.fromkeys((*pointed, *state.last_shown())))
        yield Compare(items[:MOST_COMPARED]) if len(items) > 1 else Say("compare_what")
    elif intent is Intent.WHY:
        items = pointed or state.focus or state.last_shown()[:1]
        yield Explain(items[0]) if items else Say("why_what")
    else:
        yield from _item_question(span, state, pointed, change)


def _item_question(span: IntentSpan, state: DialogueState, pointed: tuple[str, ...], change: Change) -> Iterator[Act]:
    items = pointed or state.focus or state.last_shown()
    if items:
        yield AnswerItem(items[:MOST_COMPARED], span.text)
    elif change.touched:
        for need_id in change.touched:
            yield Recommend(need_id)
    else:
        yield Say("which_item")


def _topic(text: str) -> str:
    return next((topic for topic, pattern in _TOPICS if pattern.search(text)), "greet")
