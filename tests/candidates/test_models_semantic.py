"""W of z = u'Wv: what it learns from behaviour, what it says of items nobody bought, and the formula with a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatrec.candidates.histories import Histories
from chatrec.candidates.interactions import Interactions
from chatrec.candidates.models.base import PreferenceModel
from chatrec.candidates.models.bilinear import SemanticModel, SemanticSettings, fit, unit
from chatrec.candidates.models.choices import Choices, loss_and_slope
from chatrec.candidates.sources.semantic import SemanticSource
from chatrec.domain.candidate import Query
from chatrec.errors import SettingsError
from chatrec.protocols import CandidateSource
from chatrec.testing.preference_contract import PreferenceContract, two_tastes, vectors
from chatrec.testing.source_contract import SourceContract

N_KIND, WIDTH = 12, 8
QUICK = SemanticSettings(sharpness=0.0, epochs=40, rate=0.02, batch=64, temperature=0.2)


class TestSemanticNearest(PreferenceContract):
    def make(self, log: Interactions) -> PreferenceModel:
        return fit(log, features=vectors(len(log.item_ids)))


class TestSemanticMean(PreferenceContract):
    def make(self, log: Interactions) -> PreferenceModel:
        return fit(log, SemanticSettings(sharpness=0.0), features=vectors(len(log.item_ids)))


def test_sharper_is_nearer_to_the_nearest() -> None:
    """Of two tastes in one history the mean finds what lies between, the soft maximum what is like one of them."""
    log, features = cameras_and_films()
    between = unit(features[3:4] + features[15:16])
    mean, nearest = (
        fit(log, SemanticSettings(epochs=0, sharpness=s), features=features).over(np.vstack([features, between])) for s in (0, 50)
    )
    mixed = Histories.of_lists([[3, 15]])
    assert mean.scores(mixed)[0].argmax() == len(features)
    assert nearest.scores(mixed)[0].argmax() < len(features)
    alike = nearest.vectors[[3, 15]] @ nearest.vectors.T
    assert np.abs(nearest.scores(mixed)[0] - alike.max(axis=0)).max() < 0.05


def cameras_and_films() -> tuple[Interactions, np.ndarray]:
    """Items 0-11 are cameras, 12-23 films, 24-35 lamps, each kind around a direction of its own. Who buys a camera buys a film next, and
    the reverse; nobody ever bought film 23 or lamp 35."""
    chance = np.random.default_rng(0)
    kinds = np.repeat(np.eye(WIDTH)[:3], N_KIND, axis=0)
    features = unit((kinds + 0.15 * chance.standard_normal((3 * N_KIND, WIDTH))).astype(np.float32))
    lists = []
    for shopper in range(150):
        camera, film, lamps = chance.integers(12), 12 + chance.integers(11), 24 + chance.choice(11, 2, replace=False)
        lists.append([[camera, film], [film, camera], list(lamps)][shopper % 3])
    return Interactions.of_lists(lists, 3 * N_KIND), features


def test_behaviour_turns_what_texts_mean() -> None:
    log, features = cameras_and_films()
    before, after = fit(log, SemanticSettings(epochs=0), features=features), fit(log, QUICK, features=features)
    camera = Histories.of_lists([[3]])
    cosine, learnt = before.scores(camera)[0], after.scores(camera)[0]
    assert cosine[4:12].mean() > cosine[12:24].mean()  # the texts alone say: more cameras
    assert learnt[12:24].mean() > learnt[0:12].mean()  # the shoppers say: a film
    assert learnt[23] > np.delete(learnt, np.arange(12, 24)).max()  # also one that nobody has bought yet
    lamp = after.scores(Histories.of_lists([[30]]))[0]
    assert lamp[35] > lamp[:24].max()  # where behaviour agrees with the texts nothing is lost


def test_sampled_candidates_learn_the_same() -> None:
    log, features = cameras_and_films()
    sampled = fit(log, SemanticSettings(epochs=12, rate=0.02, batch=64, temperature=0.2, candidates=10), features=features)
    scores = sampled.scores(Histories.of_lists([[3], [30]]))
    assert scores[0, 12:24].mean() > scores[0, 0:12].mean()
    assert scores[1, 35] > scores[1, :24].max()


def test_logq_makes_a_sample_unbiased() -> None:
    """Over many draws the corrected sum over a sample is that over all items (Yi et al., 2019, section 3)."""
    log = Interactions.of_lists([[0, n % 9 + 1, (n * n) % 30 + 10] for n in range(60)], 60)
    choices, chance = Choices.of(log, 5), np.random.default_rng(0)
    weight = chance.random(60)
    asked = choices.take(np.arange(20))
    totals = []
    for _ in range(1500):
        asked = choices.take(chance.integers(0, len(choices), 20))
        among, odds = choices.among(asked, 8, 0.0, chance)
        totals.append(float((weight[among] * np.exp(odds)).sum()))
    sold = choices.counts > 0
    assert np.mean(totals) == pytest.approx(weight[sold].sum(), rel=0.05)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_slope_is_that_of_the_loss(share: float) -> None:
    choices = Choices.of(Interactions.of_lists([[0, 1, 2], [3, 1], [2, 4, 0]], 5), 5)
    asked, among, chance = choices.take(np.arange(len(choices))), np.arange(5), np.random.default_rng(1)
    logits, told = chance.standard_normal((len(choices), 5)), chance.standard_normal((len(choices), 5)).astype(np.float32)
    _, slope = loss_and_slope(logits.copy(), asked, among, told, share)
    for place in [(0, 1), (2, 2), (1, 4), (3, 3)]:
        high, low = logits.copy(), logits.copy()
        high[place] += 1e-2
        low[place] -= 1e-2
        found = (loss_and_slope(high, asked, among, told, share)[0] - loss_and_slope(low, asked, among, told, share)[0]) / 2e-2
        assert slope[place] == pytest.approx(found, abs=1e-3)


def test_a_teacher_alone_teaches() -> None:
    """With all of the answer soft, the teacher's taste is learnt from its scores, not from the log: here it says lamps to everyone."""

    class Lamps(SemanticModel):
        def scores(self, histories: Histories) -> np.ndarray:
            return np.tile(np.repeat(np.array([0.0, 0.0, 1.0], np.float32), N_KIND), (len(histories), 1))

    log, features = cameras_and_films()
    teacher = Lamps(features, features[0], np.eye(WIDTH, dtype=np.float32), QUICK)
    taught = fit(log, replace(QUICK, distil=1.0, popularity=0.0), features=features, teacher=teacher)
    scores = taught.scores(Histories.of_lists([[3]]))[0]
    assert scores[24:].mean() > scores[:24].mean()
    with pytest.raises(SettingsError, match="without a teacher"):
        fit(log, replace(QUICK, distil=1.0), features=features)


