"""What the commands print: a console on standard error, progress bars, and quiet libraries."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from chatrec.errors import ChatrecError
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


def guarded(command: Callable[[], object]) -> None:
    """Run a command; an error is one clear line on standard error, not a traceback, and exits with 1."""
    quiet_libraries()
    try:
        command()
        return
    except ChatrecError as error:
        line = str(error)
    except OSError as error:
        line = os_error_line(error)
    except KeyboardInterrupt:
        console.print("stopped")
        sys.exit(130)
    console.print(f"chatrec: {line}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)


def os_error_line(error: OSError) -> str:
    """What the system refused, on what, and where to look."""
    what = error.strerror or str(error)
    if error.filename is None:
        return f"the system refused: {what}"
    return (
        f"'{error.filename}' cannot be used: {what}; check that the folder exists, that you may write there and that the disk has room "
        "(CHATREC_HOME and CHATREC_CACHE say where chatrec keeps what it makes)"
    )


def columns() -> int | None:
    """How wide the terminal is; ``None`` where the output goes to a file or another program, which wants whole lines."""
    return out.width if out.is_terminal else None


@contextmanager
def progress() -> Iterator[Report]:
    """A progress display; the callable it gives takes (what is being done, how far, out of how much)."""
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*parts, console=console, transient=False) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report
