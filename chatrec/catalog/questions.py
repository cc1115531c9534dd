"""What each question about a set of candidates would tell: expected information gain over what their records say.

The gain is the mutual information of the answer and the wanted item (Lindley, "On a measure of the information provided by an experiment",
Annals of Mathematical Statistics 27, 1956), over items weighted by their scores (Lei et al., "Interactive path reasoning on graph for
conversational recommendation", KDD 2020).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chatrec.catalog.filters import field_key, numbers_of, value_key, words_of
from chatrec.catalog.relaxing import money
from chatrec.domain.figures import number_text
from chatrec.domain.item import Item
from chatrec.domain.question import Proposal

LEAST_VALUES, MOST_VALUES = 2, 8
# Below this share of candidates a facet says too little about them: the answer would hide items for want of a record.
LEAST_COVERAGE = 0.5
# A value that fits one candidate in forty is no useful answer.
LEAST_SHARE = 0.025
# So many figures with a unit can be read out one by one; more become bands. Counts without a unit ("persons") stay as they are.
MOST_FIGURES = 4
_NEVER = frozenset({"stock", "rating", "n ratings", "title"})
_LONGEST_VALUE = 30

Weights = NDArray[np.float64]


def propose(items: Sequence[Item], weights: Sequence[float] = (), closed: Collection[str] = ()) -> list[Proposal]:
    """Every question worth thinking of about these items, core fields before attributes, none about a field of ``closed``.

    ``weights`` (n,) say how likely each item is the wanted one (any positive scale; without them all are equally likely). Each value of an
    item is equally likely to be named. Words come commonest first, figures in ascending order, many of them as bands.
    """
    if len(items) < LEAST_VALUES:
        return []
    chances = np.asarray(weights if len(weights) else np.ones(len(items)), dtype=np.float64)
    chances = chances / chances.sum()
    shut = _NEVER | {field_key(name) for name in closed}
    return [p for p in _proposals(items, chances, shut) if p.gain > 0.0]


def _proposals(items: Sequence[Item], chances: Weights, closed: frozenset[str]) -> Iterator[Proposal]:
    figures = _figures(items, closed)
    if "price" in figures:
        yield from _about_figures("price", figures.pop("price"), items, chances)
    if "category" not in closed:
        yield from _about_category(items, chances)
    for field, held in _words(items, closed | figures.keys()).items():
        yield from _about_words(field, held, items, chances)
    for field, numbers in figures.items():
        yield from _about_figures(field, numbers, items, chances)


def _words(items: Sequence[Item], closed: frozenset[str]) -> dict[str, dict[int, dict[str, str]]]:
    """Field -> place of an item -> its values (key -> spelling), of those that hold it; the category has its own question."""
    found: dict[str, dict[int, dict[str, str]]] = {}
    for n, item in enumerate(items):
        for field, value in words_of(item):
            if field not in closed and field != "category":
                found.setdefault(field, {}).setdefault(n, {}).setdefault(value_key(value), value)
    return found


def _figures(items: Sequence[Item], closed: frozenset[str]) -> dict[str, dict[int, tuple[float, str]]]:
    found: dict[str, dict[int, tuple[float, str]]] = {}
    for n, item in enumerate(items):
        for field, number, unit in numbers_of(item):
            if field not in closed:
                found.setdefault(field, {}).setdefault(n, (number, unit))
    return found


def _about_words(field: str, held: dict[int, dict[str, str]], items: Sequence[Item], chances: Weights) -> Iterator[Proposal]:
    masses: defaultdict[str, float] = defaultdict(float)
    places: defaultdict[str, list[int]] = defaultdict(list)
    spellings: dict[str, str] = {}
    for n, values in held.items():
        for key, spelled in values.items():
            masses[key] += float(chances[n]) / len(values)
            places[key].append(n)
            spellings.setdefault(key, spelled)
    common = sorted(places, key=lambda key: -len(places[key]))  # stable: of equals the first met
    useful = [key for key in common if _useful(key, len(places[key]), len(items))][:MOST_VALUES]
    reached = {n for key in useful for n in places[key]}
    if len(useful) < LEAST_VALUES or len(reached) < LEAST_COVERAGE * len(items):
        return
    # An item that comes in every size is left standing by every answer: that part of the entropy tells nothing.
    known = sum(float(chances[n]) for n in held)
    idle = sum(float(chances[n]) * math.log(len(values)) for n, values in held.items()) / known
    covered = sum(masses[key] for key in useful)
    gain = max(0.0, _entropy([masses[key] for key in useful]) - idle) * covered
    leaves = tuple(frozenset(items[n].item_id for n in places[key]) for key in useful)
    yield Proposal(field, tuple(spellings[key] for key in useful), leaves, gain, covered)


def _useful(value: str, count: int, n: int) -> bool:
    return 0 < len(value) <= _LONGEST_VALUE and count >= LEAST_SHARE * n and (count > 1 or n <= MOST_VALUES)


def _about_category(items: Sequence[Item], chances: Weights) -> Iterator[Proposal]:
    """One question a level of the category path. A shopper can name a kind of thing that is not among the suggestions, so all categories
    count for the gain."""
    paths = [i.category_path or ((i.category,) if i.category else ()) for i in items]
    for depth in range(max((len(p) for p in paths), default=0)):
        level = {n: p[depth] for n, p in enumerate(paths) if len(p) > depth}
        places: defaultdict[str, list[int]] = defaultdict(list)
        for n, name in level.items():
            places[value_key(name)].append(n)
        common = sorted(places, key=lambda key: -len(places[key]))[:MOST_VALUES]
        useful = [key for key in common if _useful(key, len(places[key]), len(items))]
        if len(useful) < LEAST_VALUES or len(level) < LEAST_COVERAGE * len(items):
            continue
        known = float(chances[list(level)].sum())
        gain = _entropy([float(chances[places[key]].sum()) for key in places]) * known
        leaves = tuple(frozenset(items[n].item_id for n in places[key]) for key in useful)
        covered = sum(float(chances[places[key]].sum()) for key in useful)
        yield Proposal("category", tuple(level[places[key][0]] for key in useful), leaves, gain, covered)


def _about_figures(field: str, held: dict[int, tuple[float, str]], items: Sequence[Item], chances: Weights) -> Iterator[Proposal]:
    """Few distinct figures are values of their own; many with a unit become three bands of about equal size."""
    unit = Counter(u for _, u in held.values()).most_common(1)[0][0]
    places = np.array([n for n, (_, u) in held.items() if u == unit])
    numbers = np.array([held[n][0] for n in places])
    distinct = np.unique(numbers)
    if len(numbers) < LEAST_COVERAGE * len(items) or len(distinct) < LEAST_VALUES:
        return
    if field != "price" and len(distinct) <= (MOST_FIGURES if unit else MOST_VALUES):
        labels = [_figure(field, x, unit) for x in distinct]
        band = np.searchsorted(distinct, numbers)
    else:
        # Many figures without a unit are counts or codes: bands of them mean nothing to a shopper.
        cuts = _cuts(np.sort(numbers)) if field == "price" or unit else []
        if not cuts:
            return
        labels = _bands(field, cuts, unit)
        band = np.searchsorted(cuts, numbers, side="left")
    masses = np.bincount(band, weights=chances[places], minlength=len(labels))
    leaves = tuple(frozenset(items[n].item_id for n in places[band == b]) for b in range(len(labels)))
    yield Proposal(field, tuple(labels), leaves, _entropy(masses.tolist()) * float(masses.sum()), float(masses.sum()))


def _cuts(numbers: np.ndarray) -> list[float]:
    """One or two round figures near the terciles that leave no band empty."""
    wanted = [float(x) for x in np.quantile(numbers, (1 / 3, 2 / 3))]
    rounded = sorted({_round(x, float(numbers[-1] - numbers[0])) for x in wanted})
    cuts = [c for c in rounded if numbers[0] <= c < numbers[-1]]
    return cuts if len(cuts) < 2 or ((numbers > cuts[0]) & (numbers <= cuts[1])).any() else cuts[:1]


def _round(x: float, spread: float) -> float:
    """``x`` to one or two significant figures, coarse against the spread: 187.4 -> 190, 0.83 -> 0.8."""
    if spread <= 0:
        return x
    step = 10.0 ** math.floor(math.log10(spread / 3))
    step = step * 5 if spread / 3 >= step * 10 / 2 else step
    return round(round(x / step) * step, 6)


def _bands(field: str, cuts: Sequence[float], unit: str) -> list[str]:
    inner = [f"{_figure(field, a, unit if field == 'price' else '')} to {_figure(field, b, unit)}" for a, b in pairwise(cuts)]
    return [f"up to {_figure(field, cuts[0], unit)}", *inner, f"over {_figure(field, cuts[-1], unit)}"]


def _figure(field: str, number: float, unit: str) -> str:
    if field == "price":
        return money(float(number), unit)
    unit = unit.removesuffix("s") if number == 1 and len(unit) > 2 else unit
    return f"{number_text(float(number))} {unit}".strip()


def _entropy(counts: Sequence[float]) -> float:
    total = sum(counts)
    return -sum(c / total * math.log(c / total) for c in counts if c > 0) if total else 0.0
