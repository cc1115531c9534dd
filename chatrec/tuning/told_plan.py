"""The content plan behind a reply that is there already: of all that could be told, what it tells, in its order.

In a shop the plan comes first and the model words it. A training reply was written freely, so its row gets the plan that it carries
out: a model that learns from rows whose prompts hold no more than the reply says learns to tell everything it is handed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.content_plan import SHARED, ContentPlan, ItemPlan, compared, planned
from chatrec.generation.evidence_choice import seen_facts
from chatrec.generation.predicates import clause_text, is_statement, tell
from chatrec.generation.template_notes import is_topic
from chatrec.generation.told import ALL, VERBS, about, grades, is_told, marks, place_of


@lru_cache(maxsize=8)
def plan_told(evidence: Evidence, reply: str) -> ContentPlan | None:
    """What ``reply`` tells of the ``evidence``; ``None`` where it tells nothing on record of an item, or compares by what no part of
    the plan says: a model would learn to make up and to reckon."""
    said = {item.n: " ".join(about(item.n, reply)) for item in evidence.items}
    shared = tuple(n for n in evidence.notes if SHARED.fullmatch(n.text) and ALL.search(reply) and is_told(n.text, reply))
    once = frozenset(mark for note in shared for mark in marks(note.text))
    items = tuple(_told_of(evidence, item, said[item.n], once) for item in evidence.items)
    others = tuple(n for n in planned(evidence).others if n not in shared and _needed(n, reply))
    plan = ContentPlan(items, shared, others)
    if len(plan.told) < len(items):
        return None
    told = " ".join([*(p for i in items for p in (*i.parts, i.clause)), *(n.text for n in (*shared, *others)), evidence.shopper])
    return None if grades(reply) - grades(f"{told} {' '.join(evidence.needs)}") else plan


def _needed(note: Fact, reply: str) -> bool:
    """Whether a note that no item's own part tells is told by the reply; that a listing is silent can be said in any words."""
    return not is_topic(note) and not SHARED.fullmatch(note.text) and (note.name == "silent" or is_told(note.text, reply))


def _told_of(evidence: Evidence, item: EvidenceItem, said: str, once: frozenset[str]) -> ItemPlan:
    found = [part for part in _parts(evidence, item) if is_told(part, said) and not marks(part) - VERBS <= once]
    kept = [p for p in found if not any(p != o and marks(p) <= marks(o) for o in found)]
    kept = [p for n, p in enumerate(kept) if not any(marks(p) == marks(o) for o in kept[:n])]
    return ItemPlan(item, tuple(sorted(kept, key=lambda part: place_of(part, said))))


def _parts(evidence: Evidence, item: EvidenceItem) -> Iterator[str]:
    """Everything that could be told of the item: the plan of a shop first, since it joins a comparison with its figure."""
    own = next(p for p in planned(evidence).items if p.item.n == item.n)
    yield from own.parts
    for note in evidence.notes:
        if note.name == "stock" and note.cites[:1] == (item.n,):
            yield note.text.partition("] ")[2]
        elif told := compared(note, item.n):
            yield told
    for fact in seen_facts(item):
        if fact.kind is not FactKind.TYPE:
            yield clause_text(fact) if is_statement(fact) else tell(fact) or f"the listing says: {fact.text}"
