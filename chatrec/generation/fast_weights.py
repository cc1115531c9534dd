"""The one file that fast engines read: base model and adapter merged and written as GGUF in 8 bits, kept in the cache folder."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable
from pathlib import Path

from chatrec.errors import WeightsMissing
from chatrec.generation.adapters import AdapterCard, check_adapter, find_adapter
from chatrec.generation.gguf_export import Precision, write_gguf
from chatrec.generation.weights import BUILT_IN_BASE, BaseWeights, base_weights
from chatrec.resources import cache_folder

# raised when the file below is written differently, so that files of an older chatrec are not used
_LAYOUT = 1

Progress = Callable[[str], None]


def merged_gguf(
    base: str = BUILT_IN_BASE, adapter: str = "auto", *, precision: Precision = "q8_0", progress: Progress | None = None
) -> tuple[Path, str]:
    """The merged model's file, written now if need be, and its name (base, adapter, precision). Several processes may call this at
    once: one writes, the others wait.

    Raises :class:`WeightsMissing` and :class:`AdapterError` as loading the model does, and :class:`ModelError` for an architecture
    that has no GGUF form.
    """
    from filelock import FileLock

    weights = base_weights(base, progress=progress)
    folder = find_adapter(adapter)
    card = check_adapter(folder, weights) if folder else None
    tuned = f"{card.name}@{card.weights_digest[:8]}" if card else ""
    target = cache_folder() / "models" / f"{weights.name}-{weights.digest[:12]}{f'+{tuned}' if tuned else ''}-{precision}-{_LAYOUT}.gguf"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(target) + ".lock"):
            if not target.is_file():
                (progress or _say)(f"merging the language model for this machine into {target} (once) ...")
                _write(weights, folder, target, precision)
    except OSError as error:
        raise WeightsMissing(
            f"cannot write the merged model to {target}: {error}; free some space (about 150 MB) or set CHATREC_CACHE"
        ) from error
    return target, f"{weights.name}{f'+{tuned}' if tuned else ''}"


def forget_merged(card: AdapterCard) -> None:
    """Removes the files that were merged of this adapter; the next use writes them again."""
    folder = cache_folder() / "models"
    for path in folder.glob(f"{glob.escape(card.base_name)}-*+{glob.escape(card.name)}@{card.weights_digest[:8]}-*.gguf*"):
        path.unlink(missing_ok=True)


def _write(weights: BaseWeights, adapter: Path | None, target: Path, precision: Precision) -> None:
    from chatrec.generation.transformers_engine import attach_adapter, load_model

    model, tokenizer = load_model(weights)
    if adapter is not None:
        model, _ = attach_adapter(model, adapter, weights)
    write_gguf(model, tokenizer, target, name=weights.name, precision=precision)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def context_length(path: Path) -> int:
    """Tokens of prompt and reply that the model in this GGUF file was made for. Raises :class:`WeightsMissing` where it does not say."""
    from gguf import GGUFReader

    reader = GGUFReader(path)
    found = [field.contents() for name, field in reader.fields.items() if name.endswith(".context_length")]
    if not found:
        raise WeightsMissing(f"{path}: the model does not say how long its context is; export it again with: chatrec export")
    return int(found[0])
