"""A shop's own past chats as training dialogues: personal data taken out, injections refused, and only replies that its records support.

The file is JSONL, one chat a line: ``{"dialogue_id": "...", "turns": [{"speaker": "shopper", "text": "..."}, {"speaker": "agent",
"text": "...", "items": ["sku-1"]}]}``. ``messages`` with ``role`` and ``content`` (the form of most chat exports) is read as well. An
agent's turn names what it speaks of by ``items`` (ids of the catalogue) or by product titles in its text; ``act`` may name what it does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.domain.item import Item
from chatrec.domain.personal import without_personal_data
from chatrec.domain.plain import plain
from chatrec.errors import IngestError, UnreadableFile
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.gate_words import content_stems, stems
from chatrec.tuning.check import Checked, refusal, sentences
from chatrec.tuning.dialogues_own import OwnRecords
from chatrec.tuning.drafts import Draft
from chatrec.tuning.injections import is_injection

AGENTS = frozenset({"agent", "assistant", "bot", "support", "seller", "staff", "wizard"})
SHOPPERS = frozenset({"shopper", "user", "customer", "client", "visitor", "human", "seeker"})
MOST_ITEMS = 4
LEAST_TITLE_CHARS = 4
MOST_LINE_CHARS = 200_000
_BRACKETED_PRICE = re.compile(r"\s*\((?:[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:USD|EUR|GBP))\)")
_COMPARING = re.compile(r"\bcompare|difference|\bwhich (?:one|of)|\bor the\b|\bversus\b|\bvs\b", re.IGNORECASE)
_ASKING = re.compile(r"\?\s*$|^\s*(?:is|are|does|do|can|could|how|what|which|where|when|has|have)\b", re.IGNORECASE)
_SILENT = re.compile(r"\b(?:does not|doesn't) (?:say|mention|list)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One agent's turn with the shopper's words before it. ``items`` are ids; ``act`` is "" where the file does not say."""

    shopper: str
    reply: str
    items: tuple[str, ...] = ()
    act: str = ""


def past_drafts(path: Path, records: OwnRecords) -> tuple[list[Draft], dict[str, int]]:
    """The drafts that may become rows, and how many exchanges were kept and refused, by reason.

    Raises :class:`UnreadableFile` for a file that cannot be read and :class:`IngestError` for one that holds no chat at all.
    """
    counted: Counter[str] = Counter()
    found: list[Draft] = []
    for exchange in exchanges(path, counted):
        draft, reason = _draft(exchange, records)
        counted[reason or "kept"] += 1
        if draft is not None:
            found.append(draft)
    if not counted:
        raise IngestError(f"{path}: holds no chats; write one JSON object a line with a list 'turns' (speaker, text)")
    return found, dict(sorted(counted.items()))


def exchanges(path: Path, counted: Counter[str]) -> Iterator[Exchange]:
    """The exchanges of a file, personal data taken out; lines and turns that cannot be used are counted by reason."""
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield from _chat(line, counted)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: cannot be read as UTF-8 text: {error}") from error


def _chat(line: str, counted: Counter[str]) -> Iterator[Exchange]:
    turns = _turns(line)
    if turns is None:
        counted["no chat in this line"] += 1
        return
    shopper = ""
    for turn in turns:
        speaker = str(turn.get("speaker", turn.get("role", ""))).strip().lower()
        text = turn.get("text", turn.get("content", ""))
        text = without_personal_data(plain(text, 1000)) if isinstance(text, str) else ""
        if speaker in SHOPPERS:
            shopper = text
        elif speaker in AGENTS:
            if not text or not shopper:
                counted["empty turn"] += 1
                continue
            ids = turn.get("items", ())
            ids = tuple(str(i) for i in ids[: MOST_ITEMS + 1]) if isinstance(ids, list) else ()
            yield Exchange(shopper, text, ids, str(turn.get("act", "")))


def _turns(line: str) -> list[Mapping[str, Any]] | None:
    if len(line) > MOST_LINE_CHARS:
        return None
    try:
        chat = json.loads(line)
    except ValueError:
        return None
    turns = chat.get("turns", chat.get("messages")) if isinstance(chat, dict) else None
    return [t for t in turns if isinstance(t, dict)] if isinstance(turns, list) and turns else None


