import dataclasses
import logging
import math

import numpy as np
import pytest
import torch

from alignsweep.data.resampling import Resampling
from alignsweep.training import encoders, sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.batches import Order, TrainingData
from alignsweep.training.objectives import OBJECTIVES, InfoNCE
from alignsweep.training.objectives import make as make_objective
from alignsweep.training.objectives.infonce import symmetric_infonce

STRENGTHS, SEEDS = ["0", "0.4", "2"], [0, 7]
STILL = 1e-30  # a learning rate at which nothing moves


def few(epochs, **options):
    """Return a training of so many epochs, however few steps that are."""
    return sweep.Training(epochs=epochs, min_steps=0, **options)


FIFTY_STEPS = few(25, batch_size=128)  # 256 training pairs: two steps an epoch


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
    one_step = few(1, batch_size=256, learning_rate=STILL)
    start = sweep.train(pairs, STRENGTHS, SEEDS, training=one_step)
    assert [m[:2] for m in start.models] == [(s, k) for k in SEEDS for s in STRENGTHS]
    assert (flat(start, 0) == flat(start, 2)).all()
    assert (flat(start, 0) != flat(start, 3)).any()
    # the same batch too: the same task loss
    assert (start.history[0, 0] == start.history[2, 0]).all()


def test_independent_training_leaves_the_projection_alone(pairs):
    trained = sweep.train(pairs, ["0", "1"], [0], training=few(2))
    once = sweep.train(pairs, ["0"], [0], training=few(1, learning_rate=STILL))
    projection = trained.weights["a"]["projection.0.weight"]
    torch.testing.assert_close(projection[0], once.weights["a"]["projection.0.weight"][0])
    assert (projection[1] - projection[0]).norm() > 1e-3


def test_training_reduces_the_losses_it_weighs(pairs):
    trained = sweep.train(pairs, ["0", "2"], [0], training=few(40))
    first, last = trained.history[:, 0], trained.history[:, -1]
    assert (last[:, :2] < first[:, :2] - 0.1).all()
    assert last[1, 2] < first[1, 2] - 0.5
    assert first[1, 2] == pytest.approx(math.log(128), abs=2.5)


def test_a_model_that_diverges_is_stopped_alone_and_named(pairs, caplog):
    huge = "1" + 39 * "0"  # beyond float32
    options = {"training": few(2)}
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
    huge = "13" + 36 * "0"
    options = {
        "training": few(1, batch_size=256),
        "alignment": Alignment(objective=InfoNCE(0.01)),
    }
    with caplog.at_level(logging.WARNING):
        trained = sweep.train(pairs, ["0", huge], [7], **options)
    total = trained.history[1, 0, :3] @ [1, 1, float(huge)]
    assert total < np.finfo(np.float32).max
    assert [m.diverged_at for m in trained.models] == [None, 0]
    assert f"strength {huge}, seed 7: not finite at step 0" in caplog.text
    assert flat(trained, 1).isnan().all()
    assert flat(trained, 0).isfinite().all()


def breaking_at(step, weight, model, value):
    """Return an `optimise` after whose step, counted from 0, a weight of a model has a value."""
    optimise = sweep.Training.optimise

    def broken(training, weights):
        optimizer, done = optimise(training, weights), []
        taken = optimizer.step

        def spoil():
            taken()
            if len(done) == step:
                weights[weight].data[model].view(-1)[0] = value
            done.append(step)

        optimizer.step = spoil
        return optimizer

    return broken


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("weight", [0, -1])
def test_one_broken_weight_of_the_last_step_is_enough(pairs, monkeypatch, weight, value):
    options = {"training": few(2)}
    clean = sweep.train(pairs, ["0", "1"], [0, 1], **options)
    monkeypatch.setattr(sweep.Training, "optimise", breaking_at(3, weight, 2, value))
    trained = sweep.train(pairs, ["0", "1"], [0, 1], **options)
    losses = slice(3)  # which saw nothing
    np.testing.assert_array_equal(trained.history[..., losses], clean.history[..., losses])
    assert [m.diverged_at for m in trained.models] == [None, None, 3, None]
    assert flat(trained, 2).isnan().all()
    for i in (0, 1, 3):
        assert torch.equal(flat(trained, i), flat(clean, i))
    (before,) = trained.others  # a model that broke in the end is not taken from before
    for modality, own in trained.others[before].items():
        for name, w in own.items():
            assert w[2].isnan().all()
            assert torch.equal(w[[0, 1, 3]], clean.others[before][modality][name][[0, 1, 3]])


