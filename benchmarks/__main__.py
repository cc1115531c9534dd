"""``python -m benchmarks turn|ingest|wishes|reply|decode|... --json FILE``: run one benchmark and print (and keep) its figures.

Shops are built at their first use and kept, in the folder of ``--shops``. ``--json`` puts further tables into a file that is
there already, a table at a time, so that a run that is stopped keeps what it has measured.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.catalogues import SHOPS_VARIABLE, is_known, shops_folder
from benchmarks.results_file import merged, write
from chatrec.cli.screen import console, quiet_libraries
from chatrec.errors import ChatrecError
from chatrec.evaluation.machine import machine
from chatrec.generation.engines import ENGINES

NAMES = {
    "turn": "a turn without and with the language model, at several catalogue sizes",
    "ingest": "products a second against raw encoding of the same texts",
    "wishes": "how often soft wishes hold, and what relevance they cost, by their weight",
    "search": "keywords, meaning and their fusion on labelled requests; exact names and model numbers",
    "scale": "100,000 items by 100,000 shoppers: seconds and memory to fit, milliseconds from query to ranked list",
    "accuracy": "what is recommended against what was chosen, beside published peers of the same protocol",
    "semantic": "the text encoder tuned on behaviour (W, LoRA, a teacher) against the encoder as it is, on cold items and next choices",
    "cold": "products that nobody bought yet and shoppers without a history, against content, popularity and chance",
    "rerank": "what variety costs in relevance, beside its peers; how near greedy comes to the best list",
    "human": "dialogues between people: their shoppers' turns played, and what people recommended looked for",
    "intents": "what a message wants done: our held utterances, out of scope (clinc150), support intents on unseen wording",
    "knowledge": "policy answers on public shop questions, and which sentence of a listing answers a product question",
    "gate": "which sentences the sentence gate stops, beside an overlap check: labelled true and false, by hand and from models",
    "reply": "what base model and adapter write, before and after the gate, beside the template writer; sheets for blind reading",
    "decode": "tokens a second of the engines on equal weights and prompts, first token with and without a kept prefix, many chats at once",
    "load": "1, 8 and 32 chats at once over HTTP with the template writer and with the model; streams opened and dropped; "
    "--table soak: an hour at a low rate, and what the process holds",
}
# What only some benchmarks take.
_OWN = {
    "turns": ("turn", "reply"),
    "items": ("ingest",),
    "dialogues": ("human",),
    "engine": ("reply", "load"),
    "out": ("reply", "load"),
    "threads": ("decode",),
    "minutes": ("load",),
}


def main() -> int:
    """Parse, run a table at a time, keep, print."""
    given = _parser().parse_args()
    if given.shops:
        os.environ[SHOPS_VARIABLE] = str(given.shops)
    quiet_libraries()
    module = importlib.import_module(f"benchmarks.{given.name}")
    counts = {name: value for name in _OWN if (value := getattr(given, name)) is not None}
    if wrong := [name for name in counts if given.name not in _OWN[name]]:
        console.print(f"--{wrong[0]} belongs to the benchmark '{' or '.join(_OWN[wrong[0]])}', not to '{given.name}'")
        return 2
    result: dict[str, Any] = {}
    try:
        for tables in _rounds(module, given.table):
            part = _measured(given, module, tables, counts)
            result = {**part, "figures": {**result.get("figures", {}), **part["figures"]}}
            if given.json and part["figures"]:
                result = merged(given.json, part)
                write(given.json, result)
    except ChatrecError as error:
        console.print(str(error))
        return 1
    print(json.dumps(result, indent=2))
    return 0 if result.get("figures") else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="; ".join(f"{n}: {what}" for n, what in NAMES.items()))
    parser.add_argument("--json", type=Path, help="keep the figures in this file, beside those of other tables")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, to see that it runs")
    parser.add_argument(
        "--table", action="append", help="only this data set or size: demo, a real catalogue, synthetic:N (may be repeated)"
    )
    parser.add_argument("--shops", type=Path, help=f"folder in which built shops are kept (now {shops_folder()})")
    parser.add_argument("--turns", type=int, help="turn: how many bare turns a table is measured on; reply: how many replies")
    parser.add_argument("--items", type=int, help="ingest: how many products of a table are ingested")
    parser.add_argument("--dialogues", type=int, help="human: how many dialogues of each set, drawn by chance (default all)")
    parser.add_argument("--engine", choices=ENGINES, help="reply, load: which engine writes (reply: what the machine runs fastest)")
    parser.add_argument(
        "--out",
        type=Path,
        help="reply: folder of evidence, replies and sheets for readers (default: in the cache folder); load: of the soak",
    )
    parser.add_argument("--threads", type=int, help="decode: threads of every engine (default 2)")
    parser.add_argument("--minutes", type=float, help="load: how long the soak lasts (default 60)")
    return parser


def _rounds(module: ModuleType, tables: list[str] | None) -> list[list[str] | None]:
    """One round a table where the benchmark measures tables one by one, else one with all of them."""
    own = getattr(module, "TABLES", None)
    if own is None:
        return [tables]
    known = (*own, *getattr(module, "ON_DEMAND", ()))  # what takes long is measured where it is named
    if unknown := [t for t in tables or () if t not in known and not is_known(t)]:
        raise SystemExit(f"there is no table '{unknown[0]}'; take {', '.join(known)}, a catalogue or synthetic:N")
    return [[table] for table in tables or own]


def _measured(given: argparse.Namespace, module: ModuleType, tables: list[str] | None, counts: dict[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    figures = module.run(given.seed, given.quick, tables, **counts)
    return {
        "name": given.name,
        "command": " ".join(["python -m benchmarks", *(_portable(a) for a in sys.argv[1:])]),
        "machine": machine(),
        "seed": given.seed,
        "seconds": round(time.perf_counter() - start, 1),
        "figures": figures,
    }


def _portable(argument: str) -> str:
    """A result names no folder of this machine: of a place outside the working folder only its name is told."""
    option, sign, value = argument.rpartition("=")
    return f"{option}{sign}{Path(value).name}" if Path(value).is_absolute() else argument


if __name__ == "__main__":
    sys.exit(main())
