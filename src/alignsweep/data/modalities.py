"""The inputs of a user's own data: vectors, sequences with their padding, and images."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import scaling, sequences
from alignsweep.data.readers.columns import Columns
from alignsweep.data.readers.stems import few, numbered, numbers_of
from alignsweep.shapes import CHANNELS

Array = NDArray[Any]
Bools = NDArray[np.bool_]
#: What a name of lengths or of a mask adds to that of its sequences.
MASKS = ("mask", "lengths", "length", "len", "attention_mask")
#: Numbers that stand for "missing" in files of others.
_MARKS = (-99, -999, -9999, -99999)
#: Above this, whole numbers are rarely counts or shades.
_LARGE_COUNT = 255


@dataclass(frozen=True)
class Modality:
    """The inputs of one modality, as in the file.

    Attributes
    ----------
    name, key
        As in the configuration.
    inputs
        ``(n, features)``, ``(n, steps, features)``, ``(n, height, width)`` or ``(n, height, width,
        channels)``, numbers of any type.
    columns
        Names in the file that they stand under.
    kind
        ``"vectors"``, ``"sequences"`` or ``"images"``.
    mask
        ``(n, steps)``, False at padding; None if there is none.
    notes
        What the user should know, in sentences.
    where
        File, name and key, for messages.
    padding_guessed
        Whether the mask is a guess from steps of zeros.
    """

    name: str
    key: str
    inputs: Array
    columns: list[str]
    kind: Literal["vectors", "sequences", "images"]
    mask: Bools | None = None
    notes: tuple[str, ...] = ()
    where: str = ""
    padding_guessed: bool = False

    @property
    def scaling(self) -> str:
        """How they are standardised: each feature by itself, or all pixels by one scale."""
        return "values" if self.kind == "images" else "features"

    def float32(self) -> NDArray[np.float32]:
        """Return a copy in float32, exact enough to be standardised; 0 at padding.

        Raises
        ------
        ValueError
            If a value is beyond the range of float32 at the scale of the others.
        """
        x = self.inputs
        flat = x.reshape(len(x), -1, 1) if self.kind == "images" else x
        narrow = scaling.narrowed(flat, self.mask).reshape(x.shape)
        if (bad := ~np.isfinite(narrow)).any():
            row = int(np.flatnonzero(bad.reshape(len(x), -1).any(axis=1))[0])
            raise ValueError(
                f"{self.where} has {int(bad.sum())} values beyond the range of float32 at the "
                f"scale of the others, the first, {x[bad][0]:g}, in row {row}; needed: no such "
                "outliers (clip them, or take logarithms)"
            )
        if self.mask is not None:
            narrow[~self.mask] = 0
        return narrow


def read(
    file: Columns, name: str, key: str, left_out: Collection[str], mask: str | bool | None
) -> Modality:
    """Read a modality of a file.

    Parameters
    ----------
    file
        The file.
    name, key
        Of the modality.
    left_out
        Names that are something else: label, split, group.
    mask
        Of sequences: key of their lengths ``(n,)`` or of their mask ``(n, steps)``; False if every
        step is there; None if padding is where steps in front or behind are all zero.

    Raises
    ------
    ValueError
        If it is not there, is not of numbers, some are missing, or all rows are the same; the
        sentence names file, modality and key.
    """
    where = f"{file.path}: modality {name} ({key!r})"
    if key in left_out:
        raise ValueError(f"{where} is the label, split or group; needed: another key")
    x, columns = file.array(key, left_out)
    notes = _said_of_columns(key, columns)
    if x.ndim == 4:
        x = channels_last(where, x)
    elif x.ndim not in (2, 3):
        raise ValueError(
            f"{file.path}: {key!r} has shape {x.shape}; needed: (n, features), (n, steps, "
            "features), or images (n, height, width, channels)"
        )
    sequence = x.ndim == 3 and not (x.dtype == np.uint8 and mask is None)
    there, masked = steps_of(file, where, x, mask) if sequence else (None, [])
    if there is not None and x.dtype.kind == "f" and not np.isfinite(x[~there]).all():
        x = np.where(there[..., None], x, 0)  # what stands at padding is no data
    _check_values(where, x)
    notes += [*masked, *_doubtful(x)]
    if x.ndim == 4 or (x.ndim == 3 and there is None):
        notes.append(f"taken for images {x.shape[1:]}, standardised by one scale")
        return Modality(name, key, x, columns, "images", None, tuple(notes), where)
    if there is None:
        if mask:
            raise ValueError(f"{where} has shape {x.shape}, no steps; allowed: no `masks` for it")
        return Modality(name, key, x, columns, "vectors", None, tuple(notes), where)
    if mask is None:
        notes += _said_of_steps(file, name, key, x)
    if mask is None and not there.all():
        short = int((~there.all(axis=1)).sum())
        notes.append(
            f"steps that are all zero, in front or behind, are taken for padding ({short} of "
            f"{len(x)} samples, mean length {there.sum(axis=1).mean():.1f} of {x.shape[1]}); if "
            f"they are data, write `masks: {{{name}: null}}`"
        )
    return Modality(
        name, key, x, columns, "sequences", None if there.all() else there, tuple(notes), where,
        padding_guessed=mask is None and not there.all(),
    )  # fmt: skip


def channels_last(where: str, x: Array) -> Array:
    """Return images as ``(n, height, width, channels)``."""
    last, first = x.shape[3] in CHANNELS, x.shape[1] in CHANNELS
    if last == first:
        which = "either axis" if last else "no axis"
        raise ValueError(
            f"{where} has shape {x.shape}, where {which} can be channels ({CHANNELS[0]}, "
            f"{CHANNELS[1]} or {CHANNELS[2]}); needed: images (n, height, width, channels), or "
            "(n, features), (n, steps, features) (reshape it)"
        )
    return x if last else np.ascontiguousarray(np.moveaxis(x, 1, 3))


def _check_values(where: str, x: Array) -> None:
    """Refuse what is missing, infinite, or the same in all rows."""
    if not x.size:
        raise ValueError(f"{where} has shape {x.shape}, no values; needed: rows and features")
    if x.dtype.kind == "f":
        bad = ~np.isfinite(x.reshape(len(x), -1))
        if bad.any():
            row = int(np.flatnonzero(bad.any(axis=1))[0])
            raise ValueError(
                f"{where} has {int(bad.sum())} missing or infinite values, the first in row {row}; "
                "needed: numbers (fill them, or drop the rows)"
            )
    refuse_constant(where, x, "all")


def refuse_constant(where: str, x: Array, rows: str) -> None:
    """Refuse inputs ``(n, ...)`` that are the same in all of these rows."""
    if len(x) > 1 and (x == x[:1]).all():
        raise ValueError(
            f"{where} is constant, the same in {rows} {len(x)} rows; needed: inputs that differ "
            "(leave the modality out)"
        )


def _doubtful(x: Array) -> Iterator[str]:
    """Say what in the values may be no amounts: rows of zeros, marks of missing ones, ids."""
    flat = x.reshape(len(x), -1)
    nothing = int((~np.any(flat, axis=1)).sum())
    if nothing and x.dtype.kind == "f" and flat.shape[1] > 1:
        yield (
            f"{nothing} of {len(x)} samples are zeros only; drop these rows if the modality is "
            "missing there"
        )
    least = float(flat.min())
    if least in _MARKS and not ((flat > least) & (flat <= least / 10)).any():
        yield (
            f"{int((flat == least).sum())} values are {least:g}, far below all others; fill them, "
            "or drop the rows, if they mean 'missing'"
        )
    if x.ndim == 2 and x.dtype.kind in "iu" and np.median(flat) > _LARGE_COUNT:
        yield (
            f"whole numbers up to {flat.max()} are taken for amounts; if they are ids, of tokens "
            "or categories, embed them first"
        )


def _said_of_steps(file: Columns, name: str, key: str, x: Array) -> Iterator[str]:
    """Say where sequences may be something else, or have a mask that is not named."""
    steps, features = x.shape[1:]
    if given := [k for end in MASKS if (k := f"{key}_{end}") in file.names]:
        yield (
            f"{given[0]!r} is not used; if it has the lengths or the mask of {name}, write "
            f"`masks: {{{name}: {given[0]}}}` (or --masks {name}={given[0]})"
        )
    if steps == 1:
        yield f"taken for sequences of 1 step; write vectors as (n, {features})"
    if steps == features:
        yield (
            f"taken for sequences of {steps} steps of {features} features; write images as (n, "
            f"{steps}, {features}, 1)"
        )


def steps_of(
    file: Columns, where: str, x: Array, mask: str | bool | None
) -> tuple[Bools, list[str]]:
    """Return which steps of sequences are there, and what is doubtful in a mask that is given.

    `mask` is as for `read`, and `where` how errors name the sequences.
    """
    n, steps = x.shape[:2]
    if mask is None:
        return sequences.steps_there(x), []
    if not isinstance(mask, str):
        return np.ones((n, steps), dtype=np.bool_), []
    found, _ = file.array(mask)
    if found.shape not in ((n, 1), (n, steps)):
        raise ValueError(
            f"{where} has shape {x.shape} and its mask {mask!r} {found.shape}; needed: lengths "
            f"({n},) or a mask ({n}, {steps})"
        )
    some: Bools = np.any(x, axis=2)
    if found.shape == (n, steps) and not (steps == 1 and (found > 1).any()):
        if not np.isin(found, (0, 1)).all():
            raise ValueError(f"{where}: its mask {mask!r} has other values than 0 and 1")
        there = found != 0
        if some[~there].any() and not some[there].any():
            raise ValueError(
                f"{where}: its mask {mask!r} is 1 where all inputs are 0; needed: 1 where a step "
                "is there (write the opposite)"
            )
    else:
        lengths = found[:, 0]
        if (lengths < 0).any() or (lengths > steps).any() or (lengths != np.round(lengths)).any():
            raise ValueError(
                f"{where}: its lengths {mask!r} go from {lengths.min()} to {lengths.max()}; "
                f"needed: whole numbers from 0 to its {steps} steps"
            )
        there = np.arange(steps) < lengths[:, None]
        if (some & ~there).any() and not (some & there).any():
            raise ValueError(f"{where}: all steps within the lengths {mask!r} are 0")
    notes = []
    left_out, none = some & ~there, ~there.any(axis=1)
    if found.shape == there.shape and some[none].any():
        notes.append(
            f"{mask!r} leaves out all steps of {int(some[none].any(axis=1).sum())} samples that "
            "are not zero; if it is 1 at padding, write the opposite"
        )
    elif left_out.any() and (~some & ~there).any():  # padding is zeros, but not all that is out
        notes.append(
            f"{mask!r} leaves out {int(left_out.sum())} steps that are not zero, of "
            f"{int(left_out.any(axis=1).sum())} samples, while others are; see whether it is "
            "right"
        )
    # a sample of no step at all: the modality is missing, as in `sequences.steps_there`
    there[none, -1] = True
    return there, notes


def _said_of_columns(key: str, columns: list[str]) -> list[str]:
    """Say which columns are taken by their beginning alone, and where a number is left out."""
    stems = numbered(columns)
    if len(columns) < 2 or "*" in key:
        return []
    if sum(map(len, stems.values())) < len(columns) or len(stems) != 1:
        return [f"{key!r} is taken for all columns that begin so: {few(columns)}"]
    numbers = numbers_of(columns)
    absent = sorted(set(range(numbers[0], numbers[-1])) - set(numbers))
    if not absent:
        return []
    (stem,) = stems
    return [
        f"{key!r}: of {columns[0]} to {columns[-1]} are not there: "
        f"{few([f'{stem}{i}' for i in absent])}"
    ]
