import numpy as np
import pytest

from alignsweep.data import synthetic
from alignsweep.information import bin_labels, broja, estimate, sensitivity


def sample(redundancy, fit=5120, count=4096):
    """Inputs, labels and the rows to fit on."""
    pairs = synthetic.generate(redundancy=redundancy, train=fit, validation=count, test=1)
    rows = np.arange(fit + count)
    x_a, x_b = (x[rows] for x in pairs.inputs.values())
    return x_a, x_b, pairs.labels[rows], np.arange(fit)


def truth(redundancy):
    return broja(synthetic.exact_joint(redundancy=redundancy), tolerance=1e-3)


@pytest.mark.parametrize("redundancy", range(9))
def test_the_discrete_estimate_is_near_the_exact_redundancy(redundancy):
    *data, fit = sample(redundancy)
    found = estimate(*data, fit=fit, clusters=64, permutations=3, resamples=3).table()
    corrected = found.set_index("atom")["corrected_bits"]
    assert corrected["redundancy"] == pytest.approx(truth(redundancy).redundancy, abs=0.05)


def test_the_neural_estimate_orders_redundancies_and_is_near_them():
    found, exact = [], []
    for redundancy in (0, 4, 8):
        *data, fit = sample(redundancy)
        result = estimate(*data, "neural", fit=fit, permutations=2, resamples=2)
        found.append(result.table().set_index("atom")["corrected_bits"]["redundancy"])
        exact.append(truth(redundancy).redundancy)
    assert found == sorted(found)
    np.testing.assert_allclose(found, exact, atol=0.1)


@pytest.mark.parametrize("features", ["posterior", "pca"])
def test_independent_labels_leave_nothing_once_the_null_is_removed(features):
    rng = np.random.default_rng(3)
    x_a, x_b = rng.standard_normal((2, 1380, 10))
    y = rng.integers(0, 2, 1380)
    found = estimate(x_a, x_b, y, clusters=20, features=features).table().set_index("atom")
    assert found.loc["synergy", "bits"] > 0.2  # what a plug-in estimate would report
    assert (found["low_bits"] < 0).all()
    assert (found["high_bits"] > 0).all()


def test_an_estimate_depends_on_its_seed_alone():
    *data, fit = sample(4, fit=200, count=300)
    options = {"fit": fit, "clusters": 5, "permutations": 5, "resamples": 5}
    first, again, other = (estimate(*data, seed=s, **options).table() for s in (0, 0, 1))
    assert first.equals(again)
    assert not first.equals(other)


def test_sensitivity_lists_every_number_of_clusters():
    *data, fit = sample(4, fit=200, count=300)
    table = sensitivity(*data, clusters=(3, 6), fit=fit, permutations=3)
    assert table["clusters"].tolist() == [3] * 5 + [6] * 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "magic"}, "method is 'magic'; allowed: discrete, neural"),
        ({"x_a": np.ones((9, 2))}, r"x_a \(9, 2\), .* needed: the same n"),
        ({"x_b": np.full((100, 2), np.inf)}, r"x_b \(100, 2\): 200 values are not finite"),
        ({"y": np.zeros(100, int)}, "y has 1 class; needed: at least 2"),
        ({"y": np.r_[np.zeros(99, int), 1]}, "class 1 is missing among the"),
        ({"clusters": 51}, "50 fitted samples for 51 clusters; needed: more"),
        ({"method": "neural"}, "50 counted samples for 64 clusters; needed: more"),
        ({"features": "raw"}, "features is 'raw'; allowed: posterior, pca"),
    ],
)
def test_bad_input(change, message):
    rng = np.random.default_rng(0)
    good = {
        "x_a": rng.standard_normal((100, 3)),
        "x_b": rng.standard_normal((100, 2)),
        "y": np.arange(100) % 2,
    }
    with pytest.raises(ValueError, match=message):
        estimate(**(good | change))


def test_numbers_are_binned_at_the_sign_or_at_quantiles():
    y = np.array([-2.0, 0.0, 0.5, 3.0, 9.0, -0.1])
    assert bin_labels(y, "sign").tolist() == [0, 0, 1, 1, 1, 0]
    assert np.bincount(bin_labels(y, [1 / 3, 2 / 3])).tolist() == [2, 2, 2]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 2))
    few = {"clusters": 5, "permutations": 5, "resamples": 5}
    found = estimate(x, x, x[:, 0], bins=[0.5], **few).table().set_index("atom")
    assert found.loc["redundancy", "corrected_bits"] > 0.5


@pytest.mark.parametrize(
    ("y", "bins", "expected"),
    [
        ([1, 2, 3, 3, 3, 3, 3, 3, 3, 3], [1 / 3, 2 / 3], [0, 0] + 8 * [1]),
        ([1, 1, 1, 1, 1, 1, 1, 1, 2, 3], [1 / 3, 2 / 3], 8 * [0] + [1, 1]),
        ([3, 3, 3, 3, 3, 3, 3, 1.5, 2, 3], [0.5], 7 * [1] + [0, 0, 1]),
        ([0, 1, 1, 1, 1, 1], [1 / 3, 2 / 3], [0] + 5 * [1]),
        ([2, 2, 2], [1 / 3, 2 / 3], [0, 0, 0]),
    ],
)
def test_numbers_that_are_mostly_equal_make_two_classes(y, bins, expected):
    assert bin_labels(np.array(y, float), bins).tolist() == expected


@pytest.mark.parametrize(
    ("y", "bins", "message"),
    [
        ([np.nan, 1.0], "sign", "1 values are not finite"),
        ([0.0, 1.0], "median", "bins is 'median'; allowed: 'sign'"),
        ([0.0, 1.0], [0.5, 1.0], "allowed: quantiles between 0 and 1"),
    ],
)
def test_bad_bins(y, bins, message):
    with pytest.raises(ValueError, match=message):
        bin_labels(np.array(y), bins)
