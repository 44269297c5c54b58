"""Plain models on the raw inputs."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from alignsweep import baseline
from alignsweep.data import digits
from alignsweep.data.store import SPLITS, Pairs, split_codes


@pytest.fixture(scope="module")
def halves():
    return digits.load(pair="left-right", train=200, validation=300)


def value(table, **wanted):
    for column, one in wanted.items():
        table = table[table[column] == one]
    return table["value"].item()


def test_it_is_scikit_learns_with_the_penalty_that_is_best_on_validation(halves, monkeypatch):
    monkeypatch.setattr(baseline, "PENALTIES", (1.0, 0.01, 0.001))
    found = baseline.baseline(halves, [2])
    draw = halves.draw(2)
    for modality in ("left", "left+right"):
        parts = [draw.inputs[m].reshape(1797, -1) for m in modality.split("+")]
        x, y = np.hstack(parts), draw.labels
        rows = {s: draw.rows(s) for s in SPLITS}
        x = StandardScaler().fit(x[rows["train"]]).transform(x)
        known = x[rows["train"]], y[rows["train"]]
        models = [LogisticRegression(C=1 / (200 * p), max_iter=1000) for p in baseline.PENALTIES]
        fits = [model.fit(*known) for model in models]
        losses = [log_loss(y[rows["validation"]], f.predict_proba(x[rows["validation"]]))
                  for f in fits]  # fmt: skip
        best = int(np.argmin(losses))
        own = found[found["modality"] == modality]
        assert set(own["penalty"]) == {baseline.PENALTIES[best]}
        expected = fits[best].score(x[rows["test"]], y[rows["test"]])
        assert value(own, split="test", metric="accuracy") == pytest.approx(expected, abs=0.003)
        assert value(own, split="validation", metric="cross_entropy") == pytest.approx(
            min(losses), rel=0.01
        )


def test_numbers_are_predicted_by_ridge_regression(rng):
    x = {m: rng.normal(size=(90, 4)) for m in "ab"}
    y = x["a"][:, 0] + x["b"][:, 0] + rng.normal(size=90) / 10
    pairs = Pairs("sums", x, y, split_codes(30, 30, 30), None)
    found = baseline.baseline(pairs, range(2))
    test = found[(found["split"] == "test") & (found["metric"] == "correlation")]
    by = test[test["seed"] == 0].set_index("modality")["value"]
    assert by["a+b"] > 0.95 > max(by["a"], by["b"]) > 0.4
    z = StandardScaler().fit(x["a"][:30]).transform(x["a"])
    penalty = found.query("modality == 'a'")["penalty"].iloc[0]
    predicted = Ridge(alpha=30 * penalty).fit(z[:30], y[:30]).predict(z[60:])
    assert by["a"] == pytest.approx(np.corrcoef(predicted, y[60:])[0, 1])


def test_seeds_have_the_draws_of_the_study_and_shared_data_are_fitted_once(halves, monkeypatch):
    apart = baseline.baseline(halves, range(2))
    accuracy = apart[(apart["split"] == "test") & (apart["metric"] == "accuracy")]
    assert accuracy.groupby("modality")["value"].nunique().min() == 2
    calls = []
    fit = baseline._best
    monkeypatch.setattr(baseline, "_best", lambda *a: calls.append(a) or fit(*a))
    shared = baseline.baseline(dataclasses.replace(halves.draw(0)), range(3))
    assert len(calls) == 3  # one per modality, and both
    assert list(shared["seed"].unique()) == [0, 1, 2]
    assert shared.groupby(["modality", "split", "metric"])["value"].nunique().max() == 1


def test_a_class_without_training_samples_is_not_predicted(rng):
    y = np.array([0, 1] * 15 + [0, 1, 2] * 10 + [0, 1, 2] * 10)
    x = {m: rng.normal(size=(90, 3)) + y[:, None] for m in "ab"}
    pairs = Pairs("lacks", x, y, split_codes(30, 30, 30), 3)
    found = baseline.baseline(pairs, [0])
    assert found["value"].notna().all()
    assert value(found, split="test", metric="accuracy", modality="a") <= 2 / 3
