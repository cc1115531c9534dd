"""Figures, spans and log lines of a running service: they are right, and hold no shopper's words."""

from __future__ import annotations

import io
import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete

from chatrec.bot import ChatRec
from chatrec.domain.event import EventKind
from chatrec.domain.reply import Receipt
from chatrec.errors import SettingsError
from chatrec.service.access import Gatekeeper
from chatrec.service.app import make_app
from chatrec.service.logs import TurnLog, set_up_logs
from chatrec.service.measures import Measures
from chatrec.service.observing import observe
from chatrec.service.telemetry import TurnSpans, provider_of_environment
from chatrec.settings import LogSettings
from chatrec.storage import schema

WORDS = "a pelican-proof tent under 200"
HERE, PAGE = ("127.0.0.1", 50123), "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def client(demo_bot: ChatRec) -> Iterator[TestClient]:
    known = demo_bot.watchers._all
    with TestClient(make_app(demo_bot, page=False), client=HERE, base_url=PAGE) as client:
        yield client
    demo_bot.watchers._all = known


def figures(client: TestClient) -> dict[str, float]:
    """Every sample by name and labels, as a scrape reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = (s for family in text_string_to_metric_families(answer.text) for s in family.samples)
    return {s.name + "".join(f",{k}={v}" for k, v in sorted(s.labels.items())): s.value for s in samples}


def test_a_turn_is_counted_and_timed(client: TestClient, demo_bot: ChatRec) -> None:
    before = figures(client)
    receipt = list(demo_bot.reply("metrics-1", "a tent under 200"))[-1].receipt
    after = figures(client)
    assert after["chatrec_turns_total,end=done"] == before.get("chatrec_turns_total,end=done", 0) + 1
    assert after["chatrec_acts_total,act=recommend"] == before.get("chatrec_acts_total,act=recommend", 0) + 1
    assert (
        after["chatrec_items_shown_total"] == before["chatrec_items_shown_total"] + len(receipt.shown) > before["chatrec_items_shown_total"]
    )
    for mark in ("turn", "first_card", "first_sentence"):
        assert after[f"chatrec_{mark}_seconds_count"] == before[f"chatrec_{mark}_seconds_count"] + 1
    took = after["chatrec_turn_seconds_sum"] - before["chatrec_turn_seconds_sum"]
    assert took == pytest.approx(receipt.timings_ms["total"] / 1000)
    assert after["chatrec_step_seconds_count,step=understand"] >= 1
    assert after["chatrec_model_seconds_count"] == before["chatrec_model_seconds_count"]  # the template writer wrote


def test_a_stopped_turn_is_one_of_its_own(client: TestClient, demo_bot: ChatRec) -> None:
    before = figures(client)
    turn = demo_bot.reply("metrics-stop", "a tent under 200")
    next(turn)
    turn.close()  # type: ignore[attr-defined]
    after = figures(client)
    assert after["chatrec_turns_total,end=stopped"] == before.get("chatrec_turns_total,end=stopped", 0) + 1
    assert after["chatrec_turn_seconds_count"] == before["chatrec_turn_seconds_count"]  # it did not last as long as it would have


def test_feedback_is_counted_by_kind(client: TestClient, demo_bot: ChatRec) -> None:
    item_id = demo_bot.items()[0].item_id
    before = figures(client).get("chatrec_feedback_total,kind=click", 0)
    demo_bot.feedback("metrics-2", item_id, EventKind.CLICK)
    assert figures(client)["chatrec_feedback_total,kind=click"] == before + 1


def test_requests_are_counted_by_route_and_refusals_by_code(client: TestClient) -> None:
    client.get("/health")
    assert client.get("/nowhere/a-shopper-wrote-this").status_code == 404
    after = figures(client)
    assert after["chatrec_http_request_seconds_count,route=/health,status=200"] >= 1
    assert any(name.startswith("chatrec_refusals_total,code=") and value >= 1 for name, value in after.items())
    assert not any("a-shopper-wrote-this" in name for name in after)
    assert after["chatrec_turns_running"] == 0 == after["chatrec_turns_waiting"]


def test_figures_hold_no_words_and_no_ids(client: TestClient, demo_bot: ChatRec) -> None:
    list(demo_bot.reply("metrics-secret-session", WORDS))
    text = client.get("/metrics").text
    assert "pelican" not in text and "metrics-secret-session" not in text


@pytest.fixture
def keys(demo_bot: ChatRec) -> Iterator[Callable[[str], str]]:
    """Makes keys with one scope; they are gone afterwards, for the shop is shared and one that ever had a key is closed."""
    made = []

    def make(scope: str) -> str:
        key, text = demo_bot.database.api_keys.create(f"{scope} {secrets.token_hex(3)}", [scope])
        made.append(key.key_id)
        return text

    yield make
    with demo_bot.database.api_keys._connections.writing() as connection:
        connection.execute(delete(schema.api_keys).where(schema.api_keys.c.key_id.in_(made)))


def test_the_figures_need_the_scope(client: TestClient, keys: Callable[[str], str]) -> None:
    stranger = TestClient(client.app, client=("203.0.113.9", 4000))
    assert stranger.get("/metrics").status_code == 401
    given = {scope: {"Authorization": f"Bearer {keys(scope)}"} for scope in ("metrics", "analyst")}
    answers = {scope: stranger.get("/metrics", headers=headers).status_code for scope, headers in given.items()}
    assert answers == {"metrics": 200, "analyst": 403}


def test_the_figures_can_be_switched_off(demo_bot: ChatRec) -> None:
    off = demo_bot.settings.model_copy(update={"telemetry": demo_bot.settings.telemetry.model_copy(update={"metrics": False})})
    app = make_app(demo_bot, off, page=False)
    assert isinstance(app.state.gate, Gatekeeper)
    assert TestClient(app, client=HERE, base_url=PAGE).get("/metrics").status_code == 404


def test_figures_of_several_workers_meet(tmp_path: Path) -> None:
    code = (
        "from chatrec.service.measures import Measures; from chatrec.domain.event import EventKind; import sys; "
        "m = Measures(); [m.feedback_given(EventKind.LIKE) for _ in range(int(sys.argv[1]))]; m.load(int(sys.argv[1]), 0); "
        "print(m.exposed()[0].decode())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    run = [subprocess.run([sys.executable, "-c", code, n], env=environment, capture_output=True, text=True, check=True) for n in ("3", "4")]
    assert 'chatrec_feedback_total{kind="like"} 7.0' in run[-1].stdout
    assert "chatrec_turns_running 4.0" in run[-1].stdout  # the first worker is gone, and with it its turns


@pytest.fixture
def spans(demo_bot: ChatRec) -> Iterator[InMemorySpanExporter]:
    """Spans of what the shop does, without content."""
    exporter, watcher = traced(demo_bot, content=False)
    yield exporter
    demo_bot.watchers.remove(watcher)


def traced(bot: ChatRec, *, content: bool) -> tuple[InMemorySpanExporter, TurnSpans]:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    watcher = TurnSpans(provider, "Fell & Ferry", content)
    bot.watchers.add(watcher)
    return exporter, watcher


def everything_in(spans: tuple[ReadableSpan, ...]) -> str:
    return " ".join(span.to_json() for span in spans)


def test_a_turn_is_a_span_with_a_span_for_each_step(spans: InMemorySpanExporter, demo_bot: ChatRec) -> None:
    receipt = list(demo_bot.reply("spans-1", WORDS))[-1].receipt
    found = spans.get_finished_spans()
    turn = found[-1]
    assert turn.name == "invoke_agent chatrec" and turn.attributes is not None
    assert turn.attributes["gen_ai.operation.name"] == "invoke_agent" and turn.attributes["gen_ai.response.id"] == receipt.turn_id
    assert turn.attributes["gen_ai.request.model"] == "template" and turn.attributes["gen_ai.agent.name"] == "Fell & Ferry"
    steps = [span for span in found if span is not turn]
    assert [span.name for span in steps] == [name for name, _, _ in receipt.steps] and {"understand", "decide"} <= {s.name for s in steps}
    assert next(s for s in steps if s.name == "recommend").attributes == {"gen_ai.operation.name": "retrieval"}
    assert all(span.parent is not None and span.parent.span_id == turn.context.span_id for span in steps)
    assert all(turn.start_time <= span.start_time <= span.end_time <= turn.end_time + 1_000_000 for span in steps)
    assert turn.end_time - turn.start_time == pytest.approx(receipt.timings_ms["total"] * 1e6, abs=1e5)
    assert [event.name for event in turn.events] == [
        "chatrec.first_card",
        "chatrec.first_sentence",
    ] or "first_card" not in receipt.timings_ms


def test_words_are_in_spans_only_where_they_are_asked_for(spans: InMemorySpanExporter, demo_bot: ChatRec) -> None:
    outspoken, watcher = traced(demo_bot, content=True)
    receipt = list(demo_bot.reply("spans-2", WORDS))[-1].receipt
    demo_bot.watchers.remove(watcher)
    assert "pelican" not in everything_in(spans.get_finished_spans())
    attributes = outspoken.get_finished_spans()[-1].attributes
    assert attributes is not None
    asked, answered = json.loads(str(attributes["gen_ai.input.messages"])), json.loads(str(attributes["gen_ai.output.messages"]))
    assert asked == [{"role": "user", "parts": [{"type": "text", "content": WORDS}]}]
    assert answered[0]["role"] == "assistant" and receipt.sentences[0]["rendered"] in answered[0]["parts"][0]["content"]


def test_a_step_of_the_model_is_a_chat_with_its_name(demo_bot: ChatRec, spans: InMemorySpanExporter) -> None:
    written = Receipt(
        "t.1.a", "t", 1, 1, "hello", model={"generator": "smollm2-135m-instruct+shop-assistant@16888977 (openvino, int8)", "prompt": "reply.v2"},
        sentences=[{"origin": "model", "rendered": "Hello.", "text": "Hello.", "cites": []}], steps=[("write", 1.0, 400.0)], timings_ms={"write": 400.0, "total": 402.0},
    )  # fmt: skip
    demo_bot.watchers.turn_ended(written)
    write, turn = spans.get_finished_spans()
    assert (
        write.name == "chat smollm2-135m-instruct+shop-assistant@16888977" and write.attributes is not None and turn.attributes is not None
    )
    assert "gen_ai.usage.input_tokens" not in {*write.attributes, *turn.attributes}  # nobody could count
    assert write.attributes["gen_ai.operation.name"] == "chat" and write.attributes["gen_ai.prompt.name"] == "reply.v2"
    measures = Measures()
    measures.turn_ended(written)
    assert "chatrec_model_seconds_count 1.0" in measures.exposed()[0].decode()


def test_tokens_stand_at_the_step_that_used_them_and_at_the_turn(demo_bot: ChatRec, spans: InMemorySpanExporter) -> None:
    said = [{"origin": "model", "rendered": "Hello.", "text": "Hello.", "cites": []}]
    steps = [("write", 1.0, 4.0), ("recommend", 5.0, 9.0), ("write", 15.0, 400.0), ("write", 420.0, 100.0)]
    counted = Receipt(
        "t.1.b", "t", 1, 1, "hello", model={"generator": "m"}, sentences=said, steps=steps, tokens=[(0, 0), (500, 60), (480, 30)]
    )
    demo_bot.watchers.turn_ended(counted)
    notice, _, first, second, turn = spans.get_finished_spans()
    used = [
        (s.attributes.get("gen_ai.usage.input_tokens"), s.attributes.get("gen_ai.usage.output_tokens"))
        for s in (notice, first, second, turn)
        if s.attributes is not None
    ]
    assert used == [(None, None), (500, 60), (480, 30), (980, 90)]
    assert [notice.name, first.name, second.name] == ["write", "chat m", "chat m"]  # the notice was the template writer's


def test_the_trace_of_the_caller_goes_on(demo_bot: ChatRec) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    known = demo_bot.watchers._all
    app = make_app(demo_bot, page=False)
    observe(app, demo_bot, provider)
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    TestClient(app, client=HERE, base_url=PAGE).get("/health?who=pelican", headers={"traceparent": f"00-{trace}-{parent}-01"})
    demo_bot.watchers._all = known
    (span,) = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == trace and span.parent is not None and f"{span.parent.span_id:016x}" == parent
    assert span.name == "GET /health" and span.attributes is not None and span.attributes["http.response.status_code"] == 200
    assert "pelican" not in span.to_json()


def test_nothing_is_sent_unless_the_environment_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    assert provider_of_environment() is None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert provider_of_environment() is None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    provider = provider_of_environment()
    assert provider is not None
    provider.shutdown()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert provider_of_environment() is None
    monkeypatch.delenv("OTEL_SDK_DISABLED")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "smoke-signals")
    with pytest.raises(SettingsError, match="smoke-signals"):
        provider_of_environment()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as JSON."""
    root, own = logging.getLogger(), logging.getLogger("chatrec")
    before = (root.level, own.level, list(root.handlers))
    stream = io.StringIO()
    set_up_logs(LogSettings(format="json"), stream)
    yield stream
    root.setLevel(before[0])
    own.setLevel(before[1])
    root.handlers[:] = before[2]


