"""Which engine runs the language model: what the settings name, or what this machine runs fastest."""

from __future__ import annotations

import importlib.util
import json
import logging
from collections.abc import Callable
from pathlib import Path

from chatrec.errors import GeneratorFailed, ModelError, SettingsError
from chatrec.generation.gguf_export import ARCHITECTURES
from chatrec.generation.weights import BUILT_IN_BASE
from chatrec.protocols import Generator
from chatrec.settings import ModelSettings

log = logging.getLogger(__name__)

ENGINES = ("auto", "openvino", "transformers", "openai", "template")


def check_engine(settings: ModelSettings) -> None:
    """Raises :class:`chatrec.errors.SettingsError` for an engine that there is not."""
    if settings.engine not in ENGINES:
        raise SettingsError(f"model.engine is '{settings.engine}'; use one of: {', '.join(ENGINES)}")


def choose_engine(settings: ModelSettings) -> tuple[str, str]:
    """The engine to start, and why. ``auto``: transformers where there is a GPU, else OpenVINO where it can read the base model."""
    check_engine(settings)
    if settings.engine != "auto":
        return settings.engine, f"[model] engine = {settings.engine}"
    import torch

    if torch.cuda.is_available():
        return "transformers", "there is a GPU"
    if importlib.util.find_spec("openvino_genai") is None:
        return "transformers", "openvino-genai, which is faster on a CPU, is not installed"
    kind = _kind(settings.base)
    if kind not in ARCHITECTURES:
        return "transformers", f"a model of type '{kind}' cannot be merged for openvino"
    return "openvino", "there is no GPU, and on a CPU it is the fastest"


def make_generator(settings: ModelSettings) -> Generator:
    """The engine that the settings name or the machine suggests. Raises :class:`ModelError` when it cannot be had; an engine that
    was only suggested and does not start is replaced by transformers."""
    engine, _ = choose_engine(settings)
    if engine == "template":
        raise SettingsError("model.engine is 'template', which has no language model")
    if engine == "openvino" and settings.engine == "auto":
        try:
            return _STARTS[engine](settings)
        except ModelError as error:
            log.warning("the engine openvino does not start, transformers takes its place: %s", error)
            engine = "transformers"
    return _STARTS[engine](settings)


def _kind(base: str) -> str:
    if base == BUILT_IN_BASE:
        return "llama"
    try:
        return str(json.loads((Path(base).expanduser() / "config.json").read_text(encoding="utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"  # loading it says what is wrong


def _start_openvino(settings: ModelSettings) -> Generator:
    from chatrec.generation.openvino_engine import OpenVINOGenerator

    try:
        generator: Generator = OpenVINOGenerator.open(settings.base, settings.adapter, threads=settings.threads)
    except ImportError as error:
        raise GeneratorFailed(f"the engine openvino is not installed: {error}; install it with: pip install openvino-genai") from error
    return generator


def _start_transformers(settings: ModelSettings) -> Generator:
    from chatrec.generation.transformers_engine import TransformersGenerator

    return TransformersGenerator.open(settings.base, settings.adapter, threads=settings.threads)


def _start_remote(settings: ModelSettings) -> Generator:
    from chatrec.generation.openai_engine import OpenAIGenerator

    return OpenAIGenerator(settings.url, settings.remote_model, silence_s=settings.time_budget_s, total_s=settings.time_budget_s)


_STARTS: dict[str, Callable[[ModelSettings], Generator]] = {
    "openvino": _start_openvino,
    "transformers": _start_transformers,
    "openai": _start_remote,
}
