"""Stable ids for files that have none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from chatrec.catalog.cells import Unusable, clean_text

_CHARS = 12


def digest_id(values: Sequence[Any]) -> str:
    """An id made from these values: the same values give the same id in every ingest. Raises :class:`Unusable` when all are blank."""
    texts = [clean_text(v) for v in values]
    if not any(texts):
        raise Unusable("cannot be made: every column of id_from is blank")
    return hashlib.sha256("\x1f".join(texts).encode("utf-8", "replace")).hexdigest()[:_CHARS]
