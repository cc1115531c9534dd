"""Typed settings: defaults, then the shop's ``chatrec.toml``, then environment variables ``CHATREC_<SECTION>__<NAME>``.

An unknown key is an error: a misspelt setting must not be silently ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from chatrec.domain.event import EventKind
from chatrec.errors import SettingsError
from chatrec.setting_sources import settings_layers

# An origin as a browser sends it: no path, no slash at the end, no star.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?|https?://\[[0-9a-f:]+\](?::\d{1,5})?")
_RATE = r"[1-9]\d{0,6}/(?:second|minute|hour|day)"
_RATES = re.compile(f"{_RATE}(?:;{_RATE})*")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ShopSettings(_Section):
    """The shop itself."""

    name: str = Field("", description="the shop's name, as the bot says it")
    currency: str = Field("USD", description="used where a record names none")
    picture_hosts: tuple[str, ...] = Field((), description="hosts whose pictures may be shown; all others get a drawn placeholder")


class OfferSettings(_Section):
    """What is offered."""

    shown: int = Field(3, ge=1, le=10, description="cards in a reply")
    pool: int = Field(100, ge=10, le=1000, description="candidates that reach the re-ranker")
    diversity: float = Field(0.3, ge=0.0, le=1.0, description="0: by relevance alone; 1: as varied as possible")
    distance: float = Field(1 / 3, ge=0.0, le=10.0, description="variety: weight of unlike items against even categories, brands, prices")
    reranker: str = Field("entropy", description="entropy, mmr, msd, dpp, cover, ssd, random_subset or none")
    fusion_text: float = Field(0.6, ge=0.0, le=1.0, description="share of text relevance against behaviour when something was asked for")
    fusion_wishes: float = Field(0.6, ge=0.0, le=1.0, description='share of soft wishes ("ideally blue") against relevance')
    fusion_dense: float = Field(0.4, ge=0.0, le=1.0, description="share of dense retrieval against BM25 inside text relevance")


class RuleSettings(_Section):
    """What the shop's owner moves by hand, within bounds: by item id, or by facet value in lower case ("brand:acme", "category:tents")."""

    pins: tuple[str, ...] = Field((), description="first, where they are candidates; at most half of a list")
    bury: tuple[str, ...] = Field((), description="only where too little else is left")
    boosts: dict[str, float] = Field({}, description="added to a relevance in [0, 1]; at most 0.25 either way")


