"""What the commands say when something is wrong: the thing, its value and what to do, and never a traceback."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatrec.cli.main import app, main
from chatrec.cli.serve import check_door
from chatrec.domain.profile import Profile
from chatrec.errors import ChatrecError
from chatrec.storage.database import Database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chatrec", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return status, shown.out, re.sub(r"\s+", " ", shown.err)

    return command


def test_a_home_that_cannot_be_made_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("CHATREC_HOME", str(blocked))
    status, _, err = run("chat", "--shop", "demo", "--engine", "template")
    assert status == 1 and str(blocked) in err and "CHATREC_HOME" in err


def test_an_unknown_setting_is_named_with_its_neighbour(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_OFFER__DIVERSTY", "0.4")
    status, out, _ = run("doctor", "--shop", tmp_path)
    assert status == 1 and "offer.diversty = '0.4'" in out and "did you mean 'diversity'?" in out
    monkeypatch.delenv("CHATREC_OFFER__DIVERSTY")
    monkeypatch.setenv("CHATREC_OFER__SHOWN", "4")
    status, out, _ = run("doctor", "--shop", tmp_path)
    assert status == 1 and "no such section; did you mean 'offer'?" in out


def test_an_unknown_engine_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_MODEL__ENGINE", "gpt")
    status, out, _ = run("doctor", "--shop", tmp_path)
    assert status == 1 and "model.engine is 'gpt'" in out and "template" in out


def test_a_taken_port_is_said_before_the_shop_is_opened(run: Run, tmp_path: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        status, _, err = run("serve", "--shop", tmp_path, "--port", port)
    assert status == 1 and f"port {port} on 127.0.0.1 is taken" in err and f"--port {port % 65535 + 1}" in err
    status, _, err = run("serve", "--shop", tmp_path, "--port", port)
    assert status == 1 and "is not a shop" in err
    for host, port in (("300.1.1.1", 8000), ("127.0.0.1", 70000), ("127.0.0.1", -1)):
        with pytest.raises(ChatrecError, match=re.escape(host) if host[0] == "3" else str(port)):
            check_door(host, port)


def test_the_doctor_says_what_to_do_next(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_MODEL__ENGINE", "template")
    status, out, _ = run("doctor", "--shop", tmp_path / "none")
    assert status == 1 and out.count("WRONG") == 1
    assert out.splitlines()[-1] == f"next  chatrec ingest --shop {tmp_path / 'none'} --items FILE"
    for words in ("torch", "sqlite", "GB free", "as expected"):
        assert words in out


def test_forgetting_nobody_says_so(run: Run, tmp_path: Path) -> None:
    status, _, err = run("forget", "--shop", tmp_path)
    assert status == 1 and "--user ID or --session ID" in err


def test_forgetting_names_one_shopper(run: Run, tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    status, _, err = run("forget", "ann", "--user", "bob", "--shop", tmp_path)
    assert status == 1 and "one at a time" in err
    with Database.open(tmp_path) as database:
        database.profiles.save(Profile("ann", liked=("i1",)))
    assert run("forget", "ann", "--shop", tmp_path)[1].strip() == "erased of shopper 'ann': 1 profiles"
    assert "nothing is kept of shopper 'ann'" in run("forget", "--user", "ann", "--shop", tmp_path)[1]


@pytest.mark.parametrize("command", [c.name for c in app.registered_commands])
def test_help_teaches(run: Run, command: str) -> None:
    status, out, _ = run(command, "--help")
    assert status == 0
    assert f"chatrec {command} --" in out or command in ("tune",), "help shows an example"
