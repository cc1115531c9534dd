"""Collaborative filtering on real shoppers' histories: it must beat popularity by far, also for shoppers it was not trained on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from chatrec.candidates.choose import choose
from chatrec.candidates.interactions import gather
from chatrec.candidates.model import CollaborativeModel
from chatrec.candidates.preferences import Preferences
from chatrec.candidates.sources import CollaborativeSource, PopularitySource
from chatrec.domain.candidate import Query
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.metrics.ranking import hits_of, ndcg, recall
from chatrec.settings import Settings
from chatrec.storage.database import Database

SHOPPERS = 1_500


def test_leave_last_out_beats_popularity(tmp_path: Path) -> None:
    folder = os.environ.get("CHATREC_DATA")
    file = Path(folder or "", "amazon_scientific_2018", "Scientific.inter.json")
    if not folder or not file.is_file():
        pytest.skip("CHATREC_DATA does not name a folder with amazon_scientific_2018")
    histories = {f"u{u}": [str(i) for i in items] for u, items in json.loads(file.read_text()).items()}
    catalogue = sorted({i for items in histories.values() for i in items})
    trained, fresh = dict(list(histories.items())[SHOPPERS // 2 :]), dict(list(histories.items())[: SHOPPERS // 2])
    with Database.open(tmp_path) as database:
        seen = ((u, i, n) for u, items in trained.items() for n, i in enumerate(items[:-1]))
        database.events.replace_imported(Event(u, i, EventKind.PURCHASE, float(n)) for u, i, n in seen)
        log = gather(database.events.arrays(), frozenset(catalogue))
    settings = Settings.model_validate({"train": {"models": ["ials"], "search": "none", "settings": {"ials": {"unobserved": 0.03}}}}).train
    model = CollaborativeModel(log.item_ids, log.popularity, log.events, choose(log, settings).model)
    titles = {i: f"item {i}" for i in catalogue}
    items = [Item(i, titles[i]) for i in catalogue]
    taste, popular = CollaborativeSource(Preferences(model, catalogue), titles), PopularitySource(items, model)
    sample = {**fresh, **dict(list(trained.items())[: SHOPPERS // 2])}
    lists: dict[str, list[list[str]]] = {"taste": [], "popular": []}
    for items in sample.values():
        query = Query(history=tuple((i, 1.0) for i in items[:-1]), exclude=frozenset(items[:-1]))
        lists["taste"].append([c.item_id for c in taste.candidates(query, 10)])
        lists["popular"].append([c.item_id for c in popular.candidates(query, 10)])
    figures = {}
    for name, ranked in lists.items():
        hits, n = hits_of(ranked, [{items[-1]} for items in sample.values()])
        figures[name] = np.array([recall(hits, n, 10), ndcg(hits, n, 10)])
    half = SHOPPERS // 2
    for part in (slice(0, half), slice(half, None)):  # strong generalisation, then leave-last-out
        assert (figures["taste"][:, part].mean(axis=1) > 2.0 * figures["popular"][:, part].mean(axis=1)).all()
    assert figures["taste"][0].mean() > 0.07  # item-item cosine reaches 0.105 over all shoppers, popularity 0.026
