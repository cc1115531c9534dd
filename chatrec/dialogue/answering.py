"""Answers: side by side, about an item, about the shop, about an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.dialogue.cards import NOT_LISTED, comparison_rows
from chatrec.dialogue.follow_ups import TO_A_PERSON, asked_after
from chatrec.dialogue.other_colours import ASKS_OTHER, answer_other_colours
from chatrec.dialogue.pointing_words import asked_of_it
from chatrec.dialogue.scene import Performed, Scene, facts_now, live_items, note, speak_topic
from chatrec.dialogue.totals import ASKS_TOTAL, total_words
from chatrec.dialogue.weighing import answers, weigh
from chatrec.domain.act import AnswerItem, AnswerShop, Compare, OrderStatus
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.reply import Chip, Comparison

TOLD_ABOUT = "tell me about it"
MOST_SILENT = 2
MOST_PASSAGES = 3
PARTLY_KNOWN = "Our shop information does not say the rest. A person in our team can tell you"


def compare(act: Compare, scene: Scene) -> Performed:
    """Two to four items: only the properties that differ."""
    items = live_items(act.item_ids, scene)
    if act.by is not None and items:
        return answer_which(act, act.by, items, scene)
    if len(items) < 2:
        return speak_topic(act, "compare_what", scene)
    rows = comparison_rows(items, scene.parts.limits.currency)
    table = Comparison(tuple(i.title for i in items), tuple(i.item_id for i in items), rows)
    silent = silent_notes(rows)
    evidence = scene.parts.evidence.build(act.kind, scene.message, items=[(i, facts_now(i, scene)) for i in items], notes=silent)
    return Performed(act, evidence, events=(table,), focus=act.item_ids)


def silent_notes(rows: Sequence[tuple[str, tuple[str, ...]]]) -> list[Fact]:
    """What the listing of one item says and that of another does not; the first of such properties, in the order of the table."""
    lacking: dict[int, list[str]] = {}
    for name, values in rows:
        places = [n for n, value in enumerate(values, start=1) if value == NOT_LISTED]
        if places and len(places) < len(values) and name not in ("brand", "rating"):
            is_flag = set(values) <= {"yes", "no", NOT_LISTED}
            for n in places:
                lacking.setdefault(n, []).append(f"whether it is {name}" if is_flag else f"the {name}")
    told = sorted(lacking.items(), key=lambda pair: -len(pair[1]))[:MOST_SILENT]
    return [note("silent", f"the listing of [{n}] does not give {' or '.join(names[:MOST_SILENT])}", cites=(n,)) for n, names in told]


def answer_which(act: Compare, by: tuple[str, int], items: Sequence[Item], scene: Scene) -> Performed:
    """Which of the items goes furthest in one field, told by code from the figures of this moment."""
    weighed = weigh(items, *by)
    notes = tuple(note("which", text) for text in answers(weighed, *by))
    evidence = scene.parts.evidence.build("notice", scene.message, items=[(i, facts_now(i, scene)) for i in items])
    best = tuple(items[n - 1].item_id for n in weighed.first)
    return Performed(act, replace(evidence, notes=notes), focus=best or tuple(i.item_id for i in items))


def answer_item(act: AnswerItem, scene: Scene) -> Performed:
    """A question about items, answered from their records; where a record is silent, that is said."""
    items = live_items(act.item_ids, scene)
    if not items:
        return speak_topic(act, "which_item", scene)
    if ASKS_TOTAL.search(act.question) and (told := total_words(items)):
        evidence = scene.parts.evidence.build("notice", scene.message, items=[(i, facts_now(i, scene)) for i in items])
        return Performed(act, replace(evidence, notes=(note("total", told),)), focus=tuple(i.item_id for i in items))
    if len(items) == 1 and ASKS_OTHER.search(act.question) and (done := answer_other_colours(act, items[0], scene)) is not None:
        return done
    question = asked_of_it(act.question) if len(items) == 1 else act.question
    found = [(item, scene.parts.answers.answer(question, item, facts_now(item, scene))) for item in items]
    if not question:  # "the second one": told about, nothing is asked
        found = [(item, facts_now(item, scene)) for item in items]
    silent = [note("silent", f"the listing of [{n}] does not say", cites=(n,)) for n, (_, facts) in enumerate(found, 1) if not facts]
    decided = [
        replace(fact, text=fact.text.replace("{item}", f"[{n}]"), cites=(n,))
        for n, (_, facts) in enumerate(found, 1)
        for fact in facts
        if fact.kind is FactKind.COMPUTED
    ]
    found = [(item, tuple(f for f in facts if f.kind is not FactKind.COMPUTED)) for item, facts in found]
    evidence = scene.parts.evidence.build(act.kind, question or TOLD_ABOUT, items=found, notes=[*decided, *silent])
    return Performed(act, evidence, focus=tuple(i.item_id for i in items))


def answer_shop(act: AnswerShop, scene: Scene) -> Performed:
    """A question about the shop, from its policies; an unknown one is said to be unknown, and a person is offered."""
    context = asked_after(act.question, scene.state.shop_question) or scene.message
    passages = scene.parts.knowledge.search(act.question, MOST_PASSAGES, context)
    if not passages:
        person = Chip("followup", "Talk to a person", message=TO_A_PERSON)
        return replace(speak_topic(act, "policy", scene, failed=True), chips=(person,))
    facts = [Fact(FactKind.PASSAGE, p.topic, p.text, source=p.passage_id) for p in passages]
    open_notes = [note("unanswered", PARTLY_KNOWN)] if scene.parts.knowledge.unanswered(act.question) else []
    return Performed(act, scene.parts.evidence.build(act.kind, act.question, passages=facts, notes=open_notes))


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
