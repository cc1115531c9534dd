"""OpenTelemetry spans: one a request, one a turn, one for each of its steps, with the names of the GenAI conventions.

https://opentelemetry.io/docs/specs/semconv/gen-ai/ . What shoppers write and read is left out unless ``telemetry.content`` is set. Without
``OTEL_EXPORTER_OTLP_ENDPOINT`` (or ``OTEL_TRACES_EXPORTER``) no span is made, and nothing leaves the machine.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatrec import __version__
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt
from chatrec.errors import SettingsError
from chatrec.service.measures import written_by_model

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_EXPORTER = "OTEL_TRACES_EXPORTER"
_NS_A_MS = 1_000_000
# Acts that the conventions have an operation for.
_OPERATIONS = {"recommend": "retrieval", "tool": "execute_tool", "cart": "execute_tool", "order_status": "execute_tool"}

Attributes = dict[str, str | int | float | bool]


def provider_of_environment() -> TracerProvider | None:
    """Where the ``OTEL_*`` variables want spans sent; ``None`` where they say nothing, or switch it off.

    Raises :class:`SettingsError` for an exporter that is not known or not installed.
    """
    wanted = [name for name in os.environ.get(_EXPORTER, "").split(",") if name.strip()]
    if not wanted and any(os.environ.get(name) for name in _ENDPOINTS):
        wanted = ["otlp"]
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not wanted or wanted == ["none"]:
        return None
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "chatrec"}
    provider = TracerProvider(resource=Resource.create({**named, "service.version": __version__}))
    for name in wanted:
        provider.add_span_processor(BatchSpanProcessor(_exporter(name.strip())))
    return provider


def _exporter(name: str) -> SpanExporter:
    if name == "console":
        import sys

        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    if name != "otlp":
        raise SettingsError(f"{_EXPORTER} is '{name}'; known: otlp, console, none")
    protocol = "http" if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc").startswith("http") else "grpc"
    try:
        module = importlib.import_module(f"opentelemetry.exporter.otlp.proto.{protocol}.trace_exporter")
    except ImportError as error:
        package = f"opentelemetry-exporter-otlp-proto-{protocol}"
        raise SettingsError(f"spans are to be sent, but {package} is not installed; install it, or set {_EXPORTER}=none") from error
    exporter: SpanExporter = module.OTLPSpanExporter()
    return exporter


class TurnSpans:
    """Makes the spans of each turn when it is over, from its receipt. A :class:`chatrec.watching.Watcher`."""

    def __init__(self, provider: TracerProvider, shop: str, content: bool = False) -> None:
        self._tracer: Tracer = provider.get_tracer("chatrec", __version__)
        self._shop, self._content = shop, content

    def turn_ended(self, receipt: Receipt) -> None:
        """One span for the turn, under that of its request where there is one, and one for each step at its own time."""
        from opentelemetry import trace

        ended = time.time_ns()
        began = ended - int(receipt.timings_ms.get("total", _latest(receipt)) * _NS_A_MS)
        turn = self._tracer.start_span("invoke_agent chatrec", start_time=began, attributes=self._of_turn(receipt))
        for mark in ("first_card", "first_sentence"):
            if mark in receipt.timings_ms:
                turn.add_event(f"chatrec.{mark}", timestamp=began + int(receipt.timings_ms[mark] * _NS_A_MS))
        within = trace.set_span_in_context(turn)
        tokens = iter(receipt.tokens)
        for step, at_ms, ms in receipt.steps:
            start = began + int(at_ms * _NS_A_MS)
            name, attributes = step_span(step, receipt, next(tokens, (0, 0)) if step == "write" else (0, 0))
            span = self._tracer.start_span(name, within, start_time=start, attributes=attributes)
            span.end(start + int(ms * _NS_A_MS))
        turn.end(ended)

    def feedback_given(self, kind: EventKind) -> None:
        """No span: it is one short write."""

    def _of_turn(self, receipt: Receipt) -> Attributes:
        found: Attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": "chatrec",
            "gen_ai.agent.name": self._shop,
            "gen_ai.conversation.id": receipt.session_id,
            "gen_ai.response.id": receipt.turn_id,
            "gen_ai.request.model": _model(receipt),
            "chatrec.turn": receipt.turn,
            "chatrec.generation": receipt.generation,
            "chatrec.acts": ",".join(str(act["kind"]) for act in receipt.acts),
            "chatrec.action": receipt.action,
            "chatrec.items_shown": len(receipt.shown),
            "chatrec.sentences": len(receipt.sentences),
            "chatrec.sentences_dropped": len(receipt.dropped),
            "chatrec.degraded": len(receipt.degraded),
            "chatrec.stopped": receipt.stopped,
        }
        found |= usage_of(sum(read for read, _ in receipt.tokens), sum(wrote for _, wrote in receipt.tokens))
        return {**found, **content_of(receipt)} if self._content else found


def usage_of(read: int, wrote: int) -> Attributes:
    """What the language model read and wrote; nothing where it was not asked, or nobody could count."""
    return {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": wrote} if read else {}


def step_span(step: str, receipt: Receipt, tokens: tuple[int, int] = (0, 0)) -> tuple[str, Attributes]:
    """Name and attributes of the span of one step; ``tokens`` are those that the language model read and wrote in it."""
    counted = any(read for read, _ in receipt.tokens)  # then a step without any is the template writer's
    if step == "write" and (tokens[0] if counted else written_by_model(receipt)):
        model = _model(receipt)
        return f"chat {model}", {
            **usage_of(*tokens),
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai" if "openai" in str(receipt.model.get("generator", "")) else "chatrec",
            "gen_ai.request.model": model,
            "gen_ai.output.type": "text",
            "gen_ai.prompt.name": str(receipt.model.get("prompt", "")),
        }
    operation = _OPERATIONS.get(step)
    if operation is None:
        return step, {}
    tool = next((str(act.get("tool", "")) for act in receipt.acts if act["kind"] == step), "") or step
    named: Attributes = {"gen_ai.tool.name": tool} if operation == "execute_tool" else {}
    return f"{operation} {tool}" if named else step, {"gen_ai.operation.name": operation, **named}


def content_of(receipt: Receipt) -> Attributes:
    """What was written and answered, in the messages of the conventions."""
    answer = " ".join(str(sentence["rendered"]) for sentence in receipt.sentences)
    return {
        "gen_ai.input.messages": _messages("user", receipt.message),
        "gen_ai.output.messages": _messages("assistant", answer, finish_reason="stop"),
    }


def _messages(role: str, text: str, **more: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}], **more}], ensure_ascii=False)


def _model(receipt: Receipt) -> str:
    """The model's name without what stands behind it in the receipt: "smollm2-135m-instruct+shop-assistant@16888977"."""
    return str(receipt.model.get("generator", "")).split(" (")[0] or "template"


def _latest(receipt: Receipt) -> float:
    return max((at + ms for _, at, ms in receipt.steps), default=0.0)


class RequestSpans:
    """Middleware: a span a request, in the trace that the caller's ``traceparent`` names. No address, no words, no query."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self._app = app
        self._tracer: Tracer = provider.get_tracer("chatrec.http", __version__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, with its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        sent = dict(_texts(scope["headers"]))
        parent = TraceContextTextMapPropagator().extract(sent)
        with self._tracer.start_as_current_span(str(scope["method"]), parent, kind=SpanKind.SERVER) as span:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await self._app(scope, receive, watched)
            finally:
                route = getattr(scope.get("route"), "path", "")
                span.set_attributes({"http.request.method": str(scope["method"]), "http.route": route})
                span.update_name(f"{scope['method']} {route}".strip())


def _texts(headers: Any) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
