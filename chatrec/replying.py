"""One turn from its message to its end: the session is held, one generation pinned, effects are carried out, the turn is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from chatrec.dialogue.parts import Parts
from chatrec.dialogue.turn import run_turn
from chatrec.domain.context import Context
from chatrec.domain.reading import Reading
from chatrec.domain.reply import Done, Effect, Receipt, ReplyEvent
from chatrec.domain.state import DialogueState
from chatrec.keeping import Keeper
from chatrec.protocols import SessionStore
from chatrec.watching import TURN_ID, Watchers
from chatrec.wiring import Pinned


@dataclass(frozen=True, slots=True)
class Turns:
    """Runs turns. ``held`` keeps a session for one turn, ``using`` pins the serving generation, ``watchers`` are told of each one's end."""

    sessions: SessionStore
    keeper: Keeper
    held: Callable[[str], AbstractContextManager[None]]
    using: Callable[[], AbstractContextManager[Pinned]]
    watchers: Watchers

    def run(
        self, session_id: str, message: str, user_id: str | None, *, reading: Reading | None = None, context: Context | None = None,
        keep_stopped: bool = False, heard: str = "", changed: Callable[[Parts], Parts] | None = None,
    ) -> Iterator[ReplyEvent]:  # fmt: skip
        """The events of one turn; it is kept before ``Done`` is given. ``changed`` gives other parts to work with for this turn."""
        with self.held(session_id), self.using() as pinned:
            loaded = self.sessions.load(session_id)
            before = replace(loaded, user_id=user_id, context=context or loaded.context)
            if user_id is not None and loaded.user_id is None:
                self.keeper.sign_in(session_id, user_id)
            keeping = self.keeper.turn(before, keep_stopped, heard)
            turn_id = f"{session_id[:40]}.{before.turn + 1}.{secrets.token_hex(6)}"
            TURN_ID.set(turn_id)

            def stopped(state: DialogueState, receipt: Receipt) -> None:
                if keeping.stopped is not None:
                    keeping.stopped(state, receipt)
                self.watchers.turn_ended(receipt)

            parts = pinned.parts if changed is None else changed(pinned.parts)
            events = run_turn(message, before, parts, turn_id, reading, stopped)
            outcome, last = None, None
            try:
                while True:
                    event = events.send(outcome)
                    outcome = keeping.carry_out(event) if isinstance(event, Effect) else None
                    if isinstance(event, Done):
                        last = keeping.whole(event)
                    else:
                        keeping.see(event)
                        yield event
            except StopIteration as end:
                assert last is not None
                keeping.keep(end.value, last.receipt)
                self.watchers.turn_ended(last.receipt)
            finally:
                events.close()
                TURN_ID.set("")
            yield last
