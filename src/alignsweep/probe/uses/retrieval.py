"""Finding one modality's sample by the other's, by cosine similarity of the projections.

A query is ranked against at most 256 candidates of its split, of which one is its pair: how hard
that is depends on their number, so it is the same for all datasets that are large enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from alignsweep import seeds
from alignsweep.probe.uses.base import Array, Features, Scored, Seen, Values

if TYPE_CHECKING:
    from alignsweep.probe import Probe

CANDIDATES = 256
#: Of a larger split so many samples, drawn at random, are queries: enough for half a point.
QUERIES = 4096
#: Similarities that differ by less are tied.
TIE = 1e-6

SCORED = ("validation", "test")


def score(seen: Seen, probe: Probe) -> Iterator[Scored]:
    """Score ``a>b`` (queries of a, candidates of b) and ``b>a``, on validation and test."""
    samples = {split: min(QUERIES, len(seen.labels[split])) for split in SCORED}
    for (first, one), (second, other) in permutations(seen.projections.items(), 2):

        def score(
            split: str, rows: Tensor, one: Features = one, other: Features = other
        ) -> tuple[Values, Array]:
            rng = seeds.generator(seen.own.dataset, seen.seed, seeds.GALLERIES, SCORED.index(split))
            found = ranks(one(split, rows).numpy(), other(split, rows).numpy(), rng)
            return of_ranks(*found), _recall(*found, 1)

        yield Scored(f"{first}>{second}", score, seen.projection_width(first), samples)


def ranks(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return how many candidates are closer to each query than its pair is, and how many tied.

    Parameters
    ----------
    x, y
        Queries and candidates ``(K, n, d)``, rows of unit length; row i of both is a pair.
    rng
        Draws queries and candidates: the samples are cut at random into parts of as equal size as
        can be, of at most `CANDIDATES`, in which each is searched for.

    Returns
    -------
    tuple
        Each ``(K, n)``; the pair itself is among the tied. NaN where a sample is not a query.
    """
    # half the bytes, and still finer than a tie
    x, y = x.astype(np.float32), y.astype(np.float32)
    models, n, _ = x.shape
    found = np.full((2, models, n), np.nan)
    order = rng.permutation(n)[:QUERIES]
    for rows in np.array_split(order, math.ceil(len(order) / CANDIDATES)):
        for k in range(models):  # one by one: a matrix of similarities stays in the cache
            similarity = x[k, rows] @ y[k, rows].T
            pair = similarity.diagonal()[:, None]
            closer = _count(similarity > pair + TIE)
            found[0, k, rows] = closer
            found[1, k, rows] = _count(similarity >= pair - TIE) - closer
    return found[0], found[1]


def _count(true: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count what is true in each row, in two thirds of the time of `numpy.count_nonzero`."""
    return np.bitwise_count(np.packbits(true, axis=1)).sum(axis=1, dtype=np.intp)


def of_ranks(closer: Array, tied: Array) -> dict[str, Array]:
    """Return the scores of retrieval, metric -> ``(K,)``.

    With ties, the expectation of recall under a random order of those tied, and their mean rank.
    """
    rank = closer + (tied + 1) / 2
    return {
        "recall_at_1": np.nanmean(_recall(closer, tied, 1), axis=1),
        "recall_at_5": np.nanmean(_recall(closer, tied, 5), axis=1),
        "median_rank": np.nanmedian(rank, axis=1),
        "mean_reciprocal_rank": np.nanmean(1 / rank, axis=1),
    }


def _recall(closer: Array, tied: Array, k: int) -> Array:
    return np.clip((k - closer) / tied, 0, 1)
