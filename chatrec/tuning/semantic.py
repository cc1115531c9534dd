"""Tunes the text encoder on what shoppers chose: a shop's log and its items' texts -> an adapter folder and the items' vectors.

Two towers share MiniLM with a LoRA adapter: what the shopper liked before, and the item chosen next; in-batch softmax (Yi et al.,
RecSys 2019), optionally distilled from a collaborative teacher (Hinton et al., 2015). Killed at any moment, the same call goes on
from its last checkpoint and ends with the same adapter.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.bilinear import SemanticSettings, fit
from chatrec.domain.item import Item
from chatrec.embedding.minilm import WEIGHTS_SHA256, weights_folder
from chatrec.errors import ModelError
from chatrec.generation.adapters import AdapterCard, weights_digest, write_card
from chatrec.resources import cache_folder
from chatrec.tuning.semantic_settings import FREE_SETTINGS, EncoderSettings

if TYPE_CHECKING:
    from chatrec.tuning.checkpoint import RunState
    from chatrec.tuning.semantic_encoder import AdaptedEncoder

Progress = Callable[[str], None]
_MOST_DESCRIPTION_CHARS = 600  # beyond the word pieces that count


@dataclass(frozen=True, slots=True)
class TunedEncoder:
    """What a tuning came to. ``vectors`` are the tuned vectors of all items, unit rows, ``vectors_before`` those of the encoder as it was;
    recalls at 10 are those of its own validation, before and after; the adapter lies in ``folder``."""

    folder: Path
    vectors: NDArray[np.float32]
    vectors_before: NDArray[np.float32]
    steps: int
    best_step: int
    recall_before: float
    recall_after: float
    seconds: float
    resumed: int

    @property
    def improved(self) -> bool:
        """Whether the adapter validated better than the encoder as it was (with W in both)."""
        return self.best_step > 0


def item_text(item: Item) -> str:
    """What the item tower reads: title, brand, the two lowest categories, the start of the description."""
    category = ", ".join(item.category_path[-2:] or (item.category,))
    parts = (item.title, item.brand, category, item.description[:_MOST_DESCRIPTION_CHARS])
    return ". ".join(part.strip().rstrip(". ") for part in parts if part.strip())


def tune_on_items(
    log: Interactions,
    items: Mapping[str, Item],
    out_folder: Path,
    *,
    settings: EncoderSettings | None = None,
    teacher: PreferenceModel | None = None,
    progress: Progress = print,
) -> TunedEncoder:
    """:func:`tune_encoder` on a shop's records by id; an item of the log that is no longer in the catalogue has an empty text. The adapter
    is worth using where :attr:`TunedEncoder.improved`; :class:`chatrec.embedding.tuned.TunedEmbedder` reads it."""
    found = [items.get(item_id) for item_id in log.item_ids]
    texts = [item_text(item) if item else "" for item in found]
    titles = [item.title if item else "" for item in found]
    return tune_encoder(log, texts, out_folder, titles=titles, settings=settings, teacher=teacher, progress=progress)


def tune_encoder(
    log: Interactions,
    texts: Sequence[str],
    out_folder: Path,
    *,
    titles: Sequence[str] = (),
    settings: EncoderSettings | None = None,
    teacher: PreferenceModel | None = None,
    checkpoint_folder: Path | None = None,
    progress: Progress = print,
) -> TunedEncoder:
    """Tunes on ``log``, whose rows ``texts`` (and ``titles``, for the history tower "text") describe, and replaces ``out_folder``.

    A part of the log is kept for validation (:class:`EncoderSettings`), and the weights that validated best are kept; a model that
    never beats the start is kept as it started. ``teacher`` is a model of the same rows, fitted without what is tested later.
    Raises :class:`ModelError` where there is nothing to learn from or the training diverges.
    """
    import torch

    from chatrec.tuning.semantic_encoder import AdaptedEncoder
    from chatrec.tuning.semantic_loop import EncoderRun
    from chatrec.tuning.semantic_validation import Validation

    settings = settings or EncoderSettings()
    _check(log, texts, titles, settings)
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    place = checkpoint_folder or cache_folder() / "training"
    progress(f"reading {len(texts)} texts through the frozen layers ...")
    encoder = AdaptedEncoder(texts, weights_folder(), settings, place)
    validation = Validation.of(log, settings.held_items, settings.seed)
    across = _start(encoder, validation.train, settings)
    folder = place / _run_name(log, texts, settings, teacher)
    run = EncoderRun(encoder, titles or texts, across, validation, settings, folder, progress, teacher)
    if not run.total:
        raise ModelError("no shopper likes two items: there is nothing to tune the encoder on; gather more events")
    state = run.train()
    _write_folder(out_folder, encoder, state, log, texts, settings)
    before, after = _recalls(state)
    return TunedEncoder(
        out_folder,
        _vectors(folder, encoder, state),
        encoder.vectors,
        state.step,
        state.best_step,
        before,
        after,
        round(state.elapsed_s, 1),
        state.resumed,
    )


def _check(log: Interactions, texts: Sequence[str], titles: Sequence[str], settings: EncoderSettings) -> None:
    n_items = len(log.item_ids)
    if len(texts) != n_items or (titles and len(titles) != n_items):
        raise ModelError(f"{len(texts)} texts and {len(titles)} titles for {n_items} items: one an item is needed, in the log's order")
    if not (log.weights > 0.0).any():
        raise ModelError("no shopper likes an item: there is nothing to tune the encoder on; gather more events")


def _start(encoder: AdaptedEncoder, log: Interactions, settings: EncoderSettings) -> NDArray[np.float32]:
    """W on the vectors of the encoder as it is: the adapter is to learn what W cannot."""
    own = SemanticSettings(
        temperature=settings.temperature, popularity=settings.popularity, recency=settings.recency, newest=settings.newest, epochs=2
    )
    found = fit(log, own, features=encoder.vectors)
    return found.across / np.float32(np.linalg.norm(found.across) / np.sqrt(len(found.across)))


def _vectors(folder: Path, encoder: AdaptedEncoder, state: RunState) -> NDArray[np.float32]:
    """The vectors of all items with the best weights, kept beside the checkpoint of a finished run."""
    if not state.best_step:
        return encoder.vectors
    place = folder / "vectors.npy"
    if place.is_file():
        return np.asarray(np.load(place, allow_pickle=False), np.float32)
    found = encoder.all_rows(np.arange(len(encoder.vectors)))
    fresh = place.with_name(".vectors.npy")
    np.save(fresh, found)
    fresh.replace(place)
    return found


def _recalls(state: RunState) -> tuple[float, float]:
    """The mean validation recall at the start, and the best."""
    first = next((line for line in state.history if any(name.endswith("_recall") for name in line)), {})
    found = [value for name, value in first.items() if name.endswith("_recall")]
    return (sum(found) / len(found) if found else 0.0), max(0.0, -state.best_loss) if state.best_adapter else 0.0


def _write_folder(
    out_folder: Path, encoder: AdaptedEncoder, state: RunState, log: Interactions, texts: Sequence[str], settings: EncoderSettings
) -> None:
    """Everything into a fresh folder beside ``out_folder``, which it then replaces."""
    before, after = _recalls(state)
    scores = {"recall_before": before, "recall_after": after, "steps": float(state.step), "best_step": float(state.best_step)}
    card = AdapterCard(
        out_folder.name, "all-MiniLM-L6-v2", WEIGHTS_SHA256, data_digest=_data_digest(log, texts), settings=asdict(settings), scores=scores
    )
    out_folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out_folder.name}-", dir=out_folder.parent))
    try:
        fresh.chmod(0o755)
        encoder.save(fresh)
        write_card(fresh, replace(card, weights_digest=weights_digest(fresh)))
        lines = "".join(json.dumps(line) + "\n" for line in state.history)
        (fresh / "training_log.jsonl").write_text(lines, encoding="utf-8")
        if out_folder.exists():
            old = fresh.with_name(fresh.name + "-old")
            out_folder.rename(old)
            fresh.rename(out_folder)
            shutil.rmtree(old)
        else:
            fresh.rename(out_folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _data_digest(log: Interactions, texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (log.users, log.items, log.weights, log.when):
        digest.update(np.ascontiguousarray(part).tobytes())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def _run_name(log: Interactions, texts: Sequence[str], settings: EncoderSettings, teacher: PreferenceModel | None) -> str:
    """Names the checkpoints of one run: the same base, log, texts, settings and teacher, and only these, resume it."""
    bound = {key: value for key, value in asdict(settings).items() if key not in FREE_SETTINGS}
    taught = [teacher.name, dict(teacher.settings())] if teacher is not None else []
    told = json.dumps([WEIGHTS_SHA256, _data_digest(log, texts), bound, taught], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
