"""Equality with public implementations, and with definitions written out."""

import json
from pathlib import Path

import numpy as np
import pytest

from alignsweep.metrics import METRICS, PLATONIC, MinibatchCKA, correlations, kernels, pairwise

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "metric_values.json").read_text())
PUBLIC = REFERENCE["values"]["minyoungg/platonic-rep metrics.py"]
NO_EPSILON = REFERENCE["values"]["MeganTj/multimodal_alignment utils/align_metrics.py"]


def inputs(preparation):
    r = np.random.RandomState
    x = r(0).randn(1000, 16)
    y = x @ r(1).randn(16, 16) + 0.5 * r(2).randn(1000, 16)
    if preparation == "l2_normalised_rows":
        x, y = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
    return x, y


@pytest.mark.parametrize("preparation", ["raw", "l2_normalised_rows"])
def test_the_platonic_preset_gives_the_public_values(preparation):
    x, y = inputs(preparation)
    values = PUBLIC[f"{preparation}/float64"]
    found = {
        "cka": PLATONIC["cka"](x, y),
        "unbiased_cka": PLATONIC["unbiased_cka"](x, y),
        "cka(kernel_metric=rbf,rbf_sigma=1.0)": PLATONIC["cka_rbf"](x, y, bandwidth=1.0),
        "cka(kernel_metric=rbf,rbf_sigma=5.0)": PLATONIC["cka_rbf"](x, y, bandwidth=5.0),
        "unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)": PLATONIC["unbiased_cka_rbf"](
            x, y, bandwidth=1.0
        ),
        "cknna(topk=10,unbiased=False)": PLATONIC["cknna"](x, y, 10, debiased=False),
    }
    for k in (10, 100):
        for name in ("mutual_knn", "cycle_knn", "cknna"):
            found[f"{name}(topk={k})"] = PLATONIC[name](x, y, k)
    assert len(found) == 12
    for name, value in found.items():
        assert value == pytest.approx(values[name], abs=5e-7), name


@pytest.mark.parametrize("preparation", ["raw", "l2_normalised_rows"])
def test_our_convention_gives_the_public_values_of_the_same_definition(preparation):
    x, y = inputs(preparation)
    values = NO_EPSILON[f"{preparation}/float64"]  # no 1e-6 in its denominators
    assert METRICS["cka_biased"](x, y) == pytest.approx(values["cka"], abs=5e-7)
    assert METRICS["cka_debiased"](x, y) == pytest.approx(values["unbiased_cka"], abs=5e-7)
    rbf = kernels.cka_rbf(x, y, bandwidth=1.0)
    name = "unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)"
    assert rbf == pytest.approx(values[name], abs=5e-7)
    if preparation == "l2_normalised_rows":  # then cosine and inner product are the same
        for k in (10, 100):
            name = f"mutual_knn(topk={k})"
            assert METRICS[f"mutual_knn_k{k}"](x, y) == pytest.approx(values[name], abs=5e-7)
        assert METRICS["cycle_knn_k10"](x, y) == pytest.approx(values["cycle_knn(topk=10)"])


def test_where_we_differ_on_purpose():
    x, y = inputs("raw")
    public = PUBLIC["raw/float64"]
    # neighbours by cosine, not by inner product, which prefers long rows
    assert abs(METRICS["mutual_knn_k10"](x, y) - public["mutual_knn(topk=10)"]) > 0.005
    # no 1e-6 in the denominator: it hides the whole value where HSIC is small
    assert public["unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)"] < 1e-6
    assert kernels.cka_rbf(x, y, bandwidth=1.0) > 0.019
    normalised = inputs("l2_normalised_rows")
    difference = (
        METRICS["cknna_k10"](*normalised) - PUBLIC["l2_normalised_rows/float64"]["cknna(topk=10)"]
    )
    assert 1e-5 < difference < 1e-3
    # an exact SVD, where the public value varies by more than 0.1 from seed to seed
    _, low, high = public["svcca(cca_dim=10) over 20 seeds: mean,min,max"]
    assert high - low > 0.1
    assert low < correlations.svcca(x, y, dim=10, standardise=True) < high


def test_cross_checks():
    x, y = inputs("raw")
    checks = REFERENCE["numpy_cross_checks_float64"]
    assert METRICS["cca_mean"](x, y) == pytest.approx(
        checks["cca canonical correlations, full rank 16: mean"], abs=1e-9
    )
    exact = [value for name, value in checks.items() if name.startswith("svcca exact")]
    found = correlations.svcca(x, y, dim=10, standardise=True)
    assert found == pytest.approx(exact[0], abs=1e-9)


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


@pytest.fixture
def small(rng):
    x = rng.standard_normal((60, 5)) + 3
    return x, x @ rng.standard_normal((5, 7)) + rng.standard_normal((60, 7))


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


def test_median_distance_by_histogram_equals_the_exact_one(rng, monkeypatch):
    x = rng.standard_normal((501, 4))
    exact = pairwise.median_distance(x)
    monkeypatch.setattr(pairwise, "EXACT_MEDIAN_N", 0)
    assert pairwise.median_distance(x) == pytest.approx(exact, rel=1e-4)


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


def test_pwcca_weights_by_what_accounts_for_x(rng):
    """Raw definition: h = canonical variates, weights sum |<h, x_j>|."""
    x = rng.standard_normal((300, 4)) * [5, 1, 1, 0.1]
    y = np.hstack([x[:, :1] + 0.1 * rng.standard_normal((300, 1)), rng.standard_normal((300, 3))])
    xc, yc = x - x.mean(0), y - y.mean(0)
    qx, qy = np.linalg.qr(xc)[0], np.linalg.qr(yc)[0]
    left, rho, _ = np.linalg.svd(qx.T @ qy)
    weights = np.abs((qx @ left).T @ xc).sum(1)
    expected = weights @ rho / weights.sum()
    assert METRICS["pwcca"](x, y) == pytest.approx(expected)
    assert METRICS["pwcca"](x, y) > METRICS["cca_mean"](x, y) + 0.2


def test_procrustes_is_the_distance_after_the_best_rotation(small):
    from scipy.spatial import procrustes

    x, y = small[0], small[1][:, :5]
    _, _, disparity = procrustes(x, y)  # after rotation and scaling: 1 - similarity^2
    assert METRICS["procrustes"](x, y) == pytest.approx(np.sqrt(1 - disparity))


def test_rsa_equals_scipy(small):
    from scipy.spatial.distance import pdist
    from scipy.stats import pearsonr, spearmanr

    distances = [pdist(z) for z in small]
    assert METRICS["rsa_pearson"](*small) == pytest.approx(pearsonr(*distances)[0])
    assert METRICS["rsa_spearman"](*small) == pytest.approx(spearmanr(*distances)[0])
