"""Files of arrays by name: npz, a folder of npy, safetensors, and what torch saves."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from alignsweep.data.readers.source import (
    Array,
    Form,
    RefusedError,
    Source,
    form_of,
    missing,
)

#: How to make a dense tensor of another one.
_DENSE = "to_dense(), dequantize() or torch.nested.to_padded_tensor(tensor, 0) makes one"
#: What numpy has no type for, as safetensors names it.
_NARROW = ("BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0")


def npz(path: Path) -> Source:
    """Read the arrays of an archive; what is pickled is never opened."""
    with zipfile.ZipFile(path) as archive:
        sizes = {n.removesuffix(".npy"): archive.getinfo(n).file_size for n in archive.namelist()}
    if {"format", "shape", "data"} <= set(sizes):
        raise RefusedError(
            "it holds one sparse matrix of scipy; needed: arrays by name "
            "(numpy.savez('my.npz', image=scipy.sparse.load_npz(path).toarray(), ...))"
        )

    def form(name: str) -> Form:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            return _form(*_header(file))

    def get(name: str) -> Array:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            shape, dtype = _header(file)
        if dtype.kind == "O":
            return np.empty(0, dtype=object)  # a pickle, which is never opened
        _check_claim(shape, dtype, sizes[name])
        with np.load(path, allow_pickle=False) as file:
            return np.asarray(file[name])

    return Source(list(sizes), get, form)


def npy(path: Path) -> Source:
    """Read the files ``.npy`` of a folder, each by its name, below a folder ``folder/name``."""
    files = {
        p.relative_to(path).with_suffix("").as_posix(): p
        for p in sorted(path.rglob("*"))
        if p.suffix.lower() == ".npy"
    }

    def form(name: str) -> Form:
        with files[name].open("rb") as file:
            return _form(*_header(file))

    def get(name: str) -> Array:
        with files[name].open("rb") as file:
            shape, dtype = _header(file)
        if dtype.kind == "O":
            return np.empty(0, dtype=object)
        _check_claim(shape, dtype, files[name].stat().st_size)
        return np.asarray(np.load(files[name], allow_pickle=False))

    return Source(list(files), get, form)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    first = np.lib.format.read_magic(file) == (1, 0)
    read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


def _form(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Form:
    return Form(shape, "text" if dtype.kind in "US" else str(dtype))


def _check_claim(shape: tuple[int, ...], dtype: np.dtype[Any], size: int) -> None:
    if math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"its header claims {shape} of {dtype}, more than there is")


def safetensors(path: Path) -> Source:
    """Read tensors; bfloat16 and float8 become float32."""
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        names = list(file.keys())

    def form(name: str) -> Form:
        with safe_open(str(path), framework="numpy") as file:
            part = file.get_slice(name)
            return Form(tuple(part.get_shape()), part.get_dtype().lower())

    def get(name: str) -> Array:
        if form(name).dtype.upper() in _NARROW:
            with safe_open(str(path), framework="pt") as file:
                return np.asarray(file.get_tensor(name).float().numpy())
        with safe_open(str(path), framework="numpy") as file:
            return np.asarray(file.get_tensor(name))

    return Source(names, get, form)


def torch_state(path: Path) -> Source:
    """Read a dict of tensors that torch saved; nothing else in it is run."""
    import torch

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        if "weights_only" not in str(error) and "Weights only" not in str(error):
            raise
        raise RefusedError(
            "it holds more than tensors, lists, numbers and text, which alone are loaded; save "
            "a dict of tensors (torch.from_numpy makes them of arrays)"
        ) from error
    if not isinstance(saved, Mapping):
        raise RefusedError(
            f"it holds one {type(saved).__name__}, not a dict of tensors; save one, such as "
            "{'image': ..., 'text': ..., 'label': ...} (torch.utils.data.default_collate(samples) "
            "makes one of a list of dicts)"
        )
    arrays = dict(_flat(saved))

    def get(name: str) -> Array:
        value = arrays[name]
        if not isinstance(value, torch.Tensor):
            return _listed(value)
        value = value.detach()
        if value.is_nested or value.layout is not torch.strided or value.is_quantized:
            kind = "a quantised tensor" if value.is_quantized else f"a tensor of {value.layout}"
            kind = "a nested tensor" if value.is_nested else kind
            raise ValueError(f"it is {kind}; needed: a dense one ({_DENSE})")
        value = value.resolve_conj().resolve_neg()
        wide = value.dtype.is_floating_point and value.dtype.itemsize > 2
        narrow = value.dtype.is_floating_point and not wide and value.dtype != torch.float16
        return np.asarray((value.float() if narrow else value).numpy())

    def form(name: str) -> Form:
        value = arrays[name]
        if isinstance(value, torch.Tensor):
            return Form(tuple(value.shape), str(value.dtype).removeprefix("torch."))
        return form_of(_listed(value))

    return Source(list(arrays), get, form)


def _listed(value: Any) -> Array:
    """Return the numbers, text or tensors of a list as an array."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        bad = np.array([one is None for one in value], dtype=np.bool_)
        if bad.any():
            raise ValueError(missing(bad))
        shapes = [_shape(one) for one in value]
        if other := next((i for i, shape in enumerate(shapes) if shape != shapes[0]), None):
            raise ValueError(
                f"its rows have different shapes, {shapes[0]} in row 0 and {shapes[other]} in row "
                f"{other}; needed: the same (pad sequences with zeros, and give `masks` their "
                "lengths)"
            )
    return np.asarray(value)


def _shape(one: Any) -> tuple[int, ...]:
    return (len(one),) if isinstance(one, list | tuple) else tuple(getattr(one, "shape", ()))


def _flat(saved: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what nested dicts hold, by names joined with dots."""
    for key, value in saved.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
