"""Where randomness comes from: one stream per dataset, seed and purpose.

Streams are independent (numpy's ``SeedSequence``): seed 3 of one dataset has nothing in common with
seed 3 of another, so that datasets of a study are independent pieces of evidence; and for one seed
of a dataset all strengths and alignments share every stream, so that they are compared like with
like.
"""

from __future__ import annotations

import zlib

import numpy as np

#: What is drawn, each from a stream of its own.
INITIALISATION, BATCH_ORDER, SPLIT, SAMPLES, SHUFFLES, ALIGNMENT, GALLERIES = range(7)


def sequence(dataset: str, seed: int, stream: int, *more: int) -> np.random.SeedSequence:
    """Return the seed of a stream; `more` tells streams of one purpose apart."""
    name = zlib.crc32(dataset.encode())  # the same on every machine and in every process
    return np.random.SeedSequence([name, seed, *more], spawn_key=(stream,))


def generator(dataset: str, seed: int, stream: int, *more: int) -> np.random.Generator:
    """Return a generator of a stream."""
    return np.random.default_rng(sequence(dataset, seed, stream, *more))
