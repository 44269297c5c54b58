import numpy as np
import pandas as pd
import pytest
from scipy import stats

from alignsweep.selection import optimum
from alignsweep.selection.winners import Choice

COLUMNS = [
    *("dataset", "alignment", "strength", "seed", "modality", "split", "metric", "value", "n"),
]


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
                rows.append(("toy-x", "infonce", strength, seed, "a", split, metric, value, 4000))
    return pd.DataFrame(rows, columns=COLUMNS)


def test_columns_come_in_the_agreed_order():
    table = optimum.recommend(scores({"0": 0.5, "1": 0.6}))
    assert list(table.columns) == [
        *("dataset", "alignment", "modality", "metric", "optimum", "baseline", "score"),
        *("gain", "gain_low", "gain_high", "p_value", "verdict", "seeds", "use"),
        *("optimum_low", "optimum_high", "plateau", "best", "best_gain", "best_low", "best_high"),
        *("usual", "usual_gain", "usual_low", "usual_high", "cost", "cost_low", "cost_high"),
        *("seed_low", "seed_high", "sd_seed", "sd_test", "sd_data"),
        *("interval", "n_splits", "n_groups", "detectable", "margin"),
        *("control", "pairing_gain", "pairing_low", "pairing_high"),
        *("gain_fixed_epochs", "fixed_low", "fixed_high", "epoch", "baseline_epoch"),
    ]


@pytest.mark.parametrize(
    ("curve", "best", "verdict"),
    [
        ({"0": 0.5, "0.4": 0.55, "2": 0.45}, "0.4", "align"),
        ({"0": 0.5, "0.2": 0.48, "2": 0.40}, "0", "do not align"),
        ({"0": 0.5, "0.4": 0.48, "2": 0.40}, "0", "cannot be told"),  # is a weaker one better?
        ({"0": 0.5, "0.4": 0.5, "2": 0.5}, None, "no difference"),
        ({"0": 0.5, "0.4": 0.504, "2": 0.5}, None, "cannot be told"),
    ],
)
def test_verdicts(curve, best, verdict):
    noise = 0.01 if best is None and verdict == "cannot be told" else 0.001
    row = optimum.recommend(scores(curve, noise)).iloc[0]
    assert row["verdict"] == verdict
    if best is not None:
        assert row["optimum"] == best
        assert row["gain"] == pytest.approx(curve[best] - 0.5, abs=0.003)
        assert row["gain_low"] <= row["gain"] <= row["gain_high"]


def test_the_optimum_is_chosen_on_validation_and_scored_on_test():
    test, validation = {"0": 0.5, "1": 0.4, "2": 0.9}, {"0": 0.5, "1": 0.7, "2": 0.6}
    row = optimum.recommend(scores(test, validation=validation)).iloc[0]
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
                    cell = (f"trial-{trial}", "infonce", strength, seed, "a", split, "accuracy")
                    rows.append((*cell, value[seed, s], 4000))
    found = optimum.recommend(pd.DataFrame(rows, columns=COLUMNS))
    error = found["gain"].std() / np.sqrt(trials)
    assert abs(found["gain"].mean()) < 3 * error
    assert (found["verdict"] == "align").mean() < 0.07


def test_a_gain_is_positive_when_better_also_where_lower_is_better():
    row = optimum.recommend(scores({"0": 0.5, "1": 0.4}, metric="cross_entropy")).iloc[0]
    assert row["optimum"] == "1"
    assert row["gain"] == pytest.approx(0.1, abs=0.003)
    assert row["verdict"] == "align"


def test_gains_are_paired_by_seed():
    table = scores({"0": 0.5, "1": 0.51, "2": 0.49}, noise=0.002)
    gains = optimum.gains(table).set_index("strength")
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


