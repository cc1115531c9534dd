"""The training dialogues: grounded, varied, held out by kind and plan, and the same for the same seed."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, Fact, FactKind
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.prompts import CHAT_END
from chatrec.tuning.check import Checked, Novelty, refusal, sentences
from chatrec.tuning.data_card import Row, digest
from chatrec.tuning.dialogues import build_rows, write_rows
from chatrec.tuning.dialogues_answers import whether
from chatrec.tuning.dialogues_products import draft_recommend
from chatrec.tuning.dialogues_written import variants, written_drafts
from chatrec.tuning.invented import HELD_OUT_KINDS, invent_items, kinds_of, load_kinds
from chatrec.tuning.phrasing import joined, noted, phrase, with_article
from chatrec.tuning.phrasing_moulds import moulds


@pytest.fixture(scope="module")
def rows() -> tuple[list[Row], list[Row]]:
    return build_rows(seed=3, n=500)


def test_rows_have_the_agreed_shape(rows: tuple[list[Row], list[Row]]) -> None:
    train, held_out = rows
    assert len(train) == 500 and len(held_out) >= 120
    for row in train + held_out:
        assert set(row) == {"prompt", "completion", "act", "domain", "mould", "split"}
        assert row["prompt"].startswith("<|im_start|>system\n") and row["prompt"].endswith("<|im_start|>assistant\n")
        assert row["completion"].endswith(CHAT_END) and row["completion"].count(CHAT_END) == 1
        assert 1 <= len(sentences(row["completion"].removesuffix(CHAT_END))) <= 5


def test_every_act_is_taught(rows: tuple[list[Row], list[Row]]) -> None:
    acts = Counter(r["act"] for r in rows[0])
    assert set(acts) == {"recommend", "compare", "item_answer", "explain"}  # the acts that the model writes; code tells the others
    assert min(acts.values()) >= 10


def test_held_out_rows_share_no_kind_and_no_plan_with_the_invented_training_rows(rows: tuple[list[Row], list[Row]]) -> None:
    train = [r for r in rows[0] if not r["mould"].startswith("written:")]
    held_out = [r for r in rows[1] if r["act"] in ("recommend", "compare", "explain")]
    assert not {r["domain"] for r in train} & HELD_OUT_KINDS
    assert {r["domain"] for r in held_out} <= HELD_OUT_KINDS
    plans = [{p for r in part for p in r["mould"].split("+")} for part in (train, held_out)]
    assert not plans[0] & plans[1]


def test_same_seed_same_rows_and_another_seed_others() -> None:
    first, again, other = build_rows(5, 200)[0], build_rows(5, 200)[0], build_rows(6, 200)[0]
    assert digest(first) == digest(again) != digest(other)


def test_invented_replies_are_not_said_twice(rows: tuple[list[Row], list[Row]]) -> None:
    told = Counter((r["prompt"], r["completion"]) for r in rows[0] if not r["mould"].startswith("written:"))
    assert max(told.values()) == 1
    openings = Counter(" ".join(r["completion"].split()[:3]) for r in rows[0] if r["act"] == "recommend")
    assert openings.most_common(1)[0][1] < 0.1 * sum(openings.values())


def test_hand_written_replies_are_many_and_mostly_pass() -> None:
    drafts = written_drafts()
    passed = [d for d in drafts if any(not refusal(Checked(v.evidence, v.reply)) for v in variants(d))]
    assert len(drafts) >= 120 and len({d.domain for d in drafts}) >= 18
    assert len(passed) >= 0.6 * len(drafts), [d.reply for d in drafts if d not in passed]


def test_an_invented_property_is_refused() -> None:
    rng = random.Random(1)
    draft = next(d for d in (draft_recommend("train", rng) for _ in range(50)) if d and not refusal(Checked(d.evidence, d.reply)))
    assert refusal(Checked(draft.evidence, draft.reply + " It is titanium plated.")).startswith("gate:")
    assert refusal(Checked(draft.evidence, draft.reply.replace("[1]", "this one"))) == "citations"


def test_a_wrong_figure_is_refused() -> None:
    item = invent_items(load_kinds()[0], 1, random.Random(2))[0]
    facts = [Fact(FactKind.ATTRIBUTE, "weight", "weight 900 g", "900", 900.0, "g", "column:weight")]
    evidence = RecordEvidence().build("item_answer", "how heavy is it", items=[(item, facts)])
    assert not refusal(Checked(evidence, "[1] weighs 900 g."))
    assert refusal(Checked(evidence, "[1] weighs 800 g.")).startswith("gate:")


def test_the_demo_shop_is_unseen() -> None:
    from chatrec.demo import __file__ as demo

    sold = {json.loads(line)["category"] for path in Path(demo).parent.glob("items/*.jsonl") for line in path.read_text().splitlines()}
    assert sold and not sold & {k.name for k in load_kinds()}


def test_kinds_are_many_and_invented_items_differ() -> None:
    assert len(kinds_of("train")) >= 20 and len(kinds_of("held_out")) >= 5
    items = invent_items(load_kinds()[3], 3, random.Random(4))
    assert len({i.title for i in items}) == len({i.item_id for i in items}) == 3
    assert all(typed_facts(i) for i in items)


def test_plans_are_dozens() -> None:
    count = sum(
        len(moulds("products", g, s)) for g in ("lead", "next", "last", "two", "three", "compare_two") for s in ("train", "held_out")
    )
    assert count > 90


@pytest.mark.parametrize(
    ("question", "turned"),
    [
        ("is it loud?", "whether it is loud"),
        ("does it have a handle", "whether it has a handle"),
        ("how loud is it?", "how loud it is"),
        ("can i get spare burrs?", "whether you can get spare burrs"),
        ("is there a stand for it?", "whether there is a stand for it"),
        ("what tips come with it?", ""),
    ],
)
def test_questions_turn_into_what_the_listing_does_not_say(question: str, turned: str) -> None:
    assert whether(question) == turned


def test_phrases_keep_the_record() -> None:
    rng = random.Random(0)
    weight = phrase(Fact(FactKind.ATTRIBUTE, "weight", "weight 1.2 kg", "1.2", 1.2, "kg"))
    assert weight is not None and "1.2 kg" in weight.does
    denied = phrase(Fact(FactKind.ATTRIBUTE, "vegan", "not vegan", "no"))
    assert denied is not None and denied.does == "is not vegan" and not denied.has
    assert phrase(Fact(FactKind.TYPE, "category", "kettles", "kettles")) is None
    lid = phrase(Fact(FactKind.ATTRIBUTE, "features", "hinged lid", "hinged lid"))
    assert lid is not None and lid.does == "comes with a hinged lid" and lid.has == "a hinged lid"
    fill = phrase(Fact(FactKind.ATTRIBUTE, "fill", "fill down", "down"))
    assert fill is not None and fill.clause == "its fill is down" and not fill.does
    assert (
        with_article("LED ring") == "an LED ring"
        and with_article("wooden pieces") == "wooden pieces"
        and with_article("soft grip") == "a soft grip"
    )
    assert joined(["has a lid", "weighs 2 kg"], rng) == "has a lid and weighs 2 kg"
    wordings = {joined(["has a lid", "has 3 speeds", "weighs 2 kg"], rng) for _ in range(30)}
    assert wordings == {"has a lid and 3 speeds, and weighs 2 kg", "has a lid, has 3 speeds and weighs 2 kg"}


def test_computed_notes_are_said_of_their_subject_only() -> None:
    note = Fact(FactKind.COMPUTED, "weight", "[2] is lighter than [1] by 120 g", cites=(2, 1))
    assert noted(note, 2) == "is lighter" and noted(note, 1) == ""
    assert noted(replace(note, text="[1] is the cheapest of these"), 1) == "is the cheapest"


def test_near_duplicates_are_noticed() -> None:
    novelty = Novelty()
    assert novelty.is_new("recommend", "a kettle", "[1] holds 1.2 l.")
    assert not novelty.is_new("recommend", "any kettle", "[1] holds 1.7 l.")
    assert novelty.is_new("say", "hi", "Hello!") and novelty.is_new("say", "hey", "Hello!")


def test_what_has_nothing_to_cite_must_not_cite() -> None:
    assert refusal(Checked(Evidence("say", "hi"), "Hello [1]!")) == "citations"


def test_rows_show_facts_as_predicates(rows: tuple[list[Row], list[Row]]) -> None:
    lines = [line for r in rows[0] for line in r["prompt"].splitlines() if line.startswith("[1] ")]
    assert sum(": " in line for line in lines) > 0.8 * len(lines)
    assert not any("brand " in line.split(": ")[-1][:6] for line in lines)


def test_write_rows_leaves_files_and_a_card(tmp_path: Path) -> None:
    folder = write_rows(tmp_path / "rows", rows=150, seed=1)
    train = [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    card = json.loads((folder / "data_card.json").read_text(encoding="utf-8"))
    assert 145 <= card["train"]["rows"] == len(train) <= 150 and card["train"]["digest"] == digest(train)
    assert card["held_out"]["rows"] == len((folder / "eval.jsonl").read_text(encoding="utf-8").splitlines())
    assert sum(card["train"]["acts"].values()) == len(train) and card["prompt"].startswith("reply.v")
