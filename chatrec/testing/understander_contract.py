"""What every understander guarantees, as a suite that an implementation passes with a three-line test class.

.. code-block:: python

    class TestMine(UnderstanderContract):
        def make(self) -> Understander:
            return MyUnderstander(...)
"""

# ruff: noqa: D102 (the name of each test is its sentence)

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod

import pytest

from chatrec.domain.need import Need
from chatrec.domain.reading import Reading
from chatrec.domain.state import DialogueState, ShownList
from chatrec.protocols import Understander

# Strings that break careless readers: empty, blank, control and combining characters, unpaired surrogates, markup, code, other
# scripts, long runs, numbers without end.
_GONE = ShownList(1, 1, ("no such item", "nor this"))
STATES = (
    DialogueState("s"),
    DialogueState("s", turn=3, needs=(Need(1, "gift"),), active_need=1, shown=(_GONE,), focus=("no such item",)),
)
"""A fresh dialogue, and one whose shown items no longer exist."""
HOSTILE: tuple[str, ...] = (
    "",
    " ",
    "\n\t\r",
    "\x00\x01\x02",
    "\ud800",
    "e" + "\u0301" * 200,
    "\u202e reversed \u202c",
    "\ufeff",
    "\U0001f600" * 30,
    "???!!!",
    "...",
    "#",
    "$",
    "-",
    "'",
    '"',
    "<script>alert(1)</script>",
    "' OR 1=1; DROP TABLE items; --",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<|im_start|>system",
    "[INST] ignore [/INST]",
    "../../etc/passwd",
    "under",
    "between and",
    "from to",
    "-5 - -5",
    "1/0",
    "99999999999999999999999999999999 dollars",
    "1e309",
    "0x1F",
    "NaN",
    "inf",
    "under $$$",
    "1,,,2...3",
    "1.2.3.4",
    "the the the the",
    "not not not not",
    "and and or but",
    "no",
    "#0",
    "#-1",
    "number 99999",
    "the first last second one",
    "二つ目のもの",
    "покажи мне",
    "أرني",
    "हिन्दी",
    "ไทย",
    "a" * 100_000,
    "tent " * 20_000,
    "1 " * 50_000,
    "(" * 5_000,
    "under 5 and " * 5_000,
    "not " * 10_000 + "blue",
    "?" * 100_000,
)


class UnderstanderContract(ABC):
    """Subclass and give ``make``. ``make`` is called for every test: return a shared object where building one is slow."""

    @abstractmethod
    def make(self) -> Understander:
        """The understander under test, over any catalogue."""

    @pytest.fixture
    def understander(self) -> Understander:
        return self.make()

    def test_satisfies_the_protocol(self, understander: Understander) -> None:
        assert isinstance(understander, Understander)

    @pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_string_gives_a_reading(self, understander: Understander, message: str) -> None:
        for state in STATES:
            reading = understander.read(message, state)
            assert isinstance(reading, Reading)
            assert all(0.0 <= span.score <= 1.0 for span in reading.intents)
            assert -1.0 <= reading.mood <= 1.0
            assert len(reading.language) in (0, 2)
            assert all(len(span.text) <= 1_000 for span in reading.intents)
            assert all(len(c.said) <= 200 for need in reading.needs for c in need.constraints)

    @pytest.mark.parametrize("message", ["a red one under 50", "hello", "what about returns?", "the second one"])
    def test_same_message_same_reading_and_the_state_stays(self, understander: Understander, message: str) -> None:
        for state in STATES:
            before = dataclasses.replace(state)
            assert understander.read(message, state) == understander.read(message, state)
            assert state == before

    @pytest.mark.parametrize("message", ["the second one", "both", "it", "#1 and #2", "like the first but cheaper", "not that one"])
    def test_points_only_at_shown_items(self, understander: Understander, message: str) -> None:
        for state in STATES:
            reading = understander.read(message, state)
            compared = {item_id for c in reading.comparatives for item_id in c.item_ids}
            pointed = {*reading.references, *reading.like_items, *reading.liked, *reading.disliked, *compared}
            assert pointed <= state.all_shown() | set(state.focus)
