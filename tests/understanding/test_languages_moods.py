"""Languages in few words, English titles left alone, and moods: anger at the shop, not at the weather."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.domain.languages import ANSWERS_IN_ENGLISH, answers_in_english
from chatrec.understanding.language import guess_language
from chatrec.understanding.mood import score_mood
from chatrec.understanding.text import read_message

SAID = {
    "zh": ("我想买帐篷", "我的订单在哪里"), "hi": ("मुझे एक तंबू चाहिए", "mera order kahan hai", "mujhe joote chahiye"), "es": ("hola", "busco una tienda de campaña", "no quiero cuero", "¿dónde está mi pedido?", "más barato por favor"),
    "fr": ("bonjour", "je cherche une veste", "c'est combien ?", "moins cher s'il vous plaît"), "ar": ("أين طلبي؟", "أبحث عن خيمة"), "bn": ("আমি একটা তাঁবু খুঁজছি", "আমার অর্ডার কোথায়"),
    "pt": ("olá", "preciso de uma barraca", "onde está meu pedido?", "quanto custa"), "ru": ("привет", "ищу палатку"), "ur": ("مجھے خیمہ چاہیے", "میرا آرڈر کہاں ہے"), "id": ("saya mencari sepatu", "di mana pesanan saya"),
    "de": ("zelt", "ich suche eine Jacke", "wo ist meine Bestellung", "etwas günstiger bitte"), "ja": ("テントを探しています", "注文はどこですか"), "it": ("grazie", "cerco una tenda", "dov'è il mio ordine?"), "tr": ("merhaba", "çadır arıyorum"),
    "ko": ("텐트를 찾고 있어요",), "vi": ("tôi muốn mua giày",), "nl": ("ik zoek een jas",), "pl": ("szukam kurtki",), "sv": ("jag söker en jacka",),
}  # fmt: skip
TRAVELLED = (
    "sofa",
    "poncho",
    "piano",
    "futon",
    "sombrero",
    "bandana",
    "rucksack",
    "anorak",
    "chaise longue",
    "espresso maker",
    "tatami mat",
    "tent",
    "no",
    "blue",
    "ok",
    "size m please",
    "iphone 6s plus case",
)


@pytest.mark.parametrize(("code", "message"), [(code, message) for code, messages in SAID.items() for message in messages])
def test_languages(code: str, message: str) -> None:
    assert guess_language(read_message(message)) == code


@pytest.mark.parametrize("message", TRAVELLED)
def test_words_that_travel_are_english(message: str) -> None:
    assert guess_language(read_message(message)) in ("en", "")


def test_titles_of_the_demo_shop_are_english() -> None:
    pages = (files("chatrec.demo") / "items").iterdir()
    titles = [json.loads(line)["title"] for page in pages for line in page.read_text(encoding="utf-8").splitlines() if line]
    assert len(titles) >= 400
    assert [t for t in titles if guess_language(read_message(t)) not in ("en", "")] == []


def test_the_most_spoken_languages_are_answered_in_one_sentence_of_their_own() -> None:
    assert set(SAID) == set(ANSWERS_IN_ENGLISH)
    assert {"zh", "hi", "es", "fr", "ar", "bn", "pt", "ru", "ur", "id"} <= set(ANSWERS_IN_ENGLISH)
    for code, sentence in ANSWERS_IN_ENGLISH.items():
        assert guess_language(read_message(sentence)) == code
    assert answers_in_english("en") == answers_in_english("") == answers_in_english("xx") == ""


def _moods() -> Iterator[tuple[str, str]]:
    for line in (Path(__file__).parent / "moods.txt").read_text(encoding="utf-8").splitlines():
        if "\t" in line:
            label, text = line.split("\t")
            yield label, text


def test_anger_at_the_shop_is_told_from_all_else() -> None:
    scored = [(label, score_mood(read_message(text))) for label, text in _moods()]
    angry = [mood for label, mood in scored if label in ("angry", "abuse")]
    others = [mood for label, mood in scored if label not in ("angry", "abuse")]
    assert sum(mood <= -0.75 for mood in angry) >= 0.9 * len(angry)
    assert sum(mood <= -0.75 for mood in others) <= 0.02 * len(others)
    signs = {"angry": -1, "abuse": -1, "unhappy": -1, "none": 0, "pleased": 1}
    right = [signs[label] == (mood >= 0.15) - (mood <= -0.15) for label, mood in scored]
    assert sum(right) >= 0.93 * len(right)


@pytest.mark.parametrize(
    "message", ["this damn cold weather, I need a warm jacket", "I hate leather", "my boss is an idiot and I need a present for him"]
)
def test_what_is_bad_elsewhere_is_no_mood(message: str) -> None:
    assert score_mood(read_message(message)) == 0.0


@given(st.text(max_size=200))
def test_a_mood_is_between_minus_one_and_one(text: str) -> None:
    assert -1.0 <= score_mood(read_message(text)) <= 1.0
