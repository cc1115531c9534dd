"""The settings as a page for reading: what there is, what is allowed, and what holds for one shop and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chatrec.setting_sources import settings_layers
from chatrec.settings import Settings, load_settings

HIDDEN = "(hidden)"
_SECRET_NAME = re.compile(r"secret|password|token|credential|api_?key", re.IGNORECASE)
# What counts tokens of a text, or says how long one of a caller holds, gives nothing away.
_PLAIN_NAME = re.compile(r"^max_tokens$|_minutes$|_s$")
# The password in an address: postgresql://shop:word@host/shop.
_PASSWORD = re.compile(r"(://[^/@\s:]*:)\S*@")
_WORDS = {int: "whole number", float: "number", bool: "true or false", str: "text"}
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}

_TOP = """\
# Settings

<!-- Written by: chatrec settings --markdown. Change the descriptions in chatrec/settings.py, then write it again. -->

A shop's settings stand in `chatrec.toml` in its folder. What is not set has its default. In order of force: what a caller passes to
`ChatRec.open(settings=...)` or as an option of a command, then environment variables, then the file, then the defaults. An unknown name is
an error that names the nearest one that there is.

```toml
[offer]
shown = 4

[shop]
name = "Fell & Ferry"
```

is the same as `CHATREC_OFFER__SHOWN=4` and `CHATREC_SHOP__NAME="Fell & Ferry"` in the environment. With `_FILE` behind the name the
variable names a file that holds the value, which is the place for a secret: `CHATREC_STORAGE__URL_FILE=/run/secrets/database_url`.
`chatrec settings --shop myshop` shows what holds for a shop and where each value comes from; secrets are not shown.

Not settings of a shop but of the machine: `CHATREC_HOME` is where shops named by a word (`demo`) are kept, `CHATREC_CACHE` where derived
files lie that can always be made again, and `CHATREC_DTYPE` (`float32` or `bfloat16`) the numbers that models reckon with, which are
otherwise chosen by trial.
"""


def markdown() -> str:
    """The whole reference as Markdown: a table a section, in the order of the settings."""
    return _TOP + "".join(_section(name, type(getattr(Settings(), name))) for name in Settings.model_fields)


def effective(folder: Path | None) -> Iterator[tuple[str, str, str]]:
    """(setting, value as TOML would have it, where it comes from) of every setting of the shop in ``folder``.

    Secrets, and passwords inside addresses, are hidden. Raises :class:`chatrec.errors.SettingsError` where a setting cannot be used.
    """
    settings, layers = load_settings(folder), settings_layers(folder)
    for section in Settings.model_fields:
        for name in type(getattr(settings, section)).model_fields:
            value = getattr(getattr(settings, section), name)
            yield f"{section}.{name}", shown_value(name, value), _origin(section, name, layers)


def shown_value(name: str, value: object) -> str:
    """A value for the screen, with nothing secret in it."""
    if value and _SECRET_NAME.search(name) and not _PLAIN_NAME.search(name):
        return HIDDEN
    return _literal(_PASSWORD.sub(r"\1***@", value) if isinstance(value, str) else value)


def _origin(section: str, name: str, layers: Mapping[str, Mapping[str, Any]]) -> str:
    return next((source for source, layer in layers.items() if name in layer.get(section, {})), "default")


def _section(name: str, section: type[BaseModel]) -> str:
    rows = "".join(_row(name, key, field) for key, field in section.model_fields.items())
    said = " ".join((section.__doc__ or "").split())
    return f"\n## `[{name}]`\n\n{said}\n\n| setting | default | allowed | meaning |\n|---|---|---|---|\n{rows}"


def _row(section: str, name: str, field: FieldInfo) -> str:
    cells = (f"`{name}`", f"`{_literal(field.default)}`", allowed(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def allowed(field: FieldInfo) -> str:
    """What a setting may be, in words: "whole number, at least 1, at most 10"."""
    bounds = (
        words.format(_literal(getattr(limit, bound)))
        for limit in field.metadata
        for bound, words in _BOUNDS.items()
        if getattr(limit, bound, None) is not None
    )
    return ", ".join((_kind(field.annotation), *bounds))


def _kind(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{_literal(value)}`" for value in inner)
    if origin in (Union, UnionType):
        return " or ".join("nothing" if part is NoneType else _kind(part) for part in inner)
    if origin is tuple:
        return f"list of {_kind(inner[0])}s" if inner[0] is not str else "list of texts"
    if origin is dict:
        return "table"
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _literal(value: object) -> str:
    """A value as TOML writes it, numbers without noise."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_literal(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_literal(part)}" for key, part in value.items()) + "}"
    return '""' if value is None else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
