"""What objectives compute with: unit vectors, centred features, slices that stay in cache."""

from __future__ import annotations

from torch import Tensor

#: Bytes of similarity matrices held at once on a CPU: within a usual second-level cache.
CACHE_BYTES = 512 * 1024
#: The same on a GPU, where one slice should hold as many models as memory allows.
DEVICE_BYTES = 2 * 1024**3


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


def models_in_cache(x: Tensor) -> int:
    """Return how many models' similarity matrices, samples x samples, to hold at once."""
    available = CACHE_BYTES if x.device.type == "cpu" else DEVICE_BYTES
    return max(1, available // (x.shape[2] ** 2 * x.element_size()))
