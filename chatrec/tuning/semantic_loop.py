"""The training loop of the text encoder: batches of items, the choices that ended in them, in-batch softmax, an optional teacher."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from chatrec.candidates.histories import Histories
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.bilinear import centred
from chatrec.candidates.models.choices import Asked, Choices
from chatrec.errors import ModelError
from chatrec.tuning.checkpoint import RunState, Tensors, load_state, save_state
from chatrec.tuning.semantic_encoder import AdaptedEncoder
from chatrec.tuning.semantic_settings import EncoderSettings
from chatrec.tuning.semantic_validation import Validation

Progress = Callable[[str], None]
_REPORT_EVERY_S = 10.0


class EncoderRun:
    """One run. ``titles`` are the items' titles (for the history tower "text"), ``across`` the W that the choices start from."""

    def __init__(
        self,
        encoder: AdaptedEncoder,
        titles: Sequence[str],
        across: NDArray[np.float32],
        validation: Validation,
        settings: EncoderSettings,
        folder: Path,
        progress: Progress,
        teacher: PreferenceModel | None = None,
    ) -> None:
        self.encoder, self.settings, self.folder, self.progress = encoder, settings, folder, progress
        self.titles, self.validation, self.teacher = titles, validation, teacher
        vectors = encoder.vectors
        self.centre = torch.from_numpy(vectors.mean(axis=0))
        self.table = torch.from_numpy(centred(vectors, vectors.mean(axis=0)))
        self.across = torch.from_numpy(across.copy()).requires_grad_()
        self.choices = Choices.of(validation.train, settings.newest)
        self.by_item = np.argsort(self.choices.chosen, kind="stable")
        self.ends = np.searchsorted(self.choices.chosen[self.by_item], np.arange(len(vectors) + 1))
        self.learnt = np.flatnonzero(np.diff(self.ends))
        self.odds = torch.from_numpy((settings.popularity * np.log(np.maximum(self.choices.counts, 1))).astype(np.float32))
        groups: list[dict[str, Any]] = [{"params": list(encoder.parameters.values())}, {"params": [self.across], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=settings.rate, weight_decay=settings.weight_decay)
        self.steps_an_epoch = max(1, math.ceil(len(self.learnt) / settings.batch))
        self.total = self.steps_an_epoch * settings.epochs if len(self.learnt) else 0
        self.state = self._restored()

    def train(self) -> RunState:
        """Runs the remaining steps, stops early, and puts the best weights (rounded to bfloat16, as they are kept) into the encoder."""
        saved = reported = time.monotonic()
        while self.state.step < self.total and self.state.worse < self.settings.patience:
            if self.state.step == 0 and not self.state.history:
                self._validate()
            loss = self._step()
            if self.state.step % self.steps_an_epoch == 0:
                self._validate()
            now = time.monotonic()
            if now - reported >= _REPORT_EVERY_S:
                reported = now
                left_s = self.state.elapsed_s / self.state.step * (self.total - self.state.step)
                self.progress(f"step {self.state.step}/{self.total}  loss {loss:.4f}  left {left_s / 60:.1f} min")
            if now - saved >= self.settings.checkpoint_s:
                self._save()
                saved = now
        self._save()
        if self.state.best_adapter:
            self._put({key: value.to(torch.bfloat16).float() for key, value in self.state.best_adapter.items() if key != "across"})
        return self.state

    def _step(self) -> float:
        begin = time.monotonic()
        rows, places = self._batch(self.state.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        loss = self._loss(rows, self.choices.take(places))
        loss.backward()  # type: ignore[no-untyped-call]
        learning = [*self.encoder.parameters.values(), self.across]
        norm = float(torch.nn.utils.clip_grad_norm_(learning, self.settings.clip))
        value = float(loss.detach())
        if not math.isfinite(value) or not math.isfinite(norm):
            raise ModelError(
                f"tuning failed at step {self.state.step}: loss {value}, gradient norm {norm}; lower rate ({self.settings.rate})"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.state.step += 1
        self.state.elapsed_s += time.monotonic() - begin
        self.state.history.append({"step": self.state.step, "loss": round(value, 5), "rate": self._rate()})
        return value

    def _batch(self, step: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of items in rising order, and the choices that ended in one of them; depends on seed and step alone."""
        epoch, number = divmod(step, self.steps_an_epoch)
        order = np.random.default_rng((self.settings.seed, epoch)).permutation(self.learnt)
        rows = np.sort(order[number * self.settings.batch : (number + 1) * self.settings.batch])
        places = np.concatenate([self.by_item[self.ends[row] : self.ends[row + 1]] for row in rows])
        most = len(rows) if self.settings.history == "text" else self.settings.choices
        if len(places) > most:
            places = np.random.default_rng((self.settings.seed, step, 1)).choice(places, most, replace=False)
        return rows, places

    def _loss(self, rows: NDArray[np.int64], asked: Asked) -> Tensor:
        """Softmax over the batch's items; what the shopper likes beside the item chosen is masked."""
        live = self._centred(self.encoder.rows(rows))
        shoppers = self._shoppers(asked, rows, live)
        logits = shoppers @ self.across @ live.T / self.settings.temperature + self.odds[rows]
        target = torch.from_numpy(np.searchsorted(rows, asked.chosen))
        logits = logits.masked_fill(_masked(asked, rows, target), -torch.inf)
        with torch.no_grad():
            self.table[rows] = live.detach()
        loss = functional.cross_entropy(logits, target)
        if self.teacher is None or self.settings.distil == 0.0:
            return loss
        return (1.0 - self.settings.distil) * loss + self.settings.distil * self._divergence(logits, asked, rows)

    def _divergence(self, logits: Tensor, asked: Asked, rows: NDArray[np.int64]) -> Tensor:
        """KL from the teacher's softmax over the batch's items to the student's (Hinton et al., 2015), mean over the choices."""
        assert self.teacher is not None
        told = torch.from_numpy(np.ascontiguousarray(self.teacher.scores(asked.known)[:, rows]))
        told = told / (self.settings.teacher_temperature * told.std(dim=1, keepdim=True).clamp_min(1e-9))
        masked = torch.isinf(logits)
        wanted = functional.softmax(told.masked_fill(masked, -torch.inf), dim=1)
        given = functional.log_softmax(logits, dim=1).masked_fill(masked, 0.0)
        return (torch.xlogy(wanted, wanted) - wanted * given).sum(dim=1).mean()

    def _shoppers(self, asked: Asked, rows: NDArray[np.int64], live: Tensor) -> Tensor:
        known = asked.known
        if self.settings.history == "text":
            newest = known.newest(self.settings.titles)
            texts = [
                ". ".join(self.titles[row] for row in newest.items[start:end][::-1])
                for start, end in zip(newest.starts[:-1], newest.starts[1:], strict=True)
            ]
            return self._centred(self.encoder.texts(texts))
        weights = (known.weights * self.settings.recency**known.ages).astype(np.float32)
        place = np.minimum(np.searchsorted(rows, known.items), len(rows) - 1)
        fresh = rows[place] == known.items
        others = Histories(known.starts, known.items, np.where(fresh, np.float32(0.0), weights)).matrix(len(self.table))
        summed = torch.from_numpy(np.asarray(others @ self.table.numpy(), np.float32))
        moved = live[torch.from_numpy(place[fresh])] * torch.from_numpy(weights[fresh])[:, None]
        return functional.normalize(summed.index_add(0, torch.from_numpy(known.owners[fresh]), moved), dim=1)

    def _centred(self, vectors: Tensor) -> Tensor:
        return functional.normalize(vectors - self.centre, dim=1)

    def _rate(self) -> float:
        """Linear warm-up, then a cosine down to nothing."""
        share = self.state.step / max(1, self.total)
        if share < self.settings.warmup:
            return self.settings.rate * (share / self.settings.warmup + 1.0 / self.total)
        turn = math.pi * min(1.0, (share - self.settings.warmup) / max(1e-9, 1.0 - self.settings.warmup))
        return self.settings.rate * 0.5 * (1.0 + math.cos(turn))

    def _validate(self) -> None:
        begin = time.monotonic()
        cold = self.validation.cold
        if len(cold):
            self.table[torch.from_numpy(cold)] = self._centred(torch.from_numpy(self.encoder.all_rows(cold))).detach()
        found = self.validation.recalls(self.table.numpy(), self.across.detach().numpy(), self.settings.recency)
        score = sum(found.values()) / max(1, len(found))
        self.state.elapsed_s += time.monotonic() - begin
        if -score < self.state.best_loss:
            self.state.best_loss, self.state.best_step, self.state.worse = -score, self.state.step, 0
            self.state.best_adapter = self._tensors()
        else:
            self.state.worse += 1
        self.state.history.append({"step": self.state.step, **found})
        told = "  ".join(f"{name} {value:.4f}" for name, value in found.items())
        self.progress(f"step {self.state.step}/{self.total}  {told}  (best {-self.state.best_loss:.4f})")

    def _tensors(self) -> Tensors:
        learning = {**self.encoder.parameters, "across": self.across}
        return {name: value.detach().clone() for name, value in learning.items()}

    def _put(self, tensors: Tensors) -> None:
        self.encoder.load({name: value for name, value in tensors.items() if name not in ("across", "table")})
        with torch.no_grad():
            for name, own in (("across", self.across), ("table", self.table)):
                if name in tensors:
                    own.copy_(tensors[name])

    def _save(self) -> None:
        self.state.adapter = {**self._tensors(), "table": self.table.clone()}
        self.state.optimizer = self.optimizer.state_dict()
        save_state(self.folder, self.state)
        lines = "".join(json.dumps(line) + "\n" for line in self.state.history)
        (self.folder / "log.jsonl").write_text(lines, encoding="utf-8")

    def _restored(self) -> RunState:
        self.folder.mkdir(parents=True, exist_ok=True)
        state: RunState = load_state(self.folder) or RunState()
        if state.adapter:
            self._put(state.adapter)
            self.optimizer.load_state_dict(state.optimizer)
            state.resumed += 1
            self.progress(f"resumed at step {state.step} of {self.total}")
        return state


def _masked(asked: Asked, rows: NDArray[np.int64], target: Tensor) -> Any:
    """What is no wrong answer: items of the batch that the shopper likes, but for the one chosen. Shape (choices, rows)."""
    spot = np.minimum(np.searchsorted(rows, asked.liked.items), len(rows) - 1)
    here = rows[spot] == asked.liked.items
    mask = torch.zeros(len(asked.chosen), len(rows), dtype=torch.bool)
    mask[torch.from_numpy(asked.liked.owners[here]), torch.from_numpy(spot[here])] = True
    mask[torch.arange(len(mask)), target] = False
    return mask
