from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec.catalog.mapping import TableMapping
from chatrec.catalog.readers import read_table
from chatrec.catalog.rows import ItemRows, item_rows

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes text (in an encoding), bytes or JSON lines to a file; a name that ends in .gz is packed."""

    def write_file(name: str, content: str | bytes | list[Any], encoding: str = "utf-8") -> Path:
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        data = content if isinstance(content, bytes) else content.encode(encoding)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write_file


@pytest.fixture
def items_of(write: Write) -> Callable[..., ItemRows]:
    """Items of a file made of this content."""

    def read(
        content: str | bytes | list[Any], name: str = "items.csv", strict: bool = False, currency: str = "", **mapping: Any
    ) -> ItemRows:
        chosen = TableMapping(**mapping)
        return item_rows(read_table(write(name, content), chosen.layout, strict=strict), chosen, currency)

    return read


@pytest.fixture
def real_data() -> Path:
    place = os.environ.get("CHATREC_DATA")
    if not place or not Path(place).is_dir():
        pytest.skip("CHATREC_DATA names no folder with the real data sets")
    return Path(place)
