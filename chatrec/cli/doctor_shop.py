"""What ``chatrec doctor`` says about one shop: its files, records and indexes, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from chatrec.domain.event import EventKind
from chatrec.errors import GenerationError, ShopNotFound, ShopNotReady
from chatrec.shops import DEMO, is_shop, open_database

_MB = 1e6


def shop_files(folder: Path, shop: str) -> Iterator[str]:
    """The shop's folder. Raises :class:`ShopNotFound` where it is none."""
    if not is_shop(folder):
        if shop == DEMO:
            raise ShopNotFound(f"the demo shop is not built yet at '{folder}'; the first chatrec chat --shop demo builds it")
        raise ShopNotFound(f"'{folder}' is not a shop: it holds no shop.db; make one with: chatrec ingest --shop {folder} --items FILE")
    size_mb = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / _MB
    own = "its own chatrec.toml" if (folder / "chatrec.toml").is_file() else "default settings (no chatrec.toml)"
    yield f"{folder}, {size_mb:.0f} MB, {own}"
    rejects = sorted(p.name for p in (folder / "rejects").glob("*") if p.is_file()) if (folder / "rejects").is_dir() else []
    if rejects:
        yield f"NOTE the last ingest left out rows or values; they are listed in {folder / 'rejects'}: {', '.join(rejects)}"


def records(folder: Path) -> Iterator[str]:
    """How much of everything the database holds, and what the shop cannot answer for want of it."""

    with open_database(folder) as database:
        items, events, orders = database.items.count(), database.events.count(), database.orders.count()
        priced = sum(item.price is not None for item in database.items.all())
        users, reviews, policies = len(database.users.all()), len(database.reviews.by_item()), len(database.policies.all())
    yield f"{items:,} items ({priced:,} with a price), {events:,} events, {users:,} shoppers, {orders:,} orders, {policies} policies"
    yield f"reviews of {reviews:,} items"
    if not items:
        raise ShopNotReady(f"there are no items; run: chatrec ingest --shop {folder} --items FILE")
    if not priced:
        yield "NOTE no item has a price: the bot says so when a shopper names a budget"
    if not policies:
        yield "NOTE no policies: questions about delivery or returns go to a person (chatrec ingest --policies FOLDER)"


def index_state(folder: Path) -> Iterator[str]:
    """The serving generation: whether it is whole, fresh and verified, and its collaborative model."""
    from chatrec.storage.generations import Generations

    current = Generations(folder).current()
    if current is None:
        raise ShopNotReady(f"nothing is indexed yet; run: chatrec ingest --shop {folder} --items FILE")
    if damage := current.damage():
        raise GenerationError(f"generation {current.number} is damaged ({'; '.join(damage[:3])}); ingest again")
    made, seen = current.manifest, current.manifest.get("verified", {})
    hours = (time.time() - float(made.get("created", 0.0))) / 3600
    age = f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.1f} hours"
    yield f"generation {current.number} is whole, {age} old, embedded by {made.get('embedder', 'an unnamed embedder')}"
    if seen:
        yield f"verified: {seen.get('items', 0):.0f} vectors, recall@50 {seen.get('recall@50', 0):.3f} against exact search"
    with open_database(folder) as database:
        if made.get("items_digest") not in (None, database.items.digest()):
            yield "NOTE records changed since this generation was built; ingest again to index them"
        events = sum(database.events.counts_by_item([k for k in EventKind if k is not EventKind.SHOWN]).values())
    yield _behaviour(made.get("cf"), events, folder)


def _behaviour(model: Mapping[str, object] | None, events: int, folder: Path) -> str:
    if model:
        models = model.get("models")
        learnt = " + ".join(str(m) for m in models) if isinstance(models, list) and models else "popularity alone"
        return (
            f"collaborative filtering is trained: {model.get('users')} shoppers, {model.get('items')} items, "
            f"{model.get('pairs')} likings; {learnt}"
        )
    if events:
        return f"NOTE collaborative filtering is not trained, though there are {events:,} events; run: chatrec train --shop {folder}"
    return "collaborative filtering is not trained: there are no events to learn from (chatrec ingest --interactions FILE)"


def next_steps(folder: Path, shop: str, results: Mapping[str, bool]) -> Iterator[str]:
    """What to run now."""
    name = DEMO if shop == DEMO else str(folder)
    if not all(results[check] for check in ("python", "packages", "settings", "language model", "embedder")):
        yield "mend what is WRONG above, then run chatrec doctor again"
    elif shop == DEMO and not results["shop files"]:
        yield "chatrec chat --shop demo"
    elif not all(results[check] for check in ("shop files", "shop records", "shop index")):
        yield f"chatrec ingest --shop {name} --items FILE"
    else:
        yield f"chatrec chat --shop {name}   (terminal)   or   chatrec serve --shop {name}   (browser)"
