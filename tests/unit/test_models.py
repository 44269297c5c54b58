import numpy as np
import pytest
import torch

from alignsweep import models


def test_round_trip_of_a_stack_in_files_by_strength(tmp_path, trained, pairs):
    paths = []
    for strength in ("0", "0.4", "2"):
        paths.append(tmp_path / f"{strength}.safetensors")
        trained.save(paths[-1], strength)
    again = models.load(paths)
    assert [m.strength for m in again.models] == ["0"] * 3 + ["0.4"] * 3 + ["2"] * 3
    assert again.branches == trained.branches
    assert again.batch_size == trained.batch_size
    for i, model in enumerate(again.models):
        j = trained.models.index(model)
        for modality, own in trained.weights.items():
            for name, w in own.items():
                assert torch.equal(again.weights[modality][name][i], w[j])
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


def test_a_diverged_model_survives_the_file_and_embeds_as_nan(tmp_path, trained, pairs, spoiled):
    broken = spoiled(range(9), step=3)
    broken.save(tmp_path / "x.safetensors", "0")
    again = models.load([tmp_path / "x.safetensors"])
    assert [m.diverged_at for m in again.models] == [3, 3, 3]
    assert np.isnan(again.embed("b", pairs.inputs["b"][:5])).all()


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        models.load([tmp_path / "absent.safetensors"])
