"""From a built generation to an offer, with every real part but the language models."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec.candidates.factory import make_fusion, make_sources
from chatrec.candidates.training import train
from chatrec.catalog.build import build_generation
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.vector_index import VectorIndex
from chatrec.domain.candidate import Query
from chatrec.domain.event import Event, EventKind
from chatrec.embedding.cached import CachedEmbedder
from chatrec.protocols import CandidateSource
from chatrec.ranking import make_pruner, make_reranker
from chatrec.settings import TrainSettings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.testing.embedders import HashingEmbedder


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_from_rows_to_a_list(database: Database, generations: Generations, train_settings: TrainSettings, tmp_path: Path) -> None:
    embedder = HashingEmbedder(64)
    built = build_generation(database, generations, CachedEmbedder(embedder, tmp_path / "embeddings.db"))
    shelf = CatalogueShelf.load(built)
    assert make_sources(built, shelf, None, embedder)[1] == ("collaborative filtering: not trained yet",)
    database.events.append([Event(f"u{u}", f"camping-{n}", EventKind.PURCHASE, 1.0) for u in range(6) for n in range(6) if n != u])
    with VectorIndex.open(built):  # training runs beside a service that owns the index
        train(database, generations, train_settings)
    current = generations.current()
    assert current is not None
    assert current.number == built.number + 1
    shelf = CatalogueShelf.load(current)
    with VectorIndex.open(current) as vectors:
        assert len(vectors) == 12  # the copied index works
        sources, absent = make_sources(current, shelf, vectors, embedder)
        assert absent == ()
        assert all(isinstance(s, CandidateSource) for s in sources)
        query = Query(text="waterproof tent", history=(("camping-1", 1.0),))
        fused = make_fusion(shelf).fuse({s.name: s.candidates(query, 100) for s in sources}, query, 100)
        ranked = make_reranker("entropy", shelf).rerank(make_pruner(shelf)(fused), 3, 0.3)
    assert ranked.items[0].item_id.startswith("camping")
    assert len(ranked.items) == 3
    assert {name for c in fused for name, _ in c.sources} == {"dense", "keyword", "collaborative", "popularity"}
