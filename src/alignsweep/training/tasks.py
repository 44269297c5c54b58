"""Losses of the task, stacked: one value per model, features first (see `stack`)."""

from __future__ import annotations

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of each model, in nats.

    Parameters
    ----------
    logits
        ``(M, classes, samples)``.
    labels
        ``(M, samples)`` integers.

    Returns
    -------
    Tensor
        ``(M,)``.
    """
    log_p = torch.log_softmax(logits, dim=1)
    return -log_p.gather(1, labels.unsqueeze(1)).mean(dim=(1, 2))


def absolute_error(predicted: Tensor, labels: Tensor) -> Tensor:
    """Return the mean absolute error (L1 loss) of each model.

    Parameters
    ----------
    predicted
        ``(M, 1, samples)``.
    labels
        ``(M, samples)`` numbers.

    Returns
    -------
    Tensor
        ``(M,)``, in the unit of the labels.
    """
    return (predicted[:, 0] - labels).abs().mean(dim=1)


#: task -> its loss
LOSSES = {"classification": cross_entropy, "regression": absolute_error}
