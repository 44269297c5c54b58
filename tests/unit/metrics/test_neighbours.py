import tracemalloc

import numpy as np
import pytest

from alignsweep.metrics import METRICS, Searched, neighbours, pairwise


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


@pytest.mark.parametrize("n", [12, 13, 150, 157])
@pytest.mark.parametrize("size", [1, 2, 3, 24])
def test_the_size_of_groups_does_not_matter(n, size, rng, monkeypatch):
    """The last group may be full or not, and rows tied or not."""
    monkeypatch.setattr(neighbours, "GROUP", size)
    monkeypatch.setattr(neighbours, "MANY", 2)
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", 7 * n * 4)
    gaussian = rng.standard_normal((n, 5))
    for x in (gaussian, np.sign(gaussian), np.vstack([gaussian[1:], np.zeros(5)])):
        for k in (1, 3, 11):
            found = neighbours.nearest(x, k).membership.toarray()
            np.testing.assert_allclose(found, plain_memberships(x, k), atol=1e-12)


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


def two_rows_repeated(rng, n):
    """Two sides of two distinct rows each, and which of them every row is."""
    which = rng.integers(0, 2, (2, n))
    return [rng.standard_normal((2, 6))[own] for own in which], which


def plain_memberships(x, k):
    """The convention for ties, row by row."""
    z = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-300)  # 0 stays 0
    similarity = z @ z.T
    np.fill_diagonal(similarity, -np.inf)
    membership = np.zeros_like(similarity)
    for row, own in zip(membership, similarity, strict=True):
        kth = np.sort(own)[-k]
        tied = np.abs(own - kth) < 1e-12
        row[own > kth] = 1
        row[tied] = 0
        row[tied] = (k - row.sum()) / tied.sum()
    return membership


def test_values_of_repeated_rows_are_those_of_the_convention(rng, monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", 7 * 60 * 4)
    (x, y), _ = two_rows_repeated(rng, 60)
    y[:20] = rng.standard_normal((20, 6))  # so that memberships differ from row to row
    a, b = (plain_memberships(z, 10) for z in (x, y))
    common = np.minimum(a, b).sum(axis=1)
    expected = {
        "mutual_knn_k10": common.mean() / 10,
        "jaccard_knn_k10": (common / np.maximum(a, b).sum(axis=1)).mean(),
        "cycle_knn_k10": np.minimum(b, a.T).max(axis=1).mean(),
    }
    for name, value in expected.items():
        assert METRICS[name](x, y) == pytest.approx(value, rel=1e-12)
    own = ~np.eye(60, dtype=bool)
    chance = np.minimum.outer(a[own], b[own]).mean() * 59 / 10
    assert METRICS["mutual_knn_k10"].chance(x, y) == pytest.approx(chance, rel=1e-12)


OF_NEIGHBOURS = [n for n, metric in METRICS.items() if metric.side is neighbours.as_rows]


@pytest.mark.parametrize("kept", [0, 1300, 10**6])
def test_searched_rows_are_searched_once_for_all_metrics(kept, rng, monkeypatch):
    """Unless they have more neighbours than are kept; the values are the same then."""
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", 7 * 120 * 4)
    (x, y), _ = two_rows_repeated(rng, 120)
    y[:50] = rng.standard_normal((50, 6))
    names = [n for n in OF_NEIGHBOURS if n.endswith("k10")]
    assert len(names) == 4
    expected = [(METRICS[n](x, y), METRICS[n].chance(x, y)) for n in names]
    searches = []
    search = neighbours._grouped
    monkeypatch.setattr(neighbours, "_grouped", lambda *z: searches.append(z) or search(*z))
    monkeypatch.setattr(neighbours, "KEPT", kept)
    sides = Searched(x), Searched(y)
    assert [(METRICS[n](*sides), METRICS[n].chance(*sides)) for n in names] == expected
    assert len(searches) == (2 if kept > 120**2 else 4 * 2 * 2)


def peak_megabytes(function, *arguments):
    tracemalloc.start()
    value = function(*arguments)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return peak, value


def test_memory_stays_small_where_every_row_is_tied_with_thousands(rng):
    n, k = 8192, 10
    (x, y), (in_x, in_y) = two_rows_repeated(rng, n)
    peak, value = peak_megabytes(METRICS["mutual_knn_k10"], x, y)
    assert peak < 200
    # The neighbours of a row are those equal to it, each to k / (how many).
    size_x, size_y = (np.bincount(own)[own] for own in (in_x, in_y))
    size_both = np.bincount(2 * in_x + in_y)[2 * in_x + in_y]
    expected = (size_both - 1) * np.minimum(k / (size_x - 1), k / (size_y - 1))
    assert value == pytest.approx(expected.mean() / k)


@pytest.mark.parametrize("name", ["mutual_knn_k10", "jaccard_knn_k10", "mutual_knn_k10 chance"])
def test_memory_of_ties_is_that_of_a_block(name, rng, monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK_BYTES", 2**18)
    (x, y), _ = two_rows_repeated(rng, 2048)
    metric = METRICS[name.removesuffix(" chance")]
    monkeypatch.setattr(neighbours, "KEPT", 2**16)
    for sides in ((x, y), (Searched(x), Searched(y))):
        peak, _ = peak_megabytes(metric.chance if name.endswith("chance") else metric, *sides)
        assert peak < 10  # one membership for each pair of rows would take 32
