"""Affect datasets in the format of MultiBench: videos as sequences of vision, audio and text.

The format (Liang et al., "MultiBench", NeurIPS 2021 Datasets, arXiv 2107.07502) is a pickle
``{"train" | "valid" | "test": {"vision", "audio", "text": (n, steps, features), "labels", "id"}}``
with zeros for padding. MultiBench offers the files; none comes with this project.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.readers import pickles
from alignsweep.data.scaling import empty
from alignsweep.data.store import Pairs, fact, split_codes
from alignsweep.options import Count, Resources, rule

#: set -> (file below ``{resources}/multibench``, task)
SETS = {
    "mosei": ("mosei_senti_data.pkl", "regression"),
    "mosi": ("mosi_data.pkl", "regression"),
    "urfunny": ("humor.pkl", "classification"),
    "mustard": ("sarcasm.pkl", "classification"),
}
TASKS = ("regression", "classification")
PARTS = ("train", "valid", "test")
MODALITIES = ("vision", "audio", "text")

log = logging.getLogger(__name__)


def load(
    name: str | None = None,
    *,
    pair: sequences.Pair,
    set: Literal["mosei", "mosi", "urfunny", "mustard"] | None = None,
    file: Annotated[
        str | None,
        rule(pattern=r"^(?!/)(?!.*[.][.]).+\Z", allowed="a path below resources/"),
    ] = None,
    task: Literal["classification", "regression"] | None = None,
    steps: Count = 50,
    resources: Resources = "resources",
) -> Pairs:
    """Return two modalities of a dataset in MultiBench's format.

    Samples without text (zeros only) are dropped whatever the pair, as MultiBench does.

    Parameters
    ----------
    name
        Name of the dataset; by default ``{set or name of the file}-{pair}``.
    pair
        ``vision-text``, ``vision-audio`` or ``audio-text``.
    set
        ``mosei`` (CMU-MOSEI) or ``mosi`` (CMU-MOSI), whose labels are sentiment from -3 to 3;
        ``urfunny`` (UR-FUNNY: is it funny) or ``mustard`` (MUStARD: is it sarcastic), of two
        classes. Its file lies in ``resources/multibench``.
    file, task
        Instead of a set: another file of this format (its path below ``resources/``), and what its
        labels are, ``regression`` (numbers) or ``classification`` (above 0 against the rest).
    steps
        Steps kept of a sequence: the last ones that are there, since padding stands in front.
    resources
        Folder of the data.

    Returns
    -------
    Pairs
        Inputs ``(n, at most steps, features)`` float32, standardised by the training split, with
        masks where lengths differ. Facts: those of `sequences.prepare`, and ``dropped_samples``.

    Raises
    ------
    FileNotFoundError
        If the file is not there.
    ValueError
        If an option is unknown or the file is not in this format.
    """
    path, its_task, stem = _source(set, file, task, resources)
    wanted = sequences.modalities(pair)
    name = name or f"{stem}-{pair}"
    if steps < 1:
        raise ValueError(f"steps is {steps}; allowed: 1 and more")
    data = _keys(pickles.load(path), PARTS, str(path))
    parts: dict[str, list[NDArray[Any]]] = {modality: [] for modality in wanted}
    labels, sizes, dropped = [], [], 0
    for part in PARTS:
        arrays, numbers = _part(data.pop(part), f"{path}: {part}")  # pop: memory is freed as we go
        kept = ~empty(arrays["text"])
        missing = len(kept) - int(kept.sum())
        if missing:
            log.info(
                "%s: %d of %d samples in %s have no text; dropped", name, missing, len(kept), part
            )
        for modality in wanted:
            x = sequences.float32(sequences.last_steps(arrays.pop(modality), steps))
            parts[modality].append(x[kept] if missing else x)
        labels.append(numbers[kept])
        sizes.append(len(labels[-1]))
        dropped += missing
    split = split_codes(*sizes)
    whole = {modality: _joined(parts.pop(modality), f"{path}: {modality}") for modality in wanted}
    inputs, masks, facts = sequences.prepare(name, whole, split)
    numbers = np.concatenate(labels)
    return Pairs(
        name=name,
        inputs=inputs,
        labels=numbers if its_task == "regression" else (numbers > 0).astype(np.int64),
        split=split,
        classes=None if its_task == "regression" else 2,
        masks=masks,
        facts=[fact("+".join(wanted), "dropped_samples", dropped), *facts],
    )


def _source(
    set_: str | None, file: str | None, task: str | None, resources: str
) -> tuple[Path, str, str]:
    """Return path, task and name of the dataset that the options mean."""
    if (set_ is None) == (file is None):
        raise ValueError(f"set is {set_!r} and file {file!r}; needed: one of the two")
    if file is not None:
        if task not in TASKS:
            raise ValueError(f"file {file}: task is {task!r}; allowed: {', '.join(TASKS)}")
        return Path(resources, file), task, Path(file).stem
    if set_ not in SETS:
        raise ValueError(f"set is {set_!r}; allowed: {', '.join(SETS)}")
    known, its_task = SETS[set_]
    if task not in (None, its_task):
        raise ValueError(f"set {set_}: task is {task!r}; allowed: {its_task}")
    return Path(resources, "multibench", known), its_task, set_


def _part(data: object, where: str) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """Return the modalities of a part of the file, and its labels, checked against each other."""
    part = _keys(data, (*MODALITIES, "labels"), where)
    arrays = {}
    for modality in MODALITIES:
        x = np.asarray(part.pop(modality))
        if x.ndim != 3 or x.dtype.kind not in "biuf":
            raise ValueError(
                f"{where}: {modality} is {x.dtype} {x.shape}; "
                "needed: numbers (samples, steps, features)"
            )
        arrays[modality] = x
    labels = sequences.labels(part["labels"], where)
    sizes = {modality: len(x) for modality, x in arrays.items()} | {"labels": len(labels)}
    if "id" in part:
        sizes["id"] = len(part["id"])
    if len({*sizes.values()}) > 1:
        found = ", ".join(f"{key} {size}" for key, size in sizes.items())
        raise ValueError(f"{where}: numbers of samples differ: {found}; needed: the same")
    return arrays, labels


def _keys(data: object, needed: tuple[str, ...], where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: holds a {type(data).__name__}; needed: a dict")
    missing = [key for key in needed if key not in data]
    if missing:
        raise ValueError(
            f"{where}: no {', '.join(missing)}; found: {', '.join(map(str, data)) or 'nothing'}; "
            f"needed: {', '.join(needed)}"
        )
    return data


def _joined(parts: list[NDArray[Any]], where: str) -> NDArray[Any]:
    shapes = {x.shape[1:] for x in parts}
    if len(shapes) > 1:
        found = ", ".join(f"{part} {x.shape[1:]}" for part, x in zip(PARTS, parts, strict=True))
        raise ValueError(f"{where}: (steps, features) differ: {found}; needed: the same")
    return np.concatenate(parts)
