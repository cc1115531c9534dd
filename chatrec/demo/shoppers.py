"""Two thousand invented shoppers with latent tastes, and what they did.

Each shopper is a mixture of a few ways of going outdoors (an archetype has favourite uses, categories and habits), has a budget,
a sense for quality, and one or two brands they return to. Utility of an item = taste + brand + quality - price strain + noise; a
session is a walk of views, some of which become clicks, carts and purchases. A recommender that learns tastes must beat popularity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatrec.domain.item import Item

N_SHOPPERS = 2_000
N_EVENTS = 40_000
WORLD_START = 1_735_689_600  # 2025-01-01 UTC, unix seconds
WORLD_DAYS = 540

# use -> liking, category word -> liking, price strain, likes light things, taste for quality
ARCHETYPES: dict[str, tuple[dict[str, float], dict[str, float], float, float, float]] = {
    "weekend hiker": ({"hiking": 1.5}, {"boots": 1, "daypacks": 1, "poles": 0.7, "rain": 0.8, "socks": 0.6}, 1.0, 0.3, 0.5),
    "fast and light": ({"backpacking": 1.4, "trail running": 1}, {"backpacks": 1, "trail shoes": 1, "filters": 0.6}, 0.5, 1.5, 0.9),
    "family camper": ({"family": 1.6, "camping": 0.8}, {"kids": 1.6, "tents": 0.7, "furniture": 0.9, "cookware": 0.6}, 1.2, -0.3, 0.4),
    "car camper": ({"camping": 1.5}, {"furniture": 1.2, "stoves": 0.8, "lanterns": 0.8, "tents": 0.8, "mats": 0.5}, 0.8, -0.6, 0.6),
    "city traveller": ({"travel": 1.7, "commuting": 0.8}, {"suitcases": 1.4, "travel": 1, "organisers": 1, "power": 0.8}, 0.6, 0.4, 0.8),
    "woodsman": ({"bushcraft": 1.8, "camping": 0.4}, {"knives": 1.3, "tarps": 1, "stoves": 0.6, "cookware": 0.4}, 0.9, -0.2, 0.7),
    "festival goer": ({"festival": 1.6}, {"tents": 0.7, "sleeping": 0.6, "power": 0.6, "bottles": 0.5, "hammocks": 0.6}, 2.0, 0.0, 0.1),
    "paddler": ({"paddling": 1.9}, {"travel bags": 0.6, "first aid": 0.7, "hats": 0.6, "bottles": 0.4}, 0.8, 0.1, 0.6),
    "winter walker": ({"hiking": 0.7, "climbing": 0.8}, {"insulated": 1.4, "base": 1.1, "gloves": 1, "sleeping bags": 0.7}, 0.6, 0.5, 1.0),
    "commuter on two wheels": ({"cycling": 1.6, "commuting": 1.4}, {"daypacks": 0.9, "rain": 0.9, "lanterns": 0.5}, 0.9, 0.2, 0.5),
}
REGIONS = ("coast", "hills", "city", "country")
_AGES = ("18-29", "30-44", "45-59", "60+")


@dataclass(frozen=True, slots=True)
class Shopper:
    """One invented shopper: what a shop would know (age band, region), and what it would not (archetype)."""

    user_id: str
    age: str
    region: str
    archetype: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One event of the invented log; ``timestamp`` in unix seconds."""

    user_id: str
    item_id: str
    event: str
    value: float
    timestamp: int


