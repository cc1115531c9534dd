"""The judge of readings: what is the same, what is not, over a small catalogue of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec.domain.need import Constraint, Op, Strength
from chatrec.domain.reading import Comparative, Intent, IntentSpan, NeedReading, Reading, Unknown
from chatrec.errors import ScriptError
from chatrec.evaluation.understanding import check_utterance, judge_all, run_understanding, told_problems
from chatrec.evaluation.understanding_extent import Extent
from chatrec.evaluation.understanding_judge import Verdict, judge
from chatrec.evaluation.understanding_labels import Utterance, load_utterances
from chatrec.evaluation.understanding_worlds import Worlds

SHOP = """\
{"item_id": "a1", "title": "Red mug", "category": "mugs", "brand": "Aller", "price": 8, "colour": "red", "capacity_ml": 300}
{"item_id": "a2", "title": "Navy mug", "category": "mugs", "brand": "Birk", "price": 12, "colour": "navy", "capacity_ml": 350}
{"item_id": "a3", "title": "Blue mug", "category": "mugs", "brand": "Birk", "price": 15, "colour": "blue", "capacity_ml": 400}
{"item_id": "a4", "title": "Pale blue bowl", "category": "bowls", "brand": "Aller", "price": 20, "colour": "pale blue", "material": "clay"}
{"item_id": "a5", "title": "White bowl", "category": "bowls", "brand": "Cove", "price": 48, "colour": "white", "material": "glazed clay"}
"""
STATES = """\
mugs:
  needs: [{wants: "category=mugs; price<=30"}, {wants: "category=bowls"}]
  active: 1
  shown: [[1, 1, a1 a2 a3]]
  focus: a2
