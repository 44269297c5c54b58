import math

import pandas as pd
import pytest

from alignsweep import scores
from alignsweep.probe import scoring, uses

ACCURACY, LOSS = scores.SCORES["accuracy"], scores.SCORES["cross_entropy"]


@pytest.mark.parametrize(
    ("score", "value", "said"),
    [
        (ACCURACY, 0.6125, "61.3 %"),
        (ACCURACY, 1.0, "100.0 %"),
        (LOSS, 1.23456, "1.235"),
        (scores.SCORES["correlation"], -0.4127, "-0.413"),
    ],
)
def test_a_value_in_words(score, value, said):
    assert score.say(value) == said


@pytest.mark.parametrize(
    ("score", "values", "said"),
    [
        (ACCURACY, (0.0125, -0.004, 0.03), "+1.2 points [-0.4, +3.0]"),
        (ACCURACY, (-0.02, -0.03, -0.01), "-2.0 points [-3.0, -1.0]"),
        (LOSS, (-0.0214, -0.03, 0.0), "-0.021 [-0.030, +0.000]"),
        (ACCURACY, (0.0125, None, None), "+1.2 points [one seed]"),
        (ACCURACY, (0.0125, math.nan, math.nan), "+1.2 points [one seed]"),
        (LOSS, (0.5, None, None), "+0.500 [one seed]"),
        (LOSS, (None, None, None), "not known, since training diverged there"),
    ],
)
def test_a_change_in_words(score, values, said):
    assert score.change(*values) == said


def test_which_way_is_better():
    worse = {name for name, score in scores.SCORES.items() if score.sign < 0}
    assert worse == {"cross_entropy", "mae", "median_rank"}


def test_shares_of_samples_are_counted():
    counted = {name for name, score in scores.SCORES.items() if score.counted}
    assert counted == {"accuracy", "macro_f1", "sign_accuracy", "recall_at_1", "recall_at_5"}


def test_the_headlines_stand_for_their_tasks():
    assert scores.HEADLINES == ["accuracy", "correlation", "recall_at_1"]
    table = pd.DataFrame({"metric": ["accuracy", "mae", "correlation"], "value": [1, 2, 3]})
    assert scores.headline(table)["value"].tolist() == [1, 3]
    named = table.assign(use=["fused", "unimodal", "unimodal"])
    assert scores.headline(named)["value"].tolist() == [3]
    assert scores.headline(named, "fused")["value"].tolist() == [1]


def test_the_mean_of_two_has_a_name():
    assert scores.together("unimodal", ("x", "y")) == "both"
    assert scores.together("transfer", ("x>y", "y>x")) == "x<>y"
    assert scores.together("fused", ("x+y",)) is None


def test_every_use_is_scored():
    assert set(scores.USES) == set(uses.SCORERS)


def test_every_task_that_has_scores_is_scored():
    assert set(scores.OF_TASK) == set(scoring.SCORING)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((-0.021, -0.0003), "-1.0 points [-2.1, -0.03]"),
        ((-0.021, 0.0003), "-1.0 points [-2.1, +0.03]"),
        ((-0.021, 0.0), "-1.0 points [-2.1, +0.0]"),
        ((-0.021, -1e-9), "-1.0 points [-2.1, +0.0]"),
    ],
)
def test_an_end_near_0_shows_on_which_side_it_is(ends, said):
    assert scores.SCORES["accuracy"].change(-0.01, *ends) == said
