"""Trains a LoRA adapter on rows of prompt and completion: ``python -m chatrec.tuning.train --train rows.jsonl ...``.

Killed at any moment, the same command goes on from the last checkpoint and ends with the same adapter.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.errors import ChatrecError
from chatrec.generation.adapters import AdapterCard, find_adapter, weights_digest, write_card
from chatrec.generation.weights import BUILT_IN_BASE, BaseWeights, base_weights
from chatrec.resources import cache_folder
from chatrec.tuning.dataset import read_rows, rows_digest
from chatrec.tuning.scores import FIGURES
from chatrec.tuning.tuning_settings import FREE_SETTINGS, TuningSettings

if TYPE_CHECKING:
    from chatrec.tuning.loop import Outcome
    from chatrec.tuning.lora import Start

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training came to. Losses are nats per target token, on all evaluation rows; ``loss_before`` is the bare base model's."""

    folder: Path
    rows: int
    steps: int
    best_step: int
    loss_before: float
    loss_after: float
    tokens_per_s: float
    seconds: float
    resumed: int
    stopped_early: bool


def train_adapter(
    rows_train: Sequence[Mapping[str, str]],
    rows_eval: Sequence[Mapping[str, str]],
    out_folder: Path,
    *,
    base: str = BUILT_IN_BASE,
    settings: TuningSettings | None = None,
    checkpoint_folder: Path | None = None,
    progress: Progress = print,
    prompts: Sequence[str] = (),
    start: Path | None = None,
) -> TrainReport:
    """Trains, keeps the weights that write best (of equals those with less loss), and writes the adapter folder (replaced in one step).

    Rows are as :func:`chatrec.tuning.dataset.read_rows` returns them. The folder gets PEFT's two files in bfloat16, ``card.json``,
    ``card.md``, ``training_log.jsonl`` and ``loss.png``. Checkpoints of other rows or settings in ``checkpoint_folder`` are left alone.
    ``start`` is the folder of an adapter to go on from: its weights, rank and targets are taken, and its digest stands in the card;
    killed, the run goes on from its own checkpoint. Raises :class:`chatrec.errors.AdapterError` where that adapter is damaged or belongs
    to another base.
    """
    from chatrec.tuning.loop import run_training

    weights = base_weights(base, progress=progress)
    settings, began = _beginning(start, weights, settings or TuningSettings(), progress)
    data_digest = rows_digest(rows_train, rows_eval)
    run_folder = (checkpoint_folder or cache_folder() / "training") / _run_name(weights, data_digest, settings, began)
    outcome = run_training(rows_train, rows_eval, weights, settings, run_folder, progress, began)
    report = TrainReport(
        folder=out_folder,
        rows=len(rows_train),
        steps=outcome.state.step,
        best_step=outcome.state.best_step,
        loss_before=outcome.loss_before,
        loss_after=outcome.loss_after,
        tokens_per_s=outcome.tokens_per_s,
        seconds=outcome.state.elapsed_s,
        resumed=outcome.state.resumed,
        stopped_early=outcome.stopped_early,
    )
    card = AdapterCard(
        name=out_folder.name,
        base_name=weights.name,
        base_digest=weights.digest,
        data_digest=data_digest,
        prompts=tuple(prompts),
        settings={**asdict(settings), "rows": len(rows_train), "eval_rows_total": len(rows_eval), "tool": _versions()},
        scores=_scores(report, outcome),
        start_digest=began.digest if began else "",
    )
    if not outcome.is_main:
        return report
    _write_folder(out_folder, outcome, card)
    progress(
        f"{out_folder}: evaluation loss {report.loss_before:.3f} -> {report.loss_after:.3f} "
        f"(step {report.best_step} of {report.steps}), {report.tokens_per_s:.0f} tokens/s, {report.seconds / 60:.1f} min"
    )
    return report


