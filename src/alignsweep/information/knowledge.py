"""What a, b and both together tell of the label, for a linear model and for a small network.

Scores are accuracy, or correlation where labels are numbers; bits are the mean log2 of how much
likelier a model makes the true label than its frequency does (for numbers, with Gaussian errors):
lower bounds of the mutual information. All of it is held out: linear models in turn, networks on a
part that none of its training saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import stdtrit

from alignsweep.baseline import fits
from alignsweep.data.resampling import Resampling
from alignsweep.data.store import Pairs
from alignsweep.probe import scoring
from alignsweep.probe.encoders import probe_samples
from alignsweep.scores import FUSED, HEADLINES, UNIMODAL
from alignsweep.training import sweep
from alignsweep.training.encoders.mlp import MLP

Array = NDArray[np.float64]
Labels = NDArray[Any]

#: Samples left out in turn.
FOLDS = 3
#: Networks, each with a split of its own: share of validation and of test.
NETWORKS, VALIDATION, TEST = 3, 0.15, 0.25
NETWORK = MLP((64,), 16)
TRAINING = sweep.Training(epochs=40)


@dataclass(frozen=True)
class Known:
    """What a model tells of the label, each with its 95 % interval ``(value, low, high)``.

    Attributes
    ----------
    score
        Held-out accuracy or correlation.
    bits
        Held-out information, not below 0.
    gap
        By how much the score of training samples is higher.
    """

    score: tuple[float, float, float]
    bits: tuple[float, float, float]
    gap: tuple[float, float, float]


def folds(y: Labels, classes: int | None, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the fold of every sample ``(n,)``, drawn within classes."""
    order = rng.permutation(len(y))
    if classes is not None:
        order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), dtype=np.intp)
    fold[order] = np.arange(len(y)) % FOLDS
    return fold


def linear(
    x: Array | Sequence[Array], y: Labels, classes: int | None, fold: NDArray[np.intp]
) -> Known:
    """Fit logistic (or ridge) regressions, and predict every fold by the others.

    Parameters
    ----------
    x
        ``(n, d)``; or one such for each fold, made without it.
    y
        ``(n,)`` labels.
    classes
        Number of classes; None: numbers.
    fold
        ``(n,)``, see `folds`. The penalty is that with the best predictions.
    """
    of_fold = [x] * FOLDS if isinstance(x, np.ndarray) else x
    task = "regression" if classes is None else "classification"
    held: list[list[torch.Tensor]] = []
    trained: list[list[float]] = []
    for k in range(FOLDS):
        own = [torch.as_tensor(of_fold[k][rows])[None] for rows in (fold != k, fold == k)]
        known = torch.as_tensor(y[fold != k])
        found = list(fits(own[0], y[fold != k], classes))
        held.append([f(own[1]) for f in found])
        trained.append([_score(scoring.SCORING[task](f(own[0]), known)[0]) for f in found])
    order = np.concatenate([np.flatnonzero(fold == k) for k in range(FOLDS)])
    labels = torch.as_tensor(y[order])
    by_penalty = [torch.cat(parts, dim=1) for parts in zip(*held, strict=True)]
    best = int(np.argmin([float(scoring.LOSS[task](p, labels)) for p in by_penalty]))
    _, samples = scoring.SCORING[task](by_penalty[best], labels)
    score = _over_samples(samples[0])
    of_training = float(np.mean([own[best] for own in trained]))
    gap = (of_training - score[0], of_training - score[2], of_training - score[1])
    told = _told(by_penalty[best][0].numpy(), y[order], classes)
    low, high = (max(0.0, v) for v in _over_samples(told)[1:])
    return Known(score, (max(0.0, float(told.mean())), low, high), gap)


def network(pairs: Pairs, seed: int) -> dict[str, Known]:
    """Train small networks without alignment, and probe them, alone and together.

    Parameters
    ----------
    pairs
        Vectors of both modalities; the split is drawn anew, for each network.
    seed
        Seed of the first network.

    Returns
    -------
    dict
        Modality -> what is known; ``a+b`` from both networks' embeddings.
    """
    sizes = (None, VALIDATION, TEST)
    how = Resampling("split", sizes, seed, dict.fromkeys(pairs.modalities, "features"))
    drawn = Pairs(**{**vars(pairs), "resampling": how})
    seeds = range(seed, seed + NETWORKS)
    trained = sweep.train(drawn, ["0"], seeds, encoder=NETWORK, training=TRAINING, device="cpu")
    table = probe_samples(trained, drawn, uses=(UNIMODAL, FUSED)).table
    values = table.pivot_table("value", ["modality", "seed"], ["split", "metric"])
    named = next(h for h in HEADLINES if h in values["test"])
    out = {}
    for modality, own in values.groupby(level="modality"):
        test, train = own["test"], own["train"]
        if drawn.classes is None:
            bits = -0.5 * np.log2(1 - test["correlation"].clip(0, 0.9999) ** 2)
        else:
            bits = (_entropy(drawn.labels) - test["cross_entropy"]) / np.log(2)
        score, told, gap = (
            _over_seeds(v.to_numpy()) for v in (test[named], bits, train[named] - test[named])
        )
        out[str(modality)] = Known(score, (max(0, told[0]), max(0, told[1]), max(0, told[2])), gap)
    return out


def _score(values: Mapping[str, Array]) -> float:
    return float(next(values[h][0] for h in HEADLINES if h in values))


def _told(predicted: Array, y: Labels, classes: int | None) -> Array:
    """Return log2 of how much likelier each label is for a prediction than by its frequency."""
    if classes is None:
        error = ((y - predicted) ** 2).mean()
        spread = max(y.var(), 1e-12)
        by_model = np.log(error) + (y - predicted) ** 2 / error
        by_frequency = np.log(spread) + (y - y.mean()) ** 2 / spread
        return np.asarray((by_frequency - by_model) / (2 * np.log(2)))
    share = np.bincount(y, minlength=classes) / len(y)
    return np.asarray((predicted[np.arange(len(y)), y] - np.log(share[y])) / np.log(2))


def _entropy(y: Labels) -> float:
    share = np.bincount(y) / len(y)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def _over_samples(values: Array) -> tuple[float, float, float]:
    """Return the mean and its 95 % interval over samples."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) / np.sqrt(len(values))
    return mean, mean - half, mean + half


def _over_seeds(values: Array) -> tuple[float, float, float]:
    """Return the mean and its 95 % t interval over networks that trained to the end."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return (float(values.mean()) if len(values) else np.nan, np.nan, np.nan)
    half = stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)