def test_a_turn_is_one_line_of_json_without_words(lines: io.StringIO, demo_bot: ChatRec) -> None:
    watcher, known = TurnLog(), demo_bot.watchers._all
    demo_bot.watchers._all = (watcher,)
    receipt = list(demo_bot.reply("logs-1", WORDS))[-1].receipt
    demo_bot.feedback("logs-1", demo_bot.items()[0].item_id, "like")
    demo_bot.watchers._all = known
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    (turn,) = [line for line in found if line["message"] == "turn"]
    assert turn["turn_id"] == receipt.turn_id and turn["end"] == "done" and turn["shown"] == len(receipt.shown) and turn["level"] == "info"
    assert turn["ms"] == round(receipt.timings_ms["total"]) and "recommend" in turn["acts"]
    assert [line["kind"] for line in found if line["message"] == "feedback"] == ["like"]
    assert "pelican" not in lines.getvalue()


def test_lines_of_a_turn_carry_its_id_and_errors_lose_their_text(lines: io.StringIO, demo_bot: ChatRec) -> None:
    class Clumsy:
        def turn_ended(self, receipt: Receipt) -> None:
            logging.getLogger("chatrec.testing").info("in the turn")
            raise ValueError(f"broke on {receipt.message}")

        def feedback_given(self, kind: EventKind) -> None: ...

    clumsy = Clumsy()
    demo_bot.watchers.add(clumsy)
    receipt = list(demo_bot.reply("logs-2", WORDS))[-1].receipt  # the turn does not mind
    demo_bot.watchers.remove(clumsy)
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {line["turn_id"] for line in found if line["message"].startswith(("in the turn", "a watcher failed"))} == {receipt.turn_id}
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("chatrec.testing").exception("it broke")
    last = json.loads(lines.getvalue().splitlines()[-1])
    assert last["error"] == "ValueError" and any("test_metrics.py" in place for place in last["traceback"]) and "turn_id" not in last
    assert "pelican" not in lines.getvalue()


def test_text_lines_lose_the_text_of_errors_too() -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.level, logging.getLogger("chatrec").level, list(root.handlers))
    set_up_logs(LogSettings(), stream)
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("chatrec.testing").exception("it broke", extra={"ms": 12})
    root.setLevel(before[0])
    logging.getLogger("chatrec").setLevel(before[1])
    root.handlers[:] = before[2]
    assert (
        "ERROR" in stream.getvalue()
        and "it broke" in stream.getvalue()
        and "ms=12" in stream.getvalue()
        and "pelican" not in stream.getvalue()
    )
