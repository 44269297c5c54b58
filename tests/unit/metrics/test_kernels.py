import numpy as np
import pytest

from alignsweep.metrics import METRICS, MinibatchCKA, kernels, pairwise


def gram_hsic(k, other):
    """Unbiased HSIC of Gram matrices, as printed in Song et al. 2012, eq. 5."""
    n = len(k)
    k, other = k - np.diag(np.diag(k)), other - np.diag(np.diag(other))
    ones = np.ones(n)
    total = np.trace(k @ other) - 2 / (n - 2) * ones @ k @ other @ ones
    total += (ones @ k @ ones) * (ones @ other @ ones) / ((n - 1) * (n - 2))
    return total / (n * (n - 3))


def gram_cka(k, other):
    return gram_hsic(k, other) / np.sqrt(gram_hsic(k, k) * gram_hsic(other, other))


def test_cka_equals_its_definition_on_gram_matrices(small):
    x, y = small
    assert METRICS["cka_debiased"](x, y) == pytest.approx(gram_cka(x @ x.T, y @ y.T), abs=1e-12)


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_rbf_cka_equals_its_definition_whatever_the_blocks(small, scale, monkeypatch):
    grams = []
    for z in small:
        distance = np.linalg.norm(z[:, None] - z, axis=2)
        sigma = scale * np.median(distance[np.triu_indices(60, 1)])
        grams.append(np.exp(-(distance**2) / (2 * sigma**2)))
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", 7 * 60 * 8)
    assert kernels.cka_rbf(*small, scale=scale) == pytest.approx(gram_cka(*grams), abs=1e-10)


def test_minibatch_cka_converges_to_the_full_value(rng):
    x = rng.standard_normal((20_000, 6))
    y = x @ rng.standard_normal((6, 6)) + 2 * rng.standard_normal((20_000, 6))
    full = METRICS["cka_debiased"](x, y)
    errors = []
    for batches in (5, 200):
        cka = MinibatchCKA()
        for start in range(0, batches * 100, 100):
            cka.update(x[start : start + 100], y[start : start + 100])
        errors.append(abs(cka.value() - full))
    assert errors[1] < 0.005
    biased = np.mean(
        [METRICS["cka_biased"](x[i : i + 20], y[i : i + 20]) for i in range(0, 4000, 20)]
    )
    assert abs(biased - full) > 10 * errors[1]  # what averaging a biased value would give


def test_minibatch_cka_refuses_small_batches():
    with pytest.raises(ValueError, match="b at least 4"):
        MinibatchCKA().update(np.eye(3), np.eye(3))
    with pytest.raises(ValueError, match="no batch was given"):
        MinibatchCKA().value()


@pytest.mark.parametrize(("n", "d"), [(256, 64), (1024, 512)])
def test_debiased_cka_of_independent_gaussians_is_zero(n, d):
    for seed in range(3):
        x, y = np.random.default_rng(seed).standard_normal((2, n, d))
        assert abs(METRICS["cka_debiased"](x, y)) < 0.02
        assert METRICS["cka_biased"](x, y) > 0.15  # which is why it is debiased


@pytest.mark.parametrize("n", [12, 200])
@pytest.mark.parametrize("name", ["cka_debiased", "cka_rbf_debiased"])
def test_equal_distances_have_no_debiased_cka(name, n, rng):
    """Off the diagonal such a Gram matrix is constant: its unbiased HSIC is rounding noise."""
    corners = np.eye(n)
    turned = corners @ np.linalg.qr(rng.standard_normal((n, n)))[0]
    other = rng.standard_normal((n, 5))
    for x, y in ((corners, corners), (turned, turned), (turned, other), (other, turned)):
        with pytest.raises(ValueError, match=rf"{name}: .*: the value is not defined"):
            METRICS[name](x, y)


def test_rbf_cka_without_a_bandwidth_is_not_defined(rng):
    mostly_equal = np.zeros((20, 2))
    mostly_equal[0] = 1
    with pytest.raises(ValueError, match="the value is not defined"):
        METRICS["cka_rbf_debiased"](mostly_equal, rng.standard_normal((20, 2)))


def test_debiased_cka_reaches_minus_one():
    """Of four rows, the pairs that are close in x are those far apart in y."""
    x = np.array([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    assert METRICS["cka_debiased"](x, x) == pytest.approx(1)
    y = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    assert METRICS["cka_debiased"](x, y) == pytest.approx(-1)


def test_minibatch_cka_refuses_what_is_not_finite_and_counts_nothing_of_it(rng):
    x, y = rng.standard_normal((2, 50, 3))
    cka = MinibatchCKA()
    cka.update(x, y)
    before = cka.value()
    broken = y.copy()
    broken[3, 1] = np.nan
    with pytest.raises(ValueError, match="minibatch CKA: 1 values of y are not finite"):
        cka.update(x, broken)
    assert cka.value() == before


def test_minibatch_cka_of_constants_is_not_defined(rng):
    cka = MinibatchCKA()
    cka.update(np.ones((10, 3)), rng.standard_normal((10, 3)))
    with pytest.raises(ValueError, match="minibatch CKA: the value is not defined"):
        cka.value()
