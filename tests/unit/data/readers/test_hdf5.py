import struct
import zlib

import h5py
import numpy as np
import pytest

from alignsweep.data.readers import hdf5
from alignsweep.data.readers.source import RefusedError


def write(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, value in datasets.items():
            file[name] = value
    return path


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "i2", "u1", "?"])
def test_the_single_dataset_is_read(tmp_path, dtype):
    value = (np.arange(24).reshape(4, 3, 2) % 2).astype(dtype)
    read = hdf5.load(write(tmp_path / "a.h5", d1=value))
    assert read.dtype == value.dtype
    np.testing.assert_array_equal(read, value)


@pytest.mark.parametrize(
    "options", [{"compression": "gzip"}, {"chunks": (2, 2)}, {"shuffle": True}]
)
def test_chunks_and_compression(tmp_path, options):
    value = np.zeros((50, 40))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d1", data=value, **options)
    np.testing.assert_array_equal(hdf5.load(tmp_path / "a.h5"), value)


def test_a_dataset_is_found_by_name(tmp_path):
    path = write(tmp_path / "a.h5", **{"x": np.ones(2), "group/y": np.zeros(3)})
    assert hdf5.load(path, "group/y").tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match=r"a.h5: needed: one dataset; found: group/y, x"):
        hdf5.load(path)
    with pytest.raises(ValueError, match=r"a.h5: needed: dataset 'group'; found: group/y, x"):
        hdf5.load(path, "group")
    with pytest.raises(ValueError, match=r"b.h5: needed: one dataset; found: none"):
        hdf5.load(write(tmp_path / "b.h5"))


def test_an_empty_dataset(tmp_path):
    assert hdf5.load(write(tmp_path / "a.h5", d1=np.zeros((0, 3)))).shape == (0, 3)


@pytest.mark.parametrize("value", ["text", [b"a", b"b"], np.array([(1, 2.0)], dtype="i4,f8")])
def test_only_numbers_are_read(tmp_path, value):
    with pytest.raises(ValueError, match=r"a.h5: dataset 'd1' is of type .*; allowed: numbers"):
        hdf5.load(write(tmp_path / "a.h5", d1=value))


def test_a_header_that_claims_more_than_is_stored_is_refused(tmp_path):
    path = write(tmp_path / "a.h5", d1=np.ones((4, 20, 3)))
    true, false = struct.pack("<3Q", 4, 20, 3), struct.pack("<3Q", 2**30, 20, 3)
    content = path.read_bytes()
    assert true in content
    path.write_bytes(content.replace(true, false))
    with pytest.raises(ValueError, match=r"a.h5: (dataset 'd1' claims .* refused|.*damaged)"):
        hdf5.load(path)


@pytest.mark.parametrize("options", [{"chunks": (1000,)}, {"chunks": (10**6,)}, {}])
def test_what_was_never_written_is_refused(tmp_path, options):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d1", shape=(2**40,), maxshape=None, dtype="f8", **options)
    with pytest.raises(ValueError, match=r"'d1' claims 8796093022208 bytes .* 0 are stored"):
        hdf5.load(tmp_path / "a.h5")


def test_a_huge_chunk_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        x = file.create_dataset("d1", (2,), "u1", chunks=(2**28,), maxshape=(None,), compression=9)
        x.id.write_direct_chunk((0,), b"x" * 20)
    with pytest.raises(ValueError, match=r"'d1' claims 268435456 bytes \(2,\), but 20 are stored"):
        hdf5.load(tmp_path / "a.h5")


def test_data_in_other_files_are_refused(tmp_path):
    other = write(tmp_path / "other.h5", d1=np.ones(4))
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(other), "d1", shape=(4,))
        file.create_virtual_dataset("d1", layout)
    with h5py.File(tmp_path / "external.h5", "w") as file:
        (tmp_path / "raw").write_bytes(bytes(32))
        file.create_dataset("d1", (4,), "f8", external=[(str(tmp_path / "raw"), 0, 32)])
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["d1"] = h5py.ExternalLink(str(other), "d1")
    for name, message in (
        ("virtual", "'d1' lies in other files; refused"),
        ("external", "'d1' lies in other files; refused"),
        ("link", "needed: one dataset; found: none"),
    ):
        with pytest.raises(ValueError, match=message):
            hdf5.load(tmp_path / f"{name}.h5")


@pytest.mark.parametrize("keep", [0, 8, 500, 2500])
def test_what_is_no_hdf5_file_is_named(tmp_path, keep):
    path = write(tmp_path / "a.h5", d1=np.ones(1000))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a.h5: not an HDF5 file, or damaged"):
        hdf5.load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        hdf5.load(tmp_path / "a.h5")


def test_text_that_is_more_than_the_file_is_refused(tmp_path, monkeypatch):
    """Texts of any length are references: many may mean one, which is then read again and again."""
    monkeypatch.setattr(hdf5, "_MOST_UNWRITTEN", 2**20)
    path, n = tmp_path / "a.h5", 20_000
    with h5py.File(path, "w") as file:
        options = {"dtype": h5py.string_dtype(), "chunks": (n,), "compression": "gzip"}
        y = file.create_dataset("y", (n,), **options)
        y[0] = "x" * 1000
        first = zlib.decompress(y.id.read_direct_chunk((0,))[1])[:16]
        y.id.write_direct_chunk((0,), zlib.compress(first * n))
    assert path.stat().st_size < 10_000
    with h5py.File(path, "r") as file, pytest.raises(ValueError, match="more text than the file"):
        hdf5.read(file["y"], "y", path.stat().st_size)


@pytest.mark.parametrize(
    ("number", "size"), [(0, 0), (0, 8), (0, 2**40), (1, 2**40), (1, 2**64 - 8)]
)
def test_a_heap_that_hdf5_reads_without_end_is_refused(tmp_path, number, size):
    path = tmp_path / "my.h5"
    with h5py.File(path, "w") as file:
        file["kind"] = np.array(["cat", "dog"] * 20, dtype=object)
    hdf5.check_heaps(path)
    data = bytearray(path.read_bytes())
    first = data.index(b"GCOL") + 16
    data[first : first + 2] = number.to_bytes(2, "little")
    data[first + 8 : first + 16] = size.to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(RefusedError, match="its texts are damaged"):
        hdf5.check_heaps(path)
