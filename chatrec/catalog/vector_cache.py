"""The cache of item and policy vectors, kept to what the kept generations use."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from chatrec.catalog.build import PASSAGES, embedded_text, passage_text
from chatrec.catalog.snapshot import ITEMS, read_items
from chatrec.embedding.cached import CachedEmbedder
from chatrec.errors import GenerationError
from chatrec.storage.generations import Generation, Generations

# Reading the kept generations takes a second on a large shop: a cache that is hardly larger than they are is left as it is.
WORTH_TIDYING = 1.2

log = logging.getLogger(__name__)


def tidy(cached: CachedEmbedder, generations: Generations) -> int:
    """Removes vectors that no kept generation uses, a bounded number at once; gives how many went.

    What cannot be read leaves the cache as it is: it only costs room.
    """
    try:
        kept = [generations.open(number) for number in generations.numbers()]
        if cached.size() <= WORTH_TIDYING * sum(_counted(g.manifest) for g in kept):
            return 0
        return cached.forget_but([text for generation in kept for text in _texts(generation)])
    except (GenerationError, OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the vector cache was not tidied (%s)", type(error).__name__)
        return 0


def _counted(manifest: Mapping[str, Any]) -> int:
    counts = manifest.get("counts", {})
    return int(counts.get("items", 0)) + int(counts.get("passages", 0))


def _texts(generation: Generation) -> Iterator[str]:
    yield from (embedded_text(item) for item in read_items(generation.folder / ITEMS))
    for record in json.loads((generation.folder / PASSAGES).read_text(encoding="utf-8")):
        yield passage_text(record["topic"], record["text"])
