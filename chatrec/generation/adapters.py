"""LoRA adapter folders: which one to use, what it belongs to, and whether it is whole.

A folder holds ``adapter_config.json`` and ``adapter_model.safetensors`` (PEFT's files), ``card.json`` (read by code) and ``card.md``
(the same for people).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from chatrec.errors import AdapterError, ChatrecError
from chatrec.generation.weights import BaseWeights
from chatrec.resources import adapters_folder

ADAPTERS_VARIABLE = "CHATREC_ADAPTERS"
# the adapter that [model] adapter = "auto" stands for
SHIPPED_ADAPTER = "shop-assistant"

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
CARD_FILE = "card.json"
_RETRAIN = "train one for this base with: python -m chatrec.tuning.train, or set [model] adapter = none"


@dataclass(frozen=True, slots=True)
class AdapterCard:
    """What an adapter is. ``base_digest`` ties it to its base, ``weights_digest`` to its own weights file, ``data_digest`` to the
    rows it was trained on; ``prompts`` are the ids and versions of the prompts it has seen. ``start_digest`` is the weights digest of the
    adapter that its training began with, empty where it began with fresh weights."""

    name: str
    base_name: str
    base_digest: str
    weights_digest: str = ""
    data_digest: str = ""
    prompts: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    start_digest: str = ""

    def markdown(self) -> str:
        """The card for people."""
        lines = [f"# Adapter {self.name}", "", f"LoRA adapter for {self.base_name} (sha256 `{self.base_digest}`).", ""]
        lines += [f"- weights: sha256 `{self.weights_digest}`", f"- training rows: sha256 `{self.data_digest}`"]
        lines += [f"- training began with the adapter of weights: sha256 `{self.start_digest}`"] if self.start_digest else []
        lines += [f"- prompts: {', '.join(self.prompts) or 'not recorded'}", "", "| setting | value |", "|---|---|"]
        lines += [f"| {key} | {value} |" for key, value in self.settings.items()]
        lines += ["", "| score | value |", "|---|---|", *(f"| {key} | {value:.4g} |" for key, value in self.scores.items()), ""]
        return "\n".join(lines)


def find_adapter(setting: str = "auto") -> Path | None:
    """The folder that ``[model] adapter`` means. ``none`` gives ``None``, and so does ``auto`` where no adapter is shipped.

    Raises :class:`AdapterError` when a named folder does not exist.
    """
    if setting == "none":
        return None
    if setting == "auto":
        return next((place / SHIPPED_ADAPTER for place in _places() if (place / SHIPPED_ADAPTER / CONFIG_FILE).is_file()), None)
    given = Path(setting).expanduser()
    found = next((folder for folder in (given, *(place / setting for place in _places())) if folder.is_dir()), None)
    if found is None:
        raise AdapterError(f"adapter '{setting}' is not a folder: set [model] adapter to auto, none or a folder with {CONFIG_FILE}")
    return found


def read_card(folder: Path) -> AdapterCard:
    """The card of an adapter folder. Raises :class:`AdapterError` when it is absent or malformed."""
    path = folder / CARD_FILE
    known = {f.name for f in fields(AdapterCard)}
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return AdapterCard(**{**{key: value for key, value in data.items() if key in known}, "prompts": tuple(data.get("prompts", ()))})
    except FileNotFoundError:
        raise AdapterError(f"{folder}: no {CARD_FILE}, so nothing says which base model it belongs to; {_RETRAIN}") from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise AdapterError(f"{path}: not a valid adapter card: {error}; {_RETRAIN}") from error


def write_card(folder: Path, card: AdapterCard) -> None:
    """Writes ``card.json`` and ``card.md``."""
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card.markdown(), encoding="utf-8")


def weights_digest(folder: Path) -> str:
    """sha256 of the adapter's weights file."""
    with (folder / WEIGHTS_FILE).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_adapter(folder: Path, base: BaseWeights) -> AdapterCard:
    """The card of an adapter that is whole and belongs to ``base``; raises :class:`AdapterError` for a foreign or damaged one."""
    card = read_card(folder)
    if card.base_digest != base.digest:
        raise AdapterError(
            f"adapter '{card.name}' in {folder} was trained on {card.base_name} ({card.base_digest[:12]}), "
            f"but the base model is {base.name} ({base.digest[:12]}); {_RETRAIN}"
        )
    return _whole(folder, card)


