"""What every encoder of the registry must do, on inputs that all kinds take."""

import math

import numpy as np
import pytest
import torch

from alignsweep.data import store
from alignsweep.training import encoders, models, stack, sweep

SHAPE = 8, 12  # steps and features of a sequence, or an image of patches of 4x4
every_encoder = pytest.mark.parametrize("kind", encoders.ENCODERS)


def draw(encoder, *seeds):
    return encoder.initialise(SHAPE, [stack.generator("toy", s, 0) for s in seeds])


def inputs(groups, samples=5):
    g = torch.Generator().manual_seed(1)
    return torch.randn(groups, samples, *SHAPE, generator=g, dtype=torch.float64)


@every_encoder
def test_weights_lead_with_the_model_and_are_drawn_in_double_precision(kind):
    weights = draw(encoders.make(kind), 3, 4, 3)
    assert weights
    for w in weights.values():
        assert len(w) == 3
        assert w.dtype == torch.float64
        assert torch.equal(w[0], w[2])
    assert any((w[0] != w[1]).any() for w in weights.values())


@every_encoder
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_an_embedding_is_that_of_the_model_alone(kind, groups):
    encoder, seeds, x = encoders.make(kind), (3, 1, 4, 8), inputs(groups)
    out = encoder(draw(encoder, *seeds), x)
    assert out.shape == (4, encoder.width, 5)
    assert out.isfinite().all()
    for m, seed in enumerate(seeds):
        group = m * groups // 4
        alone = encoder(draw(encoder, seed), x[group : group + 1])
        torch.testing.assert_close(out[m], alone[0], rtol=1e-10, atol=1e-12)


@every_encoder
def test_a_sample_is_embedded_alone(kind):
    encoder, x = encoders.make(kind), inputs(1)
    weights = draw(encoder, 0, 1)
    one = encoder(weights, x[:, 2:3])
    torch.testing.assert_close(encoder(weights, x)[:, :, 2:3], one, rtol=1e-10, atol=1e-12)


@every_encoder
def test_a_mask_that_leaves_nothing_out_changes_nothing(kind):
    encoder, x = encoders.make(kind), inputs(1)
    weights = draw(encoder, 0, 1)
    there = torch.ones(x.shape[:3], dtype=torch.bool)
    torch.testing.assert_close(encoder(weights, x, there), encoder(weights, x))


@every_encoder
def test_every_weight_learns_and_from_its_own_model_only(kind):
    encoder = encoders.make(kind)
    weights = {k: w.requires_grad_() for k, w in draw(encoder, 0, 1).items()}
    (encoder(weights, inputs(1, 50))[1] ** 2).sum().backward()
    for name, w in weights.items():
        assert w.grad.isfinite().all(), name
        assert (w.grad[0] == 0).all(), name
        assert (w.grad[1] != 0).any(), name


@every_encoder
def test_a_model_that_is_not_finite_leaves_the_others_alone(kind):
    encoder, x = encoders.make(kind), inputs(1)
    weights = draw(encoder, 0, 1, 2)
    whole = encoder(weights, x)
    broken = {
        k: w.index_fill(0, torch.tensor([1]), math.nan).requires_grad_() for k, w in weights.items()
    }
    found = encoder(broken, x)
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]], rtol=1e-10, atol=1e-12)
    (found**2).sum().backward()
    for name, w in broken.items():
        assert w.grad[[0, 2]].isfinite().all(), name


@every_encoder
def test_it_is_trained_in_a_sweep_and_survives_a_file(kind, tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 150)
    pairs = store.Pairs(
        name="toy",
        inputs={
            m: (rng.standard_normal((150, *SHAPE)) + labels[:, None, None]).astype(np.float32)
            for m in "ab"
        },
        labels=labels,
        split=store.split_codes(100, 25, 25),
        classes=2,
    )
    training = sweep.Training(epochs=10, min_steps=0, batch_size=50)
    trained = sweep.train(pairs, ["0", "1"], [0], encoder=encoders.make(kind), training=training)
    assert (trained.history[:, -1, :2] < trained.history[:, 0, :2]).all()
    trained.save(tmp_path / "x.safetensors", "1")
    (again,) = models.load([tmp_path / "x.safetensors"])
    assert again.branches == trained.branches
    x = pairs.inputs["a"]
    np.testing.assert_array_equal(again.embed("a", x)[0], trained.embed("a", x)[1])


@every_encoder
def test_its_width_is_that_of_its_embedding(kind):
    encoder = encoders.make(kind, width=3)
    assert encoder.width == 3
    assert encoder(draw(encoder, 0), inputs(1)).shape == (1, 3, 5)
