"""Encoders, stacked: each is a description that draws its weights and applies them.

An encoder is a small frozen dataclass with

- ``width``: the number of features of its embedding,
- ``initialise(shape, generators)``: weights of one model per generator, name -> ``(K, ...)``,
- ``__call__(weights, x)``: the embeddings ``(M, width, samples)`` of inputs
  ``(groups, samples, *shape)`` or of activations ``(groups, features, samples)``.

A new encoder is one class here and one entry in `ENCODERS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import torch
from torch import Tensor

from alignsweep import stack

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron with ReLU between its layers.

    Attributes
    ----------
    hidden
        Widths of the hidden layers; none makes it a linear map.
    width
        Width of the embedding. The last layer is linear.
    """

    hidden: tuple[int, ...] = (12,)
    width: int = 6

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw weights for inputs of the given shape, which is flattened."""
        weights: dict[str, Tensor] = {}
        for i, (fan_in, fan_out) in enumerate(pairwise((prod(shape), *self.hidden, self.width))):
            weight, bias = stack.initialise_linear(generators, fan_in, fan_out)
            weights |= {f"{i}.weight": weight, f"{i}.bias": bias}
        return weights

    def __call__(self, weights: Weights, x: Tensor) -> Tensor:
        """Embed ``(groups, samples, *shape)`` inputs as ``(M, width, samples)``."""
        return self.forward(weights, x.flatten(2).transpose(1, 2))

    def forward(self, weights: Weights, h: Tensor) -> Tensor:
        """Apply the layers to activations ``(groups, features, samples)``."""
        for i in range(len(self.hidden) + 1):
            if i:
                h = torch.relu(h)
            h = stack.linear(h, weights[f"{i}.weight"], weights[f"{i}.bias"])
        return h


Encoder = MLP

#: kind of encoder (as in the configuration) -> its class
ENCODERS: dict[str, type[Encoder]] = {"mlp": MLP}


def make(kind: str, **options: Any) -> Encoder:
    """Make an encoder from its entry in the configuration.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in ENCODERS:
        raise ValueError(f"encoder kind is {kind!r}; allowed: {', '.join(ENCODERS)}")
    return ENCODERS[kind](**options)
