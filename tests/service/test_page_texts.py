"""The page's own texts: every language has them all, every one is used, and a reader's wish is understood."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import chatrec.service
from chatrec.domain.reply import Card, Chip
from chatrec.domain.state import DialogueState
from chatrec.domain.tool import CartLine
from chatrec.evaluation.page_check import html_problems
from chatrec.service.page_head import top_html, welcome_html
from chatrec.service.page_memo import read_memo, write_memo
from chatrec.service.page_texts import ENGLISH, LANGUAGES, OF_THE_SCRIPT, preferred, texts_in
from chatrec.service.render import card_html, chips_html, last_html
from chatrec.service.side import cart_html

SERVICE = Path(chatrec.service.__file__).parent
CHINESE = texts_in("zh-Hans")


def table(language: str) -> dict[str, str]:
    return tomllib.loads((SERVICE / "page_texts" / f"{language}.toml").read_text(encoding="utf-8"))


def test_every_language_has_every_text_with_the_same_places_to_fill() -> None:
    english = table("en")
    assert {p.stem for p in (SERVICE / "page_texts").glob("*.toml")} == set(LANGUAGES)
    for language in LANGUAGES:
        other = table(language)
        assert list(other) == list(english), language
        for key, text in other.items():
            assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", english[key])), (language, key)
            assert text.strip() == text and (text or key == "welcome_spoken"), (language, key)
    same = {key for key, text in table("zh-Hans").items() if text == english[key]}
    assert same == {"basket_line", "profile_liked"}  # a figure and a heart need no words


def test_every_text_is_used() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in SERVICE.glob("*.py"))
    script = (SERVICE / "page.js").read_text(encoding="utf-8")
    made = {"welcome_policies", "welcome_orders", "welcome_policies_orders", "chips_wishes", "chips_remembered", "chips_suggestions"}
    unused = {key for key in table("en") if f'"{key}"' not in code and f"'{key}'" not in code and key not in made}
    assert not unused
    assert all(f"text('{key}'" in script for key in OF_THE_SCRIPT)
    assert set(re.findall(r"text\('(\w+)'", script)) == set(OF_THE_SCRIPT)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("zh", "zh-Hans"), ("zh-Hant-TW", "zh-Hans"), ("ZH-hans", "zh-Hans"), ("en-GB,zh-CN", "en"),
        ("de-DE,de;q=0.9,zh;q=0.5,en;q=0.3", "zh-Hans"), ("en;q=0.2, zh;q=0.7", "zh-Hans"), ("zh;q=0", "en"), ("", "en"), ("*", "en"),
        ("zhx", "en"), (";;;q=", "en"), ("zh" + "x" * 5000, "en"), ("\x00,zh", "zh-Hans"),
    ],
)  # fmt: skip
def test_the_reader_gets_the_language_that_was_asked_for(wanted: str, language: str) -> None:
    assert preferred(wanted).language == language


def test_a_choice_is_remembered_and_nothing_else_is_believed() -> None:
    session = "page-" + "0" * 24
    chosen = read_memo(json.dumps({"session": session, "language": "zh-Hans", "languages": "en-GB"}))
    assert (chosen.session_id, chosen.texts.language) == (session, "zh-Hans")
    told = json.loads(write_memo(DialogueState(session, liked=("a",)), chosen.texts))
    assert told["language"] == "zh-Hans" and told["liked"] == ["a"] and set(told["texts"]) == set(OF_THE_SCRIPT)
    long = write_memo(DialogueState(session, disliked=tuple(f"item-{n}" for n in range(500))), chosen.texts)
    assert read_memo(long).session_id == session
    assert read_memo(json.dumps({**told, "languages": ""})).texts is chosen.texts  # what the page is told, it can be told back
    for memo in ("", None, "[]", "7", "{", json.dumps({"session": "page-' OR 1=1", "language": "tlh"}), "x" * 5000):
        assert (read_memo(memo).session_id, read_memo(memo).texts.language) == ("", "en")


def test_only_the_page_s_own_words_are_translated() -> None:
    card = Card(1, "t1", "Walking tent", "Tarnfell", rating=4.5, n_ratings=7, stock=2, why="matches 'tent'", facts=("weighs 900 g",))
    shown = card_html(card, CHINESE)
    for ours in ("加入购物车", "不适合我：Walking tent", "仅剩 2 件", "评分 4.5（满分 5，7 人评价）", "理由："):
        assert ours in shown
    for theirs in ('<div class="cr-title" lang="en">Walking tent', "weighs 900 g", "Matches &#x27;tent&#x27;"):
        assert theirs in shown
    assert "Only 2 left" in card_html(card) and "lang=" not in card_html(card)
    row = chips_html(
        [Chip("undo", "Undo", message="undo"), Chip("constraint", "tents", key="k"), Chip("followup", "Cheaper", "cheaper")], CHINESE
    )
    assert "撤销" in row and 'data-message="undo"' in row and 'aria-label="去掉 tents"' in row and 'lang="en">Cheaper' in row
    assert "购物车（2）" in cart_html([CartLine("a", "", 2, "Kettle")], CHINESE)
    assert "请用英文提问" in welcome_html("Fell", CHINESE, prices=True, policies=True, signed_in=True)
    assert 'data-language="zh-Hans"' in top_html("Fell", 1, ENGLISH) and "1 product ·" in top_html("Fell", 1, ENGLISH)


def test_nothing_hostile_gets_out_of_the_texts() -> None:
    hostile = '"><img src=x onerror=alert(1)>{0}{shop}'
    for texts in (ENGLISH, CHINESE):
        card = Card(1, hostile, hostile, hostile, hostile, image="data:image/svg+xml,x", why=hostile, facts=(hostile,))
        chips = [Chip(kind, hostile, hostile, key=hostile) for kind in ("constraint", "profile", "undo", "followup")]
        for html in (card_html(card, texts), chips_html(chips, texts), last_html(1, hostile, texts)):
            assert html_problems(html) == []
        assert "<img" not in welcome_html(hostile, texts, prices=False, policies=False, signed_in=False) + top_html(hostile, 2, texts)
