"""How many models fit in memory together, and how a job is cut when not all do."""

from __future__ import annotations

import contextlib
import ctypes
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

Part = TypeVar("Part")

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


def give_back() -> None:
    """Return freed memory to the system, which glibc keeps in pieces too small to be used again."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


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


def in_slices(
    run: Callable[[Sequence[str], Sequence[int]], Part],
    strengths: Sequence[str],
    seeds: Sequence[int],
    models: int,
) -> list[Part]:
    """Run slices of strengths x seeds one after the other (`slices`).

    An estimate of what fits can be wrong, or another process may take memory meanwhile: a slice
    for which a GPU's memory does not suffice is run in halves.

    Raises
    ------
    torch.OutOfMemoryError
        If not even one model fits.
    """
    parts = []
    waiting = list(slices(seeds, strengths, models))
    while waiting:
        few_seeds, few_strengths = waiting.pop(0)
        try:
            parts.append(run(few_strengths, few_seeds))
        except torch.OutOfMemoryError:
            size = len(few_seeds) * len(few_strengths)
            if size == 1:
                raise
            logger.warning("%d models do not fit in memory together; in halves", size)
        else:
            continue
        # outside of the handler, whose traceback holds on to the tensors
        torch.cuda.empty_cache()
        waiting[:0] = slices(few_seeds, few_strengths, size // 2)
    return parts


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
