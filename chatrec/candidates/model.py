"""What training knows, as a generation keeps it: a blend of collaborative models, the popularity of the items, and why it was chosen.

Disk layout, folder ``cf/``: ``model.json`` (format, settings of the blend, item ids in row order, the scale of ratings, counts, why
it was chosen), ``popularity.npy`` (items, float32), and the arrays of the blend under ``arrays/``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.blend import Blend
from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import RatingScale
from chatrec.errors import GenerationError, SettingsError

FOLDER = "cf"
FORMAT = 2
ARRAYS = "arrays"


@dataclass(frozen=True, slots=True)
class CollaborativeModel:
    """``preferences`` scores the rows of ``item_ids`` for a history; ``None`` when the log was too thin: then only ``popularity``,
    one figure an item, is known. ``chosen`` says for a person what was chosen and why."""

    item_ids: tuple[str, ...]
    popularity: Floats
    preferences: Blend | None = None
    scale: RatingScale = field(default_factory=RatingScale)
    n_users: int = 0
    n_pairs: int = 0
    chosen: tuple[str, ...] = ()
    rows: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {item_id: row for row, item_id in enumerate(self.item_ids)})

    @property
    def usable(self) -> bool:
        """Whether there is a model of who likes what."""
        return self.preferences is not None

    def history(self, told: Iterable[tuple[str, float]]) -> Histories:
        """One shopper's history of what the model knows, from (item id, weight of one event), oldest first.

        As in training the weights of an item add up with diminishing returns, where the newest speaks against the item it is
        disliked, and the item stands where it was last touched.
        """
        weights: dict[str, list[float]] = {}
        for item_id, weight in told:
            if item_id in self.rows and math.isfinite(weight) and weight:
                weights[item_id] = [*weights.pop(item_id, ()), weight]
        return Histories.of([[(self.rows[i], _taken_together(w)) for i, w in weights.items()]])

    def save(self, folder: Path) -> None:
        """Writes the model into ``folder`` (made if absent)."""
        (folder / ARRAYS).mkdir(parents=True, exist_ok=True)
        np.save(folder / "popularity.npy", self.popularity)
        described: dict[str, Any] = {
            "format": FORMAT,
            "settings": dict(self.preferences.settings()) if self.preferences else None,
            "scale": [self.scale.low, self.scale.high],
            "n_users": self.n_users,
            "n_pairs": self.n_pairs,
            "chosen": self.chosen,
            "item_ids": self.item_ids,
        }
        for name, array in (self.preferences.arrays() if self.preferences else {}).items():
            np.save(folder / ARRAYS / f"{name}.npy", array)
        (folder / "model.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> CollaborativeModel | None:
        """The model in a generation's ``cf`` folder; ``None`` when there is none yet.

        Raises :class:`GenerationError` when the folder holds something else or parts of a model.
        """
        if not folder.is_dir():
            return None
        try:
            described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if described["format"] != FORMAT:
                raise ValueError(f"it has format {described['format']!r}, this version reads {FORMAT}")
            return cls._restored(described, folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
            raise GenerationError(f"collaborative model in {folder} cannot be read ({error}); train again") from error

    @classmethod
    def _restored(cls, described: Mapping[str, Any], folder: Path) -> CollaborativeModel:
        ids, popularity = tuple(described["item_ids"]), np.load(folder / "popularity.npy", allow_pickle=False)
        model = Blend.restore(_arrays(folder / ARRAYS), described["settings"]) if described["settings"] else None
        if popularity.shape != (len(ids),) or (model is not None and model.n_items != len(ids)):
            raise ValueError(f"{len(ids)} items, but popularity of {len(popularity)} and a model of {model.n_items if model else 0}")
        scale = RatingScale(*(float(v) for v in described["scale"]))
        return cls(ids, popularity, model, scale, int(described["n_users"]), int(described["n_pairs"]), tuple(described["chosen"]))


def _arrays(folder: Path) -> dict[str, NDArray[np.generic]]:
    return {path.stem: np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))}


def _taken_together(weights: list[float]) -> float:
    return max(-1.0, weights[-1]) if weights[-1] < 0.0 else math.log2(1.0 + sum(w for w in weights if w > 0.0))
