"""The decision: what the turn does, as an ordered list of acts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatrec.dialogue.bounds import shown_for
from chatrec.dialogue.explaining import WHY_NOT
from chatrec.dialogue.follow_ups import DISPUTED, HAGGLE, NODDED, NOTHING_NEAR, STRAY_NO, STRAY_YES, UNDECIDED
from chatrec.dialogue.ledger import Change
from chatrec.dialogue.tools import service_acts
from chatrec.dialogue.totals import ASKS_TOTAL
from chatrec.domain.act import Act, AnswerItem, AnswerShop, Compare, Decline, Explain, HandOff, OrderStatus, Recommend, Say
from chatrec.domain.languages import answers_in_english
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState

MOST_ACTS = 4
MOST_COMPARED = 4
ANGRY = -0.75
# Two negative turns in a row weigh as much as an angry one.
DISPLEASED, LASTING = -0.3, -0.35

_SERVICES = {Intent.CART, Intent.RETURN, Intent.PROFILE, Intent.TOOL}
_WHY_NOT_THAT = re.compile(
    r"(?:(?:and|but|so|then|ok|okay|hm+) ?,? ?)*(?:why|how come) (?:not|no|isn't|wasn't|didn't)\b"
    r"(?! (?:show|try|look|give|buy|just|ask|go)\b)",
    re.IGNORECASE,
)
_SEARCHES = {Intent.RECOMMEND, Intent.REFINE, Intent.SKIP}
_TOPICS = (
    ("thanks", re.compile(r"\b(?:thank|thanks|thx|cheers|ta)\b", re.I)),
    ("bye", re.compile(r"\b(?:bye|goodbye|see you|good night|that's all|thats all)\b", re.I)),
    (
        "who",
        re.compile(
            r"\b(?:who are you|what are you|are you (?:an? )?(?:\w+ )?"
            r"(?:bot|robot|chatbot|human|person|real|machine|computer|ai|program|chat ?gpt|gpt\S*|claude|gemini|siri|alexa|copilot))\b",
            re.I,
        ),
    ),
    ("capability", re.compile(r"\b(?:what can you|how can you help)\b", re.I)),
    (
        "greet",
        re.compile(r"\b(?:hi+|hello|hey+|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|how are you|how do you do)\b", re.I),
    ),
)


def decide(state: DialogueState, reading: Reading, change: Change) -> tuple[Act, ...]:
    """The acts of this turn. There is always at least one, and never more than ``MOST_ACTS``."""
    acts: list[Act] = []
    for span in reading.intents:
        for act in _acts_for(span, state, reading, change):
            if act not in acts and not _covered(act, acts):
                acts.append(act)
    if not acts:
        acts = (
            [_unmet(change)]
            if change.unmet or change.unknown or change.unlisted
            else list(_search(state, reading, change)) or [Decline("scope")]
        )
    if answers_in_english(reading.language) and all(isinstance(a, Decline) for a in acts):
        acts = [Say("not_in_english")]  # nothing of the message could be searched for: said in the notice before it
    angry = reading.mood <= ANGRY or (reading.mood <= DISPLEASED and state.mood <= LASTING)
    if angry and not state.handed_off and not any(isinstance(a, HandOff) for a in acts):
        # to be told what the bot can not do is the last thing that an angry shopper needs
        kept = [a for a in acts if not isinstance(a, Decline) and not (isinstance(a, Say) and a.topic in ("greet", "capability"))]
        kept = kept[: MOST_ACTS - 1]
        return (*kept, HandOff("anger"))
    if reading.mood <= ANGRY and all(isinstance(a, Decline) for a in acts):
        acts = [Say("upset")]  # a person was called already
    return tuple(_without_greeting(acts)[:MOST_ACTS])


def _without_greeting(acts: list[Act]) -> list[Act]:
    """ "Hi, I need a tent" is answered with tents: "what can I help you find?" would be deaf."""
    return [a for a in acts if not (isinstance(a, Say) and a.topic == "greet")] or acts


def _covered(act: Act, acts: list[Act]) -> bool:
    return isinstance(act, Recommend) and any(isinstance(a, Recommend) and a.need_id == act.need_id for a in acts)


def _unmet(change: Change) -> Say:
    return Say("nothing_further" if change.unmet else "not_carried" if change.unknown else "not_recorded")


def _acts_for(span: IntentSpan, state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    intent = span.intent
    if intent is not Intent.WHY and _asks_why_not(span, state, reading):
        yield _why(span, state, reading.references)
    elif intent in _SEARCHES:
        yield from _search(state, reading, change)
    elif intent in (Intent.MORE, Intent.FEEDBACK, Intent.CHOOSE, Intent.COMPARE, Intent.ITEM_QUESTION, Intent.WHY):
        yield from _about_items(span, state, reading, change)
    elif intent in _SERVICES:
        yield from service_acts(span, state, reading)
    elif intent is Intent.SHOP_QUESTION:
        yield AnswerShop(span.text)
    elif intent is Intent.ORDER_STATUS:
        yield OrderStatus(reading.order_ids)
    elif intent is Intent.HAND_OFF:
        yield HandOff("asked")
    elif intent in (Intent.UNDO, Intent.RESET):
        undone = "nothing_to_undo" if change.nothing_to_undo else "undone"
        yield Say(undone if intent is Intent.UNDO else "reset")
        yield from _search(state, reading, change)
    elif intent is Intent.SMALL_TALK:
        yield _small_talk(span, state, reading)
    else:
        yield Decline("scope")


def _small_talk(span: IntentSpan, state: DialogueState, reading: Reading) -> Act:
    if span.detail == DISPUTED:
        return Say("disputed", (reading.references or state.focus)[:1])
    if span.detail in (UNDECIDED, HAGGLE, NOTHING_NEAR):
        return Say(span.detail, (reading.references or state.focus)[:1] if span.detail == HAGGLE else ())
    if span.detail == STRAY_YES and len(state.focus) == 1:
        return Say("stray_yes_one", state.focus)
    if span.detail in (STRAY_YES, STRAY_NO, NODDED):
        return Say(f"{span.detail}_shown" if state.shown else span.detail)
    return Say(_topic(span.text))


def _search(state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    if not change.touched and (change.unmet or change.unknown or (change.unlisted and state.shown)):
        return  # what was asked for is not to be had: showing the old list again would be no answer
    order_by = next(((c.field, c.direction) for c in reading.comparatives if c.extreme and c.field not in change.unlisted), None)
    # a question that is waved away changes nothing: the same list again would be no answer
    fresh = bool(reading.disliked or reading.like_items) or (reading.has(Intent.SKIP) and not change.touched)
    standing = state.active_need is not None and not change.nothing_to_undo
    touched = change.touched or ((state.active_need,) if standing and state.active_need is not None else ())
    for need_id in touched:
        yield Recommend(need_id, order_by, fresh=fresh)
    taken_back = reading.has(Intent.UNDO) or reading.has(Intent.RESET)
    if not touched and (reading.has(Intent.RECOMMEND) or reading.has(Intent.SKIP) or (state.shown and not taken_back)):
        # nothing said yet about what: show what this shopper, or everyone, likes
        yield Recommend(0, order_by, fresh=fresh)


def _about_items(span: IntentSpan, state: DialogueState, reading: Reading, change: Change) -> Iterator[Act]:
    intent, pointed = span.intent, reading.references
    if intent is Intent.MORE:
        yield from (Recommend(n, fresh=True) for n in change.touched or _last_needs(state))
    elif intent is Intent.FEEDBACK:
        if reading.liked or (state.shown and not reading.disliked):
            yield Say("liked", reading.liked)
        if any(i not in state.all_shown() for i in reading.liked):
            yield Recommend(state.active_need or 0, fresh=True)  # a product named as liked says what to look for
        yield from (Recommend(n, fresh=True) for n in _needs_of(reading.disliked, state))
    elif intent is Intent.CHOOSE:
        yield Say("chosen", pointed or state.focus or state.last_shown()[:1])
    elif intent is Intent.COMPARE:
        yield _compare(state, reading, change)
    elif intent is Intent.WHY:
        yield _why(span, state, pointed)
    else:
        yield from _item_question(span, state, pointed, change)


def _asks_why_not(span: IntentSpan, state: DialogueState, reading: Reading) -> bool:
    """ "And why not the Kolder?", however it was read; "why not the cheapest?" and "why not show me red ones?" are wishes."""
    wishes = reading.comparatives or any(n.constraints for n in reading.needs)
    return bool(state.shown) and not wishes and _WHY_NOT_THAT.match(span.text) is not None


def _why(span: IntentSpan, state: DialogueState, pointed: tuple[str, ...]) -> Act:
    """Why this, of what is pointed at or was shown; why not that, of what is named."""
    if WHY_NOT.search(span.text):
        return Explain(pointed[0] if pointed else "", span.text)
    items = pointed or state.focus or state.last_shown()[:1]
    return Explain(items[0]) if items else Say("why_what")


def _compare(state: DialogueState, reading: Reading, change: Change) -> Act:
    """Items side by side; "which is the lightest?" is answered, not tabled, and only by a field that this shop records."""
    pointed = reading.references
    items = pointed if len(pointed) > 1 else tuple(dict.fromkeys((*pointed, *state.last_shown())))
    wish = next((c for c in reading.comparatives if not c.extreme), None)
    if wish is not None and wish.field in change.unlisted:
        return Say("not_recorded")
    if wish is not None and items:
        return Compare(items, (wish.field, wish.direction))
    return Compare(items[:MOST_COMPARED]) if len(items) > 1 else Say("compare_what")


def _last_needs(state: DialogueState) -> tuple[int, ...]:
    """The needs whose items were shown last, when the active one is among them; else that alone."""
    newest = state.shown[-1].turn if state.shown else 0
    listed = tuple(s.need_id for s in state.shown if s.turn == newest and state.need(s.need_id) is not None)
    return listed if state.active_need in listed else (state.active_need or 0,)


def _needs_of(item_ids: tuple[str, ...], state: DialogueState) -> tuple[int, ...]:
    """The needs for which these items were shown, each once; the active one for what was shown without a need."""
    found = [shown_for(state, i) for i in item_ids]
    return tuple(dict.fromkeys(n.need_id if n is not None else state.active_need or 0 for n in found))


def _item_question(span: IntentSpan, state: DialogueState, pointed: tuple[str, ...], change: Change) -> Iterator[Act]:
    items = pointed or state.focus or state.last_shown()
    if ASKS_TOTAL.search(span.text):
        items = pointed if len(pointed) > 1 else state.last_shown()
    if items:
        yield AnswerItem(items[:MOST_COMPARED], span.text)
    elif change.touched:
        for need_id in change.touched:
            yield Recommend(need_id)
    else:
        yield Say("which_item")


def _topic(text: str) -> str:
    return next((topic for topic, pattern in _TOPICS if pattern.search(text)), "capability")
