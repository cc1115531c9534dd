"""Short forms, children's shelves, titles and categories in parts: the small readers around the catalogue's words."""

from __future__ import annotations

import pytest

from chatrec.domain.need import Op, Strength
from chatrec.understanding.children import described_as_childish
from chatrec.understanding.products import names_no_thing
from chatrec.understanding.text import read_message
from chatrec.understanding.titles import title_heads

from .rendering import STATES
from .shops import understander


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("waht abt tents 4 2 ppl undr 150$ thx", "what about tents for 2 people under 150 $ thanks"),
        ("do u ship 2 canada", "do you ship to canada"),
        ("want 2 buy a tent", "want to buy a tent"),
        ("need 2 tents", "need 2 tents"),
        ("4 kg", "4 kg"),
        ("a 2 person tent", "a 2 person tent"),
        ("good 2 -5", "good to -5"),
        ("2-5 people", "2 - 5 people"),
        ("cheap n light", "cheap and light"),
        ("r they good", "are they good"),
        ("ok gimme the 2nd one", "ok give me the 2 nd one"),
        ("idc", "i don't care"),
    ],
)
def test_short_forms(typed: str, read: str) -> None:
    assert read_message(typed).text == read


@pytest.mark.parametrize(
    ("text", "childish"),
    [
        ("hmm, that one is for children, i need it for me", True),
        ("these look like they're made for kids, i need an adult one", True),
        ("that one is for children", False),  # nobody grown up is named
        ("do you have ones that are for kids and for me", False),
        ("a tent for my kids and for me", False),
    ],
)
def test_what_is_shown_is_for_children(text: str, childish: bool) -> None:
    assert bool(described_as_childish(read_message(text))) is childish


@pytest.mark.parametrize(("title", "heads"), [("AC adapter for laptops", {"adapter"}), ("Insulated bottle, 750 ml", {"bottle"})])
def test_a_title_is_not_about_what_it_goes_with(title: str, heads: set[str]) -> None:
    assert heads <= title_heads(title)
    assert "laptop" not in title_heads(title)


@pytest.mark.parametrize(
    ("text", "thing"), [("something cuter", False), ("quick", False), ("windproof", False), ("kayaks", True), ("toaster", True)]
)
def test_adjectives_name_no_thing(text: str, thing: bool) -> None:
    tokens = read_message(text).tokens
    assert names_no_thing(tokens[-1], tokens[-2] if len(tokens) > 1 else None) is not thing


def test_a_value_before_something_unknown_is_part_of_it() -> None:
    reading = understander("demo").read("a green tea under 20", STATES["new"])
    assert [u.word for u in reading.unknown] == ["green tea"]
    assert not [c for n in reading.needs for c in n.constraints]


def test_a_bare_head_of_sibling_names_shuts_nothing_out() -> None:
    (need,) = understander("books").read("a book about bridges", STATES["new"]).needs
    assert all(c.strength is Strength.PREFER for c in need.constraints if c.field == "category")


def test_a_child_is_shown_the_childrens_shelf() -> None:
    (need,) = understander("demo").read("jackets for my 6 year old", STATES["new"]).needs
    assert "kids' outdoor clothing" in next(c.values for c in need.constraints if c.field == "category" and c.op is Op.IS)
    (need,) = understander("demo").read("boots for my 6 year old", STATES["new"]).needs
    assert next(c.values for c in need.constraints if c.field == "category") == ("hiking boots",)
