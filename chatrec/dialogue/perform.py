"""Acts to results: what is shown, what may be said about it, and what it leaves in the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatrec.dialogue.cards import comparison_rows, make_cards
from chatrec.dialogue.offer import Offer, make_offer, with_live
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.questions import clarify
from chatrec.dialogue.weighing import answers, weigh
from chatrec.dialogue.wording import (
    constraint_words,
    extreme_words,
    need_title,
    need_words,
    relaxation_message,
    relaxation_words,
)
from chatrec.domain.act import Act, AnswerItem, AnswerShop, Ask, Compare, Explain, HandOff, OrderStatus, Recommend
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.figures import live_facts
from chatrec.domain.item import Item
from chatrec.domain.reply import Cards, Chip, Comparison, Effect, ReplyEvent
from chatrec.domain.state import DialogueState, OpenQuestion, ShownList

TOLD_ABOUT = "tell me about it"


@dataclass(frozen=True, slots=True)
class Performed:
    """What one act did. ``events`` go out before the text; ``evidence`` is what the writer may say."""

    act: Act
    evidence: Evidence
    events: tuple[ReplyEvent, ...] = ()
    chips: tuple[Chip, ...] = ()
    offer: Offer | None = None
    shown: ShownList | None = None
    question: OpenQuestion | None = None
    focus: tuple[str, ...] = ()
    action: str = ""
    failed: bool = False
    next_act: Act | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """The turn so far, as an act sees it: state after the update, the shopper's words, the parts."""

    state: DialogueState
    message: str
    parts: Parts
    shown_per_need: int = field(default=3)


def note(name: str, text: str, cites: tuple[int, ...] = (), value: str = "") -> Fact:
    """A fact computed for this turn."""
    return Fact(FactKind.COMPUTED, name, text, value=value, cites=cites, source="turn")


def perform(act: Act, scene: Scene) -> Performed:
    """Carry out one act."""
    if isinstance(act, Recommend):
        return recommend(act, scene)
    if isinstance(act, Compare):
        return compare(act, scene)
    if isinstance(act, AnswerItem):
        return answer_item(act, scene)
    if isinstance(act, AnswerShop):
        return answer_shop(act, scene)
    if isinstance(act, OrderStatus):
        return order_status(act, scene)
    if isinstance(act, Explain):
        return explain(act, scene)
    if isinstance(act, Ask):
        return ask(act, scene)
    return speak(act, scene)


def recommend(act: Recommend, scene: Scene) -> Performed:
    """Offer items for a need; when nothing matches, offer the smallest relaxations with counts."""
    parts = replace(scene.parts, limits=replace(scene.parts.limits, shown=scene.shown_per_need))
    offer = make_offer(act, scene.state, parts)
    if not offer.items and act.fresh and offer.need is not None and offer.need.like_items:
        offer = make_offer(replace(act, fresh=False), scene.state, parts)  # all that is like it was shown before: it still is
    currency = parts.limits.currency
    wants = need_words(offer.need, currency) if offer.need else ()
    if not offer.items:
        return _nothing(act, offer, wants, scene)
    cards = make_cards(offer, parts)
    evidence = parts.evidence.build(
        act.kind,
        scene.message,
        needs=wants,
        items=[(item, _live_facts(item, scene)) for item in offer.items],
        notes=_offer_notes(act, offer, currency),
    )
    ids = tuple(i.item_id for i in offer.items)
    return Performed(
        act,
        evidence,
        events=(Cards(cards, act.need_id, need_title(offer.need, currency) if offer.need else ""),),
        offer=offer,
        shown=ShownList(scene.state.turn, act.need_id, ids, tuple(c.why for c in cards)),
        focus=ids if len(ids) == 1 else (),
        next_act=clarify(act, offer, scene.state, scene.parts),
    )


def _offer_notes(act: Recommend, offer: Offer, currency: str) -> list[Fact]:
    if not act.order_by or offer.need is None:
        return []
    if offer.matching == 1:
        return [note("extreme", "[1] is the only one that matches", cites=(1,))]
    first = tuple(range(1, offer.tied + 1))
    named = [f"[{n}]" for n in first]
    subject = f"{', '.join(named[:-1])} and {named[-1]} are" if len(first) > 1 else "[1] is"
    words = extreme_words(*act.order_by).replace("the one with", "the ones with" if len(first) > 1 else "the one with")
    return [note("extreme", f"{subject} {words} of all {offer.matching} that match", cites=first, value=act.order_by[0])]


