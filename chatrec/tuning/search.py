"""A small search over rank, adapted layers and learning rate: ``python -m chatrec.tuning.search --train rows.jsonl --eval held_out.jsonl``.

Every trial trains for the same number of minutes, or of passes over the rows, from fresh weights and is measured as any training is:
replies to held-out prompts first, loss second. Results are appended to a table (JSON lines) as they come; the same command leaves out what
is there and goes on with a trial that was killed from its checkpoint. A picture shows score and loss of all trials.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from chatrec.errors import ChatrecError, ModelError
from chatrec.generation.weights import BUILT_IN_BASE, base_weights
from chatrec.tuning.dataset import read_rows, rows_digest
from chatrec.tuning.plots import draw_trials
from chatrec.tuning.train import Progress, train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

TABLE, PICTURE = "trials.jsonl", "trials.png"
RANKS, LAYERS, RATES = (8, 16, 32), (0, 12), (2e-4, 5e-4, 1e-3)
"""The values tried by default; layers 0 adapts all of them, 12 the upper twelve."""
ALPHA_TO_RANK = 2  # the scale of the update stays the same at every rank
MOST_EPOCHS = 100  # the time budget ends a trial, not its rows
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """One point of the search."""

    rank: int
    layers: int
    rate: float

    @property
    def name(self) -> str:
        """The name of its folder, and in the picture."""
        return f"rank {self.rank}, {f'{self.layers} layers' if self.layers else 'all layers'}, rate {self.rate:g}"


def search(
    rows_train: Sequence[Row],
    rows_eval: Sequence[Row],
    trials: Sequence[Trial],
    folder: Path,
    *,
    base: str = BUILT_IN_BASE,
    minutes: float = 10.0,
    epochs: int = 0,
    settings: TuningSettings | None = None,
    progress: Progress = print,
) -> list[dict[str, Any]]:
    """Runs the trials that ``folder`` has no result of yet, each for ``minutes``, or for ``epochs`` where these are given (then it does not
    matter what else the machine has to do); returns all results, the best first.

    A trial that fails (a rate too high) is recorded with its ``error`` and is the last. A result belongs to its rows, base and minutes:
    others begin lines of their own.
    """
    common = settings or TuningSettings()
    known = {"base": base, **({"epochs": epochs} if epochs else {"minutes": minutes}), "data": rows_digest(rows_train, rows_eval)[:16]}
    base_weights(base, progress=progress)  # a base that is not there is no failed trial
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / TABLE
    for number, trial in enumerate(trials, start=1):
        point = {**known, **asdict(trial)}
        if any(all(line.get(key) == value for key, value in point.items()) for line in read_table(table)):
            progress(f"trial {number}/{len(trials)}: {trial.name}: measured already")
            continue
        progress(f"trial {number}/{len(trials)}: {trial.name}, {f'{epochs} epochs' if epochs else f'{minutes:g} min'}")
        own = replace(
            common, rank=trial.rank, alpha=ALPHA_TO_RANK * trial.rank, layers=trial.layers, rate=trial.rate,
            minutes=0.0 if epochs else minutes, epochs=epochs or MOST_EPOCHS,
        )  # fmt: skip
        found = _measured(rows_train, rows_eval, own, base, folder, progress)
        with table.open("a", encoding="utf-8") as stream:
            torn = stream.tell() > 0 and not table.read_bytes().endswith(b"\n")  # by a kill
            stream.write(("\n" if torn else "") + json.dumps({**point, **found}) + "\n")
    results = sorted((line for line in read_table(table) if all(line.get(k) == v for k, v in known.items())), key=_order, reverse=True)
    draw_trials(
        [(Trial(line["rank"], line["layers"], line["rate"]).name, line) for line in results if "error" not in line], folder / PICTURE
    )
    return results


def read_table(path: Path) -> list[dict[str, Any]]:
    """The results so far; a line that a kill cut short is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            data = json.loads(line)
        except ValueError:
            continue
        found += [data] if isinstance(data, dict) else []
    return found


def _measured(
    rows_train: Sequence[Row], rows_eval: Sequence[Row], settings: TuningSettings, base: str, folder: Path, progress: Progress
) -> dict[str, Any]:
    from chatrec.generation.adapters import read_card

    adapter = folder / "adapter"
    try:
        report = train_adapter(
            rows_train, rows_eval, adapter, base=base, settings=settings, checkpoint_folder=folder / "checkpoints", progress=progress
        )
    except ModelError as error:
        return {"error": str(error)}
    scores = read_card(adapter).scores
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # a trial's checkpoints are some 100 MB, and it is done
    return {
        "score": scores.get("sample_score"),
        "grounded": scores.get("sample_grounded"),
        "loss": round(report.loss_after, 5),
        "best_step": report.best_step,
        "steps": report.steps,
        "tokens_per_s": round(report.tokens_per_s, 1),
    }


def _order(line: Mapping[str, Any]) -> tuple[bool, float, float]:
    """Greater is better."""
    return "error" not in line, float(line.get("score") or 0.0), -float(line.get("loss", 0.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m chatrec.tuning.search", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--train", type=Path, required=True, help="JSONL of rows to learn")
    parser.add_argument("--eval", type=Path, required=True, help="JSONL of held-out rows")
    parser.add_argument("--out", type=Path, required=True, help="folder of the table, the picture and the last trial's adapter")
    parser.add_argument("--base", default=BUILT_IN_BASE, help="the built-in base, or a folder")
    parser.add_argument("--minutes", type=float, default=10.0, help="what a trial may take; default 10")
    parser.add_argument("--epochs", type=int, default=0, help="passes over the rows instead of minutes, for a machine with other work")
    parser.add_argument("--ranks", type=int, nargs="+", default=list(RANKS))
    parser.add_argument("--layers", type=int, nargs="+", default=list(LAYERS), help="how many upper layers are adapted; 0: all")
    parser.add_argument("--rates", type=float, nargs="+", default=list(RATES), help="peak learning rates")
    parser.add_argument("--evaluations", type=int, default=TuningSettings().evaluations, help="in each trial")
    parser.add_argument("--sample-rows", type=int, default=TuningSettings().sample_rows, help="replies at each; 0: by loss")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # see chatrec.tuning.train
    trials = [Trial(*values) for values in product(given.ranks, given.layers, given.rates)]
    hours = f"{given.minutes:g} min: {len(trials) * given.minutes / 60:.1f} h at most"
    print(f"{len(trials)} trials of {f'{given.epochs} epochs' if given.epochs else hours}", flush=True)
    try:
        results = search(
            read_rows(given.train), read_rows(given.eval), trials, given.out, base=given.base, minutes=given.minutes, epochs=given.epochs,
            settings=replace(
                TuningSettings(), threads=given.threads, seed=given.seed, evaluations=given.evaluations, sample_rows=given.sample_rows
            ),
            progress=lambda line: print(line, flush=True),
        )  # fmt: skip
    except ChatrecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for line in results:
        print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