def _write_folder(out_folder: Path, outcome: Outcome, card: AdapterCard) -> None:
    """Writes everything into a fresh folder beside ``out_folder`` and puts it in its place."""
    from chatrec.tuning.plots import draw_losses

    out_folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out_folder.name}-", dir=out_folder.parent))
    try:
        fresh.chmod(0o755)
        outcome.save(fresh)
        write_card(fresh, replace(card, weights_digest=weights_digest(fresh)))
        lines = [json.dumps(line) for line in outcome.state.history]
        (fresh / "training_log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        draw_losses(outcome.state.history, fresh / "loss.png", title=card.name)
        if out_folder.exists():
            old = fresh.with_name(fresh.name + "-old")
            out_folder.rename(old)
            fresh.rename(out_folder)
            shutil.rmtree(old)
        else:
            fresh.rename(out_folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _scores(report: TrainReport, outcome: Outcome) -> dict[str, float]:
    """Losses, and how the replies to the sampled prompts stood at the best step."""
    found = {key: float(getattr(report, key)) for key in ("loss_before", "loss_after", "best_step", "steps")}
    best = next((line for line in outcome.state.history if line["step"] == report.best_step and "score" in line), {})
    return {**found, **{f"sample_{key}": best[key] for key in (*FIGURES, "score") if key in best}}


def _beginning(
    start: Path | None, weights: BaseWeights, settings: TuningSettings, progress: Progress
) -> tuple[TuningSettings, Start | None]:
    """The settings that the run has, and the adapter that it begins with."""
    if start is None:
        return settings, None
    from chatrec.tuning.lora import settings_of, start_from

    began = start_from(start, weights)
    settings = settings_of(began, settings)
    progress(f"starting from adapter {began.name}@{began.digest[:8]}: rank {settings.rank}, alpha {settings.alpha}")
    return settings, began


def _run_name(weights: BaseWeights, data_digest: str, settings: TuningSettings, began: Start | None) -> str:
    """Names the checkpoints of one run: the same base, rows, settings and beginning, and only these, resume it."""
    import hashlib

    bound = {key: value for key, value in asdict(settings).items() if key not in FREE_SETTINGS}
    parts = [weights.digest, data_digest, bound, *([began.digest] if began else [])]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _versions() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft", "accelerate"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: trains on files of rows; progress goes to standard output, one line at a time."""
    parser = argparse.ArgumentParser(
        prog="python -m chatrec.tuning.train", description="Train a LoRA adapter on rows of prompt and completion."
    )
    parser.add_argument("--train", type=Path, required=True, help="JSONL of rows to learn")
    parser.add_argument("--eval", type=Path, required=True, help="JSONL of held-out rows")
    parser.add_argument("--out", type=Path, required=True, help="adapter folder to write")
    parser.add_argument("--checkpoints", type=Path, default=None, help="folder of checkpoints (default: in the cache folder)")
    parser.add_argument("--base", default=BUILT_IN_BASE, help="the built-in base, or a folder")
    parser.add_argument("--start-from", default="none", metavar="ADAPTER", help="begin with the weights of this adapter (folder or name)")
    parser.add_argument("--prompt", action="append", default=[], help="id and version of a prompt that the rows use (repeatable)")
    for entry in fields(TuningSettings):
        parser.add_argument(
            f"--{entry.name.replace('_', '-')}", type=type(entry.default), default=entry.default, help=f"default {entry.default}"
        )
    given: dict[str, Any] = vars(parser.parse_args(arguments))
    # read when torch loads OpenMP, so set before: threads that spin at barriers make training many times slower beside other work
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    settings = TuningSettings(**{entry.name: given[entry.name] for entry in fields(TuningSettings)})
    try:
        train_adapter(
            read_rows(given["train"]),
            read_rows(given["eval"]),
            given["out"],
            base=given["base"],
            settings=settings,
            checkpoint_folder=given["checkpoints"],
            progress=lambda line: print(line, flush=True),
            prompts=given["prompt"],
            start=find_adapter(given["start_from"]),
        )
    except ChatrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
