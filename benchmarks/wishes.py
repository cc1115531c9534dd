"""Soft wishes ("ideally blue"): how often they hold at ranks 1 to 3, and what relevance that costs, by the weight they have."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from benchmarks.catalogues import shop_of
from benchmarks.intervals import interval
from chatrec.dialogue.offer import find, make_offer, search_text
from chatrec.dialogue.parts import Parts
from chatrec.domain.act import Recommend
from chatrec.domain.candidate import Query
from chatrec.domain.item import Item
from chatrec.domain.need import Constraint, Need, Op, Strength
from chatrec.domain.state import DialogueState
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.settings import load_settings
from chatrec.storage.database import Database
from chatrec.storage.generations import Generations
from chatrec.wiring import make_words, pin

TABLES = ("demo", "bestbuy_3k")
WEIGHTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.6, 1.0)
WAYS = ("kind", "words")
SHOWN = 3
# A wish worth measuring can be fulfilled, and is not by most of what there is.
LEAST_SHARE, MOST_SHARE = 0.05, 0.5
LEAST_KIND = 8
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of thing, as a category or in words alone, and wishes; ``plain`` is the need without them."""

    kind: str
    need: Need
    plain: Need

    @property
    def wishes(self) -> tuple[Constraint, ...]:
        """The soft constraints."""
        return self.need.soft()


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table, way of asking (``kind``: the category is a hard limit; ``words``: it is only named) and weight.

    ``wish@1``, ``wish@2``, ``wish@3`` are the share of wishes that the item at that rank holds, ``relevance`` is that of the three shown as
    a share of the best three without wishes, ``of_the_kind`` the share of the three that is of the category meant.
    """
    figures: dict[str, Any] = {}
    for name in tables or TABLES:
        folder = shop_of(name)
        if folder is None:
            continue
        settings = load_settings(folder, {"model": {"engine": "template"}})
        current = Generations(folder).current()
        assert current is not None
        with Database.open(folder) as database:
            pinned = pin(current, database, MiniLMEmbedder(), make_words(settings.model), settings)
            try:
                figures |= measure(pinned.parts, pinned.shelf.items, name, 30 if quick else 80, seed)
            finally:
                pinned.close()
    return figures


def measure(parts: Parts, items: Sequence[Item], table: str, n_requests: int, seed: int) -> dict[str, Any]:
    """The figures of one shop. All weights meet the same requests; diversity is off, so that only the weight moves the list."""
    figures: dict[str, Any] = {}
    for way in WAYS:
        requests = list(draw_requests(parts, items, way, n_requests, random.Random(seed)))
        figures[f"{table}-{way}/requests"] = len(requests)
        relevance = [_relevance(parts, r) for r in requests]
        for weight in WEIGHTS:
            weighed = replace(parts, limits=replace(parts.limits, wishes=weight, diversity=0.0, shown=SHOWN))
            lists = [make_offer(Recommend(1), DialogueState("bench", needs=(r.need,), active_need=1), weighed).items for r in requests]
            held = [[_held(parts, item, r.wishes) for item in shown] for shown, r in zip(lists, requests, strict=True)]
            values = {
                **{f"wish@{rank}": [h[rank - 1] for h in held if len(h) >= rank] for rank in (1, 2, 3)},
                "relevance": [_kept([i.item_id for i in shown], scores) for shown, scores in zip(lists, relevance, strict=True)],
                "of_the_kind": [fmean(i.category == r.kind for i in shown) for shown, r in zip(lists, requests, strict=True)],
            }
            for name, data in values.items():
                figures[f"{table}-{way}/wishes={weight:g}/{name}"] = interval(data, lambda drawn: float(drawn.mean()), seed)
    return figures


def draw_requests(parts: Parts, items: Sequence[Item], way: str, n_requests: int, chance: random.Random) -> Iterator[Request]:
    """Requests for a kind of thing with one to three wishes that some of it fulfils; every other one with two words of a title."""
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.category:
            kinds[item.category].append(item)
    names = sorted(name for name, held in kinds.items() if len(held) >= LEAST_KIND)
    drawn = 0
    while drawn < n_requests:
        kind = chance.choice(names)
        wishes = _draw_wishes(parts, kinds[kind], chance)
        if not wishes:
            continue
        drawn += 1
        words = [w.lower() for w in _WORD.findall(chance.choice(kinds[kind]).title)]
        query = " ".join(dict.fromkeys(chance.choice(words) for _ in range(2))) if words and drawn % 2 else ""
        if way == "words":
            plain = Need(1, f"{kind} {query}".strip())
        else:
            plain = Need(1, query, constraints=(Constraint("category", Op.IS, (kind,)),))
        yield Request(kind, replace(plain, constraints=(*plain.constraints, *wishes)), plain)


def _draw_wishes(parts: Parts, kind: Sequence[Item], chance: random.Random) -> tuple[Constraint, ...]:
    possible = [
        c for c in _possible(chance.choice(kind)) if LEAST_SHARE <= sum(_holds(parts, i, c) for i in kind) / len(kind) <= MOST_SHARE
    ]
    chosen = chance.sample(possible, min(len(possible), chance.choice((1, 2, 3))))
    return tuple({c.field: c for c in chosen}.values())


def _possible(item: Item) -> list[Constraint]:
    """What a shopper who has this item in mind may wish for."""
    found = [Constraint("brand", Op.IS, (item.brand,), strength=Strength.PREFER)] if item.brand else []
    found += [Constraint("brand", Op.IS, (item.brand,), strength=Strength.AVOID)] if item.brand else []
    if item.price is not None:
        found.append(Constraint("price", Op.AT_MOST, number=float(item.price), strength=Strength.PREFER))
    for attribute in item.attributes:
        if attribute.number is not None:
            bound = Constraint(attribute.name, Op.AT_MOST, number=attribute.number, unit=attribute.unit, strength=Strength.PREFER)
            found.append(bound)
        elif attribute.values:
            found.append(Constraint(attribute.name, Op.IS, attribute.values[:1], strength=Strength.PREFER))
    found += [Constraint(name, Op.IS, values[:1], strength=Strength.PREFER) for name, values in item.options().items()]
    return found


def _holds(parts: Parts, item: Item, wish: Constraint) -> bool:
    return parts.shelf.satisfies(item, (replace(wish, strength=Strength.MUST),)) is (wish.strength is Strength.PREFER)


def _held(parts: Parts, item: Item, wishes: Sequence[Constraint]) -> float:
    return fmean(_holds(parts, item, wish) for wish in wishes)


def _relevance(parts: Parts, request: Request) -> dict[str, float]:
    """The fused score of every candidate for the request without its wishes."""
    query = Query(text=search_text(request.plain), allowed=parts.shelf.matching(request.plain.hard()))
    return {c.item_id: c.score for c in find(query, request.plain, replace(parts, prune=list))}


def _kept(shown: Sequence[str], scores: dict[str, float]) -> float:
    best = sum(sorted((max(0.0, s) for s in scores.values()), reverse=True)[: len(shown)])
    return sum(max(0.0, scores.get(i, 0.0)) for i in shown) / best if best else 1.0
