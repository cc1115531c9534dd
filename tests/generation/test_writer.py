"""The writers: the template alone, and the model's words between gate and template."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.domain.facts import DroppedSentence, Evidence, Fact, FactKind, Sentence
from chatrec.domain.giving_way import told_of_giving_way
from chatrec.errors import GeneratorBusy
from chatrec.generation.gate import SentenceGate
from chatrec.generation.prompts import PromptLibrary
from chatrec.generation.sentences import is_torso
from chatrec.generation.template import CITING, TemplateWriter
from chatrec.generation.template_words import CLOSINGS, CLOSINGS_OF_TWO, SAYINGS
from chatrec.generation.writer import GroundedWriter
from chatrec.protocols import Generator, Writer
from chatrec.resources import prompts_folder
from chatrec.testing.generators import ScriptedGenerator

sys.path.insert(0, str(Path(__file__).parent))
from gate_worlds import BAGS, GREETING, HEADPHONES, NOTHING, PANS, RETURNS, TEE, WORLDS, note

GATE = SentenceGate()
TEMPLATE = TemplateWriter(GATE)
LIBRARY = PromptLibrary(prompts_folder())
GOOD = "For your son take [1]: it has a synthetic fill. [2] is the lighter one at 900 g."


def written(
    generator: Generator, evidence: Evidence = BAGS, frame: bool = False, **more: object
) -> tuple[list[Sentence], list[DroppedSentence]]:
    """What is said and what is dropped; with ``frame``, what code says by design, before the items and behind them, as well."""
    out = list(GroundedWriter(generator, GATE, LIBRARY, TEMPLATE, **more).write(evidence))
    said = [s for s in out if isinstance(s, Sentence)]
    return [s for s in said if frame or s.origin != "code"], [s for s in out if isinstance(s, DroppedSentence)]


def origins(sentences: list[Sentence]) -> list[str]:
    return [s.origin for s in sentences]


def cited(sentences: list[Sentence]) -> set[int]:
    return {n for s in sentences for n in s.cites}


@pytest.mark.parametrize("world", sorted(WORLDS))
@pytest.mark.parametrize("variant", range(6))
def test_template_sentences_pass_the_gate_and_cite_every_item(world: str, variant: int) -> None:
    evidence = replace(WORLDS[world], shopper=f"{WORLDS[world].shopper} {'please ' * variant}".strip())
    sentences = list(TEMPLATE.write(evidence))
    previous: tuple[int, ...] = ()
    for sentence in sentences:
        if evidence.act == "nothing":  # counts in brackets are code's own; every one must be a note's
            counts = {note.text.rpartition(": ")[2] for note in evidence.notes}
            assert set(re.findall(r": (\d+)", sentence.text)) <= counts, sentence.text
        else:
            assert GATE.judge(sentence.text, evidence, previous).ok, sentence.text
        previous = sentence.cites or previous
        assert sentence.rendered
    if evidence.act in CITING:
        assert {i.n for i in evidence.items} <= cited(sentences)


@pytest.mark.parametrize("topic", sorted(set(SAYINGS) - {"greet"}))
def test_every_fixed_wording_is_said(topic: str) -> None:
    note = Fact(FactKind.COMPUTED, "topic", f"topic {topic}")
    for act in ("say", "decline"):
        said = list(TEMPLATE.write(Evidence(act, "well", notes=(note,))))
        assert len(said) == 1
        assert said[0].text in [w.replace("[n]", "that") for w in SAYINGS[topic]]


def test_templates_vary_with_the_evidence_and_repeat_with_it() -> None:
    texts = {tuple(s.text for s in TEMPLATE.write(replace(BAGS, shopper=f"bag {n}"))) for n in range(12)}
    assert len(texts) > 3
    assert list(TEMPLATE.write(BAGS)) == list(TEMPLATE.write(BAGS))


def test_a_relaxation_is_said_with_its_count() -> None:
    text = " ".join(s.rendered for s in TEMPLATE.write(NOTHING))
    assert "without the brand: 7" in text
    assert "up to $12 more: 3" in text


def test_a_price_question_is_answered_by_code_alone() -> None:
    generator = ScriptedGenerator("It costs $1.")
    sentences, _ = written(generator, replace(TEE, shopper="how much is it and is it in stock?", notes=()))
    text = " ".join(s.rendered for s in sentences)
    assert "$25.00" in text
    assert "out of stock" in text
    assert not generator.prompts


class Counted(ScriptedGenerator):
    """One whose tokens are words."""

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def test_what_the_model_read_and_wrote_is_counted_and_that_it_is_waited_for_is_told() -> None:
    told: list[str] = []
    generator = Counted(GOOD)
    writer = GroundedWriter(generator, GATE, LIBRARY, TEMPLATE).for_turn()
    with told_of_giving_way(lambda: told.append("model")):
        assert list(writer.write(NOTHING)) and writer.last_tokens == (0, 0) and not told  # told by code
        assert list(writer.write(BAGS)) and told == ["model"]
    assert writer.last_tokens == (len(generator.prompts[0].split()), len(GOOD.split()))
    silent = GroundedWriter(ScriptedGenerator(GOOD), GATE, LIBRARY, TEMPLATE)
    assert list(silent.write(BAGS)) and silent.last_tokens == (0, 0)


def test_it_is_a_writer() -> None:
    writer: Writer = GroundedWriter(ScriptedGenerator(GOOD), GATE, LIBRARY, TEMPLATE)
    assert list(writer.write(BAGS))
    assert isinstance(ScriptedGenerator(), Generator)


def test_good_words_are_kept_and_rendered() -> None:
    sentences, dropped = written(ScriptedGenerator(GOOD))
    assert [s.rendered for s in sentences] == [
        "For your son take Skua Polar 5 ($129.00): it has a synthetic fill.",
        "Tern Light ($149.00) is the lighter one at 900 g.",
    ]
    assert origins(sentences) == ["model", "model"]
    assert not dropped


def test_a_false_sentence_is_dropped_and_its_item_told_by_template() -> None:
    sentences, dropped = written(ScriptedGenerator("[1] is waterproof. [2] is the lighter one.", ""))
    assert [d.span for d in dropped] == ["waterproof"]
    assert sorted(origins(sentences)) == ["model", "template"]
    assert cited(sentences) == {1, 2}


def test_an_item_that_nothing_stands_of_is_asked_for_alone() -> None:
    generator = ScriptedGenerator("[1] has a hood. [2] has a pocket.", "[1] weighs 1200 g.", "[1] weighs 900 g.")
    sentences, dropped = written(generator)
    assert len(dropped) == 2 and set(origins(sentences)) <= {"model", "repaired"}
    assert cited(sentences) == {1, 2}
    assert sentences[-1].rendered.startswith("Tern Light ($149.00) weighs 900 g")
    first, *alone = generator.prompts
    assert "[2]" in first and all("[2] sleeping" not in prompt and prompt.count("sleeping bags:") == 1 for prompt in alone)


def test_items_that_the_model_is_asked_for_are_counted_from_one() -> None:
    """Code tells of an item with nothing on record; the model, shown "[2]" without a "[1]", would make one up."""
    bare = replace(BAGS.items[0], facts=tuple(f for f in BAGS.items[0].facts if f.kind in (FactKind.TYPE, FactKind.PRICE)))
    generator = ScriptedGenerator("[1] weighs 900 g. [2] is waterproof.")
    sentences, dropped = written(generator, replace(BAGS, items=(bare, BAGS.items[1]), notes=()))
    assert (
        "[1] sleeping bags: has a comfort temperature of 2 C" in generator.prompts[0]
        and "[2]" not in generator.prompts[0].split("user\n")[1]
    )
    assert sentences[0].text == "[2] weighs 900 g." and sentences[0].rendered.startswith("Tern Light")
    assert [d.text for d in dropped] == ["[0] is waterproof."]
    assert cited(sentences) == {1, 2}


def test_a_model_that_fails_at_one_item_is_asked_no_more() -> None:
    generator = ScriptedGenerator("[1] is waterproof. [2] has a hood.", "[1] is waterproof.")
    sentences, _ = written(generator)
    assert set(origins(sentences)) == {"template"} and len(generator.prompts) == 2


def test_a_half_true_sentence_is_mended() -> None:
    sentences, dropped = written(ScriptedGenerator("[1] has a synthetic fill and free shipping. [2] is the lighter one."))
    assert origins(sentences) == ["repaired", "model"]
    assert sentences[0].text == "[1] has a synthetic fill."
    assert len(dropped) == 1


def test_nothing_that_stands_gives_the_template() -> None:
    sentences, dropped = written(ScriptedGenerator("This one is a dream! Everyone loves it. Buy two and fly to the moon.", ""))
    assert set(origins(sentences)) == {"template"}
    assert len(dropped) == 3


def test_a_copied_record_or_a_torso_is_no_sentence() -> None:
    sentences, dropped = written(ScriptedGenerator("[1] sleeping bags; weight 1200 g; fill synthetic\n[2] is the lighter one.\n[1] is", ""))
    assert [s.origin for s in sentences] == ["model", "template"]
    assert [d.reason for d in dropped] == ["the record copied instead of a sentence"]
    assert sentences[0].text == "[2] is the lighter one."


def test_a_rambling_model_is_stopped_and_closed() -> None:
    generator = ScriptedGenerator(GOOD + " Tell me more. It is what it is." * 400, endless=True)
    sentences, _ = written(generator, max_tokens=10_000)
    assert generator.closed == 1
    assert generator.said < 200
    assert len(sentences) <= 4


def test_a_model_that_never_ends_a_sentence_is_cut() -> None:
    generator = ScriptedGenerator("and and ", "", endless=True)
    sentences, dropped = written(generator)
    assert set(origins(sentences)) == {"template"}
    assert dropped
    assert generator.closed == 1


def test_what_talks_past_the_items_is_not_told_before_the_template() -> None:
    sentences, dropped = written(ScriptedGenerator("What is the product? What is the size? Here are two for you.", ""))
    assert set(origins(sentences)) == {"template"}
    assert [d.reason for d in dropped][:2] == ["talks of something else before any item"] * 2


def test_a_torso_is_told_from_a_sentence_that_ends_in_for() -> None:
    assert is_torso("[2] comes with.") and is_torso("It is a bag for")
    assert not any(
        is_torso(s)
        for s in (
            "The straps are narrow and cut in.",
            "It has a side of 2.75 in.",
            "It treats cuts, nothing more.",
            "It does not say what it is made of.",
        )
    )
    assert not is_torso("[1] is what you asked for.") and not is_torso("It may be what you are looking for.")


def test_nothing_is_left_out_without_a_word_in_the_receipt() -> None:
    said = "[2] is the lighter one. [2] comes with. [2] is the lighter one. " + GOOD
    sentences, dropped = written(ScriptedGenerator(said))
    told = {s.text for s in sentences} | {d.text for d in dropped}
    assert {"[2] is the lighter one.", "[2] comes with.", "For your son take [1]: it has a synthetic fill."} <= told
    assert "said before" in [d.reason for d in dropped]


def test_code_opens_at_once_and_offers_to_go_on() -> None:
    generator = ScriptedGenerator("Here are two for you. " + GOOD)
    reply = GroundedWriter(generator, GATE, LIBRARY, TEMPLATE).write(BAGS)
    opening = next(reply)
    assert isinstance(opening, Sentence) and opening.origin == "code" and not generator.prompts  # before the model is asked
    *told, closing = [s for s in reply if isinstance(s, Sentence)]
    assert closing.origin == "code" and closing.text in (*CLOSINGS_OF_TWO, *CLOSINGS)
    assert [s.text for s in told][:1] == ["For your son take [1]: it has a synthetic fill."]  # a second opening is none


def test_nothing_of_the_frame_is_said_twice_where_the_template_takes_over() -> None:
    out = [s for s in GroundedWriter(ScriptedGenerator(""), GATE, LIBRARY, TEMPLATE).write(BAGS) if isinstance(s, Sentence)]
    assert [s.text for s in out] == [s.text for s in TEMPLATE.write(BAGS)]
    assert origins(out) == ["code", *["template"] * (len(out) - 1)]


def test_what_all_share_is_told_by_code_and_not_asked_of_the_model() -> None:
    shared = replace(note("both are for winter", 1, 2, name="season"), source="computed")
    generator = ScriptedGenerator(GOOD)
    first = next(GroundedWriter(generator, GATE, LIBRARY, TEMPLATE).write(replace(BAGS, notes=(shared,))))
    assert isinstance(first, Sentence) and first.text == "Both are for winter."
    list(GroundedWriter(generator, GATE, LIBRARY, TEMPLATE).write(replace(BAGS, notes=(shared,))))
    assert "both are for winter" not in generator.prompts[0]


def test_an_opening_of_the_model_goes_out_with_the_first_item() -> None:
    alone = replace(BAGS, items=BAGS.items[:1], notes=())
    sentences, _ = written(ScriptedGenerator("Take a look. [1] weighs 1200 g."), alone)
    assert sentences[-1].text == "[1] weighs 1200 g." and origins(sentences)[-1] == "model"


def test_a_busy_engine_is_named_as_such() -> None:
    class Busy:
        name = "busy"

        def generate(self, prompt: str, **more: object) -> Iterator[str]:
            raise GeneratorBusy("32 replies wait")

    sentences, dropped = written(Busy())
    assert sentences == list(TEMPLATE.write(BAGS))[1:]  # the opening was said
    assert [d.reason for d in dropped] == ["language model: it is busy with other shoppers, the template writer finished the reply"]


def test_the_time_budget_is_kept() -> None:
    ticks = iter(range(10_000))
    generator = ScriptedGenerator(GOOD, chunk=1)
    sentences, _ = written(generator, time_budget_s=20.0, clock=lambda: float(next(ticks)))
    assert generator.said < 30
    assert generator.closed == 1
    assert cited(sentences) == {1, 2}


@pytest.mark.parametrize("after", [0, 3, 12])
def test_a_model_that_fails_leaves_a_whole_reply(after: int) -> None:
    sentences, _ = written(ScriptedGenerator(GOOD, fails_after=after))
    assert cited(sentences) == {1, 2}


def test_an_engine_that_breaks_in_its_own_way_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        name = "broken"

        def generate(self, prompt: str, **more: object) -> Iterator[str]:
            raise MemoryError("out of memory for the prompt of a shopper named Ada")

    sentences, _ = written(Broken())
    assert set(origins(sentences)) == {"template"}
    assert "Ada" not in caplog.text


def test_a_reader_that_stops_closes_the_model() -> None:
    generator = ScriptedGenerator(GOOD * 3)
    reply = GroundedWriter(generator, GATE, LIBRARY, TEMPLATE).write(BAGS)
    assert isinstance(next(reply), Sentence) and generator.closed == 0  # the opening
    next(reply)
    reply.close()
    assert generator.closed == 1


def test_what_honesty_asks_for_is_added() -> None:
    evidence = replace(NOTHING, shopper="a red canoe")
    sentences, _ = written(ScriptedGenerator("I could not find anything for that."), evidence)
    text = " ".join(s.text for s in sentences)
    assert "brand: 7" in text
    silent = replace(TEE, shopper="does it have a hood?", notes=(note("the listing of [1] does not say", 1, name="silent"),))
    sentences, _ = written(ScriptedGenerator("[1] is machine washable."), silent, frame=True)
    assert any("does not say" in s.text for s in sentences)


def test_policies_are_cited_by_topic() -> None:
    generator = ScriptedGenerator("Refunds take 7 days [1].")
    sentences, _ = written(generator, RETURNS)
    assert sentences[0].rendered == "You can return unused items, with tags, within 30 days of delivery (Returns)."
    assert not generator.prompts


def test_the_sentence_that_answers_is_quoted_rather_than_the_first() -> None:
    sentences, _ = written(ScriptedGenerator(""), replace(RETURNS, shopper="do you ship to Malta?"))
    assert sentences[0].rendered == "We do not ship to Malta (Shipping)."


def test_small_talk_is_told_at_once() -> None:
    generator = ScriptedGenerator("Hello! What are you looking for today?")
    sentences, _ = written(generator, GREETING)
    assert origins(sentences) == ["template"] * len(sentences)
    assert sentences
    assert not generator.prompts


def test_questions_orders_and_hand_over_never_reach_the_model() -> None:
    generator = ScriptedGenerator("words")
    question = Evidence("ask", "a tent", notes=(note("Which colour would suit?", name="colour"),))
    sentences, _ = written(generator, question)
    assert [s.text for s in sentences] == ["Which colour would suit?"]
    for act in ("order_status", "hand_off", "notice"):
        assert written(generator, Evidence(act, "where is it?"))[0]
    assert not generator.prompts


def test_no_sentence_without_a_record_reaches_the_shopper() -> None:
    lies = "[1] is waterproof. [2] has 40 hours. [3] is red. All are wireless. [1] costs $3. [2] is the best. " * 2
    for world in (BAGS, HEADPHONES, PANS):
        sentences, _ = written(ScriptedGenerator(lies), world)
        previous: tuple[int, ...] = ()
        for sentence in sentences:
            assert GATE.judge(sentence.text, world, previous).ok
            previous = sentence.cites or previous


def test_an_item_with_nothing_on_record_is_told_by_code_beside_the_models_words() -> None:
    bare = replace(BAGS.items[0], n=3, facts=tuple(f for f in BAGS.items[0].facts if f.kind in (FactKind.TYPE, FactKind.PRICE)))
    evidence = replace(BAGS, items=(*BAGS.items, bare))
    said = "For your son take [1]: it has a synthetic fill. [2] weighs 900 g."
    sentences, dropped = written(ScriptedGenerator(said), evidence)
    assert origins(sentences) == ["model", "model", "template"]
    assert cited(sentences) == {1, 2, 3}
    assert not dropped
    nothing, _ = written(ScriptedGenerator(GOOD), replace(BAGS, items=(replace(bare, n=1),), notes=()))
    assert origins(nothing) == ["template"]
