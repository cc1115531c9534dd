"""The content plan behind a reply that is there already: of all that could be told, what it tells, in its order.

In a shop the plan comes first and the model words it. A training reply was written freely, so its row gets the plan that it carries
out: a model that learns from rows whose prompts hold no more than the reply says learns to tell everything it is handed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.content_plan import SHARED, ContentPlan, ItemPlan, compared, planned
from chatrec.generation.evidence_choice import seen_facts
from chatrec.generation.gate_words import content_stems, stem, stems
from chatrec.generation.predicates import clause_text, is_statement, tell
from chatrec.generation.template_notes import is_topic
from chatrec.tuning.check import sentences

LEAST_TOLD = 0.6
"""The share of a part's marks that a reply must hold to have told it: a few words may be the writer's own."""
_CITE = re.compile(r"\[(\d+)\]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BREAK = re.compile(r";|,|:|\b(?:and|but|while|whereas|though)\b")
_ALL = re.compile(r"\b(?:both|all|either|neither|each|every)\b", re.IGNORECASE)
_VERBS = frozenset(stems("listed listing listings says comes made holds weighs runs measures takes keeps works rated its"))
"""What brings a property into a sentence; whoever tells the property may choose another."""
_DEGREES = {"more": "more", "most": "more", "less": "less", "least": "less", "fewer": "less", "fewest": "less"}
_PRICED = {"cheap": "<cheap>", "cheaper": "<cheap>", "cheapest": "<cheap>", "dearer": "<dear>", "dearest": "<dear>"}
_COSTS_LESS = re.compile(r"\b(?:costs? (?:the )?(?:less|least)|least expensive|less expensive|lower in price|lowest price)\b")
_COSTS_MORE = re.compile(r"\b(?:costs? (?:the )?(?:more|most)|most expensive|more expensive)\b")
_GRADED = re.compile(r"(?P<root>[a-z]{3,}?)(?:ier|iest|er|est)")
_GRADES = frozenset(
    "light heavy small large big long short thin thick wide narrow tall low high warm cool quiet loud bright dim deep shallow fast slow "
    "strong weak soft hard old new".split()
)


@lru_cache(maxsize=8)
def plan_told(evidence: Evidence, reply: str) -> ContentPlan | None:
    """What ``reply`` tells of the ``evidence``; ``None`` where it tells nothing on record of an item, or compares by what no part of
    the plan says: a model would learn to make up and to reckon."""
    said = {item.n: " ".join(_about(item.n, reply)) for item in evidence.items}
    shared = tuple(n for n in evidence.notes if SHARED.fullmatch(n.text) and _ALL.search(reply) and _is_told(n.text, reply))
    once = frozenset(mark for note in shared for mark in _marks(note.text))
    items = tuple(_told_of(evidence, item, said[item.n], once) for item in evidence.items)
    others = tuple(n for n in planned(evidence).others if n not in shared and _needed(n, reply))
    plan = ContentPlan(items, shared, others)
    if len(plan.told) < len(items):
        return None
    told = " ".join([*(p for i in items for p in (*i.parts, i.clause)), *(n.text for n in (*shared, *others)), evidence.shopper])
    return None if _grades(reply) - _grades(f"{told} {' '.join(evidence.needs)}") else plan


def _needed(note: Fact, reply: str) -> bool:
    """Whether a note that no item's own part tells is told by the reply; that a listing is silent can be said in any words."""
    return not is_topic(note) and not SHARED.fullmatch(note.text) and (note.name == "silent" or _is_told(note.text, reply))


def _told_of(evidence: Evidence, item: EvidenceItem, said: str, once: frozenset[str]) -> ItemPlan:
    found = [part for part in _parts(evidence, item) if _is_told(part, said) and not _marks(part) - _VERBS <= once]
    kept = [p for p in found if not any(p != o and _marks(p) <= _marks(o) for o in found)]
    kept = [p for n, p in enumerate(kept) if not any(_marks(p) == _marks(o) for o in kept[:n])]
    return ItemPlan(item, tuple(sorted(kept, key=lambda part: _place(part, said))))


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


def _about(n: int, reply: str) -> Iterator[str]:
    """The stretches of the reply that speak of item ``n``."""
    subjects: tuple[int, ...] = ()
    for sentence in sentences(reply):
        places = [(int(m[1]), m.start(), m.end()) for m in _CITE.finditer(sentence)]
        if not places:
            if not subjects or n in subjects or _ALL.search(sentence):
                yield sentence
            continue
        starts = [0, *(_break_before(sentence, a[2], b[1]) for a, b in pairwise(places)), len(sentence)]
        for (cited, _, _), start, end in zip(places, starts, starts[1:], strict=False):
            if cited == n or _ALL.search(sentence[start:end]):
                yield sentence[start:end]
        subjects = tuple(cited for cited, _, _ in places)


def _break_before(sentence: str, after: int, until: int) -> int:
    """Where the stretch of a citation begins: at the last break between it and the one before."""
    found = [m.start() for m in _BREAK.finditer(sentence, after, until)]
    return found[-1] if found else until


def _is_told(part: str, said: str) -> bool:
    wanted, there = _marks(part) - _VERBS or _marks(part), _marks(said)
    figures = set(_FIGURE.findall(part))
    if not figures <= set(_FIGURE.findall(said)) or not _grades(part) <= _grades(said):
        return False
    return bool(wanted) and len(wanted & there) >= LEAST_TOLD * len(wanted)


def _place(part: str, said: str) -> int:
    """Where the reply begins to tell the part."""
    wanted = _marks(part)
    for found in _WORD.finditer(said.lower()):
        if _marks(found[0]) & wanted:
            return found.start()
    return len(said)


def _marks(text: str) -> frozenset[str]:
    """What tells a part from others: content stems, figures, degrees and comparisons by their root."""
    low = _CITE.sub(" ", text.lower())
    return frozenset(s for s in content_stems(low) if not _is_graded(s)) | frozenset(_FIGURE.findall(low)) | _grades(low)


def _grades(text: str) -> frozenset[str]:
    """The comparisons of a text by their root: "lighter" and "the lightest" alike."""
    low = text.lower()
    low = _COSTS_MORE.sub("dearer", _COSTS_LESS.sub("cheaper", low))
    found = set()
    for word in _WORD.findall(low):
        graded = _GRADED.fullmatch(word)
        if word in _PRICED:
            found.add(_PRICED[word])
        elif word in _DEGREES:
            found.add(_DEGREES[word])
        elif graded and (root := _root(graded["root"])):
            found.add(f"<{root}>")
    return frozenset(found)


def _root(word: str) -> str:
    """The adjective behind a comparative: "light", "thin" for "thinner", "heavy" for "heavier"."""
    return next((a for a in (word, word[:-1], f"{word}y", f"{word}e") if a in _GRADES), "")


def _is_graded(word: str) -> bool:
    graded = _GRADED.fullmatch(word)
    return word in {stem(w) for w in (*_PRICED, *_DEGREES)} or bool(graded and _root(graded["root"]))
