"""What training knows, as a generation keeps it: a blend of collaborative models, the popularity of the items, and why it was chosen.

Disk layout, folder ``cf/``: ``model.json`` (format, settings of the blend, item ids in row order, the scale of ratings, counts, why
it was chosen), ``popularity.npy`` (items, float32), ``events.npy`` (items, int32), and the arrays of the blend and of the priors under
``arrays/`` and ``priors/``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.blend import Blend
from chatrec.candidates.cold_map import ColdSettings
from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import RatingScale
from chatrec.candidates.models.settings import read_settings
from chatrec.candidates.priors import ShopperPriors
from chatrec.candidates.together import NOTHING, Together
from chatrec.errors import GenerationError, SettingsError

FOLDER = "cf"
FORMAT = 3
ARRAYS, PRIORS = "arrays", "priors"


@dataclass(frozen=True, slots=True)
class CollaborativeModel:
    """``preferences`` scores the rows of ``item_ids`` for a history; ``None`` when the log was too thin: then only ``popularity``,
    one figure an item, is known. ``events`` is the number of shoppers who like an item; ``cold`` says how the like of an item speak for it
    while they are few. ``priors`` are what those like a shopper choose, ``None`` where the shop says nothing of its shoppers that tells.
    ``together`` are the items that were chosen together. ``chosen`` says for a person what was chosen and why."""

    item_ids: tuple[str, ...]
    popularity: Floats
    events: NDArray[np.int32]
    preferences: Blend | None = None
    scale: RatingScale = field(default_factory=RatingScale)
    n_users: int = 0
    n_pairs: int = 0
    chosen: tuple[str, ...] = ()
    cold: ColdSettings = field(default_factory=ColdSettings)
    priors: ShopperPriors | None = None
    together: Together = NOTHING
    rows: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.events) != len(self.item_ids):
            raise ValueError(f"{len(self.events)} counts of events for {len(self.item_ids)} items: one an item is needed")
        object.__setattr__(self, "rows", {item_id: row for row, item_id in enumerate(self.item_ids)})

    @property
    def usable(self) -> bool:
        """Whether there is a model of who likes what."""
        return self.preferences is not None

    def save(self, folder: Path) -> None:
        """Writes the model into ``folder`` (made if absent)."""
        (folder / ARRAYS).mkdir(parents=True, exist_ok=True)
        (folder / PRIORS).mkdir(exist_ok=True)
        np.save(folder / "popularity.npy", self.popularity)
        np.save(folder / "events.npy", self.events)
        np.save(folder / "together_starts.npy", self.together.starts)
        np.save(folder / "together_partners.npy", self.together.partners)
        described: dict[str, Any] = {
            "format": FORMAT,
            "settings": dict(self.preferences.settings()) if self.preferences else None,
            "cold": asdict(self.cold),
            "priors": dict(self.priors.settings()) if self.priors else None,
            "scale": [self.scale.low, self.scale.high],
            "n_users": self.n_users,
            "n_pairs": self.n_pairs,
            "chosen": self.chosen,
            "item_ids": self.item_ids,
        }
        for name, array in (self.preferences.arrays() if self.preferences else {}).items():
            np.save(folder / ARRAYS / f"{name}.npy", array)
        for name, array in (self.priors.arrays() if self.priors else {}).items():
            np.save(folder / PRIORS / f"{name}.npy", array)
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
        told = described["priors"]
        return cls(
            ids,
            popularity,
            np.load(folder / "events.npy", allow_pickle=False),
            model,
            RatingScale(*(float(v) for v in described["scale"])),
            int(described["n_users"]),
            int(described["n_pairs"]),
            tuple(described["chosen"]),
            read_settings(ColdSettings, described["cold"]),
            ShopperPriors.restore(_arrays(folder / PRIORS), told) if told else None,
            Together(*(np.load(folder / f"together_{n}.npy", allow_pickle=False) for n in ("starts", "partners"))),
        )


def _arrays(folder: Path) -> dict[str, NDArray[np.generic]]:
    return {path.stem: np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))}
