"""Whether an order can still be sent back, told with its dates. What the shop gives for it is never promised here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from chatrec.dialogue.acting import TO_A_PERSON, telling
from chatrec.dialogue.consent import words
from chatrec.dialogue.perform import Performed, Scene, speak_topic
from chatrec.domain.act import CheckReturn
from chatrec.domain.item import Item, Order
from chatrec.domain.plain import plain
from chatrec.domain.reply import Chip
from chatrec.domain.returns import Eligibility, Verdict, eligibility

MOST_ORDERS = 3
LEAST_WORD_CHARS = 4
_POLICY = Chip("followup", "What are the conditions?", message="What is your returns policy?")


def check_return(act: CheckReturn, scene: Scene) -> Performed:
    """The verified shopper's own orders that are meant: those named by number, else by product, else those still open, newest first."""
    user_id = scene.state.user_id
    if user_id is None:
        return speak_topic(act, "sign_in", scene)
    orders = scene.parts.orders.orders(user_id, act.order_ids)
    if not orders:
        return speak_topic(act, "no_order", scene)
    today = _today(scene)
    judged = [(order, eligibility(order, _item(order, scene), scene.parts.returns, today)) for order in orders]
    meant = judged if act.order_ids else _meant(judged, act.words, scene)
    texts = [return_words(order, _name(order, scene), found, scene.parts.returns.days) for order, found in meant[:MOST_ORDERS]]
    if any(found.verdict is Verdict.OPEN for _, found in meant[:MOST_ORDERS]):
        texts.append("Whether it is accepted is decided when it has been looked at.")
    return telling(act, texts, scene, (), (_POLICY, TO_A_PERSON))


def _today(scene: Scene) -> date:
    """The day as the clock in the shop shows it, where the shop's page tells it."""
    moment = scene.state.context.moment
    return scene.parts.today() if moment is None else datetime.fromtimestamp(moment, UTC).date()


def _meant(judged: Sequence[tuple[Order, Eligibility]], said: str, scene: Scene) -> list[tuple[Order, Eligibility]]:
    text = {w.rstrip("s") for w in words(said).split() if len(w) >= LEAST_WORD_CHARS}
    shared = [len(text & {w.rstrip("s") for w in words(_name(order, scene)).split()}) for order, _ in judged]
    best = max(shared, default=0)
    named = [pair for pair, n in zip(judged, shared, strict=True) if n == best and best > 0]
    live = (Verdict.OPEN, Verdict.NOT_YET, Verdict.UNDATED)
    return named or [pair for pair in judged if pair[1].verdict in live] or list(judged[:1])


def _item(order: Order, scene: Scene) -> Item | None:
    return scene.parts.shelf.item(order.item_id) if order.item_id in scene.parts.shelf else None


def _name(order: Order, scene: Scene) -> str:
    item = _item(order, scene)
    return plain(item.title if item is not None else order.item_id, 80)


def return_words(order: Order, name: str, found: Eligibility, days: int) -> str:
    """One order line in one sentence, with the dates that it follows from."""
    lead = f"Order {plain(order.order_id, 40)} ({name})"
    status = f"its status is “{plain(order.status, 40)}”"
    if found.verdict is Verdict.DONE:
        return f"{lead} came back already: {status}."
    if found.verdict is Verdict.CANCELLED:
        return f"{lead} was cancelled, so there is nothing to send back."
    if found.verdict is Verdict.EXCLUDED:
        return f"{lead} is of a kind that cannot be sent back unless something is wrong with it."
    if found.verdict is Verdict.NOT_YET:
        due = f" and it is expected on {plain(order.eta, 20)}" if order.eta else ""
        window = f"; once it is delivered you have {days} days" if days else ""
        return f"{lead} has not arrived yet: {status}{due}{window}."
    if found.since is None or found.until is None:
        placed = f" It was ordered on {plain(order.placed_at, 20)}." if order.placed_at else ""
        return f"I cannot tell from my records until when {lead[:1].lower()}{lead[1:]} can be sent back.{placed}"
    since = f"{'ordered' if found.by_order else 'delivered'} on {found.since.isoformat()}"
    counted = f"{days} days from then end on {found.until.isoformat()}"
    if found.verdict is Verdict.OPEN:
        later = ", or later if it was delivered later" if found.by_order else ""
        return f"{lead} was {since}; {counted}{later}, so it can still be sent back in time."
    late = ". If it reached you much later, a person in our team can check" if found.by_order else ""
    return f"{lead} was {since}; {counted}, so the time to send it back is over{late}."
