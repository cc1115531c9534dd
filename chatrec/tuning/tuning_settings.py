"""How an adapter is trained."""

from __future__ import annotations

from dataclasses import dataclass

# settings that change neither the result nor its identity: a run may be resumed with other values of these
FREE_SETTINGS = ("threads", "checkpoint_s", "minutes")


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """How an adapter is trained. Defaults were found on a trial of 420 rows with the built-in base."""

    epochs: int = 2
    rank: int = 16
    alpha: int = 32
    layers: int = 0  # adapt only this many upper layers; 0: all
    rate: float = 5e-4  # peak learning rate
    warmup: float = 0.05  # share of the run
    floor: float = 0.05  # the cosine ends at this share of the peak
    batch_rows: int = 8
    pack_tokens: int = 1024  # most tokens in one forward pass
    clip: float = 1.0  # largest gradient norm
    seed: int = 0
    evaluations: int = 8  # in the whole run
    eval_rows: int = 48  # rows of the evaluations on the way; all rows count at the end
    sample_rows: int = 24  # held-out prompts answered at each evaluation on the way, to choose the best step by; 0: by loss alone
    patience: int = 4  # evaluations without improvement before stopping early
    minutes: float = 0.0  # the schedule shrinks to end within this time; 0: no limit
    checkpoint_s: float = 180.0
    threads: int = 0  # 0 lets torch choose
