"""The headline score of every test sample, kept compactly: what intervals over samples are from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from alignsweep.data.tensors import save_tensors

Array = NDArray[np.float64]

#: alignment, strength, seed, modality
Key = tuple[str, str, int, str]


class SampleScores(dict[Key, Array]):
    """(alignment, strength, seed, modality) -> ``(n_test,)``, whose mean is the score.

    The rows are those of the test split of the seed's draw, in order. Right or wrong is kept in a
    bit, other scores in half precision.
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
        save_tensors(tensors, path, {"alignsweep": json.dumps(keys)})


def load(paths: Iterable[str | Path]) -> SampleScores:
    """Read files of `SampleScores.save` into one."""
    found = SampleScores()
    for path in paths:
        with safe_open(str(path), framework="numpy") as file:
            for i, (*key, n, binary) in enumerate(json.loads(file.metadata()["alignsweep"])):
                kept = file.get_tensor(str(i))
                values = np.unpackbits(kept, count=n) if binary else kept
                alignment, strength, seed, modality = key
                found[alignment, strength, seed, modality] = values.astype(np.float64)
    return found


def merged(parts: Iterable[Mapping[Key, Array]]) -> SampleScores:
    """Put several together."""
    return SampleScores({key: values for part in parts for key, values in part.items()})
