"""What makes a test score too good: samples in several splits, inputs that tell the label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.labels import Labels
from alignsweep.data.modalities import Modality

Array = NDArray[Any]
Ids = NDArray[np.int64]

#: So many rows rule out almost every feature that does not tell the label.
_FIRST_ROWS = 500
#: Rows per value, on average, from which a map of values to labels is no matter of course.
_ROWS_PER_VALUE = 3
#: Of fewer rows nothing is said.
_LEAST_ROWS = 10


class Leak(NamedTuple):
    """Something found: in which modality, as which fact with which number, and as a sentence."""

    modality: str
    fact: str
    number: int
    sentence: str


def alike(x: Array) -> Ids:
    """Return a number for each row ``(n,)``, the same where rows are identical.

    Parameters
    ----------
    x
        ``(n, ...)``; a row of zeros only is missing, and like no other.
    """
    flat = np.ascontiguousarray(x.reshape(len(x), -1))
    flat = flat + 0 if flat.dtype.kind == "f" else flat  # -0.0 is 0.0
    rows = flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1]))).ravel()
    found = np.unique(rows, return_inverse=True)[1].astype(np.int64)
    nothing = ~np.any(flat, axis=1)
    found[nothing] = len(x) + np.arange(int(nothing.sum()))
    return found


def duplicate_groups(inputs: Sequence[Array]) -> Ids:
    """Group samples that are identical in a modality, and those that are so with one of these.

    An image with five captions makes one group of five.

    Parameters
    ----------
    inputs
        Of each modality, ``(n, ...)``.

    Returns
    -------
    ndarray
        Numbers of the groups, ``(n,)``.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(inputs[0])
    edges = []
    for x in inputs:
        first, of_row = np.unique(alike(x), return_index=True, return_inverse=True)[1:]
        edges.append((np.arange(n), first[of_row.ravel()]))
    rows, columns = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def find(
    modalities: Sequence[Modality], labels: Labels, split: NDArray[np.int8], drawn: bool
) -> Iterator[Leak]:
    """Look for leaks.

    Parameters
    ----------
    modalities
        With inputs as in the file.
    labels
        Of all samples.
    split
        ``(n,)`` positions in `alignsweep.data.store.SPLITS`.
    drawn
        Whether the split is drawn, so that groups can mend it.
    """
    for modality in modalities:
        yield from _in_several_splits(modality, split, drawn)
        yield from _telling(modality, labels)
    first, second = modalities
    if first.inputs.shape == second.inputs.shape and (first.inputs == second.inputs).all():
        yield Leak(
            f"{first.name}+{second.name}", "same_inputs", len(split),
            f"{first.name} and {second.name} have the same inputs: there is nothing to align",
        )  # fmt: skip


def _in_several_splits(modality: Modality, split: NDArray[np.int8], drawn: bool) -> Iterator[Leak]:
    ids = alike(modality.inputs)
    count = int(np.isin(ids[split > 0], ids[split == 0]).sum())
    if count:
        remedy = "`group: duplicates` keeps such in one split" if drawn else "split by these rows"
        yield Leak(
            modality.name, "duplicates_across_splits", count,
            f"{modality.name}: {count} of {int((split > 0).sum())} samples of validation and test "
            f"have exactly the inputs of a training sample; {remedy}",
        )  # fmt: skip


def _telling(modality: Modality, labels: Labels) -> Iterator[Leak]:
    if modality.kind == "images" or len(labels.values) < _LEAST_ROWS:
        return
    flat = modality.inputs.reshape(len(labels.values), -1)
    found = _telling_features(flat, labels)
    if found:
        names = [_feature(modality, i) for i in found[:5]]
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        yield Leak(
            modality.name, "telling_features", len(found),
            f"{modality.name}: {', '.join(names)}{more} alone tells the label; leave it out if it "
            "was made from the label",
        )  # fmt: skip
    elif labels.classes:
        ids = alike(flat)
        distinct = len(np.unique(ids))
        if distinct <= labels.classes + 1 and tells(ids, labels.values, labels.classes, distinct):
            yield Leak(
                modality.name, "is_label", distinct,
                f"{modality.name} takes {distinct} values, each with one label: it is the label "
                "in another form",
            )  # fmt: skip


def _feature(modality: Modality, position: int) -> str:
    if len(modality.columns) > 1:
        return repr(modality.columns[position])
    place = np.unravel_index(position, modality.inputs.shape[1:])
    return f"{modality.key!r}[:, {', '.join(str(int(i)) for i in place)}]"


def _telling_features(flat: Array, labels: Labels) -> list[int]:
    """Return positions of the features that alone tell the label."""
    values, classes = labels.values, labels.classes
    if flat.shape[1] > 1:  # in rows that are repeated a value tells the row, and so its label
        first = np.unique(alike(flat), return_index=True)[1]
        flat, values = flat[first], values[first]
    n = len(flat)
    some = np.linspace(0, n - 1, min(n, _FIRST_ROWS)).astype(np.intp)
    few, few_values = flat[some], values[some]
    left = len(np.unique(few_values)) if classes else None
    return [
        i
        for i in range(flat.shape[1])
        if n >= _LEAST_ROWS
        and tells(few[:, i], few_values, left, most=len(some) - 1)
        and tells(flat[:, i], values, classes, most=n // _ROWS_PER_VALUE)
    ]


def tells(values: Array, labels: Array, classes: int | None, most: int) -> bool:
    """Whether the label is known where a value is.

    For classes, if equal values have one label, and either there are at most so many different
    values or every class is an interval of values. For numbers, if labels rise, or fall, with the
    values.

    Parameters
    ----------
    values, labels
        ``(n,)``.
    classes
        How many classes `labels` are; None for numbers.
    most
        Up to how many different values their labels are no matter of course.
    """
    order = np.lexsort((labels, values))
    v, y = values[order], labels[order]
    steps, changes = v[1:] != v[:-1], y[1:] != y[:-1]
    if not steps.any() or (changes & ~steps).any():
        return False
    if classes is None:
        slopes = np.diff(y)
        return bool((slopes >= 0).all() or (slopes <= 0).all())
    return int(changes.sum()) + 1 == classes or int(steps.sum()) + 1 <= most
