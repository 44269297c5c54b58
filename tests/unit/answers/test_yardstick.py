"""Encoders at strength 0 against plain models on the inputs."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up import CURVES, facts, table

from alignsweep.answers import page, recommendation, yardstick
from alignsweep.selection import optimum, uses


def plain(a, b, seeds=6, metric="accuracy"):
    return pd.DataFrame(
        [
            {"dataset": "toy-a-b", "seed": k, "modality": m, "split": split, "metric": metric,
             "value": value, "n": 1000, "penalty": 0.1}
            for m, value in (("a", a), ("b", b), ("a+b", 0.9))
            for k in range(seeds) for split in ("validation", "test")
        ]
    )  # fmt: skip


def advise(baseline, **options):
    scores = table(**options)
    best, found = optimum.recommend(scores), uses.uses(scores)
    gains = optimum.gains(scores)
    return recommendation.advise(scores, gains, best, found, facts(), baseline=baseline)


def test_an_encoder_that_is_clearly_worse_is_warned_of_and_no_other():
    found = advise(plain(0.53, 0.45))
    assert [row["modality"] for row in found["encoders"]] == ["a", "b"]  # fused is not scored
    first, second = found["encoders"]
    assert (first["worse"], second["worse"]) == (True, False)
    assert first["inputs"] == pytest.approx(0.53)
    assert first["difference"] == pytest.approx(-0.03, abs=0.001)
    assert first["low"] < first["difference"] < first["high"]
    said = [w for w in found["warnings"] if "clearly worse" in w]
    assert len(said) == 1
    assert said[0].startswith("a: at strength 0 the encoder is clearly worse than a plain logistic")
    text = page.markdown(found, "x.svg")
    assert "## Are the encoders any good?\n\n| | plain logistic regression on the inputs |" in text
    assert "| b | 45.0 % | 50.0 % | +5.0 points [+4." in text
    assert said[0] in text


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        (0.504, {}),  # within the margin
        (0.53, {"noise": 0.05}),  # not beyond doubt
        (0.53, {"seeds": 2}),  # of too few seeds
    ],
)
def test_what_is_not_clear_is_not_warned_of(inputs, options):
    found = advise(plain(inputs, 0.4), **options)
    assert not any("clearly worse" in w for w in found["warnings"])
    assert len(found["encoders"]) == 2


def test_without_plain_models_the_page_says_nothing_of_it():
    found = advise(None)
    assert found["encoders"] == []
    assert "any good" not in page.markdown(found, "x.svg")


def test_of_numbers_it_is_ridge_regression():
    found = advise(plain(0.6, 0.6, metric="correlation"), metric="correlation")
    said = [w for w in found["warnings"] if "clearly worse" in w]
    assert len(said) == 2
    assert "a plain ridge regression on the inputs (-0.100 [" in said[0]


def test_both_together_and_seeds_that_both_have():
    scores = table()
    fused = scores[scores["modality"] == "a"].assign(modality="a+b", use="fused", value=0.8)
    scores = pd.concat([scores.assign(use="unimodal"), fused])
    scores.loc[(scores["seed"] == 5) & (scores["modality"] == "b"), "value"] = np.nan
    rows = yardstick.compare(scores, plain(0.4, 0.4, seeds=9))
    assert [row["modality"] for row in rows] == ["a", "b", "a+b"]
    assert rows[1]["encoders"] == pytest.approx(CURVES["b"]["0"], abs=0.002)
    (said,) = yardstick.sentences(rows)
    assert said.startswith("a+b: at strength 0 a probe on both embeddings is clearly worse")


def test_one_seed_has_no_interval_and_can_be_written_all_the_same():
    rows = yardstick.compare(table(), plain(0.4, 0.4, seeds=1))
    assert (rows[0]["low"], rows[0]["worse"]) == (None, False)
    assert "points [one seed] |" in yardstick.table(rows)
    json.dumps(rows, allow_nan=False)


def test_where_all_diverged_there_is_nothing_to_compare():
    scores = table().assign(value=np.nan)
    assert yardstick.compare(scores, plain(0.5, 0.5)) == []
