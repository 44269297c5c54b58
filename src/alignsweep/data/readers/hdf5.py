"""HDF5 files, read without trusting the sizes they claim or following them to other files."""

from __future__ import annotations

import math
from functools import partial
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.readers.source import Array, Form, RefusedError, Source, words

_MAX_COMPRESSION = 1032  # deflate's limit: one stored byte makes at most so many
#: What was never written holds a fill value; up to so many bytes it may.
_MOST_UNWRITTEN = 2**27
#: The same of texts of any length, which are stored as references of so many bytes each; and how
#: much of a file is kept at hand while they are read.
_MOST_TEXTS, _REFERENCE, _CACHE = 2**24, 16, 2**26
#: How a heap of texts begins, and bytes of its head, and of that of each object.
_HEAP, _HEAD = b"GCOL\1\0\0\0", 16
#: Bytes of text, read a few at a time: each may be as long as the file.
_AT_ONCE, _FEWEST = 2**28, 64


def source(path: Path) -> Source:
    """Read datasets by name, ``group/name``, those behind links within the file, too."""
    import h5py

    with h5py.File(path, "r", rdcc_nbytes=_CACHE) as file:
        names = list(datasets(file))
    notes: list[str] = []

    def get(name: str) -> Array:
        with h5py.File(path, "r", rdcc_nbytes=_CACHE) as file:
            dataset = datasets(file)[name]
            if dataset.size and dataset.id.get_storage_size() == 0 and not dataset.is_virtual:
                raise RefusedError("it was never written; write it, or name another one")
            if unwritten(dataset):
                notes.append(f"{name!r} was written in part only; the rest is its fill value")
            return read(dataset, name, path.stat().st_size)

    def form(name: str) -> Form:
        with h5py.File(path, "r", rdcc_nbytes=_CACHE) as file:
            dataset = datasets(file)[name]
            kind = h5py.check_string_dtype(dataset.dtype)
            return Form(dataset.shape or (), "text" if kind else str(dataset.dtype))

    return Source(names, get, form, notes=notes)


def load(path: str | Path, dataset: str | None = None) -> NDArray[Any]:
    """Return a dataset of numbers of an HDF5 file.

    Parameters
    ----------
    path
        An HDF5 file.
    dataset
        Name of the dataset, ``group/name``; by default the only one of the file.

    Returns
    -------
    ndarray
        Numbers, in the shape and type stored.

    Raises
    ------
    ValueError
        If the file is not HDF5 or damaged, has not that dataset (or, by default, not exactly one),
        the dataset is not of numbers, claims more than the file holds, or lies in other files.
    """
    import h5py

    try:
        with h5py.File(path, "r", rdcc_nbytes=_CACHE) as file:
            found = datasets(file)
            if (dataset is None and len(found) != 1) or (dataset and dataset not in found):
                wanted = "one dataset" if dataset is None else f"dataset {dataset!r}"
                raise RefusedError(f"needed: {wanted}; found: {', '.join(found) or 'none'}")
            name = dataset or next(iter(found))
            if found[name].dtype.kind not in "biuf":
                raise RefusedError(
                    f"dataset {name!r} is of type {found[name].dtype}; allowed: numbers"
                )
            return read(found[name], name, Path(path).stat().st_size)
    except FileNotFoundError:
        raise
    except RefusedError as error:
        raise ValueError(f"{path}: {error}") from None
    except Exception as error:  # of many kinds, where a file is damaged
        raise ValueError(f"{path}: not an HDF5 file, or damaged ({error})") from error


