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

from chatrec.dialogue.offer import WORDS_SOURCE, find, liked_for, search_text
from chatrec.dialogue.parts import Parts
from chatrec.domain.candidate import Query
from chatrec.domain.state import DialogueState
from chatrec.evaluation.human_data import HumanDialogue
from chatrec.metrics.intervals import Floats, resample
from chatrec.shops import Progress

KS = (1, 10, 50)
OURS = "chatrec"
# What was said long ago is no longer what is looked for: so many turns of the shopper are searched with.
TURNS_SEARCHED = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn in which the recommender names items: what chatrec remembered before it, the words said lately, what was named before, and
    what is named now for the first time. ``dialogue`` is the place of the dialogue among those played."""

    dialogue: int
    state: DialogueState
    words: str
    named: tuple[str, ...]
    wanted: tuple[str, ...]


Method = Callable[[Moment], Sequence[str]]


def moments(dialogues: Sequence[HumanDialogue], states: Mapping[tuple[int, int], DialogueState]) -> Iterator[Moment]:
    """Every turn of a recommender that names an item which nobody named before. A dialogue that crashed ends where it did."""
    for number, dialogue in enumerate(dialogues):
        words: list[str] = []
        named: dict[str, None] = {}
        for place, turn in enumerate(dialogue.turns):
            wanted = tuple(i for i in turn.items if i not in named)
            if wanted and (number, place) in states:
                yield Moment(number, states[number, place], " ".join(words[-TURNS_SEARCHED:]), tuple(named), wanted)
            if turn.by_shopper:
                words.append(turn.words)
            named |= dict.fromkeys(turn.items)


@dataclass(frozen=True, slots=True)
class Ways:
    """The methods over one shop and one set of candidates. ``mentioned`` are the items that dialogues which are not played name, commonest
    first."""

    parts: Parts
    allowed: Set[str]
    mentioned: Sequence[str]
    seed: int

    def all(self) -> dict[str, Method]:
        """chatrec (what was understood and what was named, and each alone) and the controls, each giving ids best first."""
        rng, everything = random.Random(self.seed), sorted(self.allowed)
        return {
            OURS: lambda moment: self._ours(moment, words=True, likings=True),
            "chatrec_likings": lambda moment: self._ours(moment, words=False, likings=True),
            "chatrec_words": lambda moment: self._ours(moment, words=True, likings=False),
            "keyword": lambda moment: self._source(WORDS_SOURCE, moment),
            "popularity": lambda moment: self._source("popularity", moment),
            "popularity_mentions": lambda moment: [i for i in self.mentioned if i not in moment.named],
            "random": lambda moment: rng.sample(everything, min(max(KS), len(everything))),
        }

    def _ours(self, moment: Moment, *, words: bool, likings: bool) -> list[str]:
        """What a turn would choose from: the need as it was understood, its limits where anything satisfies them, and the items named so
        far as liked ones, whoever named them."""
        need = moment.state.need() if words else None
        matching = self.parts.shelf.matching(need.hard()) if need else None
        query = Query(
            text=search_text(need),
            history=tuple((i, 1.0) for i in moment.named) if likings else (),
            allowed=(self.allowed & matching if matching else self.allowed) or self.allowed,
            exclude=frozenset(moment.named),
            liked=liked_for(need, moment.named) if likings else (),
        )
        return [c.item_id for c in find(query, need, self.parts)]

    def _source(self, name: str, moment: Moment) -> list[str]:
        query = Query(moment.words, allowed=self.allowed, exclude=frozenset(moment.named))
        return [c.item_id for s in self.parts.sources if s.name == name for c in s.candidates(query, max(KS))]


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


def _shares(table: str, names: list[str], hits: Floats, cases: Floats, metric: str, seed: int) -> dict[str, float | list[float]]:
    """Hits over cases: a ratio of means, since dialogues hold unequally many cases."""
    above = hits[:, :1] - hits
    drawn = resample(np.hstack([hits, above, cases[:, None]]), seed)
    last = 2 * len(names)
    figures: dict[str, float | list[float]] = {}
    for column, name in enumerate(names):
        figures[f"{table}/{name}/{metric}"] = drawn.ratio(column, last) or [0.0, 0.0, 0.0]
        if name != OURS:
            figures[f"{table}/{OURS}_over_{name}/{metric}"] = drawn.ratio(len(names) + column, last) or [0.0, 0.0, 0.0]
    return figures
