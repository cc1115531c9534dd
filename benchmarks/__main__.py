"""``python -m benchmarks turn|ingest|reply --json FILE``: run one benchmark and print (and keep) its figures."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from chatrec.cli.screen import quiet_libraries
from chatrec.evaluation.machine import machine

NAMES = {
    "turn": "a turn without and with the language model, at several catalogue sizes",
    "ingest": "products a second against raw encoding of the same texts",
    "reply": "the same held-out prompts with the bare base model and with the adapter",
}


def main() -> None:
    """Parse, run, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="; ".join(f"{n}: {what}" for n, what in NAMES.items()))
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, to see that it runs")
    parser.add_argument("--table", action="append", help="only this data set or size (may be repeated)")
    given = parser.parse_args()
    quiet_libraries()
    start = time.perf_counter()
    figures = importlib.import_module(f"benchmarks.{given.name}").run(given.seed, given.quick, given.table)
    result = {
        "name": given.name,
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
        "machine": machine(),
        "seed": given.seed,
        "seconds": round(time.perf_counter() - start, 1),
        "figures": figures,
    }
    text = json.dumps(result, indent=2)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
