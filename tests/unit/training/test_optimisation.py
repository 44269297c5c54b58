"""How long, with what, and where encoders are kept."""

import math

import numpy as np
import pytest
import torch
from jsonschema import Draft202012Validator

from alignsweep.options import describe
from alignsweep.training.optimisation import Checkpoint, Schedule, Training, schedule

OPTIONS = {o.name: o.schema for o in describe(Training)}


@pytest.mark.parametrize(
    ("samples", "options", "expected"),
    [
        (1024, {}, (80, 8, 128)),  # 640 steps
        (256, {}, (320, 2, 128)),  # few samples: more epochs
        (256, {"min_steps": 0}, (80, 2, 128)),
        (256, {"min_steps": 641}, (321, 2, 128)),
        (55_000, {}, (80, 429, 128)),  # enough steps: no more epochs
        (100, {}, (640, 1, 100)),  # all in one batch
        (300, {}, (214, 3, 100)),  # 128 would leave 44 out
        (140, {}, (80 * 8, 1, 128)),  # a tenth may be left out
        (150, {}, (320, 2, 75)),
        (11, {"batch_size": 2}, (128, 5, 2)),
    ],
)
def test_epochs_steps_and_batch(samples, options, expected):
    assert Training(**options).schedule(samples) == expected


@pytest.mark.parametrize("batch_size", [10, 32, 100, 128, 512])
def test_there_are_steps_enough_and_hardly_a_sample_is_left_out(batch_size):
    for samples in range(2, 1500):
        epochs, steps, batch = schedule(samples, 20, batch_size, 640)
        assert 2 <= batch <= batch_size
        assert 0 <= samples - steps * batch <= 0.1 * samples
        assert epochs * steps >= 640
        assert epochs == 20 or (epochs - 1) * steps < 640  # and not more than needed


def test_a_batch_has_negatives_however_few_samples_there_are():
    for samples in range(2, 100):
        assert min(schedule(samples, 1, size, 0).batch for size in range(2, 20)) == 2


@pytest.mark.parametrize(
    ("epochs", "kept"),
    [(80, [20, 40, 80]), (214, [54, 107, 214]), (4, [1, 2, 4]), (3, [1, 2, 3]), (1, [1])],
)
def test_encoders_are_kept_after_a_quarter_a_half_and_all_of_the_epochs(epochs, kept):
    assert Schedule(epochs, 1, 2).kept == kept


def test_lists_of_learning_rates_and_weight_decays_become_variants():
    many = Training(epochs=7, learning_rate=[0.01, 0.001], weight_decay=[0, 0.1, 0.2])
    assert [(v.learning_rate, v.weight_decay) for v in many.variants()] == [
        (rate, decay) for rate in (0.01, 0.001) for decay in (0, 0.1, 0.2)
    ]
    assert {v.epochs for v in many.variants()} == {7}
    assert [v.at(3) for v in many.variants()][1] == Checkpoint(3, 0.01, 0.1)
    one = Training()
    assert one.variants() == [one]
    assert Training(learning_rate=[0.003]).variants() == [one]
    assert hash(many) == hash(Training(7, learning_rate=(0.01, 0.001), weight_decay=(0, 0.1, 0.2)))


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_the_optimiser_has_the_options_of_its_variant(optimizer):
    many = Training(optimizer=optimizer, learning_rate=[0.01, 0.5], weight_decay=[0.0, 0.1])
    weight = torch.zeros(3, requires_grad=True)
    for variant in many.variants():
        made = variant.optimise([weight])
        assert made.decoupled == (optimizer == "adamw")
        assert (made.learning_rate, made.weight_decay) == variant.at(0)[1:]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is 0; allowed: an integer from 1 to 1000000000"),
        (
            {"batch_size": 1},
            "batch_size is 1; allowed: an integer of at least 2, because",
        ),
        ({"batch_size": 6.5}, "batch_size is 6.5; allowed: an integer of at least 2"),
        ({"optimizer": "sgd"}, 'optimizer is "sgd"; allowed: one of "adam", "adamw"'),
        ({"learning_rate": 0}, "learning_rate is 0; allowed: a number above 0, or a list of such"),
        ({"learning_rate": []}, r"learning_rate is \[\]; allowed: a number above 0, or a list of"),
        ({"learning_rate": [0.1, -1]}, r"learning_rate is \[0.1, -1\]; allowed: a number above 0"),
        ({"learning_rate": [0.1, 0.1]}, r"learning_rate is \[0.1, 0.1\]; allowed: "),
        ({"learning_rate": math.nan}, "learning_rate is NaN; allowed: a number above 0"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; allowed: a number of at least 0, or a lis"),
        ({"weight_decay": (0, -1)}, r"weight_decay is \[0, -1\]; allowed: a number of at least 0"),
    ],
)
def test_bad_values_are_named_in_one_sentence(options, message):
    with pytest.raises(ValueError, match=f"^{message}") as error:
        Training(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("min_steps", 0, True),
        ("min_steps", -1, False),
        ("min_steps", 6.5, False),
        ("batch_size", 2, True),
        ("batch_size", 1, False),
        ("learning_rate", 0.1, True),
        ("learning_rate", [0.1, 0.2], True),
        ("learning_rate", [], False),
        ("learning_rate", [0.1, 0.1], False),
        ("learning_rate", [0.1, 0], False),
        ("learning_rate", 0, False),
        ("learning_rate", "fast", False),
        ("weight_decay", 0, True),
        ("weight_decay", [0, 0.1], True),
        ("weight_decay", -0.1, False),
        ("weight_decay", [0, -0.1], False),
    ],
)
def test_what_a_configuration_may_say(name, value, fits):
    schema = OPTIONS[name]
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(value) == fits
    assert "allowed" in schema


def test_numbers_of_numpy_are_numbers():
    assert Training(epochs=np.int64(5), learning_rate=np.float32(0.5)).epochs == 5


def test_defaults_are_allowed():
    for name, schema in OPTIONS.items():
        assert Draft202012Validator(schema).is_valid(schema["default"]), name
    assert np.prod(Training().schedule(1024)[:2]) == Training().min_steps
