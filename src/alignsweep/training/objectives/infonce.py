"""Symmetric InfoNCE, the alignment loss of CLIP, with its gradient in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from alignsweep.options import Positive

#: Below this temperature exp(+-1/temperature) leaves float32, and maxima must be subtracted.
PLAIN_TEMPERATURE = 0.025

#: Bytes of similarity matrices held at once on a CPU: within a usual second-level cache.
CACHE_BYTES = 512 * 1024
#: The same on a GPU, where one slice should hold as many models as memory allows.
DEVICE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class InfoNCE:
    """Symmetric InfoNCE on L2-normalised projections (`symmetric_infonce`), CLIP's loss.

    Attributes
    ----------
    temperature
        Softmax temperature. At 0.5 alignment is almost harmless at every strength.
    """

    temperature: Positive = 0.1

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"temperature is {self.temperature}; allowed: above 0")

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the loss of each model."""
        return symmetric_infonce(a, b, self.temperature)


def symmetric_infonce(a: Tensor, b: Tensor, temperature: float) -> Tensor:
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
        Softmax temperature, above 0.

    Returns
    -------
    Tensor
        ``(M,)``, in nats. ln(samples) is the value of uninformative projections.
    """
    if temperature < PLAIN_TEMPERATURE:
        return _infonce_with_maxima(a, b, temperature)
    loss: Tensor = _SymmetricInfoNCE.apply(a, b, temperature)
    return loss


def _infonce_with_maxima(a: Tensor, b: Tensor, temperature: float) -> Tensor:
    """Do the same by two log-softmaxes, safe at any temperature."""
    za, zb = (x / _norms(x) for x in (a, b))
    logits = za.transpose(1, 2) @ zb / temperature
    both = torch.log_softmax(logits, dim=2) + torch.log_softmax(logits, dim=1)
    return -both.diagonal(dim1=1, dim2=2).mean(dim=1) / 2


def _norms(x: Tensor) -> Tensor:
    # Not torch.linalg.vector_norm, which is a hundred times slower along a short middle axis.
    return (x * x).sum(dim=1, keepdim=True).sqrt().clamp_min(1e-12)


class _SymmetricInfoNCE(torch.autograd.Function):
    """Loss and gradient in one pass over slices whose similarity matrices stay in cache.

    With E = exp(l), row sums r and column sums c (n samples):
    loss = mean_i [ (ln r_i + ln c_i) / 2 - l_ii ],  G = E * (1/(2 r_i) + 1/(2 c_j)) - I,
    d za = G zb / (n temperature),  d zb = G^T za / (n temperature).
    G is never formed: its two terms are columns of one product with E.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, temperature: float) -> Tensor:
        models, features, n = a.shape
        norm_a, norm_b = _norms(a), _norms(b)
        za, zb = a / norm_a, b / norm_b
        # exp2 takes a sixth of the time of exp on a CPU; its factor joins the temperature's.
        left = (za * (math.log2(math.e) / temperature)).transpose(1, 2)
        rows, columns = a.new_empty(models, n, 1), a.new_empty(models, 1, n)
        grad_a, grad_b = torch.empty_like(za), torch.empty_like(zb)
        width = _models_in_cache(a)
        buffer = a.new_empty(min(width, models), n, n)
        for start in range(0, models, width):
            part = slice(start, min(start + width, models))
            za_, zb_ = za[part], zb[part]
            e = buffer[: part.stop - start]
            torch.bmm(left[part], zb_, out=e).exp2_()
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
            _through_norm(grad_a - zb, za, norm_a, scale),
            _through_norm(grad_b - za, zb, norm_b, scale),
        )
        return loss

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor, None]:
        per_model = grad_outputs[0].view(-1, 1, 1)
        grad_a, grad_b = ctx.saved_tensors
        return grad_a * per_model, grad_b * per_model, None


def _through_norm(grad: Tensor, z: Tensor, norm: Tensor, scale: float) -> Tensor:
    """Carry a gradient from unit vectors z back to the vectors they came from."""
    return (grad - z * (grad * z).sum(dim=1, keepdim=True)) * (scale / norm)


def _models_in_cache(x: Tensor) -> int:
    """Return how many models' similarity matrices to hold at once."""
    available = CACHE_BYTES if x.device.type == "cpu" else DEVICE_BYTES
    return max(1, available // (x.shape[2] ** 2 * x.element_size()))
