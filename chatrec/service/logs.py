"""What the service writes about its work: lines for reading or JSON for a collector, with the turn that each belongs to.

No line holds a shopper's words, a key or a token: only what is listed here goes into a line beside its own text.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from copy import copy
from datetime import UTC, datetime
from typing import Any, TextIO

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt
from chatrec.settings import LogSettings
from chatrec.watching import TURN_ID

log = logging.getLogger(__name__)

# What a record may carry into a line (``extra=``).
FIELDS = ("acts", "end", "ms", "first_card_ms", "first_sentence_ms", "shown", "dropped", "degraded", "generation", "model", "kind")
_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# Libraries that tell of every request, and with it of addresses and words.
_QUIET = ("httpx", "httpcore", "chromadb", "sentence_transformers", "bm25s", "uvicorn.access", "gradio", "matplotlib")


class TextLines(logging.Formatter):
    """A line for reading."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the turn and what the record carries behind it."""
        own = copy(record)
        own.exc_text = None  # what another handler made of the error holds its text
        own.msg, own.args = record.getMessage() + "".join(f" {name}={value}" for name, value in carried_by(record).items()), ()
        return super().format(own)

    def formatException(self, ei: Any) -> str:
        """Kind and places of an error, without its text: that may quote a shopper."""
        places = "".join(f"\n  {place.filename}:{place.lineno}" for place in traceback.extract_tb(ei[2]))
        return f"{getattr(ei[0], '__name__', '')} at{places}"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Of an error it holds the kind and the places, not its text: that may quote a shopper."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **carried_by(record),
        }
        if record.exc_info:
            line["error"] = getattr(record.exc_info[0], "__name__", "")
            line["traceback"] = [f"{place.filename}:{place.lineno}" for place in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=True, default=str)


def carried_by(record: logging.LogRecord) -> dict[str, object]:
    """The turn of a record, and those of :data:`FIELDS` that it carries."""
    turn = getattr(record, "turn_id", "") or TURN_ID.get()
    found = {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
    return {**({"turn_id": turn} if turn else {}), **found}


def set_up_logs(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Everything logged goes to ``stream`` (standard error) in the form that the settings say; a second call replaces the first."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    handler.set_name("chatrec")
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == "chatrec"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # of libraries only what is wrong
    logging.getLogger("chatrec").setLevel(settings.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):  # through our handler, in our form
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


class TurnLog:
    """One line a turn, in figures. A :class:`chatrec.watching.Watcher`."""

    def turn_ended(self, receipt: Receipt) -> None:
        """Which turn, what it did, how long it took, and what was wrong."""
        times = receipt.timings_ms
        carried = {
            "turn_id": receipt.turn_id,
            "acts": ",".join(str(act["kind"]) for act in receipt.acts),
            "end": "stopped" if receipt.stopped else receipt.action or "done",
            "ms": round(times.get("total", 0.0)),
            "first_card_ms": round(times["first_card"]) if "first_card" in times else None,
            "first_sentence_ms": round(times["first_sentence"]) if "first_sentence" in times else None,
            "shown": len(receipt.shown),
            "dropped": len(receipt.dropped),
            "degraded": len(receipt.degraded),
            "generation": receipt.generation,
            "model": str(receipt.model.get("generator", "")).split(" (")[0],
        }
        log.info("turn", extra=carried)

    def feedback_given(self, kind: EventKind) -> None:
        """What kind of thing a shopper did."""
        log.info("feedback", extra={"kind": kind.value})
