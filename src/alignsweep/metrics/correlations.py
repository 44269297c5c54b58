"""Canonical correlations: of all directions, of the leading ones (SVCCA), and weighted (PWCCA).

All raise `UndefinedError` if there are not more rows than directions of both sides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from alignsweep.metrics.arrays import Array, centre
from alignsweep.metrics.metric import Order, UndefinedError


def cca_mean(x: Array, y: Array) -> float:
    """Mean canonical correlation over min(rank x, rank y) directions."""
    return _mean_correlation(_directions(x), _directions(y))


def svcca(
    x: Array,
    y: Array,
    *,
    variance: float | None = None,
    dim: int | None = None,
    standardise: bool = False,
) -> float:
    """Mean canonical correlation of the leading principal directions (Raghu et al. 2017).

    Columns are centred and an exact SVD is taken; the mean is over the smaller number of
    directions.

    Parameters
    ----------
    x, y
        ``(n, d1)``, ``(n, d2)``.
    variance
        Keep the fewest directions with at least this share of the variance.
    dim
        Keep this many directions, or all if there are fewer.
    standardise
        Divide columns by their standard deviation first; constant columns stay.
    """
    kept = []
    for z in (x, y):
        kept.append(_directions(z, variance=variance, dim=dim, standardise=standardise))
    return _mean_correlation(*kept)


def shuffled(
    x: Array, y: Array, *, variance: float | None = None, dim: int | None = None
) -> Callable[[Order], float]:
    """Return `svcca` as a function of the order of y's rows; without a limit, `cca_mean`.

    Directions are found once: those of shuffled rows are shuffled directions.
    """
    u, v = (_directions(z, variance=variance, dim=dim) for z in (x, y))
    return lambda order: _mean_correlation(u, v[order])


def pwcca(x: Array, y: Array) -> float:
    """Projection-weighted CCA (Morcos et al. 2018, eq. 2): weights from x, so not symmetric.

    The canonical correlations are weighted by how much of x their variates account for,
    ``a_i = sum_j |<h_i, x_j>|`` over columns x_j of the centred x.
    """
    return _weighted_correlation(x, _directions(x), _directions(y))


def pwcca_shuffled(x: Array, y: Array) -> Callable[[Order], float]:
    """Return `pwcca` as a function of the order of y's rows, see `shuffled`."""
    u, v = _directions(x), _directions(y)
    return lambda order: _weighted_correlation(x, u, v[order])


def _directions(
    x: Array,
    *,
    variance: float | None = None,
    dim: int | None = None,
    standardise: bool = False,
) -> Array:
    """Return left singular vectors of the centred x, ``(n, kept)``.

    A singular value that rounding in float64 can make is noise, not a direction: the tolerance is
    that of `numpy.linalg.matrix_rank`. What x was rounded to before is not known here: a column
    that is the sum of two others but for float32 rounding is a direction of its own, and of equal
    weight in a mean over all directions. `variance` leaves such directions out.
    """
    centred = centre(x)
    if standardise:
        deviation = centred.std(axis=0)
        centred /= np.where(deviation > 0, deviation, 1)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    kept = int((s > max(x.shape) * np.finfo(np.float64).eps * s[0]).sum())
    if variance is not None:
        cumulative = np.cumsum(s**2)
        kept = int(np.searchsorted(cumulative, variance * cumulative[-1] * (1 - 1e-12))) + 1
    if dim is not None:
        kept = min(dim, kept)
    return np.asarray(u[:, :kept])


def _canonical(u: Array, v: Array) -> tuple[Array, Array]:
    """Return the rotation of u's directions into canonical variates, and the correlations."""
    n, total = len(u), u.shape[1] + v.shape[1]
    if n <= total:
        raise UndefinedError(
            f"{n} rows, {u.shape[1]} and {v.shape[1]} directions; needed: more than {total} rows, "
            "since with fewer some correlations are 1 for any data"
        )
    # Singular vectors are orthonormal, so the correlations are those of their product.
    left, correlations, _ = np.linalg.svd(u.T @ v, full_matrices=False)
    return left, np.clip(correlations, 0, 1)


def _mean_correlation(u: Array, v: Array) -> float:
    return float(_canonical(u, v)[1].mean())


def _weighted_correlation(x: Array, u: Array, v: Array) -> float:
    left, correlations = _canonical(u, v)
    weights = np.abs((u @ left[:, : len(correlations)]).T @ centre(x)).sum(axis=1)
    return float(weights @ correlations / weights.sum())
