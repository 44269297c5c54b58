"""Files of named columns and arrays: npz, safetensors, HDF5, CSV, parquet, read alike."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Columns:
    """The contents of a file by name.

    Parameters
    ----------
    path
        A file ``.npz``, ``.safetensors``, ``.h5`` (or ``.hdf5``), ``.csv`` or ``.parquet``.

    Raises
    ------
    ValueError
        If there is no such file, its ending is another one, or it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix not in _READERS:
            raise ValueError(f"{path}: its ending is none of {', '.join(_READERS)}")
        if not self.path.is_file():
            raise ValueError(f"{path}: there is no such file")
        try:
            self.names, self._get = _READERS[self.path.suffix](self.path)
        except Exception as error:  # of many kinds, where a file is damaged
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{path}: not a {self.path.suffix} file, or damaged ({reason})"
            ) from error

    @property
    def is_table(self) -> bool:
        """Whether the file is a table, whose arrays are columns with a common prefix."""
        return self.path.suffix in (".csv", ".parquet")

    def get(self, name: str) -> Array:
        """Return the array of this name; ValueError if there is none, or it is of objects."""
        if name not in self.names:
            raise ValueError(f"{self.path}: no {name!r}; there are: {', '.join(self.names)}")
        try:
            found = self._get(name)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"{self.path}: {name!r} cannot be read ({reason})") from error
        if found.dtype.kind not in "biufUS":
            raise ValueError(
                f"{self.path}: {name!r} holds {found.dtype}; allowed: numbers or text"
                " (numpy.array(values, dtype=str) makes text of objects)"
            )
        return found

    def array(self, key: str, not_in: Sequence[str] = ()) -> tuple[Array, list[str]]:
        """Return numbers ``(n, ...)``, and the names they stand under.

        In a table `key` is the prefix of its columns, those `not_in` left out.
        """
        names = [key]
        if self.is_table:
            names = [n for n in self.names if n.startswith(key) and n not in not_in]
            if not names:
                raise ValueError(
                    f"{self.path}: no column starts with {key!r}; there are: {_few(self.names)}"
                )
        parts = [self.get(name) for name in names]
        for name, part in zip(names, parts, strict=True):
            if part.dtype.kind not in "biuf":
                raise ValueError(f"{self.path}: {name!r} is text; needed: numbers")
        found = np.stack(parts, axis=1) if self.is_table else parts[0]
        return (found[:, None] if found.ndim == 1 else found), names


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _npz(path: Path) -> tuple[list[str], Callable[[str], Array]]:
    with zipfile.ZipFile(path) as archive:
        sizes = {n.removesuffix(".npy"): archive.getinfo(n).file_size for n in archive.namelist()}

    def get(name: str) -> Array:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            first = np.lib.format.read_magic(file) == (1, 0)
            read = (
                np.lib.format.read_array_header_1_0
                if first
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file)
        if dtype.kind == "O":
            return np.empty(0, dtype=object)  # a pickle, which is never opened
        if math.prod(shape) * dtype.itemsize > sizes[name]:
            raise ValueError(f"its header claims {shape} of {dtype}, more than there is")
        with np.load(path, allow_pickle=False) as file:
            return np.asarray(file[name])

    return list(sizes), get


def _safetensors(path: Path) -> tuple[list[str], Callable[[str], Array]]:
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        names = list(file.keys())

    def get(name: str) -> Array:
        with safe_open(str(path), framework="numpy") as file:
            return np.asarray(file.get_tensor(name))

    return names, get


def _hdf5(path: Path) -> tuple[list[str], Callable[[str], Array]]:
    import h5py

    from alignsweep.data.readers import hdf5

    names: list[str] = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda n, item: names.append(n) if isinstance(item, h5py.Dataset) else None)

    def get(name: str) -> Array:
        with h5py.File(path, "r") as file:
            if h5py.check_string_dtype(file[name].dtype):
                return np.asarray(file[name].asstr()[()], dtype=np.str_)
        return hdf5.load(path, name)

    return names, get


def _table(path: Path) -> tuple[list[str], Callable[[str], Array]]:
    import pandas as pd

    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)

    def get(name: str) -> Array:
        column = table[name]
        if column.dtype.kind in "biuf":
            return column.to_numpy()
        missing = int(column.isna().sum())
        if missing:
            raise ValueError(f"{missing} values are missing")
        return column.astype(str).to_numpy().astype(np.str_)

    return [str(name) for name in table.columns], get


_READERS = {
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".csv": _table,
    ".parquet": _table,
}
