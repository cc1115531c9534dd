"""The content plan behind a reply that is there already: of all that could be told, what it tells, in its order.

In a shop the plan comes first and the model words it. A training reply was written freely, so its row gets the plan that it carries
out: a model that learns from rows whose prompts hold no more than the reply says learns to tell everything it is handed, and one that
learns from rows whose replies say no more than the prompt learns to add nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.content_plan import SHARED, ContentPlan, ItemPlan, compared, planned
from chatrec.generation.evidence_choice import seen_facts
from chatrec.generation.gate_words import content_stems, stems
from chatrec.generation.predicates import clause_text, is_statement, tell
from chatrec.generation.sentences import split_sentences
from chatrec.generation.shop_talk import load_shop_talk
from chatrec.generation.template_notes import is_topic
from chatrec.generation.told import VERBS, about, grades, is_told, marks, place_of

_CITE = re.compile(r"\[\d+\]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_BUT = re.compile(r"\b(?:but|though|although|yet|however)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"\b(?:both|all(?: (?:two|three|four))?(?= (?:are|have|come|of them|stay|is|with))|each|every one)\b", re.IGNORECASE)
# "Weighs 540 g" and "is 10 m long" say nothing beside "is lighter at 540 g" and "is longer at 10 m".
_MEASURES = VERBS | frozenset(stems("long high wide thick deep tall heavy big large speed"))
_OFFER = re.compile(r"\?$|\b(?:ask me|let me know|tell me|shall I|I can tell|happy to|anything else)\b", re.IGNORECASE)
# Words of talk that a shop's list does not hold, since a gate need not let them pass everywhere.
_TALK = frozenset(stems("though well least hand start other start rest moment course first side now then limit"))


@lru_cache(maxsize=8)
def plan_told(evidence: Evidence, reply: str) -> ContentPlan | None:
    """What ``reply`` tells of the ``evidence``; ``None`` where it tells nothing on record of an item, says something that no part of the
    plan does, or sets off with "but" what cannot be told apart: a model would learn to make up and to reckon."""
    said = {item.n: " ".join(about(item.n, reply)) for item in evidence.items}
    items = tuple(_told_of(evidence, item, said[item.n]) for item in evidence.items)
    others = tuple(n for n in planned(evidence).others if _needed(n, reply))
    if any(plan is None for plan in items):
        return None
    plan = ContentPlan(tuple(p for p in items if p is not None), (), others)
    if len(plan.told) < len(items):
        return None
    told = " ".join([*(p for i in plan.items for p in i.all_parts), *(n.text for n in others), evidence.shopper, *evidence.needs])
    kinds = " ".join(f.text for item in evidence.items for f in item.facts if f.kind is FactKind.TYPE)
    return None if _adds(reply, f"{told} {kinds}") else plan


def as_served(reply: str) -> str:
    """The reply without what code says by itself in a shop: an opening before the first item, what all items share, an offer to go on."""
    sentences = split_sentences(reply)
    first = next((n for n, sentence in enumerate(sentences) if _CITE.search(sentence)), 0)
    kept = [s for s in sentences[first:] if _CITE.search(s) or not _OF_ALL.search(s)]
    while len(kept) > 1 and not _CITE.search(kept[-1]) and _OFFER.search(kept[-1]):
        kept.pop()
    return " ".join(kept)


def _adds(reply: str, told: str) -> bool:
    """Whether the reply holds a figure, a comparison or a content word that is in none of the texts told."""
    bare = _CITE.sub(" ", reply)
    if set(_FIGURE.findall(bare)) - set(_FIGURE.findall(told)) or grades(bare) - grades(told):
        return True
    talk, known = load_shop_talk(), set(stems(told)) | set(content_stems(told)) | _TALK
    return any(not talk.is_idle(stem) for stem in set(content_stems(bare)) - known)


def _needed(note: Fact, reply: str) -> bool:
    """Whether a note that no item's own part tells is told by the reply; that a listing is silent can be said in any words."""
    return not is_topic(note) and not SHARED.fullmatch(note.text) and (note.name == "silent" or is_told(note.text, reply))


def _told_of(evidence: Evidence, item: EvidenceItem, said: str) -> ItemPlan | None:
    found = [part for part in _parts(evidence, item) if is_told(part, said)]
    kept = [p for p in found if not any(p != o and _is_in(p, o) for o in found)]
    kept = [p for n, p in enumerate(kept) if not any(marks(p) == marks(o) for o in kept[:n])]
    kept.sort(key=lambda part: place_of(part, said))
    buts = [m.start() for m in _BUT.finditer(said) if said[: m.start()].strip(" ,;:")]
    if not buts or evidence.act == "item_answer":
        return ItemPlan(item, tuple(kept))
    drawback = _drawback(kept, said, buts)
    return ItemPlan(item, tuple(p for p in kept if p != drawback), drawback=drawback) if drawback else None


def _is_in(part: str, other: str) -> bool:
    """Whether one part says nothing beside another: "weighs 540 g" beside "is lighter at 540 g"."""
    if part.startswith("is rated ") != other.startswith("is rated "):
        return False
    own = marks(part)
    figures = bool(set(_FIGURE.findall(part))) and bool(grades(other)) and not grades(part)
    return own <= marks(other) or (figures and own - _MEASURES <= marks(other))


def _drawback(parts: list[str], said: str, buts: list[int]) -> str:
    """The last part, where the reply sets it off by a "but" (or a "though" behind it) and no other; "" where that is not clear.

    A "but" that opens what is said of the item belongs to the item before it, and is not among ``buts``.
    """
    if len(parts) < 2 or len(buts) != 1:
        return ""
    before, last = place_of(parts[-2], said), place_of(parts[-1], said)
    return parts[-1] if before < buts[0] and (buts[0] < last or re.match(r"though[.,]?", said[buts[0] :])) else ""


def _parts(evidence: Evidence, item: EvidenceItem) -> Iterator[str]:
    """Everything that could be told of the item: the plan of a shop first, since it joins a comparison with its figure."""
    own = next(p for p in planned(evidence).items if p.item.n == item.n)
    yield from own.all_parts
    for note in evidence.notes:
        if note.name == "stock" and note.cites[:1] == (item.n,):
            yield note.text.partition("] ")[2]
        elif told := compared(note, item.n):
            yield told
    for fact in seen_facts(item):
        if fact.kind is not FactKind.TYPE:
            yield clause_text(fact) if is_statement(fact) else tell(fact) or f"the listing says: {fact.text}"
