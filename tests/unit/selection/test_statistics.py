import numpy as np
import pytest
from scipy import stats

from alignsweep.selection.statistics import Mean, holm, nearest, paired


def test_it_is_the_paired_t_test(rng):
    differences = rng.normal(0.3, 1, 7)
    found = paired(differences)
    expected = stats.ttest_1samp(differences, 0)
    interval = expected.confidence_interval()
    assert (found.value, found.seeds) == (pytest.approx(differences.mean()), 7)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_what_is_missing_is_left_out():
    assert paired(np.array([1.0, np.nan, 2.0])) == paired(np.array([1.0, 2.0]))
    assert paired(np.array([np.nan])).seeds == 0
    alone = paired(np.array([0.4]))
    assert (alone.value, alone.seeds) == (0.4, 1)
    assert np.isnan([alone.low, alone.high, alone.p_value]).all()


def test_seeds_that_differ_by_the_same_one_sample_are_no_proof():
    """Two, three or five seeds, each with one of 28 samples more: today p = 0."""
    for seeds in (2, 3, 5):
        found = paired(np.full(seeds, 1 / 28), 1 / 28)
        assert found.p_value > 0.05
        assert not found.positive
        assert found.low < 0 < found.high


def test_a_constant_difference_without_a_resolution_has_no_interval():
    found = paired(np.full(4, 0.25))
    assert found.value == 0.25
    assert np.isnan([found.low, found.p_value]).all()
    assert not found.positive


def test_no_difference_in_any_seed_is_exactly_none():
    assert paired(np.zeros(4), 0.01) == Mean(0.0, 0.0, 0.0, 1.0, 4)
    assert paired(np.zeros(4)).within(1e-9)


def test_a_verdict_needs_three_seeds():
    sure = Mean(0.1, 0.09, 0.11, 0.001, 2)
    assert not sure.positive
    assert sure._replace(seeds=3).positive
    assert sure._replace(seeds=3).below(0.12)
    assert not sure._replace(seeds=3).below(0.1)
    assert Mean(-0.1, -0.11, -0.09, 0.001, 3).negative
    assert not Mean(0.0, -0.001, 0.001, 1.0, 2).within(0.1)


def test_holm_steps_down():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.6, np.nan, 0.7])), [1, np.nan, 1])


def test_the_nearest_strength():
    assert nearest(["0.4", "0.8", "1.2"], "1") == "0.8"
    assert nearest(["2", "0.4"], "1") == "0.4"
