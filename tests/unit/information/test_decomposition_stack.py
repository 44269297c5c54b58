"""Tables decomposed together: nothing but the time may differ from one by one."""

import numpy as np
import pytest

from alignsweep.information import barrier, broja, broja_stack, discrete, sensitivity

NAMES = ("redundancy", "unique_a", "unique_b", "synergy", "total", "gap")


def random(shape, seed, *, sparse=False):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(np.prod(shape), 0.2 if sparse else 1.0)).reshape(shape)
    if sparse:
        joint[rng.random(shape) < 0.5] = 0
    joint[0, 0] += 1e-3  # no class without probability
    return joint / joint.sum()


def without_rows():
    joint = random((6, 5, 3), 1)
    joint[2:5] = joint[:, 3] = 0
    return joint / joint.sum()


def told_by_each():
    """Return a table in which either variable is the label: every row holds a single class."""
    return np.eye(3)[:, :, None] * np.eye(3)[:, None] / 3


DEGENERATE = {
    "empty rows and columns": without_rows(),
    "one row": random((1, 4, 3), 2),
    "one class": random((4, 4, 1), 3),
    "nothing to tell": np.full((4, 4, 3), 1 / 48),
    "everything told": told_by_each(),
    "nearly empty cells": random((5, 5, 3), 4) ** 12 / (random((5, 5, 3), 4) ** 12).sum(),
}


def values(found):
    return np.array([[getattr(d, name) for name in NAMES] for d in found])


def stack():
    """Tables of one number of classes: two sizes, dense and sparse."""
    return [
        *(random((7, 5, 3), seed) for seed in range(6)),
        *(random((6, 8, 3), seed, sparse=True) for seed in range(6)),
    ]


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
def test_a_stack_gives_what_its_tables_give_one_by_one(tolerance):
    together = values(broja_stack(stack(), tolerance=tolerance))
    alone = values([broja(joint, tolerance=tolerance) for joint in stack()])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-8)


@pytest.mark.parametrize("size", [1, 3])
def test_more_tables_than_fit_at_once(monkeypatch, size):
    expected = values(broja_stack(stack()))
    monkeypatch.setattr(barrier, "STACK_BYTES", size * 8 * 8 * 6)
    np.testing.assert_allclose(values(broja_stack(stack())), expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4])
def test_the_gap_of_every_table_is_certified(tolerance):
    coarse = broja_stack(stack(), tolerance=tolerance)
    fine = broja_stack(stack(), tolerance=1e-8)
    for found, exact in zip(coarse, fine, strict=True):
        assert 0 <= found.gap <= tolerance
        assert 0 <= exact.gap <= 1e-8
        for name in ("unique_a", "unique_b"):
            over = getattr(found, name) - getattr(exact, name)
            assert -exact.gap - 1e-12 <= over <= found.gap + 1e-12


@pytest.mark.parametrize("name", DEGENERATE)
def test_a_degenerate_table_does_not_disturb_the_others(name):
    joint = DEGENERATE[name]
    found = broja_stack([*stack()[:3], joint, *stack()[3:]])
    others = values(found[:3] + found[4:])
    np.testing.assert_allclose(others, values(broja_stack(stack())), rtol=0, atol=1e-8)
    np.testing.assert_allclose(values([found[3]]), values([broja(joint)]), rtol=0, atol=1e-8)
    assert 0 <= found[3].gap <= 1e-6


def test_no_tables_and_bad_tables():
    assert broja_stack([]) == []
    with pytest.raises(ValueError, match="sums to 48; needed: 1"):
        broja_stack([*stack(), np.ones((4, 4, 3))])


def test_a_table_whose_steps_run_out_still_has_a_certified_gap(monkeypatch):
    monkeypatch.setattr(barrier, "MAX_STEPS", 12)
    few = broja_stack(stack(), tolerance=1e-9)
    for found, exact in zip(few, broja_stack(stack(), tolerance=1e-3), strict=True):
        assert 1e-9 < found.gap < 1.6
        assert found.unique_a - found.gap <= exact.unique_a + 1e-12


def test_what_is_clustered_is_found_once_for_all_numbers_of_clusters(monkeypatch):
    calls = []
    features = discrete._features
    monkeypatch.setattr(discrete, "_features", lambda *a: calls.append(a) or features(*a))
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    x_a, x_b = rng.standard_normal((2, 200, 3)) + y[:, None]
    table = sensitivity(x_a, x_b, y, (3, 4, 5), permutations=2)
    assert len(calls) == 2
    assert set(table["clusters"]) == {3, 4, 5}
