"""One training dialogue before its check."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatrec.domain.facts import Evidence
from chatrec.generation.prompts import PromptLibrary, render_reply_prompt
from chatrec.tuning.told_plan import as_served, plan_told

MODELLED = frozenset({"recommend", "compare", "item_answer"})
"""Acts whose replies carry out a content plan; the others are told by code in a shop."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A dialogue turn before its check: what may be said, and what is said. ``domain`` is the product kind or the topic."""

    evidence: Evidence
    reply: str
    act: str
    domain: str
    mould: str
    voice: str = "plain"

    def served(self) -> Draft:
        """The draft without what code says in a shop before and beside the model."""
        beside = self.act in ("recommend", "compare")
        return replace(self, reply=as_served(self.reply)) if beside else self

    def prompt(self, library: PromptLibrary) -> str | None:
        """The prompt that this reply answers in full: it holds what the reply tells. ``None`` where no plan leads to the reply."""
        if self.act not in MODELLED:
            return render_reply_prompt(self.evidence, library)
        plan = plan_told(self.evidence, self.reply)
        return None if plan is None else render_reply_prompt(self.evidence, library, plan)
