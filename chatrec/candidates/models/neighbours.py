"""Sparse item-item models for catalogues of any size: item-kNN and the random walk RP3beta.

A score is the sum, over the history, of the weights from its items, each held the less the older it is: s = sum_k w_k (1 + age_k)^-r B_k.
Only the ``top_n`` strongest weights of every item are kept, found in blocks of bounded work, so that memory grows with items x ``top_n``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress, Setting
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_PAIRS = 10_000_000  # pairs of one block: about 0.3 GB with what sorting them takes
# A shopper's pairs grow with the square of the history; what is older than this says little about what goes together now.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class KnnSettings:
    """Cosine neighbours: co-occurrence c becomes c * c / (c + ``shrink``) / (n_i^``source`` n_j^``target``) for a weight from i to j.

    ``source`` and ``target`` are powers of the items' squared weights in the log: both .5 is the cosine, a smaller ``target`` lets
    popular items through (Deshpande & Karypis, Item-Based Top-N Recommendation Algorithms, TOIS 2004, section 4). ``shrink`` >= 0
    in shoppers, ``recency`` >= 0 the power r of the age at fold-in, ``top_n`` kept weights an item, ``longest`` newest items a shopper.
    """

    shrink: float = 5.0
    source: float = 0.5
    target: float = 0.2
    recency: float = 0.5
    top_n: int = 200
    longest: int = LONGEST

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """RP3beta: the chance of a walk item - shopper - item, each step's chance to the power ``alpha``, over n_j^``beta`` (Paudel et
    al., Updatable, Accurate, Diverse, and Scalable Recommendations for Interactive Applications, TiiS 2017, section 4)."""

    alpha: float = 0.6
    beta: float = 0.2
    recency: float = 0.5
    top_n: int = 200
    longest: int = LONGEST

    def __post_init__(self) -> None:
        check_settings(self)


def check_settings(settings: Any) -> None:
    """Raises :class:`SettingsError` unless every number is finite and at least 0, the whole numbers (counts) at least 1."""
    for name, value in asdict(settings).items():
        if not np.isfinite(value) or value < (1 if isinstance(value, int) else 0.0):
            raise SettingsError(f"{name} {value!r} is no setting of an item-item model: give {1 if isinstance(value, int) else 0} or more")


@dataclass(frozen=True, slots=True)
class ItemItemModel:
    """``weights[i, j]``, sparse or dense float32, is what liking item i adds to the score of item j; the diagonal says nothing.

    ``told`` are the settings of the fit; of them only ``recency`` counts here.
    """

    weights: csr_matrix | Floats
    told: Mapping[str, Setting]
    name: ClassVar[str] = "item_knn"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return int(self.weights.shape[0])

    def scores(self, histories: Histories) -> Floats:
        """Shape (shoppers, n_items)."""
        found = self._aged(histories).matrix(self.n_items) @ self.weights
        return np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), dtype=np.float32)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        part = self.weights[history.items]
        part = part[:, np.asarray(rows, np.intp)]
        dense = part if isinstance(part, np.ndarray) else part.toarray()
        return np.asarray(dense.T * self._aged(history).weights, dtype=np.float32)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``weights``, or its three sparse parts."""
        if isinstance(self.weights, np.ndarray):
            return {"weights": self.weights}
        return {"data": self.weights.data, "indices": self.weights.indices, "starts": self.weights.indptr}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return dict(self.told)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        from scipy.sparse import csr_matrix

        if "recency" not in settings:
            raise ValueError("an item-item model needs the setting 'recency'")
        try:
            dense = arrays.get("weights")
            n_items = len(arrays["starts"]) - 1 if dense is None else len(dense)
            parts = (arrays["data"], arrays["indices"], arrays["starts"]) if dense is None else ()
        except KeyError as error:
            raise ValueError(f"an item-item model needs its weights; {error} is missing") from None
        if dense is not None and dense.shape != (n_items, n_items):
            raise ValueError(f"weights of shape {dense.shape} are not items x items")
        return cls(csr_matrix(parts, shape=(n_items, n_items)) if dense is None else dense, dict(settings))

    def _aged(self, histories: Histories) -> Histories:
        return aged(histories, float(self.told["recency"]))


class WalkModel(ItemItemModel):
    """What :func:`fit_walk` makes."""

    __slots__ = ()
    name: ClassVar[str] = "rp3beta"


def aged(histories: Histories, power: float) -> Histories:
    """The histories with every weight times (1 + age)^-``power``: the newest item counts whole. Dislikes without a single liking say
    nothing of what is wanted: all their weights are 0."""
    likings = np.bincount(histories.owners[histories.weights > 0.0], minlength=len(histories)) > 0
    held = histories.weights * (1.0 + histories.ages) ** -power * likings[histories.owners]
    return Histories(histories.starts, histories.items, held.astype(np.float32))