def _draft(exchange: Exchange, records: OwnRecords) -> tuple[Draft | None, str]:
    """The draft, or why there is none."""
    if is_injection(exchange.shopper) or is_injection(exchange.reply):
        return None, "injection"
    reply, items = _cited(exchange, records)
    if not items:
        return None, "speaks of no product of the catalogue"
    if len(items) > MOST_ITEMS:
        return None, "speaks of too many products"
    act = exchange.act if exchange.act in ("recommend", "compare", "item_answer") else _act(exchange, len(items))
    evidence = _evidence(act, exchange.shopper, items, reply)
    told = _supported(reply, evidence)
    if not told:
        return None, "not supported by the records"
    return Draft(evidence, told, act, items[0].category.lower(), "past", "past"), ""


def _act(exchange: Exchange, items: int) -> str:
    if items > 1 and _COMPARING.search(exchange.shopper):
        return "compare"
    return "item_answer" if items == 1 and _ASKING.search(exchange.shopper) and exchange.items else "recommend"


def _cited(exchange: Exchange, records: OwnRecords) -> tuple[str, list[Item]]:
    """The reply with citations in place of titles, and the items in the order in which it names them."""
    known = [records.by_id[i] for i in exchange.items if i in records.by_id]
    text = exchange.reply
    places: list[tuple[int, int, Item]] = []
    for item in known or _titled(text, records):
        found = re.search(rf"(?<!\w)(?:the )?{re.escape(item.title)}(?!\w)", text, re.IGNORECASE)
        if found:
            places.append((found.start(), found.end(), item))
    places.sort(key=lambda place: place[0])
    named = [item for _, _, item in places]
    for n, (start, end, _) in reversed(list(enumerate(places, start=1))):
        text = f"{text[:start]}[{n}]{text[end:]}"
    text = _BRACKETED_PRICE.sub("", text)
    if not named and len(known) == 1:  # "It weighs 900 g": the one product that the turn is marked with
        return re.sub(r"^(?:It|This one|That one)\b", "[1]", text, count=1), known
    return text, named


def _titled(text: str, records: OwnRecords) -> list[Item]:
    low = text.lower()
    found = [i for i in records.items if len(i.title) >= LEAST_TITLE_CHARS and i.title.lower() in low]
    longest = sorted(found, key=lambda i: -len(i.title))
    return [i for n, i in enumerate(longest) if not any(i.title.lower() in other.title.lower() for other in longest[:n])]


def _evidence(act: str, shopper: str, items: Sequence[Item], reply: str) -> Evidence:
    """Evidence from the shop's records; the facts that the reply rests on come first."""
    notes: tuple[Fact, ...] = ()
    if act == "item_answer" and _SILENT.search(reply):
        notes = (Fact(FactKind.COMPUTED, "silent", "the listing of [1] does not say", cites=(1,), source="turn"),)
        return RecordEvidence().build(act, shopper, items=[(i, ()) for i in items], notes=notes)
    said = set(content_stems(reply))
    pairs = [(i, sorted(typed_facts(i), key=lambda f: -len(said & set(stems(f"{f.name} {f.text}"))))) for i in items]
    needs = [items[0].category.lower()] if act == "recommend" and items[0].category else []
    return RecordEvidence().build(act, shopper, needs=needs, items=pairs, notes=notes)


def _supported(reply: str, evidence: Evidence) -> str:
    """The sentences of the reply that the records support, where together they name every item; "" where they do not."""
    whole = Checked(evidence, reply)
    if not refusal(whole):
        return reply
    from chatrec.generation.gate import SentenceGate

    gate, kept = SentenceGate(), []
    previous: tuple[int, ...] = ()
    for sentence in sentences(reply):
        verdict = gate.judge(sentence, evidence, previous)
        if verdict.ok:
            kept.append(sentence)
            previous = verdict.cites or previous
    text = " ".join(kept)
    return text if text and not refusal(Checked(evidence, text)) else ""
