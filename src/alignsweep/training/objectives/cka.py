"""Linear CKA of the two sides, debiased, on the batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.vectors import centred

#: The unbiased estimate divides by n - 3.
LEAST_SAMPLES = 4


@dataclass(frozen=True)
class CKA(Objective):
    """One minus the linear CKA of the batch, debiased (Kornblith et al. 2019; Song et al. 2012).

    It does not depend on rotations and scales of either side. Batches of 4 pairs or more.
    """

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        return 1 - linear_cka(a, b)


def linear_cka(a: Tensor, b: Tensor) -> Tensor:
    """Return the debiased linear CKA of features ``(M, features, samples)``, ``(M,)``.

    NaN with fewer than 4 samples.
    """
    if a.shape[2] < LEAST_SAMPLES:
        return a.new_full((len(a),), torch.nan)
    a, b = centred(a), centred(b)
    spread = _hsic(a, a).clamp_min(1e-12) * _hsic(b, b).clamp_min(1e-12)
    return _hsic(a, b) / spread.sqrt()


def _hsic(a: Tensor, b: Tensor) -> Tensor:
    """Return the unbiased HSIC of linear kernels (Song et al. 2012, equation 5), ``(M,)``.

    Of centred features, whose Gram matrix sums to zero by row: the sums that are left without the
    diagonal are those of the diagonal (as in `metrics.kernels.hsic_unbiased`, without gradients).
    """
    n = a.shape[2]
    first, second = (x.square().sum(dim=1) for x in (a, b))
    both, sums = (first * second).sum(dim=1), first.sum(dim=1) * second.sum(dim=1)
    whole = (a @ b.transpose(1, 2)).square().sum(dim=(1, 2))
    return (whole - both + sums / ((n - 1) * (n - 2)) - 2 * both / (n - 2)) / (n * (n - 3))
