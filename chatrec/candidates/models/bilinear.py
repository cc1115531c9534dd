"""The preference z = u'Wv between texts, with W learnt from what shoppers chose next: text that tells behaviour, also of items that
nobody has bought yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats, Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel, Progress, Setting
from chatrec.candidates.models.choices import Adam, Choices, loss_and_slope, spread_to_one
from chatrec.candidates.models.formulas import with_similarity
from chatrec.candidates.models.likings import only_likers
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

NAME = "semantic"
_SMALL = 1e-9
_MOST_POWER = 60.0  # of e: beyond it float32 has no room for a sum


@dataclass(frozen=True, slots=True)
class SemanticSettings:
    """How W is learnt. Defaults were chosen by validation inside a real log (docs/decisions/0008).

    ``temperature`` of the softmax over cosines; ``popularity`` is the power of an item's count that multiplies its odds in training only
    (0: text explains popularity too, 1: text explains only what popularity does not); ``recency`` in (0, 1] is what an entry's weight
    is multiplied with for every newer entry; ``sharpness`` 0 compares an item with the mean of the history
    (z = u'Wv); above 0 with each of its items, and the nearest decide: log sum exp(sharpness v_e'Wv) / sharpness, more so the higher.
    ``newest`` entries of a history count in training, which is by the mean. ``shrinkage`` draws W to the identity
    (the plain cosine), ``rate`` and ``batch`` are those of Adam, ``candidates`` bounds the items that a choice is compared with.
    ``distil`` in [0, 1] is the share of a teacher in the right answer, its scores divided by their spread times ``teacher_temperature``.
    """

    temperature: float = 0.07
    popularity: float = 0.5
    recency: float = 0.8
    sharpness: float = 10.0
    newest: int = 20
    shrinkage: float = 1e-3
    rate: float = 1e-3
    batch: int = 512
    epochs: int = 2
    candidates: int = 8192
    distil: float = 0.0
    teacher_temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.sharpness <= _MOST_POWER:
            raise SettingsError(f"sharpness is {self.sharpness}: give 0 (the mean of the history) to {_MOST_POWER:g} (its nearest item)")
        if not (0.0 <= self.distil <= 1.0 and self.teacher_temperature > 0.0):
            raise SettingsError(
                f"distil {self.distil}, teacher_temperature {self.teacher_temperature}: give a share in [0, 1], and above 0"
            )
        if not (self.temperature > 0.0 and 0.0 < self.recency <= 1.0 and self.shrinkage >= 0.0 and self.rate > 0.0):
            raise SettingsError(
                f"temperature {self.temperature}, recency {self.recency}, shrinkage {self.shrinkage}, rate {self.rate}: "
                "give temperature and rate > 0, recency in (0, 1], shrinkage >= 0"
            )
        if min(self.newest, self.batch, self.candidates) < 1 or self.epochs < 0:
            raise SettingsError(f"newest {self.newest}, batch {self.batch}, candidates {self.candidates}: give 1 or more; epochs 0 or more")


@dataclass(frozen=True, slots=True)
class SemanticModel:
    """z = u'Wv. ``vectors`` (items x d) are unit rows, already less ``centre`` (d,); ``across`` is W (d x d); u is the unit vector of the
    weighted, recency-decayed mean of the history's vectors. W is scaled such that z spreads as cosines do."""

    vectors: Floats
    centre: Floats
    across: Floats
    fitted: SemanticSettings
    name: str = NAME

    @property
    def n_items(self) -> int:
        """How many items it scores."""
        return len(self.vectors)

    def scores(self, histories: Histories) -> Floats:
        """u'Wv, or its softly nearest form, shape (shoppers, n_items)."""
        if self.fitted.sharpness == 0.0:
            shoppers = tastes(histories, self.vectors, self.fitted.recency)
            return only_likers(np.asarray((shoppers @ self.across) @ self.vectors.T, np.float32), histories)
        found = np.zeros((len(histories), self.n_items), np.float32)
        for shopper, (start, end) in enumerate(zip(histories.starts[:-1], histories.starts[1:], strict=True)):
            one = Histories(np.array([0, end - start]), histories.items[start:end], histories.weights[start:end])
            found[shopper] = self._nearest(one, self.vectors)[0]
        return only_likers(found, histories)

    def shares(self, history: Histories, rows: NDArray[np.integer]) -> Floats:
        """What each entry adds, shape (rows, entries); the entries' sum is the score."""
        items = self.vectors[np.asarray(rows, np.intp)]
        if self.fitted.sharpness > 0.0:
            return self._nearest(history, items)[1].T
        weights = history.weights * np.float32(self.fitted.recency) ** history.ages
        parts = self.vectors[history.items] * weights[:, None].astype(np.float32)
        size = max(float(np.linalg.norm(parts.sum(axis=0))), _SMALL) if len(parts) else 1.0
        return np.asarray(items @ (parts @ self.across / np.float32(size)).T, np.float32)

    def _nearest(self, history: Histories, items: Floats) -> tuple[Floats, Floats]:
        """One shopper's scores of ``items``, and every entry's part in them, shape (entries, items): the soft maximum over the likings less
        the soft maximum over the dislikes, each 0 where all cosines are 0. A part is the maximum times the entry's share of it."""
        parts = np.zeros((len(history.items), len(items)), np.float32)
        alike = self.vectors[history.items] @ self.across @ items.T
        weights = np.abs(history.weights) * np.float32(self.fitted.recency) ** history.ages
        for sign, rest in ((1.0, 0.0), (-1.0, 1.0)):
            side = np.sign(history.weights) == sign
            if side.any():
                powers = np.exp(np.minimum(self.fitted.sharpness * alike[side], _MOST_POWER)) * weights[side, None]
                total = powers.sum(axis=0)
                most = np.log((rest + total) / (rest + weights[side].sum())) / self.fitted.sharpness
                parts[side] = sign * most * powers / total
        return np.asarray(parts.sum(axis=0), np.float32), parts

    def answers(self, histories: Histories, sentences: Floats, weight: float) -> Floats:
        """z' = (u'Wv + weight y) / sqrt(1 + weight^2), shape (shoppers, n_items): y is the cosine of each shopper's sentence
        (``sentences``: embeddings, shoppers x d; a row of zeros says nothing) with the item. Without a liking z is 0."""
        said = unit(np.asarray(sentences, np.float32) - self.centre) * sentences.any(axis=1, keepdims=True)
        return with_similarity(self.scores(histories), np.asarray(said @ self.vectors.T, np.float32), weight)

    def features(self) -> Floats:
        """Unit vectors of the items whose cosines tell what behaviour tells, shape (items, at most d), for what takes vectors of texts:
        v'Wv' by the symmetric part of W, where it is positive."""
        symmetric = (self.across + self.across.T) / 2.0
        values, directions = np.linalg.eigh(symmetric.astype(np.float64))
        kept = values > 0.0
        return unit(np.asarray(self.vectors @ (directions[:, kept] * np.sqrt(values[kept])), np.float32))

    def over(self, features: Floats) -> SemanticModel:
        """The same W over other items: ``features`` are their vectors, shape (items, d), from the encoder of the fit."""
        return SemanticModel(centred(features, self.centre), self.centre, self.across, self.fitted)

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """``vectors``, ``centre`` and W as ``across``."""
        return {"vectors": self.vectors, "centre": self.centre, "across": self.across}

    def settings(self) -> Mapping[str, Setting]:
        """The settings of the fit."""
        return asdict(self.fitted)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Setting]) -> Self:
        """The model again. Raises :class:`ValueError` where the parts do not fit together."""
        missing = [name for name in ("vectors", "centre", "across") if name not in arrays]
        if missing:
            raise ValueError(f"a semantic model needs the arrays vectors, centre and across; {', '.join(missing)} is missing")
        vectors, centre, across = (np.asarray(arrays[name], np.float32) for name in ("vectors", "centre", "across"))
        if vectors.ndim != 2 or centre.shape != vectors.shape[1:] or across.shape != (len(centre), len(centre)):
            raise ValueError(f"vectors {vectors.shape}, centre {centre.shape} and across {across.shape} do not fit together")
        return cls(vectors, centre, across, read_settings(SemanticSettings, settings))


