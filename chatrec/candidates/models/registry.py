"""The collaborative models by name: how to fit one, and how to restore one that was saved. A model is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.histories import Floats
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel, Progress, Setting
from chatrec.candidates.models.settings import read_settings
from chatrec.errors import SettingsError

_HERE = "chatrec.candidates.models."


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a model stands: its module here, its class, the frozen dataclass of its settings and its fit function.

    ``changed`` are defaults of the name that differ from the dataclass's. ``takes_features`` tells that fit takes the items'
    vectors (items, d) as the keyword ``features``.
    """

    module: str
    model: str
    settings: str
    fit: str = "fit"
    changed: Mapping[str, Setting] = field(default_factory=dict)
    takes_features: bool = False

    def find(self, name: str) -> Any:
        """A name of the model's module."""
        return getattr(import_module(_HERE + self.module), name)


KINDS: dict[str, Kind] = {
    "ease": Kind("linear", "LinearModel", "LinearSettings"),
    "edlae": Kind("linear", "LinearModel", "LinearSettings", changed={"l2": 600.0, "dropout": 0.33, "activity": 0.75, "spread": 0.75}),
    "ials": Kind("ials", "FactorModel", "IalsSettings"),
    "kernel": Kind("kernel", "KernelModel", "KernelSettings"),
    "svd": Kind("svd", "SvdModel", "SvdSettings"),
    "diverse_mf": Kind("diverse", "FactorModel", "IalsSettings", changed={"diversity": 10.0, "factors": 64}, takes_features=True),
    "bilinear": Kind("formulas", "BilinearModel", "BilinearSettings", takes_features=True),
    "semantic": Kind("bilinear", "SemanticModel", "SemanticSettings", takes_features=True),
    "item_knn": Kind("neighbours", "ItemItemModel", "KnnSettings", fit="fit_knn"),
    "rp3beta": Kind("neighbours", "WalkModel", "WalkSettings", fit="fit_walk"),
    "transitions": Kind("sequence", "TransitionModel", "TransitionSettings", fit="fit_transitions"),
    "slit": Kind("sequence", "RidgeModel", "RidgeSettings", fit="fit_ridge"),
    "content": Kind("content", "ContentModel", "ContentSettings", takes_features=True),
}
NAMES = tuple(KINDS)


def defaults(name: str) -> Mapping[str, Setting]:
    """The settings of a model and their defaults. Raises :class:`SettingsError` for an unknown name."""
    kind = _kind(name)
    return {f.name: cast(Setting, f.default) for f in fields(kind.find(kind.settings))} | dict(kind.changed)


def fit_model(
    name: str,
    log: Interactions,
    settings: Mapping[str, Setting] | None = None,
    *,
    features: Floats | None = None,
    progress: Progress | None = None,
) -> PreferenceModel:
    """Fits the model ``name`` on a log, with its defaults where ``settings`` say nothing.

    ``features`` are the items' vectors, shape (items, d), for the models that take them. Raises :class:`SettingsError` for an
    unknown name or setting, and where the fit would exceed the memory that its settings allow.
    """
    kind = _kind(name)
    chosen = read_settings(kind.find(kind.settings), {**kind.changed, **(settings or {})})
    fit = cast(Callable[..., PreferenceModel], kind.find(kind.fit))
    more = {"features": features} if kind.takes_features else {}
    return fit(log, chosen, progress=progress, **more)


def restore_model(name: str, arrays: Mapping[str, NDArray[np.generic]], settings: Mapping[str, Setting]) -> PreferenceModel:
    """A saved model again. Raises :class:`SettingsError` for an unknown name, :class:`ValueError` for parts that do not fit."""
    kind = _kind(name)
    return cast(PreferenceModel, kind.find(kind.model).restore(arrays, settings))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise SettingsError(f"there is no model '{name}': take one of {', '.join(KINDS)}")
    return KINDS[name]
