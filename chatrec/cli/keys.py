"""``chatrec keys``: who may call the shop's service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatrec.cli.screen import console, out
from chatrec.cli.train import ShopOption
from chatrec.errors import ChatrecError

if TYPE_CHECKING:
    from chatrec.storage.database import Database

MOST_NAME_CHARS = 80

app = typer.Typer(
    help="API keys and widget tokens of a shop's service.", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.command("create")
def create_command(
    name: Annotated[str, typer.Argument(help="what the key is for: 'web shop', 'help desk'")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="chat, recommend, feedback, sessions, analyst, metrics or users; several may be given"),
    ] = None,
    shop: ShopOption = "demo",
) -> None:
    """Make an API key and show it, once: only its SHA-256 is kept.

    Without --scope it may chat, recommend and take feedback; a web shop's server also needs 'users'.

    Example: chatrec keys create "web shop" --scope chat --scope recommend --scope feedback --scope users --shop myshop
    """
    from chatrec.service.access import OPEN_SCOPES, SCOPES

    wanted = [part for text in scope or () for part in text.replace(",", " ").split()] or sorted(OPEN_SCOPES)
    if unknown := sorted(set(wanted) - set(SCOPES)):
        raise ChatrecError(f"there is no scope '{unknown[0]}'; known: {', '.join(SCOPES)}")
    if not name.strip() or not name.isprintable() or len(name) > MOST_NAME_CHARS:
        raise ChatrecError(f"a key's name is a printable text of 1 to {MOST_NAME_CHARS} characters")
    with _database(shop) as (_, database):
        if any(key.name == name and key.revoked_at is None for key in database.api_keys.all()):
            raise ChatrecError(f"there is a key named '{name}' already; choose another name, or revoke that one first")
        key, text = database.api_keys.create(name, wanted)
    console.print(f"key {key.key_id} '{name}' may: {', '.join(sorted(key.scopes))}", markup=False, highlight=False)
    console.print("Keep it in the environment of your server, never in a page. It is not shown again:", markup=False, highlight=False)
    typer.echo(text)  # alone on standard output, so that a script may take it


@app.command("list")
def list_command(shop: ShopOption = "demo") -> None:
    """The keys, without the keys themselves."""
    with _database(shop) as (_, database):
        keys = database.api_keys.all()
    for key in keys:
        state = f"revoked {_day(key.revoked_at)}" if key.revoked_at is not None else f"last used {key.last_used_day or 'never'}"
        line = f"{key.key_id}  {key.name}  made {_day(key.created_at)}  {state}  {','.join(sorted(key.scopes))}"
        out.print(line, markup=False, highlight=False)
    if not keys:
        out.print("no keys; make one with: chatrec keys create NAME", markup=False, highlight=False)


@app.command("revoke")
def revoke_command(
    key: Annotated[str, typer.Argument(help="the key's id or name, as chatrec keys list shows it")], shop: ShopOption = "demo"
) -> None:
    """Refuse a key, and every token that it asked for, from now on."""
    with _database(shop) as (_, database):
        revoked = database.api_keys.revoke(key)
    if not revoked:
        raise ChatrecError(f"there is no key '{key}' that stands; chatrec keys list shows those there are")
    for one in revoked:
        out.print(f"revoked: {one.key_id} '{one.name}'", markup=False, highlight=False)


@app.command("token")
def token_command(
    user: Annotated[str | None, typer.Option("--user", help="the verified shopper; a visitor without")] = None,
    session: Annotated[str | None, typer.Option("--session", help="the session; a new one without")] = None,
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=24 * 60, help="how long it is good")] = 60,
    shop: ShopOption = "demo",
) -> None:
    """Make a widget token, for trying things out. A shop's server asks POST /v1/tokens for them."""
    from chatrec.service.access import new_session_id, signer_of
    from chatrec.storage.sessions import check_session_id

    session_id = session or new_session_id()
    check_session_id(session_id)
    with _database(shop) as (folder, database):
        if user is not None and not database.users.known(user):
            raise ChatrecError(f"the shop knows no shopper '{user}'; leave --user out for a visitor")
        token, expires_at = signer_of(folder, database).make(session_id, user, minutes)
    until = datetime.fromtimestamp(expires_at, UTC).isoformat(timespec="minutes")
    console.print(f"session {session_id}, until {until}", markup=False, highlight=False)
    typer.echo(token)


@app.command("rotate")
def rotate_command(shop: ShopOption = "demo") -> None:
    """Sign tokens with a new secret. Those signed before stay good until they expire, or until it is rotated again."""
    from chatrec.service.tokens import rotate

    with _database(shop) as (folder, _):
        path = rotate(folder)
    out.print(f"new tokens are signed with a new secret, in {path}", markup=False, highlight=False)


@contextmanager
def _database(shop: str) -> Iterator[tuple[Path, Database]]:
    from chatrec.shops import open_database, resolve_shop

    folder = resolve_shop(shop)
    with open_database(folder) as database:
        yield folder, database


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
