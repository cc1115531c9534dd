"""Acts to results: what is shown, what may be said about it, and what it leaves in the state. Each kind of act has a room of its own."""

from __future__ import annotations

from chatrec.dialogue.answering import answer_item, answer_shop, compare, order_status
from chatrec.dialogue.explaining import explain
from chatrec.dialogue.recommending import ask, recommend
from chatrec.dialogue.scene import Performed, Scene, note, speak_topic
from chatrec.dialogue.speaking import speak
from chatrec.domain.act import Act, AnswerItem, AnswerShop, Ask, Compare, Explain, OrderStatus, Recommend
from chatrec.domain.facts import Fact

__all__ = ["Performed", "Scene", "note", "perform", "speak_topic", "unlisted_notice"]


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


def unlisted_notice(field_name: str) -> Fact:
    """What is said when the shop does not record what was asked for."""
    what = {"price": "prices", "stock": "stock levels", "rating": "ratings"}.get(field_name, f"any {field_name}")
    return note("unlisted", f"This shop lists no {what}, so I cannot go by that.".replace("no any", "no"), value=field_name)
