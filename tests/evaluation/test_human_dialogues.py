"""Dialogues between people: reading them, playing them, and what counts as found. The dialogues here are our own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from chatrec.bot import ChatRec
from chatrec.domain.state import DialogueState
from chatrec.errors import SettingsError
from chatrec.evaluation.human import run_human
from chatrec.evaluation.human_data import HumanDialogue, Uttered, inspired_titles, read_inspired, read_redial, read_shopping, title_key
from chatrec.evaluation.human_play import play_shoppers
from chatrec.evaluation.human_recall import Moment, moments, popular_mentions, recall_figures
from chatrec.evaluation.human_shops import _movies

REDIAL = {
    "conversationId": 7,
    "initiatorWorkerId": 1,
    "movieMentions": {"11": "The Long Wave (1999)", "12": "Harbour Lights (2004)", "13": "Unlisted (2010)"},
    "messages": [
        {"senderWorkerId": 2, "text": "Hello!"},
        {"senderWorkerId": 1, "text": "I liked @11 a lot"},
        {"senderWorkerId": 1, "text": "anything like it?"},
        {"senderWorkerId": 2, "text": "Then @12 or @13 , and @11 again"},
        {"senderWorkerId": 1, "text": "thanks"},
    ],
}
KNOWN = {"11": "a", "12": "b"}


@pytest.fixture
def redial(tmp_path: Path) -> list[HumanDialogue]:
    (tmp_path / "valid_data.jsonl").write_text(json.dumps(REDIAL) + "\n", encoding="utf-8")
    return read_redial(tmp_path, KNOWN)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Long Wave, The (1999)", ("the long wave", "1999")),
        ("The Long  Wave (1999)", ("the long wave", "1999")),
        ("Héros & Co.", ("héros co", "")),
        ("2001: A Trip (1968)", ("2001 a trip", "1968")),
        ("", ("", "")),
    ],
)
def test_a_title_is_compared_without_its_spelling(title: str, key: tuple[str, str]) -> None:
    assert title_key(title) == key


def test_mentions_are_what_the_text_marks(redial: list[HumanDialogue]) -> None:
    (dialogue,) = redial
    assert [t.by_shopper for t in dialogue.turns] == [False, True, False, True]
    asked, told = dialogue.turns[1], dialogue.turns[2]
    assert asked.text == "I liked The Long Wave (1999) a lot anything like it?"
    assert "Wave" not in asked.words and asked.items == ("a",)
    assert told.items == ("b", "a")  # what the shop does not list is no item


def test_shopping_dialogues_join_what_one_side_says(tmp_path: Path) -> None:
    said = [("Wizard", "Hi."), ("Client", "A chair"), ("Client", "a cheap one"), ("Wizard", "This?")]
    told = [{"id": "x", "utterances": [{"participant": who, "utterance": what} for who, what in said]}]
    (tmp_path / "MGShopDial.json").write_text(json.dumps(told), encoding="utf-8")
    (dialogue,) = read_shopping(tmp_path)
    assert [(t.by_shopper, t.text) for t in dialogue.turns] == [(False, "Hi."), (True, "A chair a cheap one"), (False, "This?")]


def test_titles_of_the_other_set_lead_to_items(tmp_path: Path) -> None:
    rows = [
        ("d1", "SEEKER", "I saw QUOTATION_MARKHarbour LightsQUOTATION_MARK", "Harbour Lights (2004)"),
        ("d1", "RECOMMENDER", "Then The Long Wave or Dunes", "The Long Wave (1999); Dunes (2020)"),
    ]
    for name in ("dev", "test"):
        with (tmp_path / f"{name}.tsv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerow(("dialog_id", "speaker", "text", "movies"))
            writer.writerows(rows if name == "dev" else [])
    (dialogue,) = read_inspired(tmp_path, {("the long wave", "1999"): "a", ("harbour lights", "2004"): "b"})
    assert [t.items for t in dialogue.turns] == [("b",), ("a",)]
    assert dialogue.turns[0].text == 'I saw "Harbour Lights"' and "Harbour" not in dialogue.turns[0].words
    assert inspired_titles(tmp_path) == ["Harbour Lights (2004)", "The Long Wave (1999)", "Dunes (2020)"]


def test_a_moment_wants_what_was_not_named_before(redial: list[HumanDialogue]) -> None:
    states = {(0, place): DialogueState("s") for place in (0, 2)}
    (moment,) = moments(redial, states)
    assert (moment.wanted, moment.named) == (("b",), ("a",))
    assert "anything like it?" in moment.words
    assert list(moments(redial, {})) == []  # a dialogue that crashed ends where it did


def test_recall_counts_every_item_that_is_wanted() -> None:
    state = DialogueState("s")
    found = [Moment(0, state, "", (), ("a", "b")), Moment(1, state, "", (), ("c",))]
    ways = {"chatrec": lambda _: ["a", "x", "c"], "random": lambda _: ["x"]}
    figures = recall_figures("t", found, ways, seed=1)
    assert figures["t/cases"] == 3.0
    assert figures["t/chatrec/recall@1"][1] == pytest.approx(1 / 3, abs=1e-4)  # type: ignore[index]
    assert figures["t/chatrec/recall@10"][1] == pytest.approx(2 / 3, abs=1e-4)  # type: ignore[index]
    assert figures["t/random/recall@50"] == [0.0, 0.0, 0.0]
    assert figures["t/chatrec_over_random/recall@10"][1] == pytest.approx(2 / 3, abs=1e-4)  # type: ignore[index]
    assert recall_figures("t", [], ways, seed=1) == {}


def test_popular_is_what_most_dialogues_name() -> None:
    often = HumanDialogue("1", (Uttered(True, "", "", ("b", "c")), Uttered(False, "", "", ("b",))))
    assert popular_mentions([often, HumanDialogue("2", (Uttered(True, "", "", ("c", "z")),))], {"b", "c"}) == ["c", "b"]


def test_playing_counts_what_goes_wrong(demo_bot: ChatRec) -> None:
    said = ("hi, I need a tent", "under 200", "the first one, is it waterproof?", "ok thanks")
    turns = tuple(u for text in said for u in (Uttered(True, text, text), Uttered(False, "mhm", "mhm")))
    heard = play_shoppers(demo_bot, [HumanDialogue("own", turns)])
    figures = heard.figures("own", seed=1)
    assert (figures["own/chatrec/turns"], figures["own/chatrec/crashes"], figures["own/chatrec/repeated_questions"]) == (4.0, 0.0, 0.0)
    assert heard.problems == []
    assert [state.turn for _, state in sorted(heard.states.items())] == [1, 2, 3, 4]
    broken = play_shoppers(demo_bot, [HumanDialogue("odd", (Uttered(True, 7, ""),))])  # type: ignore[arg-type]
    assert broken.crashes == 1 and broken.problems and "odd turn 1" in broken.problems[0]


def test_without_the_data_it_is_said_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CHATREC_DATA"):
        run_human(1, 1, data=tmp_path)


def test_one_movie_is_one_item(tmp_path: Path) -> None:
    """Lists of movies that name the same one, with a year beside or none, make one item of it."""
    listed = {"1": {"name": "Harbour Lights (2004)", "genre": ["drama"]}, "2": {"name": "The Long Wave"}}
    for name in ("redial_valid", "movielens/ml-latest-small", "inspired"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "redial_valid" / "id2info.json").write_text(json.dumps(listed), encoding="utf-8")
    (tmp_path / "movielens" / "ml-latest-small" / "movies.csv").write_text(
        'movieId,title,genres\n8,"Long Wave, The (1999)",Drama|Sci-Fi\n9,Harbour Lights (2005),Drama\n10,Dunes (2020),(no genres listed)\n',
        encoding="utf-8",
    )
    for name in ("dev", "test"):
        (tmp_path / "inspired" / f"{name}.tsv").write_text(
            "dialog_id\tspeaker\ttext\tmovies\nd\tSEEKER\tx\tDunes (2020); Quiet (2019)\n", encoding="utf-8"
        )
    rows, names, of_movielens = _movies(tmp_path)
    assert [r["item_id"] for r in rows] == ["r1", "r2", "m10", "i1"]
    assert of_movielens == {"8": "r2", "9": "r1", "10": "m10"}
    assert names.of_redial == {"r1", "r2"} and names.titles["quiet", "2019"] == "i1"
