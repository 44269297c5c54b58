"""Files of tensors (safetensors), written so that others can read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file


def save_tensors(
    tensors: Mapping[str, NDArray[Any]], path: str | Path, metadata: Mapping[str, str]
) -> None:
    """Write arrays to a safetensors file, which appears when it is whole.

    Parameters
    ----------
    tensors
        Name -> array, strided or not.
    path
        Where to; a file that is there is replaced.
    metadata
        Texts for the header.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    # safetensors lets nobody but the owner read what it writes, and takes strided arrays for
    # contiguous ones. What a new file may be is asked of the system: the umask, or the folder's.
    part.unlink(missing_ok=True)  # left by a job that was killed
    part.touch()
    mode = stat.S_IMODE(part.stat().st_mode)
    try:
        save_file(
            {name: np.asarray(x, order="C") for name, x in tensors.items()},
            str(part),
            metadata=dict(metadata),
        )
        part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
