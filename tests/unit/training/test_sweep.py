import logging
import math

import numpy as np
import pytest
import torch

from alignsweep.training import encoders, sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.objectives import InfoNCE

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
    assert f"strength {huge}, seed 1: not finite at step 0" in caplog.text
    clean = sweep.train(pairs, ["0"], [0, 1], **options)
    for mine, theirs in ((0, 0), (2, 1)):
        torch.testing.assert_close(flat(trained, mine), flat(clean, theirs), rtol=1e-4, atol=1e-6)
    assert flat(trained, 1).isnan().all()


def test_a_model_whose_last_step_breaks_it_has_diverged(pairs, caplog):
    # the loss is just within float32, its gradient beyond it
    huge = "1" + 37 * "0"
    options = {
        "training": sweep.Training(epochs=1, batch_size=256),
        "alignment": Alignment(objective=InfoNCE(0.01)),
    }
    with caplog.at_level(logging.WARNING):
        trained = sweep.train(pairs, ["0", huge], [1], **options)
    total = trained.history[1, 0] @ [1, 1, float(huge)]
    assert total < np.finfo(np.float32).max
    assert [m.diverged_at for m in trained.models] == [None, 0]
    assert f"strength {huge}, seed 1: not finite at step 0" in caplog.text
    assert flat(trained, 1).isnan().all()
    assert flat(trained, 0).isfinite().all()


def breaking_at(step, weight, model, value):
    """Return an `optimise` after whose step, counted from 0, a weight of a model has a value."""
    optimise = sweep.Training.optimise

    def broken(training, weights):
        optimizer, done = optimise(training, weights), []

        def spoil(*_):
            if len(done) == step:
                weights[weight].data[model].view(-1)[0] = value
            done.append(step)

        optimizer.register_step_post_hook(spoil)
        return optimizer

    return broken


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("weight", [0, -1])
def test_one_broken_weight_of_the_last_step_is_enough(pairs, monkeypatch, weight, value):
    options = {"training": sweep.Training(epochs=2)}
    clean = sweep.train(pairs, ["0", "1"], [0, 1], **options)
    monkeypatch.setattr(sweep.Training, "optimise", breaking_at(3, weight, 2, value))
    trained = sweep.train(pairs, ["0", "1"], [0, 1], **options)
    np.testing.assert_array_equal(trained.history, clean.history)  # the losses saw nothing
    assert [m.diverged_at for m in trained.models] == [None, None, 3, None]
    assert flat(trained, 2).isnan().all()
    for i in (0, 1, 3):
        assert torch.equal(flat(trained, i), flat(clean, i))


def test_the_step_of_divergence_is_the_first_whose_loss_is_not_finite(pairs, monkeypatch):
    monkeypatch.setattr(sweep.Training, "optimise", breaking_at(1, 0, 0, math.nan))
    trained = sweep.train(pairs, ["0", "1"], [0], training=sweep.Training(epochs=3))
    assert [m.diverged_at for m in trained.models] == [2, None]


def test_the_last_smaller_batch_is_dropped_and_small_data_makes_one_batch(pairs):
    trained = sweep.train(pairs, ["0"], [0], training=sweep.Training(epochs=1, batch_size=1000))
    assert trained.batch_size == 256


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_optimizers(pairs, optimizer):
    training = sweep.Training(epochs=2, optimizer=optimizer, weight_decay=0.1)
    assert np.isfinite(sweep.train(pairs, ["0"], [0], training=training).history).all()


def test_an_encoder_per_modality(pairs):
    chosen = {"a": encoders.MLP((5,), 4), "b": encoders.MLP((), 3)}
    options = {"training": sweep.Training(epochs=1), "alignment": Alignment(projection=(8, 2))}
    trained = sweep.train(pairs, ["0", "1"], [0], encoder=chosen, **options)
    assert trained.embed("a", pairs.inputs["a"]).shape == (2, 956, 4)
    assert trained.embed("b", pairs.inputs["b"]).shape == (2, 956, 3)
    assert trained.weights["a"]["projection.1.weight"].shape == (2, 2, 8)


def test_cells_are_trained_as_one_stack_per_alignment(pairs):
    alignments = {name: Alignment(name, InfoNCE(t)) for name, t in (("warm", 0.5), ("cold", 0.1))}
    options = {"training": sweep.Training(epochs=1)}
    cells = [("cold", "0"), ("cold", "1"), ("warm", "1")]
    warm, cold = sweep.train_alignments(pairs, cells, [0, 7], alignments=alignments, **options)
    assert (warm.alignment, cold.alignment) == ("warm", "cold")
    assert [m[:2] for m in cold.models] == [("0", 0), ("1", 0), ("0", 7), ("1", 7)]
    alone = sweep.train(pairs, ["1"], [0, 7], alignment=alignments["warm"], **options)
    assert alone.models == warm.models
    for i in (0, 1):
        assert torch.equal(flat(warm, i), flat(alone, i))
    (only,) = sweep.train_alignments(pairs, cells[:2], [0], alignments=alignments, **options)
    assert only.alignment == "cold"


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
