"""One modality in place of the other: a probe fitted on the one, scored on the other.

Fitted and scored on what the alignment loss sees, the projections at unit length, since that is the
space that both modalities share.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING

from alignsweep.probe.uses.base import (
    Scored,
    Seen,
    fit,
    predictions,
    scored,
    standardised,
)

if TYPE_CHECKING:
    from alignsweep.probe import Probe


def score(seen: Seen, probe: Probe) -> Iterator[Scored]:
    """Score ``a>b`` (fitted on a, scored on b) and ``b>a``."""
    for (first, one), (second, other) in permutations(seen.projections.items(), 2):
        x, target = standardised(seen, one, other)
        predicted = predictions(fit(seen, probe, x, seen.every), target)
        yield scored(seen, f"{first}>{second}", predicted, seen.projection_width(first))
