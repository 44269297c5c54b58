import pytest

from alignsweep.metrics import pairwise


def test_median_distance_by_histogram_equals_the_exact_one(rng, monkeypatch):
    x = rng.standard_normal((501, 4))
    exact = pairwise.median_distance(x)
    monkeypatch.setattr(pairwise, "EXACT_MEDIAN_N", 0)
    assert pairwise.median_distance(x) == pytest.approx(exact, rel=1e-4)
