"""Barlow Twins: the cross-correlation of the two sides, driven to the identity."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from alignsweep.options import NotNegative, check
from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.vectors import centred

#: Added to variances.
LEAST_VARIANCE = 1e-8


@dataclass(frozen=True)
class Barlow(Objective):
    """Barlow Twins (Zbontar et al. 2021, equation 1).

    With C the correlations over the batch of a's features with b's: ``sum_i (1 - C_ii)^2 + weight
    sum_(i != j) C_ij^2``. It does not depend on shift and scale of a feature.

    Attributes
    ----------
    redundancy_weight
        Weight of the correlations of different features, lambda in the paper.
    """

    redundancy_weight: NotNegative = 0.005

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        za, zb = (_standardised(x) for x in (a, b))
        correlations = za @ zb.transpose(1, 2) / a.shape[2]
        on = correlations.diagonal(dim1=1, dim2=2)
        off = correlations.square().sum(dim=(1, 2)) - on.square().sum(dim=1)
        return (1 - on).square().sum(dim=1) + self.redundancy_weight * off


def _standardised(x: Tensor) -> Tensor:
    x = centred(x)
    return x / (x.square().mean(dim=2, keepdim=True) + LEAST_VARIANCE).sqrt()