"""


@pytest.fixture
def worlds(tmp_path: Path) -> Worlds:
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "pots.jsonl").write_text(SHOP, encoding="utf-8")
    (tmp_path / "states.yaml").write_text(STATES, encoding="utf-8")
    (tmp_path / "families.yaml").write_text("colour: {blue: [navy]}\n", encoding="utf-8")
    return Worlds(tmp_path)


def labelled(worlds: Worlds, label: str, state: str = "new") -> Utterance:
    lines = "\n".join(f"  {line}" for line in label.splitlines())
    path = worlds.folder / "dev_x.txt"
    path.write_text(f"@ pots {state}\nmould: any / any\n> words\n{lines}\n", encoding="utf-8")
    return load_utterances([path])[0]


def verdict(worlds: Worlds, label: str, reading: Reading, state: str = "new") -> Verdict:
    utterance = labelled(worlds, label, state)
    extent = Extent(worlds.shelf("pots"), worlds.families)
    check_utterance(utterance, worlds, extent)
    return judge(reading, utterance, worlds.states[state], extent)


def said(*needs: NeedReading, intent: Intent = Intent.RECOMMEND, **more: object) -> Reading:
    return Reading((IntentSpan(intent, ""),), needs, **more)  # type: ignore[arg-type]


def wants(*constraints: Constraint, opens: bool = False, **more: object) -> NeedReading:
    return NeedReading("words to search with", constraints, opens=opens, **more)  # type: ignore[arg-type]


MUGS = Constraint("category", Op.IS, ("mugs",))


def at_most(number: float, field: str = "price", strength: Strength = Strength.MUST) -> Constraint:
    return Constraint(field, Op.AT_MOST, number=number, strength=strength)


def at_least(number: float, field: str = "price") -> Constraint:
    return Constraint(field, Op.AT_LEAST, number=number)


def test_what_is_meant_is_right(worlds: Worlds) -> None:
    found = verdict(worlds, "recommend\n+ category=mugs; price<=10", said(wants(MUGS, at_most(10))))
    assert (found.wrong, found.right, found.said, found.wanted) == ([], 2, 2, 2)


@pytest.mark.parametrize(
    ("label", "constraint"),
    [
        ("colour=blue", Constraint("colour", Op.IS, ("blue", "navy", "pale blue"))),  # a family and values with the word
        ("colour=blue", Constraint("colour", Op.IS, ("BLUE",))),
        ("material=clay*", Constraint("material", Op.IS, ("clay", "glazed clay"))),
        ("colour!=red", Constraint("colour", Op.IS, ("blue", "navy", "pale blue", "white"))),  # the same items
        ("price<=10", at_most(9.99)),  # the same items
        ("~price<=any", at_most(3, strength=Strength.PREFER)),
        ("*colour=red", Constraint("colour", Op.IS, ("red",), strength=Strength.PREFER)),
        ("^colour=red", Constraint("colour", Op.IS, ("red",), strength=Strength.AVOID)),
        ("^colour=red", Constraint("colour", Op.IS_NOT, ("red",), strength=Strength.PREFER)),
        ("brand=Birk or brand=Cove", Constraint("brand", Op.IS, ("Cove",))),
        ("capacity=300", Constraint("capacity", Op.IS, number=300.0)),
    ],
)
def test_the_same_in_other_words(worlds: Worlds, label: str, constraint: Constraint) -> None:
    assert verdict(worlds, f"recommend\n+ {label}", said(wants(constraint))).wrong == []


@pytest.mark.parametrize(
    ("label", "constraint"),
    [
        ("colour=blue", Constraint("colour", Op.IS, ("blue", "red"))),
        ("colour=blue", Constraint("colour", Op.IS, ("blue",), strength=Strength.PREFER)),
        ("colour=blue", Constraint("colour", Op.IS_NOT, ("blue",))),
        ("material=clay*", Constraint("material", Op.IS, ("clay",))),
        ("price<=10", at_least(10)),
        ("price<=10", at_most(13)),
        ("price<=20", at_most(2000)),
        ("~price<=any", at_most(3)),
        ("^colour=red", Constraint("colour", Op.IS, ("red",), strength=Strength.PREFER)),
        ("brand=Birk", Constraint("colour", Op.IS, ("navy", "blue"))),  # the same items, by another field
    ],
)
def test_something_else(worlds: Worlds, label: str, constraint: Constraint) -> None:
    found = verdict(worlds, f"recommend\n+ {label}", said(wants(constraint)))
    assert found.wrong == ["constraints"]
    assert (found.right, found.said, found.wanted) == (0, 1, 1)


@pytest.mark.parametrize(("low", "high", "right"), [(10, 14, 2), (9, 15, 2), (1, 40, 0), (13, 20, 0)])
def test_around(worlds: Worlds, low: float, high: float, right: int) -> None:
    found = verdict(worlds, "recommend\n+ price=around 12", said(wants(at_least(low), at_most(high))))
    assert (found.right, found.said, found.wanted) == (right, 2, 2)
    assert found.ledger == bool(right)


def test_two_bounds_may_make_one_figure(worlds: Worlds) -> None:
    reading = said(wants(at_least(350, "capacity"), at_most(350, "capacity")))
    assert verdict(worlds, "recommend\n+ capacity=350", reading).ledger


def test_what_may_be_said_is_counted_nowhere(worlds: Worlds) -> None:
    label = "recommend\n+ category=mugs; ?brand"
    for constraints in ((MUGS,), (MUGS, Constraint("brand", Op.IS, ("Birk",)))):
        found = verdict(worlds, label, said(wants(*constraints)))
        assert (found.wrong, found.right, found.said, found.wanted) == ([], 1, 1, 1)


def test_exclusions_in_pieces_are_one(worlds: Worlds) -> None:
    pieces = [Constraint("brand", Op.IS_NOT, (b,)) for b in ("Birk", "Cove")]
    assert verdict(worlds, "recommend\n+ brand!=Birk|Cove", said(wants(*pieces))).ledger


def test_each_limit_belongs_to_its_need(worlds: Worlds) -> None:
    label = "recommend\n+ category=mugs; price<=10\n+ category=bowls; price<=30"
    bowls = Constraint("category", Op.IS, ("bowls",))
    good = said(wants(bowls, at_most(30), opens=True), wants(MUGS, at_most(10), opens=True))
    crossed = said(wants(MUGS, at_most(30), opens=True), wants(bowls, at_most(10), opens=True))
    one = said(wants(MUGS, at_most(10), opens=True), wants(bowls, at_most(30)))
    assert verdict(worlds, label, good).ledger
    assert verdict(worlds, label, crossed).right == 2
    assert "constraints" in verdict(worlds, label, crossed).wrong
    assert "needs" in verdict(worlds, label, one).wrong


def test_opening_and_refining_are_different(worlds: Worlds) -> None:
    refined, opened = (said(wants(at_most(10), opens=o), intent=Intent.REFINE) for o in (False, True))
    assert verdict(worlds, "search\n= price<=10", refined, "mugs").wrong == []
    assert verdict(worlds, "search\n= price<=10", opened, "mugs").wrong == ["needs"]
    assert verdict(worlds, "search\n* price<=10", opened, "mugs").wrong == []


def test_coming_back_to_a_need_is_no_new_one(worlds: Worlds) -> None:
    back = said(wants(Constraint("category", Op.IS, ("bowls",)), at_most(30), opens=True))
    assert verdict(worlds, "search\n= need 2; ?category; price<=30", back, "mugs").ledger


def test_closing_dropping_and_recipients(worlds: Worlds) -> None:
    closing = said(NeedReading(need_id=2, closes=True))
    assert verdict(worlds, "search\n= need 2; closes", closing, "mugs").ledger
    assert not verdict(worlds, "search\n= need 2; closes", said(), "mugs").ledger
    dropping = said(wants(drops=("price",)))
    assert verdict(worlds, "search\n= drop price", dropping, "mugs").ledger
    assert verdict(worlds, "search\n= drop brand", dropping, "mugs").wrong == ["drops"]
    for_mother = said(wants(MUGS, recipient="my mother who likes tea"))
    assert verdict(worlds, "recommend\n+ category=mugs; for mother", for_mother).ledger
    assert verdict(worlds, "recommend\n+ category=mugs; for father", for_mother).wrong == ["recipient"]
    assert verdict(worlds, "recommend\n+ category=mugs", for_mother).wrong == ["recipient"]


def test_items_pointed_at(worlds: Worlds) -> None:
    label = "item_question\nrefs: a1"
    asked = {"intent": Intent.ITEM_QUESTION}
    assert verdict(worlds, label, said(**asked, references=("a1",)), "mugs").wrong == []
    assert verdict(worlds, label, said(**asked, references=("a3",)), "mugs").wrong == ["items"]
    assert verdict(worlds, label, said(**asked), "mugs").wrong == ["items"]
    focus = "item_question\nrefs: a2"
    assert verdict(worlds, focus, said(**asked), "mugs").wrong == [], "the item in focus need not be named"
    liked = "feedback\nliked: a1\ndisliked: a3"
    right = said(intent=Intent.FEEDBACK, liked=("a1",), disliked=("a3",), references=("a1", "a3"))
    wrong = said(intent=Intent.FEEDBACK, liked=("a3",), disliked=("a1",))
    assert verdict(worlds, liked, right, "mugs").wrong == []
    assert verdict(worlds, liked, wrong, "mugs").wrong == ["items"]


def test_comparatives(worlds: Worlds) -> None:
    cheaper = said(comparatives=(Comparative("price", -1, ("a2",)),))
    assert verdict(worlds, "search\ncompare: price -1", cheaper, "mugs").ledger, "of the item in focus, or of all shown"
    assert verdict(worlds, "search\ncompare: price -1 than a1", cheaper, "mugs").wrong == ["comparatives"]
    assert verdict(worlds, "search\ncompare: price +1", cheaper, "mugs").wrong == ["comparatives"]
    assert verdict(worlds, "search\ncompare: price -1 of all", cheaper, "mugs").wrong == ["comparatives"]
    assert verdict(worlds, "search\ncompare: price -1 of all?", cheaper, "mugs").ledger


def test_unknown_words_intents_and_language(worlds: Worlds) -> None:
    strange = said(unknown=(Unknown("pianos"),))
    assert verdict(worlds, "recommend\nunknown: piano", strange).wrong == []
    assert verdict(worlds, "recommend\nunknown: harp", strange).wrong == ["unknown"]
    assert verdict(worlds, "recommend", strange).wrong == ["unknown"]
    greeted = Reading((IntentSpan(Intent.RECOMMEND, ""), IntentSpan(Intent.SMALL_TALK, "")))
    assert verdict(worlds, "recommend ?small_talk", greeted).intents
    assert not verdict(worlds, "recommend", greeted).intents
    assert verdict(worlds, "search/more", said(intent=Intent.REFINE)).intents
    assert verdict(worlds, "recommend\nlanguage: fr", said()).wrong == ["language"]
    assert verdict(worlds, "hand_off\nor\nrecommend", said()).wrong == []


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("recomend", "no intent"),
        ("recommend\n+ price<<3", "no constraint"),
        ("recommend\nreferences: a1", "no part of a label"),
        ("recommend\ncompare: cheaper", "no comparative"),
        ("recommend\n+ colour=teal", "which no item"),
        ("recommend\n+ smell=rose", "does not record"),
        ("recommend\nrefs: a5", "was not shown"),
    ],
)
def test_a_wrong_label_is_told_with_its_place(worlds: Worlds, label: str, told: str) -> None:
    with pytest.raises(ScriptError, match=rf"dev_x.txt:3: .*{told}"):
        verdict(worlds, label, said(), "mugs")


def test_a_run_over_another_folder(worlds: Worlds, tmp_path: Path) -> None:
    for part in ("dev", "held"):
        text = "@ pots new\nmould: price / KIND under AMOUNT\n> mugs under 10\n  recommend\n  + category=mugs; price<=10\n"
        (tmp_path / f"{part}.txt").write_text(text + "> a white bowl\n  hand_off\n", encoding="utf-8")
    figures, problems = run_understanding(tmp_path, problems_file=tmp_path / "problems.txt")
    assert figures["dev.price/chatrec/utterances"] == 2
    assert figures["dev/chatrec/exact_match"][1] == 0.5  # type: ignore[index]
    dev, held = [p for p in problems if "white bowl" in p], [p for p in problems if p.startswith("held: ")]
    assert len(dev) == 1
    assert held == ["held: 1 x price (intents, needs)"]
    assert "white bowl" in (tmp_path / "problems.txt").read_text(encoding="utf-8")


def test_of_the_held_part_only_counts_are_told(worlds: Worlds) -> None:
    utterance = labelled(worlds, "hand_off")
    judged = judge_all(worlds, [utterance])["keywords"]
    assert told_problems("held", judged, show=False) == ["held: 1 x any (intents)"]
    assert "> words" not in told_problems("dev", judged, show=True)[0]
    assert "words" in told_problems("dev", judged, show=True)[0]
