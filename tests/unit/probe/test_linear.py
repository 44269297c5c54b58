import dataclasses

import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from sklearn.linear_model import LogisticRegression, Ridge

from alignsweep import probe, scores
from alignsweep.data.resampling import Resampling
from alignsweep.training import sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.objectives import InfoNCE


def test_linear_probe_table(trained, pairs):
    table = probe.linear_probe(trained, pairs)
    names = ["dataset", "alignment", "strength", "seed", "modality", "split", "metric"]
    assert list(table.columns) == [
        *names, "value", "n", "use", "fixed_epochs", "epoch", "learning_rate", "weight_decay",
        "steps", "width", "shared_width", "task_loss_ratio", "diverged_at",
    ]  # fmt: skip
    assert not table.duplicated(names).any()
    assert len(table) == 9 * 2 * 3 * 3
    assert table["value"].notna().all()
    accuracy = table[(table["metric"] == "accuracy") & (table["split"] == "train")]["value"]
    assert accuracy.mean() > 0.4  # chance is 0.25


def at_the_end(trained):
    """Return the stack without its other checkpoints."""
    return dataclasses.replace(trained, others={})


def test_the_probe_is_scikit_learns_on_the_standardised_embedding(trained, pairs):
    table = probe.probe_encoders(at_the_end(trained), pairs, probe.Linear([0.01]))
    strength, seed, _ = trained.models[4]
    pairs = pairs.draw(seed)
    train, test = (pairs.rows(s) for s in ("train", "test"))
    embedding = trained.embed("b", pairs.inputs["b"])[4]
    x = (embedding - embedding[train].mean(0)) / embedding[train].std(0)
    model = LogisticRegression(C=1 / (0.01 * len(train)), tol=1e-8, max_iter=5000)
    model.fit(x[train], pairs.labels[train])
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


def test_the_probe_goes_on_after_a_last_step_that_broke_a_model(pairs):
    huge = "13" + 36 * "0"
    trained = sweep.train(
        pairs,
        ["0", huge],
        [7],
        training=sweep.Training(epochs=1, min_steps=0, batch_size=256),
        alignment=Alignment(objective=InfoNCE(0.01)),
    )
    table = probe.probe_encoders(trained, pairs)
    gone = table["strength"] == huge
    assert table.loc[gone, "value"].isna().all()
    assert (table.loc[gone, "diverged_at"] == 0).all()
    assert np.isfinite(table.loc[~gone, "value"]).all()
    assert table.loc[~gone, "diverged_at"].isna().all()


def test_the_number_of_samples_stands_beside_every_score(trained, pairs):
    table = probe.linear_probe(trained, pairs)
    sizes = table.groupby("split")["n"].unique()
    assert {s: n.tolist() for s, n in sizes.items()} == {
        "train": [256], "validation": [300], "test": [400],
    }  # fmt: skip


def test_a_probe_of_ones_own_is_asked(trained, pairs):
    class Majority:
        def fit(self, x, y, x_validation, y_validation, classes):
            share = torch.bincount(y, minlength=classes).double() / len(y)
            return lambda x, models: share.log().expand(*x.shape[:2], classes)

    table = probe.probe_encoders(trained, pairs, Majority())
    for seed, own in table.query("metric == 'accuracy' and split == 'test'").groupby("seed"):
        draw = pairs.draw(seed)
        most = np.bincount(draw.labels[draw.rows("train")]).argmax()
        share = np.mean(draw.labels[draw.rows("test")] == most)
        np.testing.assert_allclose(own["value"], share)
        np.testing.assert_allclose(own["fixed_epochs"], share)


def test_a_probe_that_is_unknown_is_named():
    assert probe.make("linear", penalties=[0.1]) == probe.Linear((0.1,))
    with pytest.raises(ValueError, match="probe is 'forest'; allowed: linear"):
        probe.make("forest")


def test_when_every_model_diverged_every_score_is_missing(trained, pairs, spoiled):
    broken = spoiled(range(9))
    table = probe.linear_probe(broken, pairs)
    assert len(table) == 9 * 2 * 3 * 3
    assert table["value"].isna().all()


def test_numbers_are_probed_by_ridge_regression(pairs):
    numbers = dataclasses.replace(
        pairs,
        labels=pairs.inputs["a"][:, :3].sum(axis=1).astype(float),
        classes=None,
        resampling=Resampling("split", (256, 300, None)),
    )
    training = sweep.Training(epochs=80, min_steps=0)
    trained = at_the_end(sweep.train(numbers, ["0", "1"], [0, 1], training=training))
    table = probe.probe_encoders(trained, numbers, probe.Linear([0.01]))
    numbers = numbers.draw(0)
    assert set(table["metric"]) == {score.name for score in scores.OF_TASK["regression"]}
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
