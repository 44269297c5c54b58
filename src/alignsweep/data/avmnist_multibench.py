"""The ready-made AV-MNIST that MultiBench offers: images and spectrograms in one archive.

MultiBench (Liang et al., NeurIPS 2021 Datasets, arXiv 2107.07502) offers ``avmnist.tar.gz`` with
the arrays of Vielzeuf et al. (arXiv 1808.07275) as npy files. A variant, of Tjandrasuwita et al.
(arXiv 2502.16282), has MFCC sequences for audio; it is read too. No file comes with this project.
"""

from __future__ import annotations

import math
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.readers import archives
from alignsweep.data.scaling import standardise
from alignsweep.data.store import SPLITS, Pairs, fact, split_codes
from alignsweep.options import Each, Resources, SamplesOrAll, Seed

PAIR = "image-audio"
ARCHIVE = "avmnist/avmnist.tar.gz"
CLASSES = 10
PIXELS = 28  # on a side

#: part -> what -> file in the archive, below its top folder
FILES = {
    part: {
        "image": f"image/{part}_data.npy",
        "audio": f"audio/{part}_data.npy",
        "labels": f"{part}_labels.npy",
    }
    for part in ("train", "test")
}

_BLOCK = 2**22  # bytes

Floats = NDArray[np.float32]


