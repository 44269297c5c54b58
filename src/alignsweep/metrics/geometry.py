"""Metrics of shape: Procrustes, and representational similarity analysis (RSA)."""

from __future__ import annotations

import numpy as np

from alignsweep.metrics.arrays import Array, centre, normalised, significant_sum
from alignsweep.metrics.pairwise import squared_distances


def procrustes(x: Array, y: Array) -> float:
    """Similarity after the best rotation: ``|Xc'Yc|_* / (|Xc| |Yc|)``.

    The nuclear norm over the Frobenius norms, 0 to 1. Of the orthogonal Procrustes distance d
    between the normalised matrices (Ding et al. 2021) it is ``1 - d^2 / 2``.
    """
    x, y = centre(x), centre(y)
    rotated = np.linalg.svd(x.T @ y, compute_uv=False).sum()
    return float(rotated / np.sqrt((x**2).sum() * (y**2).sum()))


def rsa_pearson(x: Array, y: Array) -> float:
    """Pearson correlation of the two sides' Euclidean distances, over all pairs of distinct rows.

    Computed block by block: memory linear in n.
    """
    n = len(x)
    sums = np.zeros(5)
    for (_, dx), (_, dy) in zip(squared_distances(x), squared_distances(y), strict=True):
        squares = dx.sum(), dy.sum()
        np.sqrt(dx, out=dx)
        np.sqrt(dy, out=dy)
        sums += dx.sum(), dy.sum(), *squares, np.vdot(dx, dy)
    mean_x, mean_y, square_x, square_y, product = sums / (n * (n - 1))
    variances = significant_sum(square_x, -(mean_x**2)), significant_sum(square_y, -(mean_y**2))
    return float(normalised(product - mean_x * mean_y, *variances))


def rsa_spearman(x: Array, y: Array) -> float:
    """Spearman correlation of the two sides' Euclidean distances (Kriegeskorte et al. 2008).

    Ranks need all ``n (n - 1) / 2`` distances at once: memory is quadratic in n.
    """
    from scipy.spatial.distance import pdist
    from scipy.stats import rankdata  # takes a second to import

    ranks = [rankdata(_rounded(pdist(z))) for z in (x, y)]
    if any(np.ptp(side) == 0 for side in ranks):
        return np.nan
    return float(np.corrcoef(*ranks)[0, 1])


def _rounded(distances: Array) -> Array:
    """Drop the digits in which equal distances differ by rounding, so that they rank alike."""
    return np.round(distances / distances.max(), 12)
