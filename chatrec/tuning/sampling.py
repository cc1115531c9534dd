"""The replies by which a training measures itself: a few held-out prompts, answered at every evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatrec.tuning.decoding import decode_greedy
from chatrec.tuning.scores import Case, Scorer, cases_of, overall, rates
from chatrec.tuning.team import Team


@dataclass(frozen=True)
class Sample:
    """The same prompts every time, and the model that learns."""

    cases: list[Case]
    model: Any
    tokenizer: Any
    scorer: Scorer

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, str]], most: int, model: Any, tokenizer: Any) -> Sample | None:
        """At most ``most`` prompts of the rows that carry evidence; ``None`` where there are none."""
        cases = cases_of(rows, most) if most > 0 else []
        return cls(cases, model, tokenizer, Scorer()) if cases else None

    def figures(self, team: Team) -> dict[str, float]:
        """``grounded``, ``cited``, ``whole`` and their mean ``score`` of what the model writes now; the processes share the work."""
        own = team.share(self.cases)
        texts = decode_greedy(self.model, self.tokenizer, [case.prompt for case in own], self.scorer.most_tokens)
        scores = [self.scorer.of_text(case.evidence, text) for case, text in zip(own, texts, strict=True)]
        found = rates(team.gather(scores))
        return {**found, "score": overall(found)}
