"""A multilayer perceptron, stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from alignsweep.options import Count, Widths, check
from alignsweep.training import stack


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron with ReLU between its layers, on the flattened input.

    Attributes
    ----------
    hidden
        Widths of the hidden layers; ``[]`` makes it a linear map.
    width
        Width of the embedding, which is what is probed and measured. Narrower than the 12 bits of
        the synthetic data, so that shared and unique information compete: with 12, the inverted U
        at R = 4 becomes a plateau.
    """

    hidden: Widths = (12,)
    width: Count = 6

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        check(self)

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw weights for inputs of the given shape, which is flattened."""
        weights: dict[str, Tensor] = {}
        for i, (fan_in, fan_out) in enumerate(pairwise((prod(shape), *self.hidden, self.width))):
            weight, bias = stack.initialise_linear(generators, fan_in, fan_out)
            weights |= {f"{i}.weight": weight, f"{i}.bias": bias}
        return weights

    def __call__(
        self, weights: Mapping[str, Tensor], x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Embed inputs ``(groups, samples, *shape)`` as ``(M, width, samples)``.

        Padding is 0 in the inputs: `mask` is not needed.
        """
        return self.forward(weights, x.flatten(2).transpose(1, 2))

    def forward(self, weights: Mapping[str, Tensor], h: Tensor) -> Tensor:
        """Apply the layers to activations ``(groups, features, samples)``."""
        for i in range(len(self.hidden) + 1):
            if i:
                h = torch.relu(h)
            h = stack.linear(h, weights[f"{i}.weight"], weights[f"{i}.bias"])
        return h
