"""Files of named columns and arrays, of any format, read alike."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from alignsweep.data.readers import annotated, arrays, cells, contents, hdf5, stems, tables
from alignsweep.data.readers.source import Array, Form, RefusedError, text

#: More arrays than these are hardly modalities and labels.
_MANY_ARRAYS = 30


class Columns:
    """The contents of a file by name.

    Parameters
    ----------
    path
        A file of one of `READERS`, or a folder of ``.parquet`` or of ``.npy``.

    Raises
    ------
    ValueError
        If there is no such file, its ending is another one, or it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.format = _format(self.path)
        try:
            if self.path.is_file():
                contents.refuse_foreign(self.path, self.format)
            self._source = READERS[self.format](self.path)
        except RefusedError as error:
            raise ValueError(f"{path}: {error}") from None
        except Exception as error:  # of many kinds, where a file is damaged
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(
                f"{path}: not a {self.format} file, or damaged ({reason}); needed: the whole file "
                "(write or copy it again)"
            ) from error
        self.names = self._source.names

    @property
    def is_table(self) -> bool:
        """Whether the file is a table, where several columns may make up an array."""
        return self._source.is_table

    @property
    def notes(self) -> list[str]:
        """What the user should know about how the file was read."""
        return self._source.notes

    def form(self, name: str) -> Form:
        """Return shape and type of an array; most formats tell without reading it."""
        try:
            return self._source.form(self._known(name))
        except Exception as error:
            raise self._unreadable(name, error) from error

    def get(self, name: str) -> Array:
        """Return the array of this name; ValueError if there is not one, or it is of objects."""
        self._refuse_twice([name])
        return self._read(name)

    def _read(self, name: str) -> Array:
        known = self._known(name)
        try:
            found = text(self._source.get(known))
        except Exception as error:
            raise self._unreadable(name, error) from error
        if found.dtype.kind not in "biufU":
            raise ValueError(
                f"{self.path}: {name!r} holds {found.dtype}; allowed: numbers or text"
                f" ({_remedy(found)})"
            )
        return found

    def columns(self, key: str, left_out: Collection[str] = ()) -> list[str]:
        """Return the names that `key` means: in a table, see `stems.columns_of`; else itself."""
        if not self.is_table:
            return [self._known(key)]
        try:
            return stems.columns_of(key, self.names, left_out, self._is_words)
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None

    def array(self, key: str, left_out: Collection[str] = ()) -> tuple[Array, list[str]]:
        """Return numbers ``(n, ...)``, and the names they stand under; not those `left_out`."""
        self._refuse_twice([key])
        names = self.columns(key, left_out)
        if "*" not in key:
            self._refuse_twice(names)
        parts = [self._numbers(name) for name in names]
        if len(parts) > 1 and (
            long := [n for n, p in zip(names, parts, strict=True) if p.ndim > 1]
        ):
            raise ValueError(
                f"{self.path}: column {long[0]!r} of {key!r} holds lists, beside others; needed: "
                "one column of lists, or columns of numbers"
            )
        found = np.stack(parts, axis=1) if len(parts) > 1 else parts[0]
        return (found[:, None] if found.ndim == 1 else found), names

    def numbers(self, name: str) -> Array:
        """Return the array of this name as numbers, those of lists in cells, too."""
        self._refuse_twice([name])
        return self._numbers(name)

    def _known(self, name: str) -> str:
        own = name if name in self.names else name.strip("/")
        if own not in self.names:
            how = "" if self.is_table else _stacked(self.names)
            raise ValueError(
                f"{self.path}: no {name!r}; there are: {stems.few(self.names) or 'none'}{how}"
            )
        return own

    def _refuse_twice(self, names: Collection[str]) -> None:
        for name in names:
            if name in self._source.twice:
                real = self._source.twice[name]
                raise ValueError(
                    f"{self.path}: column {real!r} stands twice; needed: different names (rename "
                    "or drop one)"
                )

    def _is_words(self, name: str) -> bool:
        """Whether a column is text, and not numbers written as lists."""
        return self.form(name).dtype == "text"

    def _numbers(self, name: str) -> Array:
        found = self._read(name)
        if found.dtype.kind in "biuf" or not found.size:
            return found
        if found.ndim > 1 or not all(map(cells.is_list, found.tolist())):
            raise ValueError(f"{self.path}: {name!r} {cells.no_numbers(found)}")
        try:
            return cells.parsed(found.tolist())
        except ValueError as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: Exception) -> ValueError:
        if str(error).startswith(f"{self.path}: "):
            return ValueError(str(error))
        return ValueError(f"{self.path}: {name!r} cannot be read ({' '.join(str(error).split())})")


def _format(path: Path) -> str:
    """Return the ending that says how a path is read; for a folder, that of its files."""
    if path.is_dir():
        endings = {p.suffix.lower() for p in path.rglob("*")} & {".parquet", ".npy"}
        if len(endings) != 1:
            found = " and ".join(sorted(endings)) or "no .parquet or .npy"
            raise ValueError(
                f"{path}: a folder with {found}; allowed: one of .parquet, or one of .npy "
                f"({'move one kind elsewhere' if endings else contents.conversion_of_folder(path)})"
            )
        return endings.pop()
    if not path.exists():
        raise ValueError(f"{path}: there is no such file")
    suffixes = [s.lower() for s in path.suffixes]
    ending = "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])
    if ending not in READERS or ending == ".npy":
        allowed = ", ".join(e for e in READERS if e != ".npy")
        raise ValueError(
            f"{path}: its ending is none of {allowed}; needed: one of these, or a folder of "
            f".parquet or .npy ({contents.conversion(path)})"
        )
    return ending


def _stacked(names: Collection[str]) -> str:
    """Say what to do where there are so many arrays that each may be of one sample."""
    if len(names) <= _MANY_ARRAYS:
        return ""
    return "; needed: one array of all samples for each modality (stack those of single samples)"


def _remedy(found: Array) -> str:
    kind = found.dtype.kind
    if kind == "O":
        return "numpy.stack(rows) makes numbers of arrays, numpy.array(values, dtype=str) text"
    if kind in "mM":
        return "write times as numbers, such as seconds, or as text if they are classes"
    if kind == "c":
        return "write real and imaginary part as features"
    return "write its fields as arrays of their own"


#: ending -> reader
READERS = {
    ".npz": arrays.npz,
    ".safetensors": arrays.safetensors,
    ".h5": hdf5.source,
    ".hdf5": hdf5.source,
    ".csv": tables.separated,
    ".parquet": tables.parquet,
    ".tsv": tables.separated,
    ".csv.gz": tables.separated,
    ".tsv.gz": tables.separated,
    ".pt": arrays.torch_state,
    ".pth": arrays.torch_state,
    ".h5ad": annotated.source,
    ".h5mu": annotated.source,
    ".npy": arrays.npy,
}
