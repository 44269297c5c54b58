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


def constants(generators: Sequence[torch.Generator], value: float) -> Tensor:
    """Return a number for each model, ``(M, 1, 1)``, where all start from the same."""
    return torch.full((len(generators), 1, 1), value, dtype=torch.float64)


def norms(x: Tensor) -> Tensor:
    """Return the norm of every column, ``(M, 1, samples)``."""
    # Not torch.linalg.vector_norm, which is a hundred times slower along a short middle axis.
    return (x * x).sum(dim=1, keepdim=True).clamp_min(1e-24).sqrt()


def through_norm(grad: Tensor, z: Tensor, norm: Tensor, scale: float | Tensor) -> Tensor:
    """Carry a gradient, times a scale, from unit vectors z back to the vectors they came from."""
    return (grad - z * (grad * z).sum(dim=1, keepdim=True)) * (scale / norm)


def centred(x: Tensor) -> Tensor:
    """Return projections less their mean over the samples."""
    return x - x.mean(dim=2, keepdim=True)


#: Bytes of similarity matrices held at once on a CPU: within a usual second-level cache.
CACHE_BYTES = 512 * 1024
#: The same on a GPU, where one slice should hold as many models as memory allows.
DEVICE_BYTES = 2 * 1024**3


def models_in_cache(x: Tensor) -> int:
    """Return how many models' similarity matrices, samples x samples, to hold at once."""
    available = CACHE_BYTES if x.device.type == "cpu" else DEVICE_BYTES
    return max(1, available // (x.shape[2] ** 2 * x.element_size()))