def test_what_a_shopper_likes_is_no_wrong_answer() -> None:
    choices = Choices.of(Interactions.of_lists([[0, 1, 2]], 4), 5)
    _, slope = loss_and_slope(np.zeros((2, 4), np.float32), choices.take(np.arange(2)), np.arange(4))
    assert slope[0, [0, 2]].tolist() == [0.0, 0.0]  # liked too, before and after
    assert slope[0, 1] < 0.0 < slope[0, 3]


def test_prior_choices_are_known_newest_last() -> None:
    choices = Choices.of(Interactions.of_lists([[5, 3, 4, 1], [2], [0, 6]], 7), 2)
    asked = choices.take(np.arange(len(choices)))
    known = [asked.known.items[a:b].tolist() for a, b in zip(asked.known.starts[:-1], asked.known.starts[1:], strict=True)]
    assert asked.chosen.tolist() == [3, 4, 1, 6]
    assert known == [[5], [5, 3], [3, 4], [0]]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 50.0), st.integers(0, 4))
def test_the_formula_with_a_sentence(weight: float, seed: int) -> None:
    """z' = (z + weight y) / sqrt(1 + weight^2): z alone at 0, y alone far out; a sentence that says nothing only shrinks z."""
    model = fit(two_tastes(), features=vectors())
    said = unit(np.random.default_rng(seed).standard_normal((2, 6)).astype(np.float32))
    asked = Histories.of_lists([[0, 3], [9]])
    z, y = model.scores(asked), unit(said - model.centre) @ model.vectors.T
    np.testing.assert_allclose(model.answers(asked, said, weight), (z + weight * y) / np.sqrt(1 + weight**2), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.answers(asked, 0.0 * said, weight), z / np.sqrt(1 + weight**2), rtol=1e-4, atol=1e-5)


