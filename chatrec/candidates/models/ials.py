"""iALS with frequency-scaled regularisation, and the fold-in of new shoppers. The one file that knows irspack, imported only to fit.

Loss and regularisation are those of Rendle et al., Revisiting the Performance of iALS on Item Recommendation Benchmarks (RecSys
2022), equation 4; after Hu, Koren & Volinsky, Collaborative Filtering for Implicit Feedback Datasets (ICDM 2008).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import Progress, Setting
from chatrec.candidates.models.likings import only_likers
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

SEED = 20_261_101


@dataclass(frozen=True, slots=True)
class IalsSettings:
    """``factors`` dimensions, ``epochs`` sweeps, ``unobserved`` the weight a0 of a pair that is not in the log, ``regularisation``
    times (events + a0 x others)^``power`` for each shopper and item. Only one thread gives the same model every time.

    ``diversity`` is the weight of the term that :mod:`.diverse` adds to the loss; iALS itself has none.
    """

    factors: int = 128
    epochs: int = 8
    unobserved: float = 0.1
    regularisation: float = 0.01
    power: float = 1.0
    seed: int = SEED
    threads: int = 1
    diversity: float = 0.0

    def __post_init__(self) -> None:
        if self.factors < 1 or self.epochs < 1 or self.unobserved <= 0.0 or self.regularisation <= 0.0 or self.threads < 1:
            raise SettingsError(f"iALS wants factors, epochs and threads of 1 or more, unobserved and regularisation above 0: {self}")


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Item ``factors`` (items x d, d may be 0: then it knows nothing) with what a fold-in needs.

    Inside, the axes are turned to those of the factors' Gram matrix V'V = Q diag(e) Q', in which the part of the ridge system that
    no history changes is diagonal: a history of n items then costs n^3 + n^2 d in place of d^3 wherever n < d.
    """

    factors: Floats
    fitted: IalsSettings
    _turned: Floats = field(init=False, repr=False, compare=False)
    _spectrum: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values, axes = np.linalg.eigh((self.factors.T @ self.factors).astype(np.float64))
        object.__setattr__(self, "_turned", np.ascontiguousarray(self.factors @ axes.astype(np.float32)))
        object.__setattr__(self, "_spectrum", np.maximum(values, 0.0).astype(np.float32))

    @property
    def name(self) -> str:
        """ "ials", or "diverse_mf" where the loss had a diversity term."""
        return "diverse_mf" if self.fitted.diversity else "ials"

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.factors)

    @property
    def usable(self) -> bool:
        """Whether there are factors at all."""
        return self.factors.size > 0

    def embed(self, histories: Histories) -> Floats:
        """The shoppers in the turned space of :attr:`turned`, shape (shoppers, d): one exact half-step of iALS each."""
        found = np.zeros((len(histories), self.factors.shape[1]), np.float32)
        for shopper, (start, stop) in enumerate(zip(histories.starts[:-1], histories.starts[1:], strict=True)):
            if stop > start and self.usable:
                found[shopper] = self._solve(histories.items[start:stop], histories.weights[start:stop], summed=True)[:, 0]
        return found

    @property
    def turned(self) -> Floats:
        """The factors in the axes of :meth:`embed`: a score is their product."""
        return self._turned

    def fold_in(self, rows: Sequence[int] | NDArray[np.integer], weights: Sequence[float] | Floats) -> Floats:
        """How a history reaches into the latent space of ``turned``: shape (d, history); the shopper's vector is the sum over it.

        ``rows`` are rows of ``factors``, ``weights`` what the shopper makes of them; a negative weight is a preference of -1 held
        with its absolute weight. Solves (sum |w| v v' + a0 V'V + l I) u = sum w v, l scaled by the history's length. ``turned @
        reach`` splits every score into what each item of the history adds to it (Hu et al., section 5).
        """
        items, held = np.asarray(rows, np.intp), np.asarray(weights, np.float32)
        if not len(items) or not self.usable:
            return np.zeros((self.factors.shape[1], len(items)), np.float32)
        return self._solve(items, held, summed=False)

    def _solve(self, items: NDArray[np.integer], weights: Floats, summed: bool) -> Floats:
        """S^-1 F'w for S = D + F'|w|F, a column an entry or their sum; through D^-1 F' (|w|^-1 + F D^-1 F')^-1 for short histories."""
        history, size = self._turned[items], np.abs(weights)
        scale = (len(items) + self.fitted.unobserved * self.n_items) ** self.fitted.power
        diagonal = np.float32(self.fitted.unobserved) * self._spectrum + np.float32(self.fitted.regularisation * scale)
        if len(items) >= history.shape[1]:
            system = (history.T * size) @ history
            system[np.diag_indices_from(system)] += diagonal
            wanted = history.T * weights
            return _solved(system, wanted.sum(axis=1, keepdims=True) if summed else wanted)
        reach = history / diagonal
        inner = reach @ history.T
        inner[np.diag_indices_from(inner)] += 1.0 / size
        signs = np.sign(weights)
        right = signs[:, None] if summed else np.diag(signs)
        return np.asarray(reach.T @ _solved(inner, right), np.float32)

    def scores(self, histories: Histories) -> Floats:
        """Factors times folded-in shoppers, shape (shoppers, n_items)."""
        return only_likers(self.embed(histories) @ self._turned.T, histories)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        return self._turned[np.asarray(rows, np.intp)] @ self.fold_in(history.items, history.weights)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``factors``."""
        return {"factors": self.factors}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        factors = arrays.get("factors")
        if factors is None or factors.ndim != 2:
            raise ValueError("an iALS model needs the array 'factors', items x dimensions")
        return cls(np.asarray(factors, np.float32), read_settings(IalsSettings, settings))


def _solved(system: Floats, wanted: Floats) -> Floats:
    """system^-1 wanted for a symmetric positive definite system (LAPACK posv: half the work of LU)."""
    from scipy.linalg.lapack import sposv

    _, found, wrong = sposv(np.asarray(system, np.float32), np.asarray(wanted, np.float32), lower=1)
    return np.asarray(np.linalg.solve(system, wanted) if wrong else found, np.float32)


def fit(log: Interactions, settings: IalsSettings = IalsSettings(), progress: Progress | None = None) -> FactorModel:
    """The model of this log; the same log and settings give the same model on one thread. A log without a liking gives a model
    without dimensions, which scores every item 0. ``progress`` is called with ("fit", epochs done, epochs in all)."""
    n_users, n_items = len(log.user_ids), len(log.item_ids)
    if not len(log.weights):
        return FactorModel(np.zeros((n_items, 0), np.float32), settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # irspack 0.5.2 declares its settings in pydantic's older style
        from irspack.recommenders.ials import IALSRecommender
    model = IALSRecommender(
        log.matrix,
        n_components=min(settings.factors, n_users, n_items),
        alpha0=settings.unobserved,
        reg=settings.regularisation,
        nu=settings.power,
        train_epochs=settings.epochs,
        random_seed=settings.seed,
        n_threads=settings.threads,
    )
    model.start_learning()
    for epoch in range(settings.epochs):
        model.run_epoch()
        if progress:
            progress("fit", epoch + 1, settings.epochs)
    factors = np.array(model.get_item_embedding(), dtype=np.float32, order="C")  # a copy: the original would keep the trainer alive
    return FactorModel(factors, settings)
