"""Training dialogues: grounded replies over invented shelves, each checked as a reply to a shopper is checked.

``python -m chatrec.tuning.dialogues --out DIR --rows 1800 --seed 7`` writes ``train.jsonl``, ``eval.jsonl`` and ``data_card.json``.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from chatrec.generation.prompts import CHAT_END, REPLY_PROMPT, PromptLibrary, render_reply_prompt
from chatrec.resources import prompts_folder
from chatrec.tuning.check import Checked, Novelty, refusal
from chatrec.tuning.data_card import Row, describe
from chatrec.tuning.dialogues_answers import draft_item_answer
from chatrec.tuning.dialogues_products import Draft, draft_compare, draft_explain, draft_recommend
from chatrec.tuning.dialogues_written import variants, written_drafts

HELD_OUT_ROWS = 150
SHARES: tuple[tuple[Callable[[str, random.Random], Draft | None], float], ...] = (
    (draft_recommend, 0.55),
    (draft_compare, 0.2),
    (draft_item_answer, 0.2),
    (draft_explain, 0.05),
)
MOST_CHARS = 1000
"""A row longer than this (some 280 tokens) costs more training time than it teaches."""
TRIES = 40


def build_rows(seed: int, n: int, refused: Counter[str] | None = None) -> tuple[list[Row], list[Row]]:
    """About ``n`` training rows and 150 held-out rows (fewer when ``n`` is small), reproducible from ``seed``.

    A row has ``prompt`` (ChatML up to the assistant's turn), ``completion`` (reply and end marker), ``act``, ``domain``, ``mould`` and
    ``split``. Held-out rows share neither product kind nor sentence plan with the invented training rows. Every sentence passes the
    sentence gate against its evidence, every item is cited once; near-duplicates are left out.
    """
    counted = Counter[str]() if refused is None else refused
    library, rng = PromptLibrary(prompts_folder()), random.Random(seed)
    novelty = Novelty()
    written = (next((v for v in variants(d) if _fits(v, library, novelty, counted)), None) for d in written_drafts())
    train = [_row(d, "train", library) for d in written if d is not None]
    train += [_row(d, "train", library) for d in _invent("train", max(0, n - len(train)), library, rng, novelty, counted)]
    rng.shuffle(train)
    held_out = _invent("held_out", min(HELD_OUT_ROWS, n), library, rng, novelty, counted)
    return train[:n], [_row(d, "held_out", library) for d in held_out]


def held_out_drafts(n: int, seed: int) -> list[Draft]:
    """About ``n`` drafts (evidence and a good reply) to measure a model on, of product kinds and plans that no training row has."""
    return _invent("held_out", n, PromptLibrary(prompts_folder()), random.Random(seed), Novelty(), Counter())


def _invent(split: str, n: int, library: PromptLibrary, rng: random.Random, novelty: Novelty, refused: Counter[str]) -> list[Draft]:
    drafts: list[Draft] = []
    for draft_one, share in SHARES:
        wanted, tries = round(share * n), 0
        found = 0
        while found < wanted and tries < TRIES * max(wanted, 1):
            tries += 1
            draft = draft_one(split, rng)
            if draft is None or not _fits(draft, library, novelty, refused):
                continue
            drafts.append(draft)
            found += 1
    return drafts


def _fits(draft: Draft, library: PromptLibrary, novelty: Novelty, refused: Counter[str]) -> bool:
    reason = refusal(Checked(draft.evidence, draft.reply))
    if not reason and len(render_reply_prompt(draft.evidence, library)) + len(draft.reply) > MOST_CHARS:
        reason = "too long"
    if not reason and not novelty.is_new(draft.act, draft.evidence.shopper, draft.reply):
        reason = "near-duplicate"
    if reason:
        refused[f"{draft.act}: {reason}"] += 1
    return not reason


def _row(draft: Draft, split: str, library: PromptLibrary) -> Row:
    return {
        "prompt": render_reply_prompt(draft.evidence, library),
        "completion": draft.reply + CHAT_END,
        "act": draft.act,
        "domain": draft.domain,
        "mould": draft.mould,
        "split": split,
    }


def write_rows(folder: Path, rows: int = 1800, seed: int = 7) -> Path:
    """Writes ``train.jsonl``, ``eval.jsonl`` and ``data_card.json`` into ``folder`` and returns it."""
    refused: Counter[str] = Counter()
    train, held_out = build_rows(seed, rows, refused)
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in (("train", train), ("eval", held_out)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in part), encoding="utf-8")
    prompt = PromptLibrary(prompts_folder()).prompt(REPLY_PROMPT).key
    card = describe(train, held_out, seed, prompt, refused)
    (folder / "data_card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m chatrec.tuning.dialogues", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--rows", type=int, default=1800, help="training rows")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    folder = write_rows(given.out, given.rows, given.seed)
    card = json.loads((folder / "data_card.json").read_text(encoding="utf-8"))
    for part in ("train", "held_out"):
        print(part, card[part]["rows"], "rows,", card[part]["tokens_estimated"], "tokens,", card[part]["acts"])


if __name__ == "__main__":
    main()
