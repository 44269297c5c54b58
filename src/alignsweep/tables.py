"""Tidy tables: one way to write and read them, and to put many into one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

#: Strengths are names ("0.4" must not become 0.4 and "1" not 1.0), and so are names like "1".
_NAMES = ("dataset", "alignment", "modality", "modality_a", "modality_b")
_STRENGTHS = ("strength", "optimum", "optimum_low", "optimum_high", "plateau", "best", "usual")
TEXT_COLUMNS = dict.fromkeys((*_NAMES, *_STRENGTHS), str)


def write(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, with nine significant digits; a missing value is empty."""
    table.to_csv(path, index=False, float_format="%.9g", lineterminator="\n")


def write_rows(rows: Iterable[Mapping[str, object]], path: str | Path) -> None:
    """Write rows, each column name -> value, as a table."""
    write(pd.DataFrame(list(rows)), path)


def write_cells(
    table: pd.DataFrame, cells: Sequence[tuple[str, str]], paths: Sequence[str | Path]
) -> None:
    """Write the rows of each cell (alignment, strength) to a file of its own."""
    for (alignment, strength), path in zip(cells, paths, strict=True):
        own = (table["alignment"] == alignment) & (table["strength"] == strength)
        write(table[own], path)


def read(path: str | Path) -> pd.DataFrame:
    """Read a table that `write` wrote; only what is empty is missing, not a name like "NA"."""
    return pd.read_csv(path, dtype=TEXT_COLUMNS, keep_default_na=False, na_values=[""])


def join(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of the same columns one below the other, in the order given."""
    return pd.concat(list(parts), ignore_index=True)


def collect(paths: Iterable[str | Path], key: str | None = None) -> pd.DataFrame:
    """Put the tables of files one below the other, in the order given.

    With `key` the files are JSON, and the rows stand under that key; a file may have none.
    """
    if key is None:
        return join(map(read, paths))
    return pd.DataFrame([row for path in paths for row in read_json(path)[key]])


def read_json(path: str | Path) -> Any:
    """Read a value that `write_json` wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(value: object, path: str | Path) -> None:
    """Write a value as readable JSON."""
    Path(path).write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")
