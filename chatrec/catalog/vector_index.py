"""The vector index: Chroma on disk behind ``langchain_chroma``, with our own vectors and cosine distance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chatrec.errors import GenerationError
from chatrec.storage.generations import Generation, Generations

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
    from langchain_chroma import Chroma

CHROMA = "chroma"
COLLECTION = "items"
# Measured on 8,000 clustered vectors of 384 dimensions: recall@50 of 1.0 at half the building time of (200, 32).
_CONSTRUCTION_EF, _NEIGHBOURS, _SEARCH_EF = 100, 24, 200
# Chroma takes at most 5,461 rows at once; it writes its graph to the disk whenever a batch is full.
_MOST_ROWS = 5_000


class VectorIndex:
    """Nearest items by cosine similarity. One process owns an index folder at a time; :meth:`close` gives it up.

    ``store`` is the ``langchain_chroma.Chroma`` behind it, for a LangChain retriever.
    """

    def __init__(self, client: Any, store: Chroma, let_go: Callable[[], None] | None = None) -> None:
        self.store = store
        self._client = client
        self._let_go = let_go

    @classmethod
    def build(
        cls,
        folder: Path,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        documents: Sequence[str],
        progress: Callable[[int], None] | None = None,
    ) -> VectorIndex:
        """A new index in the fresh folder ``folder / "chroma"`` (row counts must agree); ``progress`` hears of rows added."""
        rounds = max(1, math.ceil(len(ids) / _MOST_ROWS))
        # Every batch reaches the threshold, the last one too: a tail would be replayed at every start, a millisecond a row.
        rows = max(2, len(ids) // rounds)
        hnsw: CreateHNSWConfiguration = {
            "space": "cosine",
            "ef_construction": _CONSTRUCTION_EF,
            "max_neighbors": _NEIGHBOURS,
            "ef_search": _SEARCH_EF,
            "batch_size": rows,
            "sync_threshold": rows,
        }
        client = _client(folder / CHROMA)
        index = cls(client, _store(client, {"hnsw": hnsw, "embedding_function": None}))
        edges = [len(ids) * n // rounds for n in range(rounds + 1)]
        for part in (slice(*edge) for edge in pairwise(edges)):
            index._collection.add(ids=list(ids[part]), embeddings=vectors[part], documents=[d or " " for d in documents[part]])
            if progress is not None:
                progress(len(ids[part]))
        return index

    @classmethod
    def open(cls, generation: Generation) -> VectorIndex:
        """The index of a finished generation, owned by this process until :meth:`close`.

        Raises :class:`chatrec.errors.IndexInUse` when another process owns it, :class:`GenerationError` when it cannot be read.
        """
        lock = Generations(generation.folder.parents[1]).own(generation)
        try:
            return cls._opened(generation.folder, lock.release)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def of_folder(cls, folder: Path, let_go: Callable[[], None] | None = None) -> VectorIndex:
        """The index in a folder that this process is known to own (a draft, a copy); ``let_go`` is called when it is closed."""
        return cls._opened(folder, let_go)

    @classmethod
    def _opened(cls, folder: Path, let_go: Callable[[], None] | None) -> VectorIndex:
        path = folder / CHROMA
        if not (path / "chroma.sqlite3").is_file():
            raise GenerationError(f"the vector index {path} is missing; build the generation again")
        client = None
        try:
            client = _client(path)
            return cls(client, _store(client), let_go)
        except Exception as error:  # Chroma raises errors of many kinds, some from its Rust core
            if client is not None:
                client.close()
            raise GenerationError(f"the vector index {path} cannot be opened ({error}); build the generation again") from error

    def __len__(self) -> int:
        return int(self._collection.count())

    def ids(self) -> set[str]:
        """Every id that the index holds."""
        return set(self._collection.get(include=[])["ids"])

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """At most ``k`` (id, cosine similarity), nearest first, of unit-norm ``vector``, shape ``(d,)``."""
        wanted = min(k, len(self))
        if wanted <= 0 or not np.any(vector):
            return []
        found = self.store.similarity_search_by_vector_with_relevance_scores(np.asarray(vector, dtype=np.float32).tolist(), k=wanted)
        return [(str(document.id), 1.0 - float(distance)) for document, distance in found]

    def search_batch(self, vectors: NDArray[np.float32], k: int) -> list[list[str]]:
        """The ids of the ``k`` nearest for each row of ``vectors``: the same index in fewer calls, for verification."""
        found = self._collection.query(query_embeddings=vectors, n_results=min(k, len(self)), include=["distances"])
        return [list(ids) for ids in found["ids"]]

    def close(self) -> None:
        """Closes Chroma's files and gives the folder up; a second call does nothing."""
        client, self._client = self._client, None
        if client is None:
            return
        del self.store
        client.close()  # stops Chroma's core when this was its last client, which closes the files
        if self._let_go is not None:
            self._let_go()

    def __enter__(self) -> VectorIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _collection(self) -> Any:
        return self.store._collection


def _client(path: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))


def _store(client: Any, configuration: CreateCollectionConfiguration | None = None) -> Chroma:
    """The collection through LangChain; it is made when there is a configuration, and must exist when there is none."""
    from langchain_chroma import Chroma

    if configuration is None:
        return Chroma(collection_name=COLLECTION, client=client, create_collection_if_not_exists=False)
    return Chroma(collection_name=COLLECTION, client=client, collection_configuration=configuration)
