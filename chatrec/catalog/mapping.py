"""The mapping file: what a shop's columns are called and how its values are written.

One TOML table for each kind of file: ``[items]``, ``[interactions]``, ``[users]``, ``[reviews]``, ``[orders]``. All of it is optional:
usual column names are known (:mod:`chatrec.catalog.columns`).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chatrec.catalog.readers import Layout
from chatrec.errors import SettingsError

IGNORE = "ignore"
ATTRIBUTE = "attribute"


class TableMapping(BaseModel):
    """How one kind of file is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["", "csv", "tsv", "jsonl", "json", "yaml", "parquet", "sequence"] = Field(
        default="", description="found out from the content"
    )
    encoding: str = Field(default="", description="found out from the content")
    delimiter: str = Field(default="", max_length=1, description="found out from the header")
    header: tuple[str, ...] = Field(default=(), description="column names of a file without a header row")
    columns: dict[str, str] = Field(
        default_factory=dict, description="the file's column -> our field, 'attribute', 'attribute:LABEL' or 'ignore'"
    )
    constants: dict[str, str | int | float] = Field(default_factory=dict, description="our field -> a value for every row that has none")
    values: dict[str, dict[str, str | int | float]] = Field(
        default_factory=dict, description="our field, or an attribute column -> the file's word -> the value meant"
    )
    id_from: Literal["", "key", "position"] | tuple[str, ...] = Field(
        default="", description="where ids come from in a file without an id column"
    )
    decimal: Literal["", ".", ","] = Field(default="", description="the decimal mark in prices; found out when it is unambiguous")
    category_separator: str = Field(default="", description="between the parts of a category path")
    list_separators: dict[str, str] = Field(default_factory=dict, description="attribute column -> what separates its values")
    options: tuple[str, ...] = Field(default=(), description="columns that tell the variants of an item apart")
    orphans: Literal["reject", "group"] = Field(
        default="reject", description="variants whose variant_of names no row: reject, or make the item"
    )
    rating_scale: float = Field(default=5.0, gt=0.0, description="the best rating of the file; ratings are brought to 0..5")
    bad_price: Literal["drop", "reject"] = Field(
        default="drop", description="an unusable price: keep the item without it, or leave the item out"
    )
    timestamp_format: str = Field(default="", description="strptime format of times that are neither numbers nor ISO")
    unmapped: Literal["attribute", "ignore"] = Field(default="attribute", description="what becomes of item columns that nothing names")

    @property
    def layout(self) -> Layout:
        """What the reader needs to know."""
        return Layout(self.format, self.encoding, self.delimiter, self.header)


NO_MAPPING = TableMapping()
"""Everything found out from the file."""


class ShopMapping(BaseModel):
    """All tables of a mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: TableMapping = TableMapping()
    interactions: TableMapping = TableMapping()
    users: TableMapping = TableMapping()
    reviews: TableMapping = TableMapping()
    orders: TableMapping = TableMapping()


def load_mapping(path: Path | str | None) -> ShopMapping:
    """The mapping in a TOML file; without one, the empty mapping.

    Raises :class:`SettingsError` naming the key, its value and what is allowed.
    """
    if path is None:
        return ShopMapping()
    path = Path(path)
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the mapping {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the mapping {path} is not valid TOML: {error}") from error
    try:
        return ShopMapping.model_validate(body)
    except ValidationError as error:
        lines = [f"{'.'.join(str(p) for p in e['loc'])} = {e['input']!r}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"the mapping {path} cannot be used:\n  " + "\n  ".join(lines)) from error
