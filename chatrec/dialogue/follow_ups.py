"""What a message means only after the turn before it: a yes to what was offered, "the nearest, then", "and what if he wears them?", a
complaint that a listing is wrong. Everything else is read as it stands."""

from __future__ import annotations

import re
from dataclasses import replace

from chatrec.dialogue.consent import NO, YES, consent, words
from chatrec.dialogue.offer import with_live
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.weighing import weigh
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Pending

OFFER = "offer"
"""The kind of what waits where the bot offered something: the message that a yes stands for is its argument of the same name."""
TO_A_PERSON = "I would like to talk to a person"
DISPUTED, STRAY_YES, STRAY_NO, NODDED = "disputed", "stray_yes", "stray_no", "nodded"
"""Details of small talk that is answered in a way of its own."""
INSULT = -0.75  # the mood of anger (``decide.ANGRY``): such words name nothing to look for

FURTHEST = re.compile(
    r"\b(?:the (?:\w{2,}est|(?:most|least) \w+)(?: rated)?\b|the (?:\w{3,}er|better rated|(?:more|less) \w+)(?= (?:one|of)\b|\W*$))", re.I
)
_NO_PERSON = re.compile(
    r"\b(?:don't|don’t|do not|dont|no need|not|without) (?:\w+ ){0,4}?(?:a |any )?(?:real |human )?"
    r"(?:person|human|agent|colleague|someone|people)\b",
    re.IGNORECASE,
)
_LEFT = (IntentSpan(Intent.SMALL_TALK, "", 1.0, STRAY_NO),)
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
    rf"\b(?:{_LISTED}|you|it) {_SAYS}\b(?=.*\b(?:wrong|incorrect|mistake|not (?:true|right|correct)|isn't (?:true|right)|mine)\b)|"
    rf"\b{_LISTED} {_SAYS}\b(?=.*\b(?:but|in fact|actually)\b)|\bmine (?:weighs|measures|holds|lasts)\b|"
    rf"\b{_LISTED} (?:is|must be|has (?:got )?it|are) (?:all |just |plain )?"
    r"(?:wrong|incorrect|mistaken|out of date|outdated|a lie|lying|not (?:true|right|correct))\b",
    re.IGNORECASE,
)
_THIN = frozenset(
    "and but so ok okay what how who when where which is are does do did can could will would i it that this they them you we my your a an "
    "the to for of in on at have has had get much many long cost costs pay pays take takes too also then there about with if be s".split()
)
MOST_THIN_WORDS, SURELY = 7, 0.75
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
    if said == YES and not _is_nod(message):
        return parts.understander.read(pending.argument(OFFER), state)
    return Reading((IntentSpan(Intent.SMALL_TALK, message, 1.0, NODDED if said == YES else STRAY_NO),))


def in_context(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """The reading with what only the turns before explain."""
    if reading.mood <= INSULT and reading.unknown:
        reading = _without_insult(reading)
    if _DISPUTE.search(message) and not message.rstrip().endswith("?") and any(reading.has(i) for i in _OPEN):
        span = IntentSpan(Intent.SMALL_TALK, message, 1.0, DISPUTED)
        return replace(_nothing_wanted(reading), intents=(span,), references=reading.references)
    if reading.has(Intent.HAND_OFF) and _NO_PERSON.search(message):
        reading = replace(reading, intents=tuple(s for s in reading.intents if s.intent is not Intent.HAND_OFF) or _LEFT)
    if reading.has(Intent.CART) or (reading.has(Intent.CHOOSE) and not consent(message)):
        return _pointed_by_figure(message, reading, state, parts)
    if said := consent(message) or (YES if _is_nod(message) else ""):
        return _stray(said, message, reading, state)
    if _asks_for_nearest(message, reading, state):
        return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.REFINE, message),))
    return _about_the_shop(message, reading, state, parts)


def _pointed_by_figure(message: str, reading: Reading, state: DialogueState, parts: Parts) -> Reading:
    """ "Put the cheapest of those in my cart", "the lighter of the two then": which one that is, by the figures of this moment."""
    said = FURTHEST.search(message)
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
    if reading.has(Intent.CHOOSE) and state.shown:
        return reading
    detail = STRAY_NO if said == NO else NODDED if _is_nod(message) else STRAY_YES
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SMALL_TALK, message, 1.0, detail),))


def _is_thin(message: str) -> bool:
    """Whether a question says nothing of what it is about: "and what does that cost?", "how long do I have?"."""
    said = words(message).split()
    return 2 < len(said) <= MOST_THIN_WORDS and all(w.partition("'")[0] in _THIN for w in said)


def _is_nod(message: str) -> bool:
    return bool(said := set(words(message).split())) and said <= _NODS


def _asks_for_nearest(message: str, reading: Reading, state: DialogueState) -> bool:
    """ "What's the nearest you have then?" after a list that fulfilled not all, or none."""
    need = state.need()
    if need is None or not need.hard() or not _NEAREST.search(message):
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
    if _WHAT_IF.match(message) and (found := parts.knowledge.search(message)) and found[0].score >= SURELY:
        asked = message
    elif before and not reading.references and (_WHAT_IF.match(message) or _WHAT_ABOUT.match(message) or _is_thin(message)):
        whole = f"{message} ({before})"
        asked = whole if parts.knowledge.search(whole) else ""
    return replace(_nothing_wanted(reading), intents=(IntentSpan(Intent.SHOP_QUESTION, asked),)) if asked else reading
