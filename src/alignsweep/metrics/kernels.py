"""Centred kernel alignment (Kornblith et al. 2019) with biased and unbiased HSIC.

Linear kernels are handled through features, at a cost linear in n; RBF kernels block by block, in
time quadratic and memory linear in n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from alignsweep.metrics.arrays import Array, as_array, centre, normalised, significant_sum
from alignsweep.metrics.pairwise import median_distance, squared_distances


def cka_biased(x: Array, y: Array) -> Array:
    """Linear CKA, ``|Xc'Yc|^2 / (|Xc'Xc| |Yc'Yc|)`` (Kornblith et al. 2019, eq. 4).

    Takes leading batch axes.
    """
    x, y = centre(x), centre(y)
    return normalised(_cross(x, y), _cross(x, x), _cross(y, y))


def cka_biased_chance(x: Array, y: Array) -> float:
    """Expect of shuffled rows: E tr(K P L P') = tr K tr L / (n - 1) for centred Gram matrices."""
    x, y = centre(x), centre(y)
    expected = np.sum(x**2) * np.sum(y**2) / (len(x) - 1)
    return float(normalised(expected, _cross(x, x), _cross(y, y)))


def cka_debiased(x: Array, y: Array, *, epsilon: float = 0.0) -> Array:
    """Linear CKA with the unbiased HSIC of Song et al. 2012 (eq. 5). Not clipped; may be negative.

    Takes leading batch axes. `epsilon` is added to the denominator; it is 0 in the definition.
    """
    return normalised(*hsic_unbiased(x, y), epsilon)


def hsic_unbiased(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Unbiased HSIC of (x, y), (x, x), (y, y) for linear kernels, from features.

    With K = XX' and L = YY', their diagonals removed (Song et al. 2012, eq. 5):
    [tr KL + (1'K1)(1'L1) / ((n-1)(n-2)) - 2 (1'KL1) / (n-2)] / (n (n-3)).
    It does not change when columns are centred, and then the rows of the whole Gram matrix sum to
    zero: the sums left are those of the diagonal, ``|x_i|^2``. Exactly 0 where only rounding is
    left, as when all distances are equal.
    """
    n = x.shape[-2]
    x, y = centre(x), centre(y)
    dx, dy = (np.einsum("...nd,...nd->...n", z, z) for z in (x, y))

    def hsic(a: Array, b: Array, da: Array, db: Array) -> Array:
        both = (da * db).sum(axis=-1)
        sums = da.sum(axis=-1) * db.sum(axis=-1)
        terms = _cross(a, b), -both, sums / ((n - 1) * (n - 2)), -2 * both / (n - 2)
        return significant_sum(*terms) / (n * (n - 3))

    return hsic(x, y, dx, dy), hsic(x, x, dx, dx), hsic(y, y, dy, dy)


def _cross(x: Array, y: Array) -> Array:
    return np.asarray((np.swapaxes(x, -1, -2) @ y) ** 2).sum(axis=(-1, -2))


def cka_rbf(
    x: Array,
    y: Array,
    *,
    scale: float = 1.0,
    bandwidth: float | None = None,
    debiased: bool = True,
    epsilon: float = 0.0,
) -> float:
    """CKA with kernels ``exp(-|u - v|^2 / (2 s^2))``.

    Parameters
    ----------
    x, y
        ``(n, d1)``, ``(n, d2)``.
    scale
        s in units of the median distance of each side (Kornblith et al. 2019, section 4).
    bandwidth
        s itself, the same for both sides, in place of `scale`.
    debiased
        Use the unbiased HSIC (Song et al. 2012, eq. 5); otherwise tr(KHLH).
    epsilon
        Added to the denominator; 0 in the definition.
    """
    n = len(x)
    wx, wy = (2 * (bandwidth or scale * median_distance(z)) ** 2 for z in (x, y))
    if not (wx and wy):  # more than half of the distances are 0
        return np.nan
    products = np.zeros(3)  # sums over i != j of KL, KK, LL
    rows_k, rows_l = np.empty(n), np.empty(n)
    for (rows, dx), (_, dy) in zip(squared_distances(x), squared_distances(y), strict=True):
        k, other = np.exp(-dx / wx), np.exp(-dy / wy)
        own = np.arange(len(k)), np.arange(rows.start, rows.stop)
        k[own] = other[own] = 0
        products += np.vdot(k, other), np.vdot(k, k), np.vdot(other, other)
        rows_k[rows], rows_l[rows] = k.sum(axis=1), other.sum(axis=1)
    sides = ((rows_k, rows_l), (rows_k, rows_k), (rows_l, rows_l))
    if debiased:
        kl, kk, ll = (
            significant_sum(p, r.sum() * s.sum() / ((n - 1) * (n - 2)), -2 * (r @ s) / (n - 2))
            / (n * (n - 3))
            for p, (r, s) in zip(products, sides, strict=True)
        )
    else:  # the diagonal is 1
        kl, kk, ll = (
            significant_sum(
                p + n, (r + 1).sum() * (s + 1).sum() / n**2, -2 * ((r + 1) @ (s + 1)) / n
            )
            for p, (r, s) in zip(products, sides, strict=True)
        )
    return float(normalised(kl, kk, ll, epsilon))


class MinibatchCKA:
    """Debiased linear CKA of a stream of batches (Nguyen et al. 2021, section 3.2).

    Averages the unbiased HSIC of batches, which expects to that of the whole, and then takes the
    ratio: more batches converge to the value of the full data. Each batch needs at least 4 pairs.

        cka = MinibatchCKA()
        for x, y in batches:
            cka.update(x, y)
        cka.value()
    """

    def __init__(self) -> None:
        self._sums = np.zeros(3)
        self._batches = 0

    def update(self, x: Any, y: Any) -> None:
        """Take in a batch ``(b, d1)``, ``(b, d2)``.

        ValueError if it is too small, of other shapes or not finite; it is not counted then.
        """
        x, y = as_array(x), as_array(y)
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < 4:
            raise ValueError(
                f"minibatch CKA: x {x.shape}, y {y.shape}; needed: (b, d1), (b, d2), b at least 4"
            )
        for side, z in (("x", x), ("y", y)):
            bad = z.size - int(np.isfinite(z).sum())
            if bad:
                raise ValueError(f"minibatch CKA: {bad} values of {side} are not finite")
        self._sums += hsic_unbiased(x, y)
        self._batches += 1

    def value(self) -> float:
        """Return the estimate from all batches so far; ValueError while it is not defined."""
        if not self._batches:
            raise ValueError("minibatch CKA: no batch was given")
        value = float(normalised(*self._sums))
        if not np.isfinite(value):
            raise ValueError("minibatch CKA: the value is not defined for the batches given")
        return value