class _Header(NamedTuple):
    """What the header of an npy file says."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def load(
    name: str | None = None,
    *,
    pair: Annotated[Literal["image-audio"], Each("pairs", "{}")],
    train: SamplesOrAll = None,
    validation: SamplesOrAll = None,
    test: SamplesOrAll = None,
    seed: Seed = 0,
    resources: Resources = "resources",
) -> Pairs:
    """Return MultiBench's AV-MNIST.

    The archive is read twice and never unpacked: once to check it and count what is there, so that
    memory is taken for the pairs wanted and nothing else, and once for these pairs.

    Parameters
    ----------
    name
        Name of the dataset; by default ``avmnist-multibench-image-audio``.
    pair
        The one pair there is, ``image-audio``.
    train, validation, test
        Pairs, drawn from MultiBench's splits: all but the last twelfth of the training part
        (55,000), that twelfth (5,000), and the test part (10,000). ``null`` for all.
    seed
        Seed of the choice of pairs. With the same seed, fewer pairs of a split are among more.
    resources
        Folder of the data; the archive lies in it as ``avmnist/avmnist.tar.gz``.

    Returns
    -------
    Pairs
        Inputs float32, in the order of the archive: ``image`` (n, 28, 28), standardised by mean and
        standard deviation over all pixels of the training split; ``audio`` (n, frames,
        coefficients), each coefficient standardised over all frames of the training split. The
        archive's second axis is taken for the coefficients (112 bands, or MFCC), its third for the
        frames. Ten classes. Facts: ``not_finite_values`` of each modality
        (set to the training mean).

    Raises
    ------
    FileNotFoundError
        If the archive is not there.
    ValueError
        If an option is out of range, or the archive is damaged or not as described.
    """
    if pair != PAIR:
        raise ValueError(f"pair is {pair!r}; allowed: {PAIR}")
    path = Path(resources, ARCHIVE)
    name = name or f"avmnist-multibench-{PAIR}"
    try:
        headers = {file: _checked(where, member) for file, member, where in _members(path)}
        sizes = _sizes(path, headers)
        wanted = {"train": train, "validation": validation, "test": test}
        rows = {split: _choose(split, wanted[split], sizes, seed) for split in SPLITS}
        arrays = _read(path, headers, rows)
    except tarfile.TarError as error:  # a member is cut short
        raise ValueError(f"{path}: not a tar archive, or damaged ({error})") from error
    labels = sequences.labels(arrays["labels"], f"{path}: labels")
    if not np.isin(labels, np.arange(CLASSES)).all():
        raise ValueError(f"{path}: labels must be 0 to {CLASSES - 1}, whole numbers")
    split = split_codes(*(len(rows[part]) for part in SPLITS))
    in_training = split == SPLITS.index("train")
    image, audio = arrays["image"].reshape(len(split), -1, 1), arrays["audio"]
    bad = {
        "image": standardise(image, in_training),  # pixels as steps: one scale for all
        "audio": standardise(audio, in_training),
    }
    return Pairs(
        name=name,
        inputs={"image": image.reshape(-1, PIXELS, PIXELS), "audio": audio},
        labels=labels.astype(np.int64),
        split=split,
        classes=CLASSES,
        facts=[fact(modality, "not_finite_values", count) for modality, count in bad.items()],
    )


def _members(path: Path) -> Iterator[tuple[str, IO[bytes], str]]:
    """Yield the files wanted: name, the file opened, and name for messages."""
    pattern = "|".join(re.escape(file) for files in FILES.values() for file in files.values())
    for file, member in archives.members(path, pattern):
        yield file, member, f"{path}: {file}"


def _header(where: str, file: IO[bytes]) -> _Header:
    """Read the header of an npy file of numbers."""
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read(file)
    except tarfile.TarError:
        raise
    except Exception as error:  # of many kinds, where a header is damaged
        raise ValueError(f"{where}: not an npy file, or damaged ({error})") from error
    if dtype.kind not in "biuf" or by_columns or min(shape, default=0) < 1:
        order = "column" if by_columns else "row"
        raise ValueError(
            f"{where}: {dtype} {shape} in {order} order; needed: numbers, some, in row order"
        )
    return _Header(shape, dtype)


def _checked(where: str, file: IO[bytes]) -> _Header:
    """Return the header of an npy file, once its values are known to be there."""
    header = _header(where, file)
    said = math.prod(header.shape) * header.dtype.itemsize
    there = sum(map(len, iter(lambda: file.read(_BLOCK), b"")))
    if said != there:
        raise ValueError(f"{where}: the header says {said} bytes of values, the file has {there}")
    return header


def _sizes(path: Path, headers: dict[str, _Header]) -> dict[str, int]:
    """Return the number of samples in each part, which all its files must have."""
    missing = [file for files in FILES.values() for file in files.values() if file not in headers]
    if missing:
        raise ValueError(f"{path}: no {', '.join(missing)}; needed: all of them")
    sizes = {part: headers[files["labels"]].shape[0] for part, files in FILES.items()}
    _, *step = headers[FILES["train"]["audio"]].shape
    for part, n in sizes.items():
        allowed = {
            "image": [(n, PIXELS**2), (n, PIXELS, PIXELS)],
            "audio": [(n, *step)] if len(step) == 2 else [(n, "coefficients", "frames")],
            "labels": [(n,), (n, 1)],
        }
        for what, shapes in allowed.items():
            file = FILES[part][what]
            if headers[file].shape not in shapes:
                needed = ", ".join(map(str, shapes[0]))
                raise ValueError(f"{path}: {file}: {headers[file].shape}; needed: ({needed})")
    return sizes


def _choose(split: str, wanted: int | None, sizes: dict[str, int], seed: int) -> NDArray[np.intp]:
    """Return the rows, ascending, that a split takes from its part of the archive."""
    cut = sizes["train"] - sizes["train"] // 12  # the last 5,000 of 60,000 are for validation
    first, end = {
        "train": (0, cut),
        "validation": (cut, sizes["train"]),
        "test": (0, sizes["test"]),
    }[split]
    most = end - first
    size = most if wanted is None else wanted
    if not 1 <= size <= most:
        raise ValueError(f"{split} is {size}; allowed: 1 to {most}, the pairs of the archive")
    order = np.random.default_rng([seed, SPLITS.index(split)]).permutation(most)
    return first + np.sort(order[:size])


def _read(
    path: Path, headers: dict[str, _Header], rows: dict[str, NDArray[np.intp]]
) -> dict[str, NDArray[Any]]:
    """Return the rows wanted of all files: training, validation, test, one after the other."""
    taken = {
        "train": np.concatenate([rows["train"], rows["validation"]]),  # ascending too
        "test": rows["test"],
    }
    start = {"train": 0, "test": len(taken["train"])}
    n = sum(map(len, taken.values()))
    _, bands, frames = headers[FILES["train"]["audio"]].shape
    arrays: dict[str, NDArray[Any]] = {
        "image": np.empty((n, PIXELS**2), dtype=np.float32),
        "audio": np.empty((n, frames, bands), dtype=np.float32),
        "labels": np.empty(n),
    }
    whose = {file: (part, what) for part, files in FILES.items() for what, file in files.items()}
    for file, member, where in _members(path):
        part, what = whose[file]
        header = _header(where, member)
        out = arrays[what][start[part] :]
        done = 0
        for first, block in _blocks(member, header):
            here = taken[part][done : np.searchsorted(taken[part], first + len(block))] - first
            values = block[here].swapaxes(1, 2) if what == "audio" else block[here]
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
                out[done : done + len(here)] = values.reshape(len(here), *out.shape[1:])
            done += len(here)
    return arrays


def _blocks(file: IO[bytes], header: _Header) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield blocks of rows, and the number of the first row of each."""
    n, *shape = header.shape
    row = math.prod(shape) * header.dtype.itemsize
    at_once = max(_BLOCK // row, 1)
    for first in range(0, n, at_once):
        count = min(at_once, n - first)
        yield first, np.frombuffer(file.read(count * row), header.dtype).reshape(count, *shape)
