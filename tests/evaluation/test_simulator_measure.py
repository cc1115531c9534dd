"""The measure itself: it knows the perfect from the useless, counts what it should, and its report stands alone."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chatrec.catalog.ingest import ingest
from chatrec.catalog.sources import Sources
from chatrec.catalog.text_index import TextIndex
from chatrec.cli.main import main
from chatrec.domain.need import Constraint, Need, Op
from chatrec.evaluation.simulator.diagnosis import CRASHED, MISSED, NOT_SHOWN, NOTHING, SPLIT, WRONG, diagnose
from chatrec.evaluation.simulator.figures import figures_of, success_by_turn
from chatrec.evaluation.simulator.phrases import load_phrases
from chatrec.evaluation.simulator.playing import Dialogue, Spoken, play
from chatrec.evaluation.simulator.preparing import copy_shop, hold_out, later_choices, without
from chatrec.evaluation.simulator.report import render_report
from chatrec.evaluation.simulator.running import Outcome, Plan, run_simulator
from chatrec.evaluation.simulator.systems import DeafItems, KeywordItems, PagingItems, PopularItems, RandomItems, Replied, System
from chatrec.evaluation.simulator.tasks import Task, draw_tasks
from chatrec.evaluation.simulator.wishes import Wish
from chatrec.evaluation.simulator.world import World
from chatrec.storage.database import Database
from chatrec.testing.embedders import HashingEmbedder

from .simulator_world import Asking, Breaking, Oracle, Silent, catalogue

N = 90


@pytest.fixture(scope="module")
def world() -> World:
    return World(catalogue())


@pytest.fixture(scope="module")
def tasks(world: World) -> list[Task]:
    return draw_tasks(world, load_phrases(), N, 11)


@pytest.fixture(scope="module")
def played(world: World, tasks: list[Task]) -> dict[str, list[Dialogue]]:
    text = TextIndex.build(world.items)
    systems: list[System] = [
        Oracle(world), KeywordItems(world, text), PagingItems(world, text), DeafItems(world, text), RandomItems(world),
        PopularItems(world, {}), Silent(),
    ]  # fmt: skip
    return {s.name: [play(t, s, world, load_phrases()) for t in tasks] for s in systems}


def test_the_perfect_the_useless_and_the_bad_are_told_apart(played: dict[str, list[Dialogue]]) -> None:
    figures = figures_of("w", {"keyword": played["keyword"], **played}, 7)
    assert figures["w/oracle/success@5"] == [1.0, 1.0, 1.0] and figures["w/oracle/turns"] == [1.0, 1.0, 1.0]
    assert figures["w/silent/success@5"] == [0.0, 0.0, 0.0] and figures["w/silent/without_recommendation"] == N
    for bad in ("deaf", "random", "popularity", "silent"):
        low, value, high = figures[f"w/keyword minus {bad}/success@5"]  # type: ignore[misc]
        assert 0.0 < low < value < high, bad
    low, _, _ = figures["w/keyword minus deaf/target_hit@5"]  # type: ignore[misc]
    assert low > 0.0


def test_success_grows_with_turns_and_ends_at_the_figure(played: dict[str, list[Dialogue]]) -> None:
    shares = success_by_turn(played["keyword"])
    assert shares == sorted(shares) and len(shares) == 5
    figure = figures_of("w", played, 7)["w/keyword/success@5"]
    assert isinstance(figure, list) and shares[-1] == pytest.approx(figure[1], abs=1e-3)


def test_a_crash_is_counted_and_the_rest_goes_on(world: World, tasks: list[Task]) -> None:
    system = Breaking()
    dialogues = [play(t, system, world, load_phrases()) for t in tasks[:10]]
    assert [bool(d.crash) for d in dialogues] == [True, False] * 5
    assert figures_of("w", {"breaking": dialogues}, 7)["w/breaking/crashes"] == 5.0
    assert diagnose(dialogues[0]).stage == CRASHED and "ZeroDivisionError" in diagnose(dialogues[0]).what


def test_a_question_asked_again_is_counted(world: World, tasks: list[Task]) -> None:
    system = Asking("waterproof", ("yes", "no"))
    dialogue = play(tasks[0], system, world, load_phrases())
    assert len(dialogue.turns) == 5 and [t.repeated for t in dialogue.turns][1:] == [True] * 4
    figures = figures_of("w", {"asking": [dialogue]}, 7)
    assert figures["w/asking/repeated_questions"] >= 0.8 and figures["w/asking/questions"] == [5.0, 5.0, 5.0]


def test_users_and_drawn_targets_are_reported_apart(played: dict[str, list[Dialogue]]) -> None:
    half = [replace(d.task, user_id="u" if n % 2 else None) for n, d in enumerate(played["keyword"])]
    dialogues = [Dialogue(t, d.method, d.turns, d.success_turn) for t, d in zip(half, played["keyword"], strict=True)]
    figures = figures_of("w", {"keyword": dialogues}, 7)
    assert figures["w.users/keyword/dialogues"] == figures["w.sampled/keyword/dialogues"] == N / 2


class Stub:
    """One turn with this ledger and these items."""

    name = "chatrec"

    def __init__(self, replied: Replied) -> None:
        self._replied = replied

    def start(self, task: Task) -> None:
        return None

    def reply(self, message: str) -> Replied:
        return self._replied


def failed(world: World, task: Task, need: Need | None, shown: int = 1, needs: tuple[Need, ...] = ()) -> Dialogue:
    wrong = [i for i in world.items if i.category != world.by_id[task.target_id].category][:shown]
    every = needs or ((need,) if need else ())
    replied = Replied(tuple(wrong), needs=every, active_need=need.need_id if need else None)
    dialogue = Dialogue(task, "chatrec")
    dialogue.turns.append(Spoken("...", replied, task.hard))
    return dialogue


def test_each_stage_of_failure_is_recognised(world: World) -> None:
    target = world.items[0]
    brand = Constraint("brand", Op.IS, (target.brand,))
    kind = Constraint("category", Op.IS, (target.category,))
    cap = Constraint("price", Op.AT_MOST, number=float(target.price or 0) + 10)
    hard = (Wish("category", "kind", (target.category,)), Wish("brand", "brand", (target.brand,)), Wish("price", "price", most=cap.number))
    task = Task(0, 1, target.item_id, hard)

    def satisfies(item_id: str, constraints: object) -> bool:
        from chatrec.catalog.filters import holds

        return all(holds(world.by_id[item_id], c) for c in constraints)  # type: ignore[attr-defined]

    full = Need(1, constraints=(brand, kind, cap))
    assert diagnose(failed(world, task, full), satisfies).stage == NOT_SHOWN
    assert diagnose(failed(world, task, full, shown=0), satisfies).stage == NOTHING
    missed = diagnose(failed(world, task, Need(1, constraints=(kind, cap))), satisfies)
    assert missed.stage == MISSED and missed.wishes == (hard[1],)
    turned = Constraint("price", Op.AT_LEAST, number=float(target.price or 0) + 10)
    assert diagnose(failed(world, task, Need(1, constraints=(brand, kind, turned))), satisfies).stage == WRONG
    two = (Need(1, constraints=(brand, kind)), Need(2, constraints=(cap,)))
    assert diagnose(failed(world, task, two[1], needs=two), satisfies).stage == SPLIT
    words = Need(1, query=target.category, constraints=(brand, cap))
    assert diagnose(failed(world, task, words), satisfies).stage == NOT_SHOWN


def test_a_filter_that_does_not_hold_is_a_violation_and_a_wish_not_understood_is_none(world: World, tasks: list[Task]) -> None:
    task = next(t for t in tasks if t.kind is not None and t.changed is None)
    assert task.kind is not None
    wrong = next(i for i in world.items if i.category not in task.kind.values)
    held = Need(1, constraints=(Constraint("category", Op.IS, task.kind.values),))
    for need, violations in ((held, 1.0), (Need(1), 0.0)):
        dialogue = play(task, Stub(Replied((wrong,), needs=(need,), active_need=1)), world, load_phrases())
        del dialogue.turns[1:]
        figures = figures_of("w", {"chatrec": [dialogue]}, 7)
        assert figures["w/chatrec/violations"] == violations and figures["w/chatrec/stated_needs_broken"] == 1.0


def test_hidden_properties_are_drawn_item_by_item() -> None:
    import random

    items = catalogue(400)
    kept = [without(i, 0.3, random.Random(i.item_id)) for i in items]
    share = sum(len(i.attributes) for i in kept) / sum(len(i.attributes) for i in items)
    assert 0.65 < share < 0.75 and 0.6 < sum(bool(i.brand) for i in kept) / len(items) < 0.8
    assert [without(i, 0.0, random.Random(1)) for i in items] == items


def test_the_report_stands_alone_and_escapes(world: World, tasks: list[Task]) -> None:
    nasty = "<script>alert(1)</script><img src=http://x.example/y.png>"
    item = replace(world.items[0], title=nasty)
    dialogue = play(tasks[0], Stub(Replied((item,), text=nasty)), world, load_phrases())
    dialogue.success_turn = 0
    outcome = Outcome("shop <b>", Plan(1), load_phrases(), {"chatrec": [dialogue]}, {"chatrec": {0: diagnose(dialogue, lambda *_: True)}})
    page = render_report(
        outcome, "shop <b>", figures_of("shop <b>", outcome.played, 7), {"command": nasty, "seconds": 1, "machine": {"cpu": nasty}}
    )
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page and "<b>shop" not in page
    assert not re.search(r"<[^>]*(?:src|href)=[\"']?https?:", page) and "Transcripts of failures" in page and "<svg" in page


ITEMS = "item_id,title,category,brand,price,colour\n" + "".join(
    f"k{n:02d},{'Kettle' if n % 2 else 'Tent'} number {n},{'Kettles' if n % 2 else 'Tents'},Brand {'ABCDE'[n % 5]},{n + 3}.50,"
    f"{('red', 'blue', 'green')[n % 3]}\n"
    for n in range(40)
)
LOG = "user_id,item_id,event,timestamp\n" + "".join(
    f"u{u},k{(u * 7 + m * 3) % 40:02d},purchase,2025-05-{1 + m:02d}\n" for u in range(12) for m in range(5)
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    (folder / "items.csv").write_text(ITEMS, encoding="utf-8")
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    ingest(folder / "tea", Sources(items=folder / "items.csv", interactions=folder / "log.csv"), embedder=HashingEmbedder())
    return folder / "tea"


def test_later_choices_are_taken_out_of_the_log(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_TRAIN__SEARCH", "none")
    copy = copy_shop(shop, tmp_path / "tea")
    choices = later_choices(copy)
    assert len(choices) == 12 and {c.item_id for c in choices} == {f"k{(u * 7 + 12) % 40:02d}" for u in range(12)}
    hold_out(copy, choices[:3])
    with Database.open(copy) as database:
        left = {c.user_id: [e.item_id for e in database.events.history(c.user_id)] for c in choices[:3]}
        assert all(c.item_id not in left[c.user_id] and len(left[c.user_id]) == 4 for c in choices[:3])
        assert len(database.events.history(choices[5].user_id)) == 5
    with Database.open(shop) as database:
        assert len(database.events.history(choices[0].user_id)) == 5


def test_the_bot_is_measured_on_a_copy(shop: Path) -> None:
    before = (shop / "shop.db").read_bytes()
    outcome = run_simulator(
        shop, Plan(8, seed=3, history=False, questions=("information_gain", "off"), hide=0.3), embedder=HashingEmbedder()
    )
    assert (shop / "shop.db").read_bytes() == before
    assert list(outcome.played)[:3] == ["chatrec", "chatrec questions=off", "random"]
    assert all(len(d) == 8 for d in outcome.played.values())
    assert not any(d.crash for d in outcome.played["chatrec"])
    assert not any(t.replied.question for d in outcome.played["chatrec questions=off"] for t in d.turns)


@pytest.mark.parametrize(("at", "left"), [(("chatrec", 3), {"chatrec": 3}), (("popularity", 2), {"chatrec": 6, "random": 6})])
def test_ctrl_c_keeps_what_was_done(shop: Path, at: tuple[str, int], left: dict[str, int]) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == at:
            raise KeyboardInterrupt

    outcome = run_simulator(shop, Plan(6, seed=3, history=False), stop, HashingEmbedder())
    assert outcome.stopped and {m: len(d) for m, d in outcome.played.items()} == left
    assert figures_of("tea", outcome.played, 7)["tea/chatrec/dialogues"] == left["chatrec"]


def test_the_command_writes_figures_and_a_report(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chatrec.embedding.minilm.MiniLMEmbedder", lambda **_: HashingEmbedder())
    places = ["--json", str(tmp_path / "f.json"), "--report", str(tmp_path / "r.html")]
    call = ["chatrec", "evaluate", "--shop", str(shop), "--protocol", "simulator", "--dialogues", "6", "--no-history", *places]
    monkeypatch.setattr(sys, "argv", call)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, None), capsys.readouterr().err
    result = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert result["name"] == "evaluate-simulator" and len(result["phrases_sha256"]) == 64 and not result["stopped"]
    assert len(result["figures"]["tea/chatrec/success@5"]) == 3 and "tea/chatrec minus keyword/success@5" in result["figures"]
    assert "<!doctype html>" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--protocol", "simulator", "--report", "/no/such/r.html"), "lies in a folder that does not exist"),
        (("--protocol", "scripts", "--report", "r.html"), "--report"),
        (("--protocol", "simulator", "--hide", "1.5"), "--hide"),
    ],
)
def test_what_does_not_fit_is_refused_first(
    arguments: tuple[str, ...], said: str, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chatrec", "evaluate", "--shop", str(shop), *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (1, 2) and said in re.sub(r"\s+", " ", capsys.readouterr().err)
