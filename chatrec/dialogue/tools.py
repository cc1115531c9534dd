"""What the bot does beside recommending: the shop's tools, the cart, returns and the profile; the shopper is asked before a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatrec.dialogue.acting import TO_A_PERSON, YES_NO, asking, effect, failed, run_tool, tell_outcome, telling
from chatrec.dialogue.arguments import fill, invalid, question_for, take_argument
from chatrec.dialogue.carts import WHICH_TO_CART, carry_cart, cart_acts, resumed_cart
from chatrec.dialogue.consent import NO, YES, chosen_option, consent, is_on_topic, split_consent
from chatrec.dialogue.follow_ups import OFFER
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.perform import Performed, Scene, speak_topic
from chatrec.dialogue.profile import profile_acts, resumed_profile, tell_profile
from chatrec.dialogue.returns import check_return
from chatrec.domain.act import AboutYou, Act, AnswerShop, Cart, CheckReturn, Say, Service, UseTool
from chatrec.domain.plain import plain
from chatrec.domain.reading import Intent, IntentSpan, Reading
from chatrec.domain.reply import Chip
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import Pending, Tool

ANSWER = "answer"
LEAST_ELSEWHERE_WORDS = 3
_DECIDED = (Intent.HAND_OFF, Intent.CART, Intent.PROFILE, Intent.RETURN, Intent.SHOP_QUESTION, Intent.ORDER_STATUS, Intent.COMPARE)
# A visitor who wants to send something back is told the rules; an order cannot be looked at.
RETURNS_POLICY = "What is your returns policy?"
SERVICES = (UseTool, Cart, CheckReturn, AboutYou)
# What reads as a search for products is a tool's business only where it nearly says one of the tool's examples (cosine).
CERTAIN = 0.75
# "Put 3 of them in my cart" sets no limit of $3.
_ERRANDS = (Intent.TOOL, Intent.CART, Intent.RETURN)
_SEARCHING = (Intent.RECOMMEND, Intent.REFINE, Intent.MORE)
_NEVER_A_TOOL = (
    Intent.HAND_OFF,
    Intent.CART,
    Intent.PROFILE,
    Intent.TOOL,
    Intent.CHOOSE,
    Intent.UNDO,
    Intent.RESET,
    Intent.COMPARE,
    Intent.WHY,
)


def read_pending(message: str, state: DialogueState, parts: Parts) -> Reading | None:
    """The reading of a message that does nothing but answer what was asked before a change; ``None`` for any other."""
    pending = state.pending
    if pending is None or pending.kind == OFFER:
        return None
    answer = Reading((IntentSpan(Intent.TOOL, message, 1.0, ANSWER),))
    if is_on_topic(message, pending):
        return answer
    if pending.missing and take_argument(message, pending, parts):
        return answer if not _is_elsewhere(message, state, parts) else None
    if pending.missing:
        return None
    word, rest = split_consent(message)
    if not word:
        return None
    reading = parts.understander.read(rest, state)
    return replace(reading, intents=(IntentSpan(Intent.TOOL, word, 1.0, ANSWER), *reading.intents))


def _is_elsewhere(message: str, state: DialogueState, parts: Parts) -> bool:
    """Whether a message of more than a few words clearly wants something else than to answer: "show me tents instead"."""
    if len(message.split()) < LEAST_ELSEWHERE_WORDS:
        return False
    reading = parts.understander.read(message, state)
    return any(reading.has(i) for i in _DECIDED) or any(need.constraints for need in reading.needs)


def with_tools(reading: Reading, parts: Parts) -> Reading:
    """The reading with the parts of the message that ask for one of the shop's tools marked as such. What was searched for in no other
    part is dropped: "gift wrap order 7" is no wish for gift wrap."""
    spans = tuple(_as_tool(span, parts) for span in reading.intents)
    errands = any(span.intent in _ERRANDS for span in spans)
    if not errands or any(span.intent in _SEARCHING for span in spans):
        return replace(reading, intents=spans)
    return replace(reading, intents=spans, needs=(), comparatives=(), like_items=(), liked=(), disliked=(), unknown=())


def in_order(acts: Sequence[Act]) -> list[Act]:
    """The acts with a question about what is shown behind what shows it."""
    return sorted(acts, key=lambda act: act == WHICH_TO_CART)


def _as_tool(span: IntentSpan, parts: Parts) -> IntentSpan:
    found = parts.tools.recognise(span.text) if span.intent not in _NEVER_A_TOOL else None
    if found is None or (span.intent in _SEARCHING and found[1] < CERTAIN):
        return span
    return IntentSpan(Intent.TOOL, span.text, found[1], found[0].name)


def service_acts(span: IntentSpan, state: DialogueState, reading: Reading) -> Iterator[Act]:
    """The acts of a span about the cart, a return, the profile, a tool, or what was asked before a change."""
    if span.intent is Intent.CART:
        yield from cart_acts(span, state, reading)
    elif span.intent is Intent.PROFILE:
        yield from profile_acts(span, reading)
    elif span.intent is Intent.RETURN:
        if state.user_id is None:
            yield AnswerShop(RETURNS_POLICY)
        yield CheckReturn(reading.order_ids, span.text)
    elif span.detail == ANSWER:
        yield from _resumed(state.pending, span.text) if state.pending is not None else ()
    else:
        yield UseTool(span.detail, (("", span.text), *(("order_id", i) for i in reading.order_ids[:1]), *_items(state, reading)))


def _items(state: DialogueState, reading: Reading) -> Iterator[tuple[str, str]]:
    pointed = reading.references or (state.focus if len(state.focus) == 1 else ())
    yield from (("item_id", i) for i in pointed[:1])


def _resumed(pending: Pending, message: str) -> Iterator[Act]:
    said = consent(message)
    if said == NO and not (pending.missing and NO in map(str.casefold, pending.options)):
        yield Say("left")
    elif pending.kind == Cart.kind:
        yield resumed_cart(pending, message)
    elif pending.kind == AboutYou.kind:
        yield from resumed_profile(pending, said == YES or bool(chosen_option(message, pending.options)))
    elif pending.missing:
        yield UseTool(pending.do, (*pending.arguments, (pending.missing, message)), asked=pending.missing)
    else:
        yield UseTool(pending.do, pending.arguments, confirmed=True)


def serve(act: Service, scene: Scene) -> Performed:
    """Carry out one of these acts."""
    if isinstance(act, Cart):
        return carry_cart(act, scene)
    if isinstance(act, CheckReturn):
        return check_return(act, scene)
    if isinstance(act, AboutYou):
        return tell_profile(act, scene)
    return use_tool(act, scene)


def use_tool(act: UseTool, scene: Scene) -> Performed:
    """One of the shop's tools: who may, what is missing, whether it is really wanted, then its answer as data."""
    tool = scene.parts.tools.find(act.tool)
    if tool is None:
        return failed(act, "tool_failed", scene)
    if tool.verified and scene.state.user_id is None:
        return replace(speak_topic(act, "sign_in", scene), chips=(TO_A_PERSON,))
    arguments = dict(act.arguments) if act.confirmed else fill(tool, act, scene)
    wrong = invalid(tool, arguments)
    if wrong and act.asked in wrong:
        return failed(act, "tool_argument", scene)  # asked once already: a person will manage
    if wrong:
        return _ask_for(next(iter(wrong)), tool, arguments, act, scene)
    if not _is_own_order(tool, arguments, scene):
        return speak_topic(act, "no_order", scene)
    known = tuple(sorted(arguments.items()))
    if not tool.changes:
        return tell_outcome(act, run_tool(tool.name, known, scene), scene)
    if not act.confirmed:
        pending = Pending(act.kind, tool.name, known, turn=scene.state.turn)
        return asking(act, confirmation(tool, arguments), pending, YES_NO, scene)
    change = effect(tool.name, known, scene)
    return Performed(act, telling(act, (), scene).evidence, effects=(change,), after=lambda outcomes: tell_outcome(act, outcomes[0], scene))