class TrainSettings(_Section):
    """Who likes what, learnt from the event log."""

    models: tuple[str, ...] = Field((), description="models to choose from; empty: all that fit the size of the shop")
    search: Literal["none", "quick", "wide"] = Field("quick", description="how many settings of each model are tried on held-out choices")
    dense_items: int = Field(15_000, ge=1, description="above this many items no model compares every item with every other")
    settings: dict[str, dict[str, float | int | str | bool]] = Field(
        {}, description="settings of single models over what is tried, by the model's name: {ials = {factors = 64}}"
    )
    weights: dict[str, float] = Field(
        {}, description="what an event says by its kind (view, click, cart, like, purchase, dislike), in place of the usual weight"
    )
    popularity_days: float = Field(90.0, gt=0.0, description="after so many days an event counts half for popularity")
    likings_days: float = Field(0.0, ge=0.0, description="after so many days an event counts half for who likes what; 0: never")

    @field_validator("models", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("weights", "settings", mode="before")
    @classmethod
    def _parsed(cls, value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("weights")
    @classmethod
    def _known(cls, value: dict[str, float]) -> dict[str, float]:
        kinds = [kind.value for kind in EventKind if kind is not EventKind.RATING]
        if wrong := sorted(set(value) - set(kinds)):
            raise ValueError(f"there is no event '{wrong[0]}'; known: {', '.join(kinds)}")
        return value


class ModelSettings(_Section):
    """The language model."""

    engine: str = Field("auto", description="auto (openvino on a CPU, transformers on a GPU), openvino, transformers, openai or template")
    base: str = Field("smollm2-135m-instruct", description="the built-in base, or a folder with a transformers model")
    adapter: str = Field("auto", description="auto (the shipped one), none, or a folder")
    url: str = Field("", description="base URL of an OpenAI-compatible server (engine = openai)")
    remote_model: str = Field("", description="model name on that server")
    max_tokens: int = Field(110, ge=16, le=2048, description="most tokens of one written reply")
    time_budget_s: float = Field(
        20.0, gt=0.0, description="a turn's time for the language model; after it the template writer finishes the reply"
    )
    threads: int = Field(0, ge=0, description="CPU threads; 0 lets the engine choose")


class UnderstandingSettings(_Section):
    """How messages are read."""

    engine: Literal["rules", "model"] = Field(
        "rules",
        description="rules; or model: where the rules are unsure the language model of [model] is asked, for JSON of a fixed schema",
    )
    time_budget_s: float = Field(10.0, gt=0.0, description="engine = model: after this the rules' reading stands")


class DialogueSettings(_Section):
    """Limits of a dialogue."""

    message_chars: int = Field(2000, ge=100, le=100_000, description="longer messages are cut, and the shopper is told")
    session_days: float = Field(30.0, gt=0.0, description="a session unused for this long is forgotten")
    ask: bool = Field(True, description="whether clarifying questions may be asked")
    questions: Literal["information_gain", "most_used", "off"] = Field(
        "information_gain", description="how a clarifying question is chosen; most_used: the facet that shoppers name most often"
    )


class ReturnSettings(_Section):
    """What may come back, as the bot may tell it of a shopper's own orders. It never promises a refund."""

    days: int = Field(0, ge=0, le=3650, description="days after delivery; 0: not told, and only the order's dates are given")
    excluded: tuple[str, ...] = Field((), description="categories that cannot be sent back")


class ToolSettings(_Section):
    """The tools that a shop registers."""

    # 25 paraphrases of five tools with two examples each: at 0.5 19 are recognised, and 2 of 300 other messages taken for one; at 0.6 10.
    least_score: float = Field(0.5, ge=0.0, le=1.0, description="how near a message must come to one of a tool's examples (cosine)")


class StorageSettings(_Section):
    """Where the rows are kept."""

    url: str = Field(
        "",
        description="database URL, such as postgresql+psycopg://user@host/shop; empty: shop.db in the shop's folder. Best given by the "
        "environment (CHATREC_STORAGE__URL), since it may hold a password",
    )


class ServeSettings(_Section):
    """The faces."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(7860, ge=1, le=65535, description="port to listen on")
    workers: int = Field(
        1, ge=1, le=64,
        description="processes that serve this shop side by side; with more than one, each opens a copy of an index that another has open, "
        "and the turns of one session wait for each other across them",
    )  # fmt: skip
    turns: int = Field(4, ge=1, le=256, description="turns that are computed at once in one process, lists for pages among them")
    # The model writes eight replies at once, about 80 a minute on two cores: the last of so many has its words within model.time_budget_s.
    writing: int = Field(
        16, ge=0, le=256, description="turns beside these that wait for the language model's words; one more keeps its place among them"
    )
    queue: int = Field(16, ge=1, description="turns that may wait; more are told that the shop is busy")
    turn_budget_s: float = Field(60.0, gt=0.0, description="longest time of one turn over HTTP, the wait for its place included")
    open: bool = Field(
        False, description="whether callers without a key may chat, ask for recommendations and give feedback, on any address"
    )
    page: Literal["local", "open", "off"] = Field(
        "local", description="who may use the chat page at /: this machine (everyone with open = true), everyone, or nobody"
    )
    cors: tuple[str, ...] = Field(
        (), description="origins whose pages may call the API (https://shop.example): the shop's own, for the widget"
    )
    frames: tuple[str, ...] = Field((), description="origins that may show our pages in a frame; none but our own otherwise")
    proxies: tuple[str, ...] = Field(
        (), description="addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For says who calls; of all others it is ignored"
    )
    rate_address: str = Field(
        "120/minute", description="most requests of one address that has no API key; 30/minute;500/hour holds both; empty: any number"
    )
    rate_key: str = Field("1200/minute", description="most requests of one API key; empty: any number")
    rate_session: str = Field("30/minute", description="most turns of one session; empty: any number")
    rate_storage: str = Field(
        "memory://", description="where requests are counted: each worker alone (memory://), or together (redis://host:6379)"
    )
    body_bytes: int = Field(65_536, ge=1024, le=16_777_216, description="largest body of a request; longer ones are refused unread")
    log_words: bool = Field(False, description="whether the log may hold what shoppers write, personal data taken out")

    @field_validator("cors", "frames", "proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors", "frames")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"'{origin}' is no origin; write scheme and host as a browser sends them: https://shop.example")
        return value

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("rate_address", "rate_key", "rate_session")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value and not _RATES.fullmatch(value):
            raise ValueError(f"'{value}' is no rate; write 30/minute, or 30/minute;500/hour")
        return value


class LogSettings(_Section):
    """What the service writes about its work, to standard error. No line holds a shopper's words, a key or a token."""

    format: Literal["text", "json"] = Field("text", description="text for reading, or one JSON object a line for a log collector")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is written")


class TelemetrySettings(_Section):
    """What can be measured from outside. Nothing leaves the machine unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector."""

    metrics: bool = Field(True, description="whether /metrics answers (to this machine, or to a key with the scope metrics)")
    content: bool = Field(False, description="whether spans carry what shoppers wrote and what was answered")


class ChatwootSettings(_Section):
    """The agent bot of a Chatwoot help desk (webhook: /webhooks/chatwoot). All three are needed."""

    url: str = Field("", pattern=r"^(https?://\S+)?$", description="where Chatwoot is reached: https://desk.example")
    token: str = Field("", description="the agent bot's access token; best given by the environment (CHATREC_CHATWOOT__TOKEN)")
    secret: str = Field("", description="the agent bot's webhook secret; best given by the environment (CHATREC_CHATWOOT__SECRET)")


class Settings(_Section):
    """All settings of one shop."""

    shop: ShopSettings = ShopSettings()
    offer: OfferSettings = OfferSettings()
    rules: RuleSettings = RuleSettings()
    train: TrainSettings = TrainSettings()
    model: ModelSettings = ModelSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    dialogue: DialogueSettings = DialogueSettings()
    returns: ReturnSettings = ReturnSettings()
    tools: ToolSettings = ToolSettings()
    storage: StorageSettings = StorageSettings()
    serve: ServeSettings = ServeSettings()
    chatwoot: ChatwootSettings = ChatwootSettings()
    log: LogSettings = LogSettings()
    telemetry: TelemetrySettings = TelemetrySettings()


def load_settings(folder: Path | None = None, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Settings:
    """Settings for the shop in ``folder``. Order of force: ``overrides``, environment, ``chatrec.toml``, defaults.

    Raises :class:`SettingsError` naming the key, its value and what is allowed.
    """
    merged: dict[str, dict[str, Any]] = {}
    for layer in (*reversed(settings_layers(folder).values()), overrides or {}):
        for section, values in layer.items():
            if not isinstance(values, Mapping):
                raise SettingsError(f"settings section '{section}' must be a table of names and values, got {values!r}")
            merged.setdefault(section, {}).update(values)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        lines = [_setting_error(tuple(str(p) for p in e["loc"]), e["input"], e["type"], e["msg"]) for e in error.errors()]
        raise SettingsError("settings cannot be used:\n  " + "\n  ".join(lines)) from error


def _setting_error(place: tuple[str, ...], value: object, kind: str, reason: str) -> str:
    """One line: the setting, its value, and for a name that there is not, those that there are."""
    line = f"{'.'.join(place)} = {value!r}"
    if kind != "extra_forbidden":
        return f"{line}: {reason}"
    known = Settings.model_fields if len(place) < 2 else type(getattr(Settings(), place[0])).model_fields
    near = get_close_matches(place[-1], known, n=1)
    meant = f"did you mean '{near[0]}'? " if near else ""
    return f"{line}: there is no such {'section' if len(place) < 2 else 'setting'}; {meant}known: {', '.join(known)}"
