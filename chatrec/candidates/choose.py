"""Chooses how a log is learnt from: models and settings by validation, a blend of them by history length, fitted on the whole log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chatrec.candidates.blend import Blend
from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel, Progress
from chatrec.candidates.models.registry import fit_model
from chatrec.candidates.rank import top_rows
from chatrec.candidates.splits import Split, leave_last_out, with_lengths
from chatrec.candidates.trials import Family, Trial, families_for, told
from chatrec.candidates.tune_blend import tune_blend
from chatrec.metrics.ranking import hits_of, ndcg
from chatrec.settings import TrainSettings

K = 20
MOST_SHOPPERS = 2_000
BLEND_SHOPPERS = 1_000  # a history length; the weights hardly move with more
LENGTHS = (1, 3, 10)  # shorter histories that the blend is tuned for, beside the whole ones
# With fewer held-out choices an interval of nDCG is as wide as what there is to choose between.
LEAST_TESTED = 50
# The share of the model against popularity in a blend that could not be tuned, by likings: a like must count at once.
UNTUNED = {0: 0.0, 1: 0.75, 3: 0.9}
LEAST_WEIGHT = 0.05  # a model that never has more of a say is not worth its time at every turn
_SEED = 7


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model for the whole log, ``None`` where it is too thin; ``notes`` say for a person what was chosen and why, ``figures`` are
    nDCG@20 on the held-out choices by model, ``recipe`` the names and settings of the models in it."""

    model: Blend | None
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    recipe: tuple[tuple[str, Trial], ...] = ()

    def fitted(self, log: Interactions, features: Floats | None = None, progress: Progress | None = None) -> Blend:
        """The same models, settings and weights on another log with the same items. Raises :class:`ValueError` where there is none."""
        if self.model is None:
            raise ValueError("nothing was chosen: the log was too thin")
        models = []
        for place, (name, trial) in enumerate(self.recipe):
            models.append(fit_model(name, log, trial, features=features))
            if progress:
                progress("fit", place + 1, len(self.recipe))
        return self.model.with_models(models, log.popularity)


@dataclass(frozen=True, slots=True)
class _Tried:
    family: Family
    trial: Trial
    model: PreferenceModel
    figure: float


def choose(
    log: Interactions,
    settings: TrainSettings | None = None,
    *,
    features: Floats | None = None,
    validation: Split | None = None,
    progress: Progress | None = None,
) -> Chosen:
    """The best blend for this log. Deterministic.

    ``features`` are unit vectors of the items, shape (items, d), for models that use them. ``validation`` (by default everybody's
    newest liking) is what settings and weights are tuned on; nothing that it holds out is seen by a model before they are
    chosen, then all is fitted on ``log``. Raises :class:`chatrec.errors.SettingsError` for an unknown model or setting.
    """
    settings = settings or TrainSettings()
    n_users, n_items = len(log.user_ids), len(log.item_ids)
    if min(n_users, n_items) < 2 or not len(log.weights):
        return Chosen(None, (f"{n_users} shoppers and {n_items} items with likings are too few to tell what goes together",))
    families, notes = families_for(log, settings, features is not None)
    if not families:
        return Chosen(None, (*notes, "no model is left to learn with"))
    split = validation or leave_last_out(log)
    if len(split.inputs) < LEAST_TESTED:
        return _untested(log, families, settings, features, notes, progress)
    tried = [_best(family, split, settings, features, progress) for family in families]
    blend = tune_blend([t.model for t in tried], [split, *(with_lengths(split, n) for n in LENGTHS)], k=K, most_shoppers=BLEND_SHOPPERS)
    popularity = replace(blend, weights=np.eye(blend.weights.shape[1], dtype=np.float32)[[-1] * len(blend.knots)])
    figures = {t.family.name: t.figure for t in tried}
    figures |= {"popularity": _figure(popularity, _some(split)), "blend": _figure(blend, _some(split))}
    kept = [n for n in range(len(tried)) if blend.weights[1:, n].max(initial=0.0) >= LEAST_WEIGHT]
    recipe = tuple((tried[n].family.name, tried[n].trial) for n in kept)
    chosen = Chosen(_only(blend, kept), (_why(tried, kept, figures, len(_some(split).inputs)), *notes), figures, recipe)
    return chosen if split.train is log else replace(chosen, model=chosen.fitted(log, features, progress))


def _best(family: Family, split: Split, settings: TrainSettings, features: Floats | None, progress: Progress | None) -> _Tried:
    trials, asked, best = family.trials(settings), _some(split), None
    for place, trial in enumerate(trials):
        model = fit_model(family.name, split.train, trial, features=features)
        found = _Tried(family, trial, model, _figure(model, asked))
        best = found if best is None or found.figure > best.figure else best
        if progress:
            progress(f"try {family.name}", place + 1, len(trials))
    assert best is not None
    return best


def _figure(model: PreferenceModel, split: Split) -> float:
    """Mean nDCG@20 of the tested shoppers; what they had before is left out of their lists."""
    ranked = top_rows(model, split.inputs, K)
    return float(ndcg(*hits_of([r.tolist() for r in ranked], [r.tolist() for r in split.relevant]), K).mean())


def _some(split: Split) -> Split:
    if len(split.inputs) <= MOST_SHOPPERS:
        return split
    drawn = np.sort(np.random.default_rng(_SEED).choice(len(split.inputs), MOST_SHOPPERS, replace=False))
    return Split(split.train, split.inputs.take(drawn), tuple(split.relevant[n] for n in drawn))


def _only(blend: Blend, kept: Sequence[int]) -> Blend:
    weights = blend.weights[:, [*kept, -1]]
    whole = np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1e-9))
    return Blend(tuple(blend.models[n] for n in kept), blend.prior, blend.knots, weights / whole, blend.scale)


def _untested(
    log: Interactions, families: Sequence[Family], settings: TrainSettings, features: Floats | None, notes: Sequence[str],
    progress: Progress | None,
) -> Chosen:  # fmt: skip
    """Too few choices to hold out: the last family (the one that asks least of a log) at its first settings."""
    family = families[-1]
    model = fit_model(family.name, log, family.trials(settings)[0], features=features, progress=progress)
    knots = np.array([*UNTUNED], np.float32)
    weights = np.array([[share, 1.0 - share] for share in UNTUNED.values()], np.float32)
    why = f"{family.name} at its defaults: fewer than {LEAST_TESTED} shoppers have a history to hold a choice out of"
    return Chosen(Blend((model,), log.popularity, knots, weights), (why, *notes), {}, ((family.name, family.trials(settings)[0]),))


def _why(tried: Sequence[_Tried], kept: Sequence[int], figures: Mapping[str, float], asked: int) -> str:
    chosen = " and ".join(f"{tried[n].family.name} ({told(tried[n].trial)})" for n in kept) or "popularity"
    measured = ", ".join(f"{name} {figure:.4f}" for name, figure in figures.items())
    return f"chose {chosen}, weighed by history length; nDCG@{K} on the newest choice of {asked:,} shoppers: {measured}"
