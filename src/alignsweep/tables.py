"""Tidy tables: one way to write and read them, and to put many into one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from alignsweep import checking, damage
from alignsweep.columns import TABLES, Asked
from alignsweep.writing import whole

#: Strengths are names ("0.4" must not become 0.4 and "1" not 1.0), and so are names like "1".
_NAMES = (
    *("dataset", "alignment", "modality", "modality_a", "modality_b"),
    *("usual_alignment", "harmless_alignment"),
)
_STRENGTHS = (
    *("strength", "optimum", "optimum_low", "optimum_high", "plateau", "best", "usual"),
    "harmless_strength",
)
TEXT_COLUMNS = dict.fromkeys((*_NAMES, *_STRENGTHS), str)
#: The key under which a JSON object keeps a digest of the rest of it.
DIGEST = "sha256"


def write(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, with nine significant digits; a missing value is empty."""
    with whole(path) as part:
        table.to_csv(part, index=False, float_format="%.9g", lineterminator="\n")


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


def read(path: str | Path, asked: Asked | None = None) -> pd.DataFrame:
    """Read a table that `write` wrote; only what is empty is missing, not a name like "NA".

    Parameters
    ----------
    path
        The file; its name says which table it is, see `columns.TABLES`.
    asked
        What the study says that it must hold; None: it is taken as it is.

    Raises
    ------
    DamagedError
        If it does not hold that.
    """
    kind = TABLES.get(Path(path).stem)
    with damage.reading(path):
        if kind and kind.sparse and Path(path).read_bytes() == b"\n":  # of no rows at all
            return pd.DataFrame(columns=list(kind.columns))
        table = pd.read_csv(path, dtype=TEXT_COLUMNS, keep_default_na=False, na_values=[""])
    if asked:
        checking.check(table, path, asked)
    return table


def join(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of the same columns one below the other, in the order given."""
    return pd.concat(list(parts), ignore_index=True)


def collect(
    paths: Iterable[str | Path], key: str | None = None, asked: Asked | None = None
) -> pd.DataFrame:
    """Put the tables of files one below the other, in the order given.

    With `key` the files are JSON, and the rows stand under that key; a file may have none. `asked`
    is as for `read`.
    """
    if key is None:
        return join(read(path, asked) for path in paths)
    return pd.DataFrame([row for path in paths for row in read_json(path, asked)[key]])


def read_json(path: str | Path, asked: Asked | None = None) -> Any:
    """Read a value that `write_json` wrote.

    Raises
    ------
    DamagedError
        If it is another one, or of a dataset that the folder, and what is `asked`, do not say.
    """
    with damage.reading(path):
        value = json.loads(Path(path).read_text(encoding="utf-8"))
        written = value.pop(DIGEST) if isinstance(value, dict) else None
    if isinstance(value, dict) and written != _digest(value):
        raise damage.DamagedError(path, "has other values than were written")
    if asked and value.get("dataset") not in (None, *asked.at(path).modalities):
        raise damage.DamagedError(path, f"is of dataset {value['dataset']}")
    return value


def plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row that JSON can hold: a missing value is None."""
    return {str(k): None if pd.isna(v) else v for k, v in row.items()}


def write_json(value: object, path: str | Path) -> None:
    """Write a value as readable JSON; an object gets a digest of what it has."""
    signed = {**value, DIGEST: _digest(value)} if isinstance(value, Mapping) else value
    text = json.dumps(signed, indent=1, allow_nan=False) + "\n"
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
