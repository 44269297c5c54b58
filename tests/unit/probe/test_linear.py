import dataclasses

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.linear_model import LogisticRegression, Ridge

from alignsweep import probe, sweep, tables


def test_linear_probe_table(trained, pairs):
    table = probe.linear_probe(trained, pairs)
    columns = ["dataset", "strength", "seed", "modality", "split", "metric", "value"]
    assert list(table.columns[:7]) == columns
    assert not table.duplicated(columns[:6]).any()
    assert len(table) == 9 * 2 * 3 * 3
    assert table["value"].notna().all()
    accuracy = table[(table["metric"] == "accuracy") & (table["split"] == "train")]["value"]
    assert accuracy.mean() > 0.4  # chance is 0.25


def test_the_probe_is_scikit_learns_on_the_standardised_embedding(trained, pairs):
    table = probe.linear_probe(trained, pairs, penalties=[0.01])
    train, test = (pairs.rows(s) for s in ("train", "test"))
    embedding = trained.embed("b", pairs.inputs["b"])[4]
    x = (embedding - embedding[train].mean(0)) / embedding[train].std(0)
    model = LogisticRegression(C=1 / (0.01 * len(train)), tol=1e-8, max_iter=5000)
    model.fit(x[train], pairs.labels[train])
    strength, seed, _ = trained.models[4]
    found = table.query(
        "strength == @strength and seed == @seed and modality == 'b' and split == 'test'"
    ).set_index("metric")["value"]
    score = model.score(x[test], pairs.labels[test])
    assert found["accuracy"] == pytest.approx(score, abs=1e-3 + 1 / len(test))
    loss = reference.log_loss(pairs.labels[test], model.predict_proba(x[test]))
    assert found["cross_entropy"] == pytest.approx(loss, abs=1e-4)


def test_a_diverged_model_has_no_score_and_the_others_theirs(trained, pairs, spoiled):
    whole = probe.linear_probe(trained, pairs)
    broken = spoiled([0])
    table = probe.linear_probe(broken, pairs)
    gone = (table["strength"] == "0") & (table["seed"] == 0)
    assert table.loc[gone, "value"].isna().all()
    assert (table.loc[gone, "diverged_at"] == 12).all()
    np.testing.assert_allclose(table.loc[~gone, "value"], whole.loc[~gone, "value"], atol=1e-9)


def test_when_every_model_diverged_every_score_is_missing(trained, pairs, spoiled):
    broken = spoiled(range(9))
    table = probe.linear_probe(broken, pairs)
    assert len(table) == 9 * 2 * 3 * 3
    assert table["value"].isna().all()


def test_numbers_are_probed_by_ridge_regression(pairs):
    numbers = dataclasses.replace(
        pairs, labels=pairs.inputs["a"][:, :3].sum(axis=1).astype(float), classes=None
    )
    trained = sweep.train(numbers, ["0", "1"], [0, 1], training=sweep.Training(epochs=80))
    table = probe.linear_probe(trained, numbers, penalties=[0.01])
    assert set(table["metric"]) == set(tables.PROBE_METRICS["regression"])
    train, test = (numbers.rows(s) for s in ("train", "test"))
    embedding = trained.embed("a", numbers.inputs["a"])[1]
    x = (embedding - embedding[train].mean(0)) / embedding[train].std(0)
    model = Ridge(alpha=0.01 * len(train)).fit(x[train], numbers.labels[train])
    found = table.query(
        "strength == '1' and seed == 0 and modality == 'a' and split == 'test'"
    ).set_index("metric")["value"]
    predicted = model.predict(x[test])
    mae = reference.mean_absolute_error(numbers.labels[test], predicted)
    assert found["mae"] == pytest.approx(mae, abs=1e-9)
    correlation = np.corrcoef(numbers.labels[test], predicted)[0, 1]
    assert found["correlation"] == pytest.approx(correlation, abs=1e-9)
    assert correlation > 0.9  # the label is linear in a, and training has found it
