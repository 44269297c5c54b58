"""Ridge regression of a whole stack at once, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ridge:
    """Fitted ridge regressions: ``weight (M, d)`` and ``bias (M,)``."""

    weight: Tensor
    bias: Tensor

    def predict(self, x: Tensor) -> Tensor:
        """Return predictions ``(M, n)`` for inputs ``(M, n, d)``."""
        return torch.einsum("mnd,md->mn", x, self.weight) + self.bias.unsqueeze(1)

    def scores(self, x: Tensor, y: Tensor) -> dict[str, Array]:
        """Score the predictions for inputs ``(M, n, d)``, see `scores`."""
        return scores(self.predict(x), y)


def fit(x: Tensor, y: Tensor, penalty: float) -> Ridge:
    """Fit a ridge regression per model.

    Minimises, for each model, ``mean_i (y_i - prediction_i)^2 + penalty * ||weight||^2`` (the bias
    is free): scikit-learn's ``Ridge(alpha=n * penalty)``.

    Parameters
    ----------
    x
        ``(M, n, d)`` float64, finite.
    y
        ``(n,)`` float64.
    penalty
        Weight of the L2 penalty, above 0.

    Raises
    ------
    ValueError
        If `penalty` is not above 0: with more columns than rows there is then no one minimiser.
    """
    if not penalty > 0:
        raise ValueError(f"penalty is {penalty}; allowed: above 0")
    mean = x.mean(dim=1, keepdim=True)
    centred, target = x - mean, y - y.mean()
    n = x.shape[1]
    gram = centred.transpose(1, 2) @ centred / n
    gram.diagonal(dim1=1, dim2=2).add_(penalty)
    moment = (centred.transpose(1, 2) @ target / n).unsqueeze(2)
    weight = torch.cholesky_solve(moment, torch.linalg.cholesky(gram))[:, :, 0]
    return Ridge(weight, y.mean() - (mean[:, 0] * weight).sum(dim=1))


def scores(predicted: Tensor, y: Tensor) -> dict[str, Array]:
    """Score predictions of a stack.

    Parameters
    ----------
    predicted
        ``(M, n)``.
    y
        ``(n,)``.

    Returns
    -------
    dict
        Metric -> ``(M,)``: ``correlation``, Pearson's, 0 where a prediction is constant;
        ``mae``, the mean absolute error, in the label's unit; and ``sign_accuracy``, the share of
        samples whose prediction has the sign of the label, labels of 0 left out (NaN if all are).
    """
    centred, target = predicted - predicted.mean(dim=1, keepdim=True), y - y.mean()
    product = centred @ target
    norms = centred.norm(dim=1) * target.norm()
    # rounding leaves a constant prediction a spread of about 1e-16 of its size
    varies = centred.norm(dim=1) > 1e-12 * predicted.norm(dim=1)
    correlation = torch.where(varies & (norms > 0), product / norms, 0.0)
    signed = y != 0
    agree = ((predicted > 0) == (y > 0))[:, signed].double()
    return {
        "correlation": correlation.numpy(),
        "mae": (predicted - y).abs().mean(dim=1).numpy(),
        "sign_accuracy": agree.mean(dim=1).numpy(),
    }
