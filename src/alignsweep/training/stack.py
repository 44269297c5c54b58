"""Layers with a leading model axis: many small models as one batched product.

Shapes. A stack of M models holds every weight as ``(M, out, in)`` and every bias as ``(M, out,
1)``. Activations are features first, ``(groups, features, samples)``, because the number of
samples is the long axis: products, normalisations and softmaxes then run along contiguous memory.
``groups`` divides M: M groups where every model has activations of its own, K where consecutive M
/ K models (all strengths of one seed, say) see the same ones. Shared inputs are never copied per
model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from alignsweep import seeds


def generator(dataset: str, seed: int, stream: int) -> torch.Generator:
    """Return a CPU generator of a stream, see `alignsweep.seeds`."""
    state = seeds.sequence(dataset, seed, stream).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def initialise_linear(
    generators: Sequence[torch.Generator], fan_in: int, fan_out: int
) -> tuple[Tensor, Tensor]:
    """Draw a linear layer for each generator, as ``torch.nn.Linear`` does.

    Weights and biases are uniform in ``+-1/sqrt(fan_in)``.

    Returns
    -------
    tuple of Tensor
        Weight ``(len(generators), fan_out, fan_in)`` and bias ``(len(generators), fan_out, 1)``,
        float64.
    """
    bound = fan_in**-0.5
    drawn = [torch.rand(fan_out, fan_in + 1, generator=g, dtype=torch.float64) for g in generators]
    both = (torch.stack(drawn) * 2 - 1) * bound
    return both[:, :, :fan_in].contiguous(), both[:, :, fan_in:].contiguous()


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Apply a linear layer of M models.

    Parameters
    ----------
    x
        ``(groups, in, samples)``, `groups` dividing M. Models that share an input become one wide
        product.
    weight, bias
        ``(M, out, in)`` and ``(M, out, 1)``.

    Returns
    -------
    Tensor
        ``(M, out, samples)``.
    """
    models, fan_out, fan_in = weight.shape
    groups = x.shape[0]
    y = torch.baddbmm(bias.view(groups, -1, 1), weight.view(groups, -1, fan_in), x)
    return y.view(models, fan_out, -1)


def per_model(values: Tensor, models: int) -> Tensor:
    """Repeat the rows of ``(groups, ...)`` so that each of the M models has its own."""
    return values.repeat_interleave(models // values.shape[0], dim=0)
