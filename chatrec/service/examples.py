"""Example questions for an empty page, made from what the shop itself sells: its categories, brands, prices and policies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import quantiles

from chatrec.domain.figures import money
from chatrec.domain.item import Item

# Longer names are breadcrumbs or advertising, and make no question that a person would ask.
MOST_NAME_CHARS = 32
# Fewer products of one kind are not what a shop is known for.
LEAST_ITEMS = 3
# A figure a person would name: 1, 2, 3, 5 or 8 and noughts, and half steps between.
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def opening_questions(items: Sequence[Item], currency: str, policies: Mapping[str, str]) -> tuple[str, ...]:
    """Up to four questions that this shop can answer: a kind with a budget, a kind of one brand, the best rated of a kind, a policy.

    A shop that lists no prices, brands, ratings or policies gets none of that sort. Deterministic for one catalogue.
    """
    kinds = known_kinds(items)
    questions: list[str] = []
    for ask in (_with_budget, _of_brand, _best_rated):
        found = next(((kind, text) for kind in kinds if (text := ask(kind, _of(items, kind), currency))), None)
        if found:
            kinds.remove(found[0])
            questions.append(found[1])
    questions += [f"Show me {kind}" for kind in kinds][: 3 - len(questions)]
    topic = next((t for text in policies.values() if (t := _topic(text))), "")
    return (*questions, *((f"What should I know about {topic}?",) if topic else ()))


def known_kinds(items: Iterable[Item]) -> list[str]:
    """Category names, the commonest of each branch of the catalogue first, then the rest by their number of products."""
    counts = Counter(i.category for i in items if i.category and len(i.category) <= MOST_NAME_CHARS)
    branch = {i.category: i.category_path[0] if len(i.category_path) > 1 else "" for i in items}
    common = [kind for kind, count in counts.most_common() if count >= LEAST_ITEMS]
    leading = {branch[kind]: kind for kind in reversed(common) if branch[kind]}.values()
    return [kind for kind in common if kind in leading] + [kind for kind in common if kind not in leading]


def _of(items: Iterable[Item], kind: str) -> list[Item]:
    return [i for i in items if i.category == kind]


def _with_budget(kind: str, items: Sequence[Item], currency: str) -> str:
    prices = sorted(float(i.price) for i in items if i.price is not None and i.price > 0)
    if len(prices) < LEAST_ITEMS:
        return ""
    budget = round_figure(quantiles(prices, n=4)[1])
    return f"{_start(kind)} under {money(budget, items[0].currency or currency).removesuffix('.00')}"


def _of_brand(kind: str, items: Sequence[Item], currency: str) -> str:
    brands = Counter(i.brand for i in items if i.brand and len(i.brand) <= MOST_NAME_CHARS)
    brand, count = brands.most_common(1)[0] if brands else ("", 0)
    return f"{_start(kind)} by {brand}" if count >= LEAST_ITEMS else ""


def _best_rated(kind: str, items: Sequence[Item], currency: str) -> str:
    return f"The best rated {kind}" if sum(i.rating is not None for i in items) >= LEAST_ITEMS else ""


def _start(kind: str) -> str:
    return kind[:1].upper() + kind[1:]


def _topic(text: str) -> str:
    """The title of a policy as it stands in a sentence; empty where the file has none."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    title = line.lstrip("#").strip()
    if not line.startswith("#") or not 0 < len(title) <= MOST_NAME_CHARS:
        return ""
    return " ".join(word if word[1:].isupper() else word.lower() for word in title.split())


def round_figure(amount: float) -> float:
    """The next round figure at or above a positive amount: 87 gives 100, 130 gives 150."""
    scale = 10.0 ** math.floor(math.log10(amount))
    return next(step * scale for step in _STEPS if step * scale >= amount * (1 - 1e-9))
