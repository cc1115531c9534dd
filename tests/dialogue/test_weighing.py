"""Which of the shown items goes furthest in one field."""

from __future__ import annotations

from dataclasses import replace

from chatrec.dialogue.weighing import answers, weigh
from chatrec.domain.item import Attribute

from .world import items

ALL = {i.item_id: i for i in items()}


def _told(*ids: str, field: str = "weight", direction: int = -1) -> str:
    return " ".join(answers(weigh([ALL[i] for i in ids], field, direction), field, direction))


def test_the_answer_comes_first_and_the_others_follow_in_order() -> None:
    assert _told("s1", "s4", "s5") == "[2] is the lightest of these, with 900 g. Next come [1] with 1900 g and [3] with 2300 g."
    assert _told("s1", "s4", "s5", direction=1).startswith("[3] is the heaviest of these, with 2300 g.")


def test_a_price_is_left_to_the_name() -> None:
    assert _told("s1", "s4", field="price") == "[2] is the cheapest of the two. Next comes [1]."


def test_ties_and_silent_records_are_said() -> None:
    same = [ALL["s1"], replace(ALL["s4"], price=ALL["s1"].price)]
    assert next(answers(weigh(same, "price", -1), "price", -1)) == "There is no difference in price between [1] and [2]."
    silent = [ALL["s1"], replace(ALL["s2"], attributes=()), ALL["s4"]]
    told = list(answers(weigh(silent, "weight", -1), "weight", -1))
    assert told[0].startswith("[3] is the lightest of the two") and told[-1] == "The listing of [2] does not say."
    none = [replace(ALL["s1"], rating=None), replace(ALL["s2"], rating=None)]
    assert list(answers(weigh(none, "rating", 1), "rating", 1)) == ["The listings of [1] and [2] do not give any rating."]


def test_figures_in_another_unit_are_not_compared() -> None:
    ounces = replace(ALL["s4"], attributes=(Attribute("weight", ("32",), 32.0, "oz"),))
    weighed = weigh([ALL["s1"], ALL["s2"], ounces], "weight", -1)
    assert weighed.first == (1,) and weighed.silent == (3,)
