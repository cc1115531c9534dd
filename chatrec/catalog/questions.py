"""Which question splits the candidates best: expected information gain over what their records say."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from chatrec.catalog.filters import field_key, numbers_of, value_key, words_of
from chatrec.catalog.relaxing import money
from chatrec.domain.figures import number_text
from chatrec.domain.item import Item
from chatrec.domain.need import Need

LEAST_VALUES, MOST_VALUES = 2, 8
# Below this share of candidates a facet says too little about them: the answer would hide items for want of a record.
LEAST_COVERAGE = 0.5
# A value that fits one candidate in forty is no useful answer.
LEAST_SHARE = 0.025
# Half of an even yes/no split (ln 2): less is not worth a turn of the shopper's time.
LEAST_GAIN = 0.35
# Shoppers know what they spend and what kind of thing they want better than they know brands or exact figures.
_EASE = {"price": 1.0, "category": 1.0, "brand": 0.5}
_EASE_OF_WORDS, _EASE_OF_FIGURES = 0.9, 0.5
# So many figures with a unit can be read out one by one; more become bands. Counts without a unit ("persons") stay as they are.
MOST_FIGURES = 4
_NEVER = frozenset({"stock", "rating", "n ratings", "title"})
_LONGEST_VALUE = 30


@dataclass(frozen=True, slots=True)
class _Question:
    field: str
    values: tuple[str, ...]
    gain: float


def ask_about(items: Sequence[Item], need: Need, asked: Iterable[str]) -> tuple[str, tuple[str, ...]] | None:
    """The field whose answer is expected to tell most about which of ``items`` is wanted, with its values, or ``None``.

    The gain is the mutual information of answer and item (every candidate equally likely, each of its values equally likely to be
    named), times the share of candidates that the answers speak of, times how easily a shopper answers. Words come commonest
    first, figures in ascending order, many of them as bands. A field that carries a constraint or was asked (``field`` or
    ``need_id:field``) is never proposed.
    """
    if len(items) < LEAST_VALUES:
        return None
    closed = _NEVER | {field_key(c.field) for c in need.constraints}
    for entry in asked:
        number, _, field = entry.partition(":")
        closed = closed | {field_key(field)} if number == str(need.need_id) else closed | {field_key(entry)}
    questions = [q for q in _questions(items, closed) if q.gain >= LEAST_GAIN]
    if not questions:
        return None
    best = max(questions, key=lambda q: q.gain)  # of equals the first: core fields stand before attributes
    return best.field, best.values


def _questions(items: Sequence[Item], closed: frozenset[str]) -> Iterator[_Question]:
    figures = _figures(items, closed)
    if "price" in figures:
        yield from _about_figures("price", figures.pop("price"), len(items))
    if "category" not in closed:
        yield from _about_category(items)
    for field, held in _words(items, closed | figures.keys()).items():
        yield from _about_words(field, held, len(items))
    for field, numbers in figures.items():
        yield from _about_figures(field, numbers, len(items))


def _words(items: Sequence[Item], closed: frozenset[str]) -> dict[str, list[dict[str, str]]]:
    """Field -> the values (key -> spelling) of each record that holds it; the category has its own question."""
    found: dict[str, list[dict[str, str]]] = {}
    for item in items:
        held: dict[str, dict[str, str]] = defaultdict(dict)
        for field, value in words_of(item):
            if field not in closed and field != "category":
                held[field].setdefault(value_key(value), value)
        for field, values in held.items():
            found.setdefault(field, []).append(values)
    return found


def _figures(items: Sequence[Item], closed: frozenset[str]) -> dict[str, list[tuple[float, str]]]:
    found: dict[str, list[tuple[float, str]]] = {}
    for item in items:
        for field, (number, unit) in {f: (n, u) for f, n, u in reversed(list(numbers_of(item)))}.items():
            if field not in closed:
                found.setdefault(field, []).append((number, unit))
    return found


def _about_words(field: str, held: Sequence[dict[str, str]], n: int) -> Iterator[_Question]:
    weights: defaultdict[str, float] = defaultdict(float)
    holders: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for values in held:
        for key, spelled in values.items():
            weights[key] += 1 / len(values)
            holders[key] += 1
            spellings.setdefault(key, spelled)
    useful = [k for k, count in holders.most_common() if _useful(k, count, n)][:MOST_VALUES]
    covered = sum(weights[k] for k in useful)
    if len(useful) >= LEAST_VALUES and covered >= LEAST_COVERAGE * n:
        # An item that comes in every size is left standing by every answer: that part of the entropy tells nothing.
        idle = sum(math.log(len(values)) for values in held) / len(held)
        gain = max(0.0, _entropy([weights[k] for k in useful]) - idle) * covered / n
        yield _Question(field, tuple(spellings[k] for k in useful), gain * _EASE.get(field, _EASE_OF_WORDS))


def _useful(value: str, count: int, n: int) -> bool:
    return 0 < len(value) <= _LONGEST_VALUE and count >= LEAST_SHARE * n and (count > 1 or n <= MOST_VALUES)


def _about_category(items: Sequence[Item]) -> Iterator[_Question]:
    """The level of the category path that splits best. A shopper can name a kind of thing that is not among the suggestions, so all
    categories count for the gain."""
    paths = [i.category_path or ((i.category,) if i.category else ()) for i in items]
    for depth in range(max((len(p) for p in paths), default=0)):
        level = [p[depth] for p in paths if len(p) > depth]
        counts = Counter(value_key(name) for name in level)
        spellings = {value_key(name): name for name in reversed(level)}
        useful = [k for k, count in counts.most_common(MOST_VALUES) if _useful(k, count, len(items))]
        if len(useful) >= LEAST_VALUES and len(level) >= LEAST_COVERAGE * len(items):
            gain = _entropy(list(counts.values())) * len(level) / len(items)
            yield _Question("category", tuple(spellings[k] for k in useful), gain * _EASE["category"])


def _about_figures(field: str, held: Sequence[tuple[float, str]], n: int) -> Iterator[_Question]:
    """Few distinct figures are values of their own; many with a unit become three bands of about equal size."""
    unit = Counter(u for _, u in held).most_common(1)[0][0]
    numbers = np.sort([number for number, u in held if u == unit])
    distinct, counts = np.unique(numbers, return_counts=True)
    if len(numbers) < LEAST_COVERAGE * n or len(distinct) < LEAST_VALUES:
        return
    if field != "price" and len(distinct) <= (MOST_FIGURES if unit else MOST_VALUES):
        labels, split = [_figure(field, x, unit) for x in distinct], counts
    else:
        # Many figures without a unit are counts or codes: bands of them mean nothing to a shopper.
        cuts = _cuts(numbers) if field == "price" or unit else []
        if not cuts:
            return
        labels = _bands(field, cuts, unit)
        split = np.bincount(np.searchsorted(cuts, numbers, side="left"), minlength=len(cuts) + 1)
    ease = _EASE.get(field, _EASE_OF_FIGURES)
    yield _Question(field, tuple(labels), _entropy(split.tolist()) * len(numbers) / n * ease)


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
