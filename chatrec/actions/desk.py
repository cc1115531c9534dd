"""The tool desk: recognises a shop's tools, and runs one within its time, once for each key."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from chatrec.actions.tools import takes_caller, typed_arguments
from chatrec.domain.plain import plain
from chatrec.domain.tool import Call, Caller, Outcome, Tool, Trouble
from chatrec.errors import SettingsError, ToolRefused
from chatrec.protocols import Embedder
from chatrec.storage.database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

MOST_TEXT_CHARS = 600
MOST_PARTS = 12
# Calls of one tool that ran out of time may still be running; with more than this it is not called again until one of them ends.
MOST_HANGING = 4
_SLOT = re.compile(r"\{[a-z0-9_]+\}")
_SPACE = re.compile(r"\s+")


class ToolDesk:
    """Implements :class:`chatrec.protocols.ToolDesk` over a shop's database. Safe to share between threads.

    ``least_score`` is the cosine from which on the nearest example of a tool counts. A later tool takes the place of an earlier one of
    its name. Raises :class:`SettingsError` for what is no tool.
    """

    def __init__(self, tools: Iterable[Tool], database: Database, embedder: Embedder, least_score: float = 0.5) -> None:
        self._tools: dict[str, Tool] = {}
        for chosen in tools:
            if not isinstance(chosen, Tool):
                raise SettingsError(f"{chosen!r:.80} is not a tool; put @tool in front of its function")
            self._tools[chosen.name] = chosen
        self._database, self._embedder, self._least_score = database, embedder, least_score
        self._owners, self._examples = self._embed()
        self._hanging: dict[str, int] = {}
        self._guard = threading.Lock()

    def find(self, name: str) -> Tool | None:
        """The tool of this name."""
        return self._tools.get(name)

    def recognise(self, text: str) -> tuple[Tool, float] | None:
        """The tool whose examples come nearest to these words, with the cosine; ``None`` where none comes near enough."""
        if not self._owners or not text.strip():
            return None
        scores = self._examples @ self._embedder.encode([text[:400]])[0]
        best = int(scores.argmax())
        score = float(scores[best])
        return (self._tools[self._owners[best]], round(min(score, 1.0), 3)) if score >= self._least_score else None

    def run(self, call: Call, caller: Caller) -> Outcome:
        """Runs a tool. Never raises for what the tool does. A call with a key is carried out once: again, it gives the first outcome."""
        chosen = self._tools.get(call.tool)
        if chosen is None:
            return Outcome(trouble=Trouble.UNKNOWN)
        if chosen.verified and caller.user_id is None:
            return Outcome(trouble=Trouble.UNVERIFIED)
        try:
            arguments = typed_arguments(chosen, {name: json.loads(text) for name, text in call.arguments})
        except ValueError:
            return Outcome(trouble=Trouble.INVALID)
        if takes_caller(chosen):
            arguments["caller"] = caller
        return self._once(chosen, arguments, call.key, caller) if call.key else self._try(chosen, arguments)

    def _once(self, chosen: Tool, arguments: Mapping[str, Any], key: str, caller: Caller) -> Outcome:
        """Claims the key first: a call that dies half-way is never made again, since nobody knows how far it came."""
        effects = self._database.effects
        if chosen.time_limit_s == 0:  # a tool of the shop's own database: done and noted together, or not at all
            with self._database.transaction():
                if not effects.claim(key, caller.session_id, caller.user_id):
                    return _kept(effects.outcome(key))
                outcome = self._try(chosen, arguments)
                effects.settle(key, _packed(outcome))
                return outcome
        if not effects.claim(key, caller.session_id, caller.user_id):
            return _kept(effects.outcome(key))
        outcome = self._try(chosen, arguments)
        effects.settle(key, _packed(outcome))
        return outcome

    def _try(self, chosen: Tool, arguments: Mapping[str, Any]) -> Outcome:
        try:
            value = chosen.function(**arguments) if chosen.time_limit_s == 0 else self._within_time(chosen, arguments)
        except ToolRefused as refused:
            return Outcome(plain(str(refused), MOST_TEXT_CHARS), Trouble.REFUSED)
        except TimeoutError:
            log.warning("tool '%s' gave no answer within %g s", chosen.name, chosen.time_limit_s)
            return Outcome(trouble=Trouble.TIMEOUT)
        except Exception as error:  # a shop's function may fail in any way; its words may quote a shopper
            log.warning("tool '%s' failed: %s", chosen.name, type(error).__name__)
            return Outcome(trouble=Trouble.FAILED)
        return Outcome(told(value), value=value)

    def _within_time(self, chosen: Tool, arguments: Mapping[str, Any]) -> object:
        with self._guard:
            if self._hanging.get(chosen.name, 0) >= MOST_HANGING:
                raise TimeoutError
            self._hanging[chosen.name] = self._hanging.get(chosen.name, 0) + 1
        answer: SimpleQueue[tuple[object, Exception | None]] = SimpleQueue()

        def work() -> None:
            try:
                answer.put((chosen.function(**arguments), None))
            except Exception as error:  # handed to the turn that waits
                answer.put((None, error))
            finally:
                with self._guard:
                    self._hanging[chosen.name] -= 1

        threading.Thread(target=work, name=f"tool-{chosen.name}", daemon=True).start()
        try:
            value, error = answer.get(timeout=chosen.time_limit_s)
        except Empty:
            raise TimeoutError from None
        if error is not None:
            raise error
        return value

    def _embed(self) -> tuple[list[str], NDArray[np.float32]]:
        import numpy as np

        pairs = [(t.name, _SPACE.sub(" ", _SLOT.sub(" ", text)).strip()) for t in self._tools.values() for text in t.examples]
        if not pairs:
            return [], np.zeros((0, 0), dtype=np.float32)
        return [name for name, _ in pairs], self._embedder.encode([text for _, text in pairs])


def told(value: object) -> str:
    """What a function returned, as one bounded line of plain text: data for a reply, never markup or a citation."""
    return plain(_text(value), MOST_TEXT_CHARS)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {_text(part)}" for name, part in list(value.items())[:MOST_PARTS])
    if isinstance(value, Iterable):
        return "; ".join(_text(part) for part, _ in zip(value, range(MOST_PARTS), strict=False))
    return str(value)


def _packed(outcome: Outcome) -> str:
    return json.dumps({"text": outcome.text, "trouble": outcome.trouble})


def _kept(text: str) -> Outcome:
    """The outcome of an earlier call with the same key; begun and never ended, it is not known."""
    if not text:
        return Outcome(trouble=Trouble.UNSURE)
    kept = json.loads(text)
    return Outcome(kept["text"], Trouble(kept["trouble"]) if kept["trouble"] else None)