def _ask_for(name: str, tool: Tool, arguments: dict[str, str], act: UseTool, scene: Scene) -> Performed:
    text, options = question_for(tool, name)
    known = tuple(sorted((n, v) for n, v in arguments.items() if n != name))
    pending = Pending(act.kind, tool.name, known, name, options, scene.state.turn)
    return asking(act, text, pending, tuple(Chip("answer", o, message=o) for o in options), scene)


def confirmation(tool: Tool, arguments: dict[str, str]) -> str:
    """The question before a change: the shop's own, else what the tool says it does, with what it would be given."""
    told = {name: plain(value, 80) for name, value in arguments.items()}
    if tool.question:
        return tool.question.format_map({p.name: "" for p in tool.parameters} | told)
    what = plain(tool.description, 160).rstrip(". ")
    given = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
    return f"Shall I go ahead: {what[:1].lower()}{what[1:]}{f' ({given})' if given else ''}?"


def _is_own_order(tool: Tool, arguments: dict[str, str], scene: Scene) -> bool:
    """An ``order_id`` of a tool for verified shoppers names an order of their own, whatever was typed."""
    user_id, order_id = scene.state.user_id, arguments.get("order_id", "")
    if not tool.verified or not order_id or user_id is None:
        return True
    return bool(scene.parts.orders.orders(user_id, (order_id,)))
