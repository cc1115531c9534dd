"""``chatrec settings``: what holds for a shop and why, or the whole reference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import out
from chatrec.cli.train import ShopOption
from chatrec.shops import DEMO, demo_folder


def settings_command(
    shop: ShopOption = "demo",
    markdown: Annotated[bool, typer.Option("--markdown", help="the reference of all settings, whatever the shop has set")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="only what differs from the defaults")] = False,
) -> None:
    """Show every setting of a shop, its value, and where that comes from; secrets are not shown.

    Example: chatrec settings --shop myshop --changed
    """
    from chatrec.cli.settings_reference import effective
    from chatrec.cli.settings_reference import markdown as reference

    if markdown:
        print(reference(), end="")
        return
    rows = [row for row in effective(demo_folder() if shop == DEMO else Path(shop).expanduser()) if not changed or row[2] != "default"]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for name, value, origin in rows:
        out.print(f"{name:<{widths[0]}}  {value:<{min(widths[1], 40)}}  {origin}", markup=False, highlight=False)
    if not rows:
        out.print("every setting has its default", markup=False, highlight=False)
