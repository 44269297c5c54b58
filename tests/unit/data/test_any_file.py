"""Files made up at random are read as they were written, or refused by file and key."""

import os
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from alignsweep.data import files
from alignsweep.data.store import SPLITS

#: How many files; 2,000 before a release.
COUNT = int(os.environ.get("ALIGNSWEEP_FILES", "100"))
NAMES = st.sampled_from(
    ["image", "text", "view1", "view10", "x", "x_y", "txt", "txt_de", "a b", "é", "A", "0", "emb.1"]
)
DTYPES = ["f2", "f4", "f8", ">f4", "i1", "u1", "i4", "i8", "?", "S", "U", "c8", "M8[D]"]
GAPS = ["none"] * 12 + ["nan", "inf", "huge", "tiny", "offset", "constant"]
FORMATS = ["npz", "npy", "h5", "pt", "csv", "tsv", "csv;", "parquet", "lists"]
LABELS = ["text", "bytes", "codes", "floats", "numbers", "one-hot", "many", "gap", "rare", "-100"]


@st.composite
def arrays(draw, n, rng):
    """Return one modality, with or without an oddity."""
    shape = draw(st.sampled_from([(3,), (1,), (12,), (4, 2), (5, 4, 3), (3, 4, 5)]))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    x = rng.integers(0, 100, (n, *shape)) if dtype.kind in "iu" else rng.normal(size=(n, *shape))
    gap = draw(st.sampled_from(GAPS))
    if dtype == np.float64:
        x = {"huge": x * 1e200, "tiny": x * 1e-60, "offset": x + 1.7e9}.get(gap, x)
    if gap in ("nan", "inf") and dtype.kind == "f":
        x[draw(st.integers(0, n - 1))] = float(gap)
    if gap == "constant":
        x[:] = x[:1]
    if dtype.kind == "M":
        return x.astype(np.int64).astype(dtype)
    if dtype.kind in "SU":
        return np.char.add("w", x.astype(str)).astype(dtype)
    return (x > 0) if dtype.kind == "b" else x.astype(dtype)


def labels(kind, n, rng):
    codes = rng.permutation(np.arange(n) % 3)
    return {
        "text": np.array(["None", "b", "ü"])[codes],
        "bytes": np.array([b"x", b"y", b"z"])[codes],
        "codes": codes,
        "floats": codes * 1.0,
        "numbers": rng.normal(size=n),
        "one-hot": np.eye(3, dtype=int)[codes],
        "many": (rng.uniform(size=(n, 3)) > 0.3).astype(int),
        "gap": np.where(np.arange(n) == 4, np.nan, codes),
        "rare": np.where(np.arange(n) < 2, 7, codes),
        "-100": np.where(np.arange(n) < 3, -100, codes),
    }[kind]


@st.composite
def made(draw):
    """Return arrays by name, the keys of two modalities, a format, and the seed of an order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([30, 31, 60]))
    first, second = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    found = {first: draw(arrays(n, rng)), second: draw(arrays(n, rng))}
    label = draw(st.sampled_from(["label", f"{first}_category_id", f"{second}0", "y"]))
    found[label] = labels(draw(st.sampled_from(LABELS)), n, rng)
    others = draw(st.lists(NAMES, max_size=2, unique=True))
    found |= {f"{name}_id": np.arange(n) for name in others if f"{name}_id" not in found}
    order = draw(st.permutations(list(found)))
    return {k: found[k] for k in order}, (first, second, label), draw(st.sampled_from(FORMATS))


def columns(found):
    out = {}
    for name, x in found.items():
        x = x.astype(str) if x.dtype.kind == "S" else x.astype(x.dtype.newbyteorder("="))
        flat = x.reshape(len(x), -1)
        numbered = {f"{name}_{i}": c for i, c in enumerate(flat.T)}
        out |= numbered if x.ndim > 1 else {name: x}
    return pd.DataFrame(out)


def write(folder, found, kind):
    """Write arrays; return the path, or None if the format cannot hold them."""
    path = Path(folder) / f"my.{kind.rstrip(';')}"
    if kind == "npz":
        np.savez(path, **found)
    elif kind == "npy":
        path = Path(folder) / "data"
        path.mkdir()
        for name, x in found.items():
            np.save(path / f"{name}.npy", x)
    elif kind == "h5":
        with h5py.File(path, "w") as file:
            for name, x in found.items():
                if x.dtype.kind == "M":
                    continue
                file[name] = x.astype(object) if x.dtype.kind == "U" else x
    elif kind == "pt":
        plain = {k: v.astype(v.dtype.newbyteorder("=")) for k, v in found.items()}
        torch.save(
            {k: torch.tensor(v) if v.dtype.kind in "biufc" else v.tolist()
             for k, v in plain.items() if v.dtype.kind != "M"},
            path,
        )  # fmt: skip
    elif kind == "lists":
        path = Path(folder) / "my.parquet"
        held = {k: v.tolist() for k, v in found.items() if v.dtype.kind != "c"}
        pq.write_table(pa.table(held), path)
    elif kind == "parquet":
        table = columns(found)
        table[[c for c in table if table[c].dtype.kind != "c"]].to_parquet(path)
    else:
        path = Path(folder) / f"my.{kind[:3]}"
        columns(found).to_csv(path, index=False, sep={"csv": ",", "tsv": "\t"}.get(kind, ";"))
    return path


def expected(x, train):
    """Standardise in long doubles."""
    x = np.asarray(x, dtype=np.longdouble)
    if x.ndim == 4:
        x = x if x.shape[3] in (1, 3, 4) else np.moveaxis(x, 1, 3)
        own = x[train]
        return (x - own.mean()) / own.std()
    own = x[train].reshape(-1, x.shape[-1])
    spread = np.where(own.min(axis=0) < own.max(axis=0), own.std(axis=0), np.inf)
    return (x - own.mean(axis=0)) / spread


@settings(
    max_examples=COUNT, deadline=None, derandomize=COUNT == 100, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(made())
def test_a_file_is_read_as_it_was_written_or_refused(case):
    found, (first, second, label), kind = case
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, found, kind)
        try:
            pairs = files.load(
                path=str(path), modalities={"a": first, "b": second}, pair="a-b", label=label,
                resample="none",
            )  # fmt: skip
        except ValueError as error:
            said = str(error)
            assert said.startswith(f"{path}: "), said
            keys = [f"'{key}" for key in (first, second, label)]
            assert any(key in said for key in keys), said
            assert "\n" not in said
            event("refused")
            return
    event("read")
    assert set(pairs.split) == set(range(len(SPLITS)))
    table = path.suffix in (".csv", ".tsv") or kind == "parquet"
    for modality, key in (("a", first), ("b", second)):
        x = found[key]
        assert x.dtype.kind in "biuf", (key, x.dtype)
        x = x.reshape(len(x), -1) if table or x.ndim == 1 else x
        if x.ndim == 3 and x.dtype == np.uint8:
            continue  # taken for an image, and scaled as one
        if x.ndim == 3 and modality in pairs.masks:
            assert not x[~pairs.masks[modality]].any()
            continue
        wanted = expected(x, pairs.split == 0)
        np.testing.assert_allclose(pairs.inputs[modality], wanted.astype(float), atol=2e-3)
    y = found[label]
    y = y.argmax(axis=1) if y.ndim == 2 else y
    if pairs.classes:
        np.testing.assert_array_equal(pairs.labels, np.unique(y, return_inverse=True)[1])
    else:
        np.testing.assert_allclose(pairs.labels, y)
