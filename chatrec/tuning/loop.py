"""The training loop: batches of whole rows in packs, AdamW with warm-up and cosine, evaluation, early stop, checkpoints.

At every evaluation the model writes replies to a few held-out prompts and :mod:`chatrec.tuning.scores` scores them; the best step is the
one that writes best, of equals the one with less loss. Loss alone would stop too early: the held-out replies follow other sentence plans
than the training rows, so their loss rises while what the model writes still gets truer.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from chatrec.errors import ModelError
from chatrec.generation.weights import BaseWeights
from chatrec.tuning.checkpoint import RunState, Tensors, load_state, save_state
from chatrec.tuning.dataset import Example, Pack, epoch_order, pack_examples, tokenise
from chatrec.tuning.lora import Start, adapted_model, save_adapter
from chatrec.tuning.packing import pack_loss, packing_agrees, quicken_lora, summed_loss
from chatrec.tuning.sampling import Sample
from chatrec.tuning.scores import spread
from chatrec.tuning.team import Team
from chatrec.tuning.tuning_settings import TuningSettings

Progress = Callable[[str], None]
_REPORT_EVERY_S = 10.0
_EDGE = 1e-9  # what rounding may take from a share


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run: its state, and the model that holds the chosen weights (already rounded to bfloat16)."""

    state: RunState
    model: Any
    base_name: str
    loss_before: float
    loss_after: float
    tokens_per_s: float
    stopped_early: bool
    is_main: bool = True

    def save(self, folder: Path) -> None:
        """Writes PEFT's two files, the weights in bfloat16."""
        save_adapter(self.model, self.base_name, folder)


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt and what it is measured on; ``sample`` writes replies, and is ``None`` where no row carries evidence."""

    train: list[Example]
    held_out: list[Example]
    sample: Sample | None


def run_training(
    rows_train: Sequence[Mapping[str, str]],
    rows_eval: Sequence[Mapping[str, str]],
    weights: BaseWeights,
    settings: TuningSettings,
    folder: Path,
    progress: Progress,
    start: Start | None = None,
) -> Outcome:
    """Trains to the end, from the checkpoint in ``folder`` if there is one, else from the weights of ``start`` or fresh ones.

    Raises :class:`ModelError` for a base that cannot be packed, :class:`chatrec.errors.AdapterError` where ``start`` does not fit it.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    team = Team()
    told = progress if team.is_main else _silent
    model, tokenizer = adapted_model(weights, settings, start)
    train, held_out = (_fitting(tokenise(rows, tokenizer), model, told) for rows in (rows_train, rows_eval))
    if not packing_agrees(model, train):
        raise ModelError(
            f"{weights.name}: packed attention does not reproduce this model's own (type '{model.config.model_type}'): use a plain decoder"
        )
    quicken_lora(model)
    sample = Sample.of(rows_eval, settings.sample_rows, model, tokenizer)
    if sample is None and settings.sample_rows > 0:
        told("no held-out row carries evidence: the best step is chosen by loss alone; compose the rows again to choose by replies")
    run = _Run(model, Material(train, held_out, sample), settings, folder, told, team)
    stopped_early = run.train()
    return run.finish(weights.name, stopped_early)


