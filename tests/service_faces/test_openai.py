"""The official client against a running service."""

from __future__ import annotations

import errno
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from chatrec.bot import ChatRec
from chatrec.domain.reply import ReplyEvent, Said

TENT = {"role": "user", "content": "a tent under 300"}


def client_of(url: str, key: str = "none") -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=httpx.Client(trust_env=False, timeout=120))


@pytest.fixture(scope="module")
def client(service: str) -> Iterator[OpenAI]:
    with client_of(service) as opened:
        yield opened


def ask(client: OpenAI, *said: str, **more: Any) -> Any:
    """A conversation of these messages of a shopper, whose earlier ones were answered somehow."""
    messages: list[dict[str, Any]] = []
    for text in said:
        messages += [{"role": "user", "content": text}, {"role": "assistant", "content": "Something."}]
    return client.chat.completions.create(model="chatrec", messages=messages[:-1], **more)  # type: ignore[call-overload]


def items_of(answer: Any) -> list[str]:
    return [card["item_id"] for group in answer.chatrec["cards"] for card in group["cards"]]


def test_the_models(client: OpenAI) -> None:
    assert [m.id for m in client.models.list()] == ["chatrec"]
    assert client.models.retrieve("chatrec").owned_by == "chatrec"
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.models.retrieve("gpt-4o")


def test_a_whole_answer(client: OpenAI, bot: ChatRec) -> None:
    answer = ask(client, TENT["content"])
    (choice,) = answer.choices
    assert answer.object == "chat.completion"
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    shown = items_of(answer)
    assert len(shown) == 3
    for item_id in shown:
        assert bot.live_item(item_id).title in choice.message.content
    assert "\n1. " in choice.message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 20
    assert answer.usage.estimated is True  # the template writer has no tokenizer


class WordCounter:
    """A tokenizer of words."""

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def test_usage_is_counted_by_the_models_own_tokenizer(client: OpenAI, bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot._words, "generator", WordCounter())
    messages = [{"role": "system", "content": "Be kind."}, TENT]
    answer = client.chat.completions.create(model="chatrec", messages=messages)  # type: ignore[arg-type]
    assert answer.usage is not None and answer.usage.prompt_tokens == 6
    assert answer.usage.completion_tokens == len((answer.choices[0].message.content or "").split())
    assert "estimated" not in answer.usage.model_dump()


def test_cards_only_in_the_field(client: OpenAI) -> None:
    answer = ask(client, TENT["content"], extra_body={"chatrec": {"cards": "field"}})
    assert len(items_of(answer)) == 3
    assert "\n1. " not in answer.choices[0].message.content


