"""Small replies, refusals, and the hand-over to a person."""

from __future__ import annotations

from dataclasses import replace

from chatrec.dialogue.follow_ups import offering
from chatrec.dialogue.scene import Performed, Scene, live_items, speak_topic
from chatrec.dialogue.wording import need_words
from chatrec.domain.act import Act, HandOff
from chatrec.domain.plain import plain
from chatrec.domain.reply import Chip, Effect

# Topics that leave the shopper where they were.
_YES_TO = {
    "chosen_for_cart": "put it in my cart",
    "stray_yes_one": "put it in my cart",
    "chosen_gone": "something like that one",
    "undecided": "compare these",
    "haggle": "something cheaper",
}
"""The message that a yes stands for, after a topic that offers something."""
ADD = "cart_add"
_YES_NO = (Chip("answer", "Yes", message="yes"), Chip("answer", "No", message="no"))
_NO_ANSWER = frozenset({"not_carried", "nothing_near", "nothing_further", "not_recorded"})


def speak(act: Act, scene: Scene) -> Performed:
    """Small replies, refusals and the hand-off."""
    if isinstance(act, HandOff):
        payload = tuple(sorted(brief(act.reason, scene).items()))
        effect = Effect("hand_off", f"{scene.state.session_id}:{scene.state.turn}", payload)
        done = speak_topic(act, "again" if scene.state.handed_off and act.reason == "asked" else act.reason, scene)
        return replace(done, events=(effect,), action="hand_off", pending=None)
    ids = getattr(act, "item_ids", ())
    topic = getattr(act, "topic", "")
    if topic == "chosen" and any(item.stock is not None and item.stock <= 0 for item in live_items(ids, scene)[:1]):
        topic = "chosen_gone"  # it may have sold out since it was shown
    elif topic == "chosen" and len(ids) == 1 and scene.parts.tools.find(ADD) is not None:
        topic = "chosen_for_cart"
    failed = act.kind == "decline" or topic in _NO_ANSWER
    done = speak_topic(act, topic, scene, ids, failed)
    stands_for = _YES_TO.get(topic, "")
    pending = offering(stands_for, scene.state) if stands_for else done.pending
    return replace(done, focus=ids, pending=pending, chips=_YES_NO if pending is not None else ())


def brief(reason: str, scene: Scene) -> dict[str, str]:
    """What a person who takes over needs to know, in words: why, what is looked for with its limits, what was shown, liked and turned
    down, what was tried and asked, how the shopper feels and speaks, and the last message."""
    state, currency = scene.state, scene.parts.limits.currency
    shown = [i for s in state.shown[-3:] for i in s.item_ids]
    asked = dict.fromkeys(a.partition(":")[2] for a in state.asked if a.count(":") == 1)
    return {
        "reason": reason,
        "needs": "; ".join(", ".join(need_words(n, currency)) for n in state.needs),
        "shown": ", ".join(shown),
        "shown_titles": "; ".join(_titles(shown, scene)),
        "liked": ", ".join(state.liked),
        "disliked": ", ".join(state.disliked),
        "tried": "; ".join(state.tried),
        "asked": ", ".join(asked),
        "failures": str(state.failures),
        "mood": f"{state.mood:.2f}",
        "language": state.language,
        "turns": str(state.turn),
        "last_message": plain(scene.message, 200),
    }


def _titles(item_ids: list[str], scene: Scene) -> list[str]:
    return [plain(scene.parts.shelf.item(i).title, 80) for i in dict.fromkeys(item_ids) if i in scene.parts.shelf]
