"""Encoders by themselves: what is done to inputs, and the file."""

import numpy as np
import pytest

import alignsweep
from alignsweep.data.scaling import standardise
from alignsweep.export import Original, Winner, freeze
from alignsweep.frozen import Encoder, Frozen, Standardisation


@pytest.fixture
def frozen(trained, pairs):
    checkpoints = {"a": trained.checkpoints[0], "b": trained.end}
    draw = pairs.draw(1)  # of which every draw is itself
    raw = {"a": 1000 + 3.0 * draw.inputs["a"], "b": draw.inputs["b"] / 7}
    inputs = {m: Original(x.astype(np.float32), (f"my_{m}",)) for m, x in raw.items()}
    return freeze(trained, draw, Winner("infonce", "0.4", 1, checkpoints), inputs), raw


def test_raw_inputs_get_the_embeddings_of_training(frozen, trained, pairs, tmp_path):
    own, raw = frozen
    own.save(tmp_path / "encoders.safetensors")
    again = alignsweep.load(tmp_path / "encoders.safetensors")
    model = [m[:2] for m in trained.models].index(("0.4", 1))
    for modality, checkpoint in (("a", trained.checkpoints[0]), ("b", trained.end)):
        inputs = pairs.draw(1).inputs[modality]
        expected = trained.embed(modality, inputs, at=checkpoint)[model]
        found = again.embed(modality, raw[modality])
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
        np.testing.assert_array_equal(found, own.embed(modality, raw[modality]))
    assert (again.dataset, again.strength, again.seed) == (pairs.name, "0.4", 1)
    assert again.encoders["a"].columns == ("my_a",)
    assert again.embed("a", raw["a"][:0]).shape == (0, 6)


@pytest.mark.parametrize(
    ("modality", "x", "said"),
    [
        ("c", np.zeros((3, 12)), "modality is 'c'; allowed: a, b"),
        ("a", np.zeros(12), r"a is float64 \(12,\); needed: numbers \(n, 12\)"),
        ("a", np.zeros((3, 11)), r"a is float64 \(3, 11\); needed"),
        ("a", np.full((3, 12), "x"), r"a is <U1 \(3, 12\); needed"),
        ("b", np.full((3, 12), np.nan), "b has 36 values that are not finite"),
    ],
)
def test_what_cannot_be_embedded_is_said(frozen, modality, x, said):
    with pytest.raises(ValueError, match=said):
        frozen[0].embed(modality, x)


def test_another_file_is_refused(trained, tmp_path):
    trained.save(tmp_path / "x.safetensors")
    np.savez(tmp_path / "x.npz", x=np.zeros(3))
    for name in ("x.safetensors", "x.npz"):
        with pytest.raises(ValueError, match=rf"{name}: no exported encoders; needed: results"):
            alignsweep.load(tmp_path / name)


@pytest.mark.parametrize("shape", [(60, 5), (60, 4, 5)])
def test_what_standardised_the_inputs_is_read_off(rng, shape):
    x = (rng.normal(size=shape) * [1, 1e-3, 50, 1, 1] + [0, 5, 1e5, 3, 0]).astype(np.float32)
    x[..., 3] = 3  # constant
    x[50, ..., 4] = 1e4  # far off, where it does not count
    z, train = x.copy(), np.arange(60) < 40
    if len(shape) == 3:
        x[7] = z[7] = 0  # missing
    standardise(z, np.ones(60, dtype=bool))
    standardise(z, train)
    new = x[:5].copy()
    new[..., 3] = 9
    found = Standardisation.between(x, z)
    np.testing.assert_allclose(found(x), z, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found(new), z[:5], rtol=1e-3, atol=1e-3)
    used = x[train & (np.arange(60) != 7)] if len(shape) == 3 else x[train]
    moments = used.astype(float).reshape(-1, 5)
    varies = [0, 1, 2, 4]
    np.testing.assert_allclose(found.mean[varies], moments.mean(0)[varies], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found.scale[varies], 1 / moments.std(0)[varies], rtol=1e-3)


def test_one_scale_for_all_also_holds_for_what_was_constant(rng):
    x = rng.normal(size=(20, 6)).astype(np.float32)
    x[:, 0] = 2
    found = Standardisation.between(x, (x - 1) / 4)
    np.testing.assert_allclose(found(np.array([[5.0] * 6])), np.ones((1, 6)), rtol=1e-5)


def test_padding_stays_0(rng):
    x = rng.normal(size=(20, 4, 3)).astype(np.float32)
    mask = np.arange(4) < rng.integers(1, 5, size=(20, 1))
    x[~mask] = 0
    z = x.copy()
    standardise(z, np.ones(20, dtype=bool), mask)
    found = Standardisation.between(x, z, mask)
    np.testing.assert_allclose(found(x, mask), z, atol=1e-5)
    assert not found(x, mask)[~mask].any()
    x[~mask] = np.nan  # no data
    np.testing.assert_array_equal(Standardisation.between(x, z, mask)(x, mask), found(x, mask))


def test_inputs_of_another_file_are_refused(trained, pairs, rng):
    chosen = Winner("infonce", "0", 0, {"a": trained.end})
    for other in (rng.normal(size=pairs.inputs["a"].shape), pairs.inputs["a"][1:]):
        with pytest.raises(ValueError, match="a is not what the encoders were trained on"):
            freeze(trained, pairs, chosen, {"a": Original(other.astype(np.float32))})


def test_what_stands_at_padding_need_not_be_a_number(monkeypatch):
    monkeypatch.setattr(Encoder, "__call__", lambda self, z, mask: z.sum(axis=(1, 2)))
    same = Standardisation(np.zeros(1), np.ones(1))
    own = Frozen("d", "a", "1", 0, {"a": Encoder({}, {}, same, (2, 1), ("a",), True)})
    x, mask = np.array([[[1.0], [np.nan]]]), np.array([[True, False]])
    np.testing.assert_array_equal(own.embed("a", x, mask), [1])
    with pytest.raises(ValueError, match="a has 1 values that are not finite"):
        own.embed("a", x)
