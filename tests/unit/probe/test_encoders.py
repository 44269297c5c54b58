"""Which encoders are probed, on which data, and what is told of each sample."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from alignsweep import probe
from alignsweep.data.resampling import Resampling
from alignsweep.probe import encoders
from alignsweep.probe.encoders import probe_samples
from alignsweep.probe.uses import SCORERS
from alignsweep.training import models, sweep

KEYS = ["strength", "seed", "modality", "split", "metric"]
STRENGTHS, SEEDS = ["0", "1"], [0, 1, 2]


@pytest.fixture(scope="module")
def tried(pairs):
    """A stack of few samples, trained long enough for some to have overfitted."""
    training = sweep.Training(epochs=80, min_steps=0, learning_rate=[0.003, 0.03])
    return sweep.train(pairs, STRENGTHS, SEEDS, training=training)


@pytest.fixture(scope="module")
def probed(tried, pairs):
    return probe_samples(tried, pairs)


@pytest.fixture(scope="module")
def every(tried, pairs):
    """The tables of each checkpoint alone."""
    return {
        at: probe.probe_encoders(
            dataclasses.replace(tried, weights=tried.others.get(at, tried.weights), others={}),
            pairs,
        )
        .set_index(KEYS)["value"]
        .sort_index()
        for at in tried.checkpoints
    }


def test_the_checkpoint_is_the_best_on_validation_at_strength_0_too(tried, probed, every):
    table = probed.table.set_index(KEYS).sort_index()
    for strength in STRENGTHS:
        taken = set()
        for seed in SEEDS:
            for modality in "ab":
                own = (strength, seed, modality)
                losses = {at: v[*own, "validation", "cross_entropy"] for at, v in every.items()}
                best = min(losses, key=losses.get)
                rows = table.loc[own]
                assert (rows["epoch"] == best.epoch).all()
                assert (rows["learning_rate"] == best.learning_rate).all()
                assert (rows["weight_decay"] == 0).all()
                np.testing.assert_allclose(rows["value"], every[best].loc[own], atol=1e-6)
                taken.add(best)
        assert len(taken) > 1, strength  # there is something to choose
        assert not taken <= {tried.end}


def test_fixed_epochs_is_the_value_at_the_end_of_training(tried, probed, every):
    table = probed.table.set_index(KEYS).sort_index()
    fixed = table["fixed_epochs"]
    np.testing.assert_allclose(fixed, every[tried.end].loc[fixed.index], atol=1e-6)
    last = (table["epoch"] == 80) & (table["learning_rate"] == 0.003)
    np.testing.assert_array_equal(table.loc[last, "value"], fixed[last])
    assert (table.loc[~last, "value"] != fixed[~last]).mean() > 0.9


def test_of_equal_checkpoints_the_last_is_taken(tried, pairs):
    same = models.encoders_of(tried.weights)
    equal = dataclasses.replace(tried, others=dict.fromkeys(tried.others, same))
    table = probe.probe_encoders(equal, pairs)
    assert (table["epoch"] == 80).all()
    assert (table["learning_rate"] == 0.003).all()
    np.testing.assert_array_equal(table["value"], table["fixed_epochs"])


def test_a_learning_rate_that_diverges_is_not_taken(pairs):
    training = sweep.Training(epochs=4, min_steps=0, learning_rate=[0.003, 1e30])
    trained = sweep.train(pairs, STRENGTHS, [0], training=training)
    assert np.isnan(trained.embed("a", pairs.inputs["a"], at=trained.checkpoints[0])).sum() == 0
    assert np.isnan(trained.embed("a", pairs.inputs["a"], at=(4, 1e30, 0))).all()
    table = probe.probe_encoders(trained, pairs)
    assert (table["learning_rate"] == 0.003).all()
    assert table["value"].notna().all()


def test_what_stands_beside_the_scores(tried, probed):
    table = probed.table.set_index(["strength", "seed", "modality"]).sort_index()
    assert (table["steps"] == 160).all()
    assert (table["width"] == 6).all()
    for i, (strength, seed, _) in enumerate(tried.models):
        for side, modality in enumerate("ab"):
            found = table.loc[(strength, seed, modality), "task_loss_ratio"]
            np.testing.assert_allclose(found, tried.history[i, -1, side] / np.log(4))


def test_every_seed_is_probed_on_its_own_draw(tried, pairs, probed):
    for seed, own in tried.by_seed():
        alone = probe.probe_encoders(own, pairs.draw(seed))
        whole = probed.table.query("seed == @seed")
        assert alone[KEYS].to_numpy().tolist() == whole[KEYS].to_numpy().tolist()
        np.testing.assert_allclose(alone["value"], whole["value"], atol=1e-9)
        other = probe.probe_encoders(own, pairs.draw(seed + 1))
        assert (other["value"].to_numpy() != whole["value"].to_numpy()).mean() > 0.9


def headline(probed, key, metric):
    """Return the score in the table of a key of the samples."""
    _, strength, seed, _, modality = key
    (value,) = probed.table.query(
        "strength == @strength and seed == @seed and modality == @modality "
        "and split == 'test' and metric == @metric"
    )["value"]
    return value


def test_scores_of_samples_average_to_the_accuracy(probed):
    assert {*probed.samples} == {
        ("infonce", s, k, "unimodal", m) for s in STRENGTHS for k in SEEDS for m in "ab"
    }
    for key, values in probed.samples.items():
        assert values.shape == (400,)
        assert {*values} == {0, 1}
        assert values.mean() == pytest.approx(headline(probed, key, "accuracy"))


def test_a_sample_is_right_where_the_probe_of_the_checkpoint_is(tried, pairs, probed):
    at = probed.table.set_index(["strength", "seed", "modality"]).sort_index()
    i = tried.models.index(("1", 2, None))
    draw, chosen = pairs.draw(2), at.loc[("1", 2, "a")].iloc[0]
    checkpoint = (chosen["epoch"], chosen["learning_rate"], chosen["weight_decay"])
    x = torch.as_tensor(tried.embed("a", draw.inputs["a"], at=checkpoint)[i : i + 1])
    train, validation, test = (draw.rows(s) for s in ("train", "validation", "test"))
    x = (x - x[:, train].mean(dim=1)) / x[:, train].std(dim=1, correction=0)
    y = torch.as_tensor(draw.labels)
    predict = probe.Linear().fit(x[:, train], y[train], x[:, validation], y[validation], 4)
    right = (predict(x[:, test], torch.arange(1))[0].argmax(dim=1) == y[test]).numpy()
    np.testing.assert_array_equal(probed.samples["infonce", "1", 2, "unimodal", "a"], right)


def test_scores_of_samples_average_to_the_correlation(pairs):
    numbers = dataclasses.replace(
        pairs,
        labels=pairs.inputs["a"][:, :3].sum(axis=1) + np.linspace(0, 1, 956),
        classes=None,
        resampling=Resampling("split", (256, 300, None)),
    )
    training = sweep.Training(epochs=20, min_steps=0)
    trained = sweep.train(numbers, STRENGTHS, [0, 1], training=training)
    probed = probe_samples(trained, numbers)
    assert len(probed.samples) == 8
    for key, values in probed.samples.items():
        assert values.shape == (400,)
        assert values.mean() == pytest.approx(headline(probed, key, "correlation"), abs=1e-9)
    # to know nothing is to say the median, in standard deviations of the training labels
    draw = numbers.draw(1)
    train = draw.labels[draw.rows("train")]
    nothing = abs(train - np.median(train)).mean() / train.std()
    found = probed.table.query("seed == 1 and strength == '0' and modality == 'b'")
    np.testing.assert_allclose(found["task_loss_ratio"], trained.history[2, -1, 1] / nothing)


def test_a_diverged_model_has_no_scores_of_samples(trained, pairs, spoiled):
    probed = probe_samples(spoiled([0, 5]), pairs)
    gone = {("infonce", *trained.models[i][:2], "unimodal", m) for i in (0, 5) for m in "ab"}
    whole = {("infonce", *model[:2], "unimodal", m) for model in trained.models for m in "ab"}
    assert {*probed.samples} == whole - gone
    lost = probed.table["diverged_at"].notna()
    assert probed.table.loc[lost, ["value", "fixed_epochs"]].isna().all(axis=None)
    assert probed.table.loc[~lost, ["value", "fixed_epochs"]].notna().all(axis=None)


def test_models_may_be_probed_a_few_at_a_time(trained, pairs, monkeypatch):
    whole = probe.probe_encoders(trained, pairs, uses=tuple(SCORERS))
    monkeypatch.setattr(encoders, "MODELS_BYTES", 1)
    monkeypatch.setattr(encoders, "PART_VALUES", 1)
    alone = probe.probe_encoders(trained, pairs, uses=tuple(SCORERS))
    keys = ["strength", "seed", "use", "modality", "split", "metric"]
    pd.testing.assert_frame_equal(
        *(t.sort_values(keys, ignore_index=True) for t in (whole, alone)), rtol=1e-6
    )
