"""All that looks on while the service works, put in place at once: figures, spans and log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from chatrec.bot import ChatRec
from chatrec.service.logs import TurnLog
from chatrec.service.metrics_routes import measure
from chatrec.service.telemetry import RequestSpans, TurnSpans, provider_of_environment
from chatrec.service.word_log import WordLog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def observe(app: FastAPI, bot: ChatRec, provider: TracerProvider | None = None) -> None:
    """Counts, traces and logs what this application does, as its settings and the ``OTEL_*`` variables want it. To be called before the
    application begins to answer. ``provider`` takes the spans in place of what the environment names.

    Raises :class:`chatrec.errors.SettingsError` for an exporter of spans that is not known or not installed.
    """
    settings = app.state.settings
    if settings.telemetry.metrics:
        measure(app, bot)
    spans = provider or provider_of_environment()
    if spans is not None:
        bot.watchers.add(TurnSpans(spans, settings.shop.name or bot.folder.name, settings.telemetry.content))
        app.add_middleware(RequestSpans, provider=spans)
    bot.watchers.add(TurnLog())
    if settings.serve.log_words:
        bot.watchers.add(WordLog())
