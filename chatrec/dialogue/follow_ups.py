"""What a message means only after the turn before it: a yes to what was offered, "the nearest, then", "and what if he wears them?", a
complaint that a listing is wrong. Everything else is read as it stands."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.dialogue.consent import NO, YES, consent, words
from chatrec.dialogue.parts import Parts
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Pending

OFFER = "offer"
"""The kind of what waits where the bot offered something: the message that a yes stands for is its argument of the same name."""
TO_A_PERSON = "I would like to talk to a person"
DISPUTED, STRAY_YES, STRAY_NO, NODDED = "disputed", "stray_yes", "stray_no", "nodded"
"""Details of small talk that is answered in a way of its own."""
INSULT = -0.75  # the mood of anger (``decide.ANGRY``): such words name nothing to look for

SUPERLATIVE = re.compile(r"\bthe (?:\w{2,}est|(?:most|least) \w+)(?: rated)?\b", re.IGNORECASE)
_NODS = frozenset("ok okay k great perfect fine right correct cool exactly good".split())
_NEAREST = re.compile(
    r"\b(?:nearest|closest|next[- ]best|(?:best|most similar) (?:match|alternative|thing)|(?:what|which) comes? (?:near|close)\w*|"
    r"near(?:est)? miss\w*|something (?:close|near)|anything (?:close|near|similar|like it)|alternatives?)\b",
    re.IGNORECASE,
)
_LISTED = (
    r"(?:your|the|this|that) (?:own )?(?:web ?site|web ?page|page|listing|site|description|record|product page|app|catalog(?:ue)?|"
    r"specs?|label|info(?:rmation)?)"
)
_SAYS = r"(?:says?|said|states?|stated|claims?|claimed|lists?|listed|shows?|gives?|reads?)"
_DISPUTE = re.compile(
    rf"(?:\b(?:{_LISTED}|you|it) {_SAYS}\b(?=.*\b(?:but|wrong|incorrect|mistake|not (?:true|right|correct)|isn't (?:true|right)|in fact|"
    rf"actually|mine)\b))|\b{_LISTED} (?:is|must be|has (?:got )?it|are) (?:all |just |plain )?(?:wrong|incorrect|mistaken|out of date|"
    r"outdated|a lie|lying|not (?:true|right|correct))\b|\bmine (?:weighs|measures|holds|lasts)\b",
    re.IGNORECASE,
)
_ON = r"\W*(?:(?:and|but|ok|okay|so|hm+|right|then)\W+)*"
_WHAT_IF = re.compile(rf"{_ON}(?:what (?:if|when)|and if|even if|if|also when|suppose|what happens if)\b", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    rf"{_ON}(?:what about|how about|and (?:for|to|in|from|with|on|when)|(?:is|does|do) (?:that|this|it|they) also)\b", re.I
)
_OPEN = (
    Intent.RECOMMEND,
    Intent.REFINE,
    Intent.OUT_OF_SCOPE,
    Intent.SMALL_TALK,
    Intent.ITEM_QUESTION,
    Intent.FEEDBACK,
    Intent.SHOP_QUESTION,
)
_IDLE = (Intent.SMALL_TALK, Intent.OUT_OF_SCOPE, Intent.FEEDBACK, Intent.RECOMMEND, Intent.REFINE, Intent.CHOOSE, Intent.SKIP)


def offering(message: str, state: DialogueState) -> Pending:
    """What waits for a yes after an offer: the message that it stands for."""
    return Pending(OFFER, "say", ((OFFER, message),), turn=state.turn)


def read_offer(message: str, state: DialogueState, parts: Parts) -> Reading | None:
    """The reading of a yes or no to what was offered in the turn before; ``None`` for any other message."""
    pending = state.pending
    if pending is None or pending.kind != OFFER or not (said := consent(message)):
        return None
    if said == YES and words(message) not in _NODS:
        return parts.understander.read(pending.argument(OFFER), state)
    return Reading((IntentSpan(Intent.SMALL_TALK, message, 1.0, NODDED if said == YES else STRAY_NO),))


def in_context(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """The reading with what only the turns before explain."""
    if reading.mood <= INSULT and reading.unknown:
        reading = _without_insult(reading)
    if _DISPUTE.search(message) and any(reading.has(i) for i in _OPEN):
        span = IntentSpan(Intent.SMALL_TALK, message, 1.0, DISPUTED)
        return replace(_nothing_wanted(reading), intents=(span,), references=reading.references)
    if reading.has(Intent.CART):
        return _with_superlative(reading, state, parts)
    if said := consent(message):
        return _stray(said, message, reading, state)
    if _asks_for_nearest(message, reading, state):
        return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.REFINE, message),))
    return _about_the_shop(message, reading, state, parts)


def _with_superlative(reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """ "Put the cheapest of those in my cart": by what it goes, where the errand hid it."""
    said = SUPERLATIVE.search(reading.span(Intent.CART))
    if said is None or any(c.extreme for c in reading.comparatives):
        return reading
    wishes = parts.understander.read(f"show me {said[0]}", state).comparatives
    return replace(reading, comparatives=(*reading.comparatives, *(c for c in wishes if c.extreme)))


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
    if reading.has(Intent.CHOOSE) and state.shown:
        return reading
    detail = STRAY_NO if said == NO else NODDED if set(words(message).split()) <= _NODS else STRAY_YES
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SMALL_TALK, message, 1.0, detail),))


def _asks_for_nearest(message: str, reading: Reading, state: DialogueState) -> bool:
    """ "What's the nearest you have then?" after a list that fulfilled not all, or none."""
    need = state.need()
    if need is None or not need.hard() or not _NEAREST.search(message):
        return False
    failing = not state.shown or state.shown[-1].alternative or state.failures > 0
    return failing and not any(n.constraints or n.drops for n in reading.needs) and not reading.comparatives


def _about_the_shop(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """ "What if he wears them once?" and "and to Norway?" go on with the question about the shop that was answered just before."""
    before = state.shop_question
    if not before or not all(s.intent in _OPEN for s in reading.intents):
        return reading
    wishes = reading.comparatives or reading.references or any(n.constraints or n.drops for n in reading.needs)
    if wishes and not reading.has(Intent.SHOP_QUESTION):
        return reading
    whole = f"{message} ({before})"
    tried = (message, whole) if _WHAT_IF.match(message) else (whole,) if _WHAT_ABOUT.match(message) else ()
    asked = next((q for q in tried if parts.knowledge.search(q)), "")
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SHOP_QUESTION, asked),)) if asked else reading
