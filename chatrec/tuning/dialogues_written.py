"""The replies written by hand: YAML records and dialogues, turned into the same drafts as the invented ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate_words import asked_stems, content_stems, stems
from chatrec.tuning.dialogues_products import Draft
from chatrec.tuning.invented import written_item

REPLIES = Path(__file__).parent / "replies"
_YES_NO = re.compile(r"^(?:Yes|No)[,:.] |, yes(?=\.)")
_SILENT = re.compile(r"\blisting\b.*\b(?:not|nothing)\b|\bnot in the listing\b")


@cache
def written_drafts() -> tuple[Draft, ...]:
    """Every hand-written dialogue, in file order."""
    return tuple(_drafts())


def _drafts() -> Iterator[Draft]:
    for path in sorted(REPLIES.glob("*.yaml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")):
            items = {key: written_item(block["kind"], key, record) for key, record in block.get("products", {}).items()}
            for n, (act, shown, shopper, wants, reply) in enumerate(block["say"]):
                needs = [w.strip() for w in wants.split(";") if w.strip()]
                evidence = _about(act, [items[key] for key in shown.split()], shopper, needs, reply)
                yield Draft(evidence, reply, act, block["kind"], f"written:{path.stem}/{block['kind']}/{n}")


def variants(draft: Draft) -> Iterator[Draft]:
    """The draft as written, then without its opening "Yes" or "No": a gate may not take these without a record that says so."""
    yield draft
    bare = _YES_NO.sub("", draft.reply)
    if bare != draft.reply:
        yield replace(draft, reply=bare[:1].upper() + bare[1:])


def _about(act: str, items: Sequence[Item], shopper: str, needs: Sequence[str], reply: str) -> Evidence:
    facts = {i.item_id: typed_facts(i) for i in items}
    notes: list[Fact] = []
    if act == "item_answer":
        silent = bool(_SILENT.search(reply))
        if silent:
            notes = [Fact(FactKind.COMPUTED, "silent", "the listing of [1] does not say", cites=(1,), source="turn")]
        unanswered = silent and ";" not in reply
        facts = {key: () if unanswered else _answering(found, shopper, reply) for key, found in facts.items()}
    if act == "explain":
        kept = [n for n in needs if n != items[0].category] or [f"matches '{items[0].category}'"]
        notes, needs = [Fact(FactKind.COMPUTED, "why", ", ".join(kept), cites=(1,), source="turn")], ()
    return RecordEvidence().build(act, shopper, needs=needs, items=[(i, facts[i.item_id]) for i in items], notes=notes)


def _answering(facts: Sequence[Fact], question: str, reply: str) -> tuple[Fact, ...]:
    """The facts that the reply rests on: those that share content with it or with the question."""
    said = set(content_stems(reply)) | set(content_stems(question))

    def touches(fact: Fact) -> bool:
        return bool(said & (set(content_stems(fact.text)) | asked_stems(fact.name) | set(stems(fact.name))))

    return tuple(f for f in facts if f.kind is FactKind.TYPE or touches(f))


def written_counts() -> Mapping[str, int]:
    """Hand-written replies by act."""
    counts: dict[str, int] = {}
    for draft in written_drafts():
        counts[draft.act] = counts.get(draft.act, 0) + 1
    return counts


def written_blocks() -> list[Any]:
    """The raw records, for tests."""
    return [block for path in sorted(REPLIES.glob("*.yaml")) for block in yaml.safe_load(path.read_text(encoding="utf-8"))]
