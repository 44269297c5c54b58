"""The discrete estimator: inputs become clusters, clusters are counted, the table is decomposed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from alignsweep.information.decomposition import Decomposition, broja, broja_stack
from alignsweep.information.preparation import Array, Prepared, Rows, cluster, standardise

FEATURES = ("posterior", "pca")
PRINCIPAL_COMPONENTS = 64
#: Inverse penalties of the logistic regression, chosen by cross-validation.
INVERSE_PENALTIES = (0.1, 1.0, 10.0, 100.0)
#: Certified gap of shuffles and resamples, in bits; the estimate itself is solved more finely.
COARSE = 1e-3
#: Shuffles or resamples decomposed together: more would gain little, and show no progress.
TOGETHER = 50


class Sampler:
    """Standardise, PCA, k-means, fitted on some rows; count on the others; BROJA.

    Parameters
    ----------
    samples
        What is fitted on and what is counted.
    rng
        Seeds k-means and cross-validation.
    clusters
        Clusters per modality.
    features
        What is clustered. ``"posterior"``: the square roots of p(y | x) by a logistic regression on
        the principal components. BROJA depends on a modality only through the distribution of its
        p(y | x), so these are the coordinates that matter. ``"pca"``: the principal components,
        which know nothing of the label.
    """

    def __init__(
        self,
        samples: Prepared,
        rng: np.random.Generator,
        *,
        clusters: int = 20,
        features: str = "posterior",
    ) -> None:
        if features not in FEATURES:
            raise ValueError(f"features is {features!r}; allowed: {', '.join(FEATURES)}")
        for name, rows in (("fitted", samples.fit), ("counted", samples.count)):
            if len(rows) < clusters:
                raise ValueError(
                    f"{len(rows)} {name} samples for {clusters} clusters; needed: more"
                )
        self._clusters, self._classes = clusters, int(samples.y.max()) + 1
        self._y = samples.y[samples.count]
        self._a, self._b = (
            cluster(x, samples.fit, clusters, rng)[samples.count]
            for x in _coordinates(samples, features)
        )

    def decompose(self) -> Decomposition:
        """Return the plug-in estimate."""
        return broja(self._table(self._a, self._b, self._y), tolerance=1e-5)

    def shuffled(self, rng: np.random.Generator, times: int) -> Iterator[Decomposition]:
        """Return so many estimates with shuffled labels."""
        return self._repeat(lambda: self._table(self._a, self._b, rng.permutation(self._y)), times)

    def resampled(self, rng: np.random.Generator, times: int) -> Iterator[Decomposition]:
        """Return the estimates of bootstrap samples, drawn within classes so that none is lost."""
        classes = [np.flatnonzero(self._y == c) for c in range(self._classes)]

        def draw() -> Array:
            rows = np.concatenate([rng.choice(own, len(own)) for own in classes])
            return self._table(self._a[rows], self._b[rows], self._y[rows])

        return self._repeat(draw, times)

    def _repeat(self, draw: Callable[[], Array], times: int) -> Iterator[Decomposition]:
        for first in range(0, times, TOGETHER):
            tables = (draw() for _ in range(first, min(first + TOGETHER, times)))
            yield from broja_stack(tables, tolerance=COARSE)

    def _table(self, a: Rows, b: Rows, y: NDArray[np.intp]) -> Array:
        shape = (self._clusters, self._clusters, self._classes)
        counts = np.bincount(np.ravel_multi_index((a, b, y), shape), minlength=np.prod(shape))
        return counts.reshape(shape) / len(y)


def _coordinates(samples: Prepared, kind: str) -> tuple[Array, Array]:
    if kind not in samples.coordinates:
        a, b = (_features(x, samples.y, samples.fit, kind) for x in (samples.x_a, samples.x_b))
        samples.coordinates[kind] = a, b
    return samples.coordinates[kind]


def _features(x: Array, y: NDArray[np.intp], fit: Rows, kind: str) -> Array:
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegressionCV

    x = standardise(x, fit)
    components = min(PRINCIPAL_COMPONENTS, x.shape[1], len(fit) - 1)
    x = np.asarray(PCA(components, random_state=0).fit(x[fit]).transform(x))
    if kind == "pca":
        return x
    folds = int(min(3, np.bincount(y[fit]).min()))
    if folds < 2:
        raise ValueError("a class has fewer than 2 fitted samples; needed: at least 2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of changes to come in scikit-learn 1.10
        model = LogisticRegressionCV(
            Cs=list(INVERSE_PENALTIES), cv=folds, scoring="neg_log_loss", max_iter=2000
        ).fit(x[fit], y[fit])
    return np.sqrt(np.asarray(model.predict_proba(x)))
