"""Each encoder alone: a probe on the embedding of one modality."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Score each modality's embedding."""
    for modality, embedding in seen.embeddings.items():
        (x,) = standardised(seen, embedding)
        width = seen.own.branches[modality].encoder.width
        yield scored(seen, modality, predictions(fit(seen, probe, x, seen.every), x), width)
