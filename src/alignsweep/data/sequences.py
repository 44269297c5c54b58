"""What the loaders of sequences share: masks, cleaning, standardising, labels."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.scaling import empty, standardise
from alignsweep.data.store import SPLITS, fact
from alignsweep.options import Each

#: An option of the loaders of videos: which of the `PAIRS`.
Pair = Annotated[Literal["vision-text", "vision-audio", "audio-text"], Each("pairs", "{}")]

#: pair (as in the configuration) -> its modalities, in order
PAIRS = {
    "vision-text": ("vision", "text"),
    "vision-audio": ("vision", "audio"),
    "audio-text": ("audio", "text"),
}

log = logging.getLogger(__name__)

Bools = NDArray[np.bool_]


def modalities(pair: str) -> tuple[str, str]:
    """Return the modalities of a pair, in order; a ValueError if it is unknown."""
    if pair not in PAIRS:
        raise ValueError(f"pair is {pair!r}; allowed: {', '.join(PAIRS)}")
    return PAIRS[pair]


def steps_there(x: NDArray[Any]) -> Bools:
    """Return where a step is there, ``(n, steps)``, and where there is padding.

    Padding is rows of zeros in front of a sequence or behind it; between steps such a row is a
    step. A sample of zeros only keeps its last step.

    Parameters
    ----------
    x
        ``(n, steps, features)``.
    """
    some: Bools = np.any(x, axis=2)
    begun = np.logical_or.accumulate(some, axis=1)
    there: Bools = begun & np.logical_or.accumulate(some[:, ::-1], axis=1)[:, ::-1]
    there[~there.any(axis=1), -1] = True
    return there


def last_steps(x: NDArray[Any], steps: int) -> NDArray[Any]:
    """Cut sequences ``(n, t, features)`` to their last `steps` steps that are there, if longer."""
    length = x.shape[1]
    if length <= steps:
        return x
    end = length - steps_there(x)[:, ::-1].argmax(axis=1)
    first = np.maximum(end - steps, 0)
    return x[np.arange(len(x))[:, None], first[:, None] + np.arange(steps)]


def prepare(
    name: str, inputs: Mapping[str, NDArray[Any]], split: NDArray[np.int8]
) -> tuple[dict[str, NDArray[np.float32]], dict[str, Bools], list[dict[str, object]]]:
    """Make standardised inputs, masks and facts for `alignsweep.data.store.Pairs`.

    Parameters
    ----------
    name
        Name of the dataset, for the log.
    inputs
        Modality -> ``(n, features)``, or ``(n, steps, features)`` with 0 at padding. Arrays that
        are float32 already are changed in place, to save memory.
    split
        ``(n,)`` positions in `alignsweep.data.store.SPLITS`.

    Returns
    -------
    tuple
        Inputs in float32; a mask for each modality that has padding; per modality, the facts
        ``not_finite_values`` (set to the training mean) and, of sequences, ``missing_samples`` (of
        zeros only).
    """
    done: dict[str, NDArray[np.float32]] = {}
    masks: dict[str, Bools] = {}
    facts: list[dict[str, object]] = []
    for modality, given in inputs.items():
        x = float32(given)
        there = steps_there(x) if x.ndim == 3 else None
        missing = 0 if there is None else int(empty(x).sum())
        bad = standardise(x, split == SPLITS.index("train"), there)
        if bad:
            log.warning("%s: %s: %d values not finite; set to the mean", name, modality, bad)
        done[modality] = x
        facts.append(fact(modality, "not_finite_values", bad))
        if there is not None:
            facts.append(fact(modality, "missing_samples", missing))
            if not there.all():
                masks[modality] = there
    return done, masks, facts


def float32(x: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as float32; those beyond its range become infinite, to be cleaned."""
    with np.errstate(over="ignore"):
        return x.astype(np.float32, copy=False)


def labels(values: object, where: str) -> NDArray[np.float64]:
    """Return one number per sample, ``(n,)``.

    Parameters
    ----------
    values
        Numbers ``(n,)``, ``(n, 1)`` or ``(n, 1, 1)``.
    where
        File and split, for messages.

    Raises
    ------
    ValueError
        If there is not one number per sample, or one is NaN or infinite.
    """
    array = np.asarray(values)
    if (
        array.ndim == 0
        or array.shape[1:] not in ((), (1,), (1, 1))
        or array.dtype.kind not in "biuf"
    ):
        raise ValueError(
            f"{where}: labels are {array.dtype} {array.shape}; needed: one number per sample"
        )
    numbers = array.reshape(-1).astype(np.float64)
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        raise ValueError(f"{where}: {bad} of {len(numbers)} labels are NaN or infinite")
    return numbers
