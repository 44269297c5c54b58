"""InfoNCE that does not tell pairs of one class apart."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from alignsweep.training.objectives.base import Batch
from alignsweep.training.objectives.infonce import InfoNCE, symmetric_infonce


@dataclass(frozen=True)
class InfoNCELabels(InfoNCE):
    """InfoNCE in which pairs of the same class are no negatives of each other.

    Aligning then need not tell apart what the label does not. Labels that are numbers count as the
    same class if they are equal.

    Attributes
    ----------
    temperature
        Softmax temperature.
    learnable
        Learn the temperature, beginning with this one; not below 0.01.
    """

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        first, second = batch.labels
        apart = first.unsqueeze(2) != second.unsqueeze(1)
        apart.diagonal(dim1=1, dim2=2).fill_(True)
        return symmetric_infonce(a, b, self.now(batch), apart)
