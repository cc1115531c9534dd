"""Settings of a fit, from JSON values to the frozen dataclass of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from chatrec.candidates.models.base import Setting
from chatrec.errors import SettingsError

Settings = TypeVar("Settings")


def read_settings(kind: type[Settings], given: Mapping[str, Setting]) -> Settings:
    """``kind`` with the values ``given``, numbers as the type of the field's default. Raises :class:`SettingsError` where a
    name is unknown or a value is no number where one is needed."""
    defaults: dict[str, Any] = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass by contract
    if unknown := sorted(set(given) - set(defaults)):
        raise SettingsError(f"{kind.__name__} has no setting '{unknown[0]}'; it has {', '.join(defaults)}")
    try:
        return kind(**{name: type(defaults[name])(value) for name, value in given.items()})
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{kind.__name__} cannot be made of {dict(given)}: {error}") from error
