"""The ``chatrec`` command. Each subcommand has a file of its own; heavy libraries load only in the one that runs."""

from __future__ import annotations

import typer

from chatrec.cli import adapters, chat, doctor, evaluate, export, forget, ingest, keys, mcp, mood, replay, serve, settings, train, tune
from chatrec.cli.screen import guarded

app = typer.Typer(
    name="chatrec",
    help="A conversational recommender for shops: a support bot that sells, and never invents a product, a price or a property.\n\n"
    "Start with: chatrec chat --shop demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("ingest")(ingest.ingest_command)
app.command("train")(train.train_command)
app.command("chat")(chat.chat_command)
app.command("serve")(serve.serve_command)
app.command("evaluate")(evaluate.evaluate_command)
app.command("tune")(tune.tune_command)
app.command("adapters")(adapters.adapters_command)
app.command("export")(export.export_command)
app.command("doctor")(doctor.doctor_command)
app.command("forget")(forget.forget_command)
app.add_typer(keys.app, name="keys")
app.command("mood")(mood.mood_command)
app.command("mcp")(mcp.mcp_command)
app.command("replay")(replay.replay_command)
app.command("settings")(settings.settings_command)


def main() -> None:
    """Run the command; an error of chatrec's own or of the system is one line, not a traceback, and exits with 1."""
    guarded(app)


if __name__ == "__main__":
    main()
