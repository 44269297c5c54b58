"""Standardising inputs by the training samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAMPLES_AT_ONCE = 256  # so that float64 copies stay small beside the data

Bools = NDArray[np.bool_]


def empty(x: NDArray[Any]) -> Bools:
    """Return which samples ``(n, steps, features)`` are zeros only: the modality is missing."""
    some: Bools = np.any(x, axis=(1, 2))
    return ~some


def standardise(x: NDArray[np.float32], train: Bools, there: Bools | None = None) -> int:
    """Standardise every feature, in place, by the training samples.

    Afterwards a feature has mean 0 and standard deviation 1 over the steps of the training samples.
    Values that are not finite become 0, the training mean. A feature that is constant in training
    becomes 0, as its scale is not known. Padding, and samples that are zeros only (the modality is
    missing), do not count and stay 0.

    Parameters
    ----------
    x
        ``(n, features)`` or ``(n, steps, features)``.
    train
        ``(n,)``, True for the training samples.
    there
        ``(n, steps)``, False at padding; None if there is none.

    Returns
    -------
    int
        Number of values that were not finite.
    """
    used = np.ones(x.shape[:-1], dtype=np.bool_) if there is None else there.copy()
    if x.ndim == 3:
        used &= ~empty(x)[:, None]
    mean, scale = _moments(x, used & train.reshape(-1, *[1] * (x.ndim - 2)))
    bad = 0
    for rows in _blocks(len(x)):
        finite = np.isfinite(x[rows])
        bad += finite.size - int(np.count_nonzero(finite))
        z = (np.where(finite, x[rows], mean) - mean) * scale
        x[rows] = np.where(used[rows][..., None], z, 0.0)
    return bad


def _moments(
    x: NDArray[np.float32], used: Bools
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and 1 / standard deviation (0 if constant) of every feature, where used."""
    features = x.shape[-1]
    count, total, square = np.zeros((3, features))
    low, high = np.full(features, np.inf), np.full(features, -np.inf)
    for values in _used_values(x, used):
        count += np.isfinite(values).sum(axis=0)
        total += np.nansum(values, axis=0)
        low = np.fmin(low, np.fmin.reduce(values, axis=0, initial=np.inf))
        high = np.fmax(high, np.fmax.reduce(values, axis=0, initial=-np.inf))
    mean = total / np.maximum(count, 1)
    for values in _used_values(x, used):
        square += np.nansum((values - mean) ** 2, axis=0)
    varies = low < high  # not the variance, which rounding keeps from 0
    scale = np.zeros(features)
    scale[varies] = np.sqrt(count[varies] / square[varies])
    return mean, scale


def _used_values(x: NDArray[np.float32], used: Bools) -> Iterator[NDArray[np.float64]]:
    """Yield the steps in use, ``(some, features)``, with NaN for all that is not finite."""
    for rows in _blocks(len(x)):
        values = x[rows][used[rows]].astype(np.float64)
        values[~np.isfinite(values)] = np.nan
        yield values


def _blocks(n: int) -> Iterator[slice]:
    return (slice(i, i + _SAMPLES_AT_ONCE) for i in range(0, n, _SAMPLES_AT_ONCE))
