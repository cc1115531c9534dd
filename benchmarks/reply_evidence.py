"""The evidence of real turns, recorded once a shop and kept: every method writes from the same."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.catalogues import shop_of
from chatrec.bot import ChatRec
from chatrec.cli.screen import progress
from chatrec.domain.facts import DroppedSentence, Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.evaluation.grounding_rules import Titles, named_items, titles_of
from chatrec.evaluation.reply_measures import MODEL_ACTS
from chatrec.evaluation.shopper_lines import dialogues
from chatrec.evaluation.simulator.preparing import copy_shop
from chatrec.generation.template import TemplateWriter
from chatrec.generation.writer import told_by_code
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.tuning.dialogues import held_out_drafts
from chatrec.wiring import Words

HELD_OUT = "held_out"
PACKAGE = Path(__file__).parents[1] / "chatrec"
# At least a third of the generated messages reach the model; the rest are questions, orders, prices, policies.
_MESSAGES_A_TURN = 4


@dataclass(frozen=True, slots=True)
class Cases:
    """What a table is measured on: evidence, and the titles of its shelf."""

    evidence: list[Evidence]
    titles: Titles


@dataclass
class Recorder:
    """A writer that keeps the evidence it was given and lets the template writer answer."""

    template: TemplateWriter = field(default_factory=TemplateWriter)
    seen: list[Evidence] = field(default_factory=list)

    def write(self, evidence: Evidence) -> Iterator[Sentence | DroppedSentence]:
        """The template writer's sentences."""
        if evidence.act in MODEL_ACTS and not told_by_code(evidence):
            self.seen.append(evidence)
        yield from self.template.write(evidence)


def cases_of(table: str, n: int, seed: int, out: Path) -> Cases | None:
    """The cases of a table: ``held_out`` (invented records), or the turns of a shop; ``None`` where its data is absent.

    What was recorded of a shop is kept in ``out`` and used again while the package and the shop are the same.
    """
    if table == HELD_OUT:
        evidence = [d.evidence for d in held_out_drafts(n, seed) if d.evidence.act in MODEL_ACTS]
        return Cases(evidence, titles_of((i.item_id, i.name) for e in evidence for i in e.items))
    folder = shop_of(table)
    if folder is None:
        return None
    with Database.open(folder, create=False) as database:
        titles = named_items(database.items.all())
    stamp = _digest(sources_digest(PACKAGE), str(folder), str((folder / "shop.db").stat().st_size), str(seed), str(n))
    kept = out / f"{table}.evidence.jsonl"
    return Cases(_kept(kept, stamp) or _recorded(folder, table, n, seed, kept, stamp), titles)


def _recorded(folder: Path, table: str, n: int, seed: int, kept: Path, stamp: str) -> list[Evidence]:
    """The evidence of ``n`` generated turns, where the model would have written; nothing of them is left in the shop."""
    copied = kept.parent / f"{table}.shop"
    shutil.rmtree(copied, ignore_errors=True)
    copy_shop(folder, copied)
    try:
        evidence = _played(copied, table, n, seed)
    finally:
        shutil.rmtree(copied, ignore_errors=True)
    lines = [json.dumps({"stamp": stamp}), *(json.dumps(asdict(e), ensure_ascii=False) for e in evidence)]
    beside = kept.with_suffix(".part")
    beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    beside.replace(kept)
    return [evidence_of(json.loads(line)) for line in lines[1:]]  # as a later run reads it


def _played(folder: Path, table: str, n: int, seed: int) -> list[Evidence]:
    recorder = Recorder()
    words = Words(recorder, {"generator": "recorder"})
    with ChatRec(folder, Database.open(folder), MiniLMEmbedder(), words, load_settings(folder)) as bot, progress() as report:
        for messages in dialogues(bot.items(), _MESSAGES_A_TURN * n, seed):
            session_id = f"bench-{secrets.token_hex(6)}"
            for message in messages:
                list(bot.reply(session_id, message))
            report(f"{table}: evidence", min(n, len(recorder.seen)), n)
            if len(recorder.seen) >= n:
                break
    return recorder.seen[:n]


def _kept(path: Path, stamp: str) -> list[Evidence]:
    """What was recorded under this stamp; none where it was under another."""
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    return [evidence_of(json.loads(line)) for line in lines] if json.loads(head) == {"stamp": stamp} else []


def evidence_of(row: dict[str, Any]) -> Evidence:
    """Evidence from its JSON form."""
    items = tuple(EvidenceItem(i["n"], i["item_id"], i["name"], _facts(i["facts"])) for i in row["items"])
    return Evidence(row["act"], row["shopper"], tuple(row["needs"]), items, _facts(row["notes"]), _facts(row["passages"]))


def _facts(rows: Sequence[dict[str, Any]]) -> tuple[Fact, ...]:
    return tuple(Fact(**{**row, "kind": FactKind(row["kind"]), "cites": tuple(row["cites"])}) for row in rows)


@cache
def sources_digest(folder: Path) -> str:
    """Of all Python files and word lists below a folder, as this process found them: what was made by other code is made again."""
    paths = sorted(p for kind in ("*.py", "*.txt", "*.md") for p in folder.rglob(kind))
    return _digest(*(f"{p.relative_to(folder)}\n{p.read_text(encoding='utf-8')}" for p in paths))


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
