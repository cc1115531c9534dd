"""Training dialogues: grounded replies over invented shelves, each checked as a reply to a shopper is checked.

``python -m chatrec.tuning.dialogues --out DIR --rows 6000 --seed 7`` writes ``train.jsonl``, ``eval.jsonl``, ``written_eval.jsonl``
(replies written by hand that are never trained on) and ``data_card.json``. ``--shop DIR`` adds rows over that shop's own catalogue,
``--dialogues FILE`` its past chats.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count, islice
from pathlib import Path

from chatrec.generation.prompts import CHAT_END, REPLY_PROMPT, PromptLibrary
from chatrec.resources import prompts_folder
from chatrec.tuning.check import Checked, Novelty, refusal
from chatrec.tuning.data_card import Row, describe, opening
from chatrec.tuning.dialogues_answers import draft_item_answer
from chatrec.tuning.dialogues_products import draft_compare, draft_explain, draft_recommend
from chatrec.tuning.dialogues_service import draft_service
from chatrec.tuning.dialogues_written import held_out_replies, sampled_drafts, variants
from chatrec.tuning.drafts import Draft
from chatrec.tuning.row_evidence import evidence_text

HELD_OUT_ROWS = 300
SHARES: tuple[tuple[Callable[[str, random.Random], Draft | None], float], ...] = (
    (draft_recommend, 0.54),
    (draft_compare, 0.18),
    (draft_item_answer, 0.20),
    (draft_explain, 0.03),
    (draft_service, 0.05),
)
WRITTEN_SHARE = 0.85
"""Of the rows so many at most are written by hand; the rest is invented, for the figures and kinds that nobody wrote of."""
MOST_CHARS = 1000
"""A row longer than this (some 280 tokens) costs more training time than it teaches."""
MOST_OPENING = 0.04
"""The share of rows that may open with the same three words."""
LEAST_OPENING = 6
"""So many rows may in any case open alike: a small set has no shares to speak of."""
TRIES = 40
OWN_SHARE = 0.35
"""The share of rows over a shop's own catalogue, where one is given: the rest teaches it to read other records."""
Progress = Callable[[int, int], None]


class Intake:
    """Takes drafts into a set of rows: each must pass the checks, be short and new, and not open as too many others do."""

    def __init__(self, size: int, refused: Counter[str] | None = None) -> None:
        self.refused: Counter[str] = Counter() if refused is None else refused
        self.library = PromptLibrary(prompts_folder())
        self._novelty, self._openings = Novelty(), Counter[str]()
        self._most = max(LEAST_OPENING, int(MOST_OPENING * size))

    def takes(self, draft: Draft) -> bool:
        """Whether the draft becomes a row; counts the reason where it does not."""
        start = opening(draft.reply)
        reason = refusal(Checked(draft.evidence, draft.reply))
        prompt = draft.prompt(self.library) if not reason else ""
        if prompt is None:
            reason = "tells nothing on record of an item, or what its plan does not hold"
        elif not reason and len(prompt) + len(draft.reply) > MOST_CHARS:
            reason = "too long"
        if not reason and self._openings[start] >= self._most and draft.voice != "written":
            reason = "opening used up"
        if not reason and not self._novelty.is_new(draft.act, draft.evidence.shopper, draft.reply):
            reason = "near-duplicate"
        if reason:
            self.refused[f"{draft.act}: {reason}"] += 1
        else:
            self._openings[start] += 1
        return not reason

    def row(self, draft: Draft, split: str) -> Row:
        """The draft as a row."""
        return {
            "prompt": draft.prompt(self.library) or "",
            "completion": draft.reply + CHAT_END,
            "evidence": evidence_text(draft.evidence),
            "act": draft.act,
            "domain": draft.domain,
            "mould": draft.mould,
            "voice": draft.voice,
            "split": split,
        }


def build_rows(
    seed: int, n: int, refused: Counter[str] | None = None, progress: Progress | None = None, own: Iterable[Draft] = ()
) -> tuple[list[Row], list[Row]]:
    """About ``n`` training rows and 300 held-out rows (fewer when ``n`` is small), reproducible from ``seed``.

    A row has ``prompt`` (ChatML up to the assistant's turn), ``completion`` (reply and end marker), ``act``, ``domain``, ``mould``,
    ``voice`` and ``split``. Held-out rows share neither product kind nor sentence plan with the invented training rows. Every sentence
    passes the sentence gate against its evidence, every item is cited once; near-duplicates are left out. ``own`` are drafts of a shop's
    own, taken first after those written by hand.
    """
    rng, intake = random.Random(seed), Intake(n, refused)
    told = progress or _silent
    written = (next((v for v in variants(d) if intake.takes(v)), None) for d in sampled_drafts(rng))
    drafts = list(islice((d for d in written if d is not None), round(WRITTEN_SHARE * n)))
    drafts += [d for d in map(Draft.served, own) if intake.takes(d)]
    drafts += invent("train", max(0, n - len(drafts)), rng, intake, lambda done: told(done, n))
    rng.shuffle(drafts)
    aside = Intake(HELD_OUT_ROWS, intake.refused)
    held_out = invent("held_out", min(HELD_OUT_ROWS, n), rng, aside)
    return [intake.row(d, "train") for d in drafts[:n]], [aside.row(d, "held_out") for d in held_out]


