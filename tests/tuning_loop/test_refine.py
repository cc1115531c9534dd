"""Rejection sampling: what is drawn, what is kept, and that a killed run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chatrec.errors import ModelError
from chatrec.generation.prompts import CHAT_END
from chatrec.tuning import refine
from chatrec.tuning.dataset import check_row
from chatrec.tuning.refine import Draw, draw_replies, keep, refine_rows
from chatrec.tuning.row_evidence import evidence_text
from chatrec.tuning.scores import Case

from .test_scores import GOOD, TWO

PROMPT = "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n"
ROW = {"prompt": PROMPT, "completion": GOOD + CHAT_END, "evidence": evidence_text(TWO)}
OTHER = "[1] is a tent at 2 kg. There is also [2], at 3 kg."
WRONG = ("[1] weighs 9 kg. [2] weighs 3 kg.", "[1] weighs 2 kg.", "[1] weighs 2 kg. [2] weighs 3 kg. [1] weighs 2 kg.", "", "Sorry.")


class _Sampler:
    """Says one text after the other, by seed; fails after so many."""

    name = "sampler"

    def __init__(self, texts: Sequence[str], most: int = 1000) -> None:
        self._texts, self._left = texts, most

    def generate(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        yield self._texts[seed % len(self._texts)]


def _kept(*texts: str, taught: str = GOOD) -> list[str]:
    rows = keep([Case(PROMPT, TWO)], [Draw(0, n, text) for n, text in enumerate(texts)], {PROMPT: taught + CHAT_END})
    return [check_row(row)["completion"].removesuffix(CHAT_END) for row in rows]


def test_only_what_is_right_whole_is_kept() -> None:
    assert _kept(*WRONG) == []
    assert _kept(*WRONG, OTHER) == [OTHER]


def test_near_duplicates_of_the_taught_reply_and_of_each_other_are_dropped() -> None:
    assert _kept(GOOD, "[2] weighs 3 kg. [1] weighs 2 kg.") == []
    twin = "[1] is a tent at 2 kg. Then there is [2], at 3 kg."
    assert len(_kept(OTHER, OTHER, twin)) == 1


def test_the_most_different_come_first_and_no_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    close = "[1] weighs 2 kg, while the tent [2] weighs 3 kg."
    assert _kept(close, OTHER)[0] == OTHER
    monkeypatch.setattr(refine, "MOST_KEPT", 1)
    assert _kept(close, OTHER) == [OTHER]


def test_an_opening_wears_out() -> None:
    cases = [Case(f"{n}{PROMPT}", TWO) for n in range(20)]
    rows = keep(cases, [Draw(n, 0, OTHER) for n in range(20)], {})
    assert len(rows) == refine.LEAST_OPENING


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    cases, path = [Case(PROMPT, TWO)] * 3, tmp_path / "samples" / "draws.jsonl"
    with pytest.raises(KeyboardInterrupt):
        draw_replies(cases, path, lambda: _Sampler([GOOD, OTHER], most=4), 2, 0, lambda _: None)
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"case": 2, "n": 0, "te')  # cut short by the kill
    lines: list[str] = []
    draws = draw_replies(cases, path, lambda: _Sampler([GOOD, OTHER], most=2), 2, 0, lines.append)
    assert [(d.case, d.n, d.text) for d in draws] == [(n, k, (GOOD, OTHER)[k]) for n in range(3) for k in range(2)]
    assert lines[0] == "4 replies are drawn already, 2 to go"

    def never() -> _Sampler:
        raise AssertionError("everything is drawn")

    assert draw_replies(cases, path, never, 2, 0, lambda _: None) == draws


def test_kept_rows_come_with_originals_and_nothing_kept_is_said(tmp_path: Path, adapter_folder: Path) -> None:
    taught = [{**ROW, "prompt": f"{n}{PROMPT}"} for n in range(30)]
    rows = refine_rows(
        taught, adapter_folder, "base", tmp_path, samples=2, most_prompts=4, generator=_Sampler([GOOD, OTHER]), progress=lambda _: None
    )
    own = [row for row in rows if row["completion"] == OTHER + CHAT_END]
    assert len(own) == 4 and len(rows) == 4 + refine.ORIGINALS * 4
    assert all(row in taught for row in rows[4:])
    with pytest.raises(ModelError, match="none of 8 sampled replies"):
        refine_rows(
            taught, adapter_folder, "base", tmp_path / "b", samples=2, most_prompts=4, generator=_Sampler(["x"]), progress=lambda _: None
        )
    with pytest.raises(ModelError, match="rows need 'evidence'"):
        refine_rows([{"prompt": PROMPT, "completion": GOOD}], adapter_folder, "base", tmp_path, progress=lambda _: None)


@pytest.fixture
def adapter_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    return folder
