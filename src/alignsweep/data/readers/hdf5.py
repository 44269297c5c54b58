"""HDF5 files of numbers, read without trusting the sizes they claim."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAX_COMPRESSION = 1032  # deflate's limit: one stored byte makes at most so many


class _RefusedError(Exception):
    """The file is not what is wanted."""


def load(path: str | Path, dataset: str | None = None) -> NDArray[Any]:
    """Return a dataset of an HDF5 file.

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
        with h5py.File(path, "r") as file:
            return _read(file, dataset, Path(path).stat().st_size, h5py)
    except FileNotFoundError:
        raise
    except _RefusedError as error:
        raise ValueError(f"{path}: {error}") from None
    except Exception as error:  # of many kinds, where a file is damaged
        raise ValueError(f"{path}: not an HDF5 file, or damaged ({error})") from error


def _read(file: Any, name: str | None, size: int, h5py: Any) -> NDArray[Any]:
    found: list[str] = []  # links are not followed: they may lead out of the file
    file.visititems(lambda key, x: found.append(key) if isinstance(x, h5py.Dataset) else None)
    if (name is None and len(found) != 1) or (name is not None and name not in found):
        wanted = "one dataset" if name is None else f"dataset {name!r}"
        raise _RefusedError(f"needed: {wanted}; found: {', '.join(found) or 'none'}")
    name = name or found[0]
    dataset = file[name]
    if dataset.dtype.kind not in "biuf" or dataset.shape is None:
        raise _RefusedError(f"dataset {name!r} is of type {dataset.dtype}; allowed: numbers")
    if dataset.is_virtual or dataset.external:
        raise _RefusedError(f"dataset {name!r} lies in other files; refused")
    stored = dataset.id.get_storage_size()
    filtered = dataset.id.get_create_plist().get_nfilters() > 0
    limit = min(stored, size) * (_MAX_COMPRESSION if filtered else 1)
    # a chunk is read whole, so it counts even where it reaches beyond the dataset
    items = max(math.prod(dataset.shape), math.prod(dataset.chunks or (1,)))
    claims = items * dataset.dtype.itemsize
    if dataset.size and claims > limit:
        raise _RefusedError(
            f"dataset {name!r} claims {claims} bytes {dataset.shape}, but {stored} are stored; "
            "refused"
        )
    return np.asarray(dataset[()])
