"""``chatrec adapters``: which adapters there are, what they belong to, how they scored, and who uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import out
from chatrec.errors import AdapterError, ChatrecError
from chatrec.generation.adapters import AdapterCard, adapter_folders, check_whole, find_adapter
from chatrec.generation.weights import BUILT_IN_BASE, GGUF_SHA256, base_weights
from chatrec.resources import data_folder
from chatrec.settings import load_settings

TUNED = Path("adapters")
"""Where chatrec tune writes unless told otherwise."""


@dataclass(frozen=True, slots=True)
class _User:
    """A shop that uses an adapter, and the digest of its base model."""

    name: str
    base: str
    digest: str


def adapters_command(
    folders: Annotated[list[Path] | None, typer.Argument(help="adapter folders, or folders of them, beside the known places")] = None,
    shop: Annotated[list[str] | None, typer.Option(help="a shop outside the home, to tell which adapter it uses (repeatable)")] = None,
) -> None:
    """List the LoRA adapters: base, rows, prompts, scores, and which shops use them.

    Looked through are the adapters that ship with chatrec, those in ./adapters (where chatrec tune writes), in the folder that
    CHATREC_ADAPTERS names, and in the folders given. Every file is checked against its digest: the command ends with 1 where one is
    damaged, or where a shop uses one that was trained on another base.

    Examples:

        chatrec adapters                            all that are found

        chatrec adapters --shop ~/shops/garden      and which of them that shop uses

    Use one with [model] adapter = "FOLDER" in the shop's chatrec.toml; the shop takes it up at its next start, or at once with
    bot.use_adapter.
    """
    given = list(folders or ())
    for folder in given:
        if not folder.is_dir():
            raise AdapterError(f"{folder} is no folder: name an adapter's folder, or one that holds adapters")
    users = _users(shop or ())
    found = adapter_folders(*given, TUNED)
    wrong = 0
    for folder in found:
        lines, is_right = _told(folder, users.get(folder.resolve(), []))
        wrong += not is_right
        for line in lines:
            out.print(line, markup=False, highlight=False)
    if not found:
        out.print("no adapters: train one with chatrec tune", markup=False, highlight=False)
    if wrong:
        raise AdapterError(f"{wrong} of {len(found)} adapters cannot be used as they are: see above")


def _told(folder: Path, users: Sequence[_User]) -> tuple[list[str], bool]:
    """The lines about one adapter, and whether it is whole and fits whoever uses it."""
    by = f"  used by {', '.join(user.name for user in users)}" if users else "  used by no shop that is known here"
    try:
        card = check_whole(folder)
    except AdapterError as error:
        return [f"{folder.name}  ({folder})", f"  DAMAGED: {error}", by, ""], False
    foreign = [user for user in users if user.digest != card.base_digest]
    lines = [f"{card.name}@{card.weights_digest[:8]}  ({folder})", f"  base {card.base_name} ({card.base_digest[:12]}), files whole"]
    lines += [*_facts(card), by]
    lines += [f"  DOES NOT FIT {user.name}, whose base is {user.base} ({user.digest[:12]})" for user in foreign]
    return [*lines, ""], not foreign


def _facts(card: AdapterCard) -> Iterator[str]:
    rows = card.settings.get("rows", "not recorded")
    start = f", begun with {card.start_digest[:8]}" if card.start_digest else ""
    yield f"  rows {rows} ({card.data_digest[:12] or 'no digest'}), prompts {', '.join(card.prompts) or 'not recorded'}{start}"
    if "loss_after" in card.scores:
        yield f"  loss on held-out rows {card.scores.get('loss_before', float('nan')):.3f} -> {card.scores['loss_after']:.3f}"
    figures = [f"{name} {card.scores[name]:.3f}" for name in ("grounded", "cited", "whole") if name in card.scores]
    if figures:
        settings = card.settings
        yield f"  {', '.join(figures)} on {settings.get('scored_replies', '?')} replies; promoted: {settings.get('promoted', '?')}"
        yield f"  compared with {settings.get('compared_with', 'nothing')}, {settings.get('gate', 'gate not recorded')}"
    else:
        yield "  not scored by the adapter gate"


def _users(named: Sequence[str]) -> dict[Path, list[_User]]:
    """Which shops use which adapter folder: those in the home, and those named."""
    from chatrec.shops import resolve_shop

    home = data_folder()
    shops = [folder for folder in (sorted(home.iterdir()) if home.is_dir() else []) if (folder / "shop.db").is_file()]
    shops += [resolve_shop(name) for name in named]
    found: dict[Path, list[_User]] = {}
    for shop in dict.fromkeys(folder.resolve() for folder in shops):
        try:
            model = load_settings(shop).model
            folder = find_adapter(model.adapter)
            digest = GGUF_SHA256 if model.base == BUILT_IN_BASE else base_weights(model.base).digest
        except ChatrecError as error:
            out.print(f"NOTE shop {shop.name}: {error}", markup=False, highlight=False)
            continue
        if folder is not None:
            found.setdefault(folder.resolve(), []).append(_User(shop.name, model.base, digest))
    return found
