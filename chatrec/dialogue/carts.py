"""The cart in a dialogue: add, take out, show, empty. A version (size, colour) is asked for and never chosen for the shopper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chatrec.dialogue.acting import YES_NO, asking, effect, run_tool, tell_outcome, telling
from chatrec.dialogue.cart_words import cart_total, line_label, line_words, pieces, shortage, version_words, without_counts
from chatrec.dialogue.consent import YES, chosen_option, consent, words
from chatrec.dialogue.context_words import FURTHEST
from chatrec.dialogue.offer import with_live
from chatrec.dialogue.perform import Performed, Scene, speak_topic
from chatrec.domain.act import Act, Cart, Say
from chatrec.domain.item import Item, Variant
from chatrec.domain.need import Op, Strength
from chatrec.domain.plain import plain
from chatrec.domain.reading import IntentSpan, Reading
from chatrec.domain.reply import Chip, Effect
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import CartLine, Outcome, Pending

ADD, REMOVE, EMPTY, SHOW = "cart_add", "cart_remove", "cart_empty", "cart_show"
MOST_AT_ONCE = 4
TAPPED = "tapped"
"""The detail of an intent that comes from a button which says what it does: it needs no second yes."""
MOST_TOLD_LINES = 12
MOST_OPTIONS = 12
WHICH_TO_CART = Say("which_to_cart")
SHOW_IT = Chip("followup", "Show my cart", message="show my cart")


def cart_acts(span: IntentSpan, state: DialogueState, reading: Reading) -> Iterator[Act]:
    """What is to be done with the cart, and with which items: those pointed at, else the one talked about last."""
    if span.detail in ("show", "empty", ""):
        yield Cart(span.detail or "show")
    elif span.detail == "remove":
        yield Cart("remove", reading.references, options=(("words", span.text),))
    else:
        if FURTHEST.search(span.text) and len(state.last_shown()) > 1 and len(reading.references) != 1:
            yield WHICH_TO_CART  # several go as far, or no record says
            return
        pointed = reading.references or (state.focus if len(state.focus) == 1 else ()) or _only_one(state)
        words_said, tapped = (("words", span.text),), span.detail == TAPPED
        yield Cart("add", pointed[:MOST_AT_ONCE], words_said, pieces(span.text), tapped) if pointed else WHICH_TO_CART


def _only_one(state: DialogueState) -> tuple[str, ...]:
    return state.last_shown() if len(state.last_shown()) == 1 else ()


def resumed_cart(pending: Pending, message: str) -> Cart:
    """The act that an answer goes on with: one more option chosen, a line named, or all agreed to."""
    ids = tuple(filter(None, pending.argument("items").split("\n")))
    options = tuple((n, v) for n, v in pending.arguments if n not in ("items", "quantity"))
    quantity = int(pending.argument("quantity") or 1)
    if not pending.missing:
        return Cart(pending.do, ids, options, quantity, confirmed=True)
    if not (chosen := chosen_option(message, pending.options)) and consent(message) == YES:
        return Cart(pending.do, ids, options, quantity)  # a yes to "which size?" does not say which: it is asked again
    value = chosen or message
    return Cart(pending.do, ids, (*options, (pending.missing, value)), quantity)


def _waiting(act: Cart, scene: Scene, options: Mapping[str, str], missing: str = "", answers: tuple[str, ...] = ()) -> Pending:
    known = (("items", "\n".join(act.item_ids)), ("quantity", str(act.quantity)), *options.items())
    return Pending(act.kind, act.do, known, missing, answers, scene.state.turn)


def carry_cart(act: Cart, scene: Scene) -> Performed:
    """One act on the cart."""
    if act.do == "show":
        return show_cart(act, scene)
    if act.do == "empty":
        return empty_cart(act, scene)
    return remove(act, scene) if act.do == "remove" else add(act, scene)


def add(act: Cart, scene: Scene) -> Performed:
    """Into the cart: each option of each item is asked for once, then the whole is asked about with its price."""
    rows = scene.parts.live.live(act.item_ids)
    known = [with_live(scene.parts.shelf.item(i), rows[i]) for i in act.item_ids if i in scene.parts.shelf and i in rows]
    if not known:
        return speak_topic(act, "which_item", scene)
    act = replace(act, item_ids=tuple(i.item_id for i in known))
    options = dict(act.options)
    said = options.pop("words", "")
    picked: list[tuple[Item, Variant | None]] = []
    for item in known:
        left = versions_left(item, options, said, scene.state)
        name, values = open_option(left)
        if name:
            return _ask_option(act, item, name, values, options, scene)
        if item.variants and not left:
            return replace(speak_topic(act, "no_such_version", scene, (item.item_id,)), chips=())
        picked.append((item, left[0] if left else None))
        options |= {f"{item.item_id}:{n}": v for n, v in (left[0].options if left else ())}
    items = [_priced(item, variant) for item, variant in picked]
    if act.confirmed:
        return _put_all(act, picked, items, scene)
    named = _joined([_cited(n, variant, act.quantity) for n, (_, variant) in enumerate(picked, start=1)])
    return asking(act, f"Shall I put {named} in your cart?", _waiting(act, scene, options), YES_NO, scene, items)


def _ask_option(act: Cart, item: Item, name: str, values: Sequence[str], options: Mapping[str, str], scene: Scene) -> Performed:
    wished = _wished(name, item, scene.state, Strength.PREFER)  # what is remembered or hoped for stands first, and is not taken for granted
    answers = tuple(sorted(values, key=lambda value: value.casefold() not in wished)[:MOST_OPTIONS])
    pending = _waiting(act, scene, options, f"{item.item_id}:{name}", answers)
    chips = tuple(Chip("answer", plain(v, 60), message=v) for v in answers)
    return asking(act, f"[1] comes in more than one {plain(name, 40)}: which one would you like?", pending, chips, scene, (item,))


def versions_left(item: Item, options: Mapping[str, str], said: str, state: DialogueState) -> tuple[Variant, ...]:
    """The versions that can be bought and are still meant: by what was chosen, by the words, and by what the shopper asked for in the
    need that the item was shown for. A wish that no version meets does not count."""
    left = tuple(v for v in item.variants if v.stock is None or v.stock > 0) or item.variants
    for name, values in item.options().items():
        chosen = options.get(f"{item.item_id}:{name}", "")
        wanted = {chosen.casefold()} if chosen else _named_values(values, said) or _wished(name, item, state)
        narrowed = tuple(v for v in left if wanted & {value.casefold() for n, value in v.options if n == name})
        left = narrowed if narrowed or chosen else left
    return left


def _named_values(values: Sequence[str], said: str) -> set[str]:
    text = words(without_counts(said))
    return {v.casefold() for v in values if words(v) and re.search(rf"(?<!\S){re.escape(words(v))}(?!\S)", text)}


def _wished(name: str, item: Item, state: DialogueState, strength: Strength = Strength.MUST) -> set[str]:
    lists = [s.need_id for s in state.shown if item.item_id in s.item_ids]
    need = state.need(lists[-1]) if lists else None
    constraints = [c for c in need.constraints if c.strength is strength] if need else []
    return {v.casefold() for c in constraints if c.field.casefold() == name.casefold() and c.op is Op.IS for v in c.values}


def open_option(left: Sequence[Variant]) -> tuple[str, tuple[str, ...]]:
    """The first option in which these versions differ, with its values in the shop's order; empty where there is nothing to choose."""
    for name in dict.fromkeys(n for v in left for n, _ in v.options):
        values = tuple(dict.fromkeys(value for v in left for n, value in v.options if n == name))
        if len(values) > 1:
            return name, values
    return "", ()