def test_a_diverged_model_leaves_its_pair_out():
    table = scores({"0": 0.5, "1": 0.6})
    table.loc[(table["strength"] == "1") & (table["seed"] == 0), "value"] = np.nan
    gains = optimum.gains(table).set_index("strength")
    assert gains.loc["1", "seeds"] == 4
    assert gains.loc["1", "gain"] == pytest.approx(0.1, abs=0.003)


@pytest.mark.parametrize("gone", [[0], [0, 1, 2, 3, 4]])
def test_a_strength_that_diverges_in_a_seed_is_not_the_optimum(gone):
    table = scores({"0": 0.5, "1": 0.6, "2": 0.55})
    table.loc[(table["strength"] == "1") & table["seed"].isin(gone), "value"] = np.nan
    row = optimum.recommend(table).iloc[0]
    assert row["optimum"] == "2"
    assert row["verdict"] == "align"


def test_a_dataset_on_which_everything_diverged_has_no_optimum():
    table = scores({"0": 0.5, "1": 0.6})
    table["value"] = np.nan
    row = optimum.recommend(table).iloc[0]
    assert row["optimum"] is None
    assert np.isnan(row["gain"])
    assert row["verdict"] == "cannot be told"


def test_the_plateau_is_what_cannot_be_told_from_the_optimum():
    curve = {"0": 0.5, "0.2": 0.5995, "0.4": 0.6, "0.8": 0.5995, "1": 0.55, "2": 0.4}
    row = optimum.recommend(scores(curve)).iloc[0]
    assert row["plateau"] == "0.2 0.4 0.8"


def test_the_cost_of_the_usual_strength():
    row = optimum.recommend(scores({"0": 0.5, "0.4": 0.6, "1": 0.55, "2": 0.4})).iloc[0]
    assert (row["usual"], row["cost"]) == ("1", pytest.approx(0.05, abs=0.003))
    assert row["cost_low"] < row["cost"] < row["cost_high"]
    assert optimum.recommend(scores({"0": 0.5, "0.8": 0.6, "2": 0.5})).iloc[0]["usual"] == "0.8"


def test_how_densely_strengths_are_tried_does_not_change_the_verdict():
    """A loss beyond the usual strengths, however often it is looked at, is no reason against."""
    curve = {"0": 0.5, "0.5": 0.5, "1": 0.5} | {str(k): 0.3 for k in range(2, 12)}
    assert optimum.recommend(scores(curve)).iloc[0]["verdict"] == "no difference"


def test_the_baseline_is_needed():
    with pytest.raises(ValueError, match="toy-x: strength 0 is missing"):
        optimum.gains(scores({"1": 0.5, "2": 0.5}))


def with_b(a, b):
    """Put the scores of two modalities together, of the same seeds."""
    return pd.concat([a, b.assign(modality="b")], ignore_index=True)


def test_both_stands_for_one_strength_for_the_two_encoders():
    table = with_b(scores({"0": 0.5, "1": 0.6}), scores({"0": 0.5, "1": 0.44}))
    found = optimum.recommend(table).set_index("modality")
    assert list(found.index) == ["a", "b", "both"]
    assert found.loc["both", "gain"] == pytest.approx(0.02, abs=0.003)
    gains = optimum.gains(table).set_index(["modality", "strength"])["gain"]
    assert gains["both", "1"] == pytest.approx((gains["a", "1"] + gains["b", "1"]) / 2)


def test_alignments_are_compared_with_their_own_baseline():
    one, other = scores({"0": 0.5, "0.1": 0.5, "1": 0.6}), scores({"0": 0.7, "0.1": 0.65, "1": 0.6})
    table = pd.concat([one, other.assign(alignment="other")], ignore_index=True)
    found = optimum.recommend(table).set_index("alignment")
    assert found["verdict"].to_dict() == {"infonce": "align", "other": "do not align"}


