import logging

import numpy as np
import pytest

from alignsweep.data import sequences


def sequence(*steps):
    """One sample of one feature."""
    return np.array(steps, dtype=np.float32)[None, :, None]


@pytest.mark.parametrize(
    ("steps", "there"),
    [
        ((0, 0, 1, 2), (0, 0, 1, 1)),
        ((1, 2, 0, 0), (1, 1, 0, 0)),
        ((0, 1, 0, 2, 0), (0, 1, 1, 1, 0)),
        ((0, 0, 0), (0, 0, 1)),
        ((0, np.nan, -np.inf, 0), (0, 1, 1, 0)),
        ((0,), (1,)),
    ],
)
def test_padding_is_in_front_and_behind(steps, there):
    assert sequences.steps_there(sequence(*steps))[0].tolist() == list(map(bool, there))


def test_a_step_is_there_if_one_feature_is():
    x = np.zeros((1, 3, 4))
    x[0, 1, 2] = -1
    assert sequences.steps_there(x).tolist() == [[False, True, False]]


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ((1, 2, 3, 4, 5), (3, 4, 5)),
        ((0, 0, 0, 1, 2), (0, 1, 2)),
        ((1, 2, 3, 4, 0), (2, 3, 4)),
        ((1, 0, 0, 0, 0), (1, 0, 0)),
        ((0, 0, 0, 0, 0), (0, 0, 0)),
        ((1, 2, 3), (1, 2, 3)),
        ((1, 2), (1, 2)),
    ],
)
def test_the_last_steps_there_are_kept(steps, kept):
    np.testing.assert_array_equal(sequences.last_steps(sequence(*steps), 3), sequence(*kept))


def test_prepare(caplog):
    x = np.array([[0, 1], [0, 0], [2, 3], [0, 1e300]])[:, :, None]
    split = np.array([0, 0, 1, 2], dtype=np.int8)
    with caplog.at_level(logging.WARNING):
        inputs, masks, facts = sequences.prepare("mine", {"vision": x, "text": x + 1}, split)
    assert inputs["vision"].dtype == np.float32
    # one training step is there, so that the feature is constant; the second sample is missing
    assert inputs["vision"].tolist() == [[[0], [0]]] * 4
    assert masks["vision"].tolist() == [[False, True], [False, True], [True, True], [False, True]]
    assert list(masks) == ["vision"]  # text has no padding
    # mean and standard deviation of 1, 2, 1, 1; what is not finite becomes the mean
    expected = (np.array([[1, 2], [1, 1], [3, 4], [1, 1.25]]) - 1.25) / np.sqrt(3 / 16)
    np.testing.assert_allclose(inputs["text"][..., 0], expected, rtol=1e-6)
    assert [(f["modality"], f["fact"], f["value"]) for f in facts] == [
        ("vision", "not_finite_values", 1),
        ("vision", "missing_samples", 1),
        ("text", "not_finite_values", 1),
        ("text", "missing_samples", 0),
    ]
    assert "mine: vision: 1 values not finite; set to the mean" in caplog.text


def test_a_missing_sample_stays_0_and_does_not_count():
    x = np.array([[[1.0]], [[3.0]], [[0.0]], [[2.0]], [[4.0]]])
    inputs, _, _ = sequences.prepare("mine", {"text": x}, np.array([0, 0, 0, 1, 2], dtype=np.int8))
    assert inputs["text"].ravel().tolist() == [-1, 1, 0, 0, 2]


@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 1, 1)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "?"])
def test_labels(shape, dtype):
    values = np.array([1, 0, 1], dtype=dtype).reshape(shape)
    labels = sequences.labels(values, "file: train")
    assert labels.dtype == np.float64
    assert labels.tolist() == [1, 0, 1]
    assert sequences.labels(values.tolist(), "file: train").tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, np.nan, -np.inf], "a.pkl: valid: 2 of 3 labels are NaN or infinite"),
        (np.ones((3, 1, 7)), r"a.pkl: valid: labels are float64 \(3, 1, 7\); needed: one number"),
        (np.array(["a", "b"]), "labels are <U1"),
        (3, "one number per sample"),
    ],
)
def test_bad_labels(values, message):
    with pytest.raises(ValueError, match=message):
        sequences.labels(values, "a.pkl: valid")


def test_pairs_have_their_modalities_in_order():
    assert sequences.modalities("audio-text") == ("audio", "text")
    message = "pair is 'text-audio'; allowed: vision-text, vision-audio, audio-text"
    with pytest.raises(ValueError, match=message):
        sequences.modalities("text-audio")