def _priced(item: Item, variant: Variant | None) -> Item:
    """The item as this version of it costs."""
    return item if variant is None or variant.price is None else replace(item, price=variant.price)


def _cited(n: int, variant: Variant | None, quantity: int) -> str:
    version = f" in {version_words(variant.options)}" if variant is not None and variant.options else ""
    return f"{f'{quantity} of ' if quantity > 1 else ''}[{n}]{version}"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _put_all(act: Cart, picked: Sequence[tuple[Item, Variant | None]], items: Sequence[Item], scene: Scene) -> Performed:
    """One effect an item; the reply tells of what went in, and of what did not and why."""
    changes = [_put(item, variant, act.quantity, scene) for item, variant in picked]

    def told(outcomes: Sequence[Outcome]) -> Performed:
        texts: list[str] = []
        for n, ((_, variant), outcome) in enumerate(zip(picked, outcomes, strict=True), start=1):
            if outcome.done:
                texts.append(f"In your cart now: {_cited(n, variant, act.quantity)}.")
            elif outcome.text:
                texts.append(f"I could not put [{n}] in your cart: {outcome.text[:1].lower()}{outcome.text[1:]}")
            else:
                return tell_outcome(act, outcome, scene)
        return telling(act, texts, scene, items, (SHOW_IT,))

    return Performed(act, telling(act, (), scene).evidence, effects=tuple(changes), after=told)


