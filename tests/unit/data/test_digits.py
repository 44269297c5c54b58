import numpy as np
import pytest
from sklearn.datasets import load_digits

from alignsweep.data import digits


@pytest.mark.parametrize(
    ("pair", "axis", "names"),
    [("left-right", 2, ("left", "right")), ("top-bottom", 1, ("top", "bottom"))],
)
def test_halves_make_the_images(pair, axis, names):
    pairs = digits.load(pair=pair)
    assert pairs.name == f"digits-{pair}"
    assert pairs.modalities == names
    images = np.concatenate([pairs.inputs[m] for m in names], axis=axis)
    source = load_digits()
    order = np.lexsort((images.reshape(len(images), -1) * 8 + 8).T)
    reference = np.lexsort(source.data.T)
    np.testing.assert_array_equal((images[order] + 1) * 8, source.images[reference])
    assert np.bincount(pairs.labels).tolist() == np.bincount(source.target).tolist()


def test_split_sizes():
    pairs = digits.load(pair="left-right", train=100, validation=200)
    assert [len(pairs.rows(s)) for s in ("train", "validation", "test")] == [100, 200, 1497]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pair": "inside-out"}, "allowed: left-right, top-bottom"),
        ({"train": 1000, "validation": 797}, "train \\+ validation is 1797; allowed: below 1797"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        digits.load(**{"pair": "left-right"} | options)
