import numpy as np
import pytest

from alignsweep.data import scaling

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [7, 700])
def test_standardising_by_the_training_steps_that_are_there(n):
    x = RNG.normal(5, 3, size=(n, 6, 2)).astype(np.float32)
    lengths = RNG.integers(1, 7, size=n)
    there = np.arange(6) >= 6 - lengths[:, None]
    x[~there] = 0
    train = np.arange(n) < n - 3
    steps = x[train][there[train]].astype(np.float64)
    expected = (x - steps.mean(axis=0)) / steps.std(axis=0)
    assert scaling.standardise(x, train, there) == 0
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[there], expected[there], atol=1e-5)
    assert (x[~there] == 0).all()


def test_vectors_are_standardised_too():
    x = np.array([[1, 0], [3, 0], [9, 4]], dtype=np.float32)
    scaling.standardise(x, np.array([True, True, False]))
    assert x.tolist() == [[-1, 0], [1, 0], [7, 0]]


def test_a_constant_feature_becomes_0():
    x = RNG.normal(size=(500, 3, 2)).astype(np.float32)
    x[:400, :, 1] = 0.1  # its mean is not 0.1 exactly
    scaling.standardise(x, np.arange(500) < 400)
    assert (x[..., 1] == 0).all()
    assert (x[..., 0] != 0).all()


def test_what_is_not_finite_becomes_the_mean_and_is_counted():
    clean = RNG.normal(3, 2, size=(40, 5, 3)).astype(np.float32)
    x, train = clean.copy(), np.arange(40) < 30
    x[3, 2, 0], x[4, 1, 0], x[35, 0, 1], x[..., 2] = -np.inf, np.nan, np.inf, np.nan
    assert scaling.standardise(x, train) == 3 + 40 * 5
    assert np.isfinite(x).all()
    assert x[3, 2, 0] == x[4, 1, 0] == x[35, 0, 1] == 0
    assert (x[..., 2] == 0).all()
    finite = np.delete(clean[:30, :, 0].ravel(), [3 * 5 + 2, 4 * 5 + 1])
    np.testing.assert_allclose(x[0, 0, 0], (clean[0, 0, 0] - finite.mean()) / finite.std(), 1e-5)


def test_a_sample_of_zeros_is_empty_whatever_its_padding():
    x = np.zeros((3, 4, 2), dtype=np.float32)
    x[1, 3, 1], x[2, 0, 0] = -1, np.nan
    assert scaling.empty(x).tolist() == [True, False, False]


def test_blocks_change_nothing(monkeypatch):
    x = RNG.normal(3, 2, size=(50, 4, 3)).astype(np.float32)
    x[7], x[9, 1, 2] = 0, np.nan
    train = np.arange(50) % 3 > 0
    whole, cut = x.copy(), x.copy()
    scaling.standardise(whole, train)
    monkeypatch.setattr(scaling, "_SAMPLES_AT_ONCE", 7)
    assert scaling.standardise(cut, train) == 1
    np.testing.assert_allclose(cut, whole, rtol=1e-6)


@pytest.mark.parametrize("shape", [(50, 3), (50, 4, 3)])
@pytest.mark.parametrize("at_once", [False, True])
def test_what_is_read_from_a_large_array_is_what_a_small_one_becomes(shape, at_once):
    x = RNG.normal(3, 2, size=shape).astype(np.float32)
    x[7], x[9, ..., 2] = 0, np.nan
    train = np.arange(50) % 3 > 0
    there = np.arange(4) >= RNG.integers(0, 4, (50, 1)) if x.ndim == 3 and not at_once else None
    read = scaling.Standardised(x.copy(), train, there, at_once=at_once)
    held = x.copy()
    scaling.standardise(held.reshape(50, -1, 1) if at_once else held, train, there)
    assert (len(read), read.shape, read.dtype, read.nbytes) == (50, shape, x.dtype, x.nbytes)
    np.testing.assert_array_equal(read[:], held)
    np.testing.assert_array_equal(read[np.array([9, 7, 3, 9])], held[[9, 7, 3, 9]])


def test_standardising_once_more_by_others_forgets_the_first_time():
    x = RNG.normal(3, 2, size=(60, 5)).astype(np.float32)
    once, twice = x.copy(), x.copy()
    train = np.arange(60) < 20
    scaling.standardise(once, train)
    scaling.standardise(twice, ~train)
    scaling.standardise(twice, train)
    np.testing.assert_allclose(twice, once, atol=1e-5)
