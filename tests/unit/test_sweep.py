import logging
import math

import numpy as np
import pytest
import torch

from alignsweep import encoders, sweep

STRENGTHS, SEEDS = ["0", "0.4", "2"], [0, 7]
FIFTY_STEPS = sweep.Training(epochs=25, batch_size=128)  # 256 training pairs: two steps an epoch


def flat(trained, i):
    return torch.cat([w[i].flatten() for own in trained.weights.values() for w in own.values()])


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-9)])
def test_a_stack_equals_its_members(pairs, dtype, tolerance):
    stacked = sweep.train(pairs, STRENGTHS, SEEDS, training=FIFTY_STEPS, dtype=dtype)
    for i, (strength, seed, _) in enumerate(stacked.models):
        alone = sweep.train(pairs, [strength], [seed], training=FIFTY_STEPS, dtype=dtype)
        for modality, own in stacked.weights.items():
            for name, w in own.items():
                other = alone.weights[modality][name][0]
                error = (w[i] - other).norm() / other.norm()
                assert error < tolerance, (strength, seed, modality, name)


def test_strengths_of_a_seed_start_alike_and_seeds_do_not(pairs):
    one_step = sweep.Training(epochs=1, batch_size=256, learning_rate=1e-30)
    start = sweep.train(pairs, STRENGTHS, SEEDS, training=one_step)
    assert [m[:2] for m in start.models] == [(s, k) for k in SEEDS for s in STRENGTHS]
    assert (flat(start, 0) == flat(start, 2)).all()
    assert (flat(start, 0) != flat(start, 3)).any()
    # the same batch too: the same task loss
    assert (start.history[0, 0] == start.history[2, 0]).all()


def test_independent_training_leaves_the_projection_alone(pairs):
    trained = sweep.train(pairs, ["0", "1"], [0], training=sweep.Training(epochs=2))
    once = sweep.train(pairs, ["0"], [0], training=sweep.Training(epochs=1, learning_rate=1e-30))
    projection = trained.weights["a"]["projection.0.weight"]
    torch.testing.assert_close(projection[0], once.weights["a"]["projection.0.weight"][0])
    assert (projection[1] - projection[0]).norm() > 1e-3


def test_training_reduces_the_losses_it_weighs(pairs):
    trained = sweep.train(pairs, ["0", "2"], [0], training=sweep.Training(epochs=40))
    first, last = trained.history[:, 0], trained.history[:, -1]
    assert (last[:, :2] < first[:, :2] - 0.1).all()
    assert last[1, 2] < first[1, 2] - 0.5
    assert first[1, 2] == pytest.approx(math.log(128), abs=2.5)


def test_a_model_that_diverges_is_stopped_alone_and_named(pairs, caplog):
    huge = "1" + 39 * "0"  # beyond float32
    options = {"training": sweep.Training(epochs=2)}
    with caplog.at_level(logging.WARNING):
        trained = sweep.train(pairs, ["0", huge], [0, 1], **options)
    assert [m.diverged_at for m in trained.models] == [None, 0, None, 0]
    assert f"strength {huge}, seed 1: the loss is not finite at step 0" in caplog.text
    clean = sweep.train(pairs, ["0"], [0, 1], **options)
    for mine, theirs in ((0, 0), (2, 1)):
        torch.testing.assert_close(flat(trained, mine), flat(clean, theirs), rtol=1e-4, atol=1e-6)
    assert flat(trained, 1).isnan().all()


def test_the_last_smaller_batch_is_dropped_and_small_data_makes_one_batch(pairs):
    trained = sweep.train(pairs, ["0"], [0], training=sweep.Training(epochs=1, batch_size=1000))
    assert trained.batch_size == 256


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_optimizers(pairs, optimizer):
    training = sweep.Training(epochs=2, optimizer=optimizer, weight_decay=0.1)
    assert np.isfinite(sweep.train(pairs, ["0"], [0], training=training).history).all()


def test_an_encoder_per_modality(pairs):
    chosen = {"a": encoders.MLP((5,), 4), "b": encoders.MLP((), 3)}
    training = sweep.Training(epochs=1, projection=(8, 2))
    trained = sweep.train(pairs, ["0", "1"], [0], encoder=chosen, training=training)
    assert trained.embed("a", pairs.inputs["a"]).shape == (2, 956, 4)
    assert trained.embed("b", pairs.inputs["b"]).shape == (2, 956, 3)
    assert trained.weights["a"]["projection.1.weight"].shape == (2, 2, 8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strengths": ["-1"]}, "strengths are \\['-1'\\]; allowed: at least 0"),
        ({"strengths": []}, "must not be empty"),
        ({"encoder": {"a": encoders.MLP()}}, "no encoder given for modality b"),
    ],
)
def test_bad_arguments(pairs, arguments, message):
    with pytest.raises(ValueError, match=message):
        sweep.train(**({"pairs": pairs, "strengths": ["0"], "seeds": [0]} | arguments))


def test_unknown_optimizer():
    with pytest.raises(ValueError, match="optimizer is 'sgd'; allowed: adam, adamw"):
        sweep.Training(optimizer="sgd")
