"""How many threads training takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def limited(threads: int | None = None) -> Iterator[None]:
    """Give torch so many threads for a while; by default ``OMP_NUM_THREADS``, and else one.

    The products of a stack are small: threads mostly wait for each other, and very long where other
    processes have the cores.

    Raises
    ------
    ValueError
        If the number is below 1.
    """
    wanted = threads
    if wanted is None:
        wanted = int((os.environ.get("OMP_NUM_THREADS") or "1").split(",")[0])
    if wanted < 1:
        raise ValueError(f"threads is {wanted}; allowed: an integer of at least 1")
    before = torch.get_num_threads()
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
