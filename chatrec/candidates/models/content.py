"""What the records say as an item-item model: liking an item speaks for the items whose vectors are near its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress
from chatrec.candidates.models.neighbours import ItemItemModel, check_settings, strongest
from chatrec.errors import SettingsError

_BLOCK = 512  # items at a time: 512 rows of 100,000 likenesses are 0.2 GB


@dataclass(frozen=True, slots=True)
class ContentSettings:
    """A weight is the cosine of two items' vectors to the power ``sharpness`` (below 0 it counts as 0): the higher, the more the nearest
    few decide. ``recency`` >= 0 is the power of the age at fold-in, ``top_n`` the kept weights an item."""

    sharpness: float = 4.0
    recency: float = 0.75
    top_n: int = 200

    def __post_init__(self) -> None:
        check_settings(self)


class ContentModel(ItemItemModel):
    """What :func:`fit` makes."""

    __slots__ = ()
    name: ClassVar[str] = "content"


def fit(
    log: Interactions, settings: ContentSettings = ContentSettings(), progress: Progress | None = None, features: Floats | None = None
) -> ContentModel:
    """The model of the items' ``features``, unit vectors of shape (items, d) in the rows of ``log``; an item with a vector of zeros has no
    weights. Of the log only the items count. Time: items^2 d; memory: items x ``top_n`` and one block.

    Raises :class:`SettingsError` without features, :class:`ValueError` where there is not one an item.
    """
    from scipy.sparse import csr_matrix, vstack

    n_items = len(log.item_ids)
    if features is None:
        raise SettingsError("the model content is made of the items' vectors: give features, or leave the model out")
    if features.ndim != 2 or len(features) != n_items:
        raise ValueError(f"features of shape {features.shape} for {n_items} items: one vector an item is needed")
    vectors = np.nan_to_num(np.asarray(features, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    parts = [csr_matrix((0, n_items), dtype=np.float32)]
    for start in range(0, n_items, _BLOCK):
        likeness = np.clip(vectors[start : start + _BLOCK] @ vectors.T, 0.0, 1.0)
        inside = np.arange(len(likeness))
        likeness[inside, start + inside] = 0.0
        if n_items > settings.top_n:
            likeness[likeness < np.partition(likeness, n_items - settings.top_n, axis=1)[:, n_items - settings.top_n, None]] = 0.0
        parts.append(strongest(csr_matrix(likeness**settings.sharpness), settings.top_n))
        if progress:
            progress("fit", min(start + _BLOCK, n_items), n_items)
    return ContentModel(vstack(parts, format="csr", dtype=np.float32), asdict(settings))