def test_strength_0_is_in_the_plateau_unless_aligning_gains():
    """The optimum beats 0 on test by the selection alone: a verdict other than align has 0."""
    rng = np.random.default_rng(3)
    for trial in range(60):
        curve = {s: 0.5 + rng.normal(0, 0.004) for s in ("0", "0.2", "0.4", "1", "2")}
        row = optimum.recommend(scores(curve, noise=0.004)).iloc[0]
        assert ("0" in row["plateau"].split()) == (row["verdict"] != "align"), trial
        assert row["optimum"] in row["plateau"].split()


def test_the_usual_strength_is_never_0():
    row = optimum.recommend(scores({"0": 0.5, "2": 0.4})).iloc[0]
    assert (row["usual"], row["usual_gain"] < 0) == ("2", True)
    assert row["usual_high"] < 0


def test_a_gain_is_the_usual_strengths_gain_plus_its_cost():
    row = optimum.recommend(scores({"0": 0.5, "0.4": 0.6, "1": 0.55, "2": 0.4})).iloc[0]
    assert row["gain"] == pytest.approx(row["usual_gain"] + row["cost"])


def test_two_seeds_support_no_verdict():
    row = optimum.recommend(scores({"0": 0.5, "1": 0.9}, seeds=2)).iloc[0]
    assert (row["verdict"], row["seeds"]) == ("cannot be told", 2)


def test_a_seed_that_diverged_at_strength_0_is_left_out():
    table = scores({"0": 0.5, "1": 0.6})
    table.loc[(table["strength"] == "0") & (table["seed"] == 2), "value"] = np.nan
    row = optimum.recommend(table).iloc[0]
    assert (row["verdict"], row["optimum"], row["seeds"]) == ("align", "1", 4)
    assert (optimum.gains(table)["seeds"] == 4).all()


def test_every_strength_but_0_diverged():
    table = scores({"0": 0.5, "1": 0.6, "2": 0.7})
    table.loc[table["strength"] != "0", "value"] = np.nan
    row = optimum.recommend(table).iloc[0]
    assert (row["optimum"], row["best"], row["usual"]) == ("0", None, None)
    assert row["verdict"] == "cannot be told"


def test_a_search_is_judged_by_the_seeds_that_had_no_part_in_it():
    table = scores({"0": 0.5, "0.4": 0.6, "1": 0.55, "2": 0.4}, seeds=8)
    late = table["seed"] >= 3
    table.loc[late & (table["strength"] == "0.4"), "value"] -= 0.05
    table = table[~(late & (table["strength"] == "2"))]
    choice = Choice("0.4", "0.4", "0.2", "0.6", (3, 4, 5, 6, 7))
    grid = optimum.recommend(table[table["seed"] < 3]).iloc[0]
    row = optimum.recommend(table, {"infonce": {"unimodal": {"a": choice}}}).iloc[0]
    assert list(grid.index) == list(row.index)
    assert (row["seeds"], row["optimum_low"], row["optimum_high"]) == (5, "0.2", "0.6")
    assert row["gain"] == pytest.approx(0.05, abs=0.003)
    assert grid["gain"] == pytest.approx(0.1, abs=0.003)


def test_strengths_with_other_seeds_are_compared_by_their_changes():
    """Seeds differ by .05 and more; a strength that only good seeds have does not look good."""
    table = scores({"0": 0.5, "0.4": 0.5, "1": 0.5}, noise=0, seeds=6)
    level = table[(table["strength"] == "0") & (table["split"] == "test")].set_index("seed")
    best = level["value"].nlargest(2).index
    table = table[(table["strength"] != "0.4") | table["seed"].isin(best)]
    found = optimum.gains(table).set_index("strength")
    assert found.loc["0.4", "score"] == pytest.approx(found.loc["0", "score"])
    assert found.loc["0.4", "seeds"] == 2


def test_a_margin_of_ones_own():
    table = scores({"0": 0.5, "0.4": 0.5, "1": 0.5}, noise=0.004)
    assert optimum.recommend(table, margin=0.05).iloc[0]["verdict"] == "no difference"
    assert optimum.recommend(table, margin=0.0005).iloc[0]["verdict"] == "cannot be told"
