"""Where pairs lie in a plane."""

import dataclasses

import numpy as np
import pytest

from alignsweep.data.store import Pairs
from alignsweep.metrics import plane

PLACES = ["x_a", "y_a", "x_b", "y_b"]


@pytest.fixture(scope="module")
def laid_out(trained, pairs):
    return plane.lay_out([trained], pairs, samples=60)


def distances(table, strength):
    own = table[table["strength"] == strength]
    return np.hypot(own["x_a"] - own["x_b"], own["y_a"] - own["y_b"])


def test_it_has_the_same_pairs_at_every_strength_of_one_seed(laid_out, pairs):
    assert set(laid_out["strength"]) == {"0", "0.4", "2"}
    assert set(laid_out["seed"]) == {0}
    samples = [own["sample"].tolist() for _, own in laid_out.groupby("strength")]
    assert samples[0] == samples[1] == samples[2]
    assert len(set(samples[0])) == 60
    test = pairs.draw(0)
    assert set(samples[0]) <= set(test.rows("test").tolist())
    first = laid_out[laid_out["strength"] == "0"]
    assert first["group"].tolist() == test.labels[first["sample"]].tolist()


def test_pairs_come_together_as_strength_grows(laid_out):
    assert distances(laid_out, "2").mean() < 0.8 * distances(laid_out, "0").mean()


def test_points_are_of_unit_length_or_less_and_the_share_shown_is_one(laid_out):
    own = laid_out[PLACES].to_numpy()
    assert np.isfinite(own).all()
    assert np.abs(own).max() < 2
    assert laid_out["shown"].between(0, 1 + 1e-9).all()


def test_a_rotation_of_a_model_changes_nothing():
    """Models whose spaces are rotations of each other lie where the first lies."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 4))
    turned = [points @ np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(3)]
    found = plane._rotated(np.stack([points, *turned]))
    np.testing.assert_allclose(found, np.stack([points] * 4), atol=1e-12)


def test_the_plane_holds_all_of_two_dimensions_and_one_is_a_line():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(2, 30, 2)) @ np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]])
    places, shown = plane._plane(flat)
    np.testing.assert_allclose(shown, 1)
    between = np.linalg.norm(flat[0, :1] - flat[0], axis=1)
    np.testing.assert_allclose(np.linalg.norm(places[0, :1] - places[0], axis=1), between)
    places, shown = plane._plane(rng.normal(size=(1, 30, 1)))
    np.testing.assert_allclose(shown, 1)
    assert not places[:, :, 1].any()


def test_a_model_that_diverged_has_no_rows(spoiled, trained, pairs):
    gone = next(i for i, m in enumerate(trained.models) if (m.seed, m.strength) == (0, "0.4"))
    found = plane.lay_out([spoiled([gone])], pairs, samples=20)
    assert set(found["strength"]) == {"0", "2"}
    assert np.isfinite(found[PLACES].to_numpy()).all()
    nothing = plane.lay_out([spoiled(list(range(len(trained.models))))], pairs)
    assert list(nothing.columns) == list(plane.COLUMNS)
    assert nothing.empty


def test_numbers_as_labels_are_shown_by_quarters(pairs):
    labels = np.arange(len(pairs.labels), dtype=float)
    numbers = dataclasses.replace(pairs, labels=labels, classes=None, resampling=None)
    assert isinstance(numbers, Pairs)
    groups = plane._groups(numbers, np.arange(8))
    assert groups.tolist() == [q for q in plane.QUARTERS for _ in range(2)]