def _put(item: Item, variant: Variant | None, quantity: int, scene: Scene) -> Effect:
    given: list[tuple[str, str | int]] = [("item_id", item.item_id), ("quantity", quantity)]
    return effect(ADD, given if variant is None else [*given, ("variant_id", variant.variant_id)], scene)


def remove(act: Cart, scene: Scene) -> Performed:
    """Out of the cart: the line that is meant, asked about first."""
    lines = cart_lines(scene)
    if lines is None:
        return _no_cart(act, scene)
    if not lines:
        return speak_topic(act, "cart_empty", scene)
    options = dict(act.options)
    meant = lines_meant(lines, act.item_ids, options.get("line") or options.get("words", ""))
    if len(meant) != 1:
        labels = tuple(line_label(line) for line in (meant or lines)[:MOST_OPTIONS])
        chips = tuple(Chip("answer", label, message=label) for label in labels)
        return asking(act, "Which one shall I take out of your cart?", _waiting(act, scene, {}, "line", labels), chips, scene)
    line = meant[0]
    if not act.confirmed:
        pending = _waiting(replace(act, item_ids=(line.item_id,)), scene, {"line": line_label(line)})
        return asking(act, f"Shall I take {line_label(line)} out of your cart?", pending, YES_NO, scene)
    given = (("item_id", line.item_id), ("variant_id", line.variant_id))

    def told(outcomes: Sequence[Outcome]) -> Performed:
        gone = f"{line_label(line)} is no longer in your cart."
        return telling(act, (gone,), scene, (), (SHOW_IT,)) if outcomes[0].done else tell_outcome(act, outcomes[0], scene)

    return Performed(act, telling(act, (), scene).evidence, effects=(effect(REMOVE, given, scene),), after=told)


def lines_meant(lines: Sequence[CartLine], item_ids: Sequence[str], said: str) -> list[CartLine]:
    """The lines that are pointed at by item, else by their label, else those whose titles share most words with what was said; a cart of
    one line is meant by any words."""
    by_label = [line for line in lines if line_label(line) == said]
    if by_label or len(lines) == 1:
        return by_label or list(lines)
    text = set(words(said).split())
    pointed = [line for line in lines if line.item_id in item_ids]
    among = pointed or list(lines)
    shared = [len(text & set(words(f"{line.title} {version_words(line.options)}").split())) for line in among]
    best = max(shared, default=0)
    named = [line for line, n in zip(among, shared, strict=True) if n == best and best > 0]
    return named or pointed


def empty_cart(act: Cart, scene: Scene) -> Performed:
    """Everything out of the cart, asked about first."""
    lines = cart_lines(scene)
    if lines is None:
        return _no_cart(act, scene)
    if not lines:
        return speak_topic(act, "cart_empty", scene)
    if not act.confirmed:
        count = sum(line.quantity for line in lines)
        what = "the one thing" if count == 1 else f"all {count} things"
        return asking(act, f"Shall I take {what} out of your cart?", _waiting(act, scene, {}), YES_NO, scene)

    def told(outcomes: Sequence[Outcome]) -> Performed:
        return speak_topic(act, "cart_emptied", scene) if outcomes[0].done else tell_outcome(act, outcomes[0], scene)

    return Performed(act, telling(act, (), scene).evidence, effects=(effect(EMPTY, (), scene),), after=told)


def show_cart(act: Cart, scene: Scene) -> Performed:
    """What lies in the cart, at the prices of this moment."""
    lines = cart_lines(scene)
    if lines is None:
        return _no_cart(act, scene)
    if not lines:
        return speak_topic(act, "cart_empty", scene)
    texts = [f"In your cart: {'; '.join(line_words(line) for line in lines[:MOST_TOLD_LINES])}."]
    if len(lines) > MOST_TOLD_LINES:
        texts.append(f"And {len(lines) - MOST_TOLD_LINES} more.")
    texts += [text for line in lines[:MOST_TOLD_LINES] if (text := shortage(line))]
    if total := cart_total(lines):
        texts.append(f"Together that is {total}, without shipping.")
    chips = tuple(Chip("followup", f"Take out {line_label(line)}", message=f"remove {line_label(line)} from my cart") for line in lines[:3])
    return telling(act, texts, scene, (), chips)


def cart_lines(scene: Scene) -> tuple[CartLine, ...] | None:
    """The cart as it is now; ``None`` where the shop has none, or it cannot be read."""
    value = run_tool(SHOW, (), scene).value
    return tuple(line for line in value if isinstance(line, CartLine)) if isinstance(value, Sequence) else None


def _no_cart(act: Cart, scene: Scene) -> Performed:
    return speak_topic(act, "no_cart", scene)
