import numpy as np
import pytest

from alignsweep.metrics import METRICS


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


@pytest.mark.parametrize("n", [12, 200])
@pytest.mark.parametrize("name", ["rsa_pearson", "rsa_spearman"])
def test_equal_distances_have_no_correlation(name, n, rng):
    corners = np.eye(n)  # all at distance sqrt(2)
    turned = corners @ np.linalg.qr(rng.standard_normal((n, n)))[0]  # but for rounding
    other = rng.standard_normal((n, 5))
    for x, y in ((corners, corners), (turned, turned), (turned, other), (other, turned)):
        with pytest.raises(ValueError, match=rf"{name}: .*: the value is not defined"):
            METRICS[name](x, y)
