import numpy as np
import pytest

from alignsweep import metrics
from alignsweep.metrics import METRICS


def gram_cka_debiased(x, y):
    """The U-statistic of Song et al. 2012, from n x n matrices as in the paper."""

    def hsic(k, other):
        n = len(k)
        k, other = k.copy(), other.copy()
        np.fill_diagonal(k, 0)
        np.fill_diagonal(other, 0)
        ones = np.ones(n)
        cross = (ones @ k @ ones) * (ones @ other @ ones) / ((n - 1) * (n - 2))
        total = np.trace(k @ other) + cross - 2 / (n - 2) * ones @ k @ other @ ones
        return total / (n * (n - 3))

    k, other = x @ x.T, y @ y.T
    return hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))


@pytest.fixture
def views(rng):
    x = rng.standard_normal((120, 5)) + 3
    return x, x @ rng.standard_normal((5, 7)) + rng.standard_normal((120, 7))


def test_cka_debiased_equals_its_definition_on_gram_matrices(views):
    assert METRICS["cka_debiased"](*views) == pytest.approx(gram_cka_debiased(*views), abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_identity_symmetry_and_row_order(name, views, rng):
    metric, (x, y) = METRICS[name], views
    order = rng.permutation(len(x))
    assert metric(x, x) == pytest.approx(1)
    assert metric(x, y) == pytest.approx(metric(y, x))
    assert metric(x[order], y[order]) == pytest.approx(metric(x, y))


@pytest.mark.parametrize("name", METRICS)
def test_chance_is_the_mean_over_shuffles(name, views, rng):
    metric, (x, y) = METRICS[name], views
    drawn = [metric(x, rng.permutation(y)) for _ in range(400)]
    error = np.std(drawn) / np.sqrt(len(drawn))
    stated = metric.chance(x, y, rng=np.random.default_rng(1), shuffles=400)
    assert stated == pytest.approx(np.mean(drawn), abs=5 * error)


def test_mutual_knn_does_not_depend_on_the_order_of_tied_rows(rng):
    x = np.sign(rng.standard_normal((300, 4)))
    y = np.sign(x + 0.5 * rng.standard_normal((300, 4)))
    order = rng.permutation(300)
    metric = METRICS["mutual_knn_k10"]
    assert metric(x, x) == pytest.approx(1)
    assert metric(x[order], y[order]) == pytest.approx(metric(x, y), abs=1e-12)


def test_svcca_keeps_99_percent_of_the_variance(rng):
    strong, weak = rng.standard_normal((500, 2)), 0.01 * rng.standard_normal((500, 2))
    other = 0.01 * rng.standard_normal((500, 2))
    x, y = np.hstack([strong, weak]), np.hstack([strong, other])
    assert METRICS["svcca_var99"](x, y) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((9, 2)), np.ones((8, 2)), "cka_debiased: x \\(9, 2\\), y \\(8, 2\\); needed"),
        (np.eye(3), np.eye(3), "at least 4 rows"),
        (np.full((9, 2), np.nan), np.eye(9), "18 values are not finite"),
        (np.ones((9, 2)), np.eye(9), "all rows of x are equal"),
    ],
)
def test_bad_input(x, y, message):
    with pytest.raises(ValueError, match=message):
        METRICS["cka_debiased"](x, y)


def test_measure_alignment_table(trained, pairs):
    table = metrics.measure_alignment(trained, pairs, samples=100)
    assert list(table.columns[:6]) == ["dataset", "strength", "seed", "split", "metric", "value"]
    assert len(table) == 9 * len(METRICS)
    assert set(table["n"]) == {100}
    knn = table[table["metric"] == "mutual_knn_k10"]
    assert knn["chance"].unique() == pytest.approx([10 / 99])
    rows = pairs.rows("test")[:100]
    a, b = (trained.embed(m, x[rows])[5] for m, x in pairs.inputs.items())
    strength, seed, _ = trained.models[5]
    found = table.query("strength == @strength and seed == @seed").set_index("metric")["value"]
    assert found["cka_debiased"] == pytest.approx(METRICS["cka_debiased"](a, b))
