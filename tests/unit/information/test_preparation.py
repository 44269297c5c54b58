import numpy as np

from alignsweep.information.preparation import cluster, standardise


def test_standardise_by_the_fitted_rows_and_keep_constant_columns_finite(rng):
    x = np.c_[rng.normal(5, 3, 100), np.full(100, 7.0)]
    fit = np.arange(60)
    z = standardise(x, fit)
    np.testing.assert_allclose(z[fit].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z[fit, 0].std(), 1)
    assert (z[:, 1] == 0).all()


def test_clusters_of_fewer_distinct_points_than_clusters(rng):
    x = np.repeat(np.eye(3), 10, axis=0)
    found = cluster(x, np.arange(30), 5, rng)
    assert len(np.unique(found)) == 3
    assert all(len(set(found[i : i + 10])) == 1 for i in (0, 10, 20))
