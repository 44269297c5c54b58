"""A forest that predicts distributions: quantile regression forests on extremely randomised trees.

Meinshausen (JMLR 2006): a point's distribution is that of the training points that share its
leaves, each weighed by how often they do. The trees are scikit-learn's (Geurts et al. 2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TREES, LEAF, SHARE_OF_INPUTS = 150, 4, 0.5


@dataclass(frozen=True)
class Forest:
    """A fitted forest.

    Attributes
    ----------
    trees
        scikit-learn's ``ExtraTreesRegressor``.
    leaves
        ``(n, trees)``: the leaf of every training point in every tree.
    targets
        ``(n,)``: their targets.
    """

    trees: object
    leaves: NDArray[np.int64]
    targets: Array

    def mean(self, x: Array) -> Array:
        """Return the expected target of points ``(m, inputs)``, ``(m,)``."""
        return np.asarray(self.trees.predict(x))  # type: ignore[attr-defined]

    def quantiles(self, x: Array, q: Array) -> Array:
        """Return quantiles ``(m, len(q))`` of the targets of points ``(m, inputs)``."""
        order = np.argsort(self.targets)
        reached = self._weights(x)[:, order].cumsum(axis=1)
        places = [np.searchsorted(row, q).clip(max=len(order) - 1) for row in reached]
        return self.targets[order][np.array(places)]

    def below(self, x: Array, value: float) -> Array:
        """Return the probability that the target of each point is below a value, ``(m,)``."""
        return np.asarray(self._weights(x)[:, self.targets < value].sum(axis=1))

    def _weights(self, x: Array) -> Array:
        """Return the weights ``(m, n)`` of the training points for each point."""
        found = self.trees.apply(x)  # type: ignore[attr-defined]
        weights = np.zeros((len(x), len(self.targets)))
        for tree in range(found.shape[1]):
            same = found[:, tree, None] == self.leaves[:, tree]
            weights += same / same.sum(axis=1, keepdims=True)
        return weights / found.shape[1]


def fit(x: Array, targets: Array, weights: Array, *, seed: int = 0) -> Forest:
    """Fit a forest to points.

    Parameters
    ----------
    x
        ``(n, inputs)``.
    targets
        ``(n,)``.
    weights
        ``(n,)``: how much each point counts.
    seed
        Seed of the trees.
    """
    from sklearn.ensemble import ExtraTreesRegressor  # takes a second to import

    trees = ExtraTreesRegressor(
        TREES, min_samples_leaf=LEAF, max_features=SHARE_OF_INPUTS, random_state=seed, n_jobs=1
    ).fit(x, targets, sample_weight=weights)
    return Forest(trees, trees.apply(x), targets)