def held_out_drafts(n: int, seed: int) -> list[Draft]:
    """About ``n`` drafts (evidence and a good reply) to measure a model on, of product kinds and plans that no training row has."""
    return invent("held_out", n, random.Random(seed), Intake(n))


def written_rows() -> list[Row]:
    """The held-out replies written by hand that the gate passes, as rows: what perplexity is measured over."""
    intake = Intake(HELD_OUT_ROWS)
    kept = (next((v for v in variants(d) if intake.takes(v)), None) for d in held_out_replies())
    return [intake.row(d, "held_out") for d in kept if d is not None]


def invent(split: str, n: int, rng: random.Random, intake: Intake, told: Callable[[int], None] | None = None) -> list[Draft]:
    """About ``n`` drafts that ``intake`` takes, each act by its share; ``told`` hears how many there are."""
    drafts: list[Draft] = []
    for draft_one, share in SHARES:
        wanted = round(share * n)
        found = 0
        for tries in count():
            if found >= wanted or tries >= TRIES * max(wanted, 1):
                break
            draft = draft_one(split, rng)
            draft = draft.served() if draft is not None else None
            if draft is None or not intake.takes(draft):
                continue
            drafts.append(draft)
            found += 1
            if told is not None:
                told(len(drafts))
    return drafts


def _silent(done: int, wanted: int) -> None:
    """Nobody listens."""


def write_rows(
    folder: Path,
    rows: int = 6000,
    seed: int = 7,
    *,
    shop: Path | None = None,
    dialogues: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Writes ``train.jsonl``, ``eval.jsonl``, ``written_eval.jsonl`` and ``data_card.json`` into ``folder`` and returns it.

    ``shop`` is a built shop's folder: a third of the rows is then made over its own records. ``dialogues`` is a JSONL file of its past
    chats (see :mod:`chatrec.tuning.dialogues_past`). Raises :class:`chatrec.errors.UnreadableFile` or
    :class:`chatrec.errors.IngestError` where one of them cannot be used.
    """
    from chatrec.tuning.dialogues_own import OwnRecords, shop_drafts
    from chatrec.tuning.dialogues_past import past_drafts

    refused: Counter[str] = Counter()
    own: list[Draft] = []
    past: dict[str, int] = {}
    if shop is not None:
        records = OwnRecords.load(shop)
        if dialogues is not None:
            found, past = past_drafts(dialogues, records)
            own += found
        own += shop_drafts(records, round(OWN_SHARE * rows), seed)
    train, held_out = build_rows(seed, rows, refused, progress, own)
    folder.mkdir(parents=True, exist_ok=True)
    by_hand = written_rows()
    for name, part in (("train", train), ("eval", held_out), ("written_eval", by_hand)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in part), encoding="utf-8")
    prompt = PromptLibrary(prompts_folder()).prompt(REPLY_PROMPT).key
    card = describe(train, held_out, seed, prompt, refused, by_hand, past)
    (folder / "data_card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m chatrec.tuning.dialogues", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--rows", type=int, default=6000, help="training rows")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--shop", type=Path, help="a built shop: rows over its own records as well")
    parser.add_argument("--dialogues", type=Path, help="the shop's past chats, JSONL; needs --shop")
    given = parser.parse_args()
    if given.dialogues and not given.shop:
        parser.error("--dialogues needs --shop: past replies are checked against that shop's records")
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(TextColumn("composing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("rows", total=given.rows)
        folder = write_rows(
            given.out, given.rows, given.seed, shop=given.shop, dialogues=given.dialogues,
            progress=lambda done, wanted: bar.update(task, completed=done, total=wanted),
        )  # fmt: skip
        bar.update(task, completed=given.rows)
    card = json.loads((folder / "data_card.json").read_text(encoding="utf-8"))
    for part in ("train", "held_out"):
        found = card[part]
        print(part, found["rows"], "rows,", found["tokens_estimated"], "tokens, distinct-2", found["distinct_2"], found["acts"])


if __name__ == "__main__":
    main()
