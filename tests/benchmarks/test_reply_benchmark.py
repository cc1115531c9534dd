"""The reply benchmark: rows survive a kill, sheets hide what they must and keep what was filled in, counts are right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from benchmarks import reply_pairs, reply_reading
from benchmarks.reply import METHODS, raw_figures, speed, written_figures
from benchmarks.reply_evidence import Cases, evidence_of
from benchmarks.reply_pairs import count_pairs, key_file, write_pairs
from benchmarks.reply_reading import count_labels, exact_interval, write_reading
from benchmarks.reply_sheets import load_sheet
from benchmarks.reply_writing import Overheard, Row, grounded, write_all
from chatrec.domain.facts import Evidence, EvidenceItem, Fact, FactKind, Sentence
from chatrec.evaluation.grounding_rules import titles_of
from chatrec.settings import ModelSettings
from chatrec.testing.generators import ScriptedGenerator

TEXT = "[1] weighs 900 g. [2] weighs 1200 g and is waterproof."


def evidence(n: int) -> Evidence:
    facts = [
        (Fact(FactKind.TYPE, "type", "tent"), Fact(FactKind.ATTRIBUTE, "weight", f"weight {w} g", f"{w} g", w, "g")) for w in (900, 1200)
    ]
    items = tuple(EvidenceItem(i, f"t{i}", f"Tent number {i}", told) for i, told in enumerate(facts, start=1))
    return Evidence("recommend", f"a light tent for {n}", items=items)


EVIDENCE = [evidence(n) for n in range(6)]
CASES = Cases(EVIDENCE, titles_of((i.item_id, i.name) for e in EVIDENCE for i in e.items))


def written(out: Path, generator: ScriptedGenerator) -> list[Row]:
    overheard = Overheard(generator)
    return write_all("t.chatrec", grounded(overheard, ModelSettings()), EVIDENCE, out, overheard)


def other_replies() -> list[Row]:
    told = Sentence("Look at [1] and [2].", "Look at both tents.", "template", (1, 2))
    return [Row(n, (told,), (), 1.0, 2.0) for n in range(len(EVIDENCE))]


def test_evidence_comes_back_from_its_file_as_it_was() -> None:
    assert evidence_of(json.loads(json.dumps(asdict(EVIDENCE[0])))) == EVIDENCE[0]


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = written(tmp_path, ScriptedGenerator(TEXT))
    path = tmp_path / "t.chatrec.replies.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], lines[3][:40]]), encoding="utf-8")  # killed in the fourth
    again = ScriptedGenerator(TEXT)
    rows = written(tmp_path, again)
    assert len(again.prompts) == 3
    assert [(r.n, r.sentences, r.raw) for r in rows] == [(r.n, r.sentences, r.raw) for r in first]
    last = ScriptedGenerator(TEXT)
    written(tmp_path, last)
    assert not last.prompts


def test_figures_before_and_after_the_gate(tmp_path: Path) -> None:
    rows = written(tmp_path, ScriptedGenerator(TEXT))
    raw, gated = raw_figures(rows, CASES, 7), written_figures(rows, CASES, 7)
    assert raw["sentences_passing"][1] == 0.5 and raw["replies_wholly_released"][1] == 0.0
    assert raw["items_cited"][1] == gated["items_cited"][1] == 1.0
    assert gated["sentences_repaired"] == 6 and gated["fallbacks"][1] == 0.0
    assert [gated[name] for name in ("invented_items", "wrong_prices", "card_mismatches")] == [0, 0, 0]
    assert speed(rows, 7) == {}  # this generator counts no tokens


def test_what_a_bare_model_invents_is_counted_before_the_gate_only(tmp_path: Path) -> None:
    rows = written(tmp_path, ScriptedGenerator("[1] costs $3. [1] weighs 900 g."))
    raw, gated = raw_figures(rows, CASES, 7), written_figures(rows, CASES, 7)
    assert (raw["wrong_prices"], raw["card_mismatches"]) == (6, 6)
    assert (gated["wrong_prices"], gated["card_mismatches"], gated["fallbacks_items"][1]) == (0, 0, 1.0)


def pairs_in(out: Path) -> tuple[list[dict[str, object]], dict[str, Sequence[str]], Path]:
    path = write_pairs(out, "t", EVIDENCE, written(out, ScriptedGenerator(TEXT)), other_replies(), seed=3)
    return load_sheet(path), json.loads(key_file(path).read_text(encoding="utf-8"))["order"], path


def test_pairs_hide_whose_reply_it_is(tmp_path: Path) -> None:
    pairs, order, path = pairs_in(tmp_path)
    assert len(pairs) == 6 and {tuple(o) for o in order.values()} == {("chatrec", "template"), ("template", "chatrec")}
    assert "chatrec" not in path.read_text(encoding="utf-8") and "origin" not in path.read_text(encoding="utf-8")
    ours = {str(p["A"] if order[str(p["pair"])][0] == "chatrec" else p["B"]) for p in pairs}
    assert all("Tent number 1 weighs 900 g. Tent number 2 weighs 1200 g." in told for told in ours)


def test_verdicts_are_counted_by_the_key_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs, order, path = pairs_in(tmp_path)
    for number, pair in enumerate(pairs):
        place = order[str(pair["pair"])].index("chatrec")
        pair["better"] = "AB"[place] if number < 3 else "tie" if number == 3 else "ab"[1 - place] if number == 4 else ""
    path.write_text(yaml.safe_dump({"asked": "", "entries": pairs}), encoding="utf-8")
    pairs_in(tmp_path)  # written again: what was filled in stays
    assert reply_pairs.main([str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found[f"t.pairs/chatrec/{name}"] for name in ("pairs", "wins", "ties", "losses", "unread")] == [5, 3, 1, 1, 1]
    low, ahead, high = found["t.pairs/chatrec/ahead"]
    assert ahead == pytest.approx(0.4) and low < ahead < high
    with pytest.raises(ValueError, match="write A, B or tie"):
        count_pairs([{"pair": 1, "better": "C"}], {"1": ["chatrec", "template"]})


def test_equal_replies_are_a_tie_before_anybody_reads_them(tmp_path: Path) -> None:
    path = write_pairs(tmp_path, "t", EVIDENCE, other_replies(), other_replies(), seed=3)
    assert [p["better"] for p in load_sheet(path)] == ["tie"] * 6


def test_the_reading_sheet_tells_nothing_of_the_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(tmp_path, ScriptedGenerator(TEXT))
    path = write_reading(tmp_path, "t", EVIDENCE, rows, seed=3)
    entries = load_sheet(path)
    assert len(entries) == 12  # the mended sentence among them, no template's
    assert {"origin", "reason", "ok", "verdict"}.isdisjoint(k for e in entries for k in e)
    for number, entry in enumerate(entries):
        entry["label"], entry["why"] = ("unsupported", "no weight") if number == 0 else ("ok" if number < 10 else "", "")
    path.write_text(yaml.safe_dump({"asked": "", "entries": entries}), encoding="utf-8")
    write_reading(tmp_path, "t", EVIDENCE, rows, seed=3)
    assert load_sheet(path)[0]["why"] == "no weight"
    assert reply_reading.main([str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["t.reading/chatrec/read"] == 10 and found["t.reading/chatrec/unread"] == 2
    assert found["t.reading/chatrec/unsupported_after"] == exact_interval(1, 10)
    with pytest.raises(ValueError, match="a label is 'maybe'"):
        count_labels([{"label": "maybe"}])


def test_a_sheet_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.reading.yaml"
    path.write_text("[]", encoding="utf-8")
    assert reply_reading.main([str(path)]) == 1 and "x.reading.yaml" in capsys.readouterr().err
    assert reply_pairs.main([str(path)]) == 1


def test_the_exact_interval_is_clopper_and_pearsons() -> None:
    assert exact_interval(0, 400) == [0.0, 0.0, 0.0092]  # 1 - .025 ** (1 / 400)
    assert exact_interval(5, 10) == [0.1871, 0.5, 0.8129]
    assert exact_interval(0, 0) == [0.0, 0.0, 1.0]


def test_every_method_has_a_name_of_its_own() -> None:
    assert len({name for _, *names in METHODS for name in names}) == 4
