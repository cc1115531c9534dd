"""The adapter gate: a new adapter takes the place of the current one only where it does not write worse.

Both answer the same held-out evidence, greedily, through the engine that would serve them. The rule: the new one is refused where
one of the three figures of :mod:`chatrec.tuning.scores` is worse beyond chance (the whole 95% interval of the paired difference,
resampled by reply, lies below 0), or where the mean of the three is lower by more than ``SLACK``. Chance alone refuses one in forty
by the first part for each figure; the second keeps a small measurement, whose intervals are wide, from letting a clear loss pass.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chatrec.domain.facts import Evidence
from chatrec.errors import AdapterError
from chatrec.generation.adapters import CARD_FILE, check_adapter, find_adapter, read_card, write_card
from chatrec.generation.engines import make_generator
from chatrec.generation.fast_weights import forget_merged
from chatrec.generation.weights import BaseWeights
from chatrec.metrics.intervals import resample
from chatrec.settings import ModelSettings
from chatrec.tuning.scores import FIGURES, Counted, ReplyScore, Scorer, overall, rates

SLACK = 0.01
"""So much less of the mean of the three figures is still taken for equal: about one reply in a hundred."""


@dataclass(frozen=True, slots=True)
class Rival:
    """What a candidate is measured against. ``setting`` is what ``[model] adapter`` would say, ``name`` what people read."""

    name: str
    setting: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same evidence. ``differences`` are ``[low, candidate less rival, high]`` by figure and for their mean ``score``.
    ``refusal`` says in words why the candidate must not take the rival's place, and is empty where it may."""

    rival: str
    candidate: Mapping[str, float]
    current: Mapping[str, float]
    differences: Mapping[str, tuple[float, float, float]]
    replies: int

    @property
    def refusal(self) -> str:
        """See the module for the rule."""
        worse = [name for name in FIGURES if self.differences[name][2] < 0.0]
        if worse:
            return f"{', '.join(worse)} worse than {self.rival}'s beyond chance"
        return f"the mean of the three is below {self.rival}'s" if self.differences["score"][1] < -SLACK else ""

    @property
    def is_better(self) -> bool:
        """Whether the candidate may take the rival's place and writes better on the whole."""
        return not self.refusal and self.differences["score"][1] > 0.0

    def lines(self) -> list[str]:
        """A table for people, a line a figure."""
        told = [f"{'':10}{'candidate':>10}{self.rival[:24]:>26}   difference [95% interval], {self.replies} replies"]
        for name in (*FIGURES, "score"):
            low, value, high = self.differences[name]
            told.append(f"{name:10}{self.candidate[name]:10.3f}{self.current[name]:26.3f}   {value:+.3f} [{low:+.3f}, {high:+.3f}]")
        return told


def compare(candidate: Sequence[ReplyScore], current: Sequence[ReplyScore], rival: str) -> Comparison:
    """The comparison of two models' replies to the same evidence, in the same order (2,000 paired resamples, fixed seed)."""
    if len(candidate) != len(current) or not candidate:
        raise ValueError(f"{len(candidate)} replies against {len(current)}: the same evidence, and some of it, is needed")
    table = [_columns(*pair) for pair in zip(candidate, current, strict=True)]
    drawn = resample(table).drawn
    measured = np.asarray(table, dtype=np.float64).mean(axis=0, keepdims=True)
    differences: dict[str, tuple[float, float, float]] = {}
    gains = {name: (_gain(drawn, n), float(_gain(measured, n)[0])) for n, name in enumerate(FIGURES)}
    gains["score"] = (np.mean([gains[name][0] for name in FIGURES], axis=0), float(np.mean([gains[name][1] for name in FIGURES])))
    for name, (values, value) in gains.items():
        low, high = np.percentile(values, [2.5, 97.5])
        differences[name] = (float(low), value, float(high))
    figures = [rates(candidate), rates(current)]
    first, second = ({**found, "score": overall(found)} for found in figures)
    return Comparison(rival, first, second, differences, len(candidate))


def score_adapter(base: str, adapter: str, cases: Sequence[Evidence], counted: Counted | None = None) -> list[ReplyScore]:
    """The scores of base and adapter (as ``[model]`` names them) on the engine that this machine would serve them with."""
    generator = make_generator(ModelSettings(base=base, adapter=adapter))
    try:
        return Scorer().of_generator(generator, cases, counted)
    finally:
        close = getattr(generator, "close", None)
        if close is not None:
            close()


def rivals_of(to: Path, configured: str, weights: BaseWeights) -> list[Rival]:
    """What a candidate for folder ``to`` must not score below: the adapter in use (``configured``, as ``[model] adapter`` says it; the
    bare base where it belongs to another base or there is none), and the adapter that lies in ``to``.

    Raises :class:`AdapterError` where ``to`` holds something else, or one of the two is damaged.
    """
    found: dict[str, Rival] = {}
    folder = find_adapter(configured)
    if folder is not None and read_card(folder).base_digest != weights.digest:
        folder = None
    if folder is None:
        found[""] = Rival(f"bare {weights.name}", "none")
    for place in (folder, to if to.exists() else None):
        if place is not None:
            _check_place(place)
            card = check_adapter(place, weights)
            found.setdefault(card.weights_digest, Rival(f"{card.name}@{card.weights_digest[:8]}", str(place)))
    return list(found.values())


def record(folder: Path, comparisons: Sequence[Comparison], promoted: str) -> None:
    """Writes what was measured into the card of the adapter in ``folder``. ``promoted``: yes, no or forced."""
    card = read_card(folder)
    first = comparisons[0]
    scores = {**card.scores, **first.candidate, **{f"current_{name}": value for name, value in first.current.items()}}
    settings: dict[str, Any] = {**card.settings, "promoted": promoted, "scored_replies": first.replies}
    settings |= {"gate": Scorer().gate_version, "compared_with": ", ".join(c.rival for c in comparisons)}
    write_card(folder, replace(card, settings=settings, scores=scores))


def place(candidate: Path, to: Path) -> None:
    """Puts a copy of the candidate where ``to`` is; what was there goes only when the copy is whole."""
    to.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        shutil.copytree(candidate, fresh, dirs_exist_ok=True)
        fresh.chmod(0o755)
        if to.exists():
            old = fresh.with_name(fresh.name + "-old")
            to.rename(old)
            fresh.rename(to)
            shutil.rmtree(old)
        else:
            fresh.rename(to)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def discard_merged(candidate: Path) -> None:
    """Takes the file that the fast engine made of a refused candidate out of the cache: some 150 MB that nobody will serve."""
    forget_merged(read_card(candidate))


def _check_place(folder: Path) -> None:
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / CARD_FILE).is_file()):
        raise AdapterError(f"{folder} is there and is no adapter folder: name another --out")


def _columns(candidate: ReplyScore, current: ReplyScore) -> list[float]:
    """Part and whole of the candidate, then of the current one, figure by figure."""
    return [float(count) for pair in zip(_counts(candidate), _counts(current), strict=True) for both in pair for count in both]


def _counts(score: ReplyScore) -> tuple[tuple[int, int], ...]:
    """Part and whole of each figure."""
    return (score.passed, score.sentences), (score.cited, score.items), (int(score.whole), 1)


def _gain(columns: Any, figure: int) -> Any:
    """The candidate's share less the current one's, a resample a row."""
    part, whole, other_part, other_whole = (columns[:, 4 * figure + n] for n in range(4))
    return _shares(part, whole) - _shares(other_part, other_whole)


def _shares(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0.0)
