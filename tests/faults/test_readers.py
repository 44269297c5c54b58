"""Made-up inputs: every reader reads them or raises the error it documents, in time and memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults import fuzzing

READERS = sorted(fuzzing.readers())
#: Inputs of each reader: all, and in the ordinary tests.
MANY, FEW = int(os.environ.get("ALIGNSWEEP_INPUTS", "10000")), 60


def give(reader, count, folder):
    """Give a reader so many inputs; return what the process said."""
    process = subprocess.run(
        [sys.executable, "-m", "faults.fuzzing", reader, str(count), str(folder)],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=7200,
    )  # fmt: skip
    said = process.stdout.split("\n")
    assert process.returncode == 0, f"input {said[-2]} of {reader}: {process.stderr[-2000:]}"
    return dict(line.split() for line in said if line.startswith(("refused", "megabytes")))


@pytest.mark.parametrize("reader", READERS[::4])
def test_a_few(reader, tmp_path):
    assert int(give(reader, FEW, tmp_path)["refused"]) > 0


@pytest.mark.faults
@pytest.mark.parametrize("reader", READERS)
def test_many(reader, tmp_path, note):
    begun = time.monotonic()
    found = give(reader, MANY, tmp_path)
    note(reader=reader, inputs=MANY, refused=found["refused"], with_another_error=0,
         megabytes_at_most=found["megabytes"],
         milliseconds_each=f"{1000 * (time.monotonic() - begun) / MANY:.1f}")  # fmt: skip
