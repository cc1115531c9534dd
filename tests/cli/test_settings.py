"""``chatrec settings``: what holds and why, nothing secret; and the page that is made from the descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatrec.cli.main import app
from chatrec.cli.settings_reference import HIDDEN, effective, markdown, shown_value
from chatrec.errors import SettingsError
from chatrec.setting_sources import FILE_SUFFIX
from chatrec.settings import Settings, load_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "chatrec.toml").write_text('[offer]\nshown = 5\ndiversity = 0.5\n[shop]\nname = "Peg & Pole"\n', encoding="utf-8")
    monkeypatch.setenv("CHATREC_OFFER__SHOWN", "4")
    return tmp_path


@pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not part of an installed package")
def test_the_page_is_what_the_settings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "write it again: chatrec settings --markdown > docs/settings.md"


def test_every_setting_is_described() -> None:
    page = markdown()
    for section in Settings.model_fields:
        assert f"## `[{section}]`" in page
        for name, field in type(getattr(Settings(), section)).model_fields.items():
            assert field.description, f"{section}.{name} says nothing of itself"
            assert not name.endswith(FILE_SUFFIX), f"{section}.{name}: the ending says that a file holds the value"
            assert f"| `{name}` |" in page


def test_each_value_says_where_it_comes_from(shop: Path) -> None:
    found = {name: (value, origin) for name, value, origin in effective(shop)}
    assert found["offer.shown"] == ("4", "environment")  # it goes before the file, which says 5
    assert found["offer.diversity"] == ("0.5", "chatrec.toml")
    assert found["shop.name"] == ('"Peg & Pole"', "chatrec.toml")
    assert found["offer.pool"] == ("100", "default")


def test_the_command_shows_what_was_changed_or_all(shop: Path) -> None:
    changed = CliRunner().invoke(app, ["settings", "--shop", str(shop), "--changed"])
    assert [line.split()[0] for line in changed.stdout.splitlines()] == ["shop.name", "offer.shown", "offer.diversity"]
    whole = CliRunner().invoke(app, ["settings", "--shop", str(shop)])
    assert len(whole.stdout.splitlines()) == sum(1 for _ in effective(shop)) > 40
    written = CliRunner().invoke(app, ["settings", "--markdown"])
    assert written.stdout == markdown()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret", "hunter2"),
        ("api_key", "hunter2"),
        ("webhook_token", "hunter2"),
        ("url", "postgresql+psycopg://shop:hunter2@127.0.0.1/shop"),
        ("url", "redis://:hunter2@127.0.0.1:6379/0"),
        ("url", "postgresql://shop:p@ss/hunter2@127.0.0.1/shop"),
    ],
)
def test_secrets_are_not_shown(name: str, value: str) -> None:
    assert "hunter2" not in shown_value(name, value)


def test_what_only_sounds_secret_is_shown() -> None:
    assert shown_value("max_tokens", 110) == "110"
    assert shown_value("secret", "") == '""' and shown_value("secret", "x") == HIDDEN
    assert shown_value("url", "postgresql+psycopg://shop@127.0.0.1/shop") == '"postgresql+psycopg://shop@127.0.0.1/shop"'


def test_a_setting_that_there_is_not_is_an_error(shop: Path) -> None:
    (shop / "chatrec.toml").write_text("[offer]\nshwon = 5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'shown'"):
        list(effective(shop))


def test_a_variable_may_name_a_file_that_holds_the_value(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "url").write_text("postgresql+psycopg://shop:hunter2@db/shop\n", encoding="utf-8")
    monkeypatch.setenv("CHATREC_STORAGE__URL_FILE", str(shop / "url"))
    assert load_settings(shop).storage.url == "postgresql+psycopg://shop:hunter2@db/shop"
    assert ("storage.url", '"postgresql+psycopg://shop:***@db/shop"', "environment") in list(effective(shop))
    monkeypatch.setenv("CHATREC_STORAGE__URL", "sqlite:///here")  # said outright it goes first
    assert load_settings(shop).storage.url == "sqlite:///here"
    monkeypatch.delenv("CHATREC_STORAGE__URL")
    monkeypatch.setenv("CHATREC_STORAGE__URL_FILE", str(shop / "nowhere"))
    with pytest.raises(SettingsError, match="CHATREC_STORAGE__URL_FILE names the file"):
        load_settings(shop)
