import dataclasses
import math
import os

import numpy as np
import pytest
import torch

from alignsweep import tables
from alignsweep.training import models, sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.objectives import InfoNCE


def test_round_trip_of_a_stack_in_files_by_strength(tmp_path, trained, pairs):
    paths = []
    for strength in ("0", "0.4", "2"):
        paths.append(tmp_path / f"{strength}.safetensors")
        trained.save(paths[-1], strength)
    (again,) = models.load(paths)
    assert [m.strength for m in again.models] == ["0"] * 3 + ["0.4"] * 3 + ["2"] * 3
    assert again.branches == trained.branches
    assert (again.plan, again.end) == (trained.plan, trained.end) == ((3, 2, 128), (3, 3e-3, 0))
    assert again.checkpoints == trained.checkpoints
    assert [c.epoch for c in again.checkpoints] == [1, 2, 3]
    for i, model in enumerate(again.models):
        j = trained.models.index(model)
        for modality, own in trained.weights.items():
            for name, w in own.items():
                assert torch.equal(again.weights[modality][name][i], w[j])
        for at, weights in trained.others.items():
            for modality, own in weights.items():
                assert all(name.startswith(("encoder.", "projection.")) for name in own)
                for name, w in own.items():
                    assert torch.equal(again.others[at][modality][name][i], w[j])
        np.testing.assert_array_equal(again.history[i], trained.history[j])


def test_embed_is_that_of_each_model_and_equal_for_equal_inputs(trained, pairs):
    x = pairs.inputs["a"][:50]
    doubled = trained.embed("a", np.concatenate([x, x]))
    assert doubled.dtype == np.float64
    np.testing.assert_allclose(doubled[:, :50], doubled[:, 50:], atol=1e-14)
    own = {k: w[4] for k, w in trained.weights["a"].items()}
    h = torch.relu(
        torch.tensor(x, dtype=torch.float32) @ own["encoder.0.weight"].T + own["encoder.0.bias"].T
    )
    expected = h @ own["encoder.1.weight"].T + own["encoder.1.bias"].T
    np.testing.assert_allclose(doubled[4, :50], expected, atol=1e-5)


def test_a_checkpoint_is_embedded_by_its_own_encoders(trained, pairs):
    x = pairs.inputs["b"][:20]
    found = [trained.embed("b", x, at=c) for c in trained.checkpoints]
    np.testing.assert_array_equal(found[-1], trained.embed("b", x))
    assert (found[0] != found[1]).any()
    then = dataclasses.replace(trained, weights=trained.others[trained.checkpoints[0]])
    np.testing.assert_array_equal(then.embed("b", x), found[0])


def test_it_is_shown_in_a_line(trained):
    assert repr(trained) == (
        "Trained('synthetic-R4', 'infonce': 9 models, strengths 0, 0.4, 2, 3 seeds, 3 epochs)"
    )


def test_some_of_a_stack(trained, pairs, spoiled):
    broken = spoiled([4])
    assert broken.finite.tolist() == [i != 4 for i in range(9)]
    kept = np.isin(np.arange(9), [1, 4, 8])
    some = broken.select(kept)
    assert some.models == tuple(broken.models[i] for i in (1, 4, 8))
    np.testing.assert_array_equal(some.history, broken.history[kept])
    for at in broken.checkpoints:
        x = pairs.inputs["a"][:5]
        np.testing.assert_array_equal(some.embed("a", x, at=at), broken.embed("a", x, at=at)[kept])


def test_the_stack_of_each_seed(trained):
    parts = dict(trained.by_seed())
    assert list(parts) == [0, 1, 2]
    for seed, own in parts.items():
        assert [m[:2] for m in own.models] == [(s, seed) for s in ("0", "0.4", "2")]
    whole = models.join(list(parts.values()))
    assert whole.models == trained.models
    for at, weights in [*trained.others.items(), (trained.end, trained.weights)]:
        joined = whole.others.get(at, whole.weights)
        for modality, own in weights.items():
            for name, w in own.items():
                assert torch.equal(joined[modality][name], w)


def test_a_diverged_model_survives_the_file_and_embeds_as_nan(tmp_path, trained, pairs, spoiled):
    broken = spoiled(range(9), step=3)
    broken.save(tmp_path / "x.safetensors", "0")
    (again,) = models.load([tmp_path / "x.safetensors"])
    assert [m.diverged_at for m in again.models] == [3, 3, 3]
    for at in again.checkpoints:
        assert np.isnan(again.embed("b", pairs.inputs["b"][:5], at=at)).all()


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        models.load([tmp_path / "absent.safetensors"])


CELLS = [("warm", "0"), ("cold", "0"), ("cold", "1")]


@pytest.fixture(scope="module")
def of_two_alignments(pairs):
    alignments = {"cold": Alignment("cold"), "warm": Alignment("warm", InfoNCE(0.5), (3,))}
    training = sweep.Training(epochs=2, min_steps=0)
    return sweep.train_alignments(pairs, CELLS, [0, 1], alignments=alignments, training=training)


def files(folder):
    return [
        [folder / f"{a}-{s}.{end}" for a, s in CELLS] for end in ("encoders.safetensors", "csv")
    ]


def test_the_cells_of_two_alignments_have_files_of_their_own(tmp_path, of_two_alignments):
    encoders, histories = files(tmp_path)
    models.save(of_two_alignments, CELLS, encoders, histories)
    again = models.load(encoders)
    assert [(t.alignment, [m[:2] for m in t.models]) for t in again] == [
        ("warm", [("0", 0), ("0", 1)]),
        ("cold", [("0", 0), ("0", 1), ("1", 0), ("1", 1)]),
    ]
    cold, warm = of_two_alignments
    assert (again[0].branches, again[1].branches) == (warm.branches, cold.branches)
    for cell, path in zip(CELLS, histories, strict=True):
        table = tables.read(path)
        assert set(zip(table["alignment"], table["strength"], strict=True)) == {cell}
        assert len(table) == 2 * 2 * 5  # seeds, epochs, losses


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_others_can_read_the_encoders_if_the_umask_lets_them(
    tmp_path, of_two_alignments, umask, mode
):
    encoders, histories = files(tmp_path)
    before = os.umask(umask)
    try:
        models.save(of_two_alignments, CELLS, encoders, histories)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in encoders] == [mode] * 3


def test_a_row_per_model(trained, spoiled):
    value = np.arange(9.0)
    table = spoiled([2]).table({"modality": "a", "value": value})
    assert list(table.columns) == [
        "dataset", "alignment", "strength", "seed", "modality", "value", "diverged_at",
    ]  # fmt: skip
    assert table["strength"].tolist() == ["0", "0.4", "2"] * 3
    assert table["seed"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert table["value"].tolist() == value.tolist()
    assert set(table["alignment"]) == {"infonce"}
    assert table["diverged_at"].isna().tolist() == [i != 2 for i in range(9)]
    assert table["diverged_at"][2] == 12


def test_curves(trained):
    table = trained.curves()
    assert list(table.columns) == [
        "dataset", "alignment", "strength", "seed", "epoch", "loss", "value",
    ]  # fmt: skip
    assert len(table) == 9 * 3 * 5
    wide = table.pivot_table(
        index=["strength", "seed", "epoch"], columns="loss", values="value", sort=False
    )
    np.testing.assert_allclose(wide["align_over_ln_batch"], wide["align"] / math.log(128))
    assert wide.loc[("0.4", 1, 3), "task_b"] == trained.history[4, 2, 1]
