"""The whole service, twice: what belongs to one shop is nothing in another; and no log holds a shopper's words, a key or a token."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from chatrec.bot import ChatRec
from chatrec.service.access import new_session_id
from chatrec.service.app import make_app
from chatrec.service.listen import listening
from chatrec.settings import Settings
from chatrec.shops import prepare_demo
from chatrec.storage import schema

# Words that no library writes by itself, and data that must never be found in a log.
SECRETS = (
    "zyxophonia",
    "quixotrel",
    "jane.q.public@mailbox.example",
    "4111 1111 1111 1111",
    "4111",
    "+44 7700 900123",
    "DE89370400440532013000",
)
MESSAGE = (
    f"a {SECRETS[0]} tent for jane.q.public@mailbox.example, card 4111 1111 1111 1111, IBAN DE89370400440532013000, call +44 7700 900123"
)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture(scope="module")
def other_bot(demo_bot: ChatRec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """A second shop with the same catalogue and shoppers, so that nothing but the shop itself can tell them apart."""
    folder = Path(shutil.copytree(prepare_demo(), tmp_path_factory.mktemp("other") / "shop"))
    with ChatRec.open(folder, settings={"model": {"engine": "template"}}, embedder=demo_bot._embedder) as bot:
        yield bot


@pytest.fixture(scope="module")
def keyed(demo_bot: ChatRec, other_bot: ChatRec) -> Iterator[tuple[httpx.Client, str, httpx.Client, str]]:
    """Client and key of each of the two, both listening."""
    scopes = ("chat", "recommend", "feedback", "sessions", "users")
    one, two = (bot.database.api_keys.create("web shop", scopes)[1] for bot in (demo_bot, other_bot))
    with (
        listening(make_app(demo_bot, page=False)) as here,
        listening(make_app(other_bot, page=False)) as there,
        httpx.Client(base_url=here, timeout=60) as first,
        httpx.Client(base_url=there, timeout=60) as second,
    ):
        yield first, one, second, two
    with demo_bot.database._connections.writing() as connection:  # other tests share this shop, and have no key
        connection.execute(delete(schema.api_keys))


def test_keys_tokens_and_sessions_stay_in_their_shop(keyed: Any) -> None:
    first, one, second, two = keyed
    made = first.post("/v1/tokens", json={"minutes": 5}, headers=bearer(one)).json()
    session, token = made["session_id"], bearer(made["token"])
    assert first.post("/v1/chat", json={"message": "a tent under 300"}, headers=token).json()["session_id"] == session
    assert first.get(f"/v1/sessions/{session}", headers=bearer(one)).json()["turns"]
    for wrong in (bearer(one), token):
        assert second.post("/v1/chat", json={"message": "hello"}, headers=wrong).status_code == 401
        assert second.get(f"/v1/sessions/{session}", headers=wrong).status_code == 401
    read = second.get(f"/v1/sessions/{session}", headers=bearer(two))
    assert read.status_code == 404 or not read.json()["turns"]
    assert first.get(f"/v1/sessions/{session}", headers=token).json()["turns"]


def test_a_token_reads_and_changes_no_other_session(keyed: Any, demo_bot: ChatRec) -> None:
    first, one, *_ = keyed
    theirs = first.post("/v1/chat", json={"message": "a stove"}, headers=bearer(one)).json()
    mine = first.post("/v1/tokens", json={}, headers=bearer(one)).json()
    token, other, turn = bearer(mine["token"]), theirs["session_id"], theirs["turn_id"]
    item = theirs["cards"][0]["cards"][0]["item_id"]
    for method, path, body in (
        ("GET", f"/v1/sessions/{other}", None),
        ("DELETE", f"/v1/sessions/{other}", None),
        ("POST", f"/v1/sessions/{other}/drop", {"need_id": 0, "key": "x"}),
        ("POST", f"/v1/sessions/{other}/cart", {"item_id": item}),
        ("POST", "/v1/feedback", {"session_id": other, "item_id": item, "kind": "like"}),
        ("POST", "/v1/forget", {"session_id": other}),
        ("POST", "/v1/forget", {"user_id": "u0001"}),
        ("GET", f"/v1/turns/{turn}", None),
        ("POST", "/v1/chat", {"message": "hello", "session_id": other}),
        ("POST", "/v1/chat", {"message": "hello", "receipt": True}),
        ("GET", f"/v1/recommend/home?session_id={other}", None),
        ("POST", "/v1/tokens", {}),
        ("GET", "/metrics", None),
    ):
        reply = first.request(method, path, json=body, headers=token)
        assert reply.status_code == 403, (method, path, reply.text)
        assert theirs["text"] not in reply.text
    assert demo_bot.state(other).turn == 1


def test_a_token_is_made_for_known_shoppers_and_their_own_sessions(keyed: Any, demo_bot: ChatRec) -> None:
    first, one, *_ = keyed
    known = sorted(demo_bot.database.users.all())[:2]
    owned = new_session_id()
    asked = {"message": "hello", "session_id": owned, "user_id": known[0]}
    assert first.post("/v1/chat", json=asked, headers=bearer(one)).status_code == 200

    def make(**asked: Any) -> httpx.Response:
        return first.post("/v1/tokens", json=asked, headers=bearer(one))

    assert make(user_id=known[0], session_id=owned).status_code == 200
    assert make(user_id=known[1], session_id=owned).status_code == 409
    assert make(session_id=owned).status_code == 409  # a visitor does not inherit it either
    assert make(user_id="no-such-shopper").status_code == 404
    for wrong in ({"minutes": 0}, {"minutes": 100_000}, {"scopes": ["analyst"]}, {"user_id": ""}, {"session_id": "x" * 201}):
        assert make(**wrong).status_code in (400, 422), wrong
    assert make(session_id="a\r\nb").status_code in (400, 409, 422)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All loggers that there are say all they can."""
    loggers = [logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)]
    levels = {logger: (logger.level, logger.disabled) for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    caplog.handler.setLevel(logging.DEBUG)
    # The client of this test is no part of the service; SQLAlchemy's DEBUG prints every row that is read, and must be switched on by name.
    logging.getLogger("sqlalchemy").setLevel(logging.INFO)
    for name in (n for n in logging.root.manager.loggerDict if n.startswith("sqlalchemy.")):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("httpx", *(n for n in logging.root.manager.loggerDict if n.startswith("httpcore"))):
        logging.getLogger(name).setLevel(logging.WARNING)
    yield caplog
    for logger, (level, disabled) in levels.items():
        logger.setLevel(level)
        logger.disabled = disabled


# The digits of a moment or of a thread hold any four digits by chance.
COUNTED = {"created", "msecs", "relativeCreated", "thread", "process"}


def told(record: logging.LogRecord) -> str:
    """All that a record carries, whether a handler prints it or not."""
    return str({name: value for name, value in vars(record).items() if name not in COUNTED})


def test_no_log_holds_words_keys_or_tokens(
    keyed: Any, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    first, one, *_ = keyed
    made = first.post("/v1/tokens", json={}, headers=bearer(one)).json()
    token, words = made["token"], {"message": MESSAGE}
    calls: list[httpx.Response] = [
        first.post("/v1/chat", json=words, headers=bearer(token)),
        first.post("/v1/chat", json={**words, "stream": True}, headers=bearer(token)),
        first.post("/v1/chat", json=words, headers=bearer(one + "x")),
        first.post("/v1/chat", json=words, headers=bearer(token[:-3])),
        first.post("/v1/chat", json={**words, "wrong": MESSAGE}, headers=bearer(one)),
        first.post("/v1/chat", content=MESSAGE.encode(), headers={**bearer(one), "Content-Type": "application/json"}),
        first.post("/v1/chat", json={**words, "session_id": f"{SECRETS[1]}\n{token}"}, headers=bearer(one)),
        first.get("/v1/recommend/search", params={"q": MESSAGE}, headers=bearer(one)),
        first.get("/v1/recommend/search", params={"q": MESSAGE, "token": token}),
        first.get("/v1/recommend/search", params={"q": MESSAGE, "key": one}),
        first.get(f"/v1/items/{SECRETS[1]}", headers=bearer(one)),
        first.get(f"/v1/nothing/{SECRETS[1]}", params={"q": SECRETS[0]}),
        first.post("/v1/chat/completions", json={"model": "chatrec", "messages": [{"role": "user", "content": MESSAGE}]}, headers=bearer(one)),
        first.post("/v1/chat", content=MESSAGE.encode() * 2000, headers=bearer(one)),
    ]  # fmt: skip
    assert [reply.status_code for reply in calls[:2]] == [200, 200] and "event: done" in calls[1].text
    assert {reply.status_code for reply in calls} <= {200, 400, 401, 403, 404, 409, 413, 422}, [r.status_code for r in calls]
    written = "\n".join((everything_logged.text, *map(told, everything_logged.records), *capfd.readouterr()))
    assert "turn" in written  # it was logged that there was a turn
    found = [secret for secret in (*SECRETS, one, token, token.split(".")[2], "q=") if secret in written]
    assert not found, [line for line in written.splitlines() if any(secret in line for secret in found)][:5]


def test_words_are_logged_where_the_shop_wants_them_without_personal_data(other_bot: ChatRec, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings.model_validate({**other_bot.settings.model_dump(), "serve": {"log_words": True}})
    make_app(other_bot, settings, page=False)
    with caplog.at_level(logging.INFO, "chatrec"):
        list(other_bot.reply(new_session_id(), f"{MESSAGE}, order number AB-12345"))
    (heard,) = [r.getMessage() for r in caplog.records if r.getMessage().startswith("heard: ")]
    assert SECRETS[0] in heard and "tent" in heard
    assert not [secret for secret in (*SECRETS[2:], "AB-12345", "12345") if secret in heard]
