"""Data of the user's own: one file with an array per modality, labels, and perhaps a split."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.readers.columns import Columns
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.scaling import standardise
from alignsweep.data.store import SPLITS, Pairs, split_codes
from alignsweep.options import Each, Key, Seed, Share, rule

logger = logging.getLogger(__name__)

Array = NDArray[Any]
#: Other names of the splits.
SPLIT_NAMES = {s: s for s in SPLITS} | {
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
}
#: Integer labels of more different values than this are numbers, unless `task` says otherwise.
MOST_CLASSES = 20


_NAME = r"^(?!both\Z)[A-Za-z0-9_]+\Z"


def load(
    name: str | None = None,
    *,
    path: Annotated[
        str,
        rule(
            minLength=1, format="path", allowed="a file .npz, .safetensors, .parquet, .csv or .h5"
        ),
    ],
    modalities: Annotated[
        Mapping[str, str] | Sequence[str],
        rule(
            anyOf=[
                {
                    "type": "array",
                    "minItems": 2,
                    "uniqueItems": True,
                    "items": {"type": "string", "pattern": _NAME},
                },
                {
                    "type": "object",
                    "minProperties": 2,
                    "propertyNames": {"pattern": _NAME},
                    "additionalProperties": {"type": "string"},
                },
            ],
            allowed="at least two names of letters, digits and '_' (not \"both\"), as a list of "
            "keys or each with its key",
        ),
    ],
    pair: Annotated[
        str, rule(allowed="a pair of modalities, such as image-text"), Each("pairs", "{}", "all")
    ],
    label: Annotated[str, rule(minLength=1, allowed="a key of the file")],
    task: Annotated[
        Literal["classification", "regression"] | None,
        rule(allowed="classification, regression, or null to be decided by the labels"),
    ] = None,
    split: Key = None,
    validation: Share = 0.2,
    test: Share = 0.2,
    resample: Literal["split", "none"] = "split",
    seed: Seed = 0,
    group: Key = None,
) -> Pairs:
    """Read two modalities of a file.

    Parameters
    ----------
    name
        Name of the dataset; by default that of the pair.
    path
        The file. ``.npz``, ``.safetensors``, ``.h5``: arrays by name, ``(n, features)`` or
        sequences ``(n, steps, features)``. ``.csv``, ``.parquet``: columns by prefix.
    modalities
        The keys, ``[image, text]``; or names with their keys, ``{image: clip_emb, text:
        bert_emb}``. In a table a key is the prefix of the columns.
    pair
        The two modalities, such as ``image-text``; in a configuration, by default all pairs.
    label
        Key of the labels ``(n,)``: text, integers, or numbers.
    task
        ``classification``, ``regression``, or ``null``: text, booleans and integers of at most
        20 different values are classes, else numbers.
    split
        Key of a given split: ``train``, ``validation``, ``test``. With ``null`` it is drawn.
    validation, test
        Shares of the samples in a split that is drawn, within classes if there are no groups.
    resample
        Of a split that is drawn: ``split``, every seed has one of its own, so that intervals hold
        for new samples; ``none``, all seeds share one.
    seed
        Seed of the draws.
    group
        Key of groups (speakers, patients, videos) that must not cross splits; ``null`` if there
        are none.

    Returns
    -------
    Pairs
        Inputs float32, standardised by the training split; classes numbered in sorted order.

    Raises
    ------
    ValueError
        If something is missing or does not fit; one sentence that names the file and the key.
    """
    file = Columns(path)
    keys = dict(modalities) if isinstance(modalities, Mapping) else {m: m for m in modalities}
    chosen = pair.split("-")
    unknown = [m for m in chosen if m not in keys]
    if unknown or len(chosen) != 2:
        raise ValueError(f"pair is {pair!r}; allowed: two of {', '.join(keys)}, joined by '-'")
    special = [key for key in (label, split, group) if key]
    arrays = {m: _inputs(file, m, keys[m], special) for m in chosen}
    _refuse_shared(file, arrays)
    labels, classes = _labels(file, label, task)
    columns = {label: labels} | {k: _column(file, k) for k in (split, group) if k}
    _same_length(file, {m: x for m, (x, _) in arrays.items()} | columns)
    names = columns[group] if group else None
    groups = None if names is None else np.unique(names, return_inverse=True)[1]
    given = _given_split(file, split, columns[split]) if split else None
    scaling = dict.fromkeys(chosen, "features")
    resampling = Resampling("split", (None, validation, test), seed, scaling)
    sizes = resampling.numbers(len(labels))
    _check_sizes(file, sizes if given is None else np.bincount(given, minlength=3).tolist())
    inputs = {m: sequences.float32(x) for m, (x, _) in arrays.items()}
    for x in inputs.values():
        standardise(x, np.ones(len(x), dtype=np.bool_) if given is None else given == 0)
    pairs = Pairs(
        name=name or pair,
        inputs=inputs,
        labels=labels,
        split=split_codes(*sizes) if given is None else given,
        classes=len(classes) if classes else None,
        groups=None if groups is None else groups.astype(np.int64),
    )
    if given is None:
        try:
            pairs = drawn(pairs, resampling, resample)
        except ValueError as error:  # groups of which no split can be made
            raise ValueError(f"{file.path}: {error}") from error
    if names is not None:
        _check_groups(file, group, names, pairs.split)
    _check_classes(file, label, labels, classes, pairs.split)
    return pairs


def _inputs(
    file: Columns, modality: str, key: str, special: Sequence[str]
) -> tuple[Array, list[str]]:
    x, names = file.array(key, special)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"{file.path}: {key!r} has shape {x.shape}; needed: (n, features) or "
            "(n, steps, features)"
        )
    bad = ~np.isfinite(x.reshape(len(x), -1).astype(np.float64))
    if bad.any():
        row = int(np.flatnonzero(bad.any(axis=1))[0])
        raise ValueError(
            f"{file.path}: modality {modality} ({key!r}) has {int(bad.sum())} missing or infinite "
            f"values, the first in row {row}; needed: numbers (fill them, or drop the rows)"
        )
    return x, names


def _refuse_shared(file: Columns, arrays: Mapping[str, tuple[Array, list[str]]]) -> None:
    """Refuse columns that belong to both modalities, by a prefix of the other's prefix."""
    (a, (_, first)), (b, (_, second)) = arrays.items()
    shared = sorted(set(first) & set(second))
    if shared:
        raise ValueError(
            f"{file.path}: column {shared[0]!r} belongs to {a} and to {b}; needed: prefixes that "
            "no other modality's columns start with"
        )


