"""IDX files, the format of MNIST, compressed or not.

A header of a type, a number of dimensions and the dimensions, big-endian, then the values. The
format is described with MNIST (LeCun, Cortes and Burges, "The MNIST database").
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

#: code of a type in the header -> type
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 4
MAX_BYTES = 2**30  # of the values; MNIST's largest file has 47 MB

_GZIP = b"\x1f\x8b"
_MAX_COMPRESSION = 1032  # deflate's limit: one stored byte makes at most so many
_BLOCK = 2**20


class _RefusedError(Exception):
    """The file is not what is wanted."""


def load(path: str | Path) -> NDArray[Any]:
    """Return the array of an IDX file.

    Parameters
    ----------
    path
        An IDX file, as it is or compressed with gzip.

    Returns
    -------
    ndarray
        Numbers in the shape of the header, in the machine's byte order.

    Raises
    ------
    ValueError
        If the file is no IDX file or damaged, or holds fewer or more values than its header says.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == _GZIP
            file.seek(0)
            stored = path.stat().st_size
            if not compressed:
                return _read(file, stored)
            with gzip.open(file) as content:
                return _read(cast(IO[bytes], content), stored * _MAX_COMPRESSION)
    except FileNotFoundError:
        raise
    except (_RefusedError, EOFError, zlib.error, OSError) as error:
        raise ValueError(f"{path}: not an IDX file, or damaged: {error}") from error


def _read(file: IO[bytes], limit: int) -> NDArray[Any]:
    """Read an array from a file that can hold at most `limit` bytes."""
    magic = _exactly(file, 4, "header")
    if magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= MAX_DIMENSIONS:
        raise _RefusedError(
            f"begins with {magic.hex()}; needed: 0000, a type from {min(TYPES):02x} to "
            f"{max(TYPES):02x}, 01 to {MAX_DIMENSIONS:02x} dimensions"
        )
    dtype = np.dtype(TYPES[magic[2]])
    header = _exactly(file, 4 * magic[3], "header")
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4"))
    claimed = math.prod(shape) * dtype.itemsize
    if not 0 < claimed <= min(limit, MAX_BYTES):
        raise _RefusedError(
            f"the header says {shape}, {claimed} bytes; at most {min(limit, MAX_BYTES)} "
            "can be there"
        )
    content = _exactly(file, claimed, f"values {shape}")
    if file.read(1):
        raise _RefusedError(f"the header says {shape}, {claimed} bytes; the file holds more")
    array = np.frombuffer(content, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _exactly(file: IO[bytes], size: int, what: str) -> bytearray:
    """Read `size` bytes, block by block: memory is taken for what is there, not what is said."""
    content = bytearray()
    while len(content) < size:
        block = file.read(min(_BLOCK, size - len(content)))
        if not block:
            raise _RefusedError(
                f"{what}: the header says {size} bytes, the file has {len(content)}"
            )
        content += block
    return content
