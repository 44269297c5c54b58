"""Files of single-cell analysis, ``.h5ad`` (AnnData) and ``.h5mu`` (MuData).

Their layout, encodings of plain HDF5, is documented and read here directly: anndata does not go
together with the pandas of this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from alignsweep.data.readers import hdf5
from alignsweep.data.readers.source import Array, Form, RefusedError, Source, missing

#: Matrices of more values than this are not made dense.
_MOST_VALUES = 2**31
#: Nor those of more values per byte of their file, unless they are few.
_SPARSEST, _FEW_VALUES = 1000, 2**24


def source(path: Path) -> Source:
    """Read matrices and columns of observations.

    Names are ``X``, ``obsm/{key}``, ``layers/{key}`` and, of a column of ``obs``, its own; of a
    modality of ``.h5mu``, ``{modality}`` for its X and ``{modality}/...`` for the others.
    """
    import h5py

    hdf5.check_heaps(path)  # where its attributes are, too
    with h5py.File(path, "r") as file:
        _refuse_old(file)
        places = _places(file)
        _check_same(file)
    if not places:
        raise RefusedError(
            "it holds no X, layers, obsm or obs; needed: those of AnnData or MuData (call it .h5 "
            "if it is other HDF5)"
        )

    def get(name: str) -> Array:
        with h5py.File(path, "r") as file:
            return _element(file[places[name]], places[name], path.stat().st_size)

    def form(name: str) -> Form:
        with h5py.File(path, "r") as file:
            return _form(file[places[name]])

    return Source(list(places), get, form)


def _refuse_old(file: Any) -> None:
    """Refuse the layout before AnnData 0.7, where columns are fields of one dataset."""
    import h5py

    for name in ("obs", "obsm"):
        if isinstance(file.get(name), h5py.Dataset):
            raise RefusedError(
                f"{name} is one dataset, as before AnnData 0.7; needed: the layout since "
                "(anndata.read_h5ad(path).write_h5ad('my.h5ad'))"
            )


def _places(file: Any) -> dict[str, str]:
    """Return name -> place in the file."""
    found: dict[str, str] = {}
    parts = [""] + [f"mod/{m}/" for m in file.get("mod", {})]
    for part in parts:
        name = part.removeprefix("mod/")
        if f"{part}X" in file:
            found[name.rstrip("/") or "X"] = f"{part}X"
        for kind in ("obsm", "layers"):
            # the links from MuData's obsm to its modalities are masks of who has which
            found |= {
                f"{name}{kind}/{k}": f"{part}{kind}/{k}"
                for k in file.get(f"{part}{kind}", {})
                if part or k not in file.get("mod", {})
            }
        obs = file.get(f"{part}obs", {})
        index = obs.attrs.get("_index", "_index") if hasattr(obs, "attrs") else ""
        found |= {f"{name}{k}": f"{part}obs/{k}" for k in obs if k not in (index, "__categories")}
    return found


def _check_same(file: Any) -> None:
    """Refuse modalities of other observations, or in another order, than the whole."""
    mods = list(file.get("mod", {}))
    indexes = {m: _index(file[f"mod/{m}/obs"]) for m in mods}
    for m in mods[1:]:
        if not np.array_equal(indexes[m], indexes[mods[0]]):
            raise RefusedError(
                f"modalities {mods[0]} and {m} have other observations, or another order; needed: "
                "the same (muon.pp.intersect_obs keeps those that both have)"
            )
    if mods and not np.array_equal(_index(file["obs"]), indexes[mods[0]]):
        raise RefusedError(
            f"obs and the modality {mods[0]} have other observations, or another order; needed: "
            "the same (muon.pp.intersect_obs)"
        )


def _index(obs: Any) -> Array:
    own = obs.attrs.get("_index", "_index")
    return hdf5.read(obs[own], own, Path(obs.file.filename).stat().st_size)


def _form(item: Any) -> Form:
    import h5py

    kind = item.attrs.get("encoding-type", "array")
    if isinstance(item, h5py.Dataset):
        return Form(
            item.shape or (), "text" if h5py.check_string_dtype(item.dtype) else str(item.dtype)
        )
    if kind in ("csr_matrix", "csc_matrix"):
        return Form(tuple(int(n) for n in item.attrs["shape"]), str(item["data"].dtype))
    if kind == "categorical":
        return Form(item["codes"].shape, "text")
    if kind == "dataframe":
        columns = [_form(item[c]) for c in item.attrs["column-order"]]
        return (
            Form((*columns[0].shape, len(columns)), columns[0].dtype) if columns else Form((), kind)
        )
    return _form(item["values"]) if "values" in item else Form((), kind)


def _element(item: Any, name: str, size: int) -> Array:
    """Return an element by its encoding."""
    import h5py

    kind = item.attrs.get("encoding-type", "array")
    if isinstance(item, h5py.Dataset):
        return hdf5.read(item, name, size)
    if kind in ("csr_matrix", "csc_matrix"):
        return _dense(item, kind, size)
    if kind == "categorical":
        codes = hdf5.read(item["codes"], name, size)
        if (bad := codes < 0).any():
            raise ValueError(missing(bad))
        return hdf5.read(item["categories"], name, size)[codes]
    if kind in ("nullable-integer", "nullable-boolean", "nullable-string-array"):
        bad = hdf5.read(item["mask"], name, size).astype(np.bool_)
        if bad.any():
            raise ValueError(missing(bad))
        return hdf5.read(item["values"], name, size)
    if kind == "dataframe":
        columns = [_element(item[c], f"{name}/{c}", size) for c in item.attrs["column-order"]]
        return np.stack(columns, axis=1)
    raise ValueError(
        f"it is encoded as {kind}; allowed: arrays, sparse matrices, categories and data frames"
    )


def _dense(item: Any, kind: str, size: int) -> Array:
    from scipy import sparse

    shape = tuple(int(n) for n in item.attrs["shape"])
    most = min(_MOST_VALUES, max(_FEW_VALUES, _SPARSEST * size))
    if len(shape) != 2 or min(shape) < 0 or shape[0] * shape[1] > most:
        raise ValueError(
            f"a sparse matrix {shape} of more than {most} values; needed: fewer features "
            "(keep the variable ones, or use obsm/X_pca)"
        )
    parts = [hdf5.read(item[part], part, size) for part in ("data", "indices", "indptr")]
    starts = parts[2]
    if (starts[1:] < starts[:-1]).any():  # scipy does not look if the last one is below 0
        raise ValueError("where the rows of a sparse matrix start, `indptr`, does not ascend")
    made = sparse.csr_matrix if kind == "csr_matrix" else sparse.csc_matrix
    matrix = made(tuple(parts), shape=shape)
    matrix.check_format(full_check=True)  # indices may lead anywhere in a damaged file
    return np.asarray(matrix.toarray())
