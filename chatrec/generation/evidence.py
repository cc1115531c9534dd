"""From records to evidence: the few facts of each item that matter for this turn, and what can be computed among the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.plain import plain
from chatrec.generation.comparatives import WITHIN_LIMIT, compare, everyone, wanted_stems
from chatrec.generation.evidence_choice import MOST_ITEM_WORDS as MOST_ITEM_WORDS
from chatrec.generation.evidence_choice import Choice, choice_of, seen_facts, select_facts, usable_facts
from chatrec.generation.evidence_forms import formed_fact as formed_fact
from chatrec.generation.item_names import item_names
from chatrec.generation.predicates import LISTED, tell
from chatrec.generation.prompts import SHOPPER_CHARS
from chatrec.generation.rendering import harmless
from chatrec.generation.verbs import is_singular_verb, plural_verb

MOST_NEEDS = 8
MOST_NOTES = 5
MOST_PASSAGES = 4
MOST_PASSAGE_CHARS = 400
MOST_ITEMS = 10
MOST_SHARED_WORDS = 12
_SAME = " have the same "
# Acts in which items stand side by side, so that computed comparisons say something.
COMPARING = frozenset({"recommend", "compare", "item_answer"})


class RecordEvidence:
    """Implements :class:`chatrec.protocols.EvidenceBuilder`. Stateless; the same input gives the same evidence."""

    def build(
        self,
        act: str,
        shopper: str,
        *,
        needs: Sequence[str] = (),
        items: Sequence[tuple[Item, Sequence[Fact]]] = (),
        notes: Sequence[Fact] = (),
        passages: Sequence[Fact] = (),
    ) -> Evidence:
        """Evidence whose citation numbers follow the order of ``items`` (or of ``passages`` where there are no items).

        An item carries at most five facts for the model (some 45 words), then its price and stock for the renderer and the gate.
        """
        shopper = plain(shopper, SHOPPER_CHARS)
        needs = tuple(plain(need, 120) for need in needs[:MOST_NEEDS] if need.strip())
        wanted = wanted_stems(shopper, needs)
        items = items[:MOST_ITEMS]
        choice = choice_of(act, wanted, [facts for _, facts in items])
        titles = tuple(plain(item.title, 200) for item, _ in items)
        names = item_names(tuple(map(harmless, titles)))
        chosen = tuple(
            EvidenceItem(n, item.item_id, title, tuple(select_facts(item, facts, choice, name)))
            for n, ((item, facts), title, (name, _)) in enumerate(zip(items, titles, names, strict=True), start=1)
        )
        computed = list(compare([(n, item) for n, (item, _) in enumerate(items, start=1)], wanted, needs)) if act in COMPARING else []
        computed = [_in_words(note, items) for note in computed]
        if act == "recommend" and len(items) > 1:
            computed[2:2] = _shared_notes(items, choice, computed)[: 1 + any(not _tells(item) for item in chosen)]
            computed = [n for n in computed if not n.text.endswith(WITHIN_LIMIT)] or computed  # the cards show as much
        told = (*notes, *(note for note in computed if note.text not in {n.text for n in notes} and not _said_by(notes, note)))
        cut = tuple(replace(p, text=plain(p.text, MOST_PASSAGE_CHARS)) for p in passages[:MOST_PASSAGES])
        return Evidence(act, shopper, needs, chosen, told[:MOST_NOTES], cut)


def _said_by(notes: Sequence[Fact], computed: Fact) -> bool:
    """Whether the answer to "the cheapest?" says already what follows from it: that the first of the list is the cheapest of these."""
    return any(n.name == "extreme" and n.value == computed.name and n.cites[:1] == computed.cites[:1] for n in notes)


def _in_words(note: Fact, items: Sequence[tuple[Item, Sequence[Fact]]]) -> Fact:
    """ "all have the same season: winter" as "all are for winter", where the fact can be said so."""
    if _SAME not in note.text or not items:
        return note
    fact = next((f for f in items[0][1] if f.name == note.name and f.kind is FactKind.ATTRIBUTE), None)
    said = _of_all(tell(fact), items) if fact is not None else ""
    return replace(note, text=said) if said else note


def _of_all(predicate: str, items: Sequence[object]) -> str:
    """ "is for winter" as "both are for winter"; "" for a predicate with a subject of its own ("its fill is down")."""
    verb, _, rest = predicate.partition(" ")
    sound = rest and is_singular_verb(verb) and not predicate.startswith(LISTED)
    return f"{everyone(items)} {plural_verb(verb)} {rest}" if sound else ""


def _tells(item: EvidenceItem) -> bool:
    """Whether the model is shown anything of the item besides what it is."""
    return any(f.kind is not FactKind.TYPE for f in seen_facts(item))


def _shared_notes(items: Sequence[tuple[Item, Sequence[Fact]]], choice: Choice, computed: Sequence[Fact]) -> list[Fact]:
    """What all items have in common and no computed note tells: "all are for winter"; in the order of the record."""
    item, facts = items[0]
    said = {note.name for note in computed}
    alike = [f for f in facts if f.text in choice.alike and f.name not in said and f.source != "title" and f.kind is not FactKind.RATING]
    formed = [f for f, _ in usable_facts(item, alike, replace(choice, alike=frozenset()))]
    texts = [(f, _of_all(tell(f), items)) for f in formed]
    cites = tuple(range(1, len(items) + 1))
    return [
        Fact(FactKind.COMPUTED, f.name, text, source="computed", cites=cites)
        for f, text in texts
        if text and len(text.split()) <= MOST_SHARED_WORDS
    ]
