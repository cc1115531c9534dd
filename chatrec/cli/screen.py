"""What the commands print: a console on standard error, progress bars, and quiet libraries."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from chatrec.shops import Progress as Report

console = Console(stderr=True)
out = Console(soft_wrap=True)


def quiet_libraries() -> None:
    """No telemetry, no hub, no chatter of libraries. Set before they are imported."""
    for name, value in {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "ANONYMIZED_TELEMETRY": "False",
        # threads that spin at barriers make decoding many times slower beside other work
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }.items():
        os.environ.setdefault(name, value)
    for library in ("httpx", "chromadb", "sentence_transformers", "bm25s"):
        logging.getLogger(library).setLevel(logging.WARNING)


@contextmanager
def progress() -> Iterator[Report]:
    """A progress display; the callable it gives takes (what is being done, how far, out of how much)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=False) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report
