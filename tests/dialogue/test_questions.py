"""When a clarifying question is asked, and which: expected information, the chance of an answer, and what it saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatrec.bot import ChatRec
from chatrec.dialogue.offer import Offer
from chatrec.dialogue.questions import (
    PRIOR_QUESTIONS,
    answer_rate,
    asked_fields,
    chances,
    changing,
    clarify,
    most_telling,
    readiness,
    saved_lists,
    spoken_fields,
)
from chatrec.dialogue.turn import run_turn
from chatrec.domain.act import Ask, Recommend
from chatrec.domain.need import Need
from chatrec.domain.question import Proposal
from chatrec.domain.reply import Cards, Done, ReplyEvent
from chatrec.domain.state import DialogueState

from .world import World, at_most, category, items, make_world, state_with

SPADES = Need(1, "spade", constraints=(category("spades"),))
POOL = tuple(f"i{n}" for n in range(24))


def proposal(field: str, parts: int, gain: float = 1.0) -> Proposal:
    leaves = tuple(frozenset(POOL[n::parts]) for n in range(parts))
    return Proposal(field, tuple(f"v{n}" for n in range(parts)), leaves, gain, 1.0)


def offer(relevance: tuple[float, ...] = (1.0,) * 24, shown: int = 3) -> Offer:
    found = tuple(replace(items()[0], item_id=i) for i in POOL[:shown])
    return Offer(SPADES, found, matching=24, pool=POOL, relevance=relevance)


def asked(world: World, state: DialogueState, how: str = "information_gain") -> Ask | None:
    parts = replace(world.parts, limits=replace(world.parts.limits, questions=how))
    ids = list(world.source.ids)
    shown = tuple(world.parts.shelf.item(i) for i in ids[:3])
    need = state.need()
    assert need is not None
    return clarify(Recommend(1), Offer(need, shown, matching=len(ids), pool=tuple(ids), relevance=(1.0,) * len(ids)), state, parts)


def test_chances_are_a_distribution_that_follows_the_scores() -> None:
    likely = chances((1.0, 0.75, 0.5))
    assert sum(likely) == pytest.approx(1.0) and likely[0] / likely[1] == pytest.approx(2.718, rel=1e-3)


@given(st.lists(st.floats(0, 1), min_size=24, max_size=24))
def test_an_answer_never_costs_lists(scores: list[float]) -> None:
    """What an answer leaves out can only bring the wanted item forward."""
    relevance = tuple(sorted(scores, reverse=True))
    assert saved_lists(proposal("use", 3), offer(relevance), frozenset(POOL[:3]), 3) >= -1e-9


def test_a_finer_split_saves_more_and_where_one_item_is_nearly_certain_nothing_is_saved() -> None:
    seen = frozenset(POOL[:3])
    two, four = (saved_lists(proposal("use", n), offer(), seen, 3) for n in (2, 4))
    assert 1.0 < two < four
    assert saved_lists(proposal("use", 4), offer((1.0, *(-2.0,) * 23)), seen, 3) < 0.01


def test_the_more_telling_question_wins_unless_shoppers_leave_it_unanswered() -> None:
    found = [proposal("brand", 4, gain=1.3), proposal("use", 4, gain=1.1)]
    unanswered = {"use": (0, 200), "brand": (190, 200)}
    assert most_telling(found, offer(), 1.0, {}, 3) == found[1]
    assert most_telling(found, offer(), 1.0, unanswered, 3) == found[0]


def test_no_question_that_changes_nothing_and_none_that_saves_too_little() -> None:
    seen = frozenset(POOL[:3])
    idle = Proposal("use", ("a", "b"), (frozenset(POOL), frozenset(POOL[3:6])), 1.0, 1.0)
    assert changing(idle, seen) == pytest.approx(3 / 27) and most_telling([idle], offer(), 1.0, {}, 3) is None
    certain = offer((1.0, *(-2.0,) * 23))
    assert most_telling([proposal("use", 3)], certain, 1.0, {}, 3) is None
    assert most_telling([proposal("use", 3)], offer(), 0.05, {}, 3) is None  # a shopper who never answers


def test_answer_rates_are_learnt_over_a_prior() -> None:
    price = proposal("price", 3)
    assert answer_rate(price, {}) == pytest.approx(0.85)
    assert answer_rate(price, {"price": (0, int(PRIOR_QUESTIONS))}) == pytest.approx(0.425)
    assert answer_rate(price, {"price": (10_000, 10_000)}) == pytest.approx(1.0, abs=0.01)


def test_a_shopper_who_passes_questions_over_is_asked_less() -> None:
    state = state_with(SPADES, asked=("1:price", "1:passed:price"))
    assert readiness(DialogueState("s")) == 1.0 > readiness(state)
    assert readiness(replace(state, asked=("1:price", "1:any:price"))) == 1.0


def test_a_field_is_asked_about_once_in_a_dialogue_whichever_need_it_was_for() -> None:
    state = state_with(SPADES, Need(2, "rake"), asked=("2:price", "2:any:colour", "1:any:use"))
    assert asked_fields(state, SPADES) == ["price", "use"]


def test_what_the_shopper_spoke_of_for_another_need_or_took_back_is_not_asked_about() -> None:
    state = state_with(Need(1, "tool", constraints=(at_most("price", 50),)), Need(2, "rake"))
    assert spoken_fields(state) == {"price"}
    back = replace(state, needs=(Need(2, "rake"),), past=(state.needs,), active_need=2)
    assert spoken_fields(back) == {"price"}
    world = make_world([replace(i, item_id=f"{i.item_id}-{n}") for n in range(4) for i in items()])
    question = asked(world, back)
    assert question is not None and question.field != "price"


def test_what_was_said_in_words_is_not_asked_about() -> None:
    world = make_world([replace(i, item_id=f"{i.item_id}-{n}") for n in range(4) for i in items()])
    world.parts = replace(world.parts, answers_given=lambda: {"material": (9, 10), "price": (3, 10)})
    question = asked(world, state_with(Need(1, "tools of ash")), "most_used")
    assert question is not None and question.field != "material"


@pytest.mark.parametrize("how", ["information_gain", "most_used"])
def test_what_is_known_or_was_asked_is_not_asked(how: str) -> None:
    world = make_world([replace(i, item_id=f"{i.item_id}-{n}") for n in range(4) for i in items()])
    state, seen = state_with(Need(1, "tool", constraints=(at_most("price", 50),))), set[str]()
    while (question := asked(world, state, how)) is not None:
        assert question.field not in seen | {"price"}
        seen.add(question.field)
        state = replace(state, asked=(*state.asked, f"1:{question.field}"))
    assert seen


def test_the_baseline_asks_the_most_used_facet_and_off_asks_none() -> None:
    world = make_world([replace(i, item_id=f"{i.item_id}-{n}") for n in range(4) for i in items()])
    world.parts = replace(world.parts, answers_given=lambda: {"material": (9, 10), "price": (3, 10)})
    state = state_with(Need(1, "tool"))
    usual = asked(world, state, "most_used")
    assert usual is not None and usual.field == "material"
    assert asked(world, state, "off") is None
    waiting = replace(state, asked=("1:material",))
    following = asked(world, waiting, "most_used")
    assert following is not None and following.field == "price"


@pytest.mark.parametrize(
    ("told", "question"), [({}, "price"), ({"price": (0, 9), "season": (0, 9)}, "vegan")], ids=["new shop", "left unanswered"]
)
def test_whichever_question_waits_a_wish_is_no_answer_to_it(told: Mapping[str, tuple[int, int]], question: str, demo_bot: ChatRec) -> None:
    """What other shoppers left unanswered decides what is asked, and never what the next message means."""
    state, events = DialogueState("s"), list[ReplyEvent]()
    with demo_bot.serving() as parts:
        asking = replace(parts, answers_given=lambda: told)
        for n, message in enumerate(("hiking socks", "ok sorry. Merino socks, please?"), start=1):
            turn, events = run_turn(message, state, asking, f"t{n}"), []
            try:
                while True:
                    events.append(next(turn))
            except StopIteration as end:
                state = end.value
            if n == 1:
                assert state.question is not None and state.question.field == question
    assert [c.field for c in state.needs[0].constraints] == ["category", "material"]
    assert any(isinstance(e, Cards) and e.cards for e in events) and isinstance(events[-1], Done)
    assert events[-1].receipt.question["answer"] == "passed"
