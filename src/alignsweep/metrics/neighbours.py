"""Metrics of nearest neighbours (Huh et al. 2024), for any n: memory linear in n.

Neighbours are by cosine similarity, a row is not its own. Discrete data has duplicate rows, and
then the k-th neighbour is tied with others: each of those tied is a neighbour to an equal fraction
of the places left, so that a row's memberships always sum to k and no value depends on the order
of rows.

Where most rows are tied, as with a few distinct rows repeated, there are n^2 neighbours. Mutual
and Jaccard kNN, and the chance of the former, take them block by block, in memory linear in n all
the same; cycle kNN, CKNNA and chance levels that are drawn need whole graphs, which are quadratic
in n then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from alignsweep.metrics.arrays import Array, as_array, normalised, significant_sum, unit_rows
from alignsweep.metrics.pairwise import row_blocks

#: Similarities that differ by less (relative to the largest) are tied.
TIE = 1e-12
#: Rows of a group, of which the largest similarity is compared first (no power of two: groups that
#: far apart in memory share places in a cache). There are at least `MANY` times as many groups as
#: neighbours, so that few groups have any.
GROUP = 24
MANY = 4
#: The most neighbours of one side, for one k, that are kept (20 bytes each).
KEPT = 2**21
#: Candidates whose similarity is computed again in float64 at once.
CANDIDATES = 2**16
#: With more candidates than this share of a block, computing all of it again is faster.
DENSE = 1 / 16

Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of every row, or of a block of m rows (then ``(m, n)``).

    Attributes
    ----------
    membership
        Sparse ``(n, n)``: how far column j is a neighbour of row i, 0 to 1; rows sum to k.
    similarity
        The same entries: the similarity of row i and column j.
    """

    membership: sparse.csr_array
    similarity: sparse.csr_array

    def reordered(self, order: Integers) -> Neighbours:
        """Return the neighbours in ``x[order]``: the same graph with its rows renamed."""
        return Neighbours(*(z[order][:, order] for z in (self.membership, self.similarity)))


