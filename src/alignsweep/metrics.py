"""Alignment metrics: how similar two embeddings of the same samples are.

Each metric is one entry of `METRICS`, named by its convention: a callable ``(x, y) -> float`` on
arrays ``(n, d1)`` and ``(n, d2)`` whose rows are pairs, computed in float64. It knows its chance
level, the value to expect when the rows of one side are shuffled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep.data.store import Pairs
from alignsweep.models import Trained

Array = NDArray[np.float64]

#: Neighbours whose cosine similarity differs by less are tied.
TIE = 1e-12


@dataclass(frozen=True)
class Metric:
    """An alignment metric.

    Attributes
    ----------
    function
        The value, from checked float64 arrays.
    chance
        Its expectation over uniformly shuffled rows of y; None where there is no closed form, and
        shuffles are drawn in its place.
    """

    name: str
    function: Callable[[Array, Array], float]
    chance_function: Callable[[Array, Array], float] | None
    smallest_n: int

    def __call__(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
        """Return the similarity of ``(n, d1)`` and ``(n, d2)``; ValueError on bad input."""
        return float(self.function(*self._check(x, y)))

    def chance(
        self,
        x: NDArray[np.floating],
        y: NDArray[np.floating],
        *,
        rng: np.random.Generator,
        shuffles: int = 10,
    ) -> float:
        """Return the mean value over shuffled rows: exact, or from `shuffles` draws."""
        x, y = self._check(x, y)
        if self.chance_function is not None:
            return float(self.chance_function(x, y))
        return float(np.mean([self.function(x, rng.permutation(y)) for _ in range(shuffles)]))

    def _check(self, x: Any, y: Any) -> tuple[Array, Array]:
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        shapes = f"{self.name}: x {x.shape}, y {y.shape}"
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
            raise ValueError(f"{shapes}; needed: (n, d1) and (n, d2) with the same n")
        if len(x) < self.smallest_n:
            raise ValueError(f"{shapes}; needed: at least {self.smallest_n} rows")
        bad = int((~np.isfinite(x)).sum() + (~np.isfinite(y)).sum())
        if bad:
            raise ValueError(f"{shapes}: {bad} values are not finite")
        for side, z in (("x", x), ("y", y)):
            if np.ptp(z, axis=0).max(initial=0) == 0:
                raise ValueError(f"{shapes}: all rows of {side} are equal")
        return x, y


def cka_biased(x: Array, y: Array) -> float:
    """Linear CKA, ``||Xc'Yc||^2 / (||Xc'Xc|| ||Yc'Yc||)`` (Kornblith et al. 2019, eq. 4)."""
    x, y = _centre(x), _centre(y)
    return float(_square(x.T @ y) / np.sqrt(_square(x.T @ x) * _square(y.T @ y)))


def _cka_biased_chance(x: Array, y: Array) -> float:
    """Shuffle one side: E tr(K P L P') = tr K tr L / (n - 1) for centred Gram matrices K, L."""
    x, y = _centre(x), _centre(y)
    expected = np.sum(x**2) * np.sum(y**2) / (len(x) - 1)
    return float(expected / np.sqrt(_square(x.T @ x) * _square(y.T @ y)))


def cka_debiased(x: Array, y: Array) -> float:
    """Linear CKA with the U-statistic HSIC of Song et al. 2012 (eq. 5); may be negative.

    Computed from features, so that cost and memory are linear in n.
    """
    return float(_hsic_u(x, y) / np.sqrt(_hsic_u(x, x) * _hsic_u(y, y)))


def _hsic_u(x: Array, y: Array) -> float:
    """Return n(n-3) times the unbiased HSIC of linear kernels with their diagonals zeroed.

    With K = XX' and L = YY' off the diagonal:
    tr KL + (1'K1)(1'L1) / ((n-1)(n-2)) - 2 (1'KL1) / (n-2).
    Centring the features changes none of the kernel's centred values and keeps the sums small.
    """
    n = len(x)
    x, y = _centre(x), _centre(y)
    square_x, square_y = (x**2).sum(axis=1), (y**2).sum(axis=1)
    trace = _square(x.T @ y) - square_x @ square_y
    # Row sums: of a centred Gram matrix they are zero, so only the removed diagonal is left.
    ones_kl = square_x @ square_y
    ones_k, ones_l = -square_x.sum(), -square_y.sum()
    return float(trace + ones_k * ones_l / ((n - 1) * (n - 2)) - 2 * ones_kl / (n - 2))


