"""How many models fit in memory together, and how a job is cut when not all do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

#: Bytes that the activations of a slice of models may take on a CPU.
CPU_BYTES = 512 * 1024**2
#: Share of a GPU's free memory that they may take.
DEVICE_SHARE = 0.6


def budget(place: torch.device) -> int:
    """Return how many bytes the activations of a slice may take."""
    if place.type == "cpu":
        return CPU_BYTES
    free, _ = torch.cuda.mem_get_info(place)
    return int(DEVICE_SHARE * free)


def saved_bytes(function: Callable[[], Tensor]) -> int:
    """Return the bytes that autograd keeps for the backward pass of a function's value."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        value = function()  # held until all is counted: freed memory would be counted once
    del value
    return sum(kept.values())


def slices(
    seeds: Sequence[int], strengths: Sequence[str], models: int
) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
    """Cut seeds x strengths into slices of at most so many models, and at least one.

    Whole seeds stay together as long as one fits, since the strengths of a seed share the first
    layer's product. One behind the other, slices have the order of the whole: seed by seed.
    """
    together = models // len(strengths)
    if together:
        for start in range(0, len(seeds), together):
            yield seeds[start : start + together], strengths
        return
    width = max(1, models)
    for seed in seeds:
        for start in range(0, len(strengths), width):
            yield [seed], strengths[start : start + width]
