"""How the text encoder is tuned on behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from chatrec.errors import SettingsError

HISTORIES = ("mean", "text")
# settings that change neither the result nor its identity: a run may be resumed with other values of these
FREE_SETTINGS = ("threads", "checkpoint_s")


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How the encoder is tuned. The search behind the defaults stands in docs/decisions/0008.

    ``history``: what the shopper's tower reads. "mean" is the recency-weighted mean of the vectors of the items liked (no text is
    read when a shopper is served); "text" are the titles of the newest of them, newest first, in one text. ``batch`` items are encoded a
    step, and are one another's negatives; every item stands in one batch of an epoch, so each is a negative equally often and logQ (Yi et
    al., RecSys 2019) is the same for all. ``popularity``, ``recency`` and ``newest`` mean what they do in
    :class:`chatrec.candidates.models.bilinear.SemanticSettings`. ``distil`` in [0, 1] is the teacher's share of the loss.
    """

    history: str = "mean"
    frozen_layers: int = 4  # of six; their outputs are computed once
    rank: int = 16
    alpha: int = 32
    targets: str = "query,key,value,dense"  # names of the linear maps that get an adapter
    rate: float = 1e-3  # peak learning rate
    warmup: float = 0.1  # share of the run
    weight_decay: float = 0.01
    temperature: float = 0.1
    popularity: float = 0.5
    recency: float = 0.8
    newest: int = 20
    batch: int = 128
    choices: int = 2048  # most choices (a shopper's next liking) a step
    pieces: int = 64  # word pieces of a text that count
    titles: int = 5  # titles in a history's text
    epochs: int = 3
    distil: float = 0.0
    teacher_temperature: float = 1.0  # in units of the spread of the teacher's scores for one shopper
    held_items: float = 0.1  # share of the items, and the last liking of every shopper, kept out to validate on
    patience: int = 2  # epochs without a better validation recall before stopping early
    clip: float = 1.0
    seed: int = 0
    checkpoint_s: float = 120.0
    threads: int = 0  # 0 lets torch choose

    def __post_init__(self) -> None:
        if self.history not in HISTORIES:
            raise SettingsError(f"the history tower '{self.history}' is unknown: take one of {', '.join(HISTORIES)}")
        if not (0.0 <= self.distil <= 1.0 and 0.0 < self.recency <= 1.0 and self.temperature > 0.0 and self.rate > 0.0):
            raise SettingsError(
                f"distil {self.distil}, recency {self.recency}, temperature {self.temperature}, rate {self.rate}: "
                "give distil in [0, 1], recency in (0, 1], temperature and rate > 0"
            )
        if min(self.rank, self.batch, self.choices, self.epochs, self.pieces, self.newest) < 1 or not 0.0 <= self.held_items < 1.0:
            raise SettingsError("rank, batch, choices, epochs, pieces and newest must be 1 or more, held_items in [0, 1)")
