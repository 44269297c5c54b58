"""Sending what a job says to a file."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

#: Begins the last line of the log of a job that failed.
FAILED = "FAILED: "


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
            said = f"{type(error).__name__}: {error}"
            print(said, file=terminal)
            with suppress(OSError):  # of a disk that is full
                traceback.print_exc()
                print(f"{FAILED}{' '.join(said.split())}")
            raise SystemExit(1) from error
        finally:
            logging.captureWarnings(False)
            root.handlers = before[0]
            root.setLevel(before[1])


def failure(path: str | Path) -> str:
    """Return what the log of a job that failed says last; empty if it did not fail."""
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, 2) - 4096))
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    last = lines[-1] if lines else ""
    return last.removeprefix(FAILED) if last.startswith(FAILED) else ""
