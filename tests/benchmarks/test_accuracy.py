"""The accuracy benchmark on a small world: figures by method and metric, paired differences, and EASE's published row."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.accuracy_measures import by_shopper, fold_in_ms, measure
from benchmarks.accuracy_movielens import asked, popularity, read_lines
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.splits import hold_shoppers_out
from chatrec.testing.preference_contract import two_tastes


def test_figures_are_intervals_and_differences_are_paired() -> None:
    split = hold_shoppers_out(two_tastes(), 0.5, hidden=0.4)
    ease = fit_model("ease", split.train, {"l2": 5.0})
    found = measure({"chatrec": ease, "popularity": popularity(split.train), "same": ease}, split, ("ndcg@5", "recall@10"), 0)
    assert set(found) == {
        *(f"{method}/{metric}" for method in ("chatrec", "popularity", "same") for metric in ("ndcg@5", "recall@10")),
        *(f"chatrec less {method}/{metric}" for method in ("popularity", "same") for metric in ("ndcg@5", "recall@10")),
    }
    low, value, high = found["chatrec/ndcg@5"]
    assert low <= value <= high
    assert found["chatrec less popularity/ndcg@5"][0] > 0.0
    assert found["chatrec less same/ndcg@5"] == [0.0, 0.0, 0.0]
    assert fold_in_ms(ease, split.inputs, 0, 5) > 0.0


def test_tables_without_data_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_DATA", str(tmp_path))
    assert accuracy.run(0, True) == {}
    assert {"ml1m_lightgcnpp", "ml100k_mcrec", "ml1m_history"} <= set(accuracy.TABLES)


def test_ease_lands_on_its_published_row() -> None:
    """EASE with l2 about 400 has P@10 .3739 and R@10 .2430 on this split (Ferrari Dacrema et al., TOIS 2021, table 46)."""
    folder = Path(os.environ.get("CHATREC_DATA", ""), "ml100k_mcrec")
    if not (folder / "train.rating").is_file():
        pytest.skip("CHATREC_DATA does not name a folder with ml100k_mcrec")
    rated = np.loadtxt(folder / "train.rating", dtype=np.int64, delimiter="\t", usecols=(0, 1)) - 1
    log = Interactions.of_lists([rated[rated[:, 0] == user, 1] for user in range(943)], 1682)
    split = asked(log, {user - 1: rows - 1 for user, rows in read_lines(folder / "test.rating").items()})
    found = by_shopper(fit_model("ease", log, {"l2": 400.0}), split, ("precision@10", "recall@10"))
    assert float(found["precision@10"].mean()) == pytest.approx(0.3739, abs=1e-3)
    assert float(found["recall@10"].mean()) == pytest.approx(0.2430, abs=1e-3)
