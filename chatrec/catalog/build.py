"""One snapshot of the rows into one fresh generation: records, facts, contract, vectors, both indexes, policy passages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.contract import Contract
from chatrec.catalog.facts import typed_facts
from chatrec.catalog.passages import passages_of
from chatrec.catalog.queries import SHARES
from chatrec.catalog.shelf import CONTRACT, VECTORS
from chatrec.catalog.snapshot import FACTS, ITEMS, fact_records, item_record, write_lines
from chatrec.catalog.text_index import TextIndex
from chatrec.catalog.vector_index import VectorIndex
from chatrec.catalog.verify import verify
from chatrec.domain.facts import Passage
from chatrec.domain.item import Item, Review
from chatrec.domain.plain import plain
from chatrec.errors import ShopNotReady
from chatrec.storage.database import Database
from chatrec.storage.generations import Draft, Generation, Generations
from chatrec.storage.items import items_digest

BM25 = "bm25"
PASSAGES = "passages.json"
PASSAGE_VECTORS = "passages.npy"
COLLABORATIVE = "cf"
# MiniLM reads 256 word pieces, some 1,200 characters; the rest of a text would cost time and change nothing.
MOST_CHARS = 1400
_MOST_ATTRIBUTE_CHARS = 400
_MOST_TITLE_CHARS = 200

Progress = Callable[[str, int, int], None]
"""Called as (what is being done, how far, out of how much)."""


class BatchEmbedder(Protocol):
    """An embedder that says how far it is; :class:`chatrec.embedding.cached.CachedEmbedder` is one."""

    @property
    def name(self) -> str:
        """Identifies model and version."""

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """Unit-norm vectors, shape ``(len(texts), d)``."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the database held at one moment."""

    items: list[Item]
    reviews: Mapping[str, Sequence[Review]]
    policies: Mapping[str, str]
    digest: str


def build_generation(
    database: Database, generations: Generations, embedder: BatchEmbedder, *, progress: Progress | None = None
) -> Generation:
    """Builds, verifies and publishes the next generation from the rows as they are now; gives it.

    The collaborative model of the current generation (it is keyed by item id) and the shares of its fusion are carried over. Until the
    last step the old generation serves, whatever happens here. Raises :class:`ShopNotReady` without items,
    :class:`chatrec.errors.GenerationError` when the verification fails.
    """
    tell = progress or _silent
    rows = _snapshot(database)
    if not rows.items:
        raise ShopNotReady("the catalogue holds no items; ingest an items file first")
    with generations.begin() as draft:
        vectors = _embedded([embedded_text(item) for item in rows.items], embedder, tell, "embedding items")
        _write_records(draft.folder, rows, tell)
        np.save(draft.folder / VECTORS, vectors)
        _write_indexes(draft.folder, rows.items, vectors, tell)
        passages = _write_passages(draft.folder, rows.policies, embedder, tell)
        current = generations.sound()
        learnt = _carried(draft, current) if current is not None else {}
        tell("verifying", 0, 1)
        figures = verify(draft.folder, [item.item_id for item in rows.items], vectors)
        tell("verifying", 1, 1)
        return draft.publish({**learnt, **_manifest(rows, embedder, len(passages), figures)})


def embedded_text(item: Item) -> str:
    """The text of an item that is embedded: title, brand, category, attributes and options, description; bounded."""
    attributes = "; ".join(_attribute_texts(item))[:_MOST_ATTRIBUTE_CHARS]
    category = " / ".join(item.category_path[-2:] or (item.category,))
    parts = (plain(item.title, _MOST_TITLE_CHARS), item.brand, category, attributes, item.description[:MOST_CHARS])
    return plain(". ".join(part.rstrip(". ") for part in parts if part), MOST_CHARS)


def passage_text(topic: str, text: str) -> str:
    """The text of a policy passage that is embedded."""
    return f"{topic}. {text}"


def _attribute_texts(item: Item) -> list[str]:
    texts = []
    for attribute in item.attributes:
        if attribute.values == ("no",):
            continue
        value = "" if attribute.values == ("yes",) else ", ".join(attribute.values[:4])
        texts.append(f"{attribute.name} {value} {attribute.unit}".strip())
    texts.extend(f"{name} {', '.join(values[:6])}" for name, values in item.options().items())
    return texts


def _snapshot(database: Database) -> _Rows:
    with database.transaction():  # no writer in between: items, reviews and policies belong together
        items, reviews, policies = database.items.all(), database.reviews.by_item(), database.policies.all()
    return _Rows(items, reviews, policies, items_digest(items))


def _embedded(texts: Sequence[str], embedder: BatchEmbedder, tell: Progress, stage: str) -> NDArray[np.float32]:
    tell(stage, 0, len(texts))
    vectors = embedder.encode(texts, lambda done, total: tell(stage, done, total))
    tell(stage, len(texts), len(texts))
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _write_records(folder: Path, rows: _Rows, tell: Progress) -> None:
    tell("writing records", 0, len(rows.items))
    write_lines(folder / ITEMS, (item_record(item) for item in rows.items))
    write_lines(folder / FACTS, (fact_records(typed_facts(item, rows.reviews.get(item.item_id, ()))) for item in rows.items))
    (folder / CONTRACT).write_text(Contract.of(rows.items).to_json(), encoding="utf-8")
    tell("writing records", len(rows.items), len(rows.items))


def _write_indexes(folder: Path, items: Sequence[Item], vectors: NDArray[np.float32], tell: Progress) -> None:
    done = 0

    def added(rows: int) -> None:
        nonlocal done
        done += rows
        tell("indexing", done, len(items))

    tell("indexing", 0, len(items))
    TextIndex.build(items).save(folder / BM25)
    titles = [plain(item.title, _MOST_TITLE_CHARS) for item in items]
    VectorIndex.build(folder, [item.item_id for item in items], vectors, titles, added).close()


def _write_passages(folder: Path, policies: Mapping[str, str], embedder: BatchEmbedder, tell: Progress) -> list[Passage]:
    passages = passages_of(policies)
    records = [{"passage_id": p.passage_id, "topic": p.topic, "text": p.text} for p in passages]
    (folder / PASSAGES).write_text(json.dumps(records, ensure_ascii=False, indent=0), encoding="utf-8")
    np.save(folder / PASSAGE_VECTORS, _embedded([passage_text(p.topic, p.text) for p in passages], embedder, tell, "embedding policies"))
    return passages


def _manifest(rows: _Rows, embedder: BatchEmbedder, passages: int, figures: Mapping[str, float]) -> dict[str, Any]:
    return {
        "embedder": embedder.name,
        "counts": {"items": len(rows.items), "reviews": sum(map(len, rows.reviews.values())), "passages": passages},
        "items_digest": rows.digest,
        "verified": dict(figures),
    }


def _carried(draft: Draft, current: Generation) -> dict[str, Any]:
    """Takes over what was learnt; gives what the manifest tells of it."""
    names = [Path(name).stem for name in draft.carry(current, [COLLABORATIVE, SHARES])]
    return {name: current.manifest[name] for name in names if name in current.manifest}


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None
