"""Multinomial logistic regression of a whole stack at once, by Newton steps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

MAX_STEPS = 100
#: A model has converged when half its squared Newton decrement, the expected decrease, is below it.
TOLERANCE = 1e-12
#: Bytes of scratch space for a slice of models.
SCRATCH_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Logistic:
    """Fitted logistic regressions: ``weight (M, classes, d)`` and ``bias (M, classes)``."""

    weight: Tensor
    bias: Tensor

    def predict(self, x: Tensor) -> Tensor:
        """Return ln p(class | x), ``(M, n, classes)``, for inputs ``(M, n, d)``."""
        logits = x @ self.weight.transpose(1, 2) + self.bias.unsqueeze(1)
        return torch.log_softmax(logits, dim=2)


def fit(x: Tensor, y: Tensor, classes: int, penalty: float) -> Logistic:
    """Fit a multinomial logistic regression per model by damped Newton steps.

    Minimises, for each model, ``mean_i -ln p(y_i | x_i) + penalty / 2 * ||weight||^2`` (the bias is
    free): scikit-learn's ``LogisticRegression(C=1 / (n * penalty))``.

    Parameters
    ----------
    x
        ``(M, n, d)`` float64, finite.
    y
        ``(n,)`` class labels.
    classes
        Number of classes.
    penalty
        Weight of the L2 penalty, above 0.

    Returns
    -------
    Logistic
        The minimisers.

    Raises
    ------
    ValueError
        If `penalty` is not above 0: on separable data there is then no minimiser.
    """
    if not penalty > 0:
        raise ValueError(f"penalty is {penalty}; allowed: above 0")
    _, n, d = x.shape
    parameters = classes * (d + 1)
    width = max(1, SCRATCH_BYTES // (8 * (n * (d + classes) + 3 * parameters**2)))
    theta = torch.cat([_newton(part, y, classes, penalty) for part in x.split(width)])
    return Logistic(theta[:, :, :-1], theta[:, :, -1])


def _newton(x: Tensor, y: Tensor, classes: int, penalty: float) -> Tensor:
    """Return ``(M, classes, d + 1)`` coefficients, the bias last."""
    models, n, d = x.shape
    features = torch.cat([x, x.new_ones(models, n, 1)], dim=2).transpose(1, 2).contiguous()
    target = torch.nn.functional.one_hot(y, classes).to(x).T
    ridge = x.new_full((d + 1,), penalty)
    ridge[-1] = 0

    def objective(theta: Tensor) -> Tensor:
        log_p = torch.log_softmax(theta @ features, dim=1)
        return -(log_p * target).sum(dim=(1, 2)) / n + (ridge * theta**2).sum(dim=(1, 2)) / 2

    theta = x.new_zeros(models, classes, d + 1)
    value = objective(theta)
    active = torch.ones(models, dtype=torch.bool)
    for _ in range(MAX_STEPS):
        p = torch.softmax(theta @ features, dim=1)
        gradient = (p - target) @ features.transpose(1, 2) / n + ridge * theta
        step = _newton_step(features, p, gradient, ridge)
        decrement = (gradient * step).sum(dim=(1, 2))
        active = decrement / 2 > TOLERANCE
        if not active.any():
            break
        theta, value, moved = _line_search(objective, theta, value, step, decrement, active)
        if not moved.any():  # the steps left are below the resolution of the objective
            break
    else:
        logger.warning("%d of %d probes have not converged", int(active.sum()), models)
    return theta


def _newton_step(features: Tensor, p: Tensor, gradient: Tensor, ridge: Tensor) -> Tensor:
    """Solve Hessian @ step = gradient for every model."""
    models, classes, n = p.shape
    k = features.shape[1]
    hessian = features.new_empty(models, classes, k, classes, k)
    for c in range(classes):
        for other in range(c, classes):
            weight = p[:, c] * (float(c == other) - p[:, other]) / n
            block = (features * weight.unsqueeze(1)) @ features.transpose(1, 2)
            hessian[:, c, :, other] = block
            hessian[:, other, :, c] = block
    hessian = hessian.view(models, classes * k, classes * k)
    # The bias is defined up to a constant over classes, a direction in which the gradient is zero:
    # a jitter makes the system definite and leaves the minimiser where it is.
    hessian.diagonal(dim1=1, dim2=2).add_(ridge.repeat(classes) + 1e-10)
    factor = torch.linalg.cholesky(hessian)
    return torch.cholesky_solve(gradient.reshape(models, -1, 1), factor).view_as(gradient)


def _line_search(
    objective: Callable[[Tensor], Tensor],
    theta: Tensor,
    value: Tensor,
    step: Tensor,
    decrement: Tensor,
    active: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Halve the steps of active models until each decreases its objective enough (Armijo)."""
    size = active.to(theta)
    waiting = active.clone()
    for _ in range(40):
        trial = theta - size.view(-1, 1, 1) * step
        new = objective(trial)
        waiting = waiting & ~(new <= value - 1e-4 * size * decrement)
        if not waiting.any():
            break
        size = torch.where(waiting, size / 2, size)
    accepted = (active & ~waiting).view(-1, 1, 1)
    return (
        torch.where(accepted, trial, theta),
        torch.where(accepted.view(-1), new, value),
        accepted.view(-1),
    )
