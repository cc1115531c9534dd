"""One turn at a time for each session: among the threads of this process, and among all processes that serve the shop."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakValueDictionary

from chatrec.errors import SessionError
from chatrec.storage.leases import LeaseTable, boot_id

# A turn ends within its time budget; waiting longer for the turn before means that its reply was left unread.
MOST_WAIT_S = 120.0
# What a shopper waits, at most, for a session whose process was killed on another machine. Renewed three times in that time.
LEASE_S = 12.0
FIRST_LOOK_S, LAST_LOOK_S = 0.01, 0.25

log = logging.getLogger(__name__)


class SessionLocks:
    """Turns of different sessions run side by side, those of one session one after another.

    ``leases`` extend that to other processes; without them this process is taken for the only one.
    """

    def __init__(self, leases: LeaseTable | None = None, lease_s: float = LEASE_S) -> None:
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._guard = threading.Lock()
        self._leases = None if leases is None else _Leases(leases, lease_s)

    @contextmanager
    def hold(self, session_id: str) -> Iterator[None]:
        """The session is this thread's while the block runs. Raises :class:`SessionError` where another turn does not end."""
        until = time.monotonic() + MOST_WAIT_S
        with self._guard:
            held = self._locks.setdefault(session_id, threading.Lock())
        if not held.acquire(timeout=MOST_WAIT_S):
            raise _busy(session_id)
        try:
            if self._leases is not None:
                self._leases.take(session_id, until)
            try:
                yield
            finally:
                if self._leases is not None:
                    self._leases.release(session_id)
        finally:
            held.release()

    def close(self) -> None:
        """Stops renewing; leases that are held expire."""
        if self._leases is not None:
            self._leases.close()


class _Leases:
    """The leases of this process, renewed by a thread of their own while there are any."""

    def __init__(self, table: LeaseTable, lasts_s: float) -> None:
        self._table, self._lasts_s = table, lasts_s
        self._holder = f"{process_name(os.getpid())}|{secrets.token_hex(4)}"
        self._held = 0
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._renewing: threading.Thread | None = None

    def take(self, session_id: str, until: float) -> None:
        """Waits until the session is this process's. Raises :class:`SessionError` after ``until`` (monotonic seconds)."""
        pause = FIRST_LOOK_S
        while (holder := self._table.take(session_id, self._holder, self._lasts_s)) != self._holder:
            if holder and is_gone(holder.rpartition("|")[0]):
                self._table.release(session_id, holder)
                continue
            if time.monotonic() + pause > until:
                raise _busy(session_id)
            time.sleep(pause)
            pause = min(2 * pause, LAST_LOOK_S)
        with self._guard:
            self._held += 1
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="session-leases", daemon=True)
                self._renewing.start()

    def release(self, session_id: str) -> None:
        """Gives a session back. Where the database does not take that the lease expires: the turn itself is kept already."""
        with self._guard:
            self._held -= 1
        _tried(lambda: self._table.release(session_id, self._holder))

    def close(self) -> None:
        self._closed.set()
        if self._renewing is not None:
            self._renewing.join(timeout=1.0)

    def _renew(self) -> None:
        _tried(self._table.sweep)
        while not self._closed.wait(self._lasts_s / 3):
            if self._held:
                _tried(lambda: self._table.renew(self._holder, self._lasts_s))


def process_name(pid: int) -> str:
    """Names a process for good: where it runs (this start of the machine, this container), its id, and when it started. Empty parts
    where the system does not tell."""
    return f"{_place()}|{pid}|{_started(pid)}"


def is_gone(process: str) -> bool:
    """Whether a process surely ended; of one that runs elsewhere nobody can say."""
    place, _, rest = process.partition("|")
    pid, _, started = rest.partition("|")
    if not (place and started and pid.isdigit()) or place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's process: it is there
        return False
    return _started(int(pid)) != started


def _place() -> str:
    boot = boot_id()
    try:
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}" if boot else ""
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Clock ticks from the start of the machine to that of the process; empty for one that ended, its parent told or not."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if told[0] in "ZX" else told[19]  # proc(5): fields 3 (state) and 22 (starttime)


def _tried(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as error:
        log.warning("the leases of sessions could not be told to the database (%s); they expire", type(error).__name__)


def _busy(session_id: str) -> SessionError:
    return SessionError(
        f"another turn of session {session_id!r:.80} has been under way for {MOST_WAIT_S:g} s; read its reply to the end, or close it"
    )
