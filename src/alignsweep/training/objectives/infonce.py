"""Symmetric InfoNCE, the alignment loss of CLIP, with its gradient in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from alignsweep.options import Positive
from alignsweep.training import stack
from alignsweep.training.objectives.base import Batch
from alignsweep.training.objectives.temperature import Tempered
from alignsweep.training.objectives.vectors import models_in_cache, norms, through_norm

#: Below this temperature exp(+-1/temperature) leaves float32, and maxima must be subtracted.
PLAIN_TEMPERATURE = 0.025


@dataclass(frozen=True)
class InfoNCE(Tempered):
    """Symmetric InfoNCE on L2-normalised projections (`symmetric_infonce`), CLIP's loss.

    Attributes
    ----------
    temperature
        Softmax temperature. At 0.5 alignment is almost harmless at every strength.
    learnable
        Learn the temperature, as CLIP does, beginning with this one; not below 0.01.
    """

    temperature: Positive = 0.1
    learnable: bool = False

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        return symmetric_infonce(a, b, self.now(batch))


def symmetric_infonce(
    a: Tensor, b: Tensor, temperature: float | Tensor, negatives: Tensor | None = None
) -> Tensor:
    """Return the alignment loss of each model: symmetric InfoNCE on L2-normalised projections.

    With unit vectors ``z`` and logits ``l_ij = za_i . zb_j / temperature``, the mean of the
    cross-entropies a -> b (softmax over j) and b -> a (over i), both with the pair itself as the
    target and the other modality's batch as negatives (Radford et al. 2021, figure 3). The gradient
    is in closed form. Logits lie within +-1/temperature, so ``exp(l)`` needs no running maximum:
    it is computed once, and its row and column sums serve both directions and the gradient.

    Parameters
    ----------
    a, b
        Projections ``(M, features, samples)``; column i of both is one pair.
    temperature
        Softmax temperature, above 0; as a tensor ``(M, 1, 1)`` it gets a gradient, too.
    negatives
        ``(groups, samples, samples)`` bool, `groups` dividing M: which pairs (i, j) are in the
        sums, themselves among them; None: all.

    Returns
    -------
    Tensor
        ``(M,)``, in nats. ln(samples) is the value of uninformative projections.
    """
    if isinstance(temperature, Tensor) or temperature < PLAIN_TEMPERATURE:
        return _infonce_with_maxima(a, b, temperature, negatives)
    loss: Tensor = _SymmetricInfoNCE.apply(a, b, temperature, negatives)
    return loss


def _infonce_with_maxima(
    a: Tensor, b: Tensor, temperature: float | Tensor, negatives: Tensor | None
) -> Tensor:
    """Do the same by two log-softmaxes, safe at any temperature."""
    za, zb = (x / norms(x) for x in (a, b))
    logits = za.transpose(1, 2) @ zb / temperature
    if negatives is not None:
        logits = logits.masked_fill(~stack.per_model(negatives, len(a)), -math.inf)
    both = torch.log_softmax(logits, dim=2) + torch.log_softmax(logits, dim=1)
    return -both.diagonal(dim1=1, dim2=2).mean(dim=1) / 2


class _SymmetricInfoNCE(torch.autograd.Function):
    """Loss and gradient in one pass over slices whose similarity matrices stay in cache.

    With E = exp(l), 0 where a pair is no negative, row sums r and column sums c (n samples):
    loss = mean_i [ (ln r_i + ln c_i) / 2 - l_ii ],  G = E * (1/(2 r_i) + 1/(2 c_j)) - I,
    d za = G zb / (n temperature),  d zb = G^T za / (n temperature).
    G is never formed: its two terms are columns of one product with E.
    """

    @staticmethod
    def forward(
        ctx: Any, a: Tensor, b: Tensor, temperature: float, negatives: Tensor | None
    ) -> Tensor:
        models, features, n = a.shape
        norm_a, norm_b = norms(a), norms(b)
        za, zb = a / norm_a, b / norm_b
        # exp2 takes a sixth of the time of exp on a CPU; its factor joins the temperature's.
        left = (za * (math.log2(math.e) / temperature)).transpose(1, 2)
        rows, columns = a.new_empty(models, n, 1), a.new_empty(models, 1, n)
        grad_a, grad_b = torch.empty_like(za), torch.empty_like(zb)
        width = models_in_cache(a)
        buffer = a.new_empty(min(width, models), n, n)
        kept = None if negatives is None else negatives.to(a.dtype)
        for start in range(0, models, width):
            part = slice(start, min(start + width, models))
            za_, zb_ = za[part], zb[part]
            e = buffer[: part.stop - start]
            torch.bmm(left[part], zb_, out=e).exp2_()
            if kept is not None:
                e.mul_(kept[torch.arange(start, part.stop) * len(kept) // models])
            torch.sum(e, dim=2, keepdim=True, out=rows[part])
            torch.sum(e, dim=1, keepdim=True, out=columns[part])
            weight_a = (0.5 / rows[part]).transpose(1, 2)
            weight_b = 0.5 / columns[part]
            to_a = torch.bmm(torch.cat((zb_, weight_b * zb_), dim=1), e.transpose(1, 2))
            to_b = torch.bmm(torch.cat((za_, weight_a * za_), dim=1), e)
            torch.addcmul(to_a[:, features:], weight_a, to_a[:, :features], out=grad_a[part])
            torch.addcmul(to_b[:, features:], weight_b, to_b[:, :features], out=grad_b[part])
        loss = (rows.log().mean(dim=(1, 2)) + columns.log().mean(dim=(1, 2))) / 2
        loss -= (za * zb).sum(dim=(1, 2)) / (n * temperature)
        scale = 1 / (n * temperature)
        ctx.save_for_backward(
            through_norm(grad_a - zb, za, norm_a, scale),
            through_norm(grad_b - za, zb, norm_b, scale),
        )
        return loss

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor, None, None]:
        per_model = grad_outputs[0].view(-1, 1, 1)
        grad_a, grad_b = ctx.saved_tensors
        return grad_a * per_model, grad_b * per_model, None, None