def check_whole(folder: Path) -> AdapterCard:
    """The card of an adapter whose files are as the card says, whatever its base; raises :class:`AdapterError` otherwise."""
    return _whole(folder, read_card(folder))


def adapter_folders(*more: Path) -> list[Path]:
    """Every adapter folder in the places where names are looked for and in ``more``, which may be adapters themselves."""
    found: dict[Path, Path] = {}
    for place in (*more, *_places()):
        inside = sorted(place.iterdir()) if place.is_dir() else []
        for folder in (place, *inside):
            if (folder / CARD_FILE).is_file() or (folder / CONFIG_FILE).is_file():
                found.setdefault(folder.resolve(), folder)
    return list(found.values())


def _whole(folder: Path, card: AdapterCard) -> AdapterCard:
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        found = weights_digest(folder)
    except (OSError, ValueError) as error:
        raise AdapterError(f"{folder}: the adapter cannot be read: {error}; restore the folder, or {_RETRAIN}") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise AdapterError(f"{folder / CONFIG_FILE}: not a LoRA configuration; {_RETRAIN}")
    if found != card.weights_digest:
        expected = card.weights_digest or "nothing"
        raise AdapterError(f"{folder / WEIGHTS_FILE}: sha256 is {found}, the card says {expected}; restore the file")
    return card


def check_tensors(folder: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises :class:`AdapterError` unless the file holds finite LoRA pairs that fit the base's weights (``shapes`` by name)."""
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS_FILE
    try:
        with safe_open(path, framework="pt") as file:
            keys = set(file.keys())
            for key in sorted(keys):
                _check_tensor(path, key, file.get_tensor(key), keys, shapes)
    except (OSError, SafetensorError) as error:
        raise AdapterError(f"{path}: cannot be read: {error}; restore the file, or {_RETRAIN}") from error
    if not keys:
        raise AdapterError(f"{path}: holds no tensors; restore the file, or {_RETRAIN}")


def _check_tensor(path: Path, key: str, tensor: Any, keys: set[str], shapes: Mapping[str, tuple[int, ...]]) -> None:
    module, split, part = key.removeprefix("base_model.model.").partition(".lora_")
    base_shape = shapes.get(f"{module}.weight")
    if not split or base_shape is None or len(base_shape) != 2:
        raise AdapterError(f"{path}: tensor '{key}' has no counterpart in the base model; {_RETRAIN}")
    side = 1 if part.startswith("A") else 0
    twin = key.replace(".lora_A.", ".lora_B.") if side else key.replace(".lora_B.", ".lora_A.")
    if twin not in keys or tensor.ndim != 2 or tensor.shape[side] != base_shape[side]:
        raise AdapterError(f"{path}: tensor '{key}' of shape {tuple(tensor.shape)} does not fit {module} {base_shape}; {_RETRAIN}")
    if not math.isfinite(float(tensor.float().abs().sum())):
        raise AdapterError(f"{path}: tensor '{key}' holds values that are not finite; restore the file, or {_RETRAIN}")


def _places() -> list[Path]:
    """Where adapters are looked for: ``CHATREC_ADAPTERS``, then those that ship with chatrec."""
    chosen = os.environ.get(ADAPTERS_VARIABLE, "").strip()
    places = [Path(chosen).expanduser()] if chosen else []
    try:
        return [*places, adapters_folder()]
    except ChatrecError:  # no adapter ships with this installation
        return places
