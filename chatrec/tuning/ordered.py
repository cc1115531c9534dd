"""An order to tune a shop's adapter, carried out: rows, training or refinement, the adapter gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatrec.errors import AdapterError
from chatrec.generation.adapters import find_adapter
from chatrec.generation.weights import BUILT_IN_BASE, base_weights
from chatrec.resources import cache_folder
from chatrec.tuning.dataset import read_rows
from chatrec.tuning.gated import Adoption, Plan, held_out_cases, teller, train_gated
from chatrec.tuning.lora import start_from
from chatrec.tuning.promotion import rivals_of
from chatrec.tuning.train import Progress
from chatrec.tuning.tuning_settings import TuningSettings

FRESH_RATE, CONTINUED_RATE = 5e-4, 1e-4
"""Peak learning rates: weights that are good already are unlearnt by the rate that fresh ones need."""
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Order:
    """What ``chatrec tune`` was asked for. ``start`` names an adapter, or is ``auto`` (the adapter in use, fresh weights where there is
    none) or ``none``; ``samples`` above 0 means refinement; ``rate`` 0 leaves the learning rate to the kind of start."""

    to: Path
    shop: Path | None = None
    dialogues: Path | None = None
    rows: int = 6000
    epochs: int = 1
    minutes: float = 0.0
    rate: float = 0.0
    base: str = BUILT_IN_BASE
    start: str = "none"
    held_out: int = 120
    samples: int = 0
    evaluations: int = 8
    force: bool = False
    work: Path | None = None
    seed: int = 7


def carry_out(order: Order, progress: Progress) -> tuple[Adoption, Plan]:
    """Composes, trains, measures. The work folder keeps rows, samples, checkpoints and a refused candidate; the same order goes on there.

    Raises :class:`chatrec.errors.ChatrecError` for input that cannot be used, before the long work where that can be known.
    """
    from chatrec.generation.prompts import REPLY_PROMPT, PromptLibrary
    from chatrec.resources import prompts_folder

    configured = _configured(order.shop)
    start = _start(order, configured)
    if order.samples and start is None:
        raise AdapterError("--refine improves an adapter, and none is in use for this base: train one first with chatrec tune")
    weights = base_weights(order.base, progress=progress)
    rivals_of(order.to, configured, weights)  # refuse what is foreign or damaged before the rows are composed
    if start is not None:
        start_from(start, weights)
    work = _compose(order, progress)
    taught, held_out = read_rows(work / "train.jsonl"), read_rows(work / "eval.jsonl")
    own = _own_rows(order, taught)
    plan = Plan(
        order.to, work, order.base, configured, held_out_cases(held_out, order.held_out, own), order.force, must_improve=order.samples > 0
    )
    if start is not None and order.samples:
        taught = _refined(order, start, taught, work, progress)
    rate = order.rate or (CONTINUED_RATE if start else FRESH_RATE)
    settings = TuningSettings(epochs=order.epochs, minutes=order.minutes, rate=rate, seed=order.seed, evaluations=order.evaluations)
    prompt = PromptLibrary(prompts_folder()).prompt(REPLY_PROMPT).key
    return train_gated(taught, held_out, plan, settings, start=start, prompts=(prompt,), progress=progress), plan


def _configured(shop: Path | None) -> str:
    """What the shop's settings name as its adapter."""
    if shop is None:
        return "auto"
    from chatrec.settings import load_settings

    return load_settings(shop).model.adapter


def _start(order: Order, configured: str) -> Path | None:
    """The adapter whose weights are taken over."""
    if order.start != "auto":
        return find_adapter(order.start)
    folder = find_adapter(configured)
    if folder is None:
        return None
    from chatrec.generation.adapters import read_card

    return folder if read_card(folder).base_digest == base_weights(order.base).digest else None


def _compose(order: Order, progress: Progress) -> Path:
    """The folder with the rows and their data card."""
    from chatrec.tuning.dialogues import write_rows

    name = f"rows-{order.rows}-seed-{order.seed}{f'-{order.shop.name}' if order.shop else ''}"
    work = order.work or cache_folder() / "tuning" / name
    progress(f"composing {order.rows} rows in {work} ...")
    return write_rows(work, order.rows, order.seed, shop=order.shop, dialogues=order.dialogues, progress=teller(progress, "composing rows"))


def _own_rows(order: Order, taught: Sequence[Mapping[str, str]]) -> Rows:
    """Rows over the shop's own records whose prompts no training row has."""
    if order.shop is None:
        return []
    from chatrec.tuning.dialogues_own import shop_rows

    known = {row["prompt"] for row in taught}
    found = shop_rows(order.shop, order.held_out, order.seed + 1)
    return [row for row in found if row["prompt"] not in known]


def _refined(order: Order, start: Path, taught: Rows, work: Path, progress: Progress) -> Rows:
    from chatrec.tuning.refine import refine_rows

    return refine_rows(taught, start, order.base, work / "samples", samples=order.samples, seed=order.seed, progress=progress)
