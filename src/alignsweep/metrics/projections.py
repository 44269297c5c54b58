"""Metrics of a space that both modalities share: retrieval, gap, alignment loss, uniformity.

All work on L2-normalised rows, as the alignment loss does. Retrieval is the mean of both
directions.
"""

from __future__ import annotations

import numpy as np

from alignsweep.metrics.arrays import Array, unit_rows
from alignsweep.metrics.pairwise import row_blocks, squared_distances

#: Similarities that differ by less are tied.
TIE = 1e-12


def _ranks(x: Array, y: Array) -> tuple[Array, Array]:
    """For queries x and then y: how many candidates are closer than the pair, and how many tied.

    The pair itself is among the tied. Both are ``(2n,)``.
    """
    x, y = unit_rows(x), unit_rows(y)
    own = np.einsum("nd,nd->n", x, y)[:, None]
    closer, tied = [], []
    for query, candidates in ((x, y), (y, x)):
        for rows in row_blocks(len(x), 8):
            similarity = query[rows] @ candidates.T
            above = (similarity > own[rows] + TIE).sum(axis=1)
            closer.append(above)
            tied.append((similarity >= own[rows] - TIE).sum(axis=1) - above)
    return np.concatenate(closer), np.concatenate(tied)


def recall(x: Array, y: Array, k: int) -> float:
    """Share of queries whose pair is among the k nearest of the other modality.

    With ties, the probability of it under a random order of those tied.
    """
    closer, tied = _ranks(x, y)
    return float(np.clip((k - closer) / tied, 0, 1).mean())


def median_rank(x: Array, y: Array) -> float:
    """Median rank of the pair among the other modality, 1 at best; the mean rank of those tied."""
    closer, tied = _ranks(x, y)
    return float(np.median(closer + (tied + 1) / 2))


def modality_gap(x: Array, y: Array) -> float:
    """Distance of the two modalities' mean directions (Liang et al. 2022)."""
    return float(np.linalg.norm(unit_rows(x).mean(axis=0) - unit_rows(y).mean(axis=0)))


def alignment_loss(x: Array, y: Array) -> float:
    """Mean squared distance of pairs (Wang and Isola 2020, alpha = 2)."""
    return float(((unit_rows(x) - unit_rows(y)) ** 2).sum(axis=1).mean())


def alignment_loss_chance(x: Array, y: Array) -> float:
    """Expect of shuffled rows: the mean over all pairs of rows."""
    x, y = unit_rows(x), unit_rows(y)
    squares = (x**2).sum(axis=1).mean() + (y**2).sum(axis=1).mean()
    return float(squares - 2 * x.mean(axis=0) @ y.mean(axis=0))


def uniformity(x: Array, y: Array) -> float:
    """Log of the mean of exp(-2 |u - v|^2) over distinct rows (Wang and Isola 2020, t = 2).

    The mean of both modalities; lower is more uniform.
    """
    n = len(x)
    values = []
    for z in (x, y):
        total = sum(np.exp(-2 * block).sum() for _, block in squared_distances(unit_rows(z)))
        values.append(np.log((total - n) / (n * (n - 1))))
    return float(np.mean(values))
