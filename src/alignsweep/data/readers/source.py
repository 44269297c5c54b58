"""What a reader makes of a file: names, and the array behind each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: Names of splits -> which they mean.
SPLIT_NAMES = {name: name for name in ("train", "validation", "test")} | {
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "training": "train",
    "testing": "test",
}
#: Bytes that a column of text may take.
MOST_TEXT = 2**32


class RefusedError(ValueError):
    """A file that is whole, but not what is wanted; the sentence says why and what to do."""


class Form(NamedTuple):
    """Shape and type of an array, as told without reading it; None for a length not known yet."""

    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True)
class Source:
    """An open file of named arrays.

    Attributes
    ----------
    names
        Names of what is there.
    get
        Name -> array; may raise anything, with the reason.
    form
        Name -> its form.
    is_table
        Whether one array may stand in several columns, numbered or with a common prefix.
    notes
        What the user should know about how the file was read; `get` may add to it.
    twice
        Names that several columns had, and those made up for the others of them -> that name.
    """

    names: list[str]
    get: Callable[[str], Array]
    form: Callable[[str], Form]
    is_table: bool = False
    notes: list[str] = dataclasses.field(default_factory=list)
    twice: Mapping[str, str] = dataclasses.field(default_factory=dict)


def form_of(x: Array) -> Form:
    """Return the form of an array."""
    return Form(x.shape, "text" if x.dtype.kind in "US" else str(x.dtype))


def missing(bad: NDArray[np.bool_]) -> str:
    """Say how many of the rows ``(n,)`` are missing, where the first is, and what is needed."""
    return (
        f"{int(bad.sum())} values are missing, the first in row {int(np.flatnonzero(bad)[0])}; "
        "needed: one for every row (fill them, or drop the rows)"
    )


def words(values: Sequence[str] | Array) -> Array:
    """Return text as an array, in which every cell is as wide as the longest.

    Raises
    ------
    ValueError
        If that is more than `MOST_TEXT` bytes.
    """
    longest = max(map(len, values), default=0)
    if len(values) * longest * 4 > MOST_TEXT:
        raise ValueError(
            f"its longest text has {longest} characters, too many for {len(values)} rows; needed: "
            "shorter ones"
        )
    return np.asarray(values, dtype=np.str_)


def text(values: Array) -> Array:
    """Return byte strings as text, others as they are."""
    if values.dtype.kind != "S":
        return values
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError:
        return np.char.decode(values, "latin-1")
