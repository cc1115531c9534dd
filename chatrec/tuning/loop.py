"""The training loop: batches of whole rows in packs, AdamW with warm-up and cosine, evaluation, early stop, checkpoints."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from chatrec.errors import ModelError
from chatrec.generation.transformers_engine import load_model
from chatrec.generation.weights import BaseWeights
from chatrec.tuning.checkpoint import RunState, Tensors, load_state, save_state
from chatrec.tuning.dataset import Example, Pack, epoch_order, pack_examples, tokenise
from chatrec.tuning.packing import ATTENTION, mean_loss, pack_loss, packing_agrees, quicken_lora, register_attention
from chatrec.tuning.tuning_settings import TuningSettings

Progress = Callable[[str], None]
# q, k, v and o of attention, gate, up and down of the MLP; embeddings and head are left out because small models tie them
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_REPORT_EVERY_S = 10.0


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

    def save(self, folder: Path) -> None:
        """Writes PEFT's two files, the weights in bfloat16."""
        from peft import get_peft_model_state_dict
        from safetensors.torch import save_file

        tensors = {
            key: value.detach().to(torch.bfloat16).cpu().contiguous() for key, value in get_peft_model_state_dict(self.model).items()
        }
        save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        (folder / "adapter_model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
        config = self.model.peft_config["default"]
        config.base_model_name_or_path, config.inference_mode = self.base_name, True
        config.save_pretrained(str(folder))


def run_training(
    rows_train: Sequence[Mapping[str, str]],
    rows_eval: Sequence[Mapping[str, str]],
    weights: BaseWeights,
    settings: TuningSettings,
    folder: Path,
    progress: Progress,
) -> Outcome:
    """Trains to the end, from the checkpoint in ``folder`` if there is one. Raises :class:`ModelError` for a base that cannot be packed."""
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    model, tokenizer = _adapted_model(weights, settings)
    train, held_out = (_fitting(tokenise(rows, tokenizer), model, progress) for rows in (rows_train, rows_eval))
    if not packing_agrees(model, train):
        raise ModelError(
            f"{weights.name}: packed attention does not reproduce this model's own (type '{model.config.model_type}'): use a plain decoder"
        )
    quicken_lora(model)
    run = _Run(model, train, held_out, settings, folder, progress)
    stopped_early = run.train()
    return run.finish(weights.name, stopped_early)


class _Run:
    def __init__(
        self, model: Any, train: list[Example], held_out: list[Example], settings: TuningSettings, folder: Path, progress: Progress
    ) -> None:
        from accelerate import Accelerator  # type: ignore[import-untyped]

        self.settings, self.folder, self.progress, self.train_examples = settings, folder, progress, train
        self.accelerator = Accelerator(cpu=model.device.type == "cpu")
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.model, self.optimizer = self.accelerator.prepare(model, torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=0.0))
        self.all_eval = pack_examples(held_out, settings.pack_tokens)
        self.some_eval = pack_examples(held_out[: settings.eval_rows], settings.pack_tokens)
        self.steps_an_epoch = math.ceil(len(train) / settings.batch_rows)
        self.total = self.steps_an_epoch * settings.epochs
        self.state = self._restored()
        self.session_tokens, self.session_s = 0, 0.0

    def train(self) -> bool:
        """Runs the remaining steps; ``True`` when it stopped early."""
        every = max(1, self.total // max(1, self.settings.evaluations))
        saved = reported = time.monotonic()
        if self.state.worse >= self.settings.patience:
            return True
        while self._share() < 1.0:
            if self.state.step == 0 and not self.state.history:
                self._evaluate()
            self._step()
            if self.state.step % every == 0 or self._share() >= 1.0:
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
        after = mean_loss(self.model, self.all_eval)
        rate = self.session_tokens / self.session_s if self.session_s else 0.0
        return Outcome(self.state, self.accelerator.unwrap_model(self.model), base_name, before, after, rate, stopped_early)

    def _bare_loss(self) -> float:
        """The loss without the adapter: its upward halves set to zero (the quick forward knows no switch)."""
        kept = self._adapter()
        self._load_adapter({key: torch.zeros_like(value) if "lora_B" in key else value for key, value in kept.items()})
        try:
            return mean_loss(self.model, self.all_eval)
        finally:
            self._load_adapter(kept)

    def _step(self) -> None:
        begin = time.monotonic()
        packs = self._batch(self.state.step)
        targets = sum(len(pack.targets) for pack in packs)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        total = 0.0
        for pack in packs:
            loss = pack_loss(self.model, pack) / targets
            self.accelerator.backward(loss)
            total += float(loss.detach())
        norm = float(self.accelerator.clip_grad_norm_(self.model.parameters(), self.settings.clip))
        if not math.isfinite(total) or not math.isfinite(norm):
            raise ModelError(
                f"training failed at step {self.state.step}: loss {total}, gradient norm {norm}; lower --rate ({self.settings.rate})"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        tokens, spent = sum(len(pack.tokens) for pack in packs), time.monotonic() - begin
        self.state.step += 1
        self.state.tokens += tokens
        self.state.elapsed_s += spent
        self.session_tokens += tokens
        self.session_s += spent
        self._log({"step": self.state.step, "loss": round(total, 5), "rate": self._rate(), "tokens": tokens, "seconds": round(spent, 3)})

    def _batch(self, step: int) -> list[Pack]:
        epoch, number = divmod(step, self.steps_an_epoch)
        order = epoch_order(len(self.train_examples), self.settings.seed, epoch)
        size = self.settings.batch_rows
        chosen = [self.train_examples[n] for n in order[number * size : (number + 1) * size]]
        return pack_examples(sorted(chosen, key=lambda example: example.prefix), self.settings.pack_tokens)

    def _share(self) -> float:
        """How much of the run is done, by steps or by the time that it may take."""
        done = self.state.step / self.total
        return max(done, self.state.elapsed_s / (60.0 * self.settings.minutes)) if self.settings.minutes > 0 else done

    def _rate(self) -> float:
        settings, share = self.settings, self._share()
        if share < settings.warmup:
            return settings.rate * (share / settings.warmup + 1.0 / self.total)
        turn = math.pi * min(1.0, (share - settings.warmup) / max(1e-9, 1.0 - settings.warmup))
        return settings.rate * (settings.floor + (1.0 - settings.floor) * 0.5 * (1.0 + math.cos(turn)))

    def _evaluate(self) -> None:
        begin = time.monotonic()
        loss = mean_loss(self.model, self.some_eval)
        self.state.elapsed_s += time.monotonic() - begin
        if loss < self.state.best_loss:
            self.state.best_loss, self.state.best_step, self.state.worse = loss, self.state.step, 0
            self.state.best_adapter = self._adapter()
        else:
            self.state.worse += 1
        self._log({"step": self.state.step, "eval_loss": round(loss, 5)})
        self.progress(f"step {self.state.step}/{self.total}  evaluation loss {loss:.4f}  (best {self.state.best_loss:.4f})")

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
        lines = "".join(json.dumps(line) + "\n" for line in state.history)
        (self.folder / "log.jsonl").write_text(lines, encoding="utf-8")
        return state


def _adapted_model(weights: BaseWeights, settings: TuningSettings) -> tuple[Any, Any]:
    from peft import LoraConfig, get_peft_model

    register_attention()
    model, tokenizer = load_model(weights, attention=ATTENTION)
    torch.manual_seed(settings.seed)
    count = model.config.num_hidden_layers
    upper = list(range(count - settings.layers, count)) if 0 < settings.layers < count else None
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules=TARGETS,
        layers_to_transform=upper,
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # PEFT asks transformers by an old name
        adapted = get_peft_model(model, config)
    return adapted.train(), tokenizer


def _fitting(examples: list[Example], model: Any, progress: Progress) -> list[Example]:
    """Leaves out examples that are longer than the model's context, and says so."""
    longest = int(getattr(model.config, "max_position_embeddings", 0) or 1 << 30)
    fitting = [example for example in examples if len(example) <= longest]
    if len(fitting) < len(examples):
        progress(f"{len(examples) - len(fitting)} rows left out: longer than the model's {longest} tokens")
    if not fitting:
        raise ModelError(f"no row fits the model's {longest} tokens: shorten the prompts")
    return fitting
