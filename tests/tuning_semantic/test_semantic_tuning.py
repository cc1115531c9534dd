"""The encoder really trained, on a tiny shop whose right answer is known: things of one colour are bought together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.registry import fit_model
from chatrec.domain.item import Item
from chatrec.embedding.tuned import TunedEmbedder
from chatrec.errors import AdapterError, ModelError, SettingsError
from chatrec.tuning.semantic import TunedEncoder, item_text, tune_encoder, tune_on_items
from chatrec.tuning.semantic_settings import EncoderSettings
from chatrec.tuning.semantic_validation import Validation

THINGS = (
    "trekking tent with two poles", "reading lamp for the desk", "gas stove with a lighter", "yoga mat to roll up", "climbing rope",
    "coffee mug with a lid", "winter boot", "running sock", "sun hat", "laptop bag",
)  # fmt: skip
COLOURS = ("green", "grey", "brown", "black")
TEXTS = [f"{thing}, {colour}" for colour in COLOURS for thing in THINGS]
TINY = EncoderSettings(
    frozen_layers=4, rank=4, alpha=16, rate=1e-2, epochs=4, batch=20, choices=120, pieces=12, patience=9, held_items=0.2, checkpoint_s=0.0
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def log_of_colours() -> Interactions:
    chance = np.random.default_rng(0)
    return Interactions.of_lists([chance.permutation(10)[:5] + 10 * (shopper % 4) for shopper in range(100)], len(TEXTS))


def tune(folder: Path, settings: EncoderSettings = TINY, **further: object) -> TunedEncoder:
    return tune_encoder(
        log_of_colours(),
        TEXTS,
        folder / "adapter",
        settings=settings,
        checkpoint_folder=folder / "work",
        **{"progress": lambda _: None, **further},
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("semantic")


@pytest.fixture(scope="module")
def tuned(place: Path) -> TunedEncoder:
    import torch

    torch.set_num_threads(1)
    return tune(place)


def gap(vectors: np.ndarray, rows: np.ndarray) -> float:
    """How much nearer these items are to things of their colour than to other colours' things."""
    cosines = vectors[rows] @ vectors.T
    same = (rows // 10)[:, None] == np.arange(len(vectors)) // 10
    own = rows[:, None] == np.arange(len(vectors))
    return float(cosines[same & ~own].mean() - cosines[~same].mean())


def losses(folder: Path) -> list[float]:
    lines = [json.loads(line) for line in (folder / "training_log.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def test_behaviour_reaches_items_that_nobody_bought(place: Path, tuned: TunedEncoder) -> None:
    untuned = tuned.vectors_before
    cold = Validation.of(log_of_colours(), TINY.held_items, TINY.seed).cold
    assert len(cold) == 8
    assert tuned.improved
    assert tuned.recall_after > tuned.recall_before
    assert gap(tuned.vectors, cold) > gap(untuned, cold) + 0.1
    found = losses(tuned.folder)
    assert np.mean(found[-2:]) < np.mean(found[:2]) - 0.2


def test_the_saved_adapter_gives_the_same_vectors(tuned: TunedEncoder) -> None:
    from safetensors.torch import load_file

    embedder = TunedEmbedder(tuned.folder, pieces=TINY.pieces)
    np.testing.assert_allclose(embedder.encode(TEXTS), tuned.vectors, atol=5e-3)
    np.testing.assert_allclose(embedder.encode(TEXTS[:1])[0], tuned.vectors[0], atol=5e-3)
    assert {str(t.dtype) for t in load_file(tuned.folder / "adapter_model.safetensors").values()} == {"torch.bfloat16"}
    assert embedder.name.startswith("all-MiniLM-L6-v2@")
    assert "+" in embedder.name


def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path: Path, tuned: TunedEncoder) -> None:
    told = 0

    def stop_at(line: str) -> None:
        nonlocal told
        told += line.startswith("step") and "recall" in line
        if told == 4:  # in the middle of the run, after its third epoch
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, progress=stop_at)
    again = tune(tmp_path)
    assert again.resumed == 1
    assert losses(again.folder) == pytest.approx(losses(tuned.folder), abs=2e-3)
    np.testing.assert_allclose(again.vectors, tuned.vectors, atol=2e-2)


def test_a_finished_run_is_not_trained_again(place: Path, tuned: TunedEncoder) -> None:
    lines: list[str] = []
    again = tune(place, progress=lines.append)
    assert not any("loss" in line for line in lines)
    np.testing.assert_allclose(again.vectors, tuned.vectors, atol=1e-5)


def test_a_teacher_is_followed(tmp_path: Path) -> None:
    """All that the teacher knows reaches the texts, without a single right answer of the log."""
    teacher = fit_model("ease", log_of_colours(), {"l2": 5.0})
    settings = replace(TINY, distil=1.0)
    taught = tune(tmp_path, settings, teacher=teacher)
    assert gap(taught.vectors, np.arange(40)) > 1.5 * gap(taught.vectors_before, np.arange(40))


def test_titles_as_the_history_tower(tmp_path: Path) -> None:
    found = tune(tmp_path, replace(TINY, history="text", epochs=3), titles=TEXTS)
    values = losses(found.folder)
    assert np.mean(values[-2:]) < np.mean(values[:2])


def test_a_shop_is_tuned_by_its_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    items = {str(n): Item(str(n), text) for n, text in enumerate(TEXTS) if n != 7}
    found = tune_on_items(log_of_colours(), items, tmp_path / "adapter", settings=replace(TINY, epochs=1), progress=lambda _: None)
    assert found.vectors.shape == (40, 384)
    assert found.vectors[6] @ found.vectors_before[6] > 0.7
    assert np.isfinite(found.vectors).all()  # the text that is missing too


def test_a_log_without_a_second_liking_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="two items"):
        tune_encoder(Interactions.of_lists([[0], [1]], 2), ["a", "b"], tmp_path / "a", checkpoint_folder=tmp_path, progress=lambda _: None)
    with pytest.raises(ModelError, match="no shopper likes an item"):
        tune_encoder(Interactions.of_lists([[]], 2), ["a", "b"], tmp_path / "a", checkpoint_folder=tmp_path, progress=lambda _: None)
    with pytest.raises(ModelError, match="1 texts"):
        tune_encoder(Interactions.of_lists([[0, 1]], 2), ["a"], tmp_path / "a", checkpoint_folder=tmp_path, progress=lambda _: None)


