"""The cosine distance of pairs."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.vectors import norms


@dataclass(frozen=True)
class Cosine(Objective):
    """One minus the cosine of a pair's projections, 0 to 2. Nothing keeps them from collapsing."""

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        return 1 - (a / norms(a) * (b / norms(b))).sum(dim=1).mean(dim=1)
