"""A vision transformer, stacked: the transformer of sequences over the patches of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep import shapes
from alignsweep.options import Count, CountOrNone, check
from alignsweep.training.encoders.transformer import Pooling, Transformer


@dataclass(frozen=True)
class ViT:
    """A vision transformer (Dosovitskiy et al. 2021): a transformer over the patches of an image.

    Attributes
    ----------
    width
        Width of the embedding.
    patch
        Side of a patch in pixels; must divide the image's sides: 28x28 makes 49 patches of 4x4.
    dimension
        Width of a patch inside; ``null``: as many as it has pixels.
    layers, heads
        Blocks of attention and feedforward, and attention heads in each; the heads must divide the
        dimension.
    feedforward
        Width of the feedforward layers; ``null``: the dimension.
    pooling
        ``"cls"``, an additional learned step, or ``"mean"`` over the patches.
    """

    width: Count = 6
    patch: Count = 4
    dimension: CountOrNone = None
    layers: Count = 2
    heads: Count = 1
    feedforward: CountOrNone = None
    pooling: Pooling = "cls"

    def __post_init__(self) -> None:
        check(self)

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw weights for images ``(height, width)`` or ``(height, width, channels)``.

        Raises
        ------
        ValueError
            If the inputs are no images, or the patch does not divide them.
        """
        shapes.check("vit", vars(self), shape)
        height, width, *channels = shape
        patches = (height // self.patch) * (width // self.patch)
        pixels = self.patch**2 * (channels[0] if channels else 1)
        return self._body().initialise((patches, pixels), generators)

    def __call__(
        self, weights: Mapping[str, Tensor], x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Embed images ``(groups, samples, height, width[, channels])`` as ``(M, width, samples)``.

        An image has no padding: `mask` is None.
        """
        return self._body()(weights, self.patches(x))

    def patches(self, x: Tensor) -> Tensor:
        """Cut images into patches ``(groups, samples, patches, pixels)``, row by row."""
        x = x if x.dim() == 5 else x.unsqueeze(4)
        p = self.patch
        x = x.unflatten(3, (-1, p)).unflatten(2, (-1, p))  # groups, samples, rows, p, columns, p, c
        return x.transpose(3, 4).flatten(4).flatten(2, 3)

    def _body(self) -> Transformer:
        return Transformer(
            self.width, self.dimension, self.layers, self.heads, self.feedforward, self.pooling
        )
