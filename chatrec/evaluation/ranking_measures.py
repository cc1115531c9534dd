"""What the ranking protocol measures of a method's lists, a column of one figure a shopper for each measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Histories
from chatrec.candidates.splits import Split
from chatrec.evaluation.ranking_methods import SHOWN, Lists, Rows
from chatrec.evaluation.ranking_shop import RankingShop
from chatrec.metrics import exposure, lists, ranking

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Figure = float | list[float]
CUTS = (10, 20, 50)
ACCURACY: Mapping[str, Callable[[NDArray[np.bool_], NDArray[np.int64], int], Floats]] = {
    "ndcg": ranking.ndcg,
    "recall": ranking.recall,
    "precision": ranking.precision,
    "f1": ranking.f1,
    "map": ranking.average_precision,
    "mrr": ranking.mrr,
    "hr": ranking.hit_rate,
}
VARIETY = ("entropy", "item_entropy", "ilad", "ilmd", "kl", "novelty", "small_brands")


def accuracy_columns(
    items: Rows, relevant: Sequence[Rows], n_items: int, cuts: Sequence[int] = CUTS, names: Sequence[str] = tuple(ACCURACY)
) -> dict[str, Floats]:
    """``ndcg@10`` and so on of each shopper's list; columns have shape (shoppers,)."""
    hits = hits_of_rows(items, relevant, n_items)
    counts = np.array([len(rows) for rows in relevant], dtype=np.int64)
    return {f"{name}@{k}": ACCURACY[name](hits, counts, k) for k in cuts for name in names}


def hits_of_rows(items: Rows, relevant: Sequence[Rows], n_items: int) -> NDArray[np.bool_]:
    """Whether the item at each place is to be found: shape of ``items``; -1 never is."""
    wanted = np.concatenate([rows + np.int64(n_items) * shopper for shopper, rows in enumerate(relevant)]) if len(relevant) else np.zeros(0)
    cells = items.astype(np.int64) + np.int64(n_items) * np.arange(len(items))[:, None]
    return np.asarray(np.isin(cells, wanted) & (items >= 0))


@dataclass(frozen=True, slots=True)
class Variety:
    """Measures variety over the first ``SHOWN`` places of lists over one split's shoppers.

    ``place_of`` turns rows of the log into places of the catalogue, where facets, brands and vectors are known; ``target`` is the
    mass of each shopper's history on the facet labels; ``n_having`` counts the shoppers of each item in training.
    """

    shop: RankingShop
    spread: csr_matrix
    target: csr_matrix
    n_having: NDArray[np.int64]
    n_shoppers: int

    @classmethod
    def of(cls, shop: RankingShop, split: Split) -> Variety:
        """For the tested shoppers of a split."""
        spread = spread_of(shop)
        places = shop.place_of[split.train.items]
        counts = np.bincount(places, minlength=len(shop.items))
        return cls(shop, spread, history_mass(shop, split.inputs, spread), counts, len(np.unique(split.train.users)))

    def columns(self, made: Lists) -> dict[str, Floats]:
        """A column for each of ``VARIETY``; NaN where a figure is not defined for a shopper's list."""
        pool = self._places(made.items)
        shown, owner = pool[:, :SHOWN], self.shop.facets.facet_of
        weights = lists.list_weights(shown, made.worth[:, :SHOWN])
        alike = np.where(shown >= 0, 1.0, 0.0)
        mean, least = lists.distances(shown, self.shop.facets.vectors)
        n_values = lists.facet_values(pool, self.spread, owner)
        return {
            "entropy": lists.list_entropies(shown, weights, self.spread, owner, n_values),
            "item_entropy": lists.item_entropies(weights),
            "ilad": mean,
            "ilmd": least,
            "kl": lists.calibration(self.target, lists.label_mass(shown, alike, self.spread), owner),
            "novelty": exposure.self_information(shown, self.n_having, self.n_shoppers),
            "small_brands": exposure.small_brand_share(shown, self.shop.brand_of),
        }

    def exposure(self, made: Lists) -> NDArray[np.int64]:
        """How often each item of the catalogue is among the first ``SHOWN``."""
        return exposure.exposure_counts(self._places(made.items[:, :SHOWN]), len(self.shop.items))

    def _places(self, items: Rows) -> NDArray[np.int64]:
        return np.where(items >= 0, np.append(self.shop.place_of, -1)[items], -1)


def spread_of(shop: RankingShop) -> csr_matrix:
    """The facets as a sparse matrix (items of the catalogue x labels)."""
    from scipy.sparse import csr_matrix

    n = len(shop.facets.ids)  # the arrays may hold a row more, for what is unknown
    columns, shares = shop.facets.columns[:n], shop.facets.shares[:n]
    held = columns >= 0
    rows = np.broadcast_to(np.arange(len(columns))[:, None], columns.shape)[held]
    return csr_matrix((shares[held].astype(np.float64), (rows, columns[held])), shape=(len(columns), len(shop.facets.labels)))


def history_mass(shop: RankingShop, histories: Histories, spread: csr_matrix) -> csr_matrix:
    """The mass of each shopper's likings on the facet labels: sparse, shape (shoppers, labels)."""
    from scipy.sparse import csr_matrix

    likings = (np.maximum(histories.weights, 0.0).astype(np.float64), shop.place_of[histories.items], histories.starts)
    return csr_matrix(likings, shape=(len(histories), len(shop.items))) @ spread
