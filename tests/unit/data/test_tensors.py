"""Files of tensors are held against their digests when they are read."""

import numpy as np
import pytest

from alignsweep.damage import DamagedError
from alignsweep.data import tensors
from alignsweep.data.tensors import TensorFile, save_tensors

ARRAYS = {
    "whole": np.arange(6, dtype=np.int16).reshape(2, 3),
    "half": np.array([1.5, np.nan], np.float16),
    "swapped": np.array([1.0, 2.0], ">f8"),
    "none": np.empty((0, 3), np.float32),
    "one": np.array(True),
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.safetensors"
    save_tensors(ARRAYS, path, {"of": ["x", 1.5, None]})
    return path


def test_arrays_and_header_round_trip(path):
    file = TensorFile(path)
    assert file.header == {"of": ["x", 1.5, None]}
    assert sorted(file.names) == sorted(ARRAYS)
    for name, x in ARRAYS.items():
        for read in (file.get, file.mapped):
            np.testing.assert_array_equal(read(name), x)
            assert read(name).shape == x.shape
    assert isinstance(file.mapped("whole"), np.memmap)
    file.get("whole")[0, 0] = 9  # what is read may be changed, and is not in the file
    assert TensorFile(path).get("whole")[0, 0] == 0


def test_the_same_arrays_are_the_same_bytes(path, tmp_path):
    save_tensors(ARRAYS, tmp_path / "again", {"of": ["x", 1.5, None]})
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_no_byte_can_change_unseen(path, monkeypatch):
    """Wherever a bit flips, reading says so or gives what was written (a blank in the header)."""
    monkeypatch.setattr(tensors, "PART_BYTES", 5)
    whole, seen = path.read_bytes(), 0
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        try:
            file = TensorFile(path)
            read = {name: (file.mapped(name), file.get(name)) for name in file.names}
        except DamagedError as error:
            seen += str(error).startswith(f"{path} ")
        else:
            for name, x in ARRAYS.items():
                np.testing.assert_array_equal(read[name], (x, x))
    assert seen > 0.99 * len(whole)


@pytest.mark.parametrize("cut", [0, 4, 8, 50, -1])
def test_a_file_that_was_cut_short_is_named(path, cut):
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedError, match=r"x\.safetensors (has not|is no|cannot be)"):
        TensorFile(path)


def test_a_file_that_shrinks_while_it_is_read_is_named(path):
    file = TensorFile(path)
    path.write_bytes(path.read_bytes()[:-20])
    for read in (file.get, file.mapped):
        with pytest.raises(DamagedError, match="other values of whole"):
            [read(name) for name in sorted(file.names, reverse=True)]
