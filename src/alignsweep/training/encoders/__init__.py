"""Encoders, stacked: each is a description that draws its weights and applies them.

A new encoder is a class like `Encoder` in a file here, and an entry in `ENCODERS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.encoders.transformer import Transformer
from alignsweep.training.encoders.vit import ViT

__all__ = ["ENCODERS", "MLP", "Encoder", "Transformer", "ViT", "Weights", "make"]

Weights = Mapping[str, Tensor]


class Encoder(Protocol):
    """What an encoder is: a small frozen dataclass with a width and two methods."""

    @property
    def width(self) -> int:
        """Number of features of the embedding."""

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw the weights of one model per generator: name -> ``(K, ...)``, float64."""

    def __call__(self, weights: Weights, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Embed inputs ``(groups, samples, *shape)`` as ``(M, width, samples)``.

        `mask` is ``(groups, samples, steps)`` for sequences with padding, True where a step is
        there.
        """


#: kind of encoder (as in the configuration) -> its class
ENCODERS: dict[str, type[Any]] = {"mlp": MLP, "transformer": Transformer, "vit": ViT}


def make(kind: str, **options: Any) -> Encoder:
    """Make an encoder from its entry in the configuration.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in ENCODERS:
        raise ValueError(f"encoder kind is {kind!r}; allowed: {', '.join(ENCODERS)}")
    encoder: Encoder = ENCODERS[kind](**options)
    return encoder