def datasets(file: Any) -> dict[str, Any]:
    """Return the datasets of an open file by all of their names.

    Links are followed within the file, not out of it.
    """
    import h5py

    found: dict[str, Any] = {}

    def keep(prefix: str, name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.setdefault(f"{prefix}{name}", item)

    def visit(name: str, link: Any) -> None:
        if isinstance(link, h5py.ExternalLink):
            return
        try:
            item = file[name]
        except (KeyError, OSError):
            if isinstance(link, h5py.HardLink):
                raise
            return  # a link to nothing
        if item.file.filename != file.file.filename:
            return
        keep("", name, item)
        if isinstance(link, h5py.SoftLink) and isinstance(item, h5py.Group):
            item.visititems(partial(keep, f"{name}/"))

    file.visititems_links(visit)
    return found


def read(dataset: Any, name: str, size: int) -> Array:
    """Return a dataset, numbers or text, if it claims no more than `size` bytes can hold."""
    import h5py

    if dataset.shape is None:
        raise RefusedError(f"dataset {name!r} is empty")
    if dataset.is_virtual or dataset.external:
        raise RefusedError(f"dataset {name!r} lies in other files; refused")
    if h5py.check_ref_dtype(dataset.dtype):
        raise RefusedError(
            f"dataset {name!r} holds references; needed: numbers or text (write what they refer to)"
        )
    if dataset.dtype.kind == "O" and not h5py.check_string_dtype(dataset.dtype):
        raise RefusedError(
            f"dataset {name!r} has rows of different lengths; needed: one shape (pad with zeros, "
            "and give `masks` their lengths)"
        )
    stored = dataset.id.get_storage_size()
    filtered = dataset.id.get_create_plist().get_nfilters() > 0
    limit = min(stored, size) * (_MAX_COMPRESSION if filtered else 1)
    # a chunk is read whole, so it counts even where it reaches beyond the dataset
    items = max(math.prod(dataset.shape), math.prod(dataset.chunks or (1,)))
    kind = h5py.check_string_dtype(dataset.dtype)
    referred = kind is not None and kind.length is None
    claims = items * (_REFERENCE if referred else dataset.dtype.itemsize)
    if dataset.size and claims > max(limit, _MOST_TEXTS if referred else _MOST_UNWRITTEN):
        raise RefusedError(
            f"dataset {name!r} claims {claims} bytes {dataset.shape}, but {stored} are stored; "
            "refused"
        )
    if referred:
        check_heaps(dataset.file.filename)
    if referred and dataset.ndim:
        return _texts(dataset, name, size)
    if kind:
        return np.asarray(_decoded(dataset, ()), dtype=np.str_)
    return np.asarray(dataset[()])


def check_heaps(path: str | Path) -> None:
    """Refuse a file whose heaps, where texts of any length are, HDF5 would read without end.

    A heap is a row of objects (HDF5 file format, III.E): a head of 16 bytes, that begins with its
    number and ends with its size, and the object, filled up to 8 bytes. Number 0 is what is left,
    with its head. HDF5 goes on by the size, whatever it is.
    """
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        start = data.find(_HEAP)
        while start >= 0:
            at = start + _HEAD
            end = min(start + int.from_bytes(data[start + 8 : at], "little"), len(data))
            while at + _HEAD <= end:
                number = int.from_bytes(data[at : at + 2], "little")
                size = int.from_bytes(data[at + 8 : at + _HEAD], "little")
                needed = _HEAD + -(-size // 8) * 8 if number else size
                if not _HEAD <= needed <= end - at:
                    raise RefusedError("its texts are damaged: one is longer than their heap")
                at += needed
            start = data.find(_HEAP, start + 1)


def _texts(dataset: Any, name: str, size: int) -> Array:
    """Return texts that many references may share: together they are no longer than the file."""
    rows = max(1, max(_FEWEST, _AT_ONCE // size) * len(dataset) // max(1, dataset.size))
    found: list[Array] = []
    total = 0
    for start in range(0, len(dataset), rows):
        part = _decoded(dataset, slice(start, start + rows)).ravel()
        total += sum(map(len, part))
        if total > max(size, _MOST_UNWRITTEN):
            raise RefusedError(f"dataset {name!r} has more text than the file; refused")
        found.append(part)
    return words(np.concatenate(found) if found else []).reshape(dataset.shape)


def _decoded(dataset: Any, rows: Any) -> Any:
    """Return rows of a dataset of text: UTF-8, whatever it says, else Latin-1."""
    try:
        return dataset.asstr("utf-8")[rows]
    except UnicodeDecodeError:
        return dataset.asstr("latin-1")[rows]


def unwritten(dataset: Any) -> bool:
    """Whether a part of a dataset was never written."""
    if not dataset.size or dataset.shape == ():
        return False
    if dataset.chunks is None:  # all or nothing
        return False
    counts = (-(-n // c) for n, c in zip(dataset.shape, dataset.chunks, strict=True))
    return bool(dataset.id.get_num_chunks() < math.prod(counts))
