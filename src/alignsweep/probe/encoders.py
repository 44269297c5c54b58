"""Probing the encoders of a stack of trained models."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep import scores
from alignsweep.data.store import SPLITS, Pairs
from alignsweep.probe import scoring
from alignsweep.probe.linear import Linear
from alignsweep.sample_scores import SampleScores
from alignsweep.training.models import Trained

if TYPE_CHECKING:
    from alignsweep.probe import Probe

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]


class Probed(NamedTuple):
    """What a probe tells: the table of scores, and the headline score of every test sample."""

    table: pd.DataFrame
    samples: SampleScores


def probe_encoders(trained: Trained, pairs: Pairs, probe: Probe | None = None) -> pd.DataFrame:
    """Probe the frozen encoders of both modalities, and return the table of `probe_samples`."""
    return probe_samples(trained, pairs, probe).table


def probe_samples(trained: Trained, pairs: Pairs, probe: Probe | None = None) -> Probed:
    """Probe the frozen encoders of both modalities.

    Every seed is probed on its own draw of the data. Embeddings are standardised by the training
    split; the probe is fitted on the training split, with the validation split to choose its
    options by. Of each model's checkpoints the one with the best validation cross-entropy (mean
    absolute error) is taken, for each modality: at strength 0 as at any other.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    probe
        What is fitted; by default `Linear`.

    Returns
    -------
    Probed
        The table has columns ``dataset, alignment, strength, seed, modality, split, metric, value,
        n, fixed_epochs, epoch, learning_rate, weight_decay, steps, width, task_loss_ratio,
        diverged_at``; metrics as in `scores.OF_TASK`, `n` the samples scored, ``fixed_epochs`` the
        value at the end of training, ``epoch`` and what follows the checkpoint taken, ``steps`` all
        of training, ``width`` the embedding's, ``task_loss_ratio`` the final training loss of the
        task over that of knowing nothing. Values of a model that diverged are NaN, and
        ``diverged_at`` is the training step.
    """
    probe = probe or Linear()
    frames, samples = [], SampleScores()
    for seed, own in trained.by_seed():
        draw = pairs.draw(seed)
        labels = {s: torch.as_tensor(draw.labels[draw.rows(s)]) for s in SPLITS}
        for modality in pairs.modalities:
            found = _best(own, draw, labels, modality, probe)
            frames += _rows(own, draw, labels, modality, found)
            for m, model in enumerate(own.models):
                if model.diverged_at is None:
                    key = (own.alignment, model.strength, seed, modality)
                    samples[key] = found.per_sample[m]
    return Probed(pd.concat(frames, ignore_index=True), samples)


class _Found(NamedTuple):
    """The checkpoint taken of each of M models (its position), and the scores there and at the end.

    `taken` and `fixed` map split -> metric -> ``(M,)``; `per_sample` is ``(M, n_test)``; `width` is
    that of the embeddings.
    """

    checkpoint: NDArray[np.intp]
    taken: Mapping[str, Mapping[str, Array]]
    fixed: Mapping[str, Mapping[str, Array]]
    per_sample: Array
    width: int


def _best(
    own: Trained, draw: Pairs, labels: Mapping[str, Tensor], modality: str, probe: Probe
) -> _Found:
    """Fit a probe at every checkpoint of every model, and take the best on validation."""
    models, places = len(own.models), len(own.checkpoints)
    embedded = {}
    for s in SPLITS:
        inputs = draw.of(modality, draw.rows(s))
        at_each = [own.embed(modality, *inputs, at=c) for c in own.checkpoints]
        embedded[s] = torch.as_tensor(np.stack(at_each, axis=1)).flatten(0, 1)
    finite = torch.isfinite(embedded["train"]).all(dim=2).all(dim=1)
    x = _standardise({s: e[finite] for s, e in embedded.items()})
    every: dict[str, dict[str, Array]] = {s: {} for s in SPLITS}
    per_sample = np.full((models * places, len(labels["test"])), np.nan)
    known = finite.numpy()
    if known.any():
        fitted = (x["train"], labels["train"], x["validation"], labels["validation"])
        predict = probe.fit(*fitted, draw.classes)
        for split in SPLITS:
            predicted = predict(x[split])
            for metric, value in scoring.SCORING[draw.task](predicted, labels[split]).items():
                every[split][metric] = _spread(value, known)
            if split == "test":
                per_sample[known] = scoring.PER_SAMPLE[draw.task](predicted, labels[split])
    shape = (models, places)
    loss = every["validation"].get(scoring.CHOSEN_BY[draw.task], np.full(models * places, np.nan))
    best = np.where(np.isnan(loss), np.inf, loss).reshape(shape)[:, ::-1].argmin(axis=1)
    best = places - 1 - best  # of equal ones, the last
    best[~own.finite] = places - 1
    rows = np.arange(models)

    def at(place: NDArray[np.intp]) -> dict[str, dict[str, Array]]:
        return {
            s: {metric: v.reshape(shape)[rows, place] for metric, v in of_split.items()}
            for s, of_split in every.items()
        }

    end = np.full(models, places - 1)
    of_taken = per_sample.reshape(*shape, -1)[rows, best]
    return _Found(best, at(best), at(end), of_taken, embedded["test"].shape[-1])


def _rows(
    own: Trained, draw: Pairs, labels: Mapping[str, Tensor], modality: str, found: _Found
) -> list[pd.DataFrame]:
    """Return the rows of the table of one seed and modality."""
    gone = ~own.finite
    checkpoints = [own.checkpoints[place] for place in found.checkpoint]
    side = draw.modalities.index(modality)
    described = {
        "epoch": [c.epoch for c in checkpoints],
        "learning_rate": [c.learning_rate for c in checkpoints],
        "weight_decay": [c.weight_decay for c in checkpoints],
        "steps": own.plan.epochs * own.plan.steps,
        "width": found.width,
        "task_loss_ratio": own.history[:, -1, side] / _knowing_nothing(draw),
    }
    frames = []
    for split in SPLITS:
        for score in scores.OF_TASK[draw.task]:
            nothing = np.full(len(own.models), np.nan)
            taken, fixed = (
                np.where(gone, np.nan, part[split].get(score.name, nothing))
                for part in (found.taken, found.fixed)
            )
            columns: dict[str, object] = {"modality": modality, "split": split}
            columns |= {"metric": score.name, "value": taken, "n": len(labels[split])}
            frames.append(own.table({**columns, "fixed_epochs": fixed, **described}))
    return frames


def _knowing_nothing(draw: Pairs) -> float:
    """Return the task loss of a head that knows nothing: of equal odds, or of the median."""
    if draw.classes is not None:
        return float(np.log(draw.classes))
    labels = draw.labels[draw.rows("train")]
    return float(np.abs(labels - np.median(labels)).mean() / max(labels.std(), 1e-12))


def _spread(values: Array, known: NDArray[np.bool_]) -> Array:
    """Return values for all models, NaN where they are not known."""
    out = np.full(len(known), np.nan)
    out[known] = values
    return out


def _standardise(x: dict[str, Tensor]) -> dict[str, Tensor]:
    mean = x["train"].mean(dim=1, keepdim=True)
    scale = ((x["train"] - mean) ** 2).mean(dim=1, keepdim=True).sqrt()
    scale = torch.where(scale > 1e-12, scale, 1.0)  # a constant column stays constant, at zero
    return {split: (e - mean) / scale for split, e in x.items()}