def test_the_step_of_divergence_is_the_first_whose_loss_is_not_finite(pairs, monkeypatch):
    monkeypatch.setattr(sweep.Training, "optimise", breaking_at(1, 0, 0, math.nan))
    trained = sweep.train(pairs, ["0", "1"], [0], training=few(3))
    assert [m.diverged_at for m in trained.models] == [2, None]


def test_small_data_make_one_batch(pairs):
    training = few(1, batch_size=1000)
    assert sweep.train(pairs, ["0"], [0], training=training).plan == (1, 1, 256)


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_optimizers(pairs, optimizer):
    training = few(2, optimizer=optimizer, weight_decay=0.1)
    assert np.isfinite(sweep.train(pairs, ["0"], [0], training=training).history).all()


def test_an_encoder_per_modality(pairs):
    chosen = {"a": encoders.MLP((5,), 4), "b": encoders.MLP((), 3)}
    options = {
        "training": few(1),
        "alignment": Alignment(projection=(8, 2)),
    }
    trained = sweep.train(pairs, ["0", "1"], [0], encoder=chosen, **options)
    assert trained.embed("a", pairs.inputs["a"]).shape == (2, 956, 4)
    assert trained.embed("b", pairs.inputs["b"]).shape == (2, 956, 3)
    assert trained.weights["a"]["projection.1.weight"].shape == (2, 2, 8)


def test_cells_are_trained_as_one_stack_per_alignment(pairs):
    alignments = {name: Alignment(name, InfoNCE(t)) for name, t in (("warm", 0.5), ("cold", 0.1))}
    options = {"training": few(1)}
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


