"""Policies cut into passages."""

from __future__ import annotations

from chatrec.catalog.passages import LONGEST_CHARS, passages_of

POLICY = """Read this first.

# Gift wrap

We wrap **anything** that fits.

## What does it cost?

See [the list](https://shop.example/list).

- Small: 2 dollars
- Large: 4 dollars

## What does it cost?

Twice the heading, twice the passage.
## Empty
"""


def test_sections_topics_and_unique_ids() -> None:
    found = passages_of({"gift_wrap": POLICY, "plain": "No heading at all."})
    assert [(p.passage_id, p.topic) for p in found] == [
        ("policies/gift_wrap.md#gift-wrap", "Gift wrap"),
        ("policies/gift_wrap.md#gift-wrap-2", "Gift wrap"),
        ("policies/gift_wrap.md#what-does-it-cost", "Gift wrap: What does it cost?"),
        ("policies/gift_wrap.md#what-does-it-cost-2", "Gift wrap: What does it cost?"),
        ("policies/plain.md#plain", "Plain"),
    ]
    assert found[0].text == "Read this first." and found[1].text == "We wrap anything that fits."
    assert found[2].text == "See the list. Small: 2 dollars. Large: 4 dollars."


def test_long_sections_are_cut_at_paragraphs_and_nothing_is_lost() -> None:
    paragraphs = [f"Paragraph {n} " + "word " * 60 for n in range(9)]
    found = passages_of({"long": "# Long\n\n" + "\n\n".join(paragraphs)})
    assert len(found) > 1 and all(len(p.text) <= LONGEST_CHARS for p in found)
    assert " ".join(p.text for p in found).split() == " ".join(paragraphs).split()


def test_nothing_gives_nothing() -> None:
    assert passages_of({}) == [] and passages_of({"empty": " \n\n# Title only\n"}) == []


def test_html_pictures_and_links_leave_their_words() -> None:
    text = "# Fees <img src=x>\n\n## **How** [much](a(b)c)\n\n<p>Two <b>dollars</b>.</p> ![p](x.png) See [the form](f(1)). Below <5 kg.<br/> <!-- draft -->\n"
    (found,) = passages_of({"fees": text})
    assert (found.topic, found.text) == ("Fees: How much", "Two dollars. See the form. Below <5 kg.")
