"""Who may do what: keys, widget tokens, callers on this machine, and everything that only looks like one of them."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from chatrec.errors import NotAuthenticated, NotPermitted, SettingsError
from chatrec.service.access import SCOPES, Caller, Gatekeeper, check_start, new_session_id, require, signer_of
from chatrec.service.headers import stand_around
from chatrec.service.tokens import Signer, rotate, signing_secrets
from chatrec.settings import Settings
from chatrec.storage.database import Database

HERE = ("127.0.0.1", 50000)
FAR = ("203.0.113.9", 50000)


@dataclass
class Shop:
    """A service with the real gate and a real database, whose routes tell who called."""

    folder: Path
    database: Database

    def client(
        self, peer: tuple[str, int] = HERE, host: str | None = None, base: str = "http://127.0.0.1:7860", **serve: Any
    ) -> TestClient:
        settings = Settings.model_validate({"serve": {"rate_address": "", "rate_key": "", "rate_session": "", **serve}})
        app = FastAPI()
        app.state.gate = Gatekeeper(self.database, settings.serve, lambda: signer_of(self.folder, self.database), host)

        @app.get("/v1/who")
        def who(caller: Annotated[Caller, Depends(require("chat"))], session: str | None = None, user: str | None = None) -> Any:
            return {
                "kind": caller.kind, "scopes": sorted(caller.scopes), "user": caller.shopper(user), "key_id": caller.key_id,
                "session": app.state.gate.session(caller, session),
            }  # fmt: skip

        @app.get("/v1/read/{session_id}")
        def read(session_id: str, caller: Annotated[Caller, Depends(require("chat"))]) -> Any:
            caller.must_see(session_id)
            return {}

        @app.get("/v1/funnel")
        def funnel(_: Annotated[Caller, Depends(require("analyst"))]) -> Any:
            return {}

        stand_around(app, settings)
        return TestClient(app, base_url=base, client=peer)

    def key(self, *scopes: str) -> str:
        return self.database.api_keys.create("a key", scopes)[1]

    def token(self, **said: Any) -> str:
        return signer_of(self.folder, self.database).make(**{"session_id": new_session_id(), **said})[0]


@pytest.fixture
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Shop]]:
    monkeypatch.delenv("CHATREC_SECRET", raising=False)
    monkeypatch.delenv("CHATREC_SECRET_FILE", raising=False)
    opened: list[Database] = []

    def make(name: str) -> Shop:
        (tmp_path / name).mkdir()
        opened.append(Database.open(tmp_path / name / "shop.db"))
        return Shop(tmp_path / name, opened[-1])

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def shop(open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop("shop")


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def refused(reply: httpx.Response, status: int, code: str) -> str:
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code), reply.text
    assert status != 401 or reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["cache-control"] == "no-store"
    return str(error["message"])


def test_without_keys_this_machine_may_do_everything(shop: Shop) -> None:
    said = shop.client().get("/v1/who").json()
    assert said["kind"] == "local" and said["scopes"] == sorted(SCOPES) and said["session"].startswith("s-")
    for base in ("http://localhost:7860", "http://[::1]:7860"):
        assert shop.client(peer=("::1", 1), base=base).get("/v1/who").status_code == 200


def test_with_the_first_key_this_machine_needs_one_too_even_when_it_is_revoked(shop: Shop) -> None:
    key = shop.key("chat")
    client = shop.client()
    refused(client.get("/v1/who"), 401, "unauthorized")
    assert client.get("/v1/who", headers=bearer(key)).json()["kind"] == "key"
    shop.database.api_keys.revoke("a key")
    refused(client.get("/v1/who"), 401, "unauthorized")
    assert "revoked" in refused(client.get("/v1/who", headers=bearer(key)), 401, "unauthorized")


@pytest.mark.parametrize(
    ("why", "kwargs", "headers"),
    [
        ("another machine", {"peer": FAR}, {}),
        ("a socket without an address", {"peer": ("", 0)}, {}),
        ("a proxy on this machine", {}, {"X-Forwarded-For": "203.0.113.9"}),
        ("a proxy that lies", {}, {"X-Forwarded-For": "127.0.0.1"}),
        ("another kind of proxy", {}, {"Forwarded": "for=127.0.0.1"}),
        ("a name that was pointed here", {"base": "http://evil.example:7860"}, {}),
        ("a name that begins like ours", {"base": "http://localhost.evil.example"}, {}),
        ("a page of another site", {}, {"Origin": "https://evil.example"}),
        ("a page of another port", {}, {"Origin": "http://127.0.0.1:9999"}),
        ("a sandboxed page", {}, {"Origin": "null"}),
        ("a broken name", {}, {"Host": "["}),
        ("a name behind brackets", {}, {"Host": "[::1]evil.example"}),
        ("listening for others too", {"host": "0.0.0.0"}, {}),
    ],
)  # fmt: skip
def test_who_only_looks_local_is_not(shop: Shop, why: str, kwargs: dict[str, Any], headers: dict[str, str]) -> None:
    refused(shop.client(**kwargs).get("/v1/who", headers=headers), 401, "unauthorized")


def test_our_own_page_on_this_machine_is_local(shop: Shop) -> None:
    assert shop.client().get("/v1/who", headers={"Origin": "http://127.0.0.1:7860"}).json()["kind"] == "local"


def test_an_open_shop_lets_everyone_chat_and_no_more(shop: Shop) -> None:
    client = shop.client(peer=FAR, host="0.0.0.0", open=True)
    said = client.get("/v1/who").json()
    assert said["kind"] == "open" and said["scopes"] == ["chat", "feedback", "recommend"] and said["user"] is None
    refused(client.get("/v1/funnel"), 403, "forbidden")
    refused(client.get("/v1/who", params={"user": "u1"}), 403, "forbidden")
    refused(client.get("/v1/who", params={"session": "session-1"}), 403, "forbidden")  # the next visitor could guess it
    assert client.get("/v1/who", params={"session": said["session"]}).json()["session"] == said["session"]
    refused(client.get("/v1/who", headers=bearer("crk_wrong")), 401, "unauthorized")  # a wrong key does not become no key


def test_a_key_has_its_scopes_and_no_other(shop: Shop) -> None:
    client = shop.client(peer=FAR)
    chat, analyst, both = shop.key("chat"), shop.key("analyst"), shop.key("chat", "users")
    assert client.get("/v1/who", headers=bearer(chat)).json()["scopes"] == ["chat"]
    assert "'analyst'" in refused(client.get("/v1/funnel", headers=bearer(chat)), 403, "forbidden")
    refused(client.get("/v1/who", headers=bearer(analyst)), 403, "forbidden")
    assert client.get("/v1/funnel", headers=bearer(analyst)).status_code == 200
    refused(client.get("/v1/who", params={"user": "u1"}, headers=bearer(chat)), 403, "forbidden")
    assert client.get("/v1/who", params={"user": "u1", "session": "own-1"}, headers=bearer(both)).json()["user"] == "u1"
    refused(client.get("/v1/read/s-1", headers=bearer(chat)), 403, "forbidden")
    assert client.get("/v1/read/s-1", headers=bearer(shop.key("chat", "sessions"))).status_code == 200


def test_requests_are_counted_by_key_session_and_address(shop: Shop) -> None:
    one, two = (bearer(shop.database.api_keys.create(name, ["chat"])[1]) for name in ("one", "two"))

    def statuses(client: TestClient, times: int, headers: dict[str, str], **params: str) -> list[int]:
        return [client.get("/v1/who", headers=headers, params=params).status_code for _ in range(times)]

    client = shop.client(peer=FAR, rate_key="2/minute", rate_address="3/minute")
    assert statuses(client, 3, one) == [200, 200, 429] and statuses(client, 1, two) == [200]  # an address of servers is not counted
    late = client.get("/v1/who", headers=one)
    assert "key" in refused(late, 429, "rate") and late.headers["retry-after"] == str(late.json()["error"]["retry_after_s"])
    assert statuses(client, 4, bearer("crk_wrong")) == [401, 401, 401, 429]  # guessing is
    sessions = shop.client(peer=FAR, rate_session="1/minute", rate_address="9/minute")
    mine, other = bearer(shop.token()), bearer(shop.token())
    assert statuses(sessions, 2, mine) == [200, 429] and statuses(sessions, 1, other) == [200]
    assert "address" in refused([sessions.get("/v1/who", headers=bearer(shop.token())) for _ in range(7)][-1], 429, "rate")


def test_this_machine_is_not_counted_while_there_is_no_key(shop: Shop) -> None:
    client = shop.client(rate_key="1/minute", rate_address="1/minute", rate_session="1/minute")
    assert {client.get("/v1/who", params={"session": "s-1"}).status_code for _ in range(5)} == {200}


def test_a_widget_token_is_good_for_its_own_session_and_shopper(shop: Shop) -> None:
    client, mine, other = shop.client(peer=FAR), new_session_id(), new_session_id()
    token = bearer(shop.token(session_id=mine, user_id="u1"))
    said = client.get("/v1/who", headers=token).json()
    assert (said["kind"], said["session"], said["user"]) == ("widget", mine, "u1")
    assert said["scopes"] == ["chat", "feedback", "recommend"]
    assert client.get(f"/v1/read/{mine}", headers=token).status_code == 200
    assert client.get("/v1/who", params={"session": mine, "user": "u1"}, headers=token).status_code == 200
    told = {
        refused(client.get(url, params=asked, headers=token), 403, "forbidden")
        for url, asked in (("/v1/read/" + other, {}), ("/v1/read/" + mine.lower(), {}), ("/v1/read/%20" + mine, {}))
    }
    assert len(told) == 1  # the same, whether there is such a session or not
    refused(client.get("/v1/who", params={"session": other}, headers=token), 403, "forbidden")
    refused(client.get("/v1/who", params={"user": "u2"}, headers=token), 403, "forbidden")
    refused(client.get("/v1/funnel", headers=token), 403, "forbidden")


def test_keys_and_tokens_of_one_shop_are_nothing_in_another(open_shop: Callable[[str], Shop]) -> None:
    one, two = open_shop("one"), open_shop("two")
    two.key("chat")
    client = two.client()
    refused(client.get("/v1/who", headers=bearer(one.key("chat"))), 401, "unauthorized")
    refused(client.get("/v1/who", headers=bearer(one.token())), 401, "unauthorized")
    # Also where both shops sign with the same secret.
    signer = Signer(signing_secrets(two.folder), one.database.api_keys.shop_mark())
    refused(client.get("/v1/who", headers=bearer(signer.make(new_session_id())[0])), 401, "unauthorized")
    assert client.get("/v1/who", headers=bearer(two.token())).status_code == 200


def test_a_token_ends_with_its_time_its_key_and_its_secret(shop: Shop) -> None:
    client = shop.client(peer=FAR)
    key, _ = shop.database.api_keys.create("web shop", ["users"])
    late = Signer(signing_secrets(shop.folder), shop.database.api_keys.shop_mark(), lambda: 1_700_000_000.0)
    assert "expired" in refused(client.get("/v1/who", headers=bearer(late.make(new_session_id())[0])), 401, "token_expired")
    of_key, by_hand = shop.token(key_id=key.key_id), shop.token()
    assert client.get("/v1/who", headers=bearer(of_key)).status_code == 200
    shop.database.api_keys.revoke("web shop")
    refused(client.get("/v1/who", headers=bearer(of_key)), 401, "unauthorized")
    rotate(shop.folder)
    assert client.get("/v1/who", headers=bearer(by_hand)).status_code == 200  # the secret before is accepted
    assert client.get("/v1/who", headers=bearer(shop.token())).status_code == 200
    rotate(shop.folder)
    refused(client.get("/v1/who", headers=bearer(by_hand)), 401, "unauthorized")


def _forged(shop: Shop) -> dict[str, str]:
    secret, mark = signing_secrets(shop.folder)[0], shop.database.api_keys.shop_mark()
    good = {"aud": mark, "sid": new_session_id(), "scope": "chat", "iat": 1, "exp": 4_000_000_000}

    def signed(**change: Any) -> str:
        claims = {name: value for name, value in {**good, **change}.items() if value is not None}
        return jwt.encode(claims, secret, algorithm="HS256")

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head, body, mac = signed().split(".")
    return {
        "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg None": f"{part({'alg': 'None', 'typ': 'JWT'})}.{body}.{mac}",
        "alg of another family": f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{body}.{mac}",
        "HS512": jwt.encode(good, secret * 2, algorithm="HS512"),
        "another secret": jwt.encode(good, "x" * 48, algorithm="HS256"),
        "no signature": f"{head}.{body}.",
        "changed body": f"{head}.{part({**good, 'sid': 'other'})}.{mac}",
        "wrong audience": signed(aud="another-shop"),
        "list of audiences without ours": signed(aud=["a", "b"]),
        "no audience": signed(aud=None),
        "no session": signed(sid=None),
        "empty session": signed(sid=""),
        "session that is a list": signed(sid=["a"]),
        "session with a line break": signed(sid="a\r\nSet-Cookie: x=y"),
        "no end": signed(exp=None),
        "an end that is no number": signed(exp="tomorrow"),
        "an endless end": signed(exp=1e400),
        "shopper that is no text": signed(sub=7),
        "scope that is a list": signed(scope=["analyst"]),
        "two parts": f"{head}.{body}",
        "not base64": "a.b.c",
        "not JSON": f"{base64.urlsafe_b64encode(b'{').decode()}.{body}.{mac}",
        "deep JSON": f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.{body}.{mac}",
        "only dots": "..",
        "far too long": "a" * 20_000 + ".b.c",
    }


def test_forged_and_broken_tokens_are_refused(shop: Shop) -> None:
    client = shop.client(peer=FAR, open=True)
    for why, token in _forged(shop).items():
        assert "secret" not in refused(client.get("/v1/who", headers=bearer(token)), 401, "unauthorized"), why


def test_a_token_cannot_carry_more_than_a_widget_may(shop: Shop) -> None:
    secret, mark = signing_secrets(shop.folder)[0], shop.database.api_keys.shop_mark()
    claims = {"aud": mark, "sid": new_session_id(), "scope": "chat sessions analyst users", "iat": 1, "exp": 4_000_000_000}
    said = shop.client(peer=FAR).get("/v1/who", headers=bearer(jwt.encode(claims, secret, algorithm="HS256"))).json()
    assert said["scopes"] == ["chat"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dTpw", "bearer", "Bearer crk_", "Token crk_x", "Bearer crk_\u00fc", "Bearer \x00", "Bearer a b c", "Bearer " + "x" * 60_000],
)  # fmt: skip
def test_headers_that_say_nothing_are_refused(shop: Shop, header: str) -> None:
    client = shop.client()  # local: a broken header must not fall back to "no key, this machine"
    refused(client.get("/v1/who", headers={"Authorization": header.encode("latin-1")}), 401, "unauthorized")


def test_two_headers_are_refused_and_the_scheme_has_no_case(shop: Shop) -> None:
    key, client = shop.key("chat"), shop.client()
    refused(client.get("/v1/who", headers=[("Authorization", f"Bearer {key}"), ("Authorization", "Bearer x")]), 401, "unauthorized")
    assert client.get("/v1/who", headers={"Authorization": f"bEaReR {key}"}).status_code == 200


@pytest.mark.parametrize("name", ["key", "api_key", "token", "access_token", "Authorization", "anything"])
def test_a_key_in_the_address_is_refused_even_a_good_one(shop: Shop, name: str) -> None:
    key = shop.key("chat")
    message = refused(shop.client().get("/v1/who", params={name: key}, headers=bearer(key)), 401, "unauthorized")
    assert key not in message and "header" in message


def test_an_address_behind_a_trusted_proxy_is_the_last_one_that_is_not_ours(shop: Shop) -> None:
    gate = Gatekeeper(shop.database, Settings.model_validate({"serve": {"proxies": ["10.0.0.0/8", "::1"]}}).serve, lambda: None)  # type: ignore[arg-type,return-value]

    def seen(peer: str, *forwarded: str) -> str:
        from starlette.requests import Request

        headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
        return gate.address(Request({"type": "http", "client": (peer, 1), "headers": headers}))

    assert seen("203.0.113.9", "1.2.3.4") == "203.0.113.9"  # not our proxy: what it says does not count
    assert seen("10.0.0.1", "1.2.3.4") == "1.2.3.4"
    assert seen("10.0.0.1", "6.6.6.6, 1.2.3.4") == "1.2.3.4"  # the caller wrote the first one
    assert seen("10.0.0.1", "6.6.6.6", "1.2.3.4, 10.0.0.2") == "1.2.3.4"
    assert seen("::1", "[2001:db8::1]:443") == "2001:db8::1"
    assert seen("10.0.0.1", "1.2.3.4:5678") == "1.2.3.4" == seen("::ffff:10.0.0.1", "1.2.3.4")
    for odd in ("", " , ,", "unknown", "<script>", "1.2.3.4.5", "localhost"):
        assert seen("10.0.0.1", odd) == "10.0.0.1"
    assert seen("10.0.0.1", ",".join(["9.9.9.9"] * 5000 + ["1.2.3.4"])) == "1.2.3.4"


def test_a_trusted_proxy_on_this_machine_still_makes_nobody_local(shop: Shop) -> None:
    refused(shop.client(proxies=["127.0.0.1"]).get("/v1/who", headers={"X-Forwarded-For": "127.0.0.1"}), 401, "unauthorized")


def test_the_service_does_not_start_where_nobody_or_everybody_could_call(shop: Shop) -> None:
    def start(host: str, **serve: Any) -> None:
        check_start(shop.database, Settings.model_validate({"serve": serve}).serve, host)

    for host in ("127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.53"):
        start(host)
    for host in ("0.0.0.0", "::", "192.0.2.7", "shop.example", "", "127.0.0.1.example", "localhost.example"):
        with pytest.raises(SettingsError, match="chatrec keys create"):
            start(host)
        start(host, open=True)
    shop.key("chat")
    start("0.0.0.0")
    shop.database.api_keys.revoke("a key")
    with pytest.raises(SettingsError, match="API key"):
        start("0.0.0.0")


def test_the_secret_is_made_once_and_for_its_owner_alone(shop: Shop) -> None:
    first = signing_secrets(shop.folder)
    path = shop.folder / "secret"
    assert len(first) == 1 and len(first[0]) >= 64 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing_secrets(shop.folder) == first
    assert [p.name for p in shop.folder.iterdir() if "secret" in p.name] == ["secret"]
    assert rotate(shop.folder) == path and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing_secrets(shop.folder)[1:] == first
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        signing_secrets(shop.folder)


def test_the_secret_comes_from_the_environment_where_it_is_set(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_SECRET", "n" * 40 + " " + "o" * 40)
    assert signing_secrets(shop.folder) == ("n" * 40, "o" * 40) and not (shop.folder / "secret").exists()
    with pytest.raises(SettingsError, match="CHATREC_SECRET"):
        rotate(shop.folder)
    for wrong, says in (("tiny", "shorter than 32"), ("  ", "0 secrets"), (f"{'a' * 40} {'b' * 40} {'c' * 40}", "3 secrets")):
        monkeypatch.setenv("CHATREC_SECRET", wrong)
        with pytest.raises(SettingsError, match=says) as raised:
            signing_secrets(shop.folder)
        assert wrong.strip() == "" or wrong.split()[0] not in str(raised.value)
    monkeypatch.delenv("CHATREC_SECRET")
    (tmp_path / "mounted").write_text("m" * 40 + "\n")
    monkeypatch.setenv("CHATREC_SECRET_FILE", str(tmp_path / "mounted"))
    assert signing_secrets(shop.folder) == ("m" * 40,)
    monkeypatch.setenv("CHATREC_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match="absent"):
        signing_secrets(shop.folder)


def test_many_processes_that_come_first_agree_on_one_secret(shop: Shop) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: signing_secrets(shop.folder), range(32)))
    assert len(found) == 1 and [p.name for p in shop.folder.iterdir() if "secret" in p.name] == ["secret"]


def test_a_caller_knows_what_it_may() -> None:
    with pytest.raises(ValueError, match="known: chat"):
        require("everything")
    with pytest.raises(NotPermitted):
        Caller("open", frozenset()).must_see("guess")
    with pytest.raises(NotAuthenticated):
        Signer(("x" * 48,), "mark").read("not a token")
