import numpy as np
import pytest
from scipy import stats

from alignsweep.selection.statistics import Mean, best_of, holm, judged, nearest, paired


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
    assert paired(np.zeros(4), 0.01)[:5] == (0.0, 0.0, 0.0, 1.0, 4)
    assert paired(np.zeros(4)).within(1e-9)


def mean(value, low, high, seeds):
    return Mean(value, low, high, 0.001, seeds, low, high, 0.01, 0.01, 0.0)


def test_a_verdict_needs_three_seeds():
    sure = mean(0.1, 0.09, 0.11, 2)
    assert not sure.positive
    assert sure._replace(seeds=3).positive
    assert sure._replace(seeds=3).below(0.12)
    assert not sure._replace(seeds=3).below(0.1)
    assert mean(-0.1, -0.11, -0.09, 3).negative
    assert not mean(0.0, -0.001, 0.001, 2).within(0.1)


def test_holm_steps_down():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.6, np.nan, 0.7])), [1, np.nan, 1])


def test_the_nearest_strength():
    assert nearest(["0.4", "0.8", "1.2"], "1") == "0.8"
    assert nearest(["2", "0.4"], "1") == "0.4"


def crossed_draw(rng, seeds=5, units=60, size=1, effect=0.0, spread=(0.05, 0.3, 0.5)):
    """Differences of seeds on shared test samples, in groups: seed + group + sample noise."""
    of_seed, of_group, of_sample = spread
    groups = np.repeat(np.arange(units), size)
    shared = rng.normal(0, of_group, units)[groups]
    samples = [
        effect + rng.normal(0, of_seed) + shared + rng.normal(0, of_sample, units * size)
        for _ in range(seeds)
    ]
    return np.array([s.mean() for s in samples]), samples, [groups] * seeds


def coverage(draw, trials=400, **options):
    found = []
    for _ in range(trials):
        differences, samples, units = draw()
        mean = judged(differences, samples, units, **options)
        found.append(mean.low <= 0 <= mean.high)
    return np.mean(found)


@pytest.mark.parametrize("size", [1, 6])
def test_seeds_crossed_with_samples_cover_a_new_test_set(rng, size):
    """The t interval over seeds, which share samples or groups of them, does not."""

    def draw():
        return crossed_draw(rng, size=size)

    assert 0.92 <= coverage(draw, crossed=True) <= 0.98
    alone = [paired(draw()[0]) for _ in range(400)]
    assert np.mean([m.low <= 0 <= m.high for m in alone]) < 0.85


def test_seeds_with_data_of_their_own_need_no_more_than_the_t_interval(rng):
    def draw():
        own = [crossed_draw(rng, seeds=1, spread=(0.2, 0.3, 0.5)) for _ in range(6)]
        differences, samples, units = ([found[part][0] for found in own] for part in range(3))
        return np.array(differences), samples, units

    assert 0.92 <= coverage(draw, crossed=False) <= 0.98


def test_what_the_uncertainty_is_made_of(rng):
    found = judged(*crossed_draw(rng, seeds=40, units=400, spread=(0.2, 0.4, 0.1)), crossed=True)
    assert found.sd_seed == pytest.approx(0.2, rel=0.25)
    assert found.sd_data == pytest.approx(0.4 / 20, rel=0.15)
    assert found.sd_test == pytest.approx((0.4**2 + 0.1**2) ** 0.5 / 20, rel=0.15)
    assert found.low < found.seed_low < found.seed_high < found.high


def test_seeds_that_agree_by_chance_are_as_unsure_as_their_test_samples():
    """Three seeds of 100 samples, each better by 10 of them, worse by 8."""
    one = np.zeros(100)
    one[:10], one[10:18] = 1, -1
    found = judged(np.full(3, 0.02), [one, np.roll(one, 9), np.roll(one, 50)], None, crossed=False)
    assert found.sd_seed == 0
    assert found.sd_test == pytest.approx(0.042, abs=0.001)
    assert not found.positive


def test_how_likely_each_is_the_best(rng):
    values = rng.normal(0, 0.01, (8, 1)) + np.array([0.0, 0.02, 0.02]) + rng.normal(0, 0.01, (8, 3))
    chances = best_of(values)
    assert chances.sum() == pytest.approx(1)
    assert chances[0] < 0.05
    np.testing.assert_array_equal(best_of(np.tile([0.0, 1.0], (3, 1))), [0, 1])


def test_nine_of_ten_sets_hold_the_optimum(rng):
    """Where the curve is shallow: the least set that has nine tenths of the chances."""
    truth, held = np.array([0.0, 0.004, 0.006, 0.004, -0.01]), 0
    for _ in range(300):
        chances = best_of(truth + rng.normal(0, 0.01, (8, 5)))
        reached = np.cumsum(chances)
        low, high = np.searchsorted(reached, [0.05, 0.95])
        held += low <= 2 <= high
    assert held / 300 > 0.87
