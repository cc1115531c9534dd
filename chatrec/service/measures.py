"""Figures of the running service for Prometheus: how long turns take, what they did, what was refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# From an answer of the template writer to a turn at the end of its time budget.
_TURN_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0)
_STEP_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
# The marks of a turn's receipt that are points in time, not steps.
_MARKS = {"first_card": "first_card", "first_sentence": "first_sentence", "total": "turn"}
# A label that is not known beforehand is cut: every value of a label is a time series.
_MOST_LABEL_CHARS = 40


class Measures:
    """The figures of one application. A :class:`chatrec.watching.Watcher`; safe to share between threads.

    Each application has a registry of its own. With several workers ``PROMETHEUS_MULTIPROC_DIR`` names a folder in which the figures of
    all of them meet; any worker then answers for all.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry, "namespace": "chatrec"}
        self._marks = {
            "first_card": Histogram("first_card_seconds", "from the message to the first card", buckets=_TURN_S, **own),
            "first_sentence": Histogram("first_sentence_seconds", "from the message to the first sentence", buckets=_TURN_S, **own),
            "turn": Histogram("turn_seconds", "the whole turn", buckets=_TURN_S, **own),
        }
        self._model = Histogram("model_seconds", "writing and checking, of turns in which the language model wrote", buckets=_TURN_S, **own)
        self._steps = Histogram("step_seconds", "one step of a turn", ("step",), buckets=_STEP_S, **own)
        self._ended = Counter("turns", "turns by how they ended: done, stopped, hand_off, forgotten", ("end",), **own)
        self._acts = Counter("acts", "what turns did; one turn may do several things", ("act",), **own)
        self._sentences = Counter("sentences", "released sentences by origin: model, repaired, template", ("origin",), **own)
        self._dropped = Counter("sentences_dropped", "sentences that the gate did not release", **own)
        self._degraded = Counter("degraded", "turns in which a part was missing or gave out", ("part",), **own)
        self._shown = Counter("items_shown", "items shown in conversations", **own)
        self._feedback = Counter("feedback", "what shoppers did with items", ("kind",), **own)
        self._refused = Counter("refusals", "requests that were refused or failed, by code of the error", ("code",), **own)
        self._requests = Histogram("http_request_seconds", "requests by route and status", ("route", "status"), buckets=_TURN_S, **own)
        self._running = Gauge("turns_running", "turns that run now", multiprocess_mode="livesum", **own)
        self._waiting = Gauge("turns_waiting", "turns that wait now", multiprocess_mode="livesum", **own)

    def turn_ended(self, receipt: Receipt) -> None:
        """A turn is over: its times, acts, sentences and what was missing."""
        for mark, name in _MARKS.items():
            if mark in receipt.timings_ms and not (mark == "total" and receipt.stopped):
                self._marks[name].observe(receipt.timings_ms[mark] / 1000)
        for step, _, ms in receipt.steps:
            self._steps.labels(step).observe(ms / 1000)
        if "write" in receipt.timings_ms and written_by_model(receipt):
            self._model.observe(receipt.timings_ms["write"] / 1000)
        self._ended.labels("stopped" if receipt.stopped else receipt.action or "done").inc()
        for act in receipt.acts:
            self._acts.labels(act["kind"]).inc()
        for sentence in receipt.sentences:
            self._sentences.labels(sentence["origin"]).inc()
        self._dropped.inc(len(receipt.dropped))
        self._shown.inc(len(receipt.shown))
        for part in {reason.partition(":")[0][:_MOST_LABEL_CHARS] for reason in receipt.degraded}:
            self._degraded.labels(part).inc()

    def feedback_given(self, kind: EventKind) -> None:
        """A shopper did something with an item."""
        self._feedback.labels(kind.value).inc()

    def refused(self, code: str) -> None:
        """A request was refused or failed; ``code`` is that of the error body."""
        self._refused.labels(code[:_MOST_LABEL_CHARS]).inc()

    def requested(self, route: str, status: int, seconds: float) -> None:
        """A request was answered. ``route`` is the pattern of the address, never the address itself."""
        self._requests.labels(route, str(status)).observe(seconds)

    def load(self, running: int, waiting: int) -> None:
        """How many turns run and wait in this process now."""
        self._running.set(running)
        self._waiting.set(waiting)

    def exposed(self) -> tuple[bytes, str]:
        """The figures as Prometheus reads them, of all workers where there are several, and their content type."""
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

        return generate_latest(self._whole()), CONTENT_TYPE_PLAIN_0_0_4

    def _whole(self) -> CollectorRegistry:
        if not os.environ.get(MULTIPROCESS_VARIABLE):
            return self.registry
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        _drop_dead(Path(os.environ[MULTIPROCESS_VARIABLE]))
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together


def _drop_dead(folder: Path) -> None:
    """Forgets the load of workers that are gone: what they counted stays, what they were doing does not."""
    from prometheus_client.multiprocess import mark_process_dead

    for pid in {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*_*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue  # it lives, and is another user's


def written_by_model(receipt: Receipt) -> bool:
    """Whether any sentence of the turn is the language model's own."""
    return any(sentence["origin"] in ("model", "repaired") for sentence in receipt.sentences)