def _nothing(act: Recommend, offer: Offer, wants: Sequence[str], scene: Scene) -> Performed:
    currency = scene.parts.limits.currency
    if offer.need is None or not offer.need.hard():
        evidence = Evidence("nothing", scene.message, needs=tuple(wants), notes=(note("nothing", "nothing else to show"),))
        return Performed(act, evidence, offer=offer, failed=True)
    notes = [_nothing_note(offer, currency)]
    notes += [note("relaxation", f"{relaxation_words(r)}: {r.count}", value=str(r.count)) for r in offer.relaxations]
    chips = tuple(
        Chip(
            "relax", f"{r.text} ({r.count})", message=relaxation_message(offer.need, r, currency),
            need_id=offer.need.need_id, key="|".join(r.keys),
        )
        for r in offer.relaxations
    )  # fmt: skip
    evidence = Evidence("nothing", scene.message, needs=tuple(wants), notes=tuple(notes))
    return Performed(act, evidence, chips=chips, offer=offer, failed=not chips)  # with a way on it is an answer


def _nothing_note(offer: Offer, currency: str) -> Fact:
    """Whether nothing matches at all, or nothing is left of what matches."""
    limits = ", ".join(constraint_words(c, currency) for c in (offer.need.hard() if offer.need else ()))
    if not offer.matching:
        return note("nothing", f"nothing matches {limits}", value=limits)
    seen = "the only one" if offer.matching == 1 else f"all {offer.matching}"
    return note("nothing", f"nothing else matches {limits}, you have seen {seen}", value=limits)


def ask(act: Ask, scene: Scene) -> Performed:
    """One question with tappable answers; "any" and "skip" are always among them."""
    options = ", ".join(act.options)
    evidence = Evidence(act.kind, scene.message, notes=(note(act.field, act.text, value=options),))
    chips = tuple(Chip("answer", o, message=o, need_id=act.need_id, key=act.field) for o in (*act.options, "any"))
    question = OpenQuestion(act.need_id, act.field, act.text, act.options, scene.state.turn)
    return Performed(act, evidence, chips=chips, question=question)


def compare(act: Compare, scene: Scene) -> Performed:
    """Two to four items: only the properties that differ."""
    items = _live_items(act.item_ids, scene)
    if act.by is not None and items:
        return answer_which(act, act.by, items, scene)
    if len(items) < 2:
        return speak_topic(act, "compare_what", scene)
    rows = comparison_rows(items, scene.parts.limits.currency)
    table = Comparison(tuple(i.title for i in items), tuple(i.item_id for i in items), rows)
    evidence = scene.parts.evidence.build(act.kind, scene.message, items=[(i, _live_facts(i, scene)) for i in items])
    return Performed(act, evidence, events=(table,), focus=act.item_ids)


def answer_which(act: Compare, by: tuple[str, int], items: Sequence[Item], scene: Scene) -> Performed:
    """Which of the items goes furthest in one field, told by code from the figures of this moment."""
    weighed = weigh(items, *by)
    notes = tuple(note("which", text) for text in answers(weighed, *by))
    evidence = scene.parts.evidence.build("notice", scene.message, items=[(i, _live_facts(i, scene)) for i in items])
    best = tuple(items[n - 1].item_id for n in weighed.first)
    return Performed(act, replace(evidence, notes=notes), focus=best or tuple(i.item_id for i in items))


def answer_item(act: AnswerItem, scene: Scene) -> Performed:
    """A question about items, answered from their records; where a record is silent, that is said."""
    items = _live_items(act.item_ids, scene)
    if not items:
        return speak_topic(act, "which_item", scene)
    found = [(item, scene.parts.answers.answer(act.question, item, _live_facts(item, scene))) for item in items]
    if not act.question:  # "the second one": told about, nothing is asked
        found = [(item, _live_facts(item, scene)) for item in items]
    silent = [note("silent", f"the listing of [{n}] does not say", cites=(n,)) for n, (_, facts) in enumerate(found, 1) if not facts]
    evidence = scene.parts.evidence.build(act.kind, act.question or TOLD_ABOUT, items=found, notes=silent)
    return Performed(act, evidence, focus=tuple(i.item_id for i in items))


