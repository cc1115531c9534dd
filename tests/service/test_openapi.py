"""The OpenAPI document: complete, and true. Schemathesis reads it and calls the service in this process with what it allows, and not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import delete

from chatrec.bot import ChatRec
from chatrec.service.access import SCOPES
from chatrec.service.app import ROUTERS, make_app
from chatrec.storage import schema

OURS = ("/v1/", "/health", "/ready")
FOREIGN = ("/v1/chat/completions", "/v1/models", "/v1/responses")
EXAMPLES = 10
OPERATIONS = (
    "POST /v1/chat", "POST /v1/sessions", "GET /v1/sessions/{session_id}", "DELETE /v1/sessions/{session_id}",
    "POST /v1/sessions/{session_id}/drop", "POST /v1/sessions/{session_id}/cart", "POST /v1/feedback", "POST /v1/forget",
    "POST /v1/sessions/{session_id}/dislike", "DELETE /v1/sessions/{session_id}/judgements/{item_id}",
    "POST /v1/sessions/{session_id}/undo",
    "GET /v1/turns/{turn_id}", "GET /v1/recommend/{placement}", "GET /v1/items/{item_id}", "POST /v1/tokens", "GET /health", "GET /ready",
)  # fmt: skip
# Nothing can be wrong in a request that has no part.
WITHOUT_PARTS = {("GET /health", GenerationMode.NEGATIVE), ("GET /ready", GenerationMode.NEGATIVE)}
CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip


@pytest.fixture(scope="module")
def app(tea_bot: ChatRec) -> Iterator[FastAPI]:
    known = tea_bot.watchers._all
    free = tea_bot.settings.serve.model_copy(update={"rate_address": "", "rate_key": "", "rate_session": "", "body_bytes": 16_777_216})
    yield make_app(tea_bot, tea_bot.settings.model_copy(update={"serve": free}), page=False)
    tea_bot.watchers._all = known


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture(scope="module")
def contract(app: FastAPI) -> dict[str, Any]:
    """Every operation of the native API, as schemathesis reads it, by method and path."""
    found = (result.ok() for result in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations())
    return {operation.label: operation for operation in found if operation.label in OPERATIONS}


@pytest.fixture(scope="module")
def key(tea_bot: ChatRec) -> Iterator[dict[str, str]]:
    """The header of a key that may do everything."""
    _, text = tea_bot.database.api_keys.create("contract", frozenset(SCOPES))
    yield {"Authorization": f"Bearer {text}"}
    with tea_bot.database._connections.writing() as connection:  # a shop that ever had a key is closed to callers without one
        connection.execute(delete(schema.api_keys))


@pytest.mark.parametrize(("label", "mode"), [pair for pair in product(OPERATIONS, GenerationMode) if pair not in WITHOUT_PARTS])
def test_every_operation_keeps_what_its_description_says(
    contract: dict[str, Any], key: dict[str, str], label: str, mode: GenerationMode
) -> None:
    """Also where it is called as its description forbids."""

    @given(case=contract[label].as_strategy(generation_mode=mode, feedback=FeedbackSources()))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def keeps(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers=key)

    keeps()


def test_all_that_is_described_is_tried(document: dict[str, Any]) -> None:
    assert {f"{name.split()[0].upper()} {name.split()[1]}" for name, _ in operations(document)} == set(OPERATIONS)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith(OURS) and not path.startswith(FOREIGN):
                yield f"{method} {path}", operation


def test_every_operation_is_described_with_its_errors(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert len(found) >= 14
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in found.items():
        assert operation["summary"] and operation["description"] and set(operation["tags"]) <= tags, name
        if "/v1/" in name:
            assert {"401", "403", "429"} <= set(operation["responses"]), name
            assert operation["security"], name


def test_every_error_has_the_common_body_and_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if "/v1/" in name and int(status) >= 400:
                told = answer["content"]["application/json"]
                assert told["schema"]["$ref"].endswith("/ErrorBody") and told["example"]["error"]["code"], (name, status)
                assert ("Retry-After" in answer.get("headers", {})) == (status in ("429", "503"))


def test_requests_have_examples_and_streams_are_described(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for name in ("ChatRequest", "DropRequest", "CartRequest", "FeedbackRequest", "ForgetRequest", "Card"):
        assert shapes[name]["examples"], name
    for path in ("/v1/chat", "/v1/sessions/{session_id}/drop", "/v1/sessions/{session_id}/cart"):
        told = document["paths"][path]["post"]["responses"]["200"]["content"]
        assert "event: done" in told["text/event-stream"]["example"] and told["application/json"]["example"]["cards"]


def test_no_page_loads_anything_from_elsewhere(app: FastAPI) -> None:
    assert app.docs_url is None and app.redoc_url is None and ROUTERS
