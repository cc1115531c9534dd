"""A PostgreSQL server for tests: Debian's own, started for as long as they need it, with a folder of its own and no port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from chatrec.storage.connections import connect

GIVEN = "CHATREC_TEST_POSTGRES"
PLACES = "/usr/lib/postgresql"
MOST_START_S = 60.0
_USER = "chatrec"


class PostgresMissing(Exception):
    """No server can be started here; the message says why."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty database. ``CHATREC_TEST_POSTGRES`` names one that runs already; else a server is started and stopped.

    Raises :class:`PostgresMissing` where neither is to be had.
    """
    if given := os.environ.get(GIVEN, ""):
        yield given
        return
    binaries, account = _binaries(), _account()
    folder = Path(tempfile.mkdtemp(prefix="chatrec-pg-"))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        _make_cluster(binaries, folder, account)
        server = _run(
            [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"],
            folder,
            account,
        )
        try:
            _wait_for(server, folder)
            yield f"postgresql+psycopg://{_USER}@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # "fast shutdown": connections that are open are cut
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema_url(url: str, name: str) -> str:
    """The URL of a schema of its own in this database, made where absent: an empty database for one shop of a test."""
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    engine.dispose()
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={name}')}"


def _binaries() -> Path:
    """The folder with initdb and postgres, of the newest version."""
    found = sorted(Path(PLACES).glob("*/bin/initdb"), key=lambda p: [int(n) for n in p.parts[-3].split(".") if n.isdigit()])
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise PostgresMissing(f"no PostgreSQL server is installed (no initdb below {PLACES} or on PATH), and {GIVEN} names none")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissing("PostgreSQL does not run as root, and this machine has no user 'postgres' or 'nobody'")


def _make_cluster(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    options = ["--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = _run([str(binaries / "initdb"), "-D", str(folder / "data"), *options], folder, account)
    if made.wait(MOST_START_S) != 0:
        raise PostgresMissing(f"initdb failed: {_told(folder)}")


def _run(command: list[str], folder: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    whose = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **whose)  # type: ignore[call-overload,no-any-return]


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    try:
        import psycopg
    except ImportError as error:
        raise PostgresMissing(f"the driver is missing ({error}); install chatrec[postgres]") from error
    until = time.monotonic() + MOST_START_S
    while True:
        try:
            psycopg.connect(host=str(folder), user=_USER, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > until:
                raise PostgresMissing(f"the PostgreSQL server did not start: {_told(folder)}") from error
            time.sleep(0.05)


def _told(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8", errors="replace")[-500:]
