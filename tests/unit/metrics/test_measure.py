import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from alignsweep import metrics
from alignsweep.metrics import METRICS
from alignsweep.options import describe
from alignsweep.training import sweep


def test_table(trained, pairs):
    table = metrics.measure_alignment(trained, pairs, names=list(METRICS), samples=128, seed=3)
    assert list(table.columns) == [
        *("dataset", "alignment", "strength", "seed", "split", "metric"),
        *("value", "chance", "n", "diverged_at"),
    ]
    assert len(table) == 9 * len(METRICS)
    assert list(table["metric"].unique()) == list(METRICS)
    assert table["value"].notna().all()
    assert table["chance"].notna().all()
    assert set(table["split"]) == {"test"}
    assert set(table["n"]) == {128}
    model = trained.models[5]
    draw = pairs.draw(model.seed)
    rows = draw.sample("test", 128, 3)
    a, b = (trained.embed(m, x[rows])[5] for m, x in draw.inputs.items())
    za, zb = (trained.project(m, x[rows])[5] for m, x in draw.inputs.items())
    mine = table[(table["strength"] == model.strength) & (table["seed"] == model.seed)]
    found = mine.set_index("metric")
    for name in ("cka_debiased", "mutual_knn_k10", "cycle_knn_k10"):
        assert found["value"][name] == pytest.approx(METRICS[name](a, b))
        assert found["chance"][name] == pytest.approx(METRICS[name].chance(a, b, seed=3))
    assert found["value"]["recall_at_5"] == pytest.approx(METRICS["recall_at_5"](za, zb))


def test_a_stack_equals_its_members(trained, pairs):
    """Models are measured beside others as they are alone."""
    names = [*metrics.measure.DEFAULT, "cycle_knn_k10", "recall_at_5"]
    table = metrics.measure_alignment(trained, pairs, names=names, samples=100)
    for m, model in enumerate(trained.models):
        one = trained.select(np.arange(len(trained.models)) == m)
        alone = metrics.measure_alignment(one, pairs, names=names, samples=100)
        own = table[(table["strength"] == model.strength) & (table["seed"] == model.seed)]
        pd.testing.assert_frame_equal(own.reset_index(drop=True), alone, rtol=1e-12)


def test_options_are_described_for_the_configuration():
    names, samples, seed = describe(metrics.measure_alignment)
    assert (names.name, samples.name, seed.name) == ("names", "samples", "seed")
    assert names.schema["items"] == {"type": "string", "enum": list(METRICS)}
    assert names.schema["default"] == list(metrics.measure.DEFAULT)
    assert samples.schema["minimum"] == 10
    assert samples.meaning.startswith("Test pairs measured, drawn at random within classes;")


def test_projections_are_what_training_aligned(pairs):
    trained = sweep.train(
        pairs, ["0", "2"], range(2), training=sweep.Training(epochs=30, min_steps=0)
    )
    loss = []
    for seed, own in trained.by_seed():
        draw = pairs.draw(seed)
        rows = draw.rows("train")
        za, zb = (own.project(m, x[rows]) for m, x in draw.inputs.items())
        loss += [METRICS["alignment_loss"](*z) for z in zip(za, zb, strict=True)]
    assert [m.strength for m in trained.models] == ["0", "2", "0", "2"]
    assert max(loss[1], loss[3]) < min(loss[0], loss[2]) - 0.3


def test_a_diverged_model_has_no_value(trained, pairs, spoiled):
    broken = spoiled([0])
    table = metrics.measure_alignment(broken, pairs, samples=100)
    gone = (table["strength"] == "0") & (table["seed"] == 0)
    assert table.loc[gone, "value"].isna().all()
    assert (table.loc[gone, "diverged_at"] == 12).all()
    assert table.loc[~gone, "value"].notna().all()


def test_a_collapsed_encoder_has_no_value_and_the_others_keep_theirs(trained, pairs, caplog):
    """Weights of zero embed every sample at the same place."""
    collapsed = dataclasses.replace(
        trained,
        weights={
            k: {n: w.index_fill(0, torch.tensor([4]), 0.0) for n, w in own.items()}
            for k, own in trained.weights.items()
        },
    )
    names = ["cka_debiased", "svcca_var99", "rsa_pearson"]
    table = metrics.measure_alignment(collapsed, pairs, names=names, samples=100)
    whole = metrics.measure_alignment(trained, pairs, names=names, samples=100)
    model = trained.models[4]
    gone = (table["strength"] == model.strength) & (table["seed"] == model.seed)
    assert gone.sum() == len(names)
    for column in ("value", "chance"):
        assert table.loc[gone, column].isna().all()
        assert table.loc[~gone, column].to_numpy() == pytest.approx(whole.loc[~gone, column])
    assert table["diverged_at"].isna().all()
    assert [r.levelname for r in caplog.records] == ["WARNING"] * len(names)
    where = f"for 1 of 9 models; at strength {model.strength}, seed {model.seed}: "
    for name, record in zip(names, caplog.records, strict=True):
        assert f"no {name} {where}{name}: x (100, " in record.getMessage()
        assert "x has zero variance" in record.getMessage()


def test_a_metric_that_needs_more_pairs_has_no_value_and_the_others_keep_theirs(
    trained, pairs, caplog
):
    names = ["svcca_var99", "cka_debiased", "mutual_knn_k10"]
    table = metrics.measure_alignment(trained, pairs, names=names, samples=10)
    there = table["metric"] == "cka_debiased"
    for column in ("value", "chance"):
        assert table.loc[there, column].notna().all()
        assert table.loc[table["metric"] == "mutual_knn_k10", column].isna().all()
    svcca = table[table["metric"] == "svcca_var99"]
    assert svcca["value"].isna().any()
    np.testing.assert_array_equal(svcca["value"].isna(), svcca["chance"].isna())
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(f"no svcca_var99 for {svcca['value'].isna().sum()} of 9 models; ")
    assert "10 rows" in first
    assert second == (
        "no mutual_knn_k10 for 9 of 9 models; at strength 0, seed 0: mutual_knn_k10: "
        "x (10, 6), y (10, 6); needed: at least 11 rows"
    )


def test_a_missing_chance_level_leaves_the_value(trained, pairs, caplog, monkeypatch):
    metric = dataclasses.replace(
        METRICS["cka_debiased"], name="mine", chance_function=lambda x, y: np.nan
    )
    monkeypatch.setitem(METRICS, "mine", metric)
    table = metrics.measure_alignment(trained, pairs, names=["mine"], samples=100)
    assert table["value"].notna().all()
    assert table["chance"].isna().all()
    (record,) = caplog.records
    assert record.getMessage().startswith("no chance level of mine for 9 of 9 models; ")
