"""Linear CKA of the two sides, debiased, on the batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.training.objectives.base import Batch, Objective

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
    spread = _hsic(a, a).clamp_min(1e-12) * _hsic(b, b).clamp_min(1e-12)
    return _hsic(a, b) / spread.sqrt()


def _hsic(a: Tensor, b: Tensor) -> Tensor:
    """Return the unbiased HSIC of linear kernels (Song et al. 2012, equation 5), ``(M,)``.

    Kernels K = a^T a and L = b^T b without their diagonals are never formed: their products with
    ones, and the trace of K L, follow from the features.
    """
    n = a.shape[2]
    sizes = [x.square().sum(dim=1) for x in (a, b)]
    sums = [
        (x.sum(dim=2, keepdim=True) * x).sum(dim=1) - s for x, s in zip((a, b), sizes, strict=True)
    ]
    trace = (a @ b.transpose(1, 2)).square().sum(dim=(1, 2)) - (sizes[0] * sizes[1]).sum(dim=1)
    whole = sums[0].sum(dim=1) * sums[1].sum(dim=1) / ((n - 1) * (n - 2))
    across = 2 * (sums[0] * sums[1]).sum(dim=1) / (n - 2)
    return (trace + whole - across) / (n * (n - 3))
