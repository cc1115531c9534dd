"""The demo: ``python demo.py`` opens the chat page; ``python demo.py --script FILE`` plays a dialogue without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import guarded
from chatrec.cli.scripts import play_script
from chatrec.cli.serve import serve_command


def main(
    shop: Annotated[str, typer.Option(help="the shop's folder, or 'demo' for the built-in one")] = "demo",
    script: Annotated[Path | None, typer.Option(help="play this dialogue script (YAML) and print every turn")] = None,
    json: Annotated[bool, typer.Option("--json", help="with --script: one JSON object a turn")] = False,
    host: Annotated[str | None, typer.Option(help="address of the chat page; this machine only by default")] = None,
    port: Annotated[int | None, typer.Option(help="port of the chat page; 7860 by default")] = None,
    engine: Annotated[str | None, typer.Option(help="auto, openvino, transformers, openai or template")] = None,
    user: Annotated[str | None, typer.Option(help="chat as this shopper, for example shopper-0001")] = None,
) -> None:
    """Chat with the built-in outdoor shop, in the browser or from a script.

    Examples: python demo.py; python demo.py --script tests/dialogues/tent_under_budget.yaml
    """
    if script is None:
        serve_command(shop, host, port, engine, user)
        return
    settings = {"model": {"engine": engine}} if engine else None
    raise SystemExit(1 if play_script(script, as_json_lines=json, settings=settings, shop=None if shop == "demo" else shop) else 0)


if __name__ == "__main__":
    guarded(lambda: typer.run(main))
