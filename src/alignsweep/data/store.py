"""The one form every dataset has, in memory (`Pairs`) and on disk (safetensors)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignsweep import damage
from alignsweep.data.resampling import Resampling, stratified
from alignsweep.data.scaling import Standardised
from alignsweep.data.tensors import TensorFile, save_tensors

#: What inputs are: in memory, in a file, or standardised as they are read.
Inputs = NDArray[Any] | Standardised

SPLITS = ("train", "validation", "test")
#: So many rows show the spread of the inputs.
ENOUGH_ROWS = 1000
#: Values that are checked at once.
CHECKED_VALUES = 2**22


@dataclass(frozen=True)
class Pairs:
    """Paired samples of two modalities, with labels and a split.

    Attributes
    ----------
    name
        Name of the dataset, ``{source}-{variant}``.
    inputs
        Modality name -> array ``(n, ...)``, in the order (a, b). Row i of both is one sample. Large
        ones may be in a file, or be standardised as they are read (`Standardised`).
    labels
        ``(n,)`` integer class labels, ``0 .. classes - 1``; or numbers (float64), for regression.
    split
        ``(n,)`` positions in `SPLITS`.
    classes
        Number of classes; None if the labels are numbers.
    masks
        Modality -> ``(n, steps)`` bool, for sequences ``(n, steps, features)`` of different
        lengths: True where a step is there, False where it is padding. Inputs are 0 at padding.
    facts
        What is known about the dataset beyond its samples, as rows
        ``{"modality": ..., "fact": ..., "value": ...}``; the modality of a fact about the pair
        is ``"a+b"`` with the modalities' names.
    groups
        ``(n,)`` numbers of the groups (speakers, videos) that samples belong to; None if samples
        are independent. Groups do not cross splits.
    resampling
        How the data of a seed are drawn (`draw`); None: they are these for every seed.

    Raises
    ------
    ValueError
        If the parts do not fit together, a value is not finite, or a split is empty.
    """

    name: str
    inputs: Mapping[str, Inputs]
    labels: NDArray[np.int64] | NDArray[np.float64]
    split: NDArray[np.int8]
    classes: int | None
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    facts: list[dict[str, object]] = field(default_factory=list)
    groups: NDArray[np.int64] | None = None
    resampling: Resampling | None = None

    def __post_init__(self) -> None:
        n = len(self.labels)
        if len(self.inputs) != 2:
            raise ValueError(f"{self.name}: a pair has two modalities, not {len(self.inputs)}")
        for modality, x in self.inputs.items():
            if len(x) != n:
                raise ValueError(f"{self.name}: {modality} has {len(x)} rows, labels {n}")
            if bad := _not_finite(x):
                raise ValueError(f"{self.name}: {modality} has {bad} values that are not finite")
        if self.labels.shape != (n,) or self.split.shape != (n,):
            raise ValueError(f"{self.name}: labels and split must both have shape ({n},)")
        if self.groups is not None and self.groups.shape != (n,):
            raise ValueError(f"{self.name}: groups must have shape ({n},)")
        if not np.isin(self.split, range(len(SPLITS))).all():
            raise ValueError(f"{self.name}: split must be 0, 1 or 2: {', '.join(SPLITS)}")
        self._check_labels()
        for modality, mask in self.masks.items():
            if mask.dtype != np.bool_ or mask.shape != self.inputs[modality].shape[:2]:
                raise ValueError(
                    f"{self.name}: the mask of {modality} is {mask.dtype} {mask.shape}; "
                    f"needed: bool {self.inputs[modality].shape[:2]}"
                )
            if not mask.any(axis=1).all():
                raise ValueError(f"{self.name}: a sample of {modality} has no step at all")
        for position, split in enumerate(SPLITS):
            if not (self.split == position).any():
                raise ValueError(f"{self.name}: the {split} split is empty")

    def _check_labels(self) -> None:
        if self.classes is None:
            bad = int((~np.isfinite(self.labels)).sum())
            if bad:
                raise ValueError(f"{self.name}: {bad} labels are not finite")
        elif not np.issubdtype(self.labels.dtype, np.integer):
            raise ValueError(f"{self.name}: class labels must be integers, not {self.labels.dtype}")
        elif len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < self.classes:
            raise ValueError(f"{self.name}: labels must lie in 0 .. {self.classes - 1}")

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "regression" if self.classes is None else "classification"

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the two modalities, in order."""
        return tuple(self.inputs)

    def rows(self, split: str) -> NDArray[np.intp]:
        """Row numbers of a split ("train", "validation" or "test")."""
        return np.flatnonzero(self.split == SPLITS.index(split))

    def sample(self, split: str, size: int, seed: int) -> NDArray[np.intp]:
        """Return row numbers of a random part of a split, in a random order.

        The order of a file must decide nothing: rows are drawn from `seed`, and classes keep their
        shares, each at least one row. All rows if there are not more than `size`.
        """
        rows = self.rows(split)
        classes = self.labels[rows] if self.classes else None
        return rows[stratified(classes, len(rows), size, np.random.default_rng(seed))]

    @cached_property
    def digest(self) -> str:
        """Digest of the samples, and of how those of a seed are drawn."""
        found = hashlib.sha256(repr((self.name, self.classes, self.resampling)).encode())
        groups = {} if self.groups is None else {"groups": self.groups}
        arrays = {"labels": self.labels, "split": self.split, **groups, **self.inputs, **self.masks}
        for name, x in arrays.items():
            found.update(f"{name} {x.dtype} {x.shape}".encode())
            for rows in _blocks(x):
                found.update(np.ascontiguousarray(x[rows]).data)
        return found.hexdigest()

    def draw(self, seed: int) -> Pairs:
        """Return the data of a seed, see `Resampling`; without one, these for every seed."""
        return self if self.resampling is None else self.resampling.draw(self, seed)

    @property
    def resample(self) -> str:
        """How the data of seeds differ: by split, choice or samples; or ``"none"``."""
        return "none" if self.resampling is None else self.resampling.how

    def of(
        self, modality: str, rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
        """Return inputs and mask of some rows of a modality; the mask is None if it has none."""
        mask = self.masks.get(modality)
        return self.inputs[modality][rows], None if mask is None else mask[rows]

    def vectors(self, modality: str, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return some rows of a modality as plain vectors ``(n, d)``, for methods that need these.

        Inputs are flattened; but where a mask says that lengths differ, so that positions mean
        little, a sample becomes mean and standard deviation over its steps.
        """
        inputs, mask = self.of(modality, rows)
        x = inputs.astype(np.float64)
        if mask is None:
            return x.reshape(len(x), -1)
        there = mask[:, :, None]
        mean = x.mean(axis=1, where=there)
        return np.concatenate([mean, x.std(axis=1, where=there)], axis=1)


def _not_finite(x: Inputs) -> int:
    """Return how many values are not finite, reading some rows at a time."""
    if isinstance(x, Standardised):
        return 0  # it leaves none
    parts = (x[rows] for rows in _blocks(x))
    return sum(part.size - int(np.count_nonzero(np.isfinite(part))) for part in parts)


def _blocks(x: Inputs) -> Iterator[slice]:
    """Yield rows, so many at a time that they need little memory."""
    rows = max(1, CHECKED_VALUES // max(1, x[:1].size))
    return (slice(start, start + rows) for start in range(0, len(x), rows))


def fact(modality: str, name: str, value: float) -> dict[str, object]:
    """Return one row of `Pairs.facts`."""
    return {"modality": modality, "fact": name, "value": float(value)}


def summary(pairs: Pairs) -> list[dict[str, object]]:
    """Return rows of ``facts.csv``: sizes (of a seed's data), classes, and facts of the dataset."""
    pairs, pair = pairs.draw(0), "+".join(pairs.modalities)
    rows = [fact(pair, f"n_{split}", len(pairs.rows(split))) for split in SPLITS]
    if pairs.classes is not None:
        rows.append(fact(pair, "classes", pairs.classes))
    if pairs.groups is not None:
        rows.append(fact(pair, "groups", len(np.unique(pairs.groups))))
    rows += [fact(m, "mean_steps", mask.sum(axis=1).mean()) for m, mask in pairs.masks.items()]
    rows += [fact(m, "components", _components(pairs, m)) for m in pairs.modalities]
    return [{"dataset": pairs.name, **row} for row in [*rows, *pairs.facts]]


def _components(pairs: Pairs, modality: str) -> int:
    """Return how many principal components hold nine tenths of the variance of the inputs."""
    x = pairs.vectors(modality, pairs.sample("train", ENOUGH_ROWS, seed=0))
    variance = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    return int(np.searchsorted(variance.cumsum(), 0.9 * variance.sum()) + 1)


def save(pairs: Pairs, path: str | Path) -> None:
    """Write `pairs` to a safetensors file; names, classes and facts go into its header."""
    header = {
        "name": pairs.name,
        "modalities": list(pairs.modalities),
        "classes": pairs.classes,
        "facts": pairs.facts,
        "resampling": None if pairs.resampling is None else vars(pairs.resampling),
    }
    tensors: dict[str, NDArray[Any]] = {f"inputs.{m}": x[:] for m, x in pairs.inputs.items()}
    tensors |= {f"masks.{m}": x for m, x in pairs.masks.items()}
    tensors |= {"labels": pairs.labels, "split": pairs.split}
    tensors |= {} if pairs.groups is None else {"groups": pairs.groups}
    save_tensors(tensors, path, header)


def load(path: str | Path, name: str | None = None, *, inputs: bool = True) -> Pairs:
    """Read what `save` wrote.

    Inputs stay in the file until rows of them are read. Without `inputs` they have no features:
    what is left tells labels, splits and groups.

    Raises
    ------
    DamagedError
        If the file is another one, is not what was written, or is not of the dataset `name`.
    """
    file = TensorFile(path)
    with damage.reading(path):
        found = _read(file, inputs)
    if name not in (None, found.name):
        raise damage.DamagedError(path, f"is of dataset {found.name}, and stands for {name}")
    return found


def _read(file: TensorFile, inputs: bool) -> Pairs:
    header, labels = file.header, file.get("labels")
    nothing = np.empty((len(labels), 0), dtype=np.float32)
    found: dict[str, Inputs] = dict.fromkeys(header["modalities"], nothing)
    if inputs:
        found = {m: file.mapped(f"inputs.{m}") for m in header["modalities"]}
    masked = [m for m in header["modalities"] if inputs and f"masks.{m}" in file.names]
    return Pairs(
        name=header["name"],
        inputs=found,
        labels=labels,
        split=file.get("split"),
        classes=header["classes"],
        masks={m: file.get(f"masks.{m}") for m in masked},
        facts=header["facts"],
        groups=file.get("groups") if "groups" in file.names else None,
        resampling=_resampling(header["resampling"]),
    )


def _resampling(header: dict[str, Any] | None) -> Resampling | None:
    if header is None:
        return None
    return Resampling(**{**header, "sizes": tuple(header["sizes"])})


def split_codes(train: int, validation: int, test: int) -> NDArray[np.int8]:
    """Return split positions for consecutive blocks of the given sizes."""
    return np.repeat(np.arange(3, dtype=np.int8), [train, validation, test])