class Searched:
    """Rows ``(n, d)`` whose neighbours are kept once found, for all metrics that ask for them.

    Metrics take it in place of an array: its values must not change meanwhile. Where there are
    more neighbours than `KEPT`, as with masses of ties, they are found again each time.
    """

    def __init__(self, x: Any) -> None:
        self.rows = as_array(x)
        self._found: dict[tuple[int, bool, bool], list[Neighbours]] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.rows.shape

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the rows, for functions of arrays."""
        return np.array(self.rows, dtype=dtype, copy=copy)

    def blocks(self, k: int, *, cosine: bool, with_self: bool) -> Iterator[Neighbours]:
        """Yield what `blocks` does."""
        how = k, cosine, with_self
        if how in self._found:
            yield from self._found[how]
            return
        found: list[Neighbours] = []
        entries = 0
        for part in blocks(self.rows, k, cosine=cosine, with_self=with_self):
            entries += part.membership.nnz
            if entries <= KEPT:
                found.append(part)
            else:
                found.clear()
            yield part
        if entries <= KEPT:
            self._found[how] = found


Rows = Array | Searched


def as_rows(x: Any) -> Rows:
    """Return a float64 array, or rows that keep their neighbours as they are."""
    return x if isinstance(x, Searched) else as_array(x)


def nearest(x: Rows, k: int, *, cosine: bool = True, with_self: bool = False) -> Neighbours:
    """Return the k nearest neighbours of every row, ties shared; see `blocks`."""
    parts = list(blocks(x, k, cosine=cosine, with_self=with_self))
    return Neighbours(
        sparse.vstack([part.membership for part in parts], format="csr"),
        sparse.vstack([part.similarity for part in parts], format="csr"),
    )


def blocks(
    x: Rows, k: int, *, cosine: bool = True, with_self: bool = False
) -> Iterator[Neighbours]:
    """Yield the neighbours of one block of rows after the other, the same blocks for every x.

    Float32 products select candidates, with a slack that covers their rounding; candidates are
    compared in float64. Time n^2 d, memory linear in n.

    Parameters
    ----------
    x
        ``(n, d)``.
    k
        Neighbours of each row.
    cosine
        Compare by cosine; otherwise by inner product.
    with_self
        Let a row be its own neighbour.
    """
    if isinstance(x, Searched):
        yield from x.blocks(k, cosine=cosine, with_self=with_self)
        return
    x = unit_rows(x) if cosine else as_array(x)
    n, d = x.shape
    largest = float((x**2).sum(axis=1).max())
    slack = 2 * largest * (4 * float(np.sqrt(d)) + 8) * 2.0**-24
    size = max(1, min(GROUP, n // (MANY * k)))
    grouped = _grouped(x.astype(np.float32), size)
    for rows in row_blocks(n, grouped.itemsize):
        candidates = _candidates(x, grouped, rows, k, slack, with_self=with_self)
        yield _share(x[rows], x, *candidates, k, TIE * largest)


def _grouped(x: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Cut rows into G groups of neighbouring ones, the last filled with zeros, ``(size, d, G)``."""
    n, d = x.shape
    groups = -(-n // size)
    filled = np.zeros((groups * size, d), dtype=x.dtype)
    filled[:n] = x
    return np.ascontiguousarray(filled.reshape(groups, size, d).transpose(1, 2, 0))


def _candidates(
    x: Array, grouped: NDArray[np.float32], rows: slice, k: int, slack: float, *, with_self: bool
) -> tuple[Integers, Integers]:
    """Return who may be a neighbour: places i in the block of rows and rows j of x, ascending.

    The k-th largest similarity is at least the k-th largest of those that are the largest of their
    group of rows: few numbers to sort, and only groups that reach it have candidates.
    """
    size, _, groups = grouped.shape
    block = x[rows].astype(np.float32) @ grouped  # (size, rows of the block, groups)
    block[len(x) - (groups - 1) * size :, :, -1] = -np.inf  # what fills the last group
    if not with_self:
        own = np.arange(rows.start, rows.stop)
        block[own % size, np.arange(len(own)), own // size] = -np.inf
    largest = block.max(axis=0)
    least = np.partition(largest, -k, axis=1)[:, -k, None] - slack
    i, group = np.divmod(np.flatnonzero(largest >= least), groups)
    members = block[:, i, group].T
    place, member = np.divmod(np.flatnonzero(members >= least[i]), size)
    return i[place], group[place] * size + member


def _similarities(some: Array, every: Array, i: Integers, j: Integers) -> Array:
    """Return the inner products of ``some[i]`` and ``every[j]`` in float64."""
    if len(i) > DENSE * len(some) * len(every):
        return np.asarray((some @ every.T)[i, j])
    out = np.empty(len(i))
    for start in range(0, len(i), CANDIDATES):
        part = slice(start, start + CANDIDATES)
        np.einsum("pd,pd->p", some[i[part]], every[j[part]], out=out[part])
    return out


def _share(some: Array, every: Array, i: Integers, j: Integers, k: int, tie: float) -> Neighbours:
    """Share the k places of each row ``some[i]`` among its candidates ``every[j]``.

    A candidate has membership 1 if it is closer than the k-th, a fraction if tied with it.
    """
    similarity = _similarities(some, every, i, j)
    m = len(some)
    counts = np.bincount(i, minlength=m)
    column = np.arange(len(i)) - np.repeat(np.cumsum(counts) - counts, counts)
    padded = np.full((m, counts.max()), np.inf)  # a line for each row's candidates
    padded[i, column] = -similarity  # few of many infinities are found faster among the smallest
    kth = -np.partition(padded, k - 1, axis=1)[:, k - 1]
    closer = similarity > (kth + tie)[i]
    tied = ~closer & (similarity >= (kth - tie)[i])
    left = k - np.bincount(i[closer], minlength=m)
    membership = closer + tied * (left / np.bincount(i[tied], minlength=m))[i]
    kept = membership > 0
    bounds = np.concatenate([[0], np.cumsum(np.bincount(i[kept], minlength=m))])
    shape = (m, len(every))
    shares = sparse.csr_array((membership[kept], j[kept], bounds), shape=shape)
    places = shares.indices, shares.indptr
    return Neighbours(shares, sparse.csr_array((similarity[kept], *places), shape=shape))


def mutual_knn(x: Rows, y: Rows, k: int, *, cosine: bool = True) -> float:
    """Mean share of neighbours in common, |N_x(i) & N_y(i)| / k (Huh et al. 2024, eq. 11)."""
    both = zip(blocks(x, k, cosine=cosine), blocks(y, k, cosine=cosine), strict=True)
    common = sum(a.membership.minimum(b.membership).sum() for a, b in both)
    return float(common / (k * len(x)))


def mutual_knn_chance(x: Rows, y: Rows, k: int) -> float:
    """Expect of shuffled rows: k / (n - 1) without ties, and exact with them.

    A shuffle pairs each membership with one at a uniformly random place off the diagonal.
    """
    n = len(x)
    (a, often_a), (b, often_b) = (_memberships(z, k) for z in (x, y))
    mass, count = (np.concatenate([[0], np.cumsum(z)]) for z in (often_b * b, often_b))
    place = np.searchsorted(b, a)
    smaller = mass[place] + a * (count[-1] - count[place])  # sum over b of min(a, b)
    return float((often_a * smaller).sum() / (n * (n - 1)) / (k * n))


def _memberships(x: Rows, k: int) -> tuple[Array, Integers]:
    """Return the different memberships of all neighbours, ascending, and how often each occurs."""
    found = [np.unique(part.membership.data, return_counts=True) for part in blocks(x, k)]
    values, counts = (np.concatenate(z) for z in zip(*found, strict=True))
    values, place = np.unique(values, return_inverse=True)
    return values, np.bincount(place, weights=counts).astype(np.intp)


def jaccard_knn(x: Rows, y: Rows, k: int) -> float:
    """Mean Jaccard index of neighbours, |N_x(i) & N_y(i)| / |N_x(i) | N_y(i)|."""
    both = zip(blocks(x, k), blocks(y, k), strict=True)
    return float(np.concatenate([_jaccard(a, b) for a, b in both]).mean())


def jaccard(a: Neighbours, b: Neighbours) -> float:
    """`jaccard_knn` of two graphs."""
    return float(_jaccard(a, b).mean())


def _jaccard(a: Neighbours, b: Neighbours) -> Array:
    common = a.membership.minimum(b.membership).sum(axis=1)
    either = a.membership.sum(axis=1) + b.membership.sum(axis=1) - common
    return np.asarray(common / either)


def cycle_knn(x: Rows, y: Rows, k: int, *, cosine: bool = True) -> float:
    """Share of rows that a neighbour in y leads back to in x: not symmetric.

    Row i counts if some j in N_y(i) has i in N_x(j) (Huh et al. 2024's code); with ties, to the
    largest fraction to which both hold.
    """
    return cycle(*(nearest(z, k, cosine=cosine) for z in (x, y)))


def cycle(a: Neighbours, b: Neighbours) -> float:
    """`cycle_knn` of two graphs."""
    back = sparse.csr_array(b.membership.minimum(a.membership.T.tocsr()))
    return float(back.max(axis=1).toarray().mean())


def cknna(
    x: Rows,
    y: Rows,
    k: int,
    *,
    cosine: bool = True,
    debiased: bool = True,
    epsilon: float = 0.0,
) -> float:
    """CKA restricted to common neighbours (Huh et al. 2024, eq. 12-15); not symmetric.

    HSIC of the two similarity matrices, each set to zero outside the neighbours common to both.

    Parameters
    ----------
    x, y, k
        The representations, and the number of neighbours.
    cosine
        Similarities are cosines; otherwise inner products.
    debiased
        Use the unbiased HSIC, with a row not its own neighbour; otherwise tr(KHLH), with it.
    epsilon
        Added to the denominator; 0 in the definition.
    """
    a, b = (nearest(z, k, cosine=cosine, with_self=not debiased) for z in (x, y))
    return common_cka(a, b, debiased=debiased, epsilon=epsilon)


def common_cka(
    a: Neighbours, b: Neighbours, *, debiased: bool = True, epsilon: float = 0.0
) -> float:
    """`cknna` of two graphs."""
    hsic = _hsic_unbiased if debiased else _hsic_biased
    common = a.membership.minimum(b.membership)
    kl = hsic(common * a.similarity, common * b.similarity)
    kk, ll = (hsic(z.membership * z.similarity, z.membership * z.similarity) for z in (a, b))
    return float(normalised(kl, kk, ll, epsilon))


def shuffled(
    x: Rows, y: Rows, *, of_graphs: Callable[[Neighbours, Neighbours], float], k: int
) -> Callable[[Integers], float]:
    """Return the value of x and y as a function of the order of y's rows.

    Neighbours are found once, which takes nearly all the time.
    """
    a, b = nearest(x, k), nearest(y, k)
    return lambda order: of_graphs(a, b.reordered(order))


def _hsic_unbiased(k: sparse.csr_array, other: sparse.csr_array) -> float:
    n = k.shape[0]
    product = (k.sum(axis=0) * other.sum(axis=1)).sum()
    sums = k.sum() * other.sum() / ((n - 1) * (n - 2))
    total = significant_sum((k * other.T).sum(), sums, -2 * product / (n - 2))
    return float(total / (n * (n - 3)))


def _hsic_biased(k: sparse.csr_array, other: sparse.csr_array) -> float:
    n = k.shape[0]
    one_way = (k.sum(axis=0) * other.sum(axis=1)).sum()
    other_way = (other.sum(axis=0) * k.sum(axis=1)).sum()
    sums = k.sum() * other.sum() / n**2
    return float(significant_sum((k * other.T).sum(), -(one_way + other_way) / n, sums))