class _Run:
    def __init__(self, model: Any, material: Material, settings: TuningSettings, folder: Path, progress: Progress, team: Team) -> None:
        self.settings, self.folder, self.progress, self.team = settings, folder, progress, team
        self.model, self.train_examples, self.sample = model, material.train, material.sample
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=settings.rate, weight_decay=0.0)
        self.all_eval = pack_examples(material.held_out, settings.pack_tokens)
        self.some_eval = pack_examples(spread(material.held_out, settings.eval_rows), settings.pack_tokens)
        self.steps_an_epoch = math.ceil(len(material.train) / settings.batch_rows)
        self.total = self.steps_an_epoch * settings.epochs
        self.state = self._restored()
        self.session_tokens, self.session_s = 0, 0.0
        team.wait()

    def train(self) -> bool:
        """Runs the remaining steps; ``True`` when it stopped early."""
        saved = reported = time.monotonic()
        if self.state.worse >= self.settings.patience:
            return True
        while self._share() < 1.0:
            if self.state.step == 0 and not self.state.history:
                self._evaluate()
            before = self._share()
            self._step()
            if self._is_due(before):
                self._evaluate()
                if self.state.worse >= self.settings.patience:
                    return True
            now = time.monotonic()
            if now - reported >= _REPORT_EVERY_S or self.state.step in (1, self.total):
                reported = now
                self._report()
            if now - saved >= self.settings.checkpoint_s:
                self._save()
                saved = time.monotonic()
        return False

    def finish(self, base_name: str, stopped_early: bool) -> Outcome:
        """Puts the best weights back, rounded as they will be saved, and scores them and the bare base on all evaluation rows."""
        self._save()
        before = self._bare_loss()
        self._load_adapter({key: value.to(torch.bfloat16).float() for key, value in self.state.best_adapter.items()})
        after = self._loss(self.all_eval)
        rate = self.session_tokens / self.session_s if self.session_s else 0.0
        return Outcome(self.state, self.model, base_name, before, after, rate, stopped_early, self.team.is_main)

    def _bare_loss(self) -> float:
        """The loss without the adapter: its upward halves set to zero (the quick forward knows no switch)."""
        kept = self._adapter()
        self._load_adapter({key: torch.zeros_like(value) if "lora_B" in key else value for key, value in kept.items()})
        try:
            return self._loss(self.all_eval)
        finally:
            self._load_adapter(kept)

    def _loss(self, packs: Sequence[Pack]) -> float:
        """Mean negative log likelihood of a target token, in nats; each process computes a part."""
        (total,) = self.team.sum(summed_loss(self.model, self.team.share(packs)))
        return total / max(1, sum(len(pack.targets) for pack in packs))

    def _step(self) -> None:
        begin = time.monotonic()
        packs, targets = self._batch(self.state.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        own = 0.0
        for pack in packs:
            loss = pack_loss(self.model, pack) / targets
            loss.backward()  # type: ignore[no-untyped-call]
            own += float(loss.detach())
        self.team.sum_gradients(self.parameters)
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip))
        total, tokens, spent = self.team.sum(own, sum(len(pack.tokens) for pack in packs), time.monotonic() - begin)
        if not math.isfinite(total) or not math.isfinite(norm):
            raise ModelError(
                f"training failed at step {self.state.step}: loss {total}, gradient norm {norm}; lower --rate ({self.settings.rate})"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self._count(total, int(tokens), spent / self.team.count)

    def _count(self, loss: float, tokens: int, spent: float) -> None:
        self.state.step += 1
        self.state.tokens += tokens
        self.state.elapsed_s += spent
        self.session_tokens += tokens
        self.session_s += spent
        self._log({"step": self.state.step, "loss": round(loss, 5), "rate": self._rate(), "tokens": tokens, "seconds": round(spent, 3)})

    def _batch(self, step: int) -> tuple[list[Pack], int]:
        """This process's part of a step's rows, in packs, and the number of target tokens in the whole step."""
        epoch, number = divmod(step, self.steps_an_epoch)
        order = epoch_order(len(self.train_examples), self.settings.seed, epoch)
        size = self.settings.batch_rows
        chosen = sorted((self.train_examples[n] for n in order[number * size : (number + 1) * size]), key=lambda example: example.prefix)
        return pack_examples(self.team.share(chosen), self.settings.pack_tokens), sum(len(example.completion) for example in chosen)

    def _share(self) -> float:
        """How much of the run is done, by steps or by the time that it may take."""
        done = self.state.step / self.total
        return max(done, self.state.elapsed_s / (60.0 * self.settings.minutes)) if self.settings.minutes > 0 else done

    def _is_due(self, before: float) -> bool:
        """Whether the step that began at this share of the run has passed a point of evaluation."""
        wanted, now = max(1, self.settings.evaluations), self._share()
        return now >= 1.0 or int(now * wanted + _EDGE) > int(before * wanted + _EDGE)

    def _rate(self) -> float:
        settings, share = self.settings, self._share()
        if share < settings.warmup:
            return settings.rate * (share / settings.warmup + 1.0 / self.total)
        turn = math.pi * min(1.0, (share - settings.warmup) / max(1e-9, 1.0 - settings.warmup))
        return settings.rate * (settings.floor + (1.0 - settings.floor) * 0.5 * (1.0 + math.cos(turn)))

    def _evaluate(self) -> None:
        begin, state = time.monotonic(), self.state
        loss = self._loss(self.some_eval)
        figures = self.sample.figures(self.team) if self.sample else {}
        (spent,) = self.team.sum(time.monotonic() - begin)
        state.elapsed_s += spent / self.team.count
        score = figures.get("score", 0.0)
        if (score, -loss) > (state.best_score, -state.best_loss):
            state.best_score, state.best_loss, state.best_step, state.worse = score, loss, state.step, 0
            state.best_adapter = self._adapter()
        else:
            state.worse += 1
        self._log({"step": state.step, "eval_loss": round(loss, 5), **{name: round(value, 4) for name, value in figures.items()}})
        written = "".join(f"  {name} {value:.3f}" for name, value in figures.items())
        self.progress(f"step {state.step}/{self.total}  evaluation loss {loss:.4f}{written}  (best: step {state.best_step})")

    def _report(self) -> None:
        state = self.state
        recent = [line["loss"] for line in state.history if "loss" in line][-10:]
        left_s = state.elapsed_s / max(self._share(), 1e-9) * (1.0 - self._share())
        speed = self.session_tokens / max(self.session_s, 1e-9)
        self.progress(
            f"step {state.step}/{self.total}  loss {sum(recent) / len(recent):.4f}  {speed:.0f} tokens/s  left {left_s / 60:.1f} min"
        )

    def _log(self, line: dict[str, float]) -> None:
        self.state.history.append(line)
        if self.team.is_main:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")

    def _adapter(self) -> Tensors:
        return {name: value.detach().cpu().clone() for name, value in self.model.named_parameters() if value.requires_grad}

    def _load_adapter(self, tensors: Tensors) -> None:
        own = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, value in tensors.items():
                own[name].copy_(value)

    def _save(self) -> None:
        if not self.team.is_main:
            return
        self.state.adapter, self.state.optimizer = self._adapter(), self.optimizer.state_dict()
        self.state.random = torch.get_rng_state()
        save_state(self.folder, self.state)

    def _restored(self) -> RunState:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = load_state(self.folder) or RunState()
        if state.step:
            self._load_adapter(state.adapter)
            self.optimizer.load_state_dict(state.optimizer)
            torch.set_rng_state(state.random)
            state.resumed += 1
            self.progress(f"resumed at step {state.step} of {self.total}")
        if self.team.is_main:
            lines = "".join(json.dumps(line) + "\n" for line in state.history)
            (self.folder / "log.jsonl").write_text(lines, encoding="utf-8")
        return state


def _silent(_line: str) -> None:
    """Only the main process speaks."""


def _fitting(examples: list[Example], model: Any, progress: Progress) -> list[Example]:
    """Leaves out examples that are longer than the model's context, and says so."""
    longest = int(getattr(model.config, "max_position_embeddings", 0) or 1 << 30)
    fitting = [example for example in examples if len(example) <= longest]
    if len(fitting) < len(examples):
        progress(f"{len(examples) - len(fitting)} rows left out: longer than the model's {longest} tokens")
    if not fitting:
        raise ModelError(f"no row fits the model's {longest} tokens: shorten the prompts")
    return fitting
