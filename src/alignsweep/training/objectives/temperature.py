"""A temperature, fixed or learnt: what contrastive objectives have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep.options import Positive, check
from alignsweep.training.objectives.base import Batch, Objective

#: A learnable temperature does not fall below this, as in CLIP.
LEAST_TEMPERATURE = 0.01


@dataclass(frozen=True)
class Tempered(Objective):
    """An objective whose similarities are divided by a temperature.

    Attributes
    ----------
    temperature
        Temperature, or where it begins.
    learnable
        Learn it; not below 0.01.
    """

    temperature: Positive = 0.1
    learnable: bool = False

    def __post_init__(self) -> None:
        check(self)

    def parameters(
        self, width: int, inputs: tuple[int, int], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Return the logarithm of the temperature, if it is learnt."""
        if not self.learnable:
            return {}
        return {"log_temperature": same_for_all(generators, math.log(self.temperature))}

    def now(self, batch: Batch) -> float | Tensor:
        """Return the temperature; ``(M, 1, 1)`` if it is learnt."""
        if not self.learnable:
            return self.temperature
        return batch.weights["log_temperature"].clamp_min(math.log(LEAST_TEMPERATURE)).exp()


def same_for_all(generators: Sequence[torch.Generator], value: float) -> Tensor:
    """Return a number for each model, ``(M, 1, 1)``, where all start from the same."""
    return torch.full((len(generators), 1, 1), value, dtype=torch.float64)
