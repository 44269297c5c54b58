"""Labels of a user's own data: classes or numbers, as given or by a guess that is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.readers.cells import is_number
from alignsweep.data.readers.columns import Columns
from alignsweep.data.readers.source import missing
from alignsweep.data.readers.stems import few, numbered, numbers_of

Array = NDArray[Any]

#: Whole numbers of at most so many different values are classes, unless `task` says otherwise.
MOST_CLASSES = 20
#: Samples that a class needs: one for each split.
LEAST_PER_CLASS = 3
#: What stands for "no label" in code of others, PyTorch's ``ignore_index``.
UNLABELLED = -100
#: Text that may stand for a value that is missing.
NOTHING = ("", "nan", "NaN", "None", "NA", "N/A", "<NA>", "null", "NULL")


@dataclass(frozen=True)
class Labels:
    """The labels of a dataset.

    Attributes
    ----------
    values
        ``(n,)`` positions in `names`, int64; or numbers, float64.
    names
        Of the classes, in sorted order; none for numbers.
    guessed
        Whether the task is neither given nor certain, as it is for text.
    notes
        What the user should know, in sentences.
    """

    values: Array
    names: list[str]
    guessed: bool
    notes: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "classification" if self.names else "regression"

    @property
    def classes(self) -> int | None:
        """Number of classes; None for numbers."""
        return len(self.names) or None

    def describe(self) -> str:
        """Say what they are taken for, in a few words."""
        if not self.names:
            low, high = self.values.min(), self.values.max()
            return f"regression, numbers from {low:g} to {high:g}"
        shown = ", ".join(self.names[:5]) + (", ..." if len(self.names) > 5 else "")
        return f"classification, {len(self.names)} classes ({shown})"


def read(file: Columns, key: str, task: str | None) -> Labels:
    """Read the labels `key` of a file: text, numbers, or one-hot.

    Parameters
    ----------
    file
        The file.
    key
        Name of the labels ``(n,)``, or of one-hot classes ``(n, classes)``, also in numbered
        columns.
    task
        ``"classification"``, ``"regression"``, or None to decide by the labels (`guess`).

    Raises
    ------
    ValueError
        If there are none, some are missing, or they do not suit the task; the sentence names file
        and key.
    """
    raw, notes = _raw(file, key)
    where = f"{file.path}: labels {key!r}"
    if raw.dtype.kind == "f" and (bad := ~np.isfinite(raw)).any():
        raise ValueError(
            f"{file.path}: {int(bad.sum())} labels ({key!r}) are missing or infinite, the "
            f"first in row {int(np.flatnonzero(bad)[0])}; needed: a label for every row (drop the "
            "rows without)"
        )
    if not raw.size:
        raise ValueError(f"{where} are empty, of shape {raw.shape}; needed: one for every row")
    decided, certain = (task, True) if task else guess(raw)
    values, counts = np.unique(raw, return_counts=True)
    unlabelled = raw.dtype.kind in "if" and values[:1] == UNLABELLED and (values[1:] >= 0).all()
    if decided == "regression":
        if unlabelled:
            notes.append(
                f"{counts[0]} labels are {UNLABELLED} and all others at least 0: if that means "
                "'unlabelled', drop these rows"
            )
        if not certain or (not task and len(values) <= MOST_CLASSES):
            kind = "numbers" if certain else "whole numbers"
            rows = "; if they number the rows, name another key" if len(values) == len(raw) else ""
            notes.append(
                f"{len(values)} different {kind} in {key!r} are taken for numbers; if they "
                f"are classes, write `task: classification`{rows}"
            )
        return Labels(_numbers(where, raw, values), [], not certain, tuple(notes))
    if unlabelled:
        raise ValueError(
            f"{where} are {UNLABELLED} in {counts[0]} rows, which usually means 'unlabelled'; "
            "needed: a label for every row (drop these rows, or number that class otherwise)"
        )
    if len(values) < 2:
        raise ValueError(f"{where} have one class, {values[0]!s}; needed: two")
    names = [_name(v) for v in values]
    if (rare := counts < LEAST_PER_CLASS).any():
        first = int(np.flatnonzero(rare)[0])
        as_text = "write them as numbers, not as text,"
        regression = as_text if raw.dtype.kind == "U" else "set `task: regression`"
        others = f" (and {rare.sum() - 1} more classes have as few)" if rare.sum() > 1 else ""
        raise ValueError(
            f"{file.path}: class {names[first]} of {key!r} has {_samples(int(counts[first]))}"
            f"{others}; needed: {LEAST_PER_CLASS} or more, one for every split (leave the class "
            f"out, join it with another, or {regression} if these are numbers)"
        )
    if raw.dtype.kind in "iuf" and len(values) > 2:
        last, before = float(values[-1]), float(values[-2])
        apart = {0: values[0] < 0 and values[1] == 0, -1: last >= max(99, 2 * before)}
        notes += [
            f"label {names[i]} ({counts[i]} rows) is taken for a class of its own; drop these rows "
            "if it means 'unlabelled'"
            for i, doubtful in apart.items()
            if doubtful
        ]
    if raw.dtype.kind == "U":
        notes += _doubtful(key, names, counts.tolist())
    return Labels(np.searchsorted(values, raw).astype(np.int64), names, not certain, tuple(notes))


def guess(raw: Array) -> tuple[str, bool]:
    """Decide whether labels ``(n,)`` are classes or numbers, and whether that is certain.

    Text and booleans are classes, certainly. So are, by a guess: two different values; whole
    numbers, also as floats, of at most `MOST_CLASSES` different values, or numbered from 0 or 1
    without gap and each there often enough for all splits. All else are numbers.
    """
    if raw.dtype.kind in "bU":
        return "classification", True
    values, counts = np.unique(raw, return_counts=True)
    whole = bool((values == np.round(values)).all())
    if not whole:
        return ("classification", False) if len(values) == 2 else ("regression", True)
    few = len(values) <= min(MOST_CLASSES, len(raw) - 1)
    gapless = values[0] in (0, 1) and values[-1] - values[0] == len(values) - 1
    codes = gapless and counts.min() >= LEAST_PER_CLASS
    return ("classification" if few or codes else "regression"), False


def _raw(file: Columns, key: str) -> tuple[Array, list[str]]:
    """Return labels ``(n,)``, and what is to be said of them."""
    if file.is_table and key not in file.names:
        names = file.columns(key)
        if len(names) == 1 or len(numbered(names)) != 1 or len(numbers_of(names)) < len(names):
            raise ValueError(f"{file.path}: no {key!r}; there are: {few(names)} (name one of them)")
        found, names = file.array(key)
    else:
        found = file.get(key)
        names = [key]
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim == 1:
        return found, []
    if found.ndim != 2 or found.dtype.kind not in "biuf":
        raise ValueError(
            f"{file.path}: {key!r} has shape {found.shape}; needed: (n,), or one-hot (n, classes)"
        )
    on = (found != 0).sum(axis=1)
    if not np.isin(found, (0, 1)).all():
        raise ValueError(
            f"{file.path}: {key!r} has shape {found.shape}; needed: (n,), or one-hot (n, classes) "
            "of 0 and 1 (of probabilities, write the likeliest class)"
        )
    if (on != 1).any():
        row = int(np.flatnonzero(on != 1)[0])
        if ((found != 0).sum(axis=0) == 1).all():
            raise ValueError(
                f"{file.path}: labels {key!r} of shape {found.shape} have one class per column; "
                "needed: one-hot (n, classes) (transpose it)"
            )
        raise ValueError(
            f"{file.path}: labels {key!r} of shape {found.shape} have {on[row]} classes in row "
            f"{row}; needed: one class per row (choose one column as the label, or write every "
            "combination as a class of its own)"
        )
    note = f"labels {key!r} are one-hot: the class is the position of the 1"
    return found.argmax(axis=1), [note]


def _numbers(where: str, raw: Array, values: Array) -> Array:
    if raw.dtype.kind not in "biuf":
        raise ValueError(f"{where} are text; needed for regression: numbers (or write them so)")
    if len(values) < 2:
        raise ValueError(f"{where} are {values[0]!s} in every row; needed: different numbers")
    return raw.astype(np.float64)


def _name(value: Any) -> str:
    """Write the name of a class; 3.0 is class 3."""
    return str(int(value)) if isinstance(value, np.floating) and value == int(value) else str(value)


def _doubtful(key: str, names: list[str], counts: list[int]) -> Iterator[str]:
    """Say which names of classes may mean that there is none, or the same as another one."""
    for name, count in zip(names, counts, strict=True):
        if name.strip() in NOTHING:
            yield (
                f"{name!r} of {key!r} ({_samples(count)}) is taken for a class of its own; drop "
                "these rows if it means 'missing'"
            )
    plain: dict[str | Decimal, str] = {}
    for name in names:
        number = is_number(name) and name.strip() not in NOTHING
        other = plain.setdefault(Decimal(name) if number else name.strip().lower(), name)
        if other != name:
            how = "are the same number" if number else "differ in spaces or capitals alone"
            yield f"classes {other!r} and {name!r} of {key!r} {how}"


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def column(file: Columns, key: str, what: str) -> Array:
    """Return a column ``(n,)`` without gaps; ValueError naming `what` it is, if there are any."""
    found = file.get(key)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise ValueError(f"{file.path}: {key!r} has shape {found.shape}; needed: (n,)")
    if found.dtype.kind == "U":
        bad = np.isin(np.char.strip(found), NOTHING)
    else:
        bad = np.isnan(found) if found.dtype.kind == "f" else np.zeros(len(found), dtype=np.bool_)
    if bad.any():
        raise ValueError(f"{file.path}: {what} {key!r}: {missing(bad)}")
    return found
