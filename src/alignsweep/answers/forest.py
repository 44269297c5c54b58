"""A forest that predicts distributions: quantile regression forests on extremely randomised trees.

Meinshausen (JMLR 2006): a point's distribution is that of the training points that share its
leaves, each weighed by how often they do. The trees are scikit-learn's (Geurts et al. 2006), kept
as arrays: to ask them takes no scikit-learn, which takes a second to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TREES, LEAF, SHARE_OF_INPUTS = 150, 4, 0.5


@dataclass(frozen=True)
class Forest:
    """A fitted forest, the nodes of all its trees one after another.

    Attributes
    ----------
    roots
        ``(trees,)``: the nodes where the trees begin.
    children
        ``(nodes, 2)``: where to go from each node, if its input is at most the threshold and if it
        is above; a leaf is its own child.
    split, threshold
        ``(nodes,)``: the input that decides, and by what.
    value
        ``(nodes,)``: the expected target.
    leaves
        ``(n, trees)``: the leaf of every training point in every tree.
    targets
        ``(n,)``: their targets.
    """

    roots: NDArray[np.int32]
    children: NDArray[np.int32]
    split: NDArray[np.int32]
    threshold: Array
    value: Array
    leaves: NDArray[np.int32]
    targets: Array

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Forest:
        """Return the forest of these arrays, by the names of its attributes."""
        return cls(**{field.name: arrays[field.name] for field in fields(cls)})

    def mean(self, x: Array) -> Array:
        """Return the expected target of points ``(m, inputs)``, ``(m,)``."""
        return np.asarray(self.value[self._reached(x)].mean(axis=1))

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
        found = self._reached(x)
        weights = np.zeros((len(x), len(self.targets)))
        for tree in range(found.shape[1]):
            same = found[:, tree, None] == self.leaves[:, tree]
            weights += same / same.sum(axis=1, keepdims=True)
        return weights / found.shape[1]

    def _reached(self, x: Array) -> NDArray[np.int32]:
        """Return the leaf of points ``(m, inputs)`` in every tree, ``(m, trees)``."""
        x = x.astype(np.float32)  # as scikit-learn does
        rows = np.arange(len(x))[:, None]
        node = np.broadcast_to(self.roots, (len(x), len(self.roots)))
        while True:
            above = x[rows, self.split[node]] > self.threshold[node]
            further = self.children[node, above.astype(np.intp)]
            if (further == node).all():
                return further
            node = further


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
    from sklearn.ensemble import ExtraTreesRegressor

    fitted = ExtraTreesRegressor(
        TREES, min_samples_leaf=LEAF, max_features=SHARE_OF_INPUTS, random_state=seed, n_jobs=1
    ).fit(x, targets, sample_weight=weights)
    trees = [own.tree_ for own in fitted.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    children = []
    for root, tree in zip(roots, trees, strict=True):
        both = np.stack([tree.children_left, tree.children_right], axis=1)
        children.append(root + np.where(both < 0, np.arange(len(both))[:, None], both))
    return Forest(
        roots=roots.astype(np.int32),
        children=np.concatenate(children).astype(np.int32),
        split=np.concatenate([tree.feature for tree in trees]).clip(min=0).astype(np.int32),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        value=np.concatenate([tree.value[:, 0, 0] for tree in trees]),
        leaves=(fitted.apply(x) + roots).astype(np.int32),
        targets=targets,
    )
