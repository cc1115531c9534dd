"""The shares of the fusion by a shop's own labelled requests, while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chatrec.candidates.factory import make_text_sources
from chatrec.candidates.fusion import ConvexFusion
from chatrec.candidates.fusion_kept import described
from chatrec.candidates.fusion_tuning import FusionShares, LabelledQuery, tune_fusion
from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.models.base import Progress
from chatrec.candidates.sources import PopularitySource
from chatrec.catalog.queries import Labelled, read_queries
from chatrec.catalog.shelf import VECTORS
from chatrec.catalog.snapshot import ITEMS, read_items
from chatrec.domain.candidate import Query
from chatrec.domain.item import Item
from chatrec.errors import GenerationError, ModelError
from chatrec.protocols import CandidateSource, Embedder
from chatrec.settings import OfferSettings
from chatrec.storage.generations import Generation, Generations

# Fewer leave a fold of the cross-validation with less than three requests, and the shares to single words of them.
LEAST_REQUESTS = 30
REJECTS = Path("rejects") / "queries.csv"


@dataclass(frozen=True, slots=True)
class TunedShares:
    """What became of a file of requests: ``kept`` is JSON-ready, empty where nothing was tuned; ``notes`` are for a person."""

    kept: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_labelled(base: Generation, queries: Path, shop: Path) -> Labelled:
    """The requests of a file for the items of this generation; what was left out is written to the shop's ``rejects``.

    Raises :class:`chatrec.errors.UnreadableFile`, :class:`chatrec.errors.GenerationError`.
    """
    with Generations(shop).reading(base):
        ids = {item.item_id for item in read_items(base.folder / ITEMS)}
    labelled = read_queries(queries, ids)
    (shop / REJECTS).unlink(missing_ok=True)
    labelled.rejects.write(shop / REJECTS)
    return labelled


def tune_shares(
    labelled: Labelled,
    generations: Generations,
    model: CollaborativeModel,
    *,
    offer: OfferSettings | None = None,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> TunedShares:
    """Tunes on the serving generation, which is only read: a service that owns its index goes on.

    Text against behaviour is looked at only where the file tells choices of shoppers. Too few requests, or a generation that cannot be
    searched, leave the shares as they are, and the notes say so. ``embedder`` replaces the built-in one.
    """
    n_usable = len(labelled.requests)
    if n_usable < LEAST_REQUESTS:
        few = f"fusion: {n_usable} usable requests are too few to tune by (at least {LEAST_REQUESTS}, better a hundred)"
        return TunedShares(notes=(*labelled.told(), f"{few}; the shares stay as they were"))
    offer = offer or OfferSettings()
    if progress:
        progress("requests", 0, 1)
    try:
        shares = _tuned(labelled, generations, model, offer, embedder)
    except (GenerationError, ModelError) as error:
        return TunedShares(
            notes=(*labelled.told(), f"fusion: the requests could not be searched for ({error}); the shares stay as they were")
        )
    if progress:
        progress("requests", 1, 1)
    return TunedShares(described(shares, labelled.file, labelled.chosen), (*labelled.told(), *_sentences(shares, offer, labelled.chosen)))


def _tuned(
    labelled: Labelled, generations: Generations, model: CollaborativeModel, offer: OfferSettings, embedder: Embedder | None
) -> FusionShares:
    base = generations.current()
    assert base is not None
    if embedder is None:
        from chatrec.embedding.minilm import MiniLMEmbedder

        embedder = MiniLMEmbedder()
    with generations.reading(base):
        items = read_items(base.folder / ITEMS)
        sources = _sources(base, items, embedder, model)
        fusion = ConvexFusion({i.item_id: i.title for i in items}, text=offer.fusion_text, dense=offer.fusion_dense)
        asked = [LabelledQuery(Query(text), right) for text, right in labelled.requests]
        return tune_fusion(asked, sources, fusion, behaviour=labelled.chosen)


def _sources(base: Generation, items: Sequence[Item], embedder: Embedder, model: CollaborativeModel) -> list[CandidateSource]:
    """What a stranger's request is answered from: meaning by comparing all vectors, words, and what is popular."""
    made_with = base.manifest.get("embedder", embedder.name)
    if made_with != embedder.name:
        raise GenerationError(f"generation {base.number} was embedded by '{made_with}', not by '{embedder.name}'")
    try:
        rows = np.load(base.folder / VECTORS, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise GenerationError(f"{base.folder / VECTORS} cannot be read ({error}); ingest again") from error
    if len(rows) != len(items):
        raise GenerationError(f"generation {base.number} has {len(items)} items and {len(rows)} vectors; ingest again")
    return [*make_text_sources(base, items, rows, embedder), PopularitySource(items, model)]


def _sentences(shares: FusionShares, offer: OfferSettings, behaviour: bool) -> list[str]:
    low, mean, high = shares.gain
    gain = f"choosing by the requests gains {mean:+.3f} [{low:+.3f}, {high:+.3f}] on requests that had no part in it"
    told = [_moved("meaning against keywords (offer.fusion_dense)", offer.fusion_dense, shares.dense, shares.best_dense)]
    if behaviour:
        told.append(_moved("text against behaviour (offer.fusion_text)", offer.fusion_text, shares.text, shares.best_text))
    found = [f"fusion: {line}" for line in told]
    if shares.trust == 0.0:
        found.append(f"fusion: the {shares.n_queries} requests do not decide; nDCG@10 {shares.before:.3f}; {gain}")
    else:
        held = "" if low > 0.0 else ", held back since the gain may be chance"
        found.append(
            f"fusion: followed to {shares.trust:.0%}{held}; nDCG@10 of the {shares.n_queries} requests {shares.before:.3f} -> "
            f"{shares.after:.3f}; {gain}"
        )
    own = sorted({"fusion_dense", *(["fusion_text"] if behaviour else [])} & offer.model_fields_set)
    return found + [f"fusion: the settings say offer.{name} = {getattr(offer, name):g}, which stands" for name in own]


def _moved(what: str, default: float, now: float, best: float) -> str:
    return f"{what} {default:g} -> {now:g} (the requests alone say {best:.2f})" if now != default else f"{what} stays {default:g}"
