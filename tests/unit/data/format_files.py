"""Cases of files of a user's own, and what writes them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors.torch import save_file as save_tensors

N = 60
RNG = np.random.default_rng(0)
#: Small whole numbers, which every type of number holds.
IMAGE, TEXT = (RNG.integers(-8, 9, (N, width)).astype(np.float64) for width in (4, 3))
LABEL = np.array(["dog", "cat", "emu"])[np.arange(N) % 3]
ACCENTS = np.array(["café", "été", "zoo"])[np.arange(N) % 3]
CODES = np.array([1, 0, 2])[np.arange(N) % 3]
PART = np.repeat(["train", "val", "test"], N // 3)
PLAIN = {"image": IMAGE, "text": TEXT, "label": LABEL}
CODED = PLAIN | {"label": CODES}
SEQUENCE = RNG.integers(1, 9, (N, 5, 3)) * (np.arange(5) < 1 + np.arange(N)[:, None] % 5)[..., None]
PIXELS = RNG.integers(0, 256, (N, 8, 6, 3)).astype(np.uint8)


@dataclass(frozen=True)
class Case:
    """A file.

    Attributes
    ----------
    format, feature
        As in the table.
    write
        Writes it below a folder; returns its path.
    like
        The same data as arrays of an npz, if it is to be read; None if it is to be refused.
    options
        Of the loader, beside the usual.
    """

    format: str
    feature: str
    write: Callable[[Path], Path]
    like: dict[str, np.ndarray] | None = field(default_factory=lambda: PLAIN)
    options: dict[str, object] = field(default_factory=dict)


def columns(arrays: dict[str, np.ndarray], join: str = "_") -> pd.DataFrame:
    made: dict[str, np.ndarray] = {}
    for name, x in arrays.items():
        flat = x.ndim == 1
        made |= {name: x} if flat else {f"{name}{join}{i}": c for i, c in enumerate(x.T)}
    return pd.DataFrame(made)


TABLE = columns(PLAIN)


def npz(name: str = "my.npz", **changes: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with (folder / name).open("wb") as file:  # savez would add an ending
            np.savez(file, **(PLAIN | changes))
        return folder / name

    return write


def csv(name: str = "my.csv", table: pd.DataFrame = TABLE, **how: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        table.to_csv(folder / name, index=False, **how)
        return folder / name

    return write


def raw(content: bytes, name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def text(content: str, name: str = "my.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return write


def parquet(name: str = "my.parquet", **changes: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = {"image": list(IMAGE), "text": list(TEXT), "label": LABEL} | changes
        pq.write_table(pa.table(made), folder / name)
        return folder / name

    return write


def h5(fill: Callable[[h5py.File], None]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with h5py.File(folder / "my.h5", "w") as file:
            file["image"], file["text"] = IMAGE, TEXT
            file["label"] = LABEL.astype(object)
            fill(file)
        return folder / "my.h5"

    return write


def moved(name: str, link: Callable[[str], object]) -> Callable[[h5py.File], None]:
    """Move a dataset into a group, and put a link in its place."""

    def fill(file: h5py.File) -> None:
        file.move(name, f"deep/{name}")
        file[name] = link(f"/deep/{name}")

    return fill


def safetensors(name: str = "my.safetensors", **changes: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        save_tensors({k: torch.tensor(v) for k, v in CODED.items()} | changes, folder / name)
        return folder / name

    return write


def saved(value: object = None, name: str = "my.pt", **changes: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        state = {k: torch.tensor(v) for k, v in CODED.items()} | changes
        torch.save(state if value is None else value, folder / name)
        return folder / name

    return write


def folder_of(arrays: dict[str, np.ndarray], ending: str = ".npy") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "data").mkdir()
        for name, x in arrays.items():
            path = folder / "data" / f"{name}{ending}"
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as file:
                np.save(file, x)
        return folder / "data"

    return write


def cloned(folder: Path) -> Path:
    """Write a folder as a hub of data sets has them: shards by split, and a page about them."""
    (folder / "data").mkdir()
    (folder / "data" / "README.md").write_text("# My data")
    for split, part in (("test", TABLE[:20]), ("train", TABLE[20:])):
        part.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder / "data"


def shards(*parts: pd.DataFrame) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "data").mkdir()
        for i, part in enumerate(parts):
            part.to_parquet(folder / "data" / f"part-{i}.parquet")
        return folder / "data"

    return write


def encoded(kind: str, **attrs: object) -> Callable[[h5py.Group], None]:
    def mark(group: h5py.Group) -> None:
        group.attrs.update({"encoding-type": kind, "encoding-version": "0.1.0"} | attrs)

    return mark


def annotate(
    group: h5py.Group, x: np.ndarray, sparse: bool = False, codes: np.ndarray = CODES,
    rows: int = 0,
) -> None:  # fmt: skip
    """Write a matrix and a column of categories in the layout of AnnData."""
    from scipy.sparse import csr_matrix

    if sparse:
        matrix = csr_matrix(x)
        own = group.create_group("X")
        encoded("csr_matrix", shape=x.shape)(own)
        own["data"], own["indices"], own["indptr"] = matrix.data, matrix.indices, matrix.indptr
    else:
        group["X"] = x
    obs = group.create_group("obs")
    encoded("dataframe", _index="_index")(obs)
    obs["_index"] = np.array([f"c{i + rows}" for i in range(N)], dtype=object)
    label = obs.create_group("label")
    encoded("categorical")(label)
    label["codes"] = codes
    label["categories"] = np.array(["cat", "dog", "emu"], dtype=object)


def of_samples(file: h5py.File) -> None:
    """Write a group for each sample."""
    file.clear()
    for i in range(N):
        file[f"{i}/image"], file[f"{i}/text"], file[f"{i}/label"] = IMAGE[i], TEXT[i], CODES[i]


def references(file: h5py.File) -> None:
    refer = [file["image"].ref] * N
    del file["text"]
    file.create_dataset("text", data=refer, dtype=h5py.ref_dtype)


def h5ad(sparse: bool = False, codes: np.ndarray = CODES) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with h5py.File(folder / "my.h5ad", "w") as file:
            annotate(file, IMAGE, sparse, codes)
            file["obsm/text"] = TEXT
        return folder / "my.h5ad"

    return write


def h5ad_of(change: Callable[[h5py.File], None]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = h5ad()(folder)
        with h5py.File(path, "a") as file:
            change(file)
        return path

    return write


def torn_sparse(file: h5py.File) -> None:
    del file["X"], file["obs"], file["obsm"]
    annotate(file, IMAGE, True, CODES)
    file["obsm/text"] = TEXT
    file["X/indptr"][-1] = -1


def old_obs(file: h5py.File) -> None:
    del file["obs"]
    file["obs"] = np.zeros(N, dtype=[("index", "S5"), ("label", "i1")])


def in_latin(file: h5py.File) -> None:
    del file["label"]
    file["label"] = np.char.encode(ACCENTS, "latin-1")


def h5mu(rows: int = 0) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with h5py.File(folder / "my.h5mu", "w") as file:
            annotate(file, IMAGE)
            del file["X"]
            annotate(file.create_group("mod/image"), IMAGE, sparse=True)
            annotate(file.create_group("mod/text"), TEXT, rows=rows)
        return folder / "my.h5mu"

    return write


def gz(folder: Path) -> Path:
    with gzip.open(folder / "my.tsv.gz", "wt") as file:
        TABLE.to_csv(file, index=False, sep="\t")
    return folder / "my.tsv.gz"


def tensors(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    return {m: torch.tensor(PLAIN[m]).to(dtype) for m in ("image", "text")}


def half_written(file: h5py.File) -> None:
    del file["text"]
    made = file.create_dataset("text", (N, 3), "f8", chunks=(10, 3), fillvalue=5.0)
    made[:30] = TEXT[:30]


def never_written(file: h5py.File) -> None:
    del file["text"]
    file.create_dataset("text", (N, 3), "f8", fillvalue=5.0)


def far_link(file: h5py.File) -> None:
    del file["text"]
    file["text"] = h5py.ExternalLink("other.h5", "text")
