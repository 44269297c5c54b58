"""What is said of files that are not what they are called, or of kinds that are not read."""

import numpy as np
import pytest

from alignsweep.data.readers import contents
from alignsweep.data.readers.columns import READERS, Columns
from alignsweep.data.readers.source import RefusedError


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("my.npy", "numpy.savez"),
        ("my.MAT", "scipy.io.loadmat"),
        ("my.csv.bz2", "unpack it"),
        ("my.tar.gz", "unpack it and name the file"),
        ("my.npz.gz", "unpack it; of compressed"),
        ("my.of.mine", "save the data as one of them"),
        ("my", "save the data as one of them"),
    ],
)
def test_a_file_that_is_not_read_has_a_way_to_one_that_is(tmp_path, name, remedy):
    (tmp_path / name).write_bytes(b"-")
    with pytest.raises(ValueError, match=name) as error:
        Columns(tmp_path / name)
    assert "its ending is none of .npz" in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize(
    ("content", "ending", "said"),
    [
        (b"", ".h5", "it is empty, 0 bytes"),
        (b"PK\x03\x04", ".csv", "a zip archive"),
        (b"PK\x03\x04", ".parquet", "a zip archive"),
        (b"\x1f\x8b\x08", ".csv", "compressed by gzip"),
        (b"\x89HDF\r\n\x1a\n", ".npz", "HDF5"),
        (b"\x93NUMPY\x01", ".npz", "one array of numpy"),
        (b"ARROW1\x00\x00", ".parquet", "arrow"),
        (b"BZh9", ".csv.gz", "compressed by bzip2"),
        (b"\n <!DOCTYPE HTML>", ".csv", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", ".pt", "a pointer of Git LFS"),
    ],
)
def test_content_of_another_format_is_named(tmp_path, content, ending, said):
    path = tmp_path / f"my{ending}"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=said) as error:
        contents.refuse_foreign(path, ending)
    assert "; needed: " in str(error.value)


def test_content_is_known_by_the_endings_that_are_read():
    known = {ending for content in contents._CONTENTS for ending in content.endings}
    assert known <= set(READERS)
    assert not set(contents._BY_ENDING) & (set(READERS) - {".npy"})


def test_a_folder_that_is_not_there_is_no_matter_of_endings(tmp_path):
    with pytest.raises(ValueError, match="data: there is no such file"):
        Columns(tmp_path / "data")


def test_a_folder_of_other_files_says_how(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    with pytest.raises(ValueError, match="name one file, or save"):
        Columns(tmp_path)
    (tmp_path / "b.feather").touch()
    with pytest.raises(ValueError, match=r"pandas\.read_feather"):
        Columns(tmp_path)
