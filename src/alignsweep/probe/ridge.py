"""Ridge regression of a whole stack at once, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ridge:
    """Fitted ridge regressions: ``weight (M, d)`` and ``bias (M,)``."""

    weight: Tensor
    bias: Tensor

    def of(self, models: Tensor) -> Ridge:
        """Return those of some of the models."""
        return Ridge(self.weight[models], self.bias[models])

    def predict(self, x: Tensor) -> Tensor:
        """Return predictions ``(M, n)`` for inputs ``(M, n, d)``."""
        return torch.einsum("mnd,md->mn", x, self.weight) + self.bias.unsqueeze(1)


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
