"""Means of differences paired by seed, with intervals that hold for new data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit  # scipy.stats takes a second to import

Array = NDArray[np.float64]
Units = NDArray[np.int64]

CONFIDENCE = 0.95
#: Error rate of a test.
LEVEL = 0.05
#: Fewer seeds support no verdict: with two, one more would often turn it.
LEAST_SEEDS = 3


class Mean(NamedTuple):
    """A mean over seeds, with its 95 % interval.

    Attributes
    ----------
    value, low, high, p_value
        The mean, its interval, and the p value of its being 0.
    seeds
        How many seeds it is of.
    seed_low, seed_high
        The interval over seeds alone. Where seeds have data of their own it is the same.
    sd_seed
        Standard deviation of the seeds' differences.
    sd_test
        What of it the draw of a seed's test samples explains.
    sd_data
        Standard error that more seeds would not reduce, since seeds share data; more data would.
    """

    value: float
    low: float
    high: float
    p_value: float
    seeds: int
    seed_low: float
    seed_high: float
    sd_seed: float
    sd_test: float
    sd_data: float

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
    """Return the mean of paired differences, by the plain t interval over seeds.

    Parameters
    ----------
    differences
        ``(seeds,)``; those missing (NaN) are left out.
    resolution
        The smallest step of the score, one over the number of samples if it is a share of them.
        Differences that agree to less than a step are rounded, not free of noise: their standard
        deviation counts as a step at least. (Differences that are all 0 are exactly 0: the baseline
        against itself.)
    """
    known = differences[~np.isnan(differences)]
    return _mean(known, max(_deviation(known), resolution) ** 2 / max(len(known), 1))


def judged(
    differences: Array,
    samples: Sequence[Array],
    units: Sequence[Units] | None,
    *,
    crossed: bool,
    resolution: float = 0.0,
) -> Mean:
    """Return the mean of paired differences, with what the test samples add to its uncertainty.

    Where seeds have data of their own, the interval is the plain t interval over them; but not
    narrower than what the draw of their test samples alone makes it. Where they share the test
    samples, seeds and samples (or groups) are crossed: the variance of the mean is the sum of what
    seeds and what units contribute, less what is counted twice (two-way clustering, Cameron,
    Gelbach and Miller 2011), with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    differences
        ``(seeds,)``, finite.
    samples
        For each seed, the difference of every test sample, ``(n_test,)``.
    units
        For each seed, what its test samples belong to, ``(n_test,)``, small integers from 0 on;
        None: each is a unit.
    crossed
        Whether the seeds share test samples.
    resolution
        As for `paired`.
    """
    seeds = len(differences)
    if not seeds or not differences.any():
        return paired(differences, resolution)
    residuals = [d - d.mean() for d in samples]
    own = [np.arange(len(r)) for r in residuals] if units is None else units
    sums = residuals
    if units is not None:
        sums = [_sums(u, r) for u, r in zip(units, residuals, strict=True)]
    # of each seed's difference: the sum of the units' residuals, over the number of samples
    test = [_scaled(s) / len(r) ** 2 for s, r in zip(sums, residuals, strict=True)]
    sd_test = float(np.sqrt(np.mean(test)))
    deviation = max(_deviation(differences), resolution)
    if not crossed:
        mean = _mean(differences, deviation**2 / seeds)
        tested = _mean(differences, sd_test**2 / seeds, float(sum(map(len, sums)) - seeds))
        wider = tested if tested.high - tested.low > mean.high - mean.low else mean
        return wider._replace(sd_seed=_deviation(differences), sd_test=sd_test)
    total = sum(len(r) for r in residuals)
    together = _sums(np.concatenate(own), np.concatenate(residuals))
    shared = _scaled(together) / total**2
    within = sum(float((s**2).sum()) for s in sums) / total**2
    of_seeds, of_data = deviation**2 / seeds, max(shared - within, 0.0)
    freedom = seeds - 1.0
    if of_data > 0 and seeds > 1:
        of_units = len(together) - 1.0
        freedom = (of_seeds + of_data) ** 2 / (of_seeds**2 / (seeds - 1) + of_data**2 / of_units)
    mean, alone = (
        _mean(differences, v, f)
        for v, f in ((of_seeds + of_data, freedom), (of_seeds, seeds - 1.0))
    )
    return mean._replace(
        seed_low=alone.low,
        seed_high=alone.high,
        sd_seed=_deviation(differences),
        sd_test=sd_test,
        sd_data=float(np.sqrt(of_data)),
    )


def _sums(units: Units, values: Array) -> Array:
    """Return the sum of the values of each unit that occurs."""
    occurs = np.bincount(units) > 0
    return np.bincount(units, values)[occurs].astype(np.float64)


def _scaled(sums: Array) -> float:
    """Return the variance of a sum from those of its independent parts."""
    return float((sums**2).sum()) * len(sums) / max(len(sums) - 1, 1)


def _deviation(values: Array) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else np.nan


def _mean(known: Array, variance: float, freedom: float | None = None) -> Mean:
    """Return a mean whose variance is known."""
    n = len(known)
    value = float(known.mean()) if n else np.nan
    nan = np.nan
    missing = Mean(value, nan, nan, nan, n, nan, nan, nan, nan, nan)
    if n < 2:
        return missing
    if not known.any():
        return Mean(0.0, 0.0, 0.0, 1.0, n, 0.0, 0.0, 0.0, 0.0, 0.0)
    error = float(np.sqrt(variance))
    if error == 0:  # nothing but an exact constant: no noise to judge it by
        return missing
    freedom = n - 1.0 if freedom is None else freedom
    half = error * float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    p_value = float(2 * stdtr(freedom, -abs(value) / error))
    low, high = value - half, value + half
    return Mean(value, low, high, p_value, n, low, high, _deviation(known), np.nan, 0.0)


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


def best_of(values: Array, *, draws: int = 2000, seed: int = 0) -> Array:
    """Return the probability of each column of having the best mean, from few rows.

    The mean of the rows is drawn from a multivariate t distribution with their covariance: a
    bootstrap that makes up for how few there are.

    Parameters
    ----------
    values
        ``(seeds, strengths)``, finite.
    draws, seed
        How many means are drawn, and their seed.
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    spread = rng.standard_normal((draws, n)) @ (values - values.mean(axis=0))
    scale = np.sqrt((n - 1) / rng.chisquare(n - 1, (draws, 1))) if n > 1 else 0.0
    drawn = values.mean(axis=0) + spread * scale / np.sqrt(n * max(n - 1, 1))
    return np.bincount(drawn.argmax(axis=1), minlength=values.shape[1]) / draws
