"""Reading sheets: released sentences of the model beside their records, and the count of what a reader found unsupported.

The gate's verdicts are not on the sheet: a mended sentence looks like any other. ``python -m benchmarks.reply_reading SHEET...`` counts
sheets in which ``label`` was filled in (ok or unsupported) and gives the upper bound of the share that is unsupported.
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

from benchmarks.reply_sheets import dump_sheet, load_sheet, records
from benchmarks.reply_writing import Row
from chatrec.domain.facts import Evidence
from chatrec.evaluation.reply_measures import OWN

SENTENCES = 400
LEVEL = 0.95
_LABELS = ("ok", "unsupported")
_ASKED = (
    "Does every claim of the sentence stand in the records, the computed facts, the passages or the shopper's own words? Behind 'label' "
    "write ok, or unsupported where any claim does not; say in 'why' which. 'before' is what the reply had said until then."
)


def write_reading(out: Path, table: str, cases: Sequence[Evidence], rows: Sequence[Row], seed: int, n: int = SENTENCES) -> Path:
    """Draws ``n`` of the sentences that stem from the model, mended or not, into ``TABLE.reading.yaml``; labels that were
    filled in are kept where sentence and message are the same."""
    told = [
        {"table": table, **records(case), "before": _before(row, at), "sentence": sentence.text, "as_shown": sentence.rendered}
        for row, case in zip(rows, cases, strict=True)
        for at, sentence in enumerate(row.sentences)
        if sentence.origin in OWN
    ]
    drawn = random.Random(f"{seed}:reading:{table}").sample(told, min(n, len(told)))
    entries = [{"n": number, **entry, "label": "", "why": ""} for number, entry in enumerate(drawn, start=1)]
    path = out / f"{table}.reading.yaml"
    dump_sheet(path, _ASKED, entries, ("label", "why"), ("shopper", "before", "sentence", "as_shown"))
    return path


def count_labels(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many of the sentences read are unsupported: ``[low, share, high]`` is Clopper and Pearson's two-sided 95% interval (exact: its
    upper end is the upper bound that is reported). Raises :class:`ValueError` for a label that is none."""
    labels = Counter(str(e.get("label") or "").strip().casefold() for e in entries)
    if unknown := set(labels) - {*_LABELS, ""}:
        raise ValueError(f"a label is {sorted(unknown)[0]!r}; write one of {', '.join(_LABELS)}")
    read = labels["ok"] + labels["unsupported"]
    return {
        "read": read,
        "unread": labels[""],
        "unsupported": labels["unsupported"],
        "unsupported_after": exact_interval(labels["unsupported"], read),
    }


def exact_interval(hits: int, n: int) -> list[float]:
    """``[low, share, high]`` by Clopper and Pearson (Biometrika 1934), two-sided at 95%; [0, 1] where there is nothing to count."""
    from scipy.stats import beta

    if not n:
        return [0.0, 0.0, 1.0]
    tail = (1.0 - LEVEL) / 2.0
    low = float(beta.ppf(tail, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1.0 - tail, hits + 1, n - hits)) if hits < n else 1.0
    return [round(low, 4), round(hits / n, 4), round(high, 4)]


def _before(row: Row, at: int) -> str:
    return " ".join(s.rendered for s in row.sentences[:at])


def main(arguments: Sequence[str] | None = None) -> int:
    """Count one sheet or several together; figures under ``TABLE.reading``, of several under ``reading``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reply_reading", description=__doc__)
    parser.add_argument("sheets", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    every: list[dict[str, Any]] = []
    for sheet in given.sheets:
        try:
            entries = load_sheet(sheet)
            name = f"{sheet.name.removesuffix('.reading.yaml')}.reading"
            figures |= {f"{name}/chatrec/{key}": value for key, value in count_labels(entries).items()}
        except (OSError, ValueError, yaml.YAMLError) as error:
            print(f"{sheet}: cannot be counted: {error}", file=sys.stderr)
            return 1
        every += entries
    if len(given.sheets) > 1:
        figures |= {f"reading/chatrec/{key}": value for key, value in count_labels(every).items()}
    text = json.dumps(figures, indent=2)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
