"""Means of differences paired by seed, with t intervals and tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit  # scipy.stats takes a second to import

Array = NDArray[np.float64]

CONFIDENCE = 0.95
#: Error rate of a test.
LEVEL = 0.05
#: Fewer seeds support no verdict: with two, one more would often turn it.
LEAST_SEEDS = 3


class Mean(NamedTuple):
    """A mean with its 95 % t interval, the p value of its being 0, and how many seeds it is of."""

    value: float
    low: float
    high: float
    p_value: float
    seeds: int

    @property
    def positive(self) -> bool:
        """Whether it is above 0 beyond doubt."""
        return self.seeds >= LEAST_SEEDS and self.low > 0

    @property
    def negative(self) -> bool:
        """Whether it is below 0 beyond doubt."""
        return self.seeds >= LEAST_SEEDS and self.high < 0

    def within(self, margin: float) -> bool:
        """Whether it lies between -margin and margin beyond doubt."""
        return self.seeds >= LEAST_SEEDS and -margin < self.low and self.high < margin

    def below(self, bound: float) -> bool:
        """Whether it is below a bound beyond doubt."""
        return self.seeds >= LEAST_SEEDS and self.high < bound


def paired(differences: Array, resolution: float = 0.0) -> Mean:
    """Return the mean of paired differences, those missing (NaN) left out.

    Parameters
    ----------
    differences
        ``(seeds,)``.
    resolution
        The smallest step of the score, one over the number of samples if it is a share of them.
        Differences that agree to less than a step are rounded, not free of noise: their standard
        deviation counts as a step at least. (Differences that are all 0 are exactly 0: the baseline
        against itself.)
    """
    known = differences[~np.isnan(differences)]
    n = len(known)
    if not n:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0)
    mean = float(known.mean())
    if n == 1:
        return Mean(mean, np.nan, np.nan, np.nan, 1)
    if not known.any():
        return Mean(0.0, 0.0, 0.0, 1.0, n)
    error = max(float(known.std(ddof=1)), resolution) / np.sqrt(n)
    if error == 0:  # nothing but an exact constant: no noise to judge it by
        return Mean(mean, np.nan, np.nan, np.nan, n)
    half = error * stdtrit(n - 1, (1 + CONFIDENCE) / 2)
    p_value = float(2 * stdtr(n - 1, -abs(mean) / error))
    return Mean(mean, float(mean - half), float(mean + half), p_value, n)


def holm(p: Array) -> Array:
    """Return Holm's step-down adjusted p values (Holm 1979); NaN are left out of the family."""
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    stepped = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def nearest(strengths: Iterable[str], wanted: str) -> str:
    """Return the strength nearest to the one wanted; the smaller of two."""
    return min(strengths, key=lambda s: (abs(float(s) - float(wanted)), float(s)))
