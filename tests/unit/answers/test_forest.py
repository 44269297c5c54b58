"""Distributions of a forest, on data whose distribution is known."""

import numpy as np
import pytest

from alignsweep.answers import forest


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (2000, 3))
    y = 2 * x[:, 0] + rng.normal(0, 0.1 + 0.4 * (x[:, 1] > 0))
    return forest.fit(x, y, np.ones(len(x)))


def test_mean_and_quantiles_follow_the_data(fitted):
    x = np.array([[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]])
    np.testing.assert_allclose(fitted.mean(x), [1, -1], atol=0.15)
    low, middle, high = fitted.quantiles(x, np.array([0.1, 0.5, 0.9])).T
    assert (low < middle).all()
    assert (middle < high).all()
    assert high[1] - low[1] > 1.2 * (high[0] - low[0])  # where there is more noise


def test_at_least_four_of_five_lie_between_the_tenth_and_the_ninetieth(fitted):
    rng = np.random.default_rng(1)
    x = rng.uniform(-0.9, 0.9, (400, 3))
    y = 2 * x[:, 0] + rng.normal(0, 0.1 + 0.4 * (x[:, 1] > 0))
    low, high = fitted.quantiles(x, np.array([0.1, 0.9])).T
    assert 0.78 < ((low <= y) & (y <= high)).mean() < 0.99


def test_the_probability_of_a_loss(fitted):
    x = np.array([[0.8, -0.5, 0.0], [0.0, 0.5, 0.0], [-0.8, -0.5, 0.0]])
    sure, even, lost = fitted.below(x, 0.0)
    assert sure < 0.1
    assert 0.3 < even < 0.7
    assert lost > 0.9


def test_points_that_count_more_decide():
    x = np.zeros((100, 1))
    y = np.repeat([0.0, 1.0], 50)
    found = forest.fit(x, y, np.where(y > 0, 9.0, 1.0)).mean(x[:1])
    assert found == pytest.approx([0.9], abs=0.02)


def test_the_trees_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 4)), rng.normal(size=300)
    found = forest.fit(x, y, np.ones(300), seed=3)
    from sklearn.ensemble import ExtraTreesRegressor

    trees = ExtraTreesRegressor(
        forest.TREES,
        min_samples_leaf=forest.LEAF,
        max_features=forest.SHARE_OF_INPUTS,
        random_state=3,
    ).fit(x, y)
    new = rng.normal(size=(50, 4))
    np.testing.assert_allclose(found.mean(new), trees.predict(new), rtol=1e-12)
    np.testing.assert_allclose(found.mean(x), trees.predict(x), rtol=1e-12)
