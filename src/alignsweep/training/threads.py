"""How many threads training and probing take, and what is done with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import torch

Item = TypeVar("Item")
Made = TypeVar("Made")


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
    wanted = _wanted(threads)
    before = torch.get_num_threads()
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(
    make: Callable[[Item], Made], items: Sequence[Item], threads: int | None = None
) -> list[Made]:
    """Make something of each item, several at once, each in a thread of its own.

    What an item is made into does not depend on the number of threads, to the bit: within a thread,
    torch and BLAS have one.

    Parameters
    ----------
    make
        Called with an item.
    items
        What it is made of.
    threads
        How many at once; by default as in `limited`.
    """
    wanted = _wanted(threads)
    if wanted == 1:
        with limited(1):
            return [make(item) for item in items]
    from threadpoolctl import threadpool_limits

    one = partial(torch.set_num_threads, 1)
    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(min(wanted, len(items)), initializer=one) as pool,
    ):
        return list(pool.map(make, items))


def _wanted(threads: int | None) -> int:
    wanted = threads
    if wanted is None:
        wanted = int((os.environ.get("OMP_NUM_THREADS") or "1").split(",")[0])
    if wanted < 1:
        raise ValueError(f"threads is {wanted}; allowed: an integer of at least 1")
    return wanted