SPLITS = {
    "split": (Resampling("split", (None, 0.3, 0.3)), None),
    "scaled": (Resampling("split", (None, 0.3, 0.3), scaling={"b": "features"}), None),
    "groups": (Resampling("split", (None, 0.3, 0.3)), np.arange(956) // 4),
    "choice": (Resampling("choice", (100, 50, 50)), None),
}


@pytest.mark.parametrize("how", ["samples", *SPLITS])
@pytest.mark.parametrize("control", [None, *sweep.CONTROLS])
def test_every_seed_is_trained_on_its_own_draw(pairs, how, control):
    if how != "samples":
        resampling, groups = SPLITS[how]
        inputs = {m: x.astype(np.float32) for m, x in pairs.inputs.items()}
        changes = {"inputs": inputs, "resampling": resampling, "groups": groups}
        pairs = dataclasses.replace(pairs, **changes)
    options = {"training": few(3, batch_size=50), "dtype": torch.float64, "control": control}
    together = sweep.train(pairs, ["0", "1"], [0, 7], **options)
    for seed, own in together.by_seed():
        alone = sweep.train(pairs.draw(seed), ["0", "1"], [seed], **options)
        assert alone.plan == together.plan
        for i in (0, 1):
            torch.testing.assert_close(flat(own, i), flat(alone, i), rtol=1e-9, atol=1e-12)


def test_encoders_are_kept_on_the_way(pairs):
    whole = sweep.train(pairs, ["0", "1"], SEEDS, training=few(8))
    assert whole.checkpoints == [(2, 3e-3, 0), (4, 3e-3, 0), (8, 3e-3, 0)]
    assert whole.end == whole.checkpoints[-1]
    for at, kept in whole.others.items():
        until = sweep.train(pairs, ["0", "1"], SEEDS, training=few(at.epoch))
        for modality, own in kept.items():
            assert {n.split(".")[0] for n in own} == {"encoder", "projection"}
            for name, w in own.items():
                assert torch.equal(w, until.weights[modality][name]), (at, name)


def test_every_learning_rate_and_weight_decay_is_tried(pairs):
    tried = few(4, learning_rate=[0.01, 0.003], weight_decay=[0.0, 0.1])
    whole = sweep.train(pairs, ["0", "1"], [0], training=tried)
    variants = [(0.01, 0), (0.01, 0.1), (0.003, 0), (0.003, 0.1)]
    ends = {(4, *variant) for variant in variants}
    assert {*whole.checkpoints} == {(epoch, *v) for epoch in (1, 2, 4) for v in variants}
    assert whole.end == whole.checkpoints[-1] == (4, 0.01, 0)  # the first of both is the model
    x = pairs.inputs["a"][:30]
    for at in ends:
        one = few(4, learning_rate=at[1], weight_decay=at[2])
        alone = sweep.train(pairs, ["0", "1"], [0], training=one)
        np.testing.assert_array_equal(whole.embed("a", x, at=at), alone.embed("a", x))
        if at == whole.end:
            np.testing.assert_array_equal(whole.history, alone.history)


@pytest.mark.parametrize("rates", [[1e30, 0.003], [0.003, 1e30]])
def test_a_model_diverged_if_it_did_with_every_learning_rate(pairs, rates):
    both = sweep.train(pairs, ["0", "1"], [0], training=few(2, learning_rate=rates))
    assert both.finite.all()
    alone = sweep.train(pairs, ["0", "1"], [0], training=few(2, learning_rate=[1e30, 1e31]))
    assert not alone.finite.any()


@pytest.mark.parametrize("control", sweep.CONTROLS)
def test_at_strength_0_a_control_is_the_plain_model(pairs, control):
    plain = sweep.train(pairs, ["0", "1"], SEEDS, training=few(5))
    other = sweep.train(pairs, ["0", "1"], SEEDS, training=few(5), control=control)
    for i, (strength, *_) in enumerate(plain.models):
        assert torch.equal(flat(other, i), flat(plain, i)) == (strength == "0")
        assert (other.history[i, :, 2] != plain.history[i, :, 2]).all()


@pytest.mark.parametrize("control", sweep.CONTROLS)
def test_a_control_starts_as_the_paired_run_and_sees_its_batches(pairs, control):
    still = few(3, batch_size=64, learning_rate=STILL)
    plain = sweep.train(pairs, ["1"], SEEDS, training=still)
    other = sweep.train(pairs, ["1"], SEEDS, training=still, control=control)
    for i in (0, 1):
        assert torch.equal(flat(other, i), flat(plain, i))
    np.testing.assert_array_equal(other.history[:, :, :2], plain.history[:, :, :2])


def test_shuffled_aligns_the_samples_of_a_batch_that_are_no_pairs(pairs):
    still = few(1, batch_size=256, learning_rate=STILL)
    found = sweep.train(pairs, ["1"], [3], training=still, control="shuffled")
    draw = pairs.draw(3)
    data = TrainingData(pairs, [3], torch.device("cpu"), torch.float32)
    order = Order(data, [3], still.schedule(256))
    rows, partners = order.epoch()[0, 0].numpy(), order.partners()[0].numpy()
    assert (partners != np.arange(256)).all()
    rows = draw.rows("train")[rows]
    a = found.project("a", draw.inputs["a"][rows])
    b = found.project("b", draw.inputs["b"][rows[partners]])
    a, b = (torch.as_tensor(x).swapaxes(1, 2) for x in (a, b))
    assert found.history[0, 0, 2] == pytest.approx(symmetric_infonce(a, b, 0.1).item(), abs=1e-4)


def test_what_is_no_pair_cannot_be_aligned(pairs):
    paired, shuffled = (
        sweep.train(pairs, ["2"], SEEDS, training=few(40), control=c) for c in (None, "shuffled")
    )
    assert (paired.history[:, -1, 2] < math.log(128) - 0.5).all()
    assert (shuffled.history[:, -1, 2] > math.log(128) - 0.2).all()


def test_self_aligns_each_modality_whatever_the_other_is(pairs):
    fixed = dataclasses.replace(pairs, resampling=None)
    train = fixed.rows("train")
    b = fixed.inputs["b"].copy()
    b[train] = b[train[::-1]]
    other = dataclasses.replace(fixed, inputs=fixed.inputs | {"b": b})
    for control, same in (("self", True), (None, False)):
        options = {"training": few(5), "control": control}
        one, two = (sweep.train(p, ["0", "1"], [0], **options).weights["a"] for p in (fixed, other))
        moved = {n: (w[1] - w[0]).norm() > 1e-3 for n, w in one.items() if "weight" in n}
        assert all(moved.values()), moved  # strength changes it
        assert all(torch.equal(w[1], two[n][1]) for n, w in one.items()) == same
    copies = sweep.train(fixed, ["2"], [0], training=few(40), control="self").history[0, :, 2]
    assert copies[-1] < copies[0] - 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strengths": ["-1"]}, "strengths are \\['-1'\\]; allowed: at least 0"),
        ({"strengths": [0, 0.4]}, "strengths are \\[0, 0.4\\]; allowed: at least 0, and as text"),
        ({"seeds": 0}, "must not be empty"),
        ({"threads": 0}, "threads is 0; allowed: an integer of at least 1"),
        ({"strengths": []}, "must not be empty"),
        ({"encoder": {"a": encoders.MLP()}}, "no encoder given for modality b"),
        ({"control": "noise"}, "control is 'noise'; allowed: shuffled, self"),
    ],
)
def test_bad_arguments(pairs, arguments, message):
    with pytest.raises(ValueError, match=message):
        sweep.train(**({"pairs": pairs, "strengths": ["0"], "seeds": [0]} | arguments))


