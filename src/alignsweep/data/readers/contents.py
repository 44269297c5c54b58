"""What a file is by its ending and by its first bytes, and what to do with one that is not read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from alignsweep.data.readers.source import RefusedError

#: endings of files that are not read -> how to make one that is
_CONVERSIONS = {
    (".npy",): "numpy.savez('my.npz', image=..., text=..., label=...) makes one file of several "
    "arrays, and numpy.savez('my.npz', **numpy.load(path, allow_pickle=True).item()) of a dict "
    "that you saved yourself",
    (".pkl", ".pickle", ".joblib"): "in Python, load it, if you trust who made it, and "
    "numpy.savez('my.npz', image=..., text=..., label=...)",
    (".mat",): "scipy.io.loadmat reads it, h5py if it is of version 7.3 (then transpose), and "
    "numpy.savez('my.npz', image=..., text=..., label=...) writes its arrays",
    (".xlsx", ".xls", ".xlsm", ".ods"): "save the sheet as .csv",
    (".json", ".jsonl", ".ndjson"): "pandas.read_json(path, lines=True).to_parquet('my.parquet'), "
    "without `lines` if it is one list",
    (".feather", ".arrow", ".ipc"): "pandas.read_feather(path).to_parquet('my.parquet'); of a "
    "folder of Hugging Face datasets, datasets.load_from_disk(folder).to_parquet('my.parquet')",
    (".txt", ".dat", ".data", ".asc"): "if it is a table with names of columns, call it .csv or "
    ".tsv",
    (".zip", ".tar", ".tgz", ".tar.gz", ".rar", ".7z"): "unpack it and name the file in it",
    (".gz", ".bz2", ".xz", ".zst", ".lz4"): "unpack it; of compressed files .csv.gz and .tsv.gz "
    "are read",
    (".zarr", ".nc", ".tfrecord", ".mdb", ".lmdb"): "read it with its own library, and "
    "numpy.savez('my.npz', image=..., text=..., label=...)",
    (".rds", ".rdata", ".rda"): "in R, write.csv(table, 'my.csv', row.names = FALSE)",
    (".dta", ".sav", ".sas7bdat", ".orc", ".xml", ".html"): "pandas reads it (pandas.read_stata, "
    "read_spss, ...), and .to_parquet('my.parquet') writes it",
    (".db", ".sqlite", ".sql"): "pandas.read_sql(...).to_parquet('my.parquet')",
    (".ckpt", ".bin"): "torch.save({'image': ..., 'text': ..., 'label': ...}, 'my.pt') of tensors",
}
_BY_ENDING = {ending: how for endings, how in _CONVERSIONS.items() for ending in endings}


class _Content(NamedTuple):
    """What begins with certain bytes: its name, the endings it has, and what to do with it."""

    start: bytes
    name: str
    endings: tuple[str, ...]
    remedy: str


_CONTENTS = (
    _Content(b"version https://git-lfs", "a pointer of Git LFS", (), "git lfs pull gets the file"),
    _Content(b"<!doctype html", "a web page", (), "download the file itself, perhaps signed in"),
    _Content(b"<html", "a web page", (), "download the file itself, perhaps signed in"),
    _Content(
        b"pk\x03\x04", "a zip archive", (".npz", ".pt", ".pth"),
        "call it .npz or .pt if numpy or torch wrote it, unpack it, or save the sheet as .csv",
    ),
    _Content(
        b"\x1f\x8b", "compressed by gzip", (".csv.gz", ".tsv.gz"),
        "call a table .csv.gz or .tsv.gz, or unpack it",
    ),
    _Content(b"par1", "parquet", (".parquet",), "call it .parquet"),
    _Content(
        b"\x89hdf\r\n", "HDF5", (".h5", ".hdf5", ".h5ad", ".h5mu"), "call it .h5 or what it is"
    ),
    _Content(b"\x93numpy", "one array of numpy", (".npy",), _BY_ENDING[".npy"]),
    _Content(b"arrow1", "arrow", (), _BY_ENDING[".arrow"]),
    _Content(b"bzh", "compressed by bzip2", (), "unpack it"),
    _Content(b"\xfd7zxz", "compressed by xz", (), "unpack it"),
    _Content(b"matlab 5.0 mat-file", "a file of MATLAB", (), _BY_ENDING[".mat"]),
)  # fmt: skip


def conversion(path: Path) -> str:
    """Say how to make a file that is read of one whose ending is not."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = ("".join(suffixes[-2:]), "".join(suffixes[-1:]))
    return next((_BY_ENDING[s] for s in last if s in _BY_ENDING), "save the data as one of them")


def conversion_of_folder(folder: Path) -> str:
    """Say what to do with a folder that is not read, by the files in it."""
    found = sorted(p for p in folder.rglob("*") if not p.name.startswith("."))
    known = (_BY_ENDING[p.suffix.lower()] for p in found if p.suffix.lower() in _BY_ENDING)
    return next(known, "name one file, or save the data as one")


def refuse_foreign(path: Path, ending: str) -> None:
    """Refuse a file that is empty, or whose first bytes are those of another format.

    Raises
    ------
    RefusedError
        A sentence that says what it is and what to do.
    """
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise RefusedError("it is empty, 0 bytes; needed: the whole file (write or copy it again)")
    plain = start.lstrip().lower() if start.lstrip()[:1] == b"<" else start.lower()
    for content in _CONTENTS:
        if plain.startswith(content.start) and ending not in content.endings:
            raise RefusedError(
                f"its content is {content.name}; needed: {ending[1:]}, as its ending says "
                f"({content.remedy})"
            )
