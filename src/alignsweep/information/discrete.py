"""The discrete estimator: inputs become clusters, clusters are counted, the table is decomposed."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from alignsweep.information.decomposition import Decomposition, broja
from alignsweep.information.preparation import Array, Rows, cluster, standardise

FEATURES = ("posterior", "pca")
PRINCIPAL_COMPONENTS = 64
#: Inverse penalties of the logistic regression, chosen by cross-validation.
INVERSE_PENALTIES = (0.1, 1.0, 10.0, 100.0)
#: Certified gap of shuffles and resamples, in bits; the estimate itself is solved more finely.
COARSE = 1e-3


class Sampler:
    """Standardise, PCA, k-means, fitted on some rows; count on the others; BROJA.

    Parameters
    ----------
    x_a, x_b, y
        ``(n, d1)``, ``(n, d2)`` and ``(n,)`` classes.
    fit, count
        Rows to fit on, rows to count. They must not overlap: then clusters know nothing of the
        counted labels, and shuffling these alone gives the null of the whole pipeline.
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
        x_a: Array,
        x_b: Array,
        y: NDArray[np.intp],
        fit: Rows,
        count: Rows,
        rng: np.random.Generator,
        *,
        clusters: int = 20,
        features: str = "posterior",
    ) -> None:
        if features not in FEATURES:
            raise ValueError(f"features is {features!r}; allowed: {', '.join(FEATURES)}")
        for name, rows in (("fitted", fit), ("counted", count)):
            if len(rows) < clusters:
                raise ValueError(
                    f"{len(rows)} {name} samples for {clusters} clusters; needed: more"
                )
        self._clusters, self._classes = clusters, int(y.max()) + 1
        self._y = y[count]
        self._a, self._b = (
            cluster(_features(x, y, fit, features), fit, clusters, rng)[count] for x in (x_a, x_b)
        )

    def decompose(self) -> Decomposition:
        """Return the plug-in estimate."""
        return broja(self._table(self._a, self._b, self._y), tolerance=1e-5)

    def shuffled(self, rng: np.random.Generator) -> Decomposition:
        """Return the estimate with shuffled labels."""
        return broja(self._table(self._a, self._b, rng.permutation(self._y)), tolerance=COARSE)

    def resampled(self, rng: np.random.Generator) -> Decomposition:
        """Return the estimate of a bootstrap sample, drawn within classes so that none is lost."""
        rows = np.concatenate(
            [
                rng.choice(own, len(own))
                for own in (np.flatnonzero(self._y == c) for c in range(self._classes))
            ]
        )
        return broja(self._table(self._a[rows], self._b[rows], self._y[rows]), tolerance=COARSE)

    def _table(self, a: Rows, b: Rows, y: NDArray[np.intp]) -> Array:
        table = np.zeros((self._clusters, self._clusters, self._classes))
        np.add.at(table, (a, b, y), 1)
        return table / table.sum()


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
