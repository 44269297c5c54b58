"""The headline score of every test sample, kept compactly: what intervals over samples are from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignsweep import damage
from alignsweep.data.tensors import TensorFile, save_tensors

Array = NDArray[np.float64]

#: alignment, strength, seed, use, modality
Key = tuple[str, str, int, str, str]


class SampleScores(dict[Key, Array]):
    """(alignment, strength, seed, use, modality) -> ``(n_test,)``, whose mean is the score.

    The rows are those of the test split of the seed's draw, in order; NaN where a sample is not
    scored. Right or wrong is kept in a bit, other scores in half precision.
    """

    def save(self, path: str | Path, cell: tuple[str, str] | None = None) -> None:
        """Write those of a cell (alignment, strength), or all, to a safetensors file."""
        tensors: dict[str, NDArray[Any]] = {}
        keys: list[list[Any]] = []
        for key, values in self.items():
            if cell is None or key[:2] == cell:
                name = str(len(keys))
                binary = bool(np.isin(values, (0.0, 1.0)).all())
                keys.append([*key, len(values), binary])
                tensors[name] = (
                    np.packbits(values.astype(bool)) if binary else values.astype(np.float16)
                )
        tensors["none"] = np.zeros(1, dtype=np.uint8)  # a file needs one
        save_tensors(tensors, path, {"scores": keys})


def load(paths: Iterable[str | Path]) -> SampleScores:
    """Read files of `SampleScores.save` into one.

    Raises
    ------
    DamagedError
        If a file is not what was written, or is of other models than its folders say.
    """
    found = SampleScores()
    for path in paths:
        file = TensorFile(path)
        with damage.reading(path):
            for i, (*key, n, binary) in enumerate(file.header["scores"]):
                kept = file.get(str(i))
                values = np.unpackbits(kept, count=n) if binary else kept
                alignment, strength, seed, use, modality = key
                damage.check_place(path, {"alignment": alignment, "strength": strength})
                found[alignment, strength, seed, use, modality] = values.astype(np.float64)
    return found


def merged(parts: Iterable[Mapping[Key, Array]]) -> SampleScores:
    """Put several together."""
    return SampleScores({key: values for part in parts for key, values in part.items()})
