"""``chatrec tune``: train a LoRA adapter that writes from evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import console, out
from chatrec.errors import ChatrecError


def tune_command(
    to: Annotated[Path, typer.Option("--out", help="adapter folder to write")] = Path("adapters/my-shop"),
    shop: Annotated[str | None, typer.Option(help="a shop (demo or a folder): a third of the rows is made over its own records")] = None,
    dialogues: Annotated[Path | None, typer.Option(help="the shop's past chats, JSONL: personal data is taken out")] = None,
    rows: Annotated[int, typer.Option(min=8, help="training rows to compose")] = 6000,
    epochs: Annotated[int, typer.Option(min=1, help="passes over the rows")] = 1,
    minutes: Annotated[float, typer.Option(min=0, help="shrink the schedule to end within this time; 0: no limit")] = 0.0,
    base: Annotated[str, typer.Option(help="the built-in base, or a folder with a causal language model")] = "smollm2-135m-instruct",
    start: Annotated[
        str, typer.Option("--start-from", metavar="ADAPTER", help="begin with this adapter's weights: a folder, a name, or auto")
    ] = "none",
    work: Annotated[Path | None, typer.Option("--work", help="where rows and checkpoints are kept (default: the cache folder)")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="a small run, to see that it works: 240 rows, one epoch")] = False,
    seed: Annotated[int, typer.Option(help="seed of rows and training")] = 7,
    intents: Annotated[bool, typer.Option("--intents", help="instead: train the intent classifier from its example utterances")] = False,
) -> None:
    """Compose grounded training rows, check each with the sentence gate, and train a LoRA adapter on them.

    The rows come from invented catalogues of many kinds and from replies written by hand, so that the adapter learns to read
    records rather than one shop's products; with --shop also from its own records, and with --dialogues from its past chats
    (docs/training-dialogues.md). On two CPU cores expect 100 to 250 tokens a second: two hours and more for the default, a few minutes
    with --quick.
    Stop it whenever you like; the same command goes on from its last checkpoint.

    Use the result with: [model] adapter = "adapters/my-shop" in the shop's chatrec.toml.
    """
    if intents:
        _tune_intents()
        return
    # Read when torch loads OpenMP: threads that spin at barriers make training many times slower beside other work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from chatrec.generation.adapters import find_adapter
    from chatrec.tuning.dataset import read_rows
    from chatrec.tuning.train import train_adapter
    from chatrec.tuning.tuning_settings import TuningSettings

    began = find_adapter(start)  # refuse a wrong name before the rows are composed
    count, passes = (240, 1) if quick else (rows, epochs)
    written = _compose(work, count, seed, shop, dialogues)
    report = train_adapter(
        read_rows(written / "train.jsonl"),
        read_rows(written / "eval.jsonl"),
        to,
        base=base,
        settings=TuningSettings(epochs=passes, minutes=minutes, seed=seed),
        checkpoint_folder=written / "checkpoints",
        progress=lambda line: console.print(line, markup=False, highlight=False),
        prompts=("reply.v2",),
        start=began,
    )
    out.print(
        f"{report.folder}: loss on held-out rows {report.loss_before:.3f} -> {report.loss_after:.3f}; rows and data card in {written}",
        markup=False,
        highlight=False,
    )


def _compose(work: Path | None, rows: int, seed: int, shop: str | None, dialogues: Path | None) -> Path:
    """The folder with the rows and their data card."""
    from chatrec.resources import cache_folder
    from chatrec.shops import resolve_shop
    from chatrec.tuning.dialogues import write_rows

    if dialogues is not None and shop is None:
        raise ChatrecError("--dialogues needs --shop: what was said in past chats is checked against the shop's records")
    folder = resolve_shop(shop) if shop is not None else None
    place = work or cache_folder() / "tuning" / f"rows-{rows}-seed-{seed}{f'-{folder.name}' if folder else ''}"
    console.print(f"composing {rows} rows in {place} ...", markup=False, highlight=False)
    return write_rows(place, rows, seed, shop=folder, dialogues=dialogues)


def _tune_intents() -> None:
    """Write the packaged weights of the intent classifier anew, with what cross-validation says of them."""
    from chatrec.embedding.minilm import MiniLMEmbedder
    from chatrec.understanding.classifier import packaged_weights
    from chatrec.understanding.classifier_training import train_calibrated

    model, found = train_calibrated(MiniLMEmbedder())
    path = packaged_weights()
    model.save(path)
    out.print(
        f"{path}: {found.examples} utterances; cross-validated: intent {found.accuracy:.3f}, out of scope {found.recall:.3f} "
        f"at {found.false_alarms:.3f} false alarms, log loss {found.log_loss:.3f}; temperature {model.temperature}, threshold "
        f"{model.threshold}",
        markup=False,
        highlight=False,
    )
