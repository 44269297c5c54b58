"""A vision transformer, stacked: the transformer of sequences over the patches of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.encoders.transformer import Transformer


@dataclass(frozen=True)
class ViT:
    """A vision transformer (Dosovitskiy et al. 2021): a transformer over the patches of an image.

    Attributes
    ----------
    width, dimension, layers, heads, feedforward, pooling
        As for `Transformer`; the features of a step are the pixels of a patch.
    patch
        Side of a patch in pixels; must divide the image's sides.
    """

    width: int = 6
    patch: int = 4
    dimension: int | None = None
    layers: int = 2
    heads: int = 1
    feedforward: int | None = None
    pooling: str = "cls"

    def __post_init__(self) -> None:
        self._body()

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw weights for images ``(height, width)`` or ``(height, width, channels)``.

        Raises
        ------
        ValueError
            If the inputs are no images, or the patch does not divide them.
        """
        if len(shape) not in (2, 3):
            raise ValueError(f"a ViT needs images (height, width) or with channels, not {shape}")
        height, width, *channels = shape
        if height % self.patch or width % self.patch:
            raise ValueError(
                f"patch is {self.patch}; allowed: a divisor of the image's sides, "
                f"{height} and {width}"
            )
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
