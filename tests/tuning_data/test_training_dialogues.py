"""The training dialogues: grounded, varied, held out by kind and plan, and the same for the same seed."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from chatrec.catalog.facts import typed_facts
from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind
from chatrec.generation.evidence import RecordEvidence
from chatrec.generation.predicates import PREDICATE
from chatrec.generation.prompts import CHAT_END
from chatrec.tuning.check import Checked, Novelty, refusal, sentences
from chatrec.tuning.data_card import Row, digest, opening
from chatrec.tuning.dialogues import LEAST_OPENING, MOST_OPENING, Intake, build_rows, invent, write_rows, written_rows
from chatrec.tuning.dialogues_answers import whether
from chatrec.tuning.dialogues_products import draft_recommend
from chatrec.tuning.dialogues_written import REPLIES, held_out_replies, sampled_drafts, variants, written_kinds
from chatrec.tuning.invented import HELD_OUT_KINDS, SHELVES, invent_items, kinds_of, load_kinds
from chatrec.tuning.phrasing import joined, measured, noted, phrase, with_article
from chatrec.tuning.phrasing_moulds import VOICES, moulds
from chatrec.tuning.telling import one_of, tellers


@pytest.fixture(scope="module")
def rows() -> tuple[list[Row], list[Row]]:
    return build_rows(seed=3, n=500)


def test_rows_have_the_agreed_shape(rows: tuple[list[Row], list[Row]]) -> None:
    train, held_out = rows
    assert 490 <= len(train) <= 500 and len(held_out) >= 200
    for row in train + held_out:
        assert set(row) == {"prompt", "completion", "evidence", "act", "domain", "mould", "voice", "split"}
        assert row["prompt"].startswith("<|im_start|>system\n") and row["prompt"].endswith("<|im_start|>assistant\n")
        assert row["completion"].endswith(CHAT_END) and row["completion"].count(CHAT_END) == 1
        assert 1 <= len(sentences(row["completion"].removesuffix(CHAT_END))) <= 5


def test_every_act_is_taught(rows: tuple[list[Row], list[Row]]) -> None:
    acts = Counter(r["act"] for r in rows[0])
    model = {"recommend", "compare", "item_answer", "explain"}  # the acts that the model writes; code tells the others by default
    beside = {"ask", "nothing", "shop_answer", "order_status", "say", "decline", "hand_off"}  # of 500 rows the rarest may lack one
    assert model <= set(acts) <= model | beside and len(set(acts) & beside) >= 4
    assert min(acts[a] for a in model) >= 10


def test_held_out_rows_share_no_kind_and_no_plan_with_the_invented_training_rows(rows: tuple[list[Row], list[Row]]) -> None:
    train = [r for r in rows[0] if not r["mould"].startswith("written:")]
    held_out = [r for r in rows[1] if r["act"] in ("recommend", "compare", "explain")]
    assert not {r["domain"] for r in train} & HELD_OUT_KINDS
    assert {r["domain"] for r in held_out} <= HELD_OUT_KINDS
    product = ("recommend", "compare", "explain")
    plans = [{p for r in part if r["act"] in product for p in r["mould"].split("+")} for part in (train, held_out)]
    assert not plans[0] & plans[1]


def test_same_seed_same_rows_and_another_seed_others() -> None:
    first, again, other = build_rows(5, 200)[0], build_rows(5, 200)[0], build_rows(6, 200)[0]
    assert digest(first) == digest(again) != digest(other)


def test_invented_replies_are_not_said_twice(rows: tuple[list[Row], list[Row]]) -> None:
    told = Counter((r["prompt"], r["completion"]) for r in rows[0] if not r["mould"].startswith("written:"))
    assert max(told.values()) == 1


def test_no_opening_is_worn_out() -> None:
    intake = Intake(1000)
    found = Counter(opening(d.reply) for d in invent("train", 250, random.Random(9), intake))
    assert found.most_common(1)[0][1] <= max(LEAST_OPENING, MOST_OPENING * 1000)
    assert len(found) > 90


def test_hand_written_replies_are_many_and_pass() -> None:
    kinds = written_kinds()
    assert sum(kinds.values()) >= 3000 and len(kinds) >= 250
    drafts = list(islice(sampled_drafts(random.Random(4)), 700))
    passed = [d for d in drafts if any(not refusal(Checked(v.evidence, v.reply)) for v in variants(d))]
    told = "".join(path.read_text(encoding="utf-8") for path in REPLIES.glob("*.yaml"))
    acts = {beside or about for beside, about in re.findall(r"\bact: (\w+)|^    - \[(\w+)", told, re.MULTILINE)}
    assert len(acts) == 11  # every act that says something of its own
    assert len(passed) >= 0.9 * len(drafts), [d.reply for d in drafts if d not in passed]


def test_held_out_replies_are_by_hand_and_never_trained_on(rows: tuple[list[Row], list[Row]]) -> None:
    kept = written_rows()
    assert len(held_out_replies()) >= 40 and len(kept) >= 36
    assert not {r["completion"] for r in kept} & {r["completion"] for r in rows[0]}
    assert not {d.domain for d in held_out_replies() if d.evidence.items} & set(written_kinds())


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
    assert not sold & set(written_kinds())


def test_no_reply_by_hand_is_about_a_held_out_kind() -> None:
    assert not HELD_OUT_KINDS & set(written_kinds())


def test_kinds_are_many_and_invented_items_differ() -> None:
    assert len(load_kinds()) >= 40 and len(kinds_of("held_out")) >= 8 and len(list(SHELVES.glob("*.yaml"))) >= 8
    items = invent_items(load_kinds()[3], 3, random.Random(4))
    assert len({i.title for i in items}) == len({i.item_id for i in items}) == 3
    assert all(typed_facts(i) for i in items)


def test_plans_are_dozens() -> None:
    groups = ("lead", "next", "last", "two", "three", "contrast", "trade", "pair", "both", "choice", "extremes", "honours")
    assert sum(len(moulds("products", g, s)) for g in groups for s in ("train", "held_out")) > 180
    assert all(moulds("products", "lead", "train", voice) for voice in VOICES)


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
    cuisine = phrase(Fact(FactKind.ATTRIBUTE, "cuisine", "cuisine Nordic", "Nordic"))
    assert cuisine is not None and cuisine.clause == "its cuisine is Nordic" and not cuisine.does
    top = phrase(Fact(FactKind.ATTRIBUTE, "top", "top cedar", "cedar"))
    assert top is not None and top.does == "has a cedar top" and top.has == "a cedar top"
    blade = phrase(Fact(FactKind.ATTRIBUTE, "blade length", "blade length 18 cm", "18", 18.0, "cm"))
    assert blade is not None and blade.has == "an 18 cm blade"
    assert (
        with_article("LED ring") == "an LED ring"
        and with_article("wooden pieces") == "wooden pieces"
        and with_article("soft grip") == "a soft grip"
    )
    assert joined(["has a lid", "weighs 2 kg"], rng) == "has a lid and weighs 2 kg"
    assert joined(["is 21 cm long", "is waterproof"], rng) == "is 21 cm long and waterproof"
    assert joined(["comes with a lid", "has no stand", "has a strap"], rng) == "has a lid and a strap but no stand"
    wordings = {joined(["weighs 2 kg", "has a lid"], rng) for _ in range(60)}
    assert wordings == {"weighs 2 kg and has a lid", "weighs 2 kg with a lid", "weighs 2 kg, with a lid"}


def test_comparisons_carry_their_figure() -> None:
    note = Fact(FactKind.COMPUTED, "weight", "[2] is lighter than [1] by 120 g", cites=(2, 1))
    weight = Fact(FactKind.ATTRIBUTE, "weight", "weight 900 g", "900", 900.0, "g")
    assert measured(note, [weight], 2) == "is lighter at 900 g" and measured(note, [], 2) == "is lighter"


def test_what_speaks_against_an_item_stands_behind_a_but() -> None:
    clause = Fact(FactKind.DESCRIPTION, PREDICATE, "needs seasoning before first use")
    weight = Fact(FactKind.ATTRIBUTE, "weight", "weight 2 kg", "2", 2.0, "kg")
    item = EvidenceItem(1, "a", "Pan", (weight, clause))
    told = {str((tellers(Evidence("recommend", "pan", items=(item,)), random.Random(n), 2)[0].fill({"p"}) or {})["p"]) for n in range(20)}
    assert told == {"weighs 2 kg", "weighs 2 kg, but it needs seasoning before first use"}


def test_kinds_are_told_in_the_singular() -> None:
    assert [one_of(k) for k in ("kettles", "office chairs", "knitting yarn", "sunglasses")] == ["a kettle", "an office chair", "", ""]


def test_computed_notes_are_said_of_their_subject_only() -> None:
    note = Fact(FactKind.COMPUTED, "weight", "[2] is lighter than [1] by 120 g", cites=(2, 1))
    assert noted(note, 2) == "is lighter" and noted(note, 1) == ""
    assert noted(replace(note, text="[1] is the cheapest of these"), 1) == "is the cheapest"


def test_near_duplicates_are_noticed() -> None:
    novelty = Novelty()
    assert novelty.is_new("recommend", "a kettle", "[1] holds 1.2 l.")
    assert not novelty.is_new("recommend", "any kettle", "[1] holds 1.7 l.")
    assert not novelty.is_new("recommend", "kettles", "l holds [1] 1.9.")  # the same words in another order
    assert novelty.is_new("say", "hi", "Hello!") and novelty.is_new("say", "hey", "Hello!")


def test_what_has_nothing_to_cite_must_not_cite() -> None:
    assert refusal(Checked(Evidence("say", "hi"), "Hello [1]!")) == "citations"


def test_rows_show_facts_as_predicates(rows: tuple[list[Row], list[Row]]) -> None:
    lines = [line for r in rows[0] for line in r["prompt"].splitlines() if line.startswith("[1] ")]
    assert sum(": " in line for line in lines) > 0.8 * len(lines)
    assert not any("brand " in line.split(": ")[-1][:6] for line in lines)


def test_write_rows_leaves_files_and_a_card(tmp_path: Path) -> None:
    heard: list[int] = []
    folder = write_rows(tmp_path / "rows", rows=400, seed=1, progress=lambda done, _: heard.append(done))
    train = [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    card = json.loads((folder / "data_card.json").read_text(encoding="utf-8"))
    assert 390 <= card["train"]["rows"] == len(train) <= 400 and card["train"]["digest"] == digest(train)
    for name, part in (("eval", "held_out"), ("written_eval", "written_held_out")):
        assert card[part]["rows"] == len((folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    assert sum(card["train"]["acts"].values()) == len(train) and card["prompt"].startswith("reply.v")
    assert sum(card["train"]["voices"].values()) == len(train) and 0.2 < card["train"]["distinct_2"] < 1
    assert len(card["train"]["openings"]) == 5 and card["refused"] and heard == sorted(heard)
    assert not set(card["shared_domains"]) - {"orders"} and not [
        m for m in card["shared_moulds"] if m.split("/")[0] in ("lead", "next", "contrast", "pair")
    ]


def test_a_small_part_of_the_rows_is_untidy_as_feeds_are() -> None:
    kind, rng = load_kinds()[0], random.Random(3)
    items = [i for _ in range(60) for i in invent_items(kind, 1, rng)]
    wooed = [i for i in items if "!" in i.description or "search ends" in i.description]
    assert 0.05 * len(items) < len(wooed) < 0.5 * len(items)
    assert not any("!" in f.text or "search ends" in f.text for i in wooed for f in typed_facts(i))
