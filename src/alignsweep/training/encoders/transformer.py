"""A transformer over sequences, stacked.

It is the encoder of Tjandrasuwita et al. (2025, arXiv 2502.16282): a linear map of every step,
learned positions, blocks of attention and feedforward with the normalisation behind (as in Vaswani
et al. 2017), pooling, and a linear map to the embedding. There is no dropout: a stack draws nothing
while it trains.

Inside, activations are steps first, ``(M, samples * steps, features)``: unlike the narrow layers of
`stack`, features are the axis along which normalisation and attention run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from alignsweep import shapes
from alignsweep.options import Count, CountOrNone, check
from alignsweep.training import stack

Pooling = Literal["mean", "cls"]
#: Standard deviation of learned positions and of the class step at the start, as in BERT; the 1 of
#: Tjandrasuwita et al. made no clear difference.
POSITION_SCALE = 0.02


@dataclass(frozen=True)
class Transformer:
    """A transformer over sequences ``(steps, features)``.

    Attributes
    ----------
    width
        Width of the embedding.
    dimension
        Width of a step inside; ``null``: as wide as the features of the input, as in Tjandrasuwita
        et al.
    layers, heads
        Blocks of attention and feedforward, and attention heads in each; the heads must divide the
        dimension.
    feedforward
        Width of the feedforward layers; ``null``: the dimension.
    pooling
        ``"mean"`` over the steps that are there, or ``"cls"``, an additional learned step.
    """

    width: Count = 6
    dimension: CountOrNone = None
    layers: Count = 2
    heads: Count = 1
    feedforward: CountOrNone = None
    pooling: Pooling = "mean"

    def __post_init__(self) -> None:
        check(self)

    def initialise(
        self, shape: tuple[int, ...], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw weights for sequences of the given shape, ``(steps, features)``.

        Raises
        ------
        ValueError
            If the inputs are no sequences, or the heads do not divide the dimension.
        """
        shapes.check("transformer", vars(self), shape)
        steps, features = shape
        d = self.dimension or features
        wide = self.feedforward or d
        sizes = {"input": (features, d)}
        for i in range(self.layers):
            sizes |= {f"{i}.attention": (d, 3 * d), f"{i}.mixing": (d, d)}
            sizes |= {f"{i}.wide": (d, wide), f"{i}.narrow": (wide, d)}
        sizes["output"] = (d, self.width)
        weights: dict[str, Tensor] = {}
        for name, (fan_in, fan_out) in sizes.items():
            weight, bias = stack.initialise_linear(generators, fan_in, fan_out)
            weights |= {f"{name}.weight": weight, f"{name}.bias": bias}
        for i in range(self.layers):
            for norm in ("attention_norm", "feedforward_norm"):
                weights[f"{i}.{norm}.weight"] = torch.ones(len(generators), 1, d).double()
                weights[f"{i}.{norm}.bias"] = torch.zeros(len(generators), 1, d).double()
        learned = {"positions": steps + self._extra} | ({"cls": 1} if self._extra else {})
        for name, rows in learned.items():
            drawn = [torch.randn(rows, d, generator=g, dtype=torch.float64) for g in generators]
            weights[name] = POSITION_SCALE * torch.stack(drawn)
        return weights

    def __call__(
        self, weights: Mapping[str, Tensor], x: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Embed sequences ``(groups, samples, steps, features)`` as ``(M, width, samples)``.

        `mask` is ``(groups, samples, steps)``, True for a step that is there; what stands in others
        does not matter.
        """
        models = weights["positions"].shape[0]
        _, samples, steps, _ = x.shape
        h = _linear(weights, "input", x.flatten(1, 2)).unflatten(1, (samples, steps))
        if mask is not None:
            mask = stack.per_model(mask, models)
        if self._extra:
            h = torch.cat([weights["cls"].unsqueeze(1).expand(-1, samples, -1, -1), h], dim=2)
            mask = None if mask is None else functional.pad(mask, (1, 0), value=True)
        h = (h + weights["positions"].unsqueeze(1)).flatten(1, 2)
        seen = None if mask is None else mask.flatten(0, 1)[:, None, None]
        for i in range(self.layers):
            h = self._block(weights, i, h, samples, seen)
        h = h.unflatten(1, (samples, -1))
        if self._extra:
            pooled = h[:, :, 0]
        elif mask is None:
            pooled = h.mean(dim=2)
        else:
            there = mask.unsqueeze(3).to(h)
            pooled = (h * there).sum(dim=2) / there.sum(dim=2)
        return _linear(weights, "output", pooled).transpose(1, 2)

    @property
    def _extra(self) -> int:
        """Steps beside those of the input."""
        return int(self.pooling == "cls")

    def _block(
        self,
        weights: Mapping[str, Tensor],
        i: int,
        h: Tensor,
        samples: int,
        seen: Tensor | None,
    ) -> Tensor:
        """Attention, then feedforward, each added and normalised."""
        models, rows, d = h.shape
        split = (models * samples, rows // samples, 3, self.heads, d // self.heads)
        query, key, value = _linear(weights, f"{i}.attention", h).view(split).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        mixed = mixed.transpose(1, 2).reshape(models, rows, d)
        h = _norm(weights, f"{i}.attention_norm", h + _linear(weights, f"{i}.mixing", mixed))
        wide = torch.relu(_linear(weights, f"{i}.wide", h))
        return _norm(weights, f"{i}.feedforward_norm", h + _linear(weights, f"{i}.narrow", wide))


def _linear(weights: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    """Apply a linear layer of M models to rows ``(groups, rows, in)``: ``(M, rows, out)``."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    models, fan_out, fan_in = weight.shape
    groups = x.shape[0]
    # models that share an input are one wide product
    y = torch.baddbmm(bias.view(groups, 1, -1), x, weight.view(groups, -1, fan_in).transpose(1, 2))
    if groups == models:
        return y
    return y.unflatten(2, (-1, fan_out)).transpose(1, 2).flatten(0, 1)


def _norm(weights: Mapping[str, Tensor], name: str, h: Tensor) -> Tensor:
    """Normalise every row over its features, then scale and shift (Ba et al. 2016)."""
    scaled = functional.layer_norm(h, h.shape[-1:])
    return torch.addcmul(weights[f"{name}.bias"], scaled, weights[f"{name}.weight"])
