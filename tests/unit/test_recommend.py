import numpy as np
import pandas as pd
import pytest
from scipy import stats

from alignsweep import recommend


def scores(curve, noise=0.001, seeds=5, metric="accuracy", validation=None):
    """A probe table whose mean at each strength is given, with noise shared by a seed."""
    rng = np.random.default_rng(0)
    rows = []
    for seed in range(seeds):
        level = rng.normal(0, 0.05)  # seeds differ much; differences within a seed do not
        for strength, mean in curve.items():
            for split in ("validation", "test"):
                center = (validation or curve)[strength] if split == "validation" else mean
                value = center + level + rng.normal(0, noise)
                rows.append(("toy-x", strength, seed, "a", split, metric, value))
    columns = ["dataset", "strength", "seed", "modality", "split", "metric", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_columns_come_in_the_agreed_order():
    table = recommend.recommend(scores({"0": 0.5, "1": 0.6}))
    assert list(table.columns) == [
        *("dataset", "modality", "metric", "optimum", "baseline", "score"),
        *("gain", "gain_low", "gain_high", "p_value", "verdict"),
        *("optimum_low", "optimum_high", "plateau", "usual", "cost", "cost_low", "cost_high"),
    ]


@pytest.mark.parametrize(
    ("curve", "optimum", "verdict"),
    [
        ({"0": 0.5, "0.4": 0.55, "2": 0.45}, "0.4", "align"),
        ({"0": 0.5, "0.4": 0.48, "2": 0.40}, "0", "do not align"),
        ({"0": 0.5, "0.4": 0.5, "2": 0.5}, None, "indifferent"),
    ],
)
def test_verdicts(curve, optimum, verdict):
    row = recommend.recommend(scores(curve)).iloc[0]
    assert row["verdict"] == verdict
    if optimum is not None:
        assert row["optimum"] == optimum
        assert row["gain"] == pytest.approx(curve[optimum] - 0.5, abs=0.003)
        assert row["gain_low"] <= row["gain"] <= row["gain_high"]


def test_the_optimum_is_chosen_on_validation_and_scored_on_test():
    test, validation = {"0": 0.5, "1": 0.4, "2": 0.9}, {"0": 0.5, "1": 0.7, "2": 0.6}
    row = recommend.recommend(scores(test, validation=validation)).iloc[0]
    assert row["optimum"] == "1"
    assert row["gain"] == pytest.approx(-0.1, abs=0.003)
    assert row["score"] - row["baseline"] == pytest.approx(-0.1, abs=0.003)


def test_without_an_effect_the_gain_is_not_biased_and_align_is_rarely_said():
    """Strengths differ by noise that validation and test share, as they share the models."""
    rng = np.random.default_rng(0)
    strengths, trials, seeds = [str(i) for i in range(9)], 120, 5
    rows = []
    for trial in range(trials):
        model = rng.normal(0, 0.005, (seeds, 9))
        for split in ("validation", "test"):
            value = 0.6 + model + rng.normal(0, 0.001, (seeds, 9))
            for seed in range(seeds):
                for s, strength in enumerate(strengths):
                    cell = (f"trial-{trial}", strength, seed, "a", split, "accuracy")
                    rows.append((*cell, value[seed, s]))
    columns = ["dataset", "strength", "seed", "modality", "split", "metric", "value"]
    found = recommend.recommend(pd.DataFrame(rows, columns=columns))
    error = found["gain"].std() / np.sqrt(trials)
    assert abs(found["gain"].mean()) < 3 * error
    assert (found["verdict"] == "align").mean() < 0.07


def test_a_gain_is_positive_when_better_also_where_lower_is_better():
    row = recommend.recommend(scores({"0": 0.5, "1": 0.4}, metric="cross_entropy")).iloc[0]
    assert row["optimum"] == "1"
    assert row["gain"] == pytest.approx(0.1, abs=0.003)
    assert row["verdict"] == "align"


def test_gains_are_paired_by_seed():
    table = scores({"0": 0.5, "1": 0.51, "2": 0.49}, noise=0.002)
    gains = recommend.gains(table).set_index("strength")
    test = table[table["split"] == "test"].pivot_table(
        index="seed", columns="strength", values="value"
    )
    for strength in ("1", "2"):
        expected = stats.ttest_rel(test[strength], test["0"])
        interval = expected.confidence_interval()
        assert gains.loc[strength, "gain_low"] == pytest.approx(interval.low)
        assert gains.loc[strength, "gain_high"] == pytest.approx(interval.high)
        assert gains.loc[strength, "p_value"] >= expected.pvalue
    assert gains.loc["0", ["gain", "gain_low", "gain_high", "p_value"]].tolist() == [0, 0, 0, 1]


def test_holm_steps_down():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(recommend.holm(p), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(recommend.holm(np.array([0.6, np.nan, 0.7])), [1, np.nan, 1])


def test_a_diverged_model_leaves_its_pair_out():
    table = scores({"0": 0.5, "1": 0.6})
    table.loc[(table["strength"] == "1") & (table["seed"] == 0), "value"] = np.nan
    gains = recommend.gains(table).set_index("strength")
    assert gains.loc["1", "seeds"] == 4
    assert gains.loc["1", "gain"] == pytest.approx(0.1, abs=0.003)


@pytest.mark.parametrize("gone", [[0], [0, 1, 2, 3, 4]])
def test_a_strength_that_diverges_in_a_seed_is_not_the_optimum(gone):
    table = scores({"0": 0.5, "1": 0.6, "2": 0.55})
    table.loc[(table["strength"] == "1") & table["seed"].isin(gone), "value"] = np.nan
    row = recommend.recommend(table).iloc[0]
    assert row["optimum"] == "2"
    assert row["verdict"] == "align"


def test_a_dataset_on_which_everything_diverged_has_no_optimum():
    table = scores({"0": 0.5, "1": 0.6})
    table["value"] = np.nan
    row = recommend.recommend(table).iloc[0]
    assert row["optimum"] is None
    assert np.isnan(row["gain"])
    assert row["verdict"] == "indifferent"


def test_the_plateau_is_what_cannot_be_told_from_the_optimum():
    curve = {"0": 0.5, "0.2": 0.5995, "0.4": 0.6, "0.8": 0.5995, "1": 0.55, "2": 0.4}
    row = recommend.recommend(scores(curve)).iloc[0]
    assert row["plateau"] == "0.2 0.4 0.8"


def test_the_cost_of_the_usual_strength():
    row = recommend.recommend(scores({"0": 0.5, "0.4": 0.6, "1": 0.55, "2": 0.4})).iloc[0]
    assert (row["usual"], row["cost"]) == ("1", pytest.approx(0.05, abs=0.003))
    assert row["cost_low"] < row["cost"] < row["cost_high"]
    assert recommend.recommend(scores({"0": 0.5, "0.8": 0.6, "2": 0.5})).iloc[0]["usual"] == "0.8"


def test_how_densely_strengths_are_tried_does_not_change_the_verdict():
    """A loss beyond the usual strengths, however often it is looked at, is no reason against."""
    curve = {"0": 0.5, "0.5": 0.5, "1": 0.5} | {str(k): 0.3 for k in range(2, 12)}
    assert recommend.recommend(scores(curve)).iloc[0]["verdict"] == "indifferent"


def test_the_baseline_is_needed():
    with pytest.raises(ValueError, match="toy-x, a: strength 0 is missing"):
        recommend.gains(scores({"1": 0.5, "2": 0.5}))