def svcca_var99(x: Array, y: Array) -> float:
    """SVCCA: mean canonical correlation of the directions that hold 99 % of the variance.

    Columns are centred, an exact SVD keeps the fewest directions with at least 99 % of the
    variance, and the mean is over the smaller number of directions (Raghu et al. 2017).
    """
    u, v = _leading(x, 0.99), _leading(y, 0.99)
    # The singular vectors are orthonormal already, so the correlations are those of their product.
    correlations = np.linalg.svd(u.T @ v, compute_uv=False)
    return float(np.clip(correlations, 0, 1).mean())


def _leading(x: Array, share: float) -> Array:
    u, s, _ = np.linalg.svd(_centre(x), full_matrices=False)
    cumulative = np.cumsum(s**2)
    kept = int(np.searchsorted(cumulative, share * cumulative[-1] * (1 - 1e-12))) + 1
    return np.asarray(u[:, :kept])


def mutual_knn(x: Array, y: Array, k: int) -> float:
    """Mean share of common neighbours among the k nearest by cosine (Huh et al. 2024).

    A row is not a neighbour of itself.

    Where the k-th neighbour is tied with others, each of them is a neighbour to the fraction of
    places left, and the overlap is that of fuzzy sets (the smaller of two fractions): the value
    does not depend on the order of the rows, and is 1 at identity.
    """
    unit_x, unit_y = _unit(x), _unit(y)
    shared = 0.0
    for start in range(0, len(x), 512):
        rows = slice(start, start + 512)
        shared += float(
            np.minimum(_neighbours(unit_x, rows, k), _neighbours(unit_y, rows, k)).sum()
        )
    return shared / (k * len(x))


def _neighbours(unit: Array, rows: slice, k: int) -> Array:
    """Return memberships ``(len(rows), n)`` of each row's k nearest neighbours; rows sum to k."""
    similarity = unit[rows] @ unit.T
    own = np.arange(len(unit))[rows]
    similarity[np.arange(len(own)), own] = -np.inf
    n = len(unit)
    kth = np.partition(similarity, n - k, axis=1)[:, n - k, None]
    closer = similarity > kth + TIE
    tied = np.abs(similarity - kth) <= TIE
    share = (k - closer.sum(axis=1, keepdims=True)) / tied.sum(axis=1, keepdims=True)
    return closer + tied * share


def _unit(x: Array) -> Array:
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(norm > 0, norm, 1))


def _centre(x: Array) -> Array:
    return np.asarray(x - x.mean(axis=0))


def _square(x: Array) -> float:
    return float((x**2).sum())


def _knn(k: int) -> Metric:
    return Metric(
        f"mutual_knn_k{k}",
        lambda x, y: mutual_knn(x, y, k),
        lambda x, y: k / (len(x) - 1),
        k + 1,
    )


#: name in the configuration and in ``alignment.csv`` -> metric
METRICS = {
    metric.name: metric
    for metric in (
        Metric("cka_debiased", cka_debiased, lambda x, y: 0.0, 4),
        Metric("cka_biased", cka_biased, _cka_biased_chance, 2),
        Metric("svcca_var99", svcca_var99, None, 2),
        _knn(10),
    )
}


def measure_alignment(
    trained: Trained,
    pairs: Pairs,
    metrics: Sequence[str] = tuple(METRICS),
    *,
    split: str = "test",
    samples: int = 2048,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the alignment of the two modalities' embeddings, for every model.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    metrics
        Names in `METRICS`.
    split, samples
        The pairs measured: the first `samples` of the split, or all if it has fewer. The number is
        the same for all models, because some metrics depend on it.
    seed
        Seed of the shuffles, for chance levels that have no closed form.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, strength, seed, split, metric, value, chance, n, diverged_at``; NaN for a
        model that diverged.
    """
    rows = pairs.rows(split)[:samples]
    a, b = (trained.embed(m, x[rows]) for m, x in pairs.inputs.items())
    records = []
    for i, model in enumerate(trained.models):
        for name in metrics:
            metric, ok = METRICS[name], model.diverged_at is None
            rng = np.random.default_rng(seed)  # the same shuffles for every model
            records.append(
                {
                    "dataset": trained.dataset,
                    "strength": model.strength,
                    "seed": model.seed,
                    "split": split,
                    "metric": name,
                    "value": metric(a[i], b[i]) if ok else np.nan,
                    "chance": metric.chance(a[i], b[i], rng=rng) if ok else np.nan,
                    "n": len(rows),
                    "diverged_at": model.diverged_at,
                }
            )
    return pd.DataFrame(records).astype({"diverged_at": "Int64"})
