"""Where something is missing the answer is weaker, says so, and never breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.errors import GeneratorFailed, SettingsError
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.template import TemplateWriter
from chatrec.generation.writer import GroundedWriter
from chatrec.protocols import Generator
from chatrec.resources import prompts_folder
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.testing.embedders import HashingEmbedder
from chatrec.testing.generators import ScriptedGenerator
from chatrec.wiring import Words

from .shop import TEMPLATE, build_shop, open_shop, product_rows, say

LINES = ("hello", "a kettle under 50", "compare the first two", "what is the first one made of?", "do you ship to Malta?", "show me others")


class BrokenEngine:
    """Fails in a way that no engine of ours announces."""

    name = "broken"

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        raise MemoryError("the device is gone")


class SlowEngine:
    """Gives a word now and then, for ever."""

    name = "slow"

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        while True:
            time.sleep(0.05)
            yield "kettle "


def spoken_by(shop: Path, generator: Generator, time_budget_s: float = 20.0) -> ChatRec:
    """The shop answered by this generator."""
    gate = SentenceGate()
    writer = GroundedWriter(generator, gate, PromptLibrary(prompts_folder()), TemplateWriter(gate), time_budget_s=time_budget_s)
    settings = load_settings(shop, TEMPLATE)
    return ChatRec(shop, Database.open(shop, create=False), HashingEmbedder(), Words(writer, {"generator": generator.name}), settings)


@pytest.mark.parametrize(
    "generator",
    [
        ScriptedGenerator("A fine kettle.", fails_after=0), ScriptedGenerator("[1] is made of steel. [2] is", fails_after=3), BrokenEngine(),
        SlowEngine(),
    ],
    ids=["fails", "fails-midway", "breaks", "slow"],
)  # fmt: skip
def test_a_failing_language_model_is_replaced_by_templates(shop: Path, generator: Generator) -> None:
    with open_shop(shop) as bot:
        wanted = [say(bot, "t", line) for line in LINES]
    with spoken_by(shop, generator, time_budget_s=0.3) as bot:
        marked = 0
        for line, template in zip(LINES, wanted, strict=True):
            start = time.perf_counter()
            turn = say(bot, "m", line)
            assert time.perf_counter() - start < 10.0
            assert turn.ids == template.ids and turn.text
            origins = {row["origin"] for row in turn.done.receipt.sentences}
            if generator.name != "scripted":
                assert origins - {"code"} == {"template"} and turn.text == template.text
            marked += any("language model" in line for line in turn.done.receipt.degraded)
        assert marked >= 3  # every turn whose text the model was asked for


@pytest.mark.parametrize(
    "model",
    [
        {"engine": "openai", "url": "http://127.0.0.1:9/v1", "remote_model": "none"}, {"engine": "openai"},
        {"engine": "transformers", "base": "/nowhere/model"},
    ],
    ids=["unreachable", "no-url", "no-base"],
)  # fmt: skip
def test_a_model_that_cannot_be_had_leaves_templates(shop: Path, model: dict[str, str]) -> None:
    with ChatRec.open(shop, settings={"model": model}, embedder=HashingEmbedder()) as bot:
        bot.warm_up()
        turn = say(bot, "s", "a kettle under 50")
        assert turn.ids and "Kettle" in turn.text
        assert {row["origin"] for row in turn.done.receipt.sentences} - {"code"} == {"template"}
        told = " ".join([*turn.done.receipt.degraded, str(turn.done.receipt.model["generator"])])
        assert "language model" in told


def test_a_generator_failure_never_reaches_the_caller(shop: Path) -> None:
    with spoken_by(shop, ScriptedGenerator("x", fails_after=0)) as bot:
        try:
            turn = say(bot, "s", "a kettle")
        except GeneratorFailed:  # pragma: no cover
            pytest.fail("the failure of the model reached the caller")
        assert turn.ids


@pytest.fixture(scope="module")
def unpriced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatRec]:
    """The tea shop without prices, stock and ratings."""
    place = tmp_path_factory.mktemp("unpriced")
    build_shop(place, [{**row, "price": "", "currency": "", "stock": "", "rating": "", "n_ratings": ""} for row in product_rows()])
    with open_shop(place / "shop") as bot:
        yield bot


PRICE_LINES = (
    "a kettle under 20 dollars",
    "something cheaper",
    "the cheapest teapot",
    "a mug between 5 and 10",
    "tea for less than $9",
    "how much is it?",
)


@pytest.mark.parametrize("line", PRICE_LINES[:5])
def test_a_shop_without_prices_says_so_and_filters_by_nothing_silently(unpriced: ChatRec, line: str) -> None:
    say(unpriced, f"u {line}", "a kettle")
    turn = say(unpriced, f"u {line}", line)
    assert "lists no prices" in turn.text, turn.text
    assert not any("price" in label for label in turn.constraints)
    assert "$" not in turn.text and all(card.price is None for card in turn.cards)
    assert not any("cheap" in chip.message for chip in turn.chips)


def test_a_question_about_a_price_that_is_not_listed(unpriced: ChatRec) -> None:
    say(unpriced, "q", "a kettle by Senn")
    told = say(unpriced, "q", "how much does the first one cost?").text
    assert "$" not in told and ("not say" in told or "no price" in told or "not list" in told), told


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("a kettle in stock", "stock"),
        ("the best rated kettle", "rating"),
        ("a kettle with 4 stars or more", "rating"),
        ("the tallest kettle", "height"),
        ("what's the longest you have", "length"),
    ],
)
def test_a_shop_without_stock_or_ratings_says_so(unpriced: ChatRec, line: str, word: str) -> None:
    turn = say(unpriced, f"f {line}", line)
    assert f"lists no {word}" in turn.text, turn.text
    assert turn.ids


def test_a_shop_of_one_item(tmp_path: Path) -> None:
    build_shop(tmp_path, product_rows()[:1] + product_rows()[1:2])
    with open_shop(tmp_path / "shop") as bot:
        for line in (*LINES, "the cheapest", "something else", "not Corrow", "show me others", "compare these"):
            assert say(bot, "s", line).text


def test_items_of_nothing_but_a_title(tmp_path: Path) -> None:
    rows = [{"item_id": f"n{n}", "title": title} for n, title in enumerate(("Kettle", "Red teapot", "A very plain mug", "Tea"))]
    build_shop(tmp_path, rows)
    with open_shop(tmp_path / "shop") as bot:
        assert "n0" in say(bot, "s", "a kettle").ids
        for line in (
            "under 20",
            "tell me about the first one",
            "compare the first two",
            "is it in stock?",
            "which is the lightest?",
            "by Senn",
        ):
            assert say(bot, "s", line).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[offer]\nshwon = 4\n", "offer.shwon"), ("[offer]\nshown = 0\n", "offer.shown"), ("[offer]\ndiversity = 'much'\n", "offer.diversity"),
        ("[nonsense]\na = 1\n", "nonsense"), ("[offer\n", "not valid TOML"), ("offer = 3\n", "offer"),
    ],
)  # fmt: skip
def test_bad_settings_are_named(shop: Path, text: str, words: str) -> None:
    (shop / "chatrec.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        open_shop(shop)
