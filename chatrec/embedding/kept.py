"""Vectors of texts that never change between starts (example utterances, category names, policy sentences), remembered on disk."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatrec.embedding.cached import CachedEmbedder
from chatrec.protocols import Embedder
from chatrec.resources import cache_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = "texts.db"

log = logging.getLogger(__name__)


def encode_kept(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit-norm vectors, shape ``(len(texts), dimension)``, from the cache folder where it holds them.

    Never for a shopper's words. A folder that cannot be written only costs the time to embed again.
    """
    try:
        return CachedEmbedder(embedder, cache_folder() / FILE).encode(texts)
    except (OSError, sqlite3.Error) as error:
        log.warning("the vector cache cannot be used (%s); texts are embedded anew", type(error).__name__)
        return embedder.encode(texts)
