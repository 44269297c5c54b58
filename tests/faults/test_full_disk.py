"""A full or read-only disk: the error names file and need, and nothing half made stays."""

import os
import subprocess

import numpy as np
import pandas as pd
import pytest

from alignsweep import log, tables
from alignsweep.data import tensors

TABLE = pd.DataFrame({"value": np.arange(60_000) / 7})
#: What is written -> how.
WRITERS = {
    "a.csv": lambda path: tables.write(TABLE, path),
    "a.json": lambda path: tables.write_json(TABLE["value"].tolist(), path),
    "a.safetensors": lambda path: tensors.save_tensors({"x": TABLE["value"].to_numpy()}, path, {}),
}


@pytest.fixture
def small(tmp_path):
    """Mount a file system of 256 kB, where that is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here: it takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", WRITERS)
def test_where_there_is_no_space_nothing_stays_and_space_mends_it(small, tmp_path, name):
    before = small / name
    before.write_text("what was there")
    with pytest.raises(OSError, match="No space left on device; needed: free space, then the") as e:
        WRITERS[name](before)
    assert str(before) in str(e.value)
    assert [p.name for p in small.iterdir()] == [name]
    assert before.read_text() == "what was there"
    subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
    WRITERS[name](before)
    WRITERS[name](tmp_path / name)
    assert before.read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_read_only_is_named(small, name):
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    with pytest.raises(OSError, match="Read-only file system") as error:
        WRITERS[name](small / name)
    assert name in str(error.value)


@pytest.mark.parametrize("name", WRITERS)
def test_without_permission_the_file_is_named(tmp_path, name):
    if not os.geteuid():
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="needed: permission to write there") as error:
        WRITERS[name](tmp_path / name)
    assert name in str(error.value)


def test_a_log_that_cannot_be_written_does_not_hide_the_reason(small, capsys):

    def job():
        with log.to_file(small / "job.log"):
            (small / "fills").write_bytes(bytes(250 * 1024))
            raise ValueError("the reason" + "." * 10_000)

    with pytest.raises((SystemExit, OSError)):
        job()
    assert "ValueError: the reason" in capsys.readouterr().err
