"""The vector index of a generation that another process has open: a generation never changes, so each process may serve a copy."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import ExitStack, closing

from chatrec.catalog.vector_index import CHROMA, VectorIndex
from chatrec.errors import GenerationError, IndexInUse
from chatrec.storage.generations import Generation, Generations
from chatrec.storage.staging import staging

# The owner may be opening its index at this very moment, and Chroma writes to its files then; a torn copy is made again.
MOST_TRIES = 5

log = logging.getLogger(__name__)


def open_index(generation: Generation, *, beside: bool = False) -> VectorIndex:
    """The index of a finished generation, owned by this process, or with ``beside`` a copy of its own where another process owns it.

    The copy goes at :meth:`VectorIndex.close`; one that a killed process left goes when the next is made. Until then the generation is
    not pruned. Raises :class:`IndexInUse` without ``beside``, :class:`GenerationError` when it cannot be read or copied.
    """
    try:
        return VectorIndex.open(generation)
    except IndexInUse:
        if not beside:
            raise
    for left in reversed(range(MOST_TRIES)):
        try:
            return _open_copy(generation)
        except (sqlite3.DatabaseError, shutil.Error, GenerationError) as error:
            if not left or not generation.folder.is_dir():
                raise GenerationError(f"the index of generation {generation.number} cannot be copied ({error}); ingest again") from error
            log.info("the copy of the index of generation %d was torn (%s); made again", generation.number, error)
        except OSError as error:
            raise GenerationError(
                f"the index of generation {generation.number} cannot be copied ({error}); see that the shop's folder has room for it, "
                "or serve with one process (serve.workers = 1)"
            ) from error
    raise AssertionError("the last try gives an index or raises")


def _open_copy(generation: Generation) -> VectorIndex:
    with ExitStack() as made:
        shop = generation.folder.parents[1]
        made.enter_context(Generations(shop).reading(generation))
        folder = made.enter_context(staging(shop))
        # No hard links: Chroma writes to its files when it opens them, and the owner's are not ours to write to.
        shutil.copytree(generation.folder / CHROMA, folder / CHROMA)
        with closing(sqlite3.connect(folder / CHROMA / "chroma.sqlite3")) as copied:
            told = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok":
            raise sqlite3.DatabaseError(told)
        wanted = generation.manifest.get("counts", {}).get("items")
        rest = made.pop_all()
    try:
        index = VectorIndex.of_folder(folder, rest.close)
    except BaseException:
        rest.close()
        raise
    if wanted is not None and len(index) != wanted:
        found = len(index)
        index.close()
        raise GenerationError(f"the copy holds {found} of {wanted} items")
    return index
