"""What the seeds of a dataset share: from it follows what an interval over them covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.store import Pairs

Units = NDArray[np.int64]

#: Up to so many splits of one file the plain t interval over them holds; with more it would shrink
#: without end, though the samples are the same.
PLAIN_SPLITS = 20


@dataclass(frozen=True)
class Design:
    """What the seeds of a dataset share.

    Attributes
    ----------
    interval
        What intervals are over: ``"samples"``, draws of their own; ``"splits"``, splits of their
        own of one sample; ``"mixed"``, many of these, with the samples that they share;
        ``"crossed"``, seeds crossed with the samples of a test split that is given; ``"seeds"``,
        seeds alone, where no more is known.
    units
        From a seed to the independent units, ``(n_test,)``, that its test samples belong to:
        samples, or groups of them, numbered from 0. None where seeds share none.
    groups
        How many independent units there are to test on, for a seed on average.
    """

    interval: Literal["samples", "splits", "mixed", "crossed", "seeds"] = "seeds"
    units: Callable[[int], Units] | None = None
    groups: int | None = None


def design(pairs: Pairs, seeds: int) -> Design:
    """Return the design of a dataset that was trained with so many seeds; needs no inputs."""
    names = np.empty(0) if pairs.groups is None else np.unique(pairs.groups)

    def units(seed: int) -> Units:
        draw = pairs.draw(seed)
        rows = draw.rows("test")
        own = rows if draw.groups is None else np.searchsorted(names, draw.groups[rows])
        return own.astype(np.int64)

    if pairs.resample == "samples":
        return Design("samples", None, len(pairs.rows("test")))
    groups = len(np.unique(units(0)))
    if pairs.resample == "none":
        return Design("crossed", units, groups)
    return Design("splits" if seeds <= PLAIN_SPLITS else "mixed", units, groups)
