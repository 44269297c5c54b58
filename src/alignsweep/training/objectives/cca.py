"""Canonical correlation of the two sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.options import Positive, check
from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.vectors import centred


@dataclass(frozen=True)
class CCA(Objective):
    """Deep CCA (Andrew et al. 2013, equations 10 and 11): canonical correlations over the batch.

    The sum over them of one minus the correlation: 0 to the number of features. But for the ridge,
    it does not depend on invertible linear maps of either side.

    Attributes
    ----------
    ridge
        Added to the variances of either side, in their mean.
    """

    ridge: Positive = 0.001

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        sides: Sequence[Tensor] = [centred(x) for x in (a, b)]
        white = []
        for z in sides:
            covariance = z @ z.transpose(1, 2) / (z.shape[2] - 1)
            size = covariance.diagonal(dim1=1, dim2=2).mean(dim=1).clamp_min(1e-12)
            ridge = (self.ridge * size).view(-1, 1, 1) * torch.eye(z.shape[1]).to(z)
            root, _ = torch.linalg.cholesky_ex(covariance + ridge)
            white.append(torch.linalg.solve_triangular(root, z, upper=False))
        across = white[0] @ white[1].transpose(1, 2) / (a.shape[2] - 1)
        # a model that is not finite would take the others with it
        broken = ~across.isfinite().all(dim=2).all(dim=1)
        across = torch.where(broken.view(-1, 1, 1), 0.0, across)
        correlations = torch.linalg.svdvals(across).sum(dim=1)
        return torch.where(broken, torch.nan, a.shape[1] - correlations)
