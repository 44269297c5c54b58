"""What the models of a stack are trained on, seed by seed."""

import dataclasses

import numpy as np
import pytest
import torch

from alignsweep.data import resampling, store
from alignsweep.data.resampling import Resampling
from alignsweep.training import batches, sweep
from alignsweep.training.batches import Order, TrainingData, nominal
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.encoders.transformer import Transformer
from alignsweep.training.optimisation import Schedule, Training, schedule

N, SEEDS = 200, [3, 0, 7]
SPLIT = Resampling("split", (None, 0.2, 0.2))
CHOICE = Resampling("choice", (70, 20, 20))
#: how the data of seeds differ, and how many training samples there are
KINDS = {
    "given": ({}, 120),
    "split": ({"resampling": SPLIT}, 120),
    "scaled": ({"resampling": dataclasses.replace(SPLIT, scaling={"b": "features"})}, 120),
    "choice": ({"resampling": CHOICE}, 70),
    "groups": ({"resampling": SPLIT, "groups": np.arange(N) // 9}, 120),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def toy(kind, **changes):
    """Sequences with padding and vectors; both have the number of the sample in them."""
    rng = np.random.default_rng(0)
    mask = np.arange(5) >= rng.integers(0, 5, (N, 1))
    a = rng.normal(size=(N, 5, 2))
    a[:, -1, 0] = np.arange(N)
    b = np.stack([np.arange(N), rng.normal(size=N)], axis=1)
    parts = {
        "inputs": {"a": (a * mask[..., None]).astype(np.float32), "b": b.astype(np.float32)},
        "labels": np.arange(N) % 2,
        "split": store.split_codes(120, 40, 40),
        "classes": 2,
        "masks": {"a": mask},
    }
    return store.Pairs("toy", **parts | KINDS[kind][0] | changes)


def data_of(pairs, seeds=SEEDS):
    return TrainingData(pairs, seeds, torch.device("cpu"), torch.float64)


def samples_of(data, rows):
    """Return the numbers of the samples in rows ``(K, batch)``."""
    return data.of("a", rows)[0][..., -1, 0].long().numpy()


@every_kind
def test_the_nominal_size_is_that_of_every_seed_or_about(kind):
    pairs = toy(kind)
    assert nominal(pairs) == KINDS[kind][1]
    for seed in SEEDS:
        off = len(pairs.draw(seed).rows("train")) - nominal(pairs)
        assert abs(off) <= (9 if kind == "groups" else 0)


def test_a_choice_of_more_than_there_is_is_all():
    assert nominal(toy("choice", resampling=Resampling("choice", (500, 20, 20)))) == 120


@every_kind
@pytest.mark.parametrize("held", [True, False])
def test_rows_are_the_training_samples_of_their_seed(kind, held, monkeypatch):
    if not held:  # many samples: they are standardised, and read, batch by batch
        monkeypatch.setattr(batches, "HELD_BYTES", 0)
        monkeypatch.setattr(resampling, "HELD_BYTES", 0)
    pairs = toy(kind)
    data = data_of(pairs)
    assert bool(data.inputs) == held
    assert data.shape == {"a": (5, 2), "b": (2,)}
    least = min(map(len, data.rows))
    rows = torch.stack([own[:least] for own in data.rows])
    for k, seed in enumerate(SEEDS):
        draw = pairs.draw(seed)
        expected = draw.rows("train")[:least]
        for modality in "ab":
            x, mask = data.of(modality, rows)
            known, there = draw.of(modality, expected)
            np.testing.assert_array_equal(x[k], known)
            if there is None:
                assert mask is None
            else:
                np.testing.assert_array_equal(mask[k], there)
        np.testing.assert_array_equal(data.labels_of(rows)[k], draw.labels[expected])
        assert len(data.rows[k]) == len(draw.rows("train"))


def test_seeds_that_differ_in_their_split_alone_share_their_inputs():
    assert data_of(toy("split")).inputs["a"].shape == (1, N, 5, 2)
    assert data_of(toy("given")).inputs["a"].shape == (1, N, 5, 2)
    assert data_of(toy("scaled")).inputs["a"].shape == (3, 120, 5, 2)
    assert data_of(toy("choice")).inputs["a"].shape == (3, 70, 5, 2)


@every_kind
def test_numbers_are_in_standard_deviations_of_the_training_samples_of_their_seed(kind):
    numbers = np.random.default_rng(1).normal(5, 3, N) ** 3
    data = data_of(toy(kind, labels=numbers, classes=None))
    for k, own in enumerate(data.rows):
        labels = data.labels_of(own.expand(len(SEEDS), -1))[k]
        assert labels.mean().item() == pytest.approx(0, abs=1e-12)
        assert labels.std(correction=0).item() == pytest.approx(1)


@every_kind
def test_batches_of_an_epoch_are_without_repetition_and_leave_at_most_a_tenth_out(kind):
    pairs = toy(kind)
    data, plan = data_of(pairs), schedule(nominal(pairs), 1, 32, 0)
    order = Order(data, SEEDS, plan)
    for _ in range(3):
        rows = order.epoch()
        assert rows.shape == (plan.steps, len(SEEDS), plan.batch)
        seen = np.stack([samples_of(data, step) for step in rows], axis=1).reshape(len(SEEDS), -1)
        for own, seed in zip(seen, SEEDS, strict=True):
            draw = pairs.draw(seed)
            train = draw.inputs["a"][draw.rows("train"), -1, 0].astype(int)
            assert {*own} <= {*train}
            if kind == "groups":  # sizes differ: what is too few begins anew
                assert np.bincount(own).max() <= 2
                assert len({*own}) >= min(len(train), plan.steps * plan.batch)
            else:
                assert len({*own}) == len(own) >= 0.9 * len(train)


@every_kind
def test_seeds_have_batches_of_their_own_which_do_not_depend_on_the_other_seeds(kind):
    pairs, plan = toy(kind), Schedule(1, 2, 30)
    data, alone = data_of(pairs), data_of(pairs, [7])
    order, own = Order(data, SEEDS, plan), Order(alone, [7], plan)
    for _ in range(2):
        rows, of_7 = order.epoch(), own.epoch()
        for step in range(2):
            numbers = samples_of(data, rows[step])
            np.testing.assert_array_equal(numbers[2], samples_of(alone, of_7[step])[0])
            assert len({r.tobytes() for r in numbers}) == 3
        np.testing.assert_array_equal(order.partners()[2], own.partners()[0])


def test_epochs_differ():
    order = Order(data_of(toy("given")), SEEDS, Schedule(1, 3, 40))
    assert (order.epoch() != order.epoch()).any(dim=2).all()


def test_all_strengths_of_a_seed_share_their_batches():
    pairs = toy("choice", masks={})
    still = Training(epochs=3, min_steps=0, batch_size=20, learning_rate=1e-30)
    found = sweep.train(pairs, ["0", "0.5", "9"], SEEDS, training=still)
    tasks = found.history[:, :, :2].reshape(len(SEEDS), 3, -1)  # means over the batches seen
    assert (tasks == tasks[:, :1]).all()
    assert (np.diff(tasks[:, 0], axis=0) != 0).all()


def test_partners_are_others_of_the_batch_and_each_one_s():
    order = Order(data_of(toy("given")), SEEDS, Schedule(1, 1, 50))
    drawn = torch.stack([order.partners() for _ in range(20)]).numpy()
    assert (drawn != np.arange(50)).all()
    assert (np.sort(drawn, axis=2) == np.arange(50)).all()
    assert len({p.tobytes() for p in drawn.reshape(-1, 50)}) > 20


def test_controls_draw_nothing_from_the_batches():
    data, plan = data_of(toy("given")), Schedule(1, 2, 50)
    plain, other = (Order(data, SEEDS, plan) for _ in range(2))
    for _ in range(3):
        noise = other.noise(torch.zeros(3, 50, 4))
        other.partners()
        assert torch.equal(plain.epoch(), other.epoch())
    assert noise.shape == (3, 50, 4)
    assert noise.std().item() == pytest.approx(1, abs=0.1)
    assert len({row.numpy().tobytes() for row in noise}) == 3


def test_many_samples_are_trained_on_as_few_are(monkeypatch):
    pairs, training = toy("scaled"), Training(epochs=2, batch_size=32, min_steps=0)
    encoders = {"a": Transformer(width=3, layers=1), "b": MLP((4,), 3)}
    held = sweep.train(pairs, ["0", "1"], SEEDS, training=training, encoder=encoders)
    monkeypatch.setattr(batches, "HELD_BYTES", 0)
    monkeypatch.setattr(resampling, "HELD_BYTES", 0)
    read = sweep.train(pairs, ["0", "1"], SEEDS, training=training, encoder=encoders)
    for modality, own in held.weights.items():
        for name, w in own.items():
            torch.testing.assert_close(read.weights[modality][name], w, rtol=0, atol=0)