def test_another_catalogue_is_scored_with_the_same_preference() -> None:
    log, features = cameras_and_films()
    model = fit(log, QUICK, features=features)
    wider = model.over(np.vstack([features, features[23:24]]))
    scores = wider.scores(Histories.of_lists([[3]]))[0]
    np.testing.assert_allclose(scores[:-1], model.scores(Histories.of_lists([[3]]))[0], rtol=1e-4, atol=1e-6)
    assert scores[-1] == pytest.approx(scores[23], rel=1e-4)


def test_items_without_text_score_nothing() -> None:
    log, features = cameras_and_films()
    features[35], features[34] = np.nan, 0.0
    scores = fit(log, QUICK, features=features).scores(Histories.of_lists([[3], [35]]))
    assert scores[0, [34, 35]].tolist() == [0.0, 0.0]
    assert not scores[1].any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.0},
        {"recency": 1.5},
        {"batch": 0},
        {"epochs": -1},
        {"distil": 2.0},
        {"sharpness": -1.0},
        {"rate": 0.0},
        {"shrinkage": -1.0},
    ],
)
def test_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        SemanticSettings(**wrong)  # type: ignore[arg-type]


def test_vectors_of_other_items_are_refused() -> None:
    with pytest.raises(SettingsError, match="24 items"):
        fit(two_tastes(), features=vectors(7))
    with pytest.raises(ValueError, match="across"):
        SemanticModel.restore({"vectors": np.zeros((2, 3)), "centre": np.zeros(3)}, {})
    with pytest.raises(ValueError, match="fit together"):
        SemanticModel.restore({"vectors": np.zeros((2, 3)), "centre": np.zeros(3), "across": np.eye(2)}, {})


class _Said:
    """An embedder that knows two words."""

    name, dimension = "two words", WIDTH

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([np.eye(WIDTH)[1 if "film" in t else 2] for t in texts], np.float32)


def source(weight: float = 0.0) -> SemanticSource:
    log, features = cameras_and_films()
    ids = [f"i{n}" for n in range(3 * N_KIND)]
    titles = {i: f"thing {n}" for n, i in enumerate(ids)}
    return SemanticSource(fit(log, QUICK, features=features), ids, titles, embedder=_Said(), weight=weight)  # type: ignore[arg-type]


class TestSemanticSourceContract(SourceContract):
    def make(self) -> CandidateSource:
        return source()

    def asking(self) -> Query:
        return Query(history=(("i3", 1.0), ("i5", 0.5)))


class TestSemanticSourceWithSentence(SourceContract):
    def make(self) -> CandidateSource:
        return source(weight=1.0)

    def asking(self) -> Query:
        return Query(text="a film")


def test_the_source_offers_what_goes_with_the_history() -> None:
    found = source().candidates(Query(history=(("i3", 1.0), ("unknown", 1.0))), 5)
    assert all(12 <= int(c.item_id[1:]) < 24 for c in found)
    assert found[0].reason == "goes with thing 3"


def test_a_sentence_moves_the_offer() -> None:
    lamps = source(weight=3.0).candidates(Query(text="a lamp", history=(("i3", 1.0),)), 3)
    assert all(int(c.item_id[1:]) >= 24 for c in lamps)


def test_an_untrained_source_is_silent() -> None:
    assert SemanticSource(None, (), {}).candidates(Query(history=(("i3", 1.0),)), 5) == []
    assert source().candidates(Query(history=(("i3", -1.0),)), 5) == []
    with pytest.raises(ValueError, match="one vector an item"):
        SemanticSource(fit(two_tastes(), features=vectors()), ("a",), {})
