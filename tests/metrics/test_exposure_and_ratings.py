"""Exposure, novelty, fairness among brands and rating errors: by hand, by direct definitions, and their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from chatrec.metrics import diversity, exposure, ratings


def test_exposure_counts_every_item_of_the_catalogue() -> None:
    assert exposure.exposure_counts([[0, 2], [2, -1]], 4).tolist() == [1, 0, 2, 0]
    assert exposure.exposure_counts(np.zeros((0, 3)), 2).tolist() == [0, 0]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_the_lorenz_curve_encloses_half_the_gini(counts: list[int]) -> None:
    items, places = exposure.lorenz(counts)
    assert items[0] == places[0] == 0.0 and items[-1] == pytest.approx(1.0) and places[-1] == pytest.approx(1.0)
    assert (np.diff(places) >= -1e-12).all() and (places <= items + 1e-9).all()
    area = float(np.trapezoid(items - places, items))
    assert 2 * area == pytest.approx(diversity.gini(counts), abs=1e-9)


def test_gini_by_its_first_definition() -> None:
    x = np.array([3.0, 1.0, 0.0, 7.0, 2.0])
    expected = np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())  # half the relative mean difference
    assert diversity.gini(x) == pytest.approx(expected)


def test_novelty_is_the_mean_self_information() -> None:
    found = exposure.self_information([[0, 1], [2, -1], [-1, -1]], [7, 3, 0], 7)
    assert found[0] == pytest.approx((-math.log2(8 / 8) - math.log2(4 / 8)) / 2)
    assert found[1] == pytest.approx(-math.log2(1 / 8))
    assert np.isnan(found[2])


def test_small_brands_hold_at_most_half_of_the_catalogue() -> None:
    # brand 0: six items, 1: three, 2: two, 3: one; one item without a brand. 1 to 3 hold six of twelve.
    brand_of = np.array([0] * 6 + [1] * 3 + [2] * 2 + [3] + [-1])
    assert exposure.small_brands(brand_of).tolist() == [False, True, True, True]
    assert exposure.small_brand_parity(brand_of) == pytest.approx(0.5)
    found = exposure.small_brand_share([[0, 6, 12, -1], [0, 1, 2, 3], [12, -1, -1, -1]], brand_of)
    assert found[:2].tolist() == [0.5, 0.0] and np.isnan(found[2])
    # one brand more pushes the three over the half, and then the biggest of them is not small
    assert exposure.small_brands(np.append(brand_of, 1)).tolist() == [False, False, True, True]


def test_brands_of_one_size_are_not_small_and_a_shop_without_brands_has_none() -> None:
    for brand_of in ([0, 1, 2], [-1, -1], []):
        assert not exposure.small_brands(brand_of).any()
        assert np.isnan(exposure.small_brand_parity(brand_of))
        assert np.isnan(exposure.small_brand_share([[0, 1], [1, -1]], brand_of)).all()


@given(st.lists(st.integers(-1, 6), min_size=1, max_size=40))
def test_small_brands_by_the_words_of_the_definition(brands: list[int]) -> None:
    sizes = {b: brands.count(b) for b in set(brands) if b >= 0}
    branded = sum(sizes.values())
    expected = {b for b, size in sizes.items() if 2 * sum(s for s in sizes.values() if s <= size) <= branded}
    found = exposure.small_brands(brands)
    assert {b for b in sizes if found[b]} == expected


def test_rating_errors_against_scikit_learn() -> None:
    chance = np.random.default_rng(2)
    given_, said = chance.integers(1, 6, 50).astype(float), chance.random(50) * 5
    assert ratings.rmse(given_, said) == pytest.approx(root_mean_squared_error(given_, said))
    assert ratings.mae(given_, said) == pytest.approx(mean_absolute_error(given_, said))
    assert ratings.rmse([4.0, 4.0], [4.0, 4.0]) == 0.0
    assert math.isnan(ratings.rmse([], [])) and math.isnan(ratings.mae([], []))
    with pytest.raises(ValueError, match="one a rating"):
        ratings.rmse([1.0], [1.0, 2.0])
