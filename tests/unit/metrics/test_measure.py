import dataclasses

import pytest
import torch

from alignsweep import metrics, sweep
from alignsweep.metrics import METRICS


def test_table(trained, pairs):
    table = metrics.measure_alignment(trained, pairs, list(METRICS), samples=128)
    assert list(table.columns[:6]) == ["dataset", "strength", "seed", "split", "metric", "value"]
    assert len(table) == 9 * len(METRICS)
    assert table["value"].notna().all()
    assert table["chance"].notna().all()
    assert set(table["n"]) == {128}
    rows = pairs.rows("test")[:128]
    a, b = (trained.embed(m, x[rows])[5] for m, x in pairs.inputs.items())
    za, zb = (trained.project(m, x[rows])[5] for m, x in pairs.inputs.items())
    model = trained.models[5]
    mine = table[(table["strength"] == model.strength) & (table["seed"] == model.seed)]
    found = mine.set_index("metric")["value"]
    assert found["cka_debiased"] == pytest.approx(METRICS["cka_debiased"](a, b))
    assert found["mutual_knn_k10"] == pytest.approx(METRICS["mutual_knn_k10"](a, b))
    assert found["recall_at_5"] == pytest.approx(METRICS["recall_at_5"](za, zb))


def test_projections_are_what_training_aligned(pairs):
    trained = sweep.train(pairs, ["0", "2"], range(2), training=sweep.Training(epochs=30))
    rows = pairs.rows("train")
    za, zb = (trained.project(m, x[rows]) for m, x in pairs.inputs.items())
    loss = [METRICS["alignment_loss"](*z) for z in zip(za, zb, strict=True)]
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
    table = metrics.measure_alignment(collapsed, pairs, names, samples=100)
    whole = metrics.measure_alignment(trained, pairs, names, samples=100)
    model = trained.models[4]
    gone = (table["strength"] == model.strength) & (table["seed"] == model.seed)
    assert gone.sum() == len(names)
    for column in ("value", "chance"):
        assert table.loc[gone, column].isna().all()
        assert table.loc[~gone, column].to_numpy() == pytest.approx(whole.loc[~gone, column])
    assert table["diverged_at"].isna().all()
    assert [r.levelname for r in caplog.records] == ["WARNING"] * len(names)
    where = f"at strength {model.strength}, seed {model.seed}: "
    for name, record in zip(names, caplog.records, strict=True):
        assert f"no {name} {where}{name}: x (100, " in record.getMessage()
        assert "x has zero variance" in record.getMessage()
