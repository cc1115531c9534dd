"""The collaborative model as a generation keeps it: item factors, and how to fold in a shopper from their history.

Disk layout, folder ``cf/``: ``factors.npy`` (items x d, float32), ``gram.npy`` (d x d), ``popularity.npy`` (items), ``model.json``
(item ids in row order, settings, counts).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatrec.errors import GenerationError

FOLDER = "cf"
FORMAT = 1
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CollaborativeModel:
    """Item factors of iALS with what a fold-in needs. ``factors`` may have zero columns: then only popularity is known."""

    item_ids: tuple[str, ...]
    factors: Floats
    gram: Floats
    popularity: Floats
    unobserved: float
    regularisation: float
    n_users: int = 0
    n_pairs: int = 0
    rows: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {item_id: row for row, item_id in enumerate(self.item_ids)})

    @property
    def usable(self) -> bool:
        """Whether there are factors at all."""
        return self.factors.size > 0

    def fold_in(self, rows: Sequence[int], weights: Sequence[float]) -> Floats:
        """How a history reaches into the latent space: shape (d, history); the shopper's vector is the sum over the history.

        ``rows`` are rows of ``factors``, ``weights`` what the shopper makes of them; a negative weight is a preference of -1
        held with its absolute weight. Solves the ridge system of one half-step of iALS: (sum |w| v v' + a0 V'V + l I) u =
        sum w v, with l scaled by the history's length (Hu, Koren & Volinsky, ICDM 2008; Rendle et al., RecSys 2022).
        ``factors @ reach`` splits every score into what each item of the history adds to it (Hu et al., section 5).
        """
        history = self.factors[np.asarray(rows, dtype=np.intp)]
        weight = np.asarray(weights, dtype=np.float32)
        scale = len(weight) + self.unobserved * len(self.item_ids)
        ridge = np.float32(self.regularisation * scale) * np.eye(history.shape[1], dtype=np.float32)
        system = (history.T * np.abs(weight)) @ history + np.float32(self.unobserved) * self.gram + ridge
        return np.linalg.solve(system, history.T * weight).astype(np.float32, copy=False)

    def save(self, folder: Path) -> None:
        """Writes the model into ``folder`` (made if absent)."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "factors.npy", self.factors)
        np.save(folder / "gram.npy", self.gram)
        np.save(folder / "popularity.npy", self.popularity)
        described = {
            "format": FORMAT,
            "unobserved": self.unobserved,
            "regularisation": self.regularisation,
            "n_users": self.n_users,
            "n_pairs": self.n_pairs,
            "item_ids": self.item_ids,
        }
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
            factors, gram, popularity = (np.load(folder / f"{n}.npy", allow_pickle=False) for n in ("factors", "gram", "popularity"))
            ids = tuple(described["item_ids"])
            known = int(described["format"]) == FORMAT
            fits = factors.shape == (len(ids), len(gram)) and gram.shape == (len(gram), len(gram)) and popularity.shape == (len(ids),)
            numbers = float(described["unobserved"]), float(described["regularisation"])
            counts = int(described["n_users"]), int(described["n_pairs"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise GenerationError(f"collaborative model in {folder} cannot be read ({error}); train again") from error
        if not (known and fits):
            raise GenerationError(
                f"collaborative model in {folder} has format {described['format']!r} or parts that do not fit; train again"
            )
        return cls(ids, factors, gram, popularity, *numbers, *counts)
