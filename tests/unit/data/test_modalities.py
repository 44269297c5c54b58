"""Inputs of a modality: what is read, and what is taken for padding or for an image."""

import numpy as np
import pytest

from alignsweep.data import modalities, scaling
from alignsweep.data.readers.columns import Columns

N = 60
RNG = np.random.default_rng(0)


def read(tmp_path, x, mask=None, **others):
    np.savez(tmp_path / "my.npz", x=x, **others)
    return modalities.read(Columns(tmp_path / "my.npz"), "image", "x", ["label"], mask)


def padded():
    lengths = RNG.integers(1, 7, N)
    lengths[0] = 6
    there = np.arange(6) < lengths[:, None]
    return RNG.normal(2, 1, (N, 6, 3)) * there[..., None], lengths, there


def test_steps_of_zeros_are_padding_and_said(tmp_path):
    x, _, there = padded()
    for sequence, mask in ((x, there), (x[:, ::-1], there[:, ::-1])):
        found = read(tmp_path, sequence)
        np.testing.assert_array_equal(found.mask, mask)
        assert "are taken for padding" in found.notes[0]
    assert read(tmp_path, x, False).mask is None
    assert read(tmp_path, x + 1).mask is None


@pytest.mark.parametrize("kind", ["lengths", "mask"])
def test_lengths_or_a_mask_are_taken_as_they_are(tmp_path, kind):
    x, lengths, there = padded()
    found = read(tmp_path, x + 5, "given", given=lengths if kind == "lengths" else there * 1)
    np.testing.assert_array_equal(found.mask, there)
    assert not found.notes
    assert (found.float32()[~there] == 0).all()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            np.arange(N),
            "its lengths 'given' go from 0 to 59; needed: whole numbers from 0 to its 6",
        ),
        (np.ones((N, 4)), "its mask 'given' (60, 4); needed: lengths (60,) or a mask (60, 6)"),
        (np.full((N, 6), 0.5), "its mask 'given' has other values than 0 and 1"),
    ],
)
def test_masks_that_do_not_fit_are_refused(tmp_path, given, sentence):
    with pytest.raises(ValueError, match=r"my.npz: modality image .'x'.") as error:
        read(tmp_path, RNG.normal(size=(N, 6, 3)), "given", given=given)
    assert sentence in str(error.value)


def test_a_mask_that_is_1_at_padding_is_refused(tmp_path):
    x, _, there = padded()
    with pytest.raises(ValueError, match=r"its mask 'given' is 1 where all inputs are 0"):
        read(tmp_path, x, "given", given=~there)


def test_what_is_no_number_at_padding_is_no_matter(tmp_path):
    x, lengths, there = padded()
    holes = np.where(there[..., None], x, np.nan)
    found = read(tmp_path, holes, "given", given=lengths)
    np.testing.assert_array_equal(found.inputs, x)
    holes[0, 0] = np.nan
    with pytest.raises(ValueError, match="has 3 missing or infinite values, the first in row 0"):
        read(tmp_path, holes, "given", given=lengths)


def test_a_mask_that_leaves_out_what_is_not_zero_is_said(tmp_path):
    x, lengths, there = padded()
    short = read(tmp_path, x, "given", given=np.maximum(lengths - 1, 1)).notes
    assert short[0].startswith("'given' leaves out")
    assert "see whether it is right" in short[0]
    opposite = read(tmp_path, x + 5, "given", given=~there).notes
    assert "if it is 1 at padding, write the opposite" in opposite[0]
    assert not read(tmp_path, x, "given", given=lengths).notes


def test_a_mask_that_is_not_named_is_said(tmp_path):
    x, lengths, _ = padded()
    notes = read(tmp_path, x + 5, x_lengths=lengths).notes
    assert notes[0].startswith("'x_lengths' is not used")
    assert "`masks: {image: x_lengths}`" in notes[0]
    assert not read(tmp_path, x + 5, False, x_lengths=lengths).notes


