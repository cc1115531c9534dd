"""A copy of the shop to measure in: later choices taken out of its log and learnt without, properties hidden where asked."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatrec.catalog.ingest import EMBEDDINGS
from chatrec.domain.event import Event, EventKind
from chatrec.domain.item import Item
from chatrec.errors import ShopNotReady
from chatrec.protocols import Embedder
from chatrec.settings import load_settings
from chatrec.shops import Progress
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations

# A shopper of the log must have done so much before the choice that is sought: less is no history.
LEAST_BEFORE = 2
_CHOICES = (EventKind.PURCHASE, EventKind.CART, EventKind.LIKE, EventKind.CLICK, EventKind.VIEW)


@dataclass(frozen=True, slots=True)
class LaterChoice:
    """The newest choice of a shopper of the log, and when it was made."""

    user_id: str
    item_id: str
    timestamp: float


def copy_shop(folder: Path, place: Path) -> Path:
    """The shop copied to ``place``: what is measured leaves no trace in the shop. Raises :class:`ShopNotReady`."""
    if Generations(folder).current() is None:
        raise ShopNotReady(f"'{folder}' holds no finished catalogue; run: chatrec ingest --shop {folder} --items FILE")
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("*.lock", "rejects"))
    return place


def later_choices(folder: Path) -> list[LaterChoice]:
    """The newest choice of every shopper who did enough before it: a purchase where the log has any, else the strongest kind it has."""
    with Database.open(folder, create=False) as database:
        log = database.events.arrays(_CHOICES)
        known = [user for user in log.user_ids if database.users.known(user)]
    kinds = [log.kinds[k] for k in log.kind]
    kind = next((k for k in _CHOICES if k in set(kinds)), None)
    by_user: dict[str, list[int]] = defaultdict(list)
    for place, user in enumerate(log.user):
        by_user[log.user_ids[user]].append(place)
    found = []
    for user_id in sorted(set(known)):
        places = sorted(by_user[user_id], key=lambda p: (float(log.timestamp[p]), p))
        last = next((p for p in reversed(places) if kinds[p] is kind), None)
        if last is None:
            continue
        item = log.item[last]
        before = {int(log.item[p]) for p in places if log.timestamp[p] <= log.timestamp[last]} - {int(item)}
        if len(before) >= LEAST_BEFORE:
            found.append(LaterChoice(user_id, log.item_ids[item], float(log.timestamp[last])))
    return found


def hold_out(folder: Path, choices: Sequence[LaterChoice], progress: Progress | None = None) -> None:
    """Takes these choices, and all that these shoppers did after them, out of the log of the copy, and learns anew without."""
    if not choices:
        return
    from chatrec.candidates.training import train

    gone = {c.user_id: c for c in choices}
    kept: dict[str, list[Event]] = {user: [] for user in gone}
    with Database.open(folder, create=False) as database:
        log = database.events.arrays()
        for user, item, kind, value, when in zip(log.user, log.item, log.kind, log.value, log.timestamp, strict=True):
            choice = gone.get(log.user_ids[user])
            if choice is None or log.item_ids[item] == choice.item_id or float(when) > choice.timestamp:
                continue
            kept[choice.user_id].append(Event(choice.user_id, log.item_ids[item], log.kinds[kind], float(when), float(value)))
        for user_id, events in kept.items():
            database.forget(user_id=user_id)
            database.events.append(events)
        settings = load_settings(folder)
        train(database, Generations(folder), settings.train, progress=progress, offer=settings.offer)


def hide(folder: Path, share: float, seed: int, embedder: Embedder | None = None, progress: Progress | None = None) -> None:
    """Removes this share of the brands and attributes from the records of the copy, each drawn by chance, and builds its indexes anew."""
    from chatrec.catalog.build import build_generation
    from chatrec.embedding.cached import CachedEmbedder

    if embedder is None:
        from chatrec.embedding.minilm import MiniLMEmbedder

        embedder = MiniLMEmbedder()
    (folder / EMBEDDINGS).parent.mkdir(parents=True, exist_ok=True)
    with Database.open(folder, create=False) as database:
        items = [without(item, share, random.Random(f"{seed}:hide:{item.item_id}")) for item in database.items.all()]
        database.items.replace_all(items)
        build_generation(database, Generations(folder), CachedEmbedder(embedder, folder / EMBEDDINGS), progress=progress)


def without(item: Item, share: float, rng: random.Random) -> Item:
    """The record with each of its attributes, and its brand, left out with probability ``share``."""
    kept = tuple(a for a in item.attributes if rng.random() >= share)
    return replace(item, attributes=kept, brand=item.brand if rng.random() >= share else "")
