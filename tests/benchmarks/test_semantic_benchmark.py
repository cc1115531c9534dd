"""The benchmark of the text encoder on a small world: both tasks are measured, nothing of a cold item is learnt from, and differences are paired."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import semantic
from chatrec.candidates.histories import Histories
from chatrec.testing.preference_contract import two_tastes, vectors


def test_cold_items_and_last_choices_are_not_learnt_from() -> None:
    log = two_tastes()
    cold, rows, warm = semantic.splits_of(log, 1)
    assert not np.isin(warm.train.items, rows).any()
    assert not np.isin(cold.train.items, rows).any()
    assert all(np.isin(wanted, rows).all() for wanted in cold.relevant)
    learnt = warm.train.matrix.toarray()
    assert int((learnt > 0).sum()) == len(cold.train.items) - len(warm.relevant)


def test_figures_are_intervals_against_the_untuned_encoder() -> None:
    _, _, warm = semantic.splits_of(two_tastes(), 1)
    features = vectors()

    def by_text(histories: Histories) -> np.ndarray:
        return np.asarray((histories.matrix(24) @ features) @ features.T, np.float32)

    def worst(histories: Histories) -> np.ndarray:
        return -by_text(histories)

    found = semantic.measure("t", {"untuned": by_text, "same": by_text, "worst": worst}, warm, np.arange(24), 0)
    low, value, high = found["t/untuned/ndcg@10"]
    assert 0.3 < low <= value <= high
    assert found["t/same less untuned/ndcg@10"] == [0.0, 0.0, 0.0]
    assert found["t/worst less untuned/recall@10"][2] < 0.0
    assert found["t/shoppers"] == len(warm.inputs)


def test_tables_without_data_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_DATA", str(tmp_path))
    assert semantic.run(0, True) == {}
