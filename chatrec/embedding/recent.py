"""The newest texts of a chat are embedded once, though several steps of a turn, and the turns after it, ask for them."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatrec.protocols import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A vector of 384 numbers takes 1.5 KB: a few hundred kilobytes for the open sessions of a shop.
MOST_KEPT = 256
# Larger calls are catalogue texts, which would push out everything else.
MOST_AT_ONCE = 8


class RecentEmbedder:
    """An embedder that keeps the vectors of the ``most_kept`` newest texts in memory, under digests: the words are not kept.

    Safe to share between threads where ``embedder`` is.
    """

    def __init__(self, embedder: Embedder, most_kept: int = MOST_KEPT) -> None:
        self._embedder = embedder
        self._most_kept = most_kept
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the embedder inside."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit-norm vectors, shape ``(len(texts), dimension)``; the caller owns the array."""
        if not 0 < len(texts) <= MOST_AT_ONCE:
            return self._embedder.encode(texts)
        import numpy as np

        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = dict(zip(missing, self._embedder.encode(list(missing.values())), strict=True))
            self._keep(fresh)
            known |= fresh
        return np.stack([known[key] for key in keys])

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        with self._guard:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        return found

    def _keep(self, fresh: dict[bytes, NDArray[np.float32]]) -> None:
        with self._guard:
            self._kept.update((key, vector.copy()) for key, vector in fresh.items())
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
