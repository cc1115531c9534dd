"""Static recall: what the other person named next, among what would be recommended at that point of a dialogue.

The protocol of the published figures (Wang et al., "Rethinking the Evaluation for Conversational Recommendation in the Era of Large
Language Models", EMNLP 2023), with the correction of He et al. (CIKM 2023): items already named in the dialogue are neither looked for nor
recommended, since repeating one is no recommendation. Every item that the recommender names is one case; recall@k is the share of cases
whose item is among the first k.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from chatrec.dialogue.offer import WORDS_SOURCE, find
from chatrec.dialogue.parts import Parts
from chatrec.domain.candidate import Query
from chatrec.evaluation.human_data import HumanDialogue
from chatrec.metrics.intervals import resample
from chatrec.shops import Progress

KS = (1, 10, 50)
OURS = "chatrec"
# What was said long ago is no longer what is looked for: so many turns of the shopper are searched with.
TURNS_SEARCHED = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn in which the recommender names items: what was said and named before it, and what is named now for the first time."""

    dialogue: int
    words: str
    named: tuple[str, ...]
    wanted: tuple[str, ...]


Method = Callable[[Moment], Sequence[str]]


def moments(dialogues: Sequence[HumanDialogue]) -> Iterator[Moment]:
    """Every turn of a recommender that names an item which nobody named before."""
    for number, dialogue in enumerate(dialogues):
        words: list[str] = []
        named: dict[str, None] = {}
        for turn in dialogue.turns:
            wanted = tuple(i for i in turn.items if i not in named)
            if wanted and not turn.by_shopper:
                yield Moment(number, " ".join(words[-TURNS_SEARCHED:]), tuple(named), wanted)
            if turn.by_shopper:
                words.append(turn.words)
            named |= dict.fromkeys(turn.items)


def methods(parts: Parts, dialogues: Sequence[HumanDialogue], allowed: Set[str], seed: int) -> dict[str, Method]:
    """chatrec (by words and likings together, and by each alone) and the controls, each giving ids best first."""
    source = {s.name: s for s in parts.sources}
    halves = [popular_mentions(dialogues[start::2], allowed) for start in (1, 0)]  # what the other half of the dialogues names
    rng, everything = random.Random(seed), sorted(allowed)

    def query(moment: Moment, words: bool, likings: bool) -> Query:
        history = tuple((i, 1.0) for i in moment.named) if likings else ()
        return Query(moment.words if words else "", history=history, allowed=allowed, exclude=frozenset(moment.named))

    def ours(words: bool, likings: bool) -> Method:
        return lambda moment: [c.item_id for c in find(query(moment, words, likings), None, parts)]

    def of_source(name: str) -> Method:
        return lambda moment: [c.item_id for c in source[name].candidates(query(moment, True, False), max(KS))]

    return {
        OURS: ours(words=True, likings=True),
        "chatrec_likings": ours(words=False, likings=True),
        "chatrec_words": ours(words=True, likings=False),
        "keyword": of_source(WORDS_SOURCE),
        "popularity": of_source("popularity"),
        "popularity_mentions": lambda moment: [i for i in halves[moment.dialogue % 2] if i not in moment.named],
        "random": lambda moment: rng.sample(everything, min(max(KS), len(everything))),
    }


def popular_mentions(dialogues: Sequence[HumanDialogue], allowed: Set[str]) -> list[str]:
    """The items named in most of these dialogues first; ties by id."""
    counts = Counter(i for d in dialogues for i in {i for t in d.turns for i in t.items} if i in allowed)
    return sorted(counts, key=lambda i: (-counts[i], i))


def recall_figures(
    table: str, found: Sequence[Moment], ways: Mapping[str, Method], seed: int, report: Progress | None = None
) -> dict[str, float | list[float]]:
    """``recall@k`` of each method with a 95% interval over dialogues, and how far chatrec lies above each other one, in the same resamples.

    Empty where there is no case.
    """
    if not found:
        return {}
    rows = {number: place for place, number in enumerate(dict.fromkeys(m.dialogue for m in found))}
    names = list(ways)
    hits = np.zeros((len(rows), len(names), len(KS)))
    cases = np.zeros(len(rows))
    for done, moment in enumerate(found, start=1):
        cases[rows[moment.dialogue]] += len(moment.wanted)
        for column, name in enumerate(names):
            ranked = list(ways[name](moment))
            for n, k in enumerate(KS):
                hits[rows[moment.dialogue], column, n] += len(set(ranked[:k]) & set(moment.wanted))
        if report:
            report("recall", done, len(found))
    figures: dict[str, float | list[float]] = {f"{table}/cases": float(cases.sum()), f"{table}/dialogues_with_cases": float(len(rows))}
    for n, k in enumerate(KS):
        figures |= _shares(table, names, hits[:, :, n], cases, f"recall@{k}", seed)
    return figures


def _shares(table: str, names: list[str], hits: np.ndarray, cases: np.ndarray, metric: str, seed: int) -> dict[str, float | list[float]]:
    """Hits over cases: a ratio of means, since dialogues hold unequally many cases."""
    above = hits[:, :1] - hits
    drawn = resample(np.hstack([hits, above, cases[:, None]]), seed)
    last, figures = 2 * len(names), {}
    for column, name in enumerate(names):
        figures[f"{table}/{name}/{metric}"] = drawn.ratio(column, last) or [0.0, 0.0, 0.0]
        if name != OURS:
            figures[f"{table}/{OURS}_over_{name}/{metric}"] = drawn.ratio(len(names) + column, last) or [0.0, 0.0, 0.0]
    return figures  # type: ignore[return-value]
