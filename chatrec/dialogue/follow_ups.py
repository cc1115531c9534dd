"""What a message means only after the turn before it: a yes to what was offered, "the nearest, then", "and what if he wears them?", a
complaint that a listing is wrong. Everything else is read as it stands."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.dialogue import context_words
from chatrec.dialogue.consent import NO, YES, consent, words
from chatrec.dialogue.offer import with_live
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.weighing import weigh
from chatrec.domain.reading import Comparative, Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Pending

OFFER = "offer"
"""The kind of what waits where the bot offered something: the message that a yes stands for is its argument of the same name."""
TO_A_PERSON = "I would like to talk to a person"
UNDECIDED, HAGGLE, NOTHING_NEAR = "undecided", "haggle", "nothing_near"
DISPUTED, STRAY_YES, STRAY_NO, NODDED = "disputed", "stray_yes", "stray_no", "nodded"
"""Details of small talk that is answered in a way of its own."""
INSULT = -0.75  # the mood of anger (``decide.ANGRY``): such words name nothing to look for

# A policy answers what was read as nothing of the shop's only where it is likely to; LIKELY after a question about the shop.
MOST_THIN_WORDS, LIKELY, SURELY = 7, 0.6, 0.75
_THANKED = re.compile(r"\b(?:thanks|thank you|thankyou|thx|cheers|much appreciated)\b", re.IGNORECASE)
_LEFT = (IntentSpan(Intent.SMALL_TALK, "", 1.0, STRAY_NO),)
_OPEN = (
    Intent.RECOMMEND,
    Intent.REFINE,
    Intent.OUT_OF_SCOPE,
    Intent.SMALL_TALK,
    Intent.ITEM_QUESTION,
    Intent.FEEDBACK,
    Intent.SHOP_QUESTION,
)
_LOST = (Intent.RECOMMEND, Intent.REFINE, Intent.OUT_OF_SCOPE, Intent.SMALL_TALK, Intent.MORE)
_IDLE = (Intent.SMALL_TALK, Intent.OUT_OF_SCOPE, Intent.FEEDBACK, Intent.RECOMMEND, Intent.REFINE, Intent.CHOOSE, Intent.SKIP)


def offering(message: str, state: DialogueState) -> Pending:
    """What waits for a yes after an offer: the message that it stands for."""
    return Pending(OFFER, "say", ((OFFER, message),), turn=state.turn)


def read_offer(message: str, state: DialogueState, parts: Parts) -> Reading | None:
    """The reading of a yes or no to what was offered in the turn before; ``None`` for any other message."""
    pending = state.pending
    if pending is None or pending.kind != OFFER or not (said := consent(message)):
        return None
    offered = pending.argument(OFFER)
    if said == YES and not (_is_nod(message) and offered == TO_A_PERSON):  # an "ok" to "a person can tell you" calls none
        return parts.understander.read(offered, state)
    return Reading((IntentSpan(Intent.SMALL_TALK, message, 1.0, NODDED if said == YES else STRAY_NO),))


def in_context(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """The reading with what only the turns before explain."""
    if reading.mood <= INSULT and reading.unknown:
        reading = _without_insult(reading)
    reading = _as_errand(message, reading, state)
    if detail := _beside_the_point(message, reading, state):
        span = IntentSpan(Intent.SMALL_TALK, message, 1.0, detail)
        return replace(_nothing_wanted(reading), intents=(span,), references=reading.references)
    if reading.has(Intent.CART) or (reading.has(Intent.CHOOSE) and not consent(message)):
        return _pointed_by_figure(message, reading, state, parts)
    if said := consent(message) or (YES if _is_nod(message) else ""):
        return _stray(said, message, reading, state)
    if _asks_for_nearest(message, reading, state):
        return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.REFINE, message),))
    if state.shown and context_words.YOUR_CHOICE.search(message) and parts.shelf.lists("rating"):
        best = Comparative("rating", 1)  # the bot has no taste: what other shoppers think is the nearest to one
        span = IntentSpan(Intent.COMPARE, message)
        return replace(_nothing_wanted(reading), intents=(span,), comparatives=(best,), references=reading.references)
    return _about_the_shop(message, reading, state, parts)


def _as_errand(message: str, reading: Reading, state: DialogueState) -> Reading:
    """ "The cheapest one into my cart" is an errand however it was read, and who wants no person asks for none."""
    if reading.has(Intent.HAND_OFF) and context_words.NO_PERSON.search(message):
        reading = replace(reading, intents=tuple(s for s in reading.intents if s.intent is not Intent.HAND_OFF) or _LEFT)
    into_cart = context_words.TO_CART.search(message) and context_words.FURTHEST.search(message)
    if state.shown and into_cart and not reading.has(Intent.CART):
        reading = replace(reading, intents=(IntentSpan(Intent.CART, message, 1.0, "add"),))
    return reading


def _beside_the_point(message: str, reading: Reading, state: DialogueState) -> str:
    """In a word what neither record nor search answers: a listing said to be wrong, indecision, haggling, what is near a thing not sold."""
    said_open = any(reading.has(i) for i in _OPEN)
    if said_open and context_words.DISPUTE.search(message) and not message.rstrip().endswith("?"):
        return DISPUTED
    if not state.needs and state.failures and _is_lost(reading) and context_words.NEAREST.search(message):
        return NOTHING_NEAR
    if not state.shown:
        return ""
    if context_words.UNDECIDED.match(message) and all(s.intent in _LOST for s in reading.intents):
        return UNDECIDED
    return HAGGLE if context_words.HAGGLE.search(message) and all(s.intent in _OPEN for s in reading.intents) else ""


def _pointed_by_figure(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """ "Put the cheapest of those in my cart", "the lighter of the two then": which one that is, by the figures of this moment."""
    said = context_words.FURTHEST.search(message)
    among = reading.references if len(reading.references) > 1 else state.focus if len(state.focus) > 1 else state.last_shown()
    if said is None or len(among) < 2:
        return reading
    wishes = reading.comparatives or parts.understander.read(f"which is {said[0]}", state).comparatives
    if not wishes:
        return reading
    rows = parts.live.live(among)
    items = [with_live(parts.shelf.item(i), rows[i]) for i in among if i in rows and i in parts.shelf]
    best = weigh(items, wishes[0].field, wishes[0].direction).first if items else ()
    # where several share the place, or no record says, it is asked which one
    return replace(reading, references=tuple(items[n - 1].item_id for n in best), comparatives=(), needs=())


def _nothing_wanted(reading: Reading) -> Reading:
    return Reading(reading.intents, language=reading.language, mood=reading.mood)


def _without_insult(reading: Reading) -> Reading:
    """What was searched for in an insult is nothing that the shopper wants, and is not said back."""
    strange = {w.casefold() for u in reading.unknown for w in u.word.split()}
    needs = tuple(
        n for n in reading.needs if n.constraints or n.drops or n.closes or not {w.casefold() for w in n.query.split()} <= strange
    )
    intents = reading.intents
    if not needs:
        intents = tuple(replace(s, intent=Intent.OUT_OF_SCOPE) if s.intent in (Intent.RECOMMEND, Intent.REFINE) else s for s in intents)
    return replace(reading, unknown=(), needs=needs, intents=intents)


def _stray(said: str, message: str, reading: Reading, state: DialogueState) -> Reading:
    """A yes or a no that nothing waits for; the answer to an open question stays one."""
    answered = any(n.constraints or n.drops for n in reading.needs) or reading.comparatives
    if answered or not all(s.intent in _IDLE for s in reading.intents) or (state.question is not None and reading.has(Intent.SKIP)):
        return reading
    if (reading.has(Intent.CHOOSE) and state.shown) or _THANKED.search(message):
        return reading  # "perfect, thanks!" asks to be thanked back
    detail = STRAY_NO if said == NO else NODDED if _is_nod(message) else STRAY_YES
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SMALL_TALK, message, 1.0, detail),))


def asked_after(question: str, before: str) -> str:
    """The question behind the one that it goes on with, as one message; empty where it stands on its own."""
    return f"{before.rstrip(' ?.!')}? {question}" if before and _goes_on(question) else ""


def topic_of(question: str, before: str) -> str:
    """What the next question may go on with: a question that itself went on leaves the topic where it was."""
    return before if before and _goes_on(question) else question


def _goes_on(message: str) -> bool:
    return any(p.match(message) for p in (context_words.WHAT_IF, context_words.WHAT_ABOUT)) or _is_thin(message)


def _is_thin(message: str) -> bool:
    """Whether a question says nothing of what it is about: "and what does that cost?", "how long do I have?"."""
    said = words(message).split()
    return 2 < len(said) <= MOST_THIN_WORDS and all(w.partition("'")[0] in context_words.THIN for w in said)


def _is_nod(message: str) -> bool:
    return bool(said := set(words(message).split())) and said <= context_words.NODS


def _is_lost(reading: Reading) -> bool:
    return all(s.intent in _LOST for s in reading.intents) and not any(n.constraints or n.drops for n in reading.needs)


def _asks_for_nearest(message: str, reading: Reading, state: DialogueState) -> bool:
    """ "What's the nearest you have then?" after a list that fulfilled not all, or none."""
    need = state.need()
    if need is None or not context_words.NEAREST.search(message):
        return False
    return (
        all(s.intent in _LOST for s in reading.intents)
        and not any(n.constraints or n.drops for n in reading.needs)
        and not (reading.comparatives or reading.like_items)
    )


def _about_the_shop(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """ "What if he wears them once?" and "and to Norway?" go on with the question about the shop that was answered just before."""
    before = state.shop_question
    if not all(s.intent in _OPEN for s in reading.intents):
        return reading
    wishes = reading.comparatives or any(n.constraints or n.drops for n in reading.needs)
    if wishes and not reading.has(Intent.SHOP_QUESTION):
        return reading
    asked = ""
    lost = all(s.intent is Intent.OUT_OF_SCOPE for s in reading.intents)
    own = parts.knowledge.search(message) if lost or context_words.WHAT_IF.match(message) or context_words.RULE.search(message) else []
    if own and own[0].score >= (LIKELY if before else SURELY):
        asked = message
    elif (
        before
        and not reading.references
        and (context_words.WHAT_IF.match(message) or context_words.WHAT_ABOUT.match(message) or _is_thin(message))
    ):
        asked = message if parts.knowledge.search(message, context=asked_after(message, before)) else ""
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SHOP_QUESTION, asked),)) if asked else reading
