"""Training and the adapter gate in one: a candidate is trained aside, scored beside what is in use, and promoted or kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatrec.domain.facts import Evidence
from chatrec.errors import AdapterError, IngestError
from chatrec.generation.weights import base_weights
from chatrec.tuning.promotion import Comparison, Rival, compare, discard_merged, place, record, rivals_of, score_adapter
from chatrec.tuning.scores import Counted, cases_of
from chatrec.tuning.train import Progress, TrainReport, train_adapter
from chatrec.tuning.tuning_settings import TuningSettings

_TELL_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a candidate is made and where it wants to go. ``configured`` is the adapter in use, as ``[model] adapter`` says it; ``cases``
    is the held-out evidence; ``force`` promotes whatever is measured; ``must_improve`` asks for more than not being worse."""

    to: Path
    work: Path
    base: str
    configured: str
    cases: Sequence[Evidence]
    force: bool = False
    must_improve: bool = False


@dataclass(frozen=True, slots=True)
class Adoption:
    """What came of it. ``refusal`` is empty where the candidate was promoted without force."""

    report: TrainReport
    comparisons: tuple[Comparison, ...]
    refusal: str
    promoted: bool


def train_gated(
    rows_train: Sequence[Mapping[str, str]],
    rows_eval: Sequence[Mapping[str, str]],
    plan: Plan,
    settings: TuningSettings,
    *,
    start: Path | None = None,
    prompts: Sequence[str] = (),
    progress: Progress = print,
) -> Adoption:
    """Trains into ``plan.work``, measures, and copies the adapter to ``plan.to`` where the gate lets it through.

    A refused candidate stays in ``plan.work``. Interrupted, the same call goes on from the last checkpoint. Raises
    :class:`AdapterError` before any work where ``plan.to`` or the adapter in use cannot be compared with, :class:`IngestError` where there
    is no evidence to measure on.
    """
    if not plan.cases:
        raise IngestError("no held-out row carries evidence, so nothing can be measured: compose the rows again")
    rivals = rivals_of(plan.to, plan.configured, base_weights(plan.base, progress=progress))
    candidate = plan.work / "candidate" / plan.to.name
    report = train_adapter(
        rows_train, rows_eval, candidate, base=plan.base, settings=settings, start=start, prompts=prompts,
        checkpoint_folder=plan.work / "checkpoints", progress=progress,
    )  # fmt: skip
    comparisons = measure(plan, candidate, rivals, progress)
    refusal = _refusal(comparisons, plan.must_improve)
    promoted = plan.force or not refusal
    record(candidate, comparisons, ("forced" if refusal else "yes") if promoted else "no")
    if promoted:
        place(candidate, plan.to)
    else:
        discard_merged(candidate)
    return Adoption(report, comparisons, refusal, promoted)


def measure(plan: Plan, candidate: Path, rivals: Sequence[Rival], progress: Progress) -> tuple[Comparison, ...]:
    """The candidate beside each rival, on the same evidence; every table is told."""
    scores = score_adapter(plan.base, str(candidate), plan.cases, teller(progress, "scoring the candidate"))
    found = []
    for rival in rivals:
        current = score_adapter(plan.base, rival.setting, plan.cases, teller(progress, f"scoring {rival.name}"))
        found.append(compare(scores, current, rival.name))
        for line in found[-1].lines():
            progress(line)
    return tuple(found)


def held_out_cases(rows_eval: Sequence[Mapping[str, str]], most: int, own: Sequence[Mapping[str, str]] = ()) -> list[Evidence]:
    """At most ``most`` pieces of evidence: half from a shop's ``own`` rows where there are some, the rest from the held-out rows."""
    of_own = cases_of(own, most // 2)
    return [case.evidence for case in (*cases_of(rows_eval, most - len(of_own)), *of_own)]


def refused(adoption: Adoption, plan: Plan) -> AdapterError:
    """What to tell about a candidate that was not promoted, and what to do."""
    return AdapterError(
        f"not promoted: {adoption.refusal}. {plan.to} is as it was; the candidate is kept in {adoption.report.folder}. Train longer "
        "(--rows, --epochs), on more of your own records and chats (--shop, --dialogues), or promote it anyway with the same command "
        "and --force"
    )


def teller(progress: Progress, what: str) -> Counted:
    """Says how far something is and what time it needs still, every ten seconds and at the end."""
    begin = said = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= _TELL_EVERY_S or done == total:
            said = now
            left_s = (now - begin) / done * (total - done) if done else 0.0
            progress(f"{what}: {done}/{total}  left {left_s / 60:.1f} min")

    return tell


def _refusal(comparisons: Sequence[Comparison], must_improve: bool) -> str:
    told = [c.refusal for c in comparisons if c.refusal]
    if not told and must_improve:
        told = [f"it does not write better than {c.rival}" for c in comparisons if not c.is_better]
    return "; ".join(told)
