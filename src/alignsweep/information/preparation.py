"""What both estimators do with samples: standardise them, and gather them in clusters."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


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
