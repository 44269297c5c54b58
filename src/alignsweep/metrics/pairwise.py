"""Distances between all rows, a block at a time: memory linear in n."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alignsweep.metrics.arrays import Array, centre

#: Bytes of one block of distances or similarities.
BLOCK_BYTES = 8 * 1024**2

#: Up to this n the median distance is that of the distances themselves.
EXACT_MEDIAN_N = 4096
_BINS = 4096


def row_blocks(n: int, itemsize: int) -> Iterator[slice]:
    """Cut n rows into slices whose ``(rows, n)`` blocks stay within `BLOCK_BYTES`."""
    height = max(1, BLOCK_BYTES // (n * itemsize))
    for start in range(0, n, height):
        yield slice(start, min(start + height, n))


def squared_distances(x: Array) -> Iterator[tuple[slice, Array]]:
    """Yield slices of rows and their squared Euclidean distances to all rows; exactly 0 to self."""
    x = centre(x)  # distances keep more digits near the origin
    square = (x**2).sum(axis=1)
    for rows in row_blocks(len(x), x.itemsize):
        block = square[rows, None] + square - 2 * (x[rows] @ x.T)
        np.maximum(block, 0, out=block)
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = 0
        yield rows, block


def median_distance(x: Array) -> float:
    """Return the median Euclidean distance of distinct rows.

    For n above `EXACT_MEDIAN_N` from two passes of histograms, to 1e-7 of the largest distance.
    """
    if len(x) <= EXACT_MEDIAN_N:
        from scipy.spatial.distance import pdist  # not by default: a third of a second to import

        return float(np.median(pdist(x)))
    low, high = 0.0, 2.0 * float(np.linalg.norm(centre(x), axis=1).max())
    rank = (len(x) * (len(x) - 1)) // 2  # of both orders of each pair, the middle
    for _ in range(2):
        below, counts = 0, np.zeros(_BINS, dtype=np.int64)
        for rows, block in squared_distances(x):
            np.sqrt(block, out=block)
            block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
            below += int((block < low).sum())
            counts += np.histogram(block, bins=_BINS, range=(low, high))[0]
        place = int(np.searchsorted(below + np.cumsum(counts), rank))
        step = (high - low) / _BINS
        low, high = low + place * step, low + (place + 1) * step
    return (low + high) / 2