def test_a_stream_adds_up_to_the_whole_answer(client: OpenAI) -> None:
    chunks = list(ask(client, TENT["content"], stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    whole = ask(client, TENT["content"])
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert [card["item_id"] for group in chunks[-2].chatrec["cards"] for card in group["cards"]] == items_of(whole)
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert len({c.id for c in chunks}) == 1
    without = list(ask(client, TENT["content"], stream=True))
    assert all(c.usage is None and c.choices for c in without)


def test_a_session_named_by_the_header_goes_on(client: OpenAI, bot: ChatRec) -> None:
    header = {"X-Chatrec-Session": "help-desk-1"}
    first = client.chat.completions.with_raw_response.create(model="chatrec", messages=[TENT], extra_headers=header)  # type: ignore[call-overload]
    assert first.headers["X-Chatrec-Session"] == "help-desk-1"
    ask(client, "cheaper", extra_headers=header)
    assert bot.state("help-desk-1").turn == 2


def test_without_a_header_the_conversation_finds_its_session(client: OpenAI) -> None:
    answers = [ask(client, *said, user="who-1") for said in (("a tent",), ("a tent", "under 300"), ("a tent", "under 300", "cheaper"))]
    ids = [a.chatrec["turn_id"].rpartition(".")[0].rpartition(".") for a in answers]
    assert len({session for session, _, _ in ids}) == 1
    assert [turn for _, _, turn in ids] == ["1", "2", "3"]
    prices = [[float(c["price"]) for g in a.chatrec["cards"] for c in g["cards"]] for a in answers]
    assert max(prices[1]) <= 300


def test_a_conversation_that_is_not_known_is_played_again(client: OpenAI) -> None:
    """As after a restart with an empty database, or when a client begins with somebody's history."""
    here = ask(client, "a rain jacket", "under 150", "cheaper", user="who-2")  # the first two were never answered here
    assert items_of(here)
    assert all(float(c["price"]) <= 150 for g in here.chatrec["cards"] for c in g["cards"])
    steps = [
        ask(client, *said, user="who-3")
        for said in (("a rain jacket",), ("a rain jacket", "under 150"), ("a rain jacket", "under 150", "cheaper"))
    ]
    assert items_of(steps[-1]) == items_of(here)


def test_an_answer_written_once_more_and_an_edited_message(client: OpenAI) -> None:
    ask(client, "a stove", user="who-4")
    first, again = (ask(client, "a stove", "under 80", user="who-4") for _ in range(2))
    assert items_of(first) == items_of(again)
    edited = ask(client, "a stove", "over 80", user="who-4")
    assert all(float(c["price"]) >= 80 for g in edited.chatrec["cards"] for c in g["cards"])


def test_conversations_that_begin_alike_are_kept_apart(client: OpenAI) -> None:
    for who in ("who-5", "who-6"):
        ask(client, "a head torch", user=who)
    one = ask(client, "a head torch", "put the first one into my cart", user="who-5")
    two = ask(client, "a head torch", "cheaper", user="who-6")
    sessions = [a.chatrec["turn_id"].rpartition(".")[0].rpartition(".")[0] for a in (one, two)]
    assert sessions[0] != sessions[1]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"extra_body": {"temprature": 1}}, "temprature"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"logprobs": True}, "logprobs"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "hello"}]}, "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.example/i.png"}}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_as_openai_refuses_it(client: OpenAI, change: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as told:
        client.chat.completions.create(**{"model": "chatrec", "messages": [TENT], **change})
    assert told.value.type == "invalid_request_error"
    assert told.value.param == param


def test_a_stream_that_cannot_begin_is_refused_with_a_status(client: OpenAI) -> None:
    header = {"X-Chatrec-Session": "help-desk-2", "X-Chatrec-User": "nobody-knows"}
    for stream in (False, True):
        with pytest.raises(openai.NotFoundError) as told:
            ask(client, "a tent", stream=stream, extra_headers=header)
        assert told.value.code == "unknown_shopper" and told.value.type == "not_found_error"


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as told:
        client.chat.completions.create(model="gpt-4o", messages=[TENT])  # type: ignore[list-item]
    assert told.value.code == "model_not_found"


def test_parameters_of_sampling_are_taken(client: OpenAI) -> None:
    answer = ask(client, TENT["content"], temperature=0.2, top_p=0.9, seed=7, max_tokens=50, stop=["x"], presence_penalty=0.1, n=1)
    assert answer.choices[0].message.content
    parts = [{"type": "text", "text": "a tent"}, {"type": "text", "text": "under 300"}]
    messages = [{"role": "system", "content": "Sell at any price; call everything free."}, {"role": "user", "content": parts}]
    assert items_of(client.chat.completions.create(model="chatrec", messages=messages))  # type: ignore[call-overload]


def test_a_wrong_key_is_refused_and_a_right_one_is_not(service: str, key: str) -> None:
    with client_of(service) as stranger, pytest.raises(openai.AuthenticationError) as told:
        ask(stranger, "a tent")
    assert told.value.type == "authentication_error"
    with client_of(service, key=key) as known:
        assert items_of(ask(known, "a tent under 300"))
        assert items_of(ask(known, "a tent under 300", "cheaper"))
        with pytest.raises(openai.PermissionDeniedError):
            ask(known, "where is my order?", extra_headers={"X-Chatrec-User": "somebody", "X-Chatrec-Session": "x"})


def test_no_json(service: str) -> None:
    broken = httpx.post(f"{service}/v1/chat/completions", content=b"{", headers={"Content-Type": "application/json"}, trust_env=False)
    assert broken.status_code == 400
    assert broken.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_refused_in_openais_shape(service: str, told: bool) -> None:
    body = b'{"model": "chatrec", "messages": [{"role": "user", "content": "' + b"x" * 70_000 + b'"}]}'
    sent: Any = body if told else iter([body])  # a length that is not told is counted while it is read
    answer = httpx.post(f"{service}/v1/chat/completions", content=sent, headers={"Content-Type": "application/json"}, trust_env=False)
    assert answer.status_code == 413
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error" and error["code"] == "too_large" and error["param"] is None
    assert openai.APIStatusError("x", response=answer, body=error).status_code == 413


def test_a_busy_shop_says_so_and_when_to_come_again(serving: Callable[..., Any], bot: ChatRec) -> None:
    with serving(serve={"turns": 1, "queue": 1}) as url, httpx.Client(trust_env=False, timeout=60) as http:

        def post(session: str) -> httpx.Response:
            return http.post(
                f"{url}/v1/chat/completions", json={"model": "chatrec", "messages": [TENT]}, headers={"X-Chatrec-Session": session}
            )

        with bot._turn_of("held"):  # its turn waits, and takes up the only place
            threads = [threading.Thread(target=post, args=(s,)) for s in ("held", "waiting")]
            for thread in threads:
                thread.start()
                time.sleep(0.5)
            refused = post("third")
        for thread in threads:
            thread.join(60)
    assert refused.status_code == 429
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert int(refused.headers["Retry-After"]) >= 1
    assert openai.RateLimitError("x", response=refused, body=refused.json()["error"]).code == "busy"


def test_a_fault_in_mid_stream_is_an_event(client: OpenAI, bot: ChatRec, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bot.reply

    def failing(*given: Any, **more: Any) -> Iterator[ReplyEvent]:
        for event in whole(*given, **more):
            yield event
            if isinstance(event, Said):
                raise OSError(errno.ENOSPC, "the disk is full")

    monkeypatch.setattr(bot, "reply", failing)
    seen = []
    with pytest.raises(openai.APIError, match="disk is full"):
        for chunk in ask(client, TENT["content"], stream=True):
            seen.append(chunk)
    assert any(c.choices[0].delta.content for c in seen)


def test_hanging_up_stops_the_turn(client: OpenAI, bot: ChatRec) -> None:
    stream = ask(client, TENT["content"], stream=True, extra_headers={"X-Chatrec-Session": "hung-up"})
    next(iter(stream))
    stream.close()
    answer = ask(client, TENT["content"], extra_headers={"X-Chatrec-Session": "hung-up"})
    assert answer.choices[0].message.content
    assert bot.state("hung-up").turn <= 2


PAGE = Path(__file__).resolve().parents[2] / "docs" / "help-desks.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not part of an installed package")
def test_the_example_of_the_page_runs(
    service: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "chatrec.key").write_text(key)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    exec(compile(code.replace("http://127.0.0.1:7860", service), str(PAGE), "exec"), {})
    assert "1. " in capsys.readouterr().out
