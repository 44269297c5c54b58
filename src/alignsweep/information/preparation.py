"""What both estimators get, and do with it: samples are standardised and gathered in clusters."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Prepared:
    """Paired samples, checked and split.

    Attributes
    ----------
    x_a, x_b, y
        ``(n, d1)``, ``(n, d2)`` and ``(n,)`` classes, numbered from 0.
    fit, count
        Rows to fit on, rows to count. They must not overlap: then clusters know nothing of the
        counted labels, and shuffling these alone gives the null of the whole pipeline.
    coordinates
        What is clustered of both modalities, by kind: filled by the estimators, because several
        numbers of clusters are tried on the same coordinates.
    """

    x_a: Array
    x_b: Array
    y: NDArray[np.intp]
    fit: Rows
    count: Rows
    coordinates: dict[str, tuple[Array, Array]] = field(default_factory=dict)


def standardise(x: Array, fit: Rows) -> Array:
    """Give columns mean 0 and deviation 1 on the rows `fit`; constant columns become 0 there."""
    deviation = x[fit].std(axis=0)
    return np.asarray((x - x[fit].mean(axis=0)) / np.where(deviation > 0, deviation, 1))


def cluster(
    x: Array, fit: Rows, clusters: int, rng: np.random.Generator, *, starts: int = 3
) -> Rows:
    """Return the k-means cluster of every row, fitted on the rows `fit` from so many starts."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    seed = int(rng.integers(2**31))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        model = KMeans(clusters, n_init=starts, random_state=seed).fit(x[fit])
    return np.asarray(model.predict(x))
