"""Files of tensors (safetensors): written so that others can read them, and checked on reading."""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from alignsweep import damage
from alignsweep.writing import named

#: Where the header of these files is, as JSON, and in it the digests.
KEY, DIGESTS = "alignsweep", "sha256"
#: Bytes that are checked at once.
PART_BYTES = 2**22
#: Names of types in a safetensors file -> in numpy.
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


class TensorFile:
    """A file of `save_tensors`, whose header and arrays are checked as they are read.

    The format begins with the length of its header (8 bytes), and the header, which is JSON, tells
    where in what follows each array is.

    Attributes
    ----------
    path
        The file.
    header
        What `save_tensors` was given for it.

    Raises
    ------
    DamagedError
        If the header is not what was written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        with damage.reading(path), open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            size = os.fstat(file.fileno()).st_size
            if not 0 < length <= size - 8:
                raise damage.DamagedError(path, "is no file of tensors, or not a whole one")
            self._start = 8 + length
            places = json.loads(file.read(length))
            own = json.loads(places.pop("__metadata__")[KEY])
            self._digests: dict[str, str] = own.pop(DIGESTS)
            self._places: dict[str, Any] = places
            self.header: dict[str, Any] = own
            end = max((place["data_offsets"][1] for place in places.values()), default=0)
        if self._digests.get("") != _digest_of_text(own):
            raise damage.DamagedError(path, "has another header than was written")
        if set(self._digests) != {"", *self._places} or size != self._start + end:
            raise damage.DamagedError(path, "has not the tensors that were written")

    @property
    def names(self) -> list[str]:
        """Names of the arrays."""
        return list(self._places)

    def get(self, name: str) -> NDArray[Any]:
        """Return an array, in memory; `DamagedError` if it is not what was written."""
        shape, dtype, first, size = self._place(name)
        whole = bytearray(size)
        with open(self.path, "rb") as file:
            file.seek(first)
            file.readinto(whole)
        self._check(name, [whole])
        return np.frombuffer(whole, dtype).reshape(shape)

    def mapped(self, name: str) -> NDArray[Any]:
        """Return an array that stays in the file until it is read.

        It is read once here, a part at a time, to see whether it is what was written; if not, this
        is a `DamagedError`.
        """
        shape, dtype, first, size = self._place(name)
        with open(self.path, "rb") as file:
            file.seek(first)
            sizes = (min(PART_BYTES, size - at) for at in range(0, size, PART_BYTES))
            self._check(name, (file.read(part) for part in sizes))
        if not size:
            return np.empty(shape, dtype)
        # what is written to it, which nobody does, would not reach the file
        return np.memmap(self.path, dtype, mode="c", offset=first, shape=shape)

    def _place(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any], int, int]:
        """Return shape and type of an array, where it begins, and its bytes."""
        with damage.reading(self.path):
            own = self._places[name]
            shape, dtype = tuple(own["shape"]), np.dtype(_DTYPES[own["dtype"]])
            first, last = own["data_offsets"]
            if first < 0 or last - first != math.prod(shape) * dtype.itemsize:
                raise ValueError(f"{name} is {dtype} {shape} in {last - first} bytes")
        return shape, dtype, self._start + first, last - first

    def _check(self, name: str, parts: Iterable[bytes | bytearray]) -> None:
        """Hold the bytes of an array, part by part, against its digest."""
        shape, dtype, _, _ = self._place(name)
        found = _digest_begun(shape, dtype)
        for part in parts:
            found.update(part)
        if found.hexdigest() != self._digests[name]:
            raise damage.DamagedError(self.path, f"has other values of {name} than were written")


def is_own(path: str | Path) -> bool:
    """Return whether a safetensors file has the header of `save_tensors`."""
    with safe_open(str(path), framework="numpy") as file:
        return KEY in (file.metadata() or {})


def save_tensors(
    tensors: Mapping[str, NDArray[Any]], path: str | Path, header: Mapping[str, Any]
) -> None:
    """Write arrays to a safetensors file, which appears when it is whole.

    Digests (SHA-256) of the arrays and of the header go into the header: `TensorFile` holds what it
    reads against them.

    Parameters
    ----------
    tensors
        Name -> array, strided or not.
    path
        Where to; a file that is there is replaced.
    header
        What else the file says, as JSON can hold it.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    whole = {n: np.asarray(x, x.dtype.newbyteorder("<"), order="C") for n, x in tensors.items()}
    digests = {"": _digest_of_text(header), **{name: _digest(x) for name, x in whole.items()}}
    # safetensors lets nobody but the owner read what it writes, and takes strided arrays for
    # contiguous ones. What a new file may be is asked of the system: the umask, or the folder's.
    part.unlink(missing_ok=True)  # left by a job that was killed
    part.touch()
    mode = stat.S_IMODE(part.stat().st_mode)
    try:
        with named(path):
            # in one text: several would stand in another order each time
            save_file(whole, str(part), metadata={KEY: json.dumps({**header, DIGESTS: digests})})
        part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _digest_of_text(header: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(header).encode()).hexdigest()


def _digest(x: NDArray[Any]) -> str:
    found = _digest_begun(x.shape, x.dtype)
    found.update(x.reshape(-1).view(np.uint8) if x.size else b"")
    return found.hexdigest()


def _digest_begun(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Return a digest of what the bytes that follow are: the same bytes may be other numbers."""
    return hashlib.sha256(f"{dtype.newbyteorder('<').str} {shape}".encode())