def fit_knn(log: Interactions, settings: KnnSettings = KnnSettings(), progress: Progress | None = None) -> ItemItemModel:
    """Item-kNN of this log. Time: the sum of squared history lengths (at most ``longest`` each); memory: the log, one block and
    items x ``top_n`` weights."""
    x = newest(log, settings.longest)
    size = np.maximum(np.asarray(x.multiply(x).sum(axis=0)).ravel(), np.finfo(np.float32).tiny)
    source, target = size**-settings.source, size**-settings.target

    def finish(rows: NDArray[np.intp], block: csr_matrix) -> None:
        block.data *= block.data / (block.data + settings.shrink) * source[rows] * target[block.indices]

    return ItemItemModel(products(x.T.tocsr(), x, finish, settings.top_n, progress), asdict(settings))


def fit_walk(log: Interactions, settings: WalkSettings = WalkSettings(), progress: Progress | None = None) -> WalkModel:
    """RP3beta of this log, at the cost of :func:`fit_knn`."""
    x = newest(log, settings.longest)
    target = np.maximum(np.asarray(x.sum(axis=0)).ravel(), np.finfo(np.float32).tiny) ** -settings.beta

    def finish(rows: NDArray[np.intp], block: csr_matrix) -> None:
        block.data *= target[block.indices]

    steps = _chances(x.T.tocsr(), settings.alpha), _chances(x, settings.alpha)
    return WalkModel(products(*steps, finish, settings.top_n, progress), asdict(settings))


def blocks(costs: NDArray[np.floating], most: float) -> Iterator[tuple[int, int]]:
    """Consecutive (start, stop) of at most ``most`` cost together, at least one each."""
    start, total = 0, 0.0
    for place, cost in enumerate(costs):
        if total + cost > most and place > start:
            yield start, place
            start, total = place, 0.0
        total += cost
    if len(costs):
        yield start, len(costs)


def strongest(block: csr_matrix, top_n: int) -> csr_matrix:
    """Only the ``top_n`` largest values of each row, of equal ones those of the lowest columns."""
    from scipy.sparse import csr_matrix

    block.sort_indices()
    kept = np.ones(block.nnz, np.bool_)
    for row in np.flatnonzero(np.diff(block.indptr) > top_n):
        start, stop = block.indptr[row], block.indptr[row + 1]
        kept[start:stop] = False
        kept[start + _top(block.data[start:stop], top_n)] = True
    counts = np.concatenate(([0], np.cumsum(kept)))[block.indptr]
    return csr_matrix((block.data[kept].astype(np.float32), block.indices[kept].astype(np.int32), counts), shape=block.shape)


def _top(values: Floats, top_n: int) -> NDArray[np.intp]:
    least = np.partition(values, len(values) - top_n)[len(values) - top_n]
    above, equal = np.flatnonzero(values > least), np.flatnonzero(values == least)
    return np.concatenate((above, equal[: top_n - len(above)]))


def newest(log: Interactions, longest: int) -> csr_matrix:
    """The log with at most the ``longest`` newest likings of a shopper, shape (shoppers, items)."""
    return log.histories().newest(longest).matrix(len(log.item_ids)).astype(np.float32)


def _chances(x: csr_matrix, alpha: float) -> csr_matrix:
    """Rows that sum to 1, then to the power ``alpha``."""
    sums = np.maximum(np.asarray(x.sum(axis=1)).ravel(), np.finfo(np.float32).tiny)
    found = x.copy()
    found.data = ((found.data / np.repeat(sums, np.diff(x.indptr))) ** alpha).astype(np.float32)
    return found


def products(
    left: csr_matrix, right: csr_matrix, finish: Callable[[NDArray[np.intp], csr_matrix], None], top_n: int, progress: Progress | None
) -> csr_matrix:
    """The ``top_n`` largest entries in each row of left x right off the diagonal, after ``finish`` has set the values of a block in
    place (told the row of every entry)."""
    from scipy.sparse import csr_matrix, vstack

    parts = [csr_matrix((0, right.shape[1]), dtype=np.float32)]
    costs = np.asarray(left.astype(np.bool_).astype(np.float64) @ np.diff(right.indptr)) + 1.0
    for start, stop in blocks(costs, MOST_PAIRS):
        block = (left[start:stop] @ right).tocsr()
        rows = start + np.repeat(np.arange(stop - start), np.diff(block.indptr))
        finish(rows, block)
        block.data[rows == block.indices] = 0.0
        block.eliminate_zeros()
        parts.append(strongest(block, top_n))
        if progress:
            progress("fit", stop, left.shape[0])
    return vstack(parts, format="csr", dtype=np.float32)
