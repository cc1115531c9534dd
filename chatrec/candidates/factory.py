"""The sources and the fusion of one generation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatrec.candidates.fusion import DENSE_SHARE, TEXT_SHARE, ConvexFusion
from chatrec.candidates.fusion_kept import served_shares
from chatrec.candidates.model import FOLDER, CollaborativeModel
from chatrec.candidates.preferences import Preferences
from chatrec.candidates.sources import AssortmentSource, CollaborativeSource, DenseSource, KeywordSource, PopularitySource
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.catalog.text_index import TextIndex
from chatrec.catalog.vector_index import VectorIndex
from chatrec.domain.item import Item
from chatrec.errors import GenerationError
from chatrec.protocols import CandidateSource, Embedder
from chatrec.settings import OfferSettings
from chatrec.storage.generations import Generation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

TEXT_INDEX = "bm25"
MOST_DESCRIPTION_CHARS = 500


def make_sources(
    generation: Generation, shelf: CatalogueShelf, vectors: VectorIndex | None, embedder: Embedder
) -> tuple[tuple[CandidateSource, ...], tuple[str, ...]]:
    """All sources of a generation, and what is missing in words for the receipt.

    Raises :class:`chatrec.errors.GenerationError` when a part of the generation cannot be read.
    """
    titles = {item.item_id: item.title for item in shelf.items}
    model, absent = _model(generation)
    sources: tuple[CandidateSource, ...] = (
        *make_text_sources(generation, shelf.items, shelf.vectors, embedder, vectors),
        CollaborativeSource(Preferences.of(model, shelf.items, shelf.vectors), titles),
        PopularitySource(shelf.items, model),
        AssortmentSource(shelf.items),
    )
    return sources, absent


def make_text_sources(
    generation: Generation, items: Sequence[Item], rows: NDArray[np.float32], embedder: Embedder, index: VectorIndex | None = None
) -> tuple[CandidateSource, CandidateSource]:
    """What finds by meaning and what finds by words; ``rows`` are the vectors of ``items``. Without ``index`` nothing is owned.

    Raises :class:`chatrec.errors.GenerationError` when the text index cannot be read.
    """
    ids, titles = [item.item_id for item in items], {item.item_id: item.title for item in items}
    texts = {item.item_id: item_text(item) for item in items}
    words = TextIndex.load(generation.folder / TEXT_INDEX)
    return DenseSource(embedder, ids, rows, titles, texts=texts, index=index, read=words.read), KeywordSource(words, texts)


def make_fusion(shelf: CatalogueShelf, text: float = TEXT_SHARE, dense: float = DENSE_SHARE) -> ConvexFusion:
    """The fusion over this shelf with these shares."""
    return ConvexFusion({item.item_id: item.title for item in shelf.items}, text=text, dense=dense)


def make_served_fusion(generation: Generation, shelf: CatalogueShelf, offer: OfferSettings) -> ConvexFusion:
    """The fusion of one generation: shares that the shop sets itself, else those tuned on its requests, else the default."""
    return make_fusion(shelf, *served_shares(generation.folder, offer))


def item_text(item: Item) -> str:
    """What a reason may point at: title, brand, category, attributes and the start of the description, in one line."""
    said = (" ".join((a.name, *(v for v in a.values if v not in ("yes", "no")))) for a in item.attributes if a.values != ("no",))
    return " ".join(
        filter(None, (item.title, item.brand, *(item.category_path or (item.category,)), *said, item.description[:MOST_DESCRIPTION_CHARS]))
    )


def _model(generation: Generation) -> tuple[CollaborativeModel | None, tuple[str, ...]]:
    """What training left, and what is missing. A model that cannot be read (spoilt, or of another version) is done without, as if
    there were none."""
    try:
        model = CollaborativeModel.load(generation.folder / FOLDER)
    except GenerationError as error:
        log.warning("%s", error)
        return None, ("collaborative filtering: the model cannot be read, train again",)
    return model, _absent(model)


def _absent(model: CollaborativeModel | None) -> tuple[str, ...]:
    if model is None:
        return ("collaborative filtering: not trained yet",)
    return () if model.usable else ("collaborative filtering: no shopper likes an item of this catalogue yet",)
