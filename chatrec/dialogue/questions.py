"""The clarifying question beside a list, where one is worth the shopper's time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from chatrec.dialogue.offer import Offer
from chatrec.dialogue.parts import Parts
from chatrec.dialogue.wording import question_words
from chatrec.domain.act import Ask, Recommend
from chatrec.domain.item import Item
from chatrec.domain.state import DialogueState

ASK_ABOVE = 12  # a question is worth the shopper's time only while more items than this match
MOST_PROPOSALS = 3  # a fourth-best question tells little
ASK_BELOW_CONSTRAINTS = 3  # a request with this many limits is specific enough to answer
# Entropy of the options among the candidates, as a share of the greatest possible: below it one answer is nearly certain already.
LEAST_EVENNESS = 0.6


def clarify(act: Recommend, offer: Offer, state: DialogueState, parts: Parts) -> Ask | None:
    """The one clarifying question that is worth asking, beside the items. Never about a field that the shopper left open."""
    need = offer.need
    if not parts.limits.ask or need is None or act.order_by or state.question is not None:
        return None
    if offer.matching <= ASK_ABOVE or len(need.constraints) >= ASK_BELOW_CONSTRAINTS or need.like_items:
        return None
    known = [a.partition(":")[2] for a in state.asked if a.startswith(f"{need.need_id}:")]
    asked = [a for a in known if not a.startswith("any:")]
    if not {c.field for c in need.constraints}.issuperset(asked):
        return None  # one was waved away or passed over: this shopper does not care to be asked
    pool = [parts.shelf.item(i) for i in offer.pool]
    closed = [a.removeprefix("any:") for a in known]
    for _ in range(MOST_PROPOSALS):
        found = parts.shelf.ask_about(need, offer.pool, closed)
        if found is None:
            return None
        name, options = found
        if worth_asking(name, options, pool, offer.items):
            return Ask(need.need_id, name, question_words(name, options), options)
        closed.append(name)  # the cards answer this one already: maybe the next best is worth it
    return None


def worth_asking(field: str, options: Sequence[str], pool: Sequence[Item], shown: Sequence[Item]) -> bool:
    """False where the shown items already lay every option before the shopper, or where nearly all candidates give one answer.

    Options that are no values of the records (bands of a figure) were cut evenly and always pass.
    """
    wanted = {o.casefold() for o in options}
    counts = Counter(v for item in pool for v in values_of(item, field) & wanted)
    if not counts:
        return True
    visible = {v for item in shown for v in values_of(item, field)}
    return not wanted <= visible and _evenness(list(counts.values())) >= LEAST_EVENNESS


def values_of(item: Item, field: str) -> frozenset[str]:
    """The values that a record holds for a field, as keys."""
    if field == "brand":
        return frozenset({item.brand.casefold()} - {""})
    if field == "category":
        return frozenset(c.casefold() for c in (*item.category_path, item.category) if c)
    attribute = item.attribute(field)
    held = {v.casefold() for v in attribute.values} if attribute else set()
    return frozenset(held | {v.casefold() for v in item.options().get(field, ())})


def _evenness(counts: Sequence[int]) -> float:
    total = sum(counts)
    if len(counts) < 2:
        return 0.0
    return -sum(c / total * math.log(c / total) for c in counts) / math.log(len(counts))
