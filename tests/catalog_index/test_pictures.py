"""Drawn pictures: deterministic, escaped, and nothing from a host that is not allowed."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from chatrec.catalog.glyphs import GLYPHS, KINDS
from chatrec.catalog.pictures import kind_of, picture_for, placeholder_svg
from chatrec.domain.item import Attribute, Item, Variant


@pytest.mark.parametrize("kind", [*GLYPHS])
def test_every_glyph_is_sound_and_distinct(kind: str) -> None:
    svg = placeholder_svg("x", kind, "blue", "s")
    assert len(ElementTree.fromstring(svg)) == 3
    assert sum(GLYPHS[kind] == other for other in GLYPHS.values()) == 1
    assert "{" not in svg


def test_each_kind_of_thing_has_a_glyph() -> None:
    assert set(KINDS) | {"box"} == set(GLYPHS)


@pytest.mark.parametrize(
    ("category", "title", "kind"),
    [
        ("Two-person tents", "", "tent"),
        ("Rain jackets", "", "jacket"),
        ("", "Merrow walking boots", "shoe"),
        ("Water bottles", "", "bottle"),
        ("Headlamps", "", "lamp"),
        ("Books", "", "book"),
        ("Hand Tools", "", "tool"),
        ("Batteries", "", "battery"),
        ("Oddments", "Whatnot", "box"),
        ("", "", "box"),
    ],
)
def test_words_choose_the_glyph(category: str, title: str, kind: str) -> None:
    assert kind_of(category, title) == kind


def test_the_colour_of_the_record_shows() -> None:
    red, blue = (placeholder_svg("t", "tents", c, "s") for c in ("dark red", "sky blue"))
    assert "#c8403a" in red and "#3f74b5" in blue
    option = Item("i", "Mug", variants=(Variant("v", (("color", "green"),)),))
    assert "#4f8f58" in unquote(picture_for(option, ()))
    assert "#4f8f58" in unquote(picture_for(Item("i", "Mug", attributes=(Attribute("colour", ("moss green",)),)), ()))


def test_same_record_same_picture_and_unknown_colours_follow_the_seed() -> None:
    assert placeholder_svg("t", "c", "", "one") == placeholder_svg("t", "c", "", "one") != placeholder_svg("t", "c", "", "two")


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "a & b <i>", "\x00\ud800", "'" * 500, "{m}{0}%s"])
def test_hostile_words_stay_text(text: str) -> None:
    item = Item(text, text, category=text, attributes=(Attribute("colour", (text,)),), image=text)
    uri = picture_for(item, {"good.example"})
    assert uri.startswith("data:image/svg+xml") and not set(uri) & set("<>\"' ")
    root = ElementTree.fromstring(unquote(uri.partition(",")[2]))
    assert not [e for e in root.iter() if e.tag.endswith("script")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://good.example/a.jpg", True),
        ("https://GOOD.example/a.jpg?w=2", True),
        ("http://good.example/a.jpg", False),
        ("https://evil.example/a.jpg", False),
        ("https://good.example.evil.example/a.jpg", False),
        ("https://good.example@evil.example/a.jpg", False),
        ("https://evil.example@good.example/a.jpg", False),
        ("javascript:alert(1)//good.example", False),
        ("https://good.example/a\" onerror='x", False),
        ("https://[bad", False),
        ("", False),
    ],
)
def test_only_https_from_allowed_hosts(url: str, shown: bool) -> None:
    picture = picture_for(Item("i", "Mug", image=url), ("Good.example",))
    assert (picture == url) is (shown and bool(url))
    assert shown or picture.startswith("data:image/svg+xml")
    assert picture_for(Item("i", "Mug", image=url), ()).startswith("data:")
