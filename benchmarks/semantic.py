"""What tuning the text encoder on behaviour brings: on items that nobody bought yet, and on what is chosen next.

One split serves both: a fifth of the items is unknown, and of every shopper the last liking of the others. Settings stand fixed (they were
chosen on validation parts of the training data, docs/decisions/0008); nothing that is to be found is seen before. The first run tunes two
encoders, which takes an hour on one core; they are kept in the cache folder, and a stopped run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.amazon_data import read
from benchmarks.intervals import interval
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.bilinear import SemanticSettings, fit
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.rank import best
from chatrec.candidates.splits import Split, hold_items_out, leave_last_out
from chatrec.cli.screen import console
from chatrec.domain.item import Item
from chatrec.metrics.ranking import hits_of, ndcg, recall
from chatrec.resources import cache_folder
from chatrec.tuning.semantic import item_text, tune_encoder
from chatrec.tuning.semantic_settings import EncoderSettings

TABLES = ("amazon_scientific_2018",)
TUNED = EncoderSettings()
DISTILLED = replace(TUNED, distil=0.5)
TEACHER = "ease"
K = 10
FOLDER = "benchmark-semantic"
_AT_ONCE = 500
Scorer = Callable[[Histories], Floats]


def teacher_of(train: Interactions) -> PreferenceModel:
    """The collaborative model whose scores the distilled student learns."""
    return fit_model(TEACHER, train, {"l2": 100.0})


def splits_of(log: Interactions, seed: int) -> tuple[Split, NDArray[np.int32], Split]:
    """Cold items, their rows, and the last choice among the others; both have one training part, the second one's."""
    cold, rows = hold_items_out(log, 0.2, seed)
    warm = leave_last_out(cold.train)
    return cold, rows, warm


def vectors_of(log: Interactions, items: Sequence[Item], settings: EncoderSettings, folder: Path, teacher: PreferenceModel | None) -> Floats:
    """The vectors of the encoder tuned on ``log``, from ``folder`` where it was tuned before."""
    texts, titles = [item_text(item) for item in items], [item.title for item in items]
    name = "distilled" if teacher else "tuned"
    tuned = tune_encoder(
        log, texts, folder / name, titles=titles, settings=settings, teacher=teacher, checkpoint_folder=folder, progress=console.print
    )
    return tuned.vectors