def answer_shop(act: AnswerShop, scene: Scene) -> Performed:
    """A question about the shop, from its policies; an unknown one is said to be unknown, and a person is offered."""
    passages = scene.parts.knowledge.search(act.question, 2)
    if not passages:
        return speak_topic(act, "policy", scene, failed=True)
    facts = [Fact(FactKind.PASSAGE, p.topic, p.text, source=p.passage_id) for p in passages]
    return Performed(act, scene.parts.evidence.build(act.kind, act.question, passages=facts))


def order_status(act: OrderStatus, scene: Scene) -> Performed:
    """The verified shopper's own orders; nobody else's, and none for a visitor."""
    user_id = scene.state.user_id
    if user_id is None:
        return speak_topic(act, "not_signed_in", scene)
    orders = scene.parts.orders.orders(user_id, act.order_ids)[:5]
    if not orders:
        return speak_topic(act, "no_order", scene)
    facts = []
    for order in orders:
        name = scene.parts.shelf.item(order.item_id).title if order.item_id in scene.parts.shelf else order.item_id
        when = f", expected {order.eta}" if order.eta else ""
        facts.append(Fact(FactKind.ORDER, f"order {order.order_id}", f"{name}: {order.status}{when}", order.status, source=order.order_id))
    return Performed(act, Evidence(act.kind, scene.message, passages=tuple(facts)))


def explain(act: Explain, scene: Scene) -> Performed:
    """Why an item was shown: the limits it keeps and the reason that its source gave at the time."""
    items = _live_items((act.item_id,), scene)
    if not items:
        return speak_topic(act, "why_what", scene)
    lists = [s for s in scene.state.shown if act.item_id in s.item_ids]
    reason = lists[-1].whys[lists[-1].item_ids.index(act.item_id)] if lists and lists[-1].whys else ""
    notes = [note("why", f"I showed you [1] because of this: {reason}", cites=(1,))] if reason else []
    facts = _live_facts(items[0], scene)
    evidence = scene.parts.evidence.build(act.kind, scene.message, items=[(items[0], facts)], notes=notes)
    return Performed(act, evidence, focus=(act.item_id,))


def speak(act: Act, scene: Scene) -> Performed:
    """Small replies, refusals and the hand-off."""
    if isinstance(act, HandOff):
        payload = tuple(sorted(brief(scene).items()))
        effect = Effect("hand_off", f"{scene.state.session_id}:{scene.state.turn}", payload)
        done = speak_topic(act, act.reason, scene)
        return replace(done, events=(effect,), action="hand_off")
    ids = getattr(act, "item_ids", ())
    failed = act.kind == "decline"
    return replace(speak_topic(act, getattr(act, "topic", ""), scene, ids, failed), focus=ids)


def speak_topic(act: Act, topic: str, scene: Scene, item_ids: Sequence[str] = (), failed: bool = False) -> Performed:
    """Evidence for a reply whose content is a topic and, at most, the items it is about."""
    kind = act.kind if act.kind in ("decline", "hand_off", "order_status") else "decline" if topic == "policy" else "say"
    items = _live_items(item_ids, scene)
    evidence = replace(
        scene.parts.evidence.build(kind, scene.message, items=[(i, _live_facts(i, scene)) for i in items]),
        notes=(note("topic", f"topic {topic}", value=topic),),
    )
    return Performed(act, evidence, failed=failed)


def brief(scene: Scene) -> dict[str, str]:
    """What a person who takes over needs to know: need, constraints, shown."""
    state, currency = scene.state, scene.parts.limits.currency
    needs = "; ".join(", ".join(need_words(n, currency)) for n in state.needs)
    shown = ", ".join(i for s in state.shown[-3:] for i in s.item_ids)
    return {"needs": needs, "shown": shown, "liked": ", ".join(state.liked), "disliked": ", ".join(state.disliked)}


def _live_items(item_ids: Sequence[str], scene: Scene) -> list[Item]:
    known = [i for i in dict.fromkeys(item_ids) if i in scene.parts.shelf]
    rows = scene.parts.live.live(known)
    return [with_live(scene.parts.shelf.item(i), rows[i]) for i in known if i in rows]


def _live_facts(item: Item, scene: Scene) -> tuple[Fact, ...]:
    """The record's facts, with price and stock as they are now."""
    return live_facts(item, scene.parts.shelf.facts(item.item_id))


def unlisted_notice(field_name: str) -> Fact:
    """What is said when the shop does not record what was asked for."""
    what = {"price": "prices", "stock": "stock levels", "rating": "ratings"}.get(field_name, f"any {field_name}")
    return note("unlisted", f"This shop lists no {what}, so I cannot go by that.".replace("no any", "no"), value=field_name)
