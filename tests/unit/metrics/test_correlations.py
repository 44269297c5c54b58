import numpy as np
import pytest

from alignsweep.metrics import METRICS, UndefinedError, correlations


def test_values_of_independent_code(reference, reference_inputs):
    x, y = reference_inputs("raw")
    checks = reference["numpy_cross_checks_float64"]
    assert METRICS["cca_mean"](x, y) == pytest.approx(
        checks["cca canonical correlations, full rank 16: mean"], abs=1e-9
    )
    exact = [value for name, value in checks.items() if name.startswith("svcca exact")]
    found = correlations.svcca(x, y, dim=10, standardise=True)
    assert found == pytest.approx(exact[0], abs=1e-9)


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


@pytest.mark.parametrize("name", ["cca_mean", "pwcca"])
def test_canonical_correlations_of_too_few_rows_are_refused(name, rng):
    x, y = rng.standard_normal((2, 20, 12))
    message = rf"{name}: x \(20, 12\), y \(20, 12\): 20 rows, 12 and 12 directions; needed: more"
    with pytest.raises(UndefinedError, match=message):
        METRICS[name](x, y)
    with pytest.raises(UndefinedError, match=message):
        METRICS[name].chance(x, y)


@pytest.mark.parametrize("name", ["cca_mean", "pwcca", "svcca_dim10"])
def test_rounding_is_no_direction(name, rng):
    """Three directions that x and y share, in twenty columns each."""
    common = rng.standard_normal((400, 3))
    x, y = common @ rng.standard_normal((2, 3, 20))
    assert METRICS[name](x, y) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", ["cca_mean", "pwcca", "svcca_dim10"])
@pytest.mark.parametrize(("dtype", "scale"), [(np.float16, 20), (np.float32, 1e5)])
def test_low_precision_loses_no_direction(name, dtype, scale, rng):
    """The narrow columns are data, though the tolerance of their own precision is above them."""
    x = rng.standard_normal((400, 12))
    y = x + rng.standard_normal((400, 12))
    x[:, 0] *= scale
    x, y = x.astype(dtype), y.astype(dtype)
    assert METRICS[name](x, y) == METRICS[name](x.astype(np.float64), y.astype(np.float64))
