"""``chatrec keys``, and what ``chatrec doctor`` says of what is open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chatrec.cli.doctor_open import what_is_open
from chatrec.cli.keys import app
from chatrec.errors import ChatrecError, SettingsError
from chatrec.service.access import signer_of
from chatrec.settings import load_settings
from chatrec.storage.database import Database


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CHATREC_SECRET", raising=False)
    monkeypatch.delenv("CHATREC_SECRET_FILE", raising=False)
    Database.open(tmp_path / "shop.db").close()
    return tmp_path


def keys(shop: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--shop", str(shop)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def key_of(shop: Path, *arguments: str) -> str:
    return keys(shop, "create", *arguments).stdout.splitlines()[-1]


def test_a_key_is_shown_once_and_works(shop: Path) -> None:
    text = key_of(shop, "web shop", "--scope", "chat", "--scope", "users,recommend")
    assert re.fullmatch(r"crk_[\w-]{43}", text)
    with Database.open(shop) as database:
        found = database.api_keys.find(text)
    assert found is not None and found.scopes == {"chat", "users", "recommend"}
    listed = keys(shop, "list").stdout
    assert text not in listed and found.key_id in listed and "web shop" in listed and "chat,recommend,users" in listed


def test_a_key_without_scopes_may_what_a_shopper_may(shop: Path) -> None:
    key_of(shop, "help desk")
    with Database.open(shop) as database:
        assert database.api_keys.all()[0].scopes == {"chat", "recommend", "feedback"}


def test_a_revoked_key_is_listed_as_such(shop: Path) -> None:
    text = key_of(shop, "web shop")
    assert "revoked" in keys(shop, "revoke", "web shop").stdout
    assert "revoked" in keys(shop, "list").stdout
    with Database.open(shop) as database:
        assert database.api_keys.find(text) is None
    with pytest.raises(ChatrecError, match="chatrec keys list"):
        keys(shop, "revoke", "web shop")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("x", "--scope", "everything"), "known: chat"), (("",), "name"), (("a\nb",), "name"), (("x" * 81,), "80")],
)  # fmt: skip
def test_what_makes_no_key_is_said(shop: Path, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(ChatrecError, match=says):
        keys(shop, "create", *arguments)
    assert "no keys" in keys(shop, "list").stdout


def test_a_name_stands_for_one_key(shop: Path) -> None:
    key_of(shop, "web shop")
    with pytest.raises(ChatrecError, match="already"):
        key_of(shop, "web shop")
    keys(shop, "revoke", "web shop")
    key_of(shop, "web shop")


def test_a_token_for_trying_things_out(shop: Path) -> None:
    token = keys(shop, "token", "--session", "s-1", "--minutes", "5").stdout.splitlines()[-1]
    with Database.open(shop) as database:
        said = signer_of(shop, database).read(token)
    assert said.session_id == "s-1" and said.user_id is None and said.scopes == {"chat", "recommend", "feedback"}
    with pytest.raises(ChatrecError, match="knows no shopper"):
        keys(shop, "token", "--user", "nobody")
    keys(shop, "rotate")
    with Database.open(shop) as database:
        assert signer_of(shop, database).read(token) == said


def opened(shop: Path, **settings: Any) -> str:
    return "\n".join(what_is_open(shop, load_settings(shop, settings)))


def test_doctor_is_quiet_about_a_shop_that_is_closed(shop: Path) -> None:
    assert opened(shop) == "no API keys: programs on this machine may do everything, all others nothing"
    key_of(shop, "web shop")
    assert opened(shop) == "1 API key: web shop"
    assert not (shop / "secret").exists()  # looking makes nothing


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"serve": {"host": "0.0.0.0"}}, "will not start"),
        ({"serve": {"host": "0.0.0.0", "open": True}}, "anyone who reaches the service may chat"),
        ({"serve": {"page": "open"}}, "chat page is open"),
        ({"serve": {"cors": ["http://shop.example"]}}, "without TLS"),
        ({"serve": {"proxies": ["0.0.0.0/0"]}}, "serve.proxies trusts"),
        ({"serve": {"rate_session": ""}}, "rate_session is empty"),
        ({"serve": {"workers": 2}}, "rate_storage"),
        ({"serve": {"log_words": True}}, "log holds what shoppers write"),
        ({"telemetry": {"content": True}}, "spans hold"),
    ],
)  # fmt: skip
def test_doctor_names_what_is_open(shop: Path, settings: dict[str, Any], says: str) -> None:
    notes = [line for line in opened(shop, **settings).splitlines() if line.startswith("NOTE")]
    assert any(says in line for line in notes)


def test_doctor_finds_a_key_that_nobody_uses_and_a_secret_that_others_may_read(shop: Path) -> None:
    key_of(shop, "web shop")
    with Database.open(shop) as database:
        from sqlalchemy import update

        from chatrec.storage import schema

        with database._connections.writing() as connection:
            connection.execute(update(schema.api_keys).values(created_at=1_700_000_000.0))
    assert "was not used for 90 days" in opened(shop)
    keys(shop, "token")
    assert "signed with one secret" in opened(shop)
    (shop / "secret").chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        opened(shop)
