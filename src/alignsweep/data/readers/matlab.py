"""Files of MATLAB, up to version 7: named arrays, dense or sparse, and cells of such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: A sparse matrix can claim more values than there is memory for.
MOST_VALUES = 2**27


def array(path: Path, name: str, cell: int | None = None) -> NDArray[Any]:
    """Return an array of a file ``(rows, columns)``, or that of one of its cells.

    Raises
    ------
    ValueError
        If the file is missing, damaged or another one, or the array is not in it.
    """
    import scipy.io  # takes long to import
    import scipy.sparse

    try:
        found = scipy.io.loadmat(str(path), variable_names=[name])
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except Exception as error:  # of many kinds, where a file is damaged
        raise ValueError(f"{path}: not a .mat file, or damaged ({error})") from error
    if name not in found:
        raise ValueError(f"{path}: it has no {name}; needed: one array of this name")
    x = found[name]
    if cell is not None:
        cells: Any = x.ravel() if isinstance(x, np.ndarray) and x.dtype == object else []
        if not cell < len(cells):
            raise ValueError(f"{path}: {name} has {len(cells)} cells; needed: at least {cell + 1}")
        x = cells[cell]
    if int(np.prod(x.shape)) > MOST_VALUES:
        raise ValueError(f"{path}: {name} has shape {x.shape}; allowed: {MOST_VALUES} values")
    x = x.toarray() if scipy.sparse.issparse(x) else np.asarray(x)
    if x.dtype.kind not in "biuf" or x.ndim != 2:
        raise ValueError(f"{path}: {name} is {x.dtype} {x.shape}; needed: a table of numbers")
    return x
