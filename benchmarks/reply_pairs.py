"""Blind pairs: the model's reply and the template writer's to the same evidence, in hidden order, and the count of a reader's verdicts.

``python -m benchmarks.reply_pairs SHEET --json FILE`` counts a sheet in which ``better`` was filled in (A, B or tie).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.gate import wilson
from benchmarks.reply_sheets import dump_sheet, load_sheet, records
from benchmarks.reply_writing import Row
from chatrec.domain.facts import Evidence
from chatrec.metrics.intervals import mean_interval

PAIRS = 60
OURS, PEER = "chatrec", "template"
_ASKED = (
    "Which reply would a good shop assistant rather have given: it reads better, and says as much that is of use? Write A, B or tie "
    "behind 'better'. The order is drawn by chance for each pair; the key lies in another file."
)


def write_pairs(
    out: Path, table: str, cases: Sequence[Evidence], ours: Sequence[Row], peer: Sequence[Row], seed: int, n: int = PAIRS
) -> Path:
    """Draws ``n`` turns; the sheet goes to ``TABLE.pairs.yaml``, the key to ``TABLE.pairs.key.json``. Verdicts that were filled in are kept
    where the pair is the same. Replies that are equal are a tie before anybody reads them."""
    rng = random.Random(f"{seed}:pairs:{table}")
    chosen = sorted(rng.sample(range(len(cases)), min(n, len(cases))))
    key: dict[str, list[str]] = {}
    pairs = []
    for number, at in enumerate(chosen, start=1):
        texts = {OURS: _said(ours[at]), PEER: _said(peer[at])}
        order = rng.sample(list(texts), 2)
        key[str(number)] = order
        same = texts[OURS] == texts[PEER]
        pairs.append({"pair": number, **records(cases[at]), "A": texts[order[0]], "B": texts[order[1]], "better": "tie" if same else ""})
    path, key_path = out / f"{table}.pairs.yaml", key_file(out / f"{table}.pairs.yaml")
    dump_sheet(path, _ASKED, pairs, ("better",), ("shopper", "A", "B"))
    key_path.write_text(json.dumps({"table": table, "order": key}, indent=1) + "\n", encoding="utf-8")
    return path


def key_file(sheet: Path) -> Path:
    """Where the key of a sheet lies."""
    return sheet.with_name(sheet.name.removesuffix(".yaml") + ".key.json")


def count_pairs(pairs: Sequence[Mapping[str, Any]], order: Mapping[str, Sequence[str]], seed: int = 7) -> dict[str, Any]:
    """Wins, ties and losses of the model's replies: counts, shares with Wilson's 95% interval, and how far wins are ahead of losses
    (share, bootstrapped). Pairs without a verdict are counted as ``unread``. Raises :class:`ValueError` for another verdict."""
    results: Counter[str] = Counter()
    leads = []
    for pair in pairs:
        verdict = str(pair.get("better") or "").strip().casefold()
        if verdict not in ("a", "b", "tie", ""):
            raise ValueError(f"pair {pair['pair']}: 'better' is {pair['better']!r}; write A, B or tie")
        if not verdict:
            results["unread"] += 1
            continue
        result = "ties" if verdict == "tie" else "wins" if order[str(pair["pair"])]["ab".index(verdict)] == OURS else "losses"
        results[result] += 1
        leads.append({"wins": 1.0, "ties": 0.0, "losses": -1.0}[result])
    read = len(leads)
    counted: dict[str, Any] = {"pairs": read, **{name: results[name] for name in ("wins", "ties", "losses", "unread")}}
    counted |= {f"{name}_share": wilson(results[name], read) for name in ("wins", "ties", "losses")}
    return {**counted, "ahead": mean_interval(leads, seed)} if leads else counted


def _said(row: Row) -> str:
    return " ".join(s.rendered for s in row.sentences)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count a sheet; the figures go to standard output and, under the table ``TABLE.pairs``, into a result file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reply_pairs", description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args(arguments)
    try:
        key = json.loads(key_file(given.sheet).read_text(encoding="utf-8"))
        found = count_pairs(load_sheet(given.sheet), key["order"])
    except (OSError, ValueError, KeyError, yaml.YAMLError) as error:
        print(f"{given.sheet}: cannot be counted: {error}", file=sys.stderr)
        return 1
    figures = {f"{key['table']}.pairs/{OURS}/{name}": value for name, value in found.items()}
    text = json.dumps(figures, indent=2)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
