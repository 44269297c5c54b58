"""The stacked transformer against torch's own modules with the same weights."""

import numpy as np
import pytest
import torch
from torch import nn

from alignsweep.data import store
from alignsweep.training import encoders, models, stack, sweep

STEPS, FEATURES = 7, 6


def draw(encoder, shape, count):
    weights = encoder.initialise(shape, [stack.generator("toy", s, 0) for s in range(count)])
    g = torch.Generator().manual_seed(3)  # normalisations and biases that a test can tell apart
    return {
        k: w + 0.1 * torch.randn(w.shape, generator=g, dtype=w.dtype) for k, w in weights.items()
    }


def sequences(groups, samples=5):
    g = torch.Generator().manual_seed(1)
    x = torch.randn(groups, samples, STEPS, FEATURES, generator=g, dtype=torch.float64)
    there = torch.arange(STEPS) >= torch.randint(0, STEPS, (groups, samples, 1), generator=g)
    return x, there


def reference(encoder, weights, m, x, mask):
    """What torch's TransformerEncoder gives for model m of a stack, samples x width."""
    w = {k: v[m] for k, v in weights.items()}
    d = w["input.weight"].shape[0]
    wide = encoder.feedforward or d
    layer = nn.TransformerEncoderLayer(d, encoder.heads, wide, dropout=0.0, batch_first=True)
    body = nn.TransformerEncoder(layer.double(), encoder.layers, enable_nested_tensor=False)
    names = {
        "self_attn.in_proj_weight": "attention.weight", "self_attn.in_proj_bias": "attention.bias",
        "self_attn.out_proj.weight": "mixing.weight", "self_attn.out_proj.bias": "mixing.bias",
        "linear1.weight": "wide.weight", "linear1.bias": "wide.bias",
        "linear2.weight": "narrow.weight", "linear2.bias": "narrow.bias",
        "norm1.weight": "attention_norm.weight", "norm1.bias": "attention_norm.bias",
        "norm2.weight": "feedforward_norm.weight", "norm2.bias": "feedforward_norm.bias",
    }  # fmt: skip
    body.load_state_dict(
        {
            f"layers.{i}.{theirs}": w[f"{i}.{ours}"].squeeze()
            for i in range(encoder.layers)
            for theirs, ours in names.items()
        }
    )
    h = nn.functional.linear(x, w["input.weight"], w["input.bias"][:, 0])
    if encoder.pooling == "cls":
        h = torch.cat([w["cls"].expand(len(x), 1, d), h], dim=1)
        mask = torch.cat([torch.ones(len(x), 1, dtype=torch.bool), mask], dim=1)
    h = body.train()(h + w["positions"], src_key_padding_mask=~mask)
    if encoder.pooling == "cls":
        pooled = h[:, 0]
    else:
        pooled = torch.stack([row[keep].mean(0) for row, keep in zip(h, mask, strict=True)])
    return nn.functional.linear(pooled, w["output.weight"], w["output.bias"][:, 0])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dimension": 8, "heads": 2, "layers": 3, "feedforward": 5},
        {"pooling": "cls", "heads": 3, "layers": 1},
    ],
)
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_it_is_torchs_transformer_encoder(options, padded, groups):
    encoder = encoders.Transformer(width=3, **options)
    weights = draw(encoder, (STEPS, FEATURES), 4)
    x, mask = sequences(groups)
    out = encoder(weights, x, mask if padded else None)
    assert out.shape == (4, 3, 5)
    for m in range(4):
        own = x[m * groups // 4], mask[m * groups // 4] | (not padded)
        expected = reference(encoder, weights, m, *own)
        torch.testing.assert_close(out[m].T, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_what_stands_in_the_padding_changes_nothing(pooling):
    encoder = encoders.Transformer(width=3, pooling=pooling)
    weights = draw(encoder, (STEPS, FEATURES), 2)
    x, mask = sequences(1)
    other = torch.where(mask[..., None], x, 1e3)
    assert (other != x).any()
    torch.testing.assert_close(encoder(weights, x, mask), encoder(weights, other, mask))


def softmax_attention(query, key, value, attn_mask):
    """Attention as Vaswani et al. write it."""
    scores = query @ key.transpose(2, 3) / query.shape[3] ** 0.5
    return scores.masked_fill(~attn_mask, -torch.inf).softmax(3) @ value


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_values_and_gradients_with_padding(pooling, monkeypatch):
    # torch's own layer calls the same fused kernel of attention, and so does not check it
    encoder = encoders.Transformer(width=3, pooling=pooling, heads=2)
    weights = {k: w.requires_grad_() for k, w in draw(encoder, (STEPS, FEATURES), 2).items()}
    x, mask = sequences(1)
    mask[0, 0] = torch.arange(STEPS) == STEPS - 1  # a sample of a single step

    def embed(*values):
        return encoder(dict(zip(weights, values, strict=True)), x, mask)

    fused = embed(*weights.values())
    for name, gradient in zip(
        weights, torch.autograd.grad((fused**2).sum(), list(weights.values())), strict=True
    ):
        assert (gradient != 0).any(), name
    assert torch.autograd.gradcheck(embed, tuple(weights.values()), fast_mode=True)
    monkeypatch.setattr(nn.functional, "scaled_dot_product_attention", softmax_attention)
    torch.testing.assert_close(fused, embed(*weights.values()), rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def audiovisual():
    """Images and sequences of different lengths that tell the label, 64 to train on."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    image = rng.standard_normal((120, 4, 4)) + labels[:, None, None]
    mask = np.arange(STEPS) >= rng.integers(0, STEPS, (120, 1))
    audio = (rng.standard_normal((120, STEPS, FEATURES)) + labels[:, None, None]) * mask[:, :, None]
    return store.Pairs(
        name="toy-image-audio",
        inputs={"image": image.astype(np.float32), "audio": audio.astype(np.float32)},
        labels=labels,
        split=store.split_codes(64, 26, 30),
        classes=2,
        masks={"audio": mask},
    )


CHOSEN = {"image": encoders.ViT(width=3, patch=2), "audio": encoders.Transformer(width=3)}


def test_a_stack_equals_its_members(audiovisual):
    training = sweep.Training(epochs=4, min_steps=0, batch_size=32)
    options = {"encoder": CHOSEN, "training": training, "dtype": torch.float64}
    stacked = sweep.train(audiovisual, ["0", "2"], [0, 7], **options)
    assert stacked.history[0, -1, 0] < stacked.history[0, 0, 0]
    for i, (strength, seed, _) in enumerate(stacked.models):
        alone = sweep.train(audiovisual, [strength], [seed], **options)
        for modality, own in stacked.weights.items():
            for name, w in own.items():
                torch.testing.assert_close(
                    w[i], alone.weights[modality][name][0], rtol=1e-9, atol=1e-9, msg=name
                )


def test_embedding_uses_the_mask_whatever_the_chunk_and_survives_a_file(
    audiovisual, tmp_path, monkeypatch
):
    training = sweep.Training(epochs=1, min_steps=0)
    trained = sweep.train(audiovisual, ["0"], [0], encoder=CHOSEN, training=training)
    rows = np.arange(120)
    x, mask = audiovisual.of("audio", rows)
    whole = trained.embed("audio", x, mask)
    np.testing.assert_allclose(whole, trained.embed("audio", x + 5 * ~mask[:, :, None], mask))
    trained.save(tmp_path / "encoders.safetensors", "0")
    (again,) = models.load([tmp_path / "encoders.safetensors"])
    assert again.branches == trained.branches
    monkeypatch.setattr(models, "EMBEDDED_VALUES", 50)
    np.testing.assert_allclose(again.embed("audio", x, mask), whole, atol=1e-12)


@pytest.mark.parametrize(
    ("encoder", "shape", "message"),
    [
        (encoders.Transformer(heads=4), (7, 6), "heads is 4; allowed: a divisor of the dimen"),
        (encoders.Transformer(), (4,), r"needs inputs \(steps, features\), not \(4,\)"),
    ],
)
def test_inputs_that_do_not_fit(encoder, shape, message):
    with pytest.raises(ValueError, match=message):
        encoder.initialise(shape, [stack.generator("toy", 0, 0)])


def test_unknown_pooling():
    with pytest.raises(ValueError, match='pooling is "max"; allowed: one of "mean", "cls"'):
        encoders.Transformer(pooling="max")


def test_a_model_depends_on_its_own_seed_only():
    encoder = encoders.Transformer(pooling="cls")
    both = encoder.initialise((3, 4), [stack.generator("toy", s, 0) for s in (1, 2)])
    one = encoder.initialise((3, 4), [stack.generator("toy", 2, 0)])
    for name, w in one.items():
        torch.testing.assert_close(both[name][1], w[0], rtol=0, atol=0)
