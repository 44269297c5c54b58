"""Scores of a stack's predictions, by task; their names and units are in `alignsweep.scores`."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


def of_classes(log_p: Tensor, y: Tensor) -> tuple[dict[str, Array], Array]:
    """Score predictions of a stack.

    Parameters
    ----------
    log_p
        ``(M, n, classes)`` log-probabilities.
    y
        ``(n,)`` class labels.

    Returns
    -------
    tuple
        Metric -> ``(M,)``: ``accuracy``, ``cross_entropy`` in nats, and ``macro_f1``, the mean F1
        over the classes that occur in labels or predictions; and whether each sample is classified
        right, ``(M, n)``, whose mean is the accuracy.
    """
    models, _, classes = log_p.shape
    predicted = log_p.argmax(dim=2)
    confusion = torch.stack(
        [torch.bincount(y * classes + row, minlength=classes**2) for row in predicted]
    ).view(models, classes, classes)
    hits = confusion.diagonal(dim1=1, dim2=2).double()
    either = (confusion.sum(dim=1) + confusion.sum(dim=2)).double()
    f1 = torch.where(either > 0, 2 * hits / either, torch.nan)
    values = {
        "accuracy": (hits.sum(dim=1) / len(y)).numpy(),
        "cross_entropy": cross_entropy(log_p, y).numpy(),
        "macro_f1": f1.nanmean(dim=1).numpy(),
    }
    return values, (predicted == y).double().numpy()


def of_numbers(predicted: Tensor, y: Tensor) -> tuple[dict[str, Array], Array]:
    """Score predictions of a stack.

    Parameters
    ----------
    predicted
        ``(M, n)``.
    y
        ``(n,)``.

    Returns
    -------
    tuple
        Metric -> ``(M,)``: ``correlation``, Pearson's, 0 where a prediction is constant;
        ``mae``, the mean absolute error, in the label's unit; and ``sign_accuracy``, the share of
        samples whose prediction has the sign of the label, labels of 0 left out (NaN if all are);
        and each sample's part in the correlation, see `influence`.
    """
    centred, target = predicted - predicted.mean(dim=1, keepdim=True), y - y.mean()
    product = centred @ target
    norms = centred.norm(dim=1) * target.norm()
    # rounding leaves a constant prediction a spread of about 1e-16 of its size
    varies = centred.norm(dim=1) > 1e-12 * predicted.norm(dim=1)
    correlation = torch.where(varies & (norms > 0), product / norms, 0.0)
    signed = y != 0
    agree = ((predicted > 0) == (y > 0))[:, signed].double()
    values = {
        "correlation": correlation.numpy(),
        "mae": absolute_error(predicted, y).numpy(),
        "sign_accuracy": agree.mean(dim=1).numpy(),
    }
    return values, influence(predicted, y)


def cross_entropy(log_p: Tensor, y: Tensor) -> Tensor:
    """Return the mean of -ln p(own class), ``(M,)``."""
    own = log_p.gather(2, y.expand(len(log_p), -1).unsqueeze(2))
    return -own.mean(dim=(1, 2))


def absolute_error(predicted: Tensor, y: Tensor) -> Tensor:
    """Return the mean absolute error, ``(M,)``."""
    return (predicted - y).abs().mean(dim=1)


def influence(predicted: Tensor, y: Tensor) -> Array:
    """Return each sample's part in Pearson's correlation, ``(M, n)``: the mean is the correlation.

    The correlation plus the influence function of each sample, r + z_x z_y - r (z_x^2 + z_y^2) / 2
    for standardised predictions and labels, so that its variance over samples, divided by n, is
    that of the correlation to first order.
    """
    x = predicted - predicted.mean(dim=1, keepdim=True)
    target = y - y.mean()
    spread = x.pow(2).mean(dim=1, keepdim=True).sqrt()
    varies = spread > 1e-12 * predicted.abs().amax(dim=1, keepdim=True).clamp_min(1e-300)
    zx = torch.where(varies, x / spread, 0.0)
    zy = target / target.pow(2).mean().sqrt().clamp_min(1e-300)
    r = (zx * zy).mean(dim=1, keepdim=True)
    own = zx * zy - r * (zx**2 + zy**2) / 2
    return np.asarray((r + own - own.mean(dim=1, keepdim=True)).numpy())


#: task -> ``(predictions of a stack, labels) -> score -> (M,), and of each sample (M, n)``
SCORING = {"classification": of_classes, "regression": of_numbers}
#: task -> the one of them by which a probe's options are chosen, alone
LOSS = {"classification": cross_entropy, "regression": absolute_error}
#: task (or retrieval) -> the score by which checkpoints are chosen
CHOSEN_BY = {
    "classification": "cross_entropy",
    "regression": "mae",
    "retrieval": "mean_reciprocal_rank",
}
