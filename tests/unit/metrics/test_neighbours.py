import numpy as np
import pytest

from alignsweep.metrics import neighbours, pairwise


def plain_nearest(x, k):
    """Neighbours by cosine, without ties, from the whole matrix."""
    z = x / np.linalg.norm(x, axis=1, keepdims=True)
    similarity = z @ z.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1)[:, :k]


@pytest.mark.parametrize("block", [1, 50_000, 10**9])
def test_nearest_equals_a_full_sort(rng, monkeypatch, block):
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", block)
    x = rng.standard_normal((200, 5))
    found = neighbours.nearest(x, 7).membership.toarray()
    expected = np.zeros((200, 200))
    np.put_along_axis(expected, plain_nearest(x, 7), 1, axis=1)
    np.testing.assert_array_equal(found, expected)


def test_memberships_of_ties_share_the_places_left():
    # Row 0 has one nearest neighbour (1) and three at the same distance (2, 3, 4) for one place.
    x = np.array([[1, 0, 0], [1, 0.1, 0], [1, 0, 1], [1, 0, -1], [1, 0, 1.0], [-1, 0, 0]])
    weights = neighbours.nearest(x, 2).membership.toarray()[0]
    np.testing.assert_allclose(weights, [0, 1, 1 / 3, 1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("copies", [3, 40])
def test_memberships_sum_to_k_on_duplicates(rng, copies):
    x = np.repeat(rng.standard_normal((10, 4)), copies, axis=0)
    membership = neighbours.nearest(x, 5).membership
    np.testing.assert_allclose(membership.sum(axis=1), 5)
    assert membership.diagonal().max() == 0


def test_near_ties_are_decided_in_float64(rng):
    """Differences far below float32 must order neighbours."""
    angle = 0.5 + 1e-9 * np.arange(30)
    x = np.vstack([[1, 0], np.c_[np.cos(angle), np.sin(angle)]])
    weights = neighbours.nearest(x, 4).membership.toarray()[0]
    assert np.flatnonzero(weights).tolist() == [1, 2, 3, 4]


def test_small_cases_by_hand():
    line = np.c_[np.cos([0.0, 0.1, 0.3, 1.0]), np.sin([0.0, 0.1, 0.3, 1.0])]
    nearest = neighbours.nearest(line, 1).membership.toarray().argmax(1)
    assert nearest.tolist() == [1, 0, 1, 2]
    other = line[[1, 0, 3, 2]]  # 0 <-> 1 and 2 <-> 3 swapped
    assert neighbours.nearest(other, 1).membership.toarray().argmax(1).tolist() == [1, 0, 3, 0]
    assert neighbours.mutual_knn(line, other, 1) == pytest.approx(2 / 4)
    assert neighbours.jaccard_knn(line, other, 1) == pytest.approx(2 / 4)
    # N_y(0) = 1, N_x(1) = 0: back; N_y(1) = 0, N_x(0) = 1: back; N_y(2) = 3, N_x(3) = 2: back
    assert neighbours.cycle_knn(line, other, 1) == pytest.approx(3 / 4)
