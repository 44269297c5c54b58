"""Cases of files of arrays by name."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import torch
from format_files import (
    ACCENTS,
    CODED,
    CODES,
    IMAGE,
    LABEL,
    PART,
    PIXELS,
    PLAIN,
    SEQUENCE,
    TEXT,
    Case,
    N,
    far_link,
    folder_of,
    h5,
    h5ad,
    h5ad_of,
    h5mu,
    half_written,
    in_latin,
    moved,
    never_written,
    npz,
    of_samples,
    old_obs,
    raw,
    references,
    safetensors,
    saved,
    tensors,
    torn_sparse,
)  # fmt: skip
from scipy.sparse import csr_matrix, save_npz

GAP = np.where(np.arange(N) == 7, np.nan, IMAGE[:, 0])
MIRRORED = torch.imag(torch.complex(torch.tensor(IMAGE), torch.tensor(-IMAGE)).conj())
LENGTHS = (SEQUENCE.any(axis=2)).sum(axis=1)
FILLED = np.where(np.arange(N)[:, None] < 30, TEXT, 5.0)


def sparse_npz(folder: Path) -> Path:
    save_npz(folder / "my.npz", csr_matrix(IMAGE))
    return folder / "my.npz"


ARRAYS = [
    Case("npz", "arrays by name", npz()),
    Case("npz", "an ending in capitals", npz(name="MY.NPZ")),
    Case("npz", "float16, int8", npz(image=IMAGE.astype("f2"), text=TEXT.astype("i1"))),
    Case("npz", "big-endian numbers", npz(image=IMAGE.astype(">f8"))),
    Case("npz", "sequences, padded with zeros", npz(text=SEQUENCE), PLAIN | {"text": SEQUENCE}),
    Case(
        "npz",
        "sequences with lengths",
        npz(text=SEQUENCE, n=LENGTHS),
        PLAIN | {"text": SEQUENCE},
        {"masks": {"text": "n"}},
    ),
    Case(
        "npz",
        "sequences with a mask",
        npz(text=SEQUENCE, m=SEQUENCE.any(axis=2)),
        PLAIN | {"text": SEQUENCE},
        {"masks": {"text": "m"}},
    ),
    Case(
        "npz",
        "lengths beyond the steps",
        npz(text=SEQUENCE, n=LENGTHS + 5),
        None,
        {"masks": {"text": "n"}},
    ),
    Case("npz", "images, uint8, channels last", npz(image=PIXELS), PLAIN | {"image": PIXELS}),
    Case(
        "npz",
        "images, uint8, channels first",
        npz(image=np.moveaxis(PIXELS, 3, 1)),
        PLAIN | {"image": PIXELS},
    ),
    Case("npz", "images of which no axis can be channels", npz(image=PIXELS[..., [0] * 5]), None),
    Case(
        "npz",
        "images of one channel, floats",
        npz(image=PIXELS[:, None, :, :, 0] / 255),
        PLAIN | {"image": PIXELS[..., :1] / 255},
    ),
    Case("npz", "samples along the second axis", npz(image=IMAGE.T), None),
    Case("npz", "an axis too many in front", npz(image=IMAGE[None]), None),
    Case(
        "npz",
        "sequences, NaN behind their lengths",
        npz(text=np.where(SEQUENCE.any(axis=2)[..., None], SEQUENCE, np.nan), n=LENGTHS),
        PLAIN | {"text": SEQUENCE},
        {"masks": {"text": "n"}},
    ),
    Case(
        "npz",
        "a mask of what is no modality",
        npz(m=SEQUENCE.any(axis=2)),
        None,
        {"masks": {"txt": "m"}},
    ),
    Case("npz", "a sparse matrix of scipy", sparse_npz, None),
    Case("npz", "content of another format", raw(b"\x93NUMPY\x01\x00", "my.npz"), None),
    Case("npz", "an empty file", raw(b"", "my.npz"), None),
    Case("npz", "complex numbers", npz(image=IMAGE + 1j), None),
    Case("npz", "objects (pickled)", npz(label=LABEL.astype(object)), None),
    Case("npz", "missing values", npz(image=np.where(IMAGE == 8, np.nan, IMAGE)), None),
    Case("npz", "values beyond float32, all", npz(image=IMAGE * 1e200)),
    Case(
        "npz",
        "a value beyond float32, one",
        npz(image=np.where(np.arange(4 * N).reshape(N, 4) == 7, 1e200, IMAGE)),
        None,
    ),
    Case("npz", "a modality that is the same in all rows", npz(image=np.ones((N, 4))), None),
    Case("npz", "different numbers of rows", npz(text=TEXT[:50]), None),
    Case("npz", "labels of bytes", npz(label=LABEL.astype("S"))),
    Case("npz", "labels of whole floats", npz(label=CODES * 1.0), CODED),
    Case("npz", "labels as a column `(n, 1)`", npz(label=CODES[:, None]), CODED),
    Case("npz", "labels, one-hot", npz(label=np.eye(3)[CODES]), CODED),
    Case("npz", "labels, one-hot, classes by samples", npz(label=np.eye(3)[CODES].T), None),
    Case("npz", "labels without rows", npz(label=np.array([])), None),
    Case("npz", "numbers written as text", npz(label=(np.arange(N) / 7).astype(str)), None),
    Case("npz", "labels, several per row", npz(label=np.eye(3)[CODES] + [1, 0, 0] > 0), None),
    Case("npz", "labels of times", npz(label=CODES.astype("M8[D]")), None),
    Case("npz", "labels of -100", npz(label=np.where(np.arange(N) < 5, -100, CODES)), None),
    Case("npz", "a class of two samples", npz(label=np.where(np.arange(N) < 2, 9, CODES)), None),
    Case(
        "npz",
        "a split of bytes",
        npz(part=PART.astype("S")),
        PLAIN | {"part": PART},
        {"split": "part"},
    ),
    Case(
        "npz",
        "a split without validation",
        npz(part=np.repeat(["train", "test"], N // 2)),
        None,
        {"split": "part"},
    ),
    Case("npz", "groups of which some are missing", npz(who=GAP), None, {"group": "who"}),
    Case(
        "npz",
        "groups of identical rows",
        npz(),
        PLAIN | {"who": np.arange(N)},
        {"group": "duplicates", "modalities": ["image", "text"]},
    ),
    Case("npy", "a folder, one file per array", folder_of(PLAIN)),
    Case("npy", "a folder, endings in capitals", folder_of(PLAIN, ".NPY")),
    Case(
        "npy",
        "folders in a folder",
        folder_of({f"{k[0]}/{k}": v for k, v in PLAIN.items()}),
        options={"modalities": {"image": "i/image", "text": "t/text"}, "label": "l/label"},
    ),
    Case("npy", "a folder without a label", folder_of({"image": IMAGE, "text": TEXT}), None),
    Case("safetensors", "tensors by name", safetensors(), CODED),
    Case("safetensors", "bfloat16", safetensors(**tensors(torch.bfloat16)), CODED),
    Case("safetensors", "float16", safetensors(**tensors(torch.float16)), CODED),
    Case("safetensors", "float8 e4m3", safetensors(**tensors(torch.float8_e4m3fn)), CODED),
    Case(
        "safetensors",
        "float8 e5m2",
        safetensors(
            **{"text": torch.tensor(TEXT)}
            | {"image": torch.tensor(2.0 ** (IMAGE % 3)).to(torch.float8_e5m2)}
        ),
        CODED | {"image": 2.0 ** (IMAGE % 3)},
    ),
    Case("pt", "a dict of tensors", saved(), CODED),
    Case("pt", "bfloat16, and `.pth`", saved(name="my.pth", **tensors(torch.bfloat16)), CODED),
    Case("pt", "labels in a list of text", saved(label=LABEL.tolist())),
    Case(
        "pt",
        "dicts in a dict",
        saved(
            {
                "emb": {m: torch.tensor(PLAIN[m]) for m in ("image", "text")},
                "label": torch.tensor(CODES),
            }
        ),
        CODED,
        {"modalities": {"image": "emb.image", "text": "emb.text"}},
    ),
    Case(
        "pt",
        "lists of tensors",
        saved(
            {m: [*map(torch.tensor, PLAIN[m])] for m in ("image", "text")}
            | {"label": CODES.tolist()}
        ),
        CODED,
    ),
    Case(
        "pt",
        "lists of tensors of different shapes",
        saved(text=[torch.ones(1 + i % 3, 4) for i in range(N)]),
        None,
    ),
    Case("pt", "a label that is None", saved(label=[None, *LABEL[1:].tolist()]), None),
    Case("pt", "a view of another tensor", saved(image=MIRRORED), CODED),
    Case("pt", "a list of dicts", saved([{"image": torch.ones(4)}] * N), None),
    Case("pt", "one tensor", saved(torch.tensor(IMAGE)), None),
    Case("pt", "an object of a class of one's own", saved({"image": Path("x")}), None),
    Case("pt", "a sparse tensor", saved(image=torch.tensor(IMAGE).to_sparse()), None),
    Case("h5", "datasets by name", h5(lambda file: None)),
    Case(
        "h5",
        "keys with a leading slash",
        h5(lambda file: None),
        options={"modalities": {"image": "/image", "text": "/text"}, "label": "/label"},
    ),
    Case(
        "h5",
        "a dataset in a group",
        h5(lambda file: file.move("text", "deep/text")),
        options={"modalities": {"image": "image", "text": "deep/text"}},
    ),
    Case("h5", "a soft link", h5(moved("text", h5py.SoftLink))),
    Case("h5", "a link to another file", h5(far_link), None),
    Case(
        "h5",
        "a dataset written in part, the rest its fill value",
        h5(half_written),
        PLAIN | {"text": FILLED},
    ),
    Case("h5", "labels in Latin-1", h5(in_latin), PLAIN | {"label": ACCENTS}),
    Case("h5", "a group for each sample", h5(of_samples), None),
    Case("h5", "references", h5(references), None),
    Case("h5", "a dataset never written", h5(never_written), None),
    Case(
        "h5ad",
        "X, obsm and a column of obs",
        h5ad(),
        options={"modalities": {"image": "X", "text": "obsm/text"}},
    ),
    Case(
        "h5ad",
        "a sparse X",
        h5ad(True),
        options={"modalities": {"image": "X", "text": "obsm/text"}},
    ),
    Case(
        "h5ad",
        "a sparse X whose rows start anywhere",
        h5ad_of(torn_sparse),
        None,
        {"modalities": {"image": "X", "text": "obsm/text"}},
    ),
    Case(
        "h5ad",
        "a category that is missing",
        h5ad(codes=np.where(np.arange(N) < 4, -1, CODES)),
        None,
        {"modalities": {"image": "X", "text": "obsm/text"}},
    ),
    Case("h5ad", "obs in one dataset, as before AnnData 0.7", h5ad_of(old_obs), None),
    Case("h5ad", "other HDF5", h5ad_of(lambda file: file.clear()), None),
    Case("h5mu", "two modalities", h5mu()),
    Case("h5mu", "modalities of other observations", h5mu(rows=5), None),
]
