"""The replies written by hand: YAML records and dialogues, turned into the same drafts as the invented ones.

A file of ``replies/`` holds product blocks (``kind``, ``products``, ``say``) or turns beside the products (``act`` and what its evidence
is made of). ``replies_held_out/`` holds replies that no training row may repeat: perplexity is measured over them.
"""

from __future__ import annotations

import random
import re
from collections import Counter
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
from chatrec.tuning.check import Checked, refusal
from chatrec.tuning.dialogues_service import topic_evidence, turn_note
from chatrec.tuning.drafts import Draft
from chatrec.tuning.invented import written_item

REPLIES = Path(__file__).parent / "replies"
HELD_OUT_REPLIES = Path(__file__).parent / "replies_held_out"
_YES_NO = re.compile(r"^(?:Yes|No|It does|It is)[,:.;] |, yes(?=\.)|^Sorry, no: ")
_CITED = re.compile(r"\[\d+\]")
_SILENT = re.compile(
    r"\blisting\b.*\b(?:not|nothing)\b|\blisting\b.*n't (?:say|mention|give|list|tell|state)\b|"
    r"(?:\bnot|n't) (?:mentioned |listed |given )?in the listing\b|\bno mention of\b"
)


@cache
def written_drafts(folder: Path = REPLIES) -> tuple[Draft, ...]:
    """Every hand-written dialogue of a folder, in file order."""
    return tuple(_drafts(folder))


def sampled_drafts(rng: random.Random) -> Iterator[Draft]:
    """All hand-written dialogues, block by block in random order: whoever needs a few need not wait for thousands."""
    blocks = [(path, place, block) for path in sorted(REPLIES.glob("*.yaml")) for place, block in enumerate(_blocks(path))]
    rng.shuffle(blocks)
    for path, place, block in blocks:
        yield from _of_block(path, place, block)


def held_out_replies() -> tuple[Draft, ...]:
    """The hand-written replies that are never trained on."""
    return written_drafts(HELD_OUT_REPLIES)


def _drafts(folder: Path) -> Iterator[Draft]:
    for path in sorted(folder.glob("*.yaml")):
        for place, block in enumerate(_blocks(path)):
            yield from _of_block(path, place, block)


def _blocks(path: Path) -> list[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C reader, where PyYAML was built with it, is ten times as fast
    blocks: list[Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return blocks


def _of_block(path: Path, place: int, block: Mapping[str, Any]) -> Iterator[Draft]:
    if "act" in block:
        yield _beside(block, f"written:{path.stem}/{place}")
        return
    items = {key: written_item(block["kind"], key, record) for key, record in block.get("products", {}).items()}
    for n, (act, shown, shopper, wants, reply) in enumerate(block["say"]):
        needs = [w.strip() for w in wants.split(";") if w.strip()]
        evidence = _about(act, [items[key] for key in shown.split()], shopper, needs, reply)
        yield Draft(evidence, reply, act, block["kind"], f"written:{path.stem}/{block['kind']}/{n}", "written")


def variants(draft: Draft) -> Iterator[Draft]:
    """The draft as a shop's model has to say it, then without its opening "Yes" or "No": a gate may not take these without a record that
    says so."""
    draft = draft.served()
    yield draft
    bare = _YES_NO.sub("", draft.reply)
    if bare != draft.reply:
        yield replace(draft, reply=bare[:1].upper() + bare[1:])


def _beside(block: Mapping[str, Any], mould: str) -> Draft:
    """A turn beside the products, with the evidence that a turn hands over for its act."""
    act, shopper = block["act"], block["shopper"]
    evidence = _BESIDE.get(act, _topic)(block)
    return Draft(evidence, block["reply"], act, str(block.get("topic", act)) if shopper else act, mould, "written")


def _asked(block: Mapping[str, Any]) -> Evidence:
    options = ", ".join(str(o) for o in block["options"])
    return Evidence("ask", block["shopper"], notes=(turn_note(block["field"], block["question"], options),))


def _nothing(block: Mapping[str, Any]) -> Evidence:
    limits = ", ".join(block["wants"])
    seen = block.get("seen")
    head = f"nothing else matches {limits}, you have seen all {seen}" if seen else f"nothing matches {limits}"
    ways = tuple(turn_note("relaxation", f"{text}: {n}", str(n)) for text, n in block["ways"].items())
    return Evidence("nothing", block["shopper"], tuple(block["wants"]), notes=(turn_note("nothing", head, limits), *ways))


def _shop_answer(block: Mapping[str, Any]) -> Evidence:
    topic = block["topic"]
    passage = Fact(FactKind.PASSAGE, topic, block["passage"], source=f"policies/{topic}.md")
    return RecordEvidence().build("shop_answer", block["shopper"], passages=[passage])


def _orders(block: Mapping[str, Any]) -> Evidence:
    facts = tuple(Fact(FactKind.ORDER, f"order {number}", text, status, source=number) for number, text, status in block["orders"])
    return Evidence("order_status", block["shopper"], passages=facts)


def _topic(block: Mapping[str, Any]) -> Evidence:
    return topic_evidence(block["act"], block["shopper"], block["topic"])


_BESIDE = {"ask": _asked, "nothing": _nothing, "shop_answer": _shop_answer, "order_status": _orders}


def _about(act: str, items: Sequence[Item], shopper: str, needs: Sequence[str], reply: str) -> Evidence:
    facts = {i.item_id: typed_facts(i) for i in items}
    notes: list[Fact] = []
    asked = shopper
    if act == "item_answer":
        silent = bool(_SILENT.search(reply))
        if silent:
            notes = [Fact(FactKind.COMPUTED, "silent", "the listing of [1] does not say", cites=(1,), source="turn")]
        unanswered = silent and ";" not in reply
        facts = {key: () if unanswered else _answering(found, shopper, reply) for key, found in facts.items()}
    if act == "explain":
        kept = [n for n in needs if n != items[0].category] or [f"matches '{items[0].category}'"]
        because = f"I showed you [1] because it keeps to what you asked for ({', '.join(kept)})"
        notes, needs, asked = [turn_note("why", because, cites=(1,))], (), f"{asked} {' '.join(kept)}"
    records = [(i, facts[i.item_id]) for i in items]
    evidence = replace(RecordEvidence().build(act, asked, needs=needs, items=records, notes=notes), shopper=shopper)
    if not refusal(Checked(evidence, reply)):
        return evidence
    told = f"{asked} {_CITED.sub(' ', reply)}"  # a turn would have shown other facts: it shows what a person found worth telling
    return replace(RecordEvidence().build(act, told, needs=needs, items=records, notes=notes), shopper=shopper)


def _answering(facts: Sequence[Fact], question: str, reply: str) -> tuple[Fact, ...]:
    """The facts that the reply rests on: those that share content with it or with the question."""
    said = set(content_stems(reply)) | set(content_stems(question))

    def touches(fact: Fact) -> bool:
        return bool(said & (set(content_stems(fact.text)) | asked_stems(fact.name) | set(stems(fact.name))))

    return tuple(f for f in facts if f.kind is FactKind.TYPE or touches(f))


def written_kinds(folder: Path = REPLIES) -> Counter[str]:
    """Hand-written replies by product kind; those beside the products by act."""
    found: Counter[str] = Counter()
    for block in (b for path in sorted(folder.glob("*.yaml")) for b in _blocks(path)):
        found[block.get("kind", block.get("act"))] += len(block.get("say", (1,)))
    return found
