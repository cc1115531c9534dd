"""``chatrec tune``: train a LoRA adapter that writes from evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import console, out
from chatrec.errors import ChatrecError
from chatrec.generation.weights import BUILT_IN_BASE

QUICK_ROWS = 600
QUICK_HELD_OUT = 60
QUICK_EVALUATIONS = 4


def tune_command(
    to: Annotated[Path, typer.Option("--out", help="adapter folder to write")] = Path("adapters/my-shop"),
    shop: Annotated[str | None, typer.Option(help="a shop (demo or a folder): a third of the rows is made over its own records")] = None,
    dialogues: Annotated[Path | None, typer.Option(help="the shop's past chats, JSONL: personal data is taken out")] = None,
    rows: Annotated[int, typer.Option(min=8, help="training rows to compose")] = 6000,
    epochs: Annotated[int, typer.Option(min=1, help="passes over the rows")] = 1,
    minutes: Annotated[float, typer.Option(min=0, help="shrink the schedule to end within this time; 0: no limit")] = 0.0,
    rate: Annotated[float, typer.Option(min=0, help="peak learning rate; 0: 5e-4, and 1e-4 where weights are taken over")] = 0.0,
    base: Annotated[str, typer.Option(help="the built-in base, or a folder with a causal language model")] = BUILT_IN_BASE,
    start: Annotated[
        str, typer.Option("--start-from", metavar="ADAPTER", help="begin with this adapter's weights: a folder, a name, auto, or none")
    ] = "",
    held_out: Annotated[int, typer.Option("--held-out", min=8, help="held-out turns that candidate and current adapter answer")] = 120,
    refine: Annotated[bool, typer.Option("--refine", help="instead: improve the adapter in use on its own best replies")] = False,
    samples: Annotated[int, typer.Option(min=1, help="--refine: replies drawn for each prompt")] = 4,
    force: Annotated[bool, typer.Option("--force", help="promote the result even if it scores below the current adapter")] = False,
    work: Annotated[Path | None, typer.Option("--work", help="where rows and checkpoints are kept (default: the cache folder)")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="a small run: 600 rows, from the adapter in use, under an hour")] = False,
    seed: Annotated[int, typer.Option(help="seed of rows and training")] = 7,
    intents: Annotated[bool, typer.Option("--intents", help="instead: train the intent classifier from its example utterances")] = False,
) -> None:
    """Compose grounded training rows, train a LoRA adapter on them, and let it through only if it does not write worse.

    1. Rows: invented catalogues of many kinds and replies written by hand, so that the adapter learns to read records rather than one
    shop's products; with --shop also the shop's own records, with --dialogues its past chats. Every row passes the sentence gate.

    2. Training, with progress and the time left. Stop it whenever you like: the same command goes on from its last checkpoint.

    3. The adapter gate: the new adapter and the one in use (the shop's, else the shipped one, else the bare base) answer the same
    held-out turns. How many sentences pass the gate, how many items are cited, how many replies need no mending is told side by side. Only
    what does not score below goes into --out; anything else stays in the work folder, the command ends with 1, and --force overrides.

    Examples:

        chatrec tune --shop demo --quick                     try it: well under an hour on two CPU cores

        chatrec tune --shop DIR --dialogues chats.jsonl      the whole: some hours

        chatrec tune --shop DIR --refine                     afterwards: learn from its own replies that pass the gate

    Use the result with [model] adapter = "adapters/my-shop" in the shop's chatrec.toml; chatrec adapters lists what there is. More in
    docs/tuning.md.
    """
    if intents:
        _tune_intents()
        return
    # Read when torch loads OpenMP: threads that spin at barriers make training many times slower beside other work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from chatrec.tuning.gated import refused
    from chatrec.tuning.ordered import Order, carry_out

    order = Order(
        to=to, shop=_shop(shop, dialogues), dialogues=dialogues, rows=QUICK_ROWS if quick else rows, epochs=1 if quick else epochs,
        minutes=minutes, rate=rate, base=base, start=start or ("auto" if quick or refine else "none"),
        held_out=min(held_out, QUICK_HELD_OUT) if quick else held_out, samples=samples if refine else 0,
        evaluations=QUICK_EVALUATIONS if quick else 8, force=force, work=work, seed=seed,
    )  # fmt: skip
    done, plan = carry_out(order, _say)
    if not done.promoted:
        raise refused(done, plan)
    how = "promoted" if not done.refusal else f"promoted by --force although {done.refusal}"
    out.print(f'{to}: {how}; use it with [model] adapter = "{to}"', markup=False, highlight=False)


def _shop(shop: str | None, dialogues: Path | None) -> Path | None:
    """The shop's folder, where one is named."""
    from chatrec.shops import resolve_shop

    if dialogues is not None and shop is None:
        raise ChatrecError("--dialogues needs --shop: what was said in past chats is checked against the shop's records")
    return resolve_shop(shop) if shop is not None else None


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False)


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
