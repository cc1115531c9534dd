"""The OpenAPI document: complete, and true. Schemathesis reads it and calls the service in this process with what it allows, and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from chatrec.bot import ChatRec
from chatrec.service.app import ROUTERS, make_app

OURS = ("/v1/", "/health", "/ready")
FOREIGN = ("/v1/chat/completions", "/v1/models", "/v1/responses")
EXAMPLES = 12
CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip


@pytest.fixture(scope="module")
def app(demo_bot: ChatRec) -> Iterator[FastAPI]:
    known = demo_bot.watchers._all
    free = demo_bot.settings.serve.model_copy(update={"open": True, "rate_address": "", "rate_key": "", "rate_session": ""})
    yield make_app(demo_bot, demo_bot.settings.model_copy(update={"serve": free}), page=False)
    demo_bot.watchers._all = known


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture
def contract(app: FastAPI) -> Any:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return schema.include(path_regex="^/v1/|^/health$|^/ready$").exclude(path_regex="^/v1/(chat/completions|models|responses)")


schema = schemathesis.pytest.from_fixture("contract")


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_every_operation_keeps_what_its_description_says(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)


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