def make_world(items: Sequence[Item], seed: int) -> tuple[list[Shopper], list[Deed]]:
    """Shoppers and their ``N_EVENTS`` events in time order. The same seed gives the same world."""
    rng = np.random.default_rng(seed)
    names = list(ARCHETYPES)
    appeal = np.stack([_appeal(items, name) for name in names])
    log_price = np.log(np.array([float(i.price or 20) for i in items]))
    quality = np.array([(i.rating or 3.9) - 3.9 for i in items])
    brands = np.array([i.brand for i in items])
    categories = np.array([i.category for i in items])
    fame = rng.gumbel(0.0, 0.5, len(items))
    activity = rng.lognormal(0.0, 0.75, N_SHOPPERS)
    counts = np.maximum(1, np.round(activity / activity.sum() * N_EVENTS)).astype(int)
    shoppers, deeds = [], []
    for n in range(N_SHOPPERS):
        mix = rng.dirichlet(np.full(len(names), 0.18))
        archetype = names[int(mix.argmax())]
        strain = sum(m * ARCHETYPES[a][2] for m, a in zip(mix, names, strict=True))
        keen = sum(m * ARCHETYPES[a][4] for m, a in zip(mix, names, strict=True))
        loyal = np.isin(brands, rng.choice(np.unique(brands), 2, replace=False))
        utility = 2.2 * (mix @ appeal) + 0.8 * loyal + keen * quality + fame - 0.45 * strain * (log_price - log_price.mean())
        shopper = Shopper(f"shopper-{n + 1:04d}", str(rng.choice(_AGES)), str(rng.choice(REGIONS)), archetype)
        shoppers.append(shopper)
        deeds.extend(_walk(shopper.user_id, utility, categories, items, int(counts[n]), rng))
    deeds.sort(key=lambda d: (d.timestamp, d.user_id, d.item_id, d.event))
    return shoppers, deeds[:N_EVENTS]


def _appeal(items: Sequence[Item], archetype: str) -> NDArray[np.float64]:
    uses, words, _, light, _ = ARCHETYPES[archetype]
    weights = np.log1p([_number(i, "weight") or 500.0 for i in items])
    weights = (weights - weights.mean()) / weights.std()
    found = []
    for item in items:
        use = item.attribute("use")
        liked = sum(uses.get(u, 0.0) for u in (use.values if use else ()))
        found.append(0.6 * liked + sum(w for word, w in words.items() if word in item.category))
    appeal: NDArray[np.float64] = np.array(found) - 0.25 * light * weights
    return appeal


def _number(item: Item, name: str) -> float | None:
    attribute = item.attribute(name)
    return attribute.number if attribute else None


def _walk(
    user_id: str, utility: NDArray[np.float64], categories: NDArray[np.str_], items: Sequence[Item], n_events: int, rng: np.random.Generator
) -> list[Deed]:
    """Sessions of a few events each: a session stays mostly in one category and its neighbours."""
    deeds: list[Deed] = []
    while len(deeds) < n_events:
        start = WORLD_START + int(rng.integers(0, WORLD_DAYS * 86_400))
        anchor = int(np.argmax(utility + rng.gumbel(0.0, 1.0, len(utility))))
        near = utility + 1.5 * (categories == categories[anchor]) + rng.gumbel(0.0, 0.9, len(utility))
        chosen = [anchor, *(int(i) for i in np.argsort(-near)[: int(rng.integers(1, 5))] if i != anchor)]
        clock = start
        for n in chosen:
            clock += int(rng.integers(15, 240))
            for event, value in _funnel(rng, float(utility[n]), items[n]):
                deeds.append(Deed(user_id, items[n].item_id, event, value, clock))
                clock += int(rng.integers(5, 90))
    return deeds[:n_events]


def _funnel(rng: np.random.Generator, utility: float, item: Item) -> list[tuple[str, float]]:
    keen = 1.0 / (1.0 + np.exp(2.5 - utility))
    steps: list[tuple[str, float]] = [("view", 1.0)]
    if rng.random() < 0.35 + 0.4 * keen:
        steps.append(("click", 1.0))
        if rng.random() < 0.2 + 0.4 * keen:
            steps.append(("cart", 1.0))
            if rng.random() < 0.55:
                steps.append(("purchase", 1.0))
                if rng.random() < 0.15:
                    steps.append(("rating", float(np.clip(round((item.rating or 3.9) + rng.normal(0, 0.7)), 1, 5))))
    return steps
