"""The pairwise sigmoid loss of SigLIP, with its gradient in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from alignsweep.options import Positive
from alignsweep.training.objectives.base import Batch
from alignsweep.training.objectives.temperature import Tempered, same_for_all
from alignsweep.training.objectives.vectors import models_in_cache, norms, through_norm


@dataclass(frozen=True)
class SigLIP(Tempered):
    """The pairwise sigmoid loss (Zhai et al. 2023): every two samples, a pair or none.

    With unit vectors ``z`` and logits ``l_ij = za_i . zb_j / temperature + bias``, the mean over i
    of ``sum_j ln(1 + exp(-s_ij l_ij))``, where s is 1 for pairs and -1 for others. In nats.

    Attributes
    ----------
    temperature
        Temperature, or where it begins.
    learnable
        Learn temperature and bias, as SigLIP does; the temperature not below 0.01.
    bias
        Bias, or where it begins. At -10 nearly all are taken for no pairs, as nearly all are.
    """

    temperature: Positive = 0.1
    learnable: bool = True
    bias: float = -10.0

    def parameters(
        self, width: int, inputs: tuple[int, int], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Return the logarithm of the temperature, and the bias, if they are learnt."""
        own = super().parameters(width, inputs, generators)
        return own and own | {"bias": same_for_all(generators, self.bias)}

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        ones = a.new_ones(len(a), 1, 1)
        bias = batch.weights.get("bias", self.bias * ones)
        loss: Tensor = _PairwiseSigmoid.apply(a, b, ones / self.now(batch), bias)
        return loss


class _PairwiseSigmoid(torch.autograd.Function):
    """Loss and gradient in one pass over slices whose similarity matrices stay in cache.

    With l = f za . zb + t (n samples): loss = [sum_ij ln(1 + exp(l_ij)) - sum_i l_ii] / n, and the
    gradient to l is G = (sigmoid(l) - I) / n.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, factor: Tensor, bias: Tensor) -> Tensor:
        models, _, n = a.shape
        norm_a, norm_b = norms(a), norms(b)
        za, zb = a / norm_a, b / norm_b
        cosines = (za * zb).sum(dim=1, keepdim=True)
        losses, grad_a, grad_b = a.new_empty(models), torch.empty_like(za), torch.empty_like(zb)
        to_factor, to_bias = (a.new_empty(models, 1, 1) for _ in range(2))
        width = models_in_cache(a)
        for start in range(0, models, width):
            part = slice(start, min(start + width, models))
            similarity = torch.bmm(za[part].transpose(1, 2), zb[part])
            logits = torch.baddbmm(bias[part], (za[part] * factor[part]).transpose(1, 2), zb[part])
            # ln(1 + exp(l)), which does not overflow; and the sigmoid from the same exponential
            small = logits.abs().neg_().exp_()
            losses[part] = (logits.clamp_min(0) + small.log1p()).sum(dim=(1, 2))
            sigmoid = torch.where(logits >= 0, 1.0, small).div_(small.add_(1))
            to_bias[part] = sigmoid.sum(dim=(1, 2), keepdim=True)
            to_factor[part] = (sigmoid * similarity).sum(dim=(1, 2), keepdim=True)
            torch.bmm(zb[part], sigmoid.transpose(1, 2), out=grad_a[part])
            torch.bmm(za[part], sigmoid, out=grad_b[part])
        of_pairs = factor * cosines + bias
        losses = (losses - of_pairs.sum(dim=(1, 2))) / n
        scale = factor / n
        ctx.save_for_backward(
            through_norm(grad_a - zb, za, norm_a, scale),
            through_norm(grad_b - za, zb, norm_b, scale),
            (to_factor - cosines.sum(dim=2, keepdim=True)) / n,
            to_bias / n - 1,
        )
        return losses

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, ...]:
        per_model = grad_outputs[0].view(-1, 1, 1)
        return tuple(saved * per_model for saved in ctx.saved_tensors)
