import gzip
import struct

import numpy as np
import pytest

from alignsweep.data.readers import idx


def content(code, shape, values):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + values


def write(path, data, compressed):
    path.write_bytes(gzip.compress(data, mtime=0) if compressed else data)
    return path


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(("code", "dtype"), idx.TYPES.items())
def test_every_type_is_read(tmp_path, code, dtype, compressed):
    values = np.arange(-6, 18).reshape(4, 3, 2).astype(dtype)
    path = write(tmp_path / "a", content(code, (4, 3, 2), values.tobytes()), compressed)
    read = idx.load(path)
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, values)


IMAGES = content(8, (5, 4, 3), bytes(range(60)))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("keep", range(len(IMAGES)))
def test_a_file_that_ends_too_early(tmp_path, keep, compressed):
    path = write(tmp_path / "images", IMAGES[:keep], compressed)
    with pytest.raises(ValueError, match=r"images: not an IDX file, or damaged: .*header says"):
        idx.load(path)


@pytest.mark.parametrize("keep", range(2, len(gzip.compress(IMAGES)), 7))
def test_a_damaged_gzip_file(tmp_path, keep):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(IMAGES)[:keep])
    with pytest.raises(ValueError, match=r"images.gz: not an IDX file, or damaged"):
        idx.load(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_bytes_left_over(tmp_path, compressed):
    path = write(tmp_path / "images", IMAGES + b"x", compressed)
    with pytest.raises(ValueError, match=r"images: .*says \(5, 4, 3\), 60 bytes; the file holds m"):
        idx.load(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE html>", "begins with 3c21444f; needed: 0000, a type from 08 to 0e"),
        (content(0x0A, (1,), b"x"), "begins with 00000a01"),
        (bytes([0, 0, 8, 0]), "begins with 00000800; .* 01 to 04 dimensions"),
        (bytes([0, 0, 8, 255]), "begins with 000008ff"),
        (content(8, (0, 28, 28), b""), r"the header says \(0, 28, 28\), 0 bytes"),
    ],
)
def test_what_is_no_idx_file(tmp_path, data, message):
    with pytest.raises(ValueError, match=rf"images: .*{message}"):
        idx.load(write(tmp_path / "images", data, compressed=False))


@pytest.mark.parametrize("compressed", [False, True])
def test_a_header_that_claims_too_much_takes_no_memory(tmp_path, compressed):
    path = write(tmp_path / "images", content(0x0E, (2**31, 2**31), bytes(8)), compressed)
    with pytest.raises(ValueError, match=r"images: .*36893488147419103232 bytes; at most \d{2,5} "):
        idx.load(path)


def test_a_bomb_takes_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "MAX_BYTES", 1000)
    path = write(tmp_path / "images", content(8, (1001,), bytes(10**6)), compressed=True)
    with pytest.raises(ValueError, match="at most 1000 can be there"):
        idx.load(path)
    path = write(tmp_path / "images", content(8, (1000,), bytes(10**6)), compressed=True)
    with pytest.raises(ValueError, match="1000 bytes; the file holds more"):
        idx.load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        idx.load(tmp_path / "images")
