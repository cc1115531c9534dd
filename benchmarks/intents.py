"""What a message wants done: our held utterances, out-of-scope requests (clinc150), 27 support intents on unseen wording (bitext_support).

``own`` and ``clinc150`` measure the packaged classifier, the whole understander (rules first, on the demo shop), and peers that are
trained on the same example utterances. ``bitext_support`` and ``mg_shopdial`` train a classifier of the same kind on a part of the
set and test it on the rest, beside the peers. ``m-x`` is the paired difference of two methods.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.catalogues import data_folder, shop_of
from benchmarks.intents_data import Split, bitext_support, clinc150, held, mg_shopdial
from benchmarks.intents_peers import PEERS, softmax
from chatrec.catalog.shelf import CatalogueShelf
from chatrec.domain.reading import Intent
from chatrec.domain.state import DialogueState
from chatrec.embedding.cached import CachedEmbedder
from chatrec.embedding.minilm import MiniLMEmbedder
from chatrec.metrics.intervals import interval, mean_interval, percentile, resample
from chatrec.protocols import Embedder
from chatrec.resources import cache_folder
from chatrec.storage.generations import Generations
from chatrec.understanding.classifier import IntentClassifier, examples
from chatrec.understanding.understander import RuleUnderstander

TABLES = ("own", "clinc150", "bitext_support", "mg_shopdial")
VECTORS = "benchmark-vectors.db"
QUICK = 200
_OUT = Intent.OUT_OF_SCOPE.value


def run(seed: int, quick: bool, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Figures by table and method: ``accuracy``, ``oos_recall``, ``false_alarms``, ``p50_ms``, ``p95_ms``."""
    embedder = CachedEmbedder(MiniLMEmbedder(), cache_folder() / VECTORS)
    root = data_folder()
    figures: dict[str, Any] = {}
    for table in tables or TABLES:
        if table == "own":
            figures |= _own(embedder, seed)
        elif root is not None and (root / table).is_dir():
            figures |= _public(table, root, embedder, seed, QUICK if quick else None)
    return figures


def _public(table: str, root: Path, embedder: Embedder, seed: int, most: int | None) -> dict[str, Any]:
    if table == "clinc150":
        return _out_of_scope({kind: texts[:most] for kind, texts in clinc150(root).items()}, embedder, seed)
    split = bitext_support(root) if table == "bitext_support" else mg_shopdial(root)
    return _trained(table, split, embedder, seed)


def _own(embedder: Embedder, seed: int) -> dict[str, Any]:
    cases = held()
    labels = np.array([label for _, label in cases])
    answers = _answers([text for text, _ in cases], embedder)
    right = {name: (np.array(said) == labels).astype(float) for name, said in answers.items()}
    figures: dict[str, Any] = {"own/utterances": len(cases)}
    inside = labels != _OUT
    for name, said in answers.items():
        away = np.array(said) == _OUT
        figures[f"own/{name}/accuracy"] = mean_interval(right[name], seed)
        figures[f"own/{name}/oos_recall"] = mean_interval(away[~inside].astype(float), seed)
        figures[f"own/{name}/false_alarms"] = mean_interval(away[inside].astype(float), seed)
    return figures | _differences("own", "accuracy", right, seed) | _latency([text for text, _ in cases], seed)


def _out_of_scope(texts: Mapping[str, Sequence[str]], embedder: Embedder, seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    reader = _understander(embedder)
    for kind, asked in texts.items():
        answers = _answers(asked, embedder)
        away = {name: np.array([s == _OUT for s in said], dtype=float) for name, said in answers.items()}
        if reader is not None:
            fresh = DialogueState("benchmark")
            read = [{span.intent for span in reader.read(text, fresh).intents} for text in asked]
            away["chatrec_whole"] = np.array([found == {Intent.OUT_OF_SCOPE} for found in read], dtype=float)
        figures |= {f"clinc150-{kind}/{name}/oos_recall": mean_interval(values, seed) for name, values in away.items()}
        figures |= {f"clinc150-{kind}/texts": len(asked)} | _differences(f"clinc150-{kind}", "oos_recall", away, seed)
    return figures


def _trained(table: str, split: Split, embedder: Embedder, seed: int) -> dict[str, Any]:
    texts, labels = zip(*split.train, strict=True)
    asked, wanted = zip(*split.test, strict=True)
    right = {
        name: (fit(texts, labels, embedder)(asked) == np.array(wanted)).astype(float) for name, fit in {"chatrec": softmax, **PEERS}.items()
    }
    figures: dict[str, Any] = {f"{table}/train": len(texts), f"{table}/test": len(asked), f"{table}/intents": len(set(labels))}
    figures |= {f"{table}/{name}/accuracy": mean_interval(values, seed) for name, values in right.items()}
    figures |= _differences(table, "accuracy", right, seed)
    far = np.array(split.far, dtype=bool)
    if far.any():
        figures[f"{table}-far/test"] = int(far.sum())
        figures |= {f"{table}-far/{name}/accuracy": mean_interval(values[far], seed) for name, values in right.items()}
        figures |= _differences(f"{table}-far", "accuracy", {name: values[far] for name, values in right.items()}, seed)
    return figures


def _answers(texts: Sequence[str], embedder: Embedder) -> dict[str, Sequence[str]]:
    """What each method says of each text: the packaged classifier, and the peers trained on the same examples."""
    classifier = IntentClassifier(embedder)
    own = examples()
    said: dict[str, Sequence[str]] = {"chatrec": [classifier.classify(text)[0].value for text in texts]}
    known, labels = [text for _, text in own], [intent.value for intent, _ in own]
    return said | {name: [str(s) for s in fit(known, labels, embedder)(texts)] for name, fit in PEERS.items()}


def _differences(table: str, metric: str, columns: Mapping[str, NDArray[np.float64]], seed: int) -> dict[str, Any]:
    """Ours less each peer, in the same resamples."""
    names = list(columns)
    drawn = resample(np.stack([columns[n] for n in names], axis=1), seed)
    return {f"{table}/chatrec-{n}/{metric}": drawn.difference(names.index("chatrec"), names.index(n)) for n in names if n != "chatrec"}


def _latency(texts: Sequence[str], seed: int) -> dict[str, Any]:
    """Milliseconds of one decision, embedding included, nothing remembered."""
    classifier = IntentClassifier(MiniLMEmbedder())
    classifier.classify(texts[0])
    spent = []
    for text in texts:
        start = time.perf_counter()
        classifier.classify(text)
        spent.append((time.perf_counter() - start) * 1e3)
    return {f"own/chatrec/p{q}_ms": interval(spent, percentile(q), seed, digits=2) for q in (50, 95)}


def _understander(embedder: Embedder) -> RuleUnderstander | None:
    folder = shop_of("demo")
    current = Generations(folder).current() if folder is not None else None
    if current is None:
        return None
    shelf = CatalogueShelf.load(current)
    return RuleUnderstander(shelf.contract, shelf, embedder)