def _column(file: Columns, key: str) -> Array:
    found = file.get(key)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise ValueError(f"{file.path}: {key!r} has shape {found.shape}; needed: (n,)")
    return found


def _labels(file: Columns, key: str, task: str | None) -> tuple[Array, list[str]]:
    """Return labels, and the names of their classes; none for numbers."""
    raw = _column(file, key)
    if raw.dtype.kind == "f":
        bad = ~np.isfinite(raw)
        if bad.any():
            raise ValueError(
                f"{file.path}: {int(bad.sum())} labels ({key!r}) are missing or infinite, the "
                f"first in row {int(np.flatnonzero(bad)[0])}; needed: a label for every row"
            )
    values = np.unique(raw)
    few = raw.dtype.kind in "iu" and len(values) <= MOST_CLASSES
    decided = task or ("classification" if raw.dtype.kind in "bUS" or few else "regression")
    logger.info("%s: %s, labels %r of %d different values", file.path, decided, key, len(values))
    if decided == "regression":
        if raw.dtype.kind not in "biuf":
            raise ValueError(
                f"{file.path}: labels {key!r} are text; needed for regression: numbers"
            )
        return raw.astype(np.float64), []
    if len(values) < 2:
        raise ValueError(f"{file.path}: labels {key!r} have one class, {values[0]!s}; needed: two")
    names = [str(v) for v in values]
    logger.info("classes: %s", ", ".join(f"{i} {n}" for i, n in enumerate(names[:50])))
    return np.searchsorted(values, raw).astype(np.int64), names


def _same_length(file: Columns, columns: Mapping[str, Array]) -> None:
    (first, x), *rest = columns.items()
    for key, y in rest:
        if len(y) != len(x):
            raise ValueError(
                f"{file.path}: {first} has {len(x)} rows and {key} {len(y)}; needed: the same"
            )


def _given_split(file: Columns, key: str, values: Array) -> NDArray[np.int8]:
    texts = [str(v).strip().lower() for v in values]
    unknown = sorted({t for t in texts if t not in SPLIT_NAMES})
    if unknown:
        raise ValueError(
            f"{file.path}: split {key!r} has {', '.join(unknown[:5])}; allowed: "
            f"{', '.join(SPLIT_NAMES)}"
        )
    return np.array([SPLITS.index(SPLIT_NAMES[t]) for t in texts], dtype=np.int8)


def _check_sizes(file: Columns, sizes: Sequence[int]) -> None:
    for split, size in zip(SPLITS, sizes, strict=True):
        if size < 1:
            raise ValueError(f"{file.path}: no sample is left for {split}; needed: more samples")


def _check_groups(file: Columns, key: str | None, groups: Array, codes: Array) -> None:
    for name in np.unique(groups):
        found = np.unique(codes[groups == name])
        if len(found) > 1:
            where = " and ".join(SPLITS[c] for c in found)
            raise ValueError(
                f"{file.path}: group {name!s} ({key!r}) is in {where}; needed: each in one split"
            )


def _check_classes(
    file: Columns, key: str, labels: Array, classes: Sequence[str], codes: Array
) -> None:
    """Every split needs samples of every class."""
    for position, split in enumerate(SPLITS):
        own = labels[codes == position]
        missing = [n for i, n in enumerate(classes) if not (own == i).any()]
        if missing:
            raise ValueError(
                f"{file.path}: class {missing[0]} of {key!r} has no sample in {split}; needed: all "
                "classes in every split (more samples, or another seed)"
            )
