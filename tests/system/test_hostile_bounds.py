"""Whatever is asked for, and for however long: what a session remembers stays small, and what is shown holds every limit."""

from __future__ import annotations

import itertools
from dataclasses import asdict

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.state import DialogueState

from .page import page_problems
from .shop import Turn, say

# A session that a store keeps for weeks, times a hundred thousand shoppers: so many characters of a written-out state are generous.
MOST_STATE_CHARS = 60_000
MOST_LIMITS = 200  # of one need: more than a catalogue's fields with all their values would say anything about
BRANDS = ("Senn", "Corrow", "Tarn", "Alder Hob", "Bray & Moss", "Haverly", "Lowfield", "Oru")
COLOURS = ("black", "silver", "red", "white", "clear", "copper", "brown", "green", "blue")


def chars_of(state: DialogueState) -> int:
    return len(repr(asdict(state)))


def holds_every_limit(bot: ChatRec, session_id: str, turn: Turn) -> bool:
    state = bot.state(session_id)
    needs = {row["item_id"]: state.need(row["need_id"]) for row in turn.done.receipt.shown}
    return all(bot.satisfies(bot.live_item(i), need.hard()) for i, need in needs.items() if need is not None)


@pytest.mark.parametrize(
    "message",
    [
        "a kettle under 20 and over 100",
        "a kettle over 100 under 20, between 60 and 30",
        "a teapot from Senn but not from Senn",
        "a white kettle that is not white",
        "a kettle, no kettle, anything but kettles",
        "the cheapest and most expensive kettle, heavier and lighter than each other",
        "a steel kettle without steel from Senn or anybody but Senn under 5 and at least 500",
        "nothing",
        "not anything at all, and everything",
        "cheaper than nothing and more expensive than everything",
    ],
)
def test_limits_that_contradict_each_other(shared: ChatRec, message: str) -> None:
    session_id = f"contradiction-{message[:40]}"
    for said in (message, "show me others", message, "something cheaper"):
        turn = say(shared, session_id, said)
        assert turn.text.strip() and page_problems(turn.events, said) == []
        assert holds_every_limit(shared, session_id, turn), said
    assert say(shared, session_id, "start over. a mug under 20").ids


def test_a_thousand_limits_in_one_message(shared: ChatRec) -> None:
    """As many as a message may hold; what is longer is cut and said to be."""
    parts = [f"not {b} {c} under {n} over {m}" for n, (b, c, m) in enumerate(itertools.product(BRANDS, COLOURS, (1, 2)), start=30)]
    message = "a kettle " + ", ".join(parts * 10)
    turn = say(shared, "thousand", message)
    assert "first" in turn.said[0]
    state = shared.state("thousand")
    assert sum(len(n.constraints) for n in state.needs) <= MOST_LIMITS
    assert len(state.needs) <= 20
    assert chars_of(state) <= MOST_STATE_CHARS
    assert holds_every_limit(shared, "thousand", turn)
    assert say(shared, "thousand", "start over. a teapot by Senn").ids


def test_a_thousand_limits_one_after_another(shared: ChatRec) -> None:
    sizes: list[int] = []
    lines = [f"not {b}, not {c}, under {m}, at least {m // 10}" for b, c, m in itertools.product(BRANDS, COLOURS, (40, 60, 90))]
    say(shared, "limits", "a kettle")
    for line in lines[:125]:  # four limits and the ten that they stand beside: a thousand and more were said
        turn = say(shared, "limits", f"{line}, not {line.split()[1]} and not {line.split()[3]}")
        assert holds_every_limit(shared, "limits", turn)
        sizes.append(chars_of(shared.state("limits")))
    state = shared.state("limits")
    assert max(len(n.constraints) for n in state.needs) <= MOST_LIMITS
    assert max(sizes) <= MOST_STATE_CHARS
    assert sizes[-1] <= 3 * sizes[40] + 2_000  # it stops growing: what is remembered is no log


def test_a_dialogue_of_200_turns(shared: ChatRec) -> None:
    """Wishes, new things, judgements, questions, changes of mind and nonsense, round and round."""
    lines = (
        "a kettle under 80", "not Senn", "something cheaper", "show me others", "I like the first one", "I don't like the second one",
        "a teapot by Tarn or Senn", "compare the first two", "is the first one dishwasher safe?", "undo", "also a mug under 20", "why the first?",
        "how long do I have to return something?", "asdf qwer", "for my mother", "any brand", "green tea", "actually no, black",
        "the cheapest", "ok thanks",
    )  # fmt: skip
    sizes: list[int] = []
    receipts: list[int] = []
    for n in range(200):
        turn = say(shared, "two-hundred", lines[(n * 7) % len(lines)])
        assert turn.text.strip()
        assert holds_every_limit(shared, "two-hundred", turn)
        sizes.append(chars_of(shared.state("two-hundred")))
        receipts.append(len(repr(asdict(turn.done.receipt))))
    state = shared.state("two-hundred")
    assert max(sizes) <= MOST_STATE_CHARS
    assert max(sizes[100:]) <= 1.5 * max(sizes[:100])  # the second hundred adds nothing to what the first left
    assert max(receipts[100:]) <= 1.5 * max(receipts[:100])
    assert len(state.shown) <= 60 and len(state.past) <= 60 and len(state.needs) <= 60
    assert len(set(state.asked)) == len(state.asked)
