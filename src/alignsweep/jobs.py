"""What every job of the workflow begins with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alignsweep import log


@contextmanager
def begin(
    messages: str | Path, threads: int = 1, extensions: Sequence[str] | None = None
) -> Iterator[None]:
    """Send what the block says to a file, with so many threads, and with a user's extensions.

    Parameters
    ----------
    messages
        The file, see `log.to_file`.
    threads
        Threads of torch, if the job has imported it; ``OMP_NUM_THREADS`` says so to the library.
    extensions
        Files that add to the registries, see `registries.load_extensions`.
    """
    with log.to_file(messages):
        os.environ["OMP_NUM_THREADS"] = str(threads)
        if "torch" in sys.modules:
            import torch

            torch.set_num_threads(threads)
        if extensions:
            from alignsweep.study.registries import load_extensions

            load_extensions(extensions)
        yield