@pytest.mark.parametrize("wrong", [{"history": "both"}, {"distil": 1.5}, {"batch": 0}, {"held_items": 1.0}, {"temperature": 0.0}])
def test_settings_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        EncoderSettings(**wrong)  # type: ignore[arg-type]


def test_at_least_one_layer_learns(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="6 layers"):
        tune(tmp_path, replace(TINY, frozen_layers=6))


def test_a_damaged_adapter_is_refused(tmp_path: Path, tuned: TunedEncoder) -> None:
    with pytest.raises(AdapterError, match="holds no LoRA adapter"):
        TunedEmbedder(tmp_path)
    (tmp_path / "adapter_config.json").write_bytes((tuned.folder / "adapter_config.json").read_bytes())
    with pytest.raises(AdapterError, match="cannot be read"):
        TunedEmbedder(tmp_path)
    whole = (tuned.folder / "adapter_model.safetensors").read_bytes()
    (tmp_path / "adapter_model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AdapterError, match="cannot be read"):
        TunedEmbedder(tmp_path).encode(["a", "b"])


def test_the_text_of_an_item() -> None:
    item = Item("1", "Ridge tent.", "Sleeps two. " * 100, "tents", ("outdoor", "shelter", "tents"), "Harrow")
    text = item_text(item)
    assert text.startswith("Ridge tent. Harrow. shelter, tents. Sleeps two.")
    assert len(text) < 700
    assert item_text(Item("2", "Ridge tent")) == "Ridge tent"
