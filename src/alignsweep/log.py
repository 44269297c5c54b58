"""Sending what a job says to a file."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


@contextmanager
def to_file(path: str | Path) -> Iterator[None]:
    """Send log messages, warnings, progress bars and prints of the block to a file.

    An exception is written there too, and its last line also to standard error, so that a failed
    job says why on the terminal.
    """
    terminal, root = sys.stderr, logging.getLogger()
    before = root.handlers[:], root.level
    with (
        open(path, "w", buffering=1, encoding="utf-8") as file,
        redirect_stdout(file),
        redirect_stderr(file),
        warnings.catch_warnings(),
    ):
        handler = logging.StreamHandler(file)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        root.handlers = [handler]
        root.setLevel(logging.INFO)
        warnings.simplefilter("default")
        logging.captureWarnings(True)
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            print(f"{type(error).__name__}: {error}", file=terminal)
            raise SystemExit(1) from error
        finally:
            logging.captureWarnings(False)
            root.handlers = before[0]
            root.setLevel(before[1])
