"""Cross-prediction: the inputs of the one side, decoded from the projection of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.training import stack
from alignsweep.training.objectives.base import Batch, Objective


@dataclass(frozen=True)
class Prediction(Objective):
    """Linear decoders from the projection of a to the inputs of b, and back.

    The mean squared error, averaged over features, samples and both directions (cross-prediction,
    Kamai et al. 2026). Inputs are taken as they are given to the encoders, flattened.
    """

    def parameters(
        self, width: int, inputs: tuple[int, int], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw the decoders."""
        found: dict[str, Tensor] = {}
        for name, features in zip(("b", "a"), reversed(inputs), strict=True):
            weight, bias = stack.initialise_linear(generators, width, features)
            found |= {f"{name}.weight": weight, f"{name}.bias": bias}
        return found

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model."""
        own = batch.weights
        losses = []
        for seen, name, target in zip((b, a), ("a", "b"), batch.inputs, strict=True):
            told = stack.linear(seen, own[f"{name}.weight"], own[f"{name}.bias"])
            wanted = target.unsqueeze(1)
            error = told.view(len(target), -1, *told.shape[1:]) - wanted
            losses.append(error.square().mean(dim=(2, 3)).flatten())
        return (losses[0] + losses[1]) / 2
