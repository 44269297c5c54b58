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
    assert pairs.labels[order].tolist() == source.target[reference].tolist()


def test_split_sizes():
    pairs = digits.load(pair="left-right", train=100, validation=200)
    for draw in (pairs, pairs.draw(3)):
        assert [len(draw.rows(s)) for s in ("train", "validation", "test")] == [100, 200, 1497]
        train = np.bincount(draw.labels[draw.rows("train")])
        assert (abs(train - 100 * np.bincount(draw.labels) / 1797) < 2).all()


def test_every_seed_has_a_split_of_its_own():
    pairs, other = (digits.load(pair="left-right", seed=s) for s in (0, 1))
    splits = [pairs.draw(k).split for k in range(3)] + [other.draw(0).split]
    assert len({s.tobytes() for s in splits}) == 4
    assert (splits[0] == pairs.split).all()
    # the images are the same, and are not copied
    assert all(pairs.draw(2).inputs[m] is x for m, x in pairs.inputs.items())
    fixed = digits.load(pair="left-right", resample="none")
    assert (fixed.draw(2).split == pairs.split).all()


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
