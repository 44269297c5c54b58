"""Cells of text that stand for numbers: lists such as ``[0.1, 0.2]``, and what is none."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence

import numpy as np

from alignsweep.data.readers.source import Array, Form

_DECIMALS = (
    "decimals with points or, between semicolons or tabs, with commas throughout; thousands "
    "without separators"
)
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
#: How numpy 2 writes a number within a list of Python.
_SCALAR = re.compile(r"np\.\w+\(([^()]*)\)")
_NUMBER = r"[-+]?[\d.]+(?:[eE][-+]?\d+)?"
_SEVERAL = re.compile(
    rf"\s*(?:(?:array|tensor)\(.*|{_NUMBER}(?:[\s;]+{_NUMBER})+|{_NUMBER}(?:,\s*{_NUMBER}){{2,}})\s*",
    re.DOTALL,
)
_SEPARATED = re.compile(r"\s*[-+]?\d[\d.,\s]*\s*")
_THOUSANDS = re.compile(r"\s*[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\s*")


def is_list(cell: str) -> bool:
    """Whether a cell begins as a list does."""
    return cell.strip()[:1] in ("[", "(")


def form_of(first: str, rows: int) -> Form:
    """Return the form of a column of text, by its first cell."""
    if is_list(first):
        with contextlib.suppress(ValueError):
            return Form((rows, *parsed([first]).shape[1:]), "float64")
    return Form((rows,), "text")


def parsed(cells: Sequence[str]) -> Array:
    """Return the numbers of cells that are lists, or lists of lists, as JSON or numpy prints them.

    Raises
    ------
    ValueError
        If one is cut or no list of numbers, or their shapes differ.
    """
    rows = [_parsed(row, cell) for row, cell in enumerate(cells)]
    check_lengths([len(row) for row in rows])
    shapes = [row.shape for row in rows]
    if other := next((i for i, shape in enumerate(shapes) if shape != shapes[0]), None):
        raise ValueError(
            f"its lists have different shapes, {shapes[0]} in row 0 and {shapes[other]} in row "
            f"{other}; needed: the same"
        )
    return np.stack(rows)


def _parsed(row: int, cell: str) -> Array:
    if "..." in cell:
        raise ValueError(
            f"the list of row {row} is cut ('...'), its numbers are lost; write whole lists"
        )
    try:
        return np.asarray(json.loads(cell), dtype=np.float64)
    except ValueError:
        pass
    plain = _SCALAR.sub(r"\1", cell).translate(str.maketrans("()", "[]")).strip()
    around = re.sub(r"[\s,]", "", _INNERMOST.sub("", plain))
    try:
        inner = [
            [float(v) for v in part.replace(",", " ").split()] for part in _INNERMOST.findall(plain)
        ]
        if around == "[]":
            return np.array(inner, dtype=np.float64)
        (single,) = inner if not around else []
        return np.array(single, dtype=np.float64)
    except ValueError:
        raise ValueError(f"row {row} is no list of numbers: {cell[:40]!r}") from None


def no_numbers(values: Array) -> str:
    """Say of text that is to be numbers what it is, and what to do."""
    cells = values.ravel().tolist()
    lists = any(map(is_list, cells))
    bad = [i for i, cell in enumerate(cells) if not (is_list if lists else is_number)(cell)]
    first = cells[bad[0] if bad else 0]
    shown = repr(first[:30])
    if _SEVERAL.fullmatch(first) and not _THOUSANDS.fullmatch(first):
        return f"is text, such as {shown}; needed: numbers (lists in brackets, as tolist() writes)"
    if len(bad) in (0, len(cells)) and not re.search(r"^\W*\d", first):
        return (
            f"is text, such as {shown}; needed: numbers (embed what is words, and write yes and no "
            "as 1 and 0)"
        )
    if len(bad) in (0, len(cells)) or _SEPARATED.fullmatch(first):
        return f"is text, such as {shown}; needed: numbers ({_DECIMALS})"
    count = "1 cell that is no number" if len(bad) == 1 else f"{len(bad)} cells that are no numbers"
    row = bad[0] * len(values) // len(cells)
    return (
        f"has {count}, the first, {shown}, in row {row}; needed: numbers (fill them, or drop the "
        "rows)"
    )


def is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def check_lengths(lengths: Array | Sequence[int]) -> None:
    """Refuse lists of different lengths."""
    lengths = np.asarray(lengths)
    if len(lengths) and (lengths != lengths[0]).any():
        row = int(np.flatnonzero(lengths != lengths[0])[0])
        raise ValueError(
            f"its lists have different lengths, {lengths[0]} in row 0 and {lengths[row]} in row "
            f"{row}; needed: the same (pad sequences with zeros, and give `masks` their lengths)"
        )