def test_unknown_optimizer():
    with pytest.raises(ValueError, match='optimizer is "sgd"; allowed: one of "adam"'):
        sweep.Training(optimizer="sgd")


def encoder_and_head(trained):
    return {
        (m, name): w
        for m, own in trained.weights.items()
        for name, w in own.items()
        if not name.startswith("projection.")
    }


@pytest.mark.parametrize(
    "other",
    [
        Alignment("other", InfoNCE(0.5), (8, 3)),
        Alignment("other", shared_width=2),
        Alignment("other", make_objective("prediction"), scale=3.0),
    ],
)
def test_at_strength_0_every_alignment_has_the_same_model(pairs, other):
    first, second = (
        sweep.train(pairs, ["0"], SEEDS, training=few(2), alignment=a) for a in (Alignment(), other)
    )
    expected = encoder_and_head(first)
    for key, w in encoder_and_head(second).items():
        assert torch.equal(w, expected[key]), key
    np.testing.assert_array_equal(first.history[:, :, :2], second.history[:, :, :2])


def test_the_private_part_of_an_embedding_is_not_aligned(pairs):
    part = Alignment("part", shared_width=2)
    found = sweep.train(pairs, ["0", "1"], [0], training=few(1), alignment=part)
    assert found.weights["a"]["projection.0.weight"].shape == (2, 6, 2)
    projected = found.project("a", pairs.inputs["a"])
    embedded = found.embed("a", pairs.inputs["a"])
    weight, bias = (
        found.weights["a"][f"projection.0.{n}"].double().numpy() for n in ("weight", "bias")
    )
    seen = embedded[:, :, :2] @ weight.swapaxes(1, 2) + bias.swapaxes(1, 2)
    np.testing.assert_allclose(projected, seen, atol=1e-9)


def test_a_scale_is_a_factor_of_the_strength(pairs):
    scaled = Alignment("scaled", scale=0.5)
    first = sweep.train(pairs, ["1"], [0], training=few(2), alignment=scaled)
    second = sweep.train(pairs, ["0.5"], [0], training=few(2))
    assert torch.equal(flat(first, 0), flat(second, 0))


@pytest.mark.parametrize("control", [None, *sweep.CONTROLS])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_every_objective_trains_with_pairs_and_controls(pairs, kind, control):
    chosen = Alignment(kind, make_objective(kind))
    options = {"training": few(2), "alignment": chosen, "control": control, "dtype": torch.float64}
    found = sweep.train(pairs, ["0", "1"], [0, 7], **options)
    assert found.finite.all()
    assert (found.history[:, 0, 2] != found.history[:, 1, 2]).all()
    alone = sweep.train(pairs, ["1"], [7], **options)
    torch.testing.assert_close(flat(found, 3), flat(alone, 0), rtol=1e-4, atol=1e-6)


def test_more_shared_dimensions_than_there_are_is_an_error(pairs):
    with pytest.raises(ValueError, match="shared_width of alignment part is 7; allowed: up to 6"):
        sweep.train(pairs, ["0"], [0], alignment=Alignment("part", shared_width=7))
