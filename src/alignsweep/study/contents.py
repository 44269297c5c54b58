"""The names in a file of data, read from its head alone: so light that a study is checked by them.

`data.readers.columns` reads what stands under the names.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alignsweep.shapes import CHANNELS, Shape
from alignsweep.study.sentences import wrong

#: Names listed in a sentence, at most.
LISTED = 12
_TABLES = (".csv", ".parquet")
#: What the name of a file ends in whose contents can be read.
ENDINGS = (
    *(".npz", ".safetensors", ".h5", ".hdf5", ".csv", ".parquet", ".tsv", ".csv.gz", ".tsv.gz"),
    *(".pt", ".pth", ".h5ad", ".h5mu"),
)
#: Files whose head has the shapes of their arrays.
_ARRAYS = (".npz", ".safetensors", ".h5", ".hdf5")
#: Groups that are no key: samples that are alike.
DUPLICATES = ("group", "duplicates")

#: The names in a file, and whether a key is found in it.
Found = tuple[list[str], Callable[[str], bool]]


def unknown_keys(options: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence per key that the file of a source does not have.

    Parameters
    ----------
    options
        Options of the kind ``files``; the file is there.
    place
        Keys that lead to the source.
    """
    path = Path(options["path"])
    if path.is_file() and not path.name.lower().endswith(ENDINGS):
        from alignsweep.data.readers.contents import conversion

        allowed = f"a file that ends in {', '.join(ENDINGS)} ({conversion(path)})"
        yield wrong([*place, "path"], str(path), allowed)
        return
    yield from _mixed_up(options, place)
    try:
        names, found = _READERS[path.suffix.lower()](path)
    except Exception:  # of many kinds, where a file is damaged, or of a form of its own
        return  # what reads the data says so, for this source alone
    listed = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
    for key in ("label", "split", "group"):
        value = options.get(key)
        if value is not None and (key, value) != DUPLICATES and not found(value):
            yield wrong([*place, key], value, f"a key of {path.name}: {listed}")
    for modality, key in (options.get("masks") or {}).items():
        if key is not None and not found(key):
            yield wrong([*place, "masks", modality], key, f"a key of {path.name}: {listed}")
    modalities = options["modalities"]
    keys = modalities if isinstance(modalities, Mapping) else dict(enumerate(modalities))
    of = "what a column begins with in" if path.suffix.lower() in _TABLES else "a key of"
    for modality, key in keys.items():
        if not found(key):
            yield wrong([*place, "modalities", modality], key, f"{of} {path.name}: {listed}")


def _mixed_up(options: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence per key that is said to be two things, whatever the file holds."""
    named = options["modalities"]
    keys = named if isinstance(named, Mapping) else {m: m for m in named}
    taken = {options.get(k): k for k in ("label", "split", "group")}
    for modality, key in keys.items():
        if key in taken:
            own = f"another key than that of {taken[key]}"
            yield wrong([*place, "modalities", modality], key, own)
        taken[key] = modality
    for modality in options.get("masks") or {}:
        if modality not in keys:
            yield wrong([*place, "masks"], modality, f"by modality: {', '.join(keys)}")


def shapes(options: Mapping[str, Any]) -> dict[str, Shape]:
    """Return modality -> shape of a sample, where the head of the file of a source tells it.

    `options` are those of one dataset of the kind ``files``.
    """
    path = Path(options["path"])
    if path.suffix.lower() not in _ARRAYS:
        return {}
    from alignsweep.data.readers.columns import Columns

    named = options["modalities"]
    keys = named if isinstance(named, Mapping) else {m: m for m in named}
    found: dict[str, Shape] = {}
    for modality in options["pair"].split("-"):
        try:
            _, *shape = Columns(path).form(keys[modality]).shape
        except ValueError:  # of many kinds, as above
            continue
        if len(shape) == 3 and shape[0] in CHANNELS and shape[2] not in CHANNELS:
            shape = [*shape[1:], shape[0]]
        found[modality] = shape or [1]
    return found


def _exactly(names: list[str]) -> Found:
    return names, lambda key: key in names


def _columns(names: list[str]) -> Found:
    """Find what columns may be meant by: one of them, a beginning, or a pattern."""
    return names, lambda key: any(c in key for c in "*-") or any(n.startswith(key) for n in names)


def _npz(path: Path) -> Found:
    with zipfile.ZipFile(path) as archive:
        return _exactly([name.removesuffix(".npy") for name in archive.namelist()])


def _safetensors(path: Path) -> Found:
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:
            raise ValueError("its header is longer than the file")
        return _exactly([name for name in json.loads(file.read(size)) if name != "__metadata__"])


def _hdf5(path: Path) -> Found:
    import h5py

    names: list[str] = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda n, item: names.append(n) if isinstance(item, h5py.Dataset) else None)

    def found(key: str) -> bool:
        with h5py.File(path, "r") as file:  # also by a link, or a leading slash
            return key in file

    return names, found


def _csv(path: Path) -> Found:
    with open(path, newline="", encoding="utf-8-sig") as file:
        names = next(csv.reader(file), [])
    if len(names) < 2 or any(n != n.strip() or {*n} & {*"#;|\t"} for n in names):
        raise ValueError("separated otherwise, or a comment")
    return _columns(names)


def _parquet(path: Path) -> Found:
    from pyarrow import parquet

    return _columns([str(name) for name in parquet.read_schema(path).names])


_READERS: dict[str, Callable[[Path], Found]] = {
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".csv": _csv,
    ".parquet": _parquet,
}
