from pathlib import Path

from chatrec.protocols import Embedder
from chatrec.testing.embedder_contract import EmbedderContract
from chatrec.testing.embedders import HashingEmbedder


class TestHashingEmbedder(EmbedderContract):
    def make(self, folder: Path) -> Embedder:
        return HashingEmbedder(128)
