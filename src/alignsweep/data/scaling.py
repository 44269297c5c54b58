"""Standardising inputs by the training samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAMPLES_AT_ONCE = 256  # so that float64 copies stay small beside the data

#: Of its spread, how much rounding to float32 may move a value.
_MOST_MOVED = 2.0**-10

Bools = NDArray[np.bool_]


def empty(x: NDArray[Any]) -> Bools:
    """Return which samples ``(n, ..., features)`` are zeros only: the modality is missing."""
    some: Bools = np.any(x, axis=tuple(range(1, x.ndim)))
    return ~some


def narrowed(x: NDArray[Any], there: Bools | None = None) -> NDArray[np.float32]:
    """Return a copy in float32 that can be standardised.

    A feature that float32 cannot hold, since it varies little beside its size (times in seconds
    since 1970) or is beyond the range, is first centred at its median and divided by its spread,
    in float64. What is not finite then is beyond the range even so: an outlier.

    Parameters
    ----------
    x
        ``(n, features)`` or ``(n, steps, features)``, finite numbers.
    there
        ``(n, steps)``, False at padding, which does not count and is not moved; None if there is
        none.
    """
    with np.errstate(over="ignore", under="ignore"):
        narrow: NDArray[np.float32] = x.astype(np.float32)
    if x.dtype.kind == "b" or np.can_cast(x.dtype, np.float32):
        return narrow
    used = in_use(x, there)
    for feature in range(x.shape[-1]):
        values = x[..., feature][used].astype(np.float64)
        if not values.size or not _loses(values, narrow[..., feature][used]):
            continue
        centre, spread = _centre_and_spread(values)
        # halves, since the difference of the largest numbers is beyond the range
        with np.errstate(over="ignore"):
            moved = (values / 2 - centre / 2) / (spread / 2)
            narrow[..., feature][used] = moved.astype(np.float32)
    return narrow


def _loses(values: NDArray[np.float64], narrow: NDArray[np.float32]) -> bool:
    """Whether float32 changes values by more than a little of their spread."""
    if not np.isfinite(narrow).all():
        return True
    moved = np.abs(values - narrow)
    if not moved.any():
        return False
    centre, spread = _centre_and_spread(values)
    return bool((moved > _MOST_MOVED * np.maximum(np.abs(values - centre), spread)).any())


def _centre_and_spread(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the median, and the median distance from it; the largest if that is 0, or else 1."""
    centre = float(np.median(values / 2) * 2)
    far = np.abs(values / 2 - centre / 2)
    spread = float(np.median(far)) or float(far.max()) or 0.5
    return centre, spread * 2


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
    mean, scale = _moments(x, train, there)
    bad = 0
    for rows in _blocks(len(x)):
        bad += x[rows].size - int(np.count_nonzero(np.isfinite(x[rows])))
        x[rows] = _scaled(x[rows], mean, scale, None if there is None else there[rows])
    return bad


class Standardised:
    """A large array as `standardise` leaves it, which is read, and scaled, as rows are asked for.

    Parameters
    ----------
    x, train, there
        As for `standardise`; `x` is left as it is, and may be a file in place of memory.
    at_once
        Standardise all values of a sample by one mean and scale.
    """

    def __init__(
        self,
        x: NDArray[np.float32],
        train: Bools,
        there: Bools | None = None,
        *,
        at_once: bool = False,
    ) -> None:
        self.shape, self.dtype, self.nbytes = x.shape, x.dtype, x.nbytes
        self._x = x.reshape(len(x), -1, 1) if at_once else x
        self._there = there
        self._mean, self._scale = _moments(self._x, train, there)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        there = None if self._there is None else self._there[rows]
        found = _scaled(self._x[rows], self._mean, self._scale, there)
        return found.astype(self.dtype).reshape(-1, *self.shape[1:])


def _scaled(
    x: NDArray[np.float32],
    mean: NDArray[np.float64],
    scale: NDArray[np.float64],
    there: Bools | None,
) -> NDArray[np.float64]:
    z = (np.where(np.isfinite(x), x, mean) - mean) * scale
    return np.where(in_use(x, there)[..., None], z, 0.0)


def in_use(x: NDArray[Any], there: Bools | None) -> Bools:
    """Return which steps ``x.shape[:-1]`` are neither padding nor of a sample that is missing."""
    used = np.ones(x.shape[:-1], dtype=np.bool_) if there is None else there.copy()
    if x.ndim > 2:
        used[empty(x)] = False
    return used


def _moments(
    x: NDArray[np.float32], train: Bools, there: Bools | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and 1 / standard deviation (0 if constant) of every feature in training."""
    features = x.shape[-1]
    count, total, square = np.zeros((3, features))
    low, high = np.full(features, np.inf), np.full(features, -np.inf)
    for values in _used_values(x, train, there):
        count += np.isfinite(values).sum(axis=0)
        total += np.nansum(values, axis=0)
        low = np.fmin(low, np.fmin.reduce(values, axis=0, initial=np.inf))
        high = np.fmax(high, np.fmax.reduce(values, axis=0, initial=-np.inf))
    mean = total / np.maximum(count, 1)
    for values in _used_values(x, train, there):
        square += np.nansum((values - mean) ** 2, axis=0)
    varies = low < high  # not the variance, which rounding keeps from 0
    scale = np.zeros(features)
    scale[varies] = np.sqrt(count[varies] / square[varies])
    return mean, scale


def _used_values(
    x: NDArray[np.float32], train: Bools, there: Bools | None
) -> Iterator[NDArray[np.float64]]:
    """Yield the training steps in use, ``(some, features)``, NaN for all that is not finite."""
    for rows in _blocks(len(x)):
        used = in_use(x[rows], None if there is None else there[rows])
        used &= train[rows].reshape(-1, *[1] * (x.ndim - 2))
        values = x[rows][used].astype(np.float64)
        values[~np.isfinite(values)] = np.nan
        yield values


def _blocks(n: int) -> Iterator[slice]:
    return (slice(i, i + _SAMPLES_AT_ONCE) for i in range(0, n, _SAMPLES_AT_ONCE))
