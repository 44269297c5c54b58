"""What an objective is, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """What an objective may look at beside the projections, of the two sides.

    Attributes
    ----------
    labels
        ``(groups, samples)`` of a and of b, with `groups` dividing M: consecutive M / groups models
        (those of one seed) see the same ones.
    inputs
        ``(groups, features, samples)`` of a and of b, flattened.
    weights
        The objective's own parameters, each ``(M, ...)``.
    """

    labels: tuple[Tensor, Tensor]
    inputs: tuple[Tensor, Tensor]
    weights: Mapping[str, Tensor] = {}


class Objective:
    """An alignment loss: a small frozen dataclass of its options, called with projections."""

    def parameters(
        self, width: int, inputs: tuple[int, int], generators: Sequence[torch.Generator]
    ) -> dict[str, Tensor]:
        """Draw parameters of the objective's own, trained with the encoders; by default none.

        Parameters
        ----------
        width
            Features of the projections.
        inputs
            Features of the flattened inputs of a and of b.
        generators
            One per model.

        Returns
        -------
        dict
            Name -> ``(len(generators), ...)``.
        """
        return {}

    def __call__(self, a: Tensor, b: Tensor, batch: Batch) -> Tensor:
        """Return the loss of each model, ``(M,)``, lower where pairs are more aligned.

        `a` and `b` are the projections of the two modalities, ``(M, features, samples)``; column i
        of both is one pair. A model's loss depends on its own projections only.
        """
        raise NotImplementedError