@pytest.mark.parametrize(
    ("x", "note"),
    [
        (RNG.normal(size=(N, 1, 4)), "taken for sequences of 1 step; write vectors as (n, 4)"),
        (RNG.normal(size=(N, 8, 8)), "write images as (n, 8, 8, 1)"),
        (RNG.normal(size=(N, 4)) * (np.arange(N) > 4)[:, None], "5 of 60 samples are zeros only"),
        (np.where(RNG.normal(size=(N, 4)) < -2, -999, RNG.normal(size=(N, 4))), "values are -999"),
        (RNG.integers(0, 30000, (N, 4)), "if they are ids, of tokens or categories, embed them"),
    ],
)
def test_what_may_be_something_else_is_said(tmp_path, x, note):
    assert note in " ".join(read(tmp_path, x).notes)


@pytest.mark.parametrize("x", [RNG.normal(size=(N, 4)), RNG.poisson(0.3, (N, 4)) * 500,
                               RNG.normal(size=(N, 4)) * 99 - 200])  # fmt: skip
def test_nothing_is_said_of_what_is_usual(tmp_path, x):
    assert not read(tmp_path, x).notes


@pytest.mark.parametrize("shape", [(8, 6, 3), (3, 8, 6), (8, 6, 1), (8, 6)])
def test_images_have_channels_last_and_one_scale(tmp_path, shape):
    x = RNG.integers(0, 256, (N, *shape)).astype(np.uint8)
    x[:, :2] = x[:, :2] * (shape[0] == 3)  # a black margin is no padding
    found = read(tmp_path, x)
    assert (found.kind, found.scaling, found.mask) == ("images", "values", None)
    expected = np.moveaxis(x, 1, 3) if shape[0] == 3 else x
    np.testing.assert_array_equal(found.inputs, expected)


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (np.ones((N, 3, 8, 3)), "where either axis can be channels (1, 3 or 4)"),
        (np.ones((N, 8, 8, 5)), "where no axis can be channels"),
        (np.ones((N, 4)), "is constant, the same in all 60 rows"),
        (np.ones((N, 0)), "has shape (60, 0), no values; needed: rows and features"),
    ],
)
def test_inputs_that_say_nothing_are_refused(tmp_path, x, sentence):
    with pytest.raises(ValueError, match=r"my.npz: modality image .'x'.") as error:
        read(tmp_path, x)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("offset", "spread"),
    [(1.7e9, 20), (0, 1e39), (0, 1e200), (0, 1e-50), (0, 1e-200), (1e300, 1e290), (0, 1e308)],
)
@pytest.mark.parametrize("steps", [False, True])
def test_what_float32_cannot_hold_keeps_its_values(tmp_path, offset, spread, steps):
    z = RNG.uniform(-1, 1, (N, 4, 2) if steps else (N, 2))
    z[0, ...] = 0.5
    x = z.copy()
    x[..., 0] = offset + spread * z[..., 0]
    narrow = read(tmp_path, x).float32()
    scaling.standardise(narrow, np.ones(N, dtype=bool))
    axes = tuple(range(z.ndim - 1))
    np.testing.assert_allclose(narrow, (z - z.mean(axis=axes)) / z.std(axis=axes), atol=1e-4)


def test_padding_does_not_count_where_a_feature_is_centred(tmp_path):
    x, _, there = padded()
    x = np.where(there[..., None], x + 1.7e9, 0)
    narrow = read(tmp_path, x).float32()
    assert (narrow[~there] == 0).all()
    scaling.standardise(narrow, np.ones(N, dtype=bool), there)
    steps = x[there] - 1.7e9
    expected = (steps - steps.mean(axis=0)) / steps.std(axis=0)
    np.testing.assert_allclose(narrow[there], expected, atol=1e-4)


def test_an_outlier_beyond_the_range_is_refused(tmp_path):
    x = RNG.normal(size=(N, 3))
    x[7, 1] = 1e39
    with pytest.raises(ValueError, match=r"has 1 values beyond the range .* 1e\+39, in row 7"):
        read(tmp_path, x).float32()


def test_values_that_float32_holds_are_cast_and_no_more(tmp_path):
    x = np.concatenate([RNG.normal(1000, 1, (N, 3)), RNG.lognormal(0, 4, (N, 3))], axis=1)
    np.testing.assert_array_equal(read(tmp_path, x).float32(), x.astype(np.float32))
