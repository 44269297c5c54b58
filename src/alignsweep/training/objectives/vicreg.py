"""VICReg: invariance of pairs, variance and covariance of each side."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.options import NotNegative, check
from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.vectors import centred

#: Added to variances, as in the paper.
LEAST_VARIANCE = 1e-4


@dataclass(frozen=True)
class VICReg(Objective):
    """VICReg (Bardes et al. 2022, equations 1 to 6), over 25, so that invariance has weight 1.

    The mean squared distance of pairs; a hinge that keeps every feature's standard deviation over
    the batch at 1 or more; and the squared covariances of different features, over their number.

    Attributes
    ----------
    variance_weight, covariance_weight
        Weights of the second and the third term beside the first; 25 and 1 to 25 in the paper.
    """

    variance_weight: NotNegative = 1.0
    covariance_weight: NotNegative = 0.04

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        loss = (a - b).square().mean(dim=(1, 2))
        for x in (a, b):
            z, features = centred(x), x.shape[1]
            covariance = z @ z.transpose(1, 2) / (x.shape[2] - 1)
            variances = covariance.diagonal(dim1=1, dim2=2)
            hinge = torch.relu(1 - (variances + LEAST_VARIANCE).sqrt()).mean(dim=1)
            off = covariance.square().sum(dim=(1, 2)) - variances.square().sum(dim=1)
            loss = loss + self.variance_weight * hinge + self.covariance_weight * off / features
        return loss