def fit(
    log: Interactions,
    settings: SemanticSettings = SemanticSettings(),
    progress: Progress | None = None,
    features: Floats | None = None,
    teacher: PreferenceModel | None = None,
) -> SemanticModel:
    """W by softmax over what each shopper chose next, given what they had chosen before; the same input gives the same model.

    ``features`` are the items' vectors, shape (items, d), in the rows of ``log``; NaN and infinity count as 0. Larger catalogues than
    ``candidates`` are sampled, with the correction of Yi et al. (Sampling-bias-corrected neural modeling, RecSys 2019). Without a
    shopper of two likings W stays the identity. ``teacher`` is a collaborative model of the same rows, for ``distil`` above 0. Time:
    choices x candidates x d. Raises :class:`SettingsError` without one row an item, or without the teacher that is to be followed.
    """
    if features is None or np.ndim(features) != 2 or len(features) != len(log.item_ids):
        raise SettingsError(f"{NAME} wants vectors of the {len(log.item_ids)} items, one row each in the log's order (features)")
    if settings.distil > 0.0 and teacher is None:
        raise SettingsError(f"distil is {settings.distil} without a teacher: give a collaborative model of the same log, or set it to 0")
    found = np.nan_to_num(np.asarray(features, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    centre = found.mean(axis=0) if len(found) else np.zeros(found.shape[1], np.float32)
    vectors = centred(found, centre)
    across = _learnt(vectors, Choices.of(log, settings.newest), settings, progress, teacher)
    return SemanticModel(vectors, centre, across * _scale(vectors, across, log, settings.recency), settings)


def _learnt(
    vectors: Floats, choices: Choices, settings: SemanticSettings, progress: Progress | None, teacher: PreferenceModel | None
) -> Floats:
    chance = np.random.default_rng(settings.seed)
    identity = np.eye(vectors.shape[1], dtype=np.float32)
    across, adam = identity.copy(), Adam(settings.rate)
    rounds = -(-len(choices) // settings.batch)
    for epoch in range(settings.epochs if rounds else 0):
        order = chance.permutation(len(choices))
        for n in range(rounds):
            asked = choices.take(order[n * settings.batch : (n + 1) * settings.batch])
            shoppers = tastes(asked.known, vectors, settings.recency)
            among, odds = choices.among(asked, settings.candidates, settings.popularity, chance)
            logits = np.asarray(shoppers @ across @ vectors[among].T / settings.temperature + odds, np.float32)
            told = None
            if teacher is not None and settings.distil > 0.0:
                told = spread_to_one(teacher.scores(asked.known)[:, among], settings.teacher_temperature)
            _, slope = loss_and_slope(logits, asked, among, told, settings.distil)
            across -= adam.step(
                shoppers.T @ (slope @ vectors[among]) / settings.temperature + 2.0 * settings.shrinkage * (across - identity)
            )
            if progress:
                progress("fit", epoch * rounds + n + 1, settings.epochs * rounds)
    return across


def tastes(histories: Histories, vectors: Floats, recency: float) -> Floats:
    """Unit vectors of the histories: weighted sums of their items' vectors, each newer entry counting 1/``recency`` as much; zeros for
    an empty history. Shape (shoppers, d)."""
    decayed = histories.weights * np.float32(recency) ** histories.ages
    held = Histories(histories.starts, histories.items, decayed.astype(np.float32)).matrix(len(vectors))
    return unit(np.asarray(held @ vectors, np.float32))


def centred(features: Floats, centre: Floats) -> Floats:
    """Unit rows of ``features`` less ``centre``; a row of zeros (no text) stays one."""
    found = np.nan_to_num(np.asarray(features, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return np.ascontiguousarray(unit(found - centre) * found.any(axis=1, keepdims=True), np.float32)


def unit(rows: Floats) -> Floats:
    """Rows of norm 1; rows of zeros stay."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), _SMALL), np.float32)


def _scale(vectors: Floats, across: Floats, log: Interactions, recency: float, most: int = 512) -> np.float32:
    """What brings the spread of u'Wv to that of the cosines u'v, over some shoppers of the log and all items."""
    some = log.histories()
    shoppers = tastes(some.take(np.arange(0, len(some), max(1, len(some) // most))), vectors, recency) if len(some) else vectors[:0]
    if not len(shoppers) or not len(vectors):
        return np.float32(1.0)
    plain, learnt = float(np.std(shoppers @ vectors.T)), float(np.std(shoppers @ across @ vectors.T))
    return np.float32(plain / learnt if plain > _SMALL and learnt > _SMALL else 1.0)
