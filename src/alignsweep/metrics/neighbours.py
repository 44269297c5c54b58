"""Metrics of nearest neighbours (Huh et al. 2024), for any n: memory linear in n.

Neighbours are by cosine similarity, a row is not its own. Discrete data has duplicate rows, and
then the k-th neighbour is tied with others: each of those tied is a neighbour to an equal fraction
of the places left, so that a row's memberships always sum to k and no value depends on the order
of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from alignsweep.metrics.arrays import Array, normalised, significant_sum, unit_rows
from alignsweep.metrics.pairwise import row_blocks

#: Similarities that differ by less (relative to the largest) are tied.
TIE = 1e-12
#: Candidates whose similarity is computed again in float64 at once.
CANDIDATES = 2**16


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of every row.

    Attributes
    ----------
    membership
        Sparse ``(n, n)``: how far column j is a neighbour of row i, 0 to 1; rows sum to k.
    similarity
        The same entries: the similarity of row i and column j.
    """

    membership: sparse.csr_array
    similarity: sparse.csr_array

    def reordered(self, order: NDArray[np.intp]) -> Neighbours:
        """Return the neighbours in ``x[order]``: the same graph with its rows renamed."""
        return Neighbours(*(z[order][:, order] for z in (self.membership, self.similarity)))


def nearest(x: Array, k: int, *, cosine: bool = True, with_self: bool = False) -> Neighbours:
    """Find the k nearest neighbours of every row, ties shared.

    Float32 products select candidates, with a slack that covers their rounding; candidates are
    compared in float64. Time n^2 d, memory linear in n (while ties are few).

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
    import torch  # its top-k is five times as fast as numpy's partition

    x = unit_rows(x) if cosine else x.astype(np.float64, copy=False)
    n, d = x.shape
    rough = x.astype(np.float32)
    largest = float((x**2).sum(axis=1).max())
    slack = 2 * largest * (4 * float(np.sqrt(d)) + 8) * 2.0**-24
    rows, columns, memberships, similarities = [], [], [], []
    for part in row_blocks(n, 4):
        block = rough[part] @ rough.T
        if not with_self:
            block[np.arange(len(block)), np.arange(part.start, part.stop)] = -np.inf
        tensor = torch.from_numpy(block)
        kth = torch.topk(tensor, k, dim=1, sorted=False).values.amin(dim=1, keepdim=True)
        i, j = torch.nonzero(torch.ge(tensor, kth - slack)).T.numpy()
        exact = _similarities(x[part], x, i, j)
        share = _memberships(i, exact, k, len(block), TIE * largest)
        kept = share > 0
        rows.append(i[kept] + part.start)
        columns.append(j[kept])
        memberships.append(share[kept])
        similarities.append(exact[kept])
    place = (np.concatenate(rows), np.concatenate(columns))
    return Neighbours(
        *(
            sparse.csr_array((np.concatenate(values), place), shape=(n, n))
            for values in (memberships, similarities)
        )
    )


def _similarities(some: Array, every: Array, i: Array, j: Array) -> Array:
    """Return the inner products of ``some[i]`` and ``every[j]`` in float64."""
    out = np.empty(len(i))
    for start in range(0, len(i), CANDIDATES):
        part = slice(start, start + CANDIDATES)
        np.einsum("pd,pd->p", some[i[part]], every[j[part]], out=out[part])
    return out


def _memberships(i: Array, similarity: Array, k: int, rows: int, tie: float) -> Array:
    """Give each candidate its membership: 1 if closer than the k-th, a fraction if tied with it."""
    order = np.lexsort((-similarity, i))
    starts = np.searchsorted(i[order], np.arange(rows))
    kth = similarity[order][starts + k - 1][i]
    closer = similarity > kth + tie
    tied = ~closer & (similarity >= kth - tie)
    places = k - np.bincount(i, closer, minlength=rows)
    return closer + tied * (places / np.bincount(i, tied, minlength=rows))[i]


def mutual_knn(x: Array, y: Array, k: int, *, cosine: bool = True) -> float:
    """Mean share of neighbours in common, |N_x(i) & N_y(i)| / k (Huh et al. 2024, eq. 11)."""
    a, b = (nearest(z, k, cosine=cosine).membership for z in (x, y))
    return float(a.minimum(b).sum() / (k * len(x)))


def mutual_knn_chance(x: Array, y: Array, k: int) -> float:
    """Expect of shuffled rows: k / (n - 1) without ties, and exact with them.

    A shuffle pairs each membership with one at a uniformly random place off the diagonal.
    """
    n = len(x)
    a, b = (np.sort(nearest(z, k).membership.data) for z in (x, y))
    below = np.concatenate([[0], np.cumsum(b)])
    place = np.searchsorted(b, a)
    smaller = below[place] + a * (len(b) - place)  # sum over b of min(a, b)
    return float(smaller.sum() / (n * (n - 1)) / (k * n))


def jaccard_knn(x: Array, y: Array, k: int) -> float:
    """Mean Jaccard index of neighbours, |N_x(i) & N_y(i)| / |N_x(i) | N_y(i)|."""
    return jaccard(nearest(x, k), nearest(y, k))


def jaccard(a: Neighbours, b: Neighbours) -> float:
    """`jaccard_knn` of two graphs."""
    common = a.membership.minimum(b.membership).sum(axis=1)
    either = a.membership.maximum(b.membership).sum(axis=1)
    return float((common / either).mean())


def cycle_knn(x: Array, y: Array, k: int, *, cosine: bool = True) -> float:
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
    x: Array,
    y: Array,
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
    x: Array, y: Array, *, of_graphs: Callable[[Neighbours, Neighbours], float], k: int
) -> Callable[[NDArray[np.intp]], float]:
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
