"""Multinomial logistic regression of a whole stack at once, by truncated Newton steps.

Each step solves a linear system in all coefficients of a model by conjugate gradients (Nash 2000),
which need products with the Hessian only. These are few, because the Hessian is close to a
Kronecker product, of the covariance of the classes' probabilities, averaged over samples, and of
the features' second moments, whose inverse is cheap: it preconditions them. A step need not be
exact, so it is found in single precision; objective and gradient, which decide where it ends, are
in double.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

MAX_STEPS = 100
#: A model has converged when half its squared Newton decrement, the expected decrease, is below it.
TOLERANCE = 1e-12
#: Curvature assumed where there may be none: of equal biases, of constant features.
JITTER = 1e-10
#: Conjugate gradients end where the residual is below this part of where it began, at most: it
#: shrinks with the gradient, so that the last steps are nearly exact.
FORCING = 0.3
MAX_PRODUCTS = 500
#: In place of 0 where 0 is divided by it.
TINY = 1e-30
#: Bytes of scratch space for a slice of models.
SCRATCH_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Logistic:
    """Fitted logistic regressions: ``weight (M, classes, d)`` and ``bias (M, classes)``."""

    weight: Tensor
    bias: Tensor

    def of(self, models: Tensor) -> Logistic:
        """Return those of some of the models."""
        return Logistic(self.weight[models], self.bias[models])

    def predict(self, x: Tensor) -> Tensor:
        """Return ln p(class | x), ``(M, n, classes)``, for inputs ``(M, n, d)``."""
        # samples last while it is computed: a softmax over a short last axis takes longer
        logits = torch.baddbmm(self.bias.unsqueeze(2), self.weight, x.transpose(1, 2))
        return torch.log_softmax(logits, dim=1).transpose(1, 2).contiguous()


def path(x: Tensor, y: Tensor, classes: int, penalties: Sequence[float]) -> list[Logistic]:
    """Fit a multinomial logistic regression per model and penalty by damped Newton steps.

    Minimises, for each model, ``mean_i -ln p(y_i | x_i) + penalty / 2 * ||weight||^2`` (the bias is
    free): scikit-learn's ``LogisticRegression(C=1 / (n * penalty))``. The largest penalty first,
    whose fit is soonest, and each fit from the last, which is near it; the minimisers do not depend
    on that.

    Parameters
    ----------
    x
        ``(M, n, d)`` float64, finite.
    y
        ``(n,)`` class labels.
    classes
        Number of classes.
    penalties
        Weights of the L2 penalty, above 0.

    Returns
    -------
    list of Logistic
        The minimisers of each penalty, in their order.

    Raises
    ------
    ValueError
        If a penalty is not above 0: on separable data there is then no minimiser.
    """
    for penalty in penalties:
        if not penalty > 0:
            raise ValueError(f"penalty is {penalty}; allowed: above 0")
    _, n, d = x.shape
    width = max(1, SCRATCH_BYTES // (12 * n * (d + 4 * classes)))
    order = sorted(range(len(penalties)), key=lambda i: -penalties[i])
    found: list[list[Tensor]] = [[] for _ in penalties]
    for part in x.split(width):
        problem = _prepared(part, y)
        theta = x.new_zeros(len(part), classes, d + 1)
        for i in order:
            theta = _newton(replace(problem, penalty=penalties[i]), theta)
            found[i].append(theta)
    return [Logistic(theta[:, :, :-1], theta[:, :, -1]) for theta in map(torch.cat, found)]


def fit(x: Tensor, y: Tensor, classes: int, penalty: float) -> Logistic:
    """Fit with one penalty, see `path`."""
    return path(x, y, classes, [penalty])[0]


def _prepared(x: Tensor, y: Tensor) -> _Problem:
    """Return what all penalties share: of wide inputs, most of the time of a fit."""
    models, n, _ = x.shape
    features = torch.cat([x, x.new_ones(models, n, 1)], dim=2).transpose(1, 2).contiguous()
    values, vectors = torch.linalg.eigh(features @ features.transpose(1, 2) / n)
    moments, basis = values.clamp_min(0).float(), vectors.float()
    return _Problem(features, features.float(), y, 0.0, moments, basis)


def _newton(problem: _Problem, theta: Tensor) -> Tensor:
    """Return ``(M, classes, d + 1)`` coefficients, the bias last, from where to start."""
    models = len(theta)
    out, left = theta.clone(), torch.arange(models)
    value, log_p = problem.objective(theta)
    for _ in range(MAX_STEPS):
        p = log_p.exp()
        gradient = problem.gradient(theta, p)
        step = problem.newton_step(p, gradient)
        decrement = (gradient * step).sum(dim=(1, 2))
        active = decrement / 2 > TOLERANCE
        if not active.all():  # those that are done take no further part
            left, problem = left[active], problem.of(active)
            theta, value, log_p, step, decrement = (
                part[active] for part in (theta, value, log_p, step, decrement)
            )
        if not len(left):
            break
        theta, value, log_p, moved = _line_search(problem, theta, value, log_p, step, decrement)
        out[left] = theta
        if not moved.any():  # the steps left are below the resolution of the objective
            break
    else:
        logger.warning("%d of %d probes have not converged", len(left), models)
    return out


@dataclass(frozen=True)
class _Problem:
    """What is minimised: ``features (M, k, n)``, the last 1, and labels ``(n,)``."""

    features: Tensor
    #: the same in single precision
    rough: Tensor
    y: Tensor
    penalty: float
    #: of the features' second moments, in single precision: eigenvalues ``(M, k)``, and
    #: eigenvectors ``(M, k, k)``
    moments: Tensor
    basis: Tensor

    def of(self, kept: Tensor) -> _Problem:
        """Return the problem of some of the models."""
        features, rough, moments, basis = (
            part[kept] for part in (self.features, self.rough, self.moments, self.basis)
        )
        return _Problem(features, rough, self.y, self.penalty, moments, basis)

    @property
    def ridge(self) -> Tensor:
        """The penalty of each feature, ``(k,)``: the bias is free."""
        ridge = self.features.new_full((self.features.shape[1],), self.penalty)
        ridge[-1] = 0
        return ridge

    def objective(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Return the objective ``(M,)`` and ln p(class | x) ``(M, classes, n)``."""
        log_p = torch.log_softmax(theta @ self.features, dim=1)
        models, _, n = log_p.shape
        own = log_p.gather(1, self.y.expand(models, 1, n))
        size = (theta[:, :, :-1] ** 2).sum(dim=(1, 2))
        return -own.mean(dim=(1, 2)) + self.penalty * size / 2, log_p

    def gradient(self, theta: Tensor, p: Tensor) -> Tensor:
        """Return the gradient of the objective, ``(M, classes, k)``."""
        models, _, n = p.shape
        own = self.y.expand(models, 1, n)
        left = p.scatter_add(1, own, p.new_full((models, 1, n), -1.0))
        return left @ self.features.transpose(1, 2) / n + self.ridge * theta

    def newton_step(self, p: Tensor, gradient: Tensor) -> Tensor:
        """Return about what solves Hessian @ step = gradient, for every model."""
        p, residual = p.float(), gradient.float()
        ridge, precondition = self.ridge.float(), self._preconditioner(p)
        step = torch.zeros_like(residual)
        direction = precondition(residual)
        size = first = (residual * direction).sum(dim=(1, 2))
        enough = first * first.sqrt().clamp(1e-4, FORCING) ** 2
        for _ in range(MAX_PRODUCTS):
            going = size > enough
            if not going.any():
                break
            product = self._times_hessian(p, direction) + ridge * direction
            curvature = (direction * product).sum(dim=(1, 2))
            length = torch.where(going, size / curvature.clamp_min(TINY), 0.0).view(-1, 1, 1)
            step = step + length * direction
            residual = residual - length * product
            again = precondition(residual)
            now = (residual * again).sum(dim=(1, 2))
            direction = (
                again
                + torch.where(going, now / size.clamp_min(TINY), 0.0).view(-1, 1, 1) * direction
            )
            size = torch.where(going, now, size)
        return step.double()

    def _times_hessian(self, p: Tensor, direction: Tensor) -> Tensor:
        own = (direction @ self.rough).mul_(p)
        own = own.addcmul_(p, own.sum(dim=1, keepdim=True), value=-1)
        return own @ self.rough.transpose(1, 2) / p.shape[2]

    def _preconditioner(self, p: Tensor) -> Callable[[Tensor], Tensor]:
        covariance = -(p @ p.transpose(1, 2)) / p.shape[2]
        covariance.diagonal(dim1=1, dim2=2).add_(p.mean(dim=2))
        own, basis = torch.linalg.eigh(covariance)
        scale = own.clamp_min(0).unsqueeze(2) * self.moments.unsqueeze(1) + (self.penalty + JITTER)

        def apply(x: Tensor) -> Tensor:
            inner = basis.transpose(1, 2) @ x @ self.basis / scale
            return basis @ inner @ self.basis.transpose(1, 2)

        return apply


def _line_search(
    problem: _Problem,
    theta: Tensor,
    value: Tensor,
    log_p: Tensor,
    step: Tensor,
    decrement: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Halve the steps of the models until each decreases its objective enough (Armijo)."""
    size = torch.ones_like(value)
    waiting = torch.ones_like(value, dtype=torch.bool)
    for _ in range(40):
        trial = theta - size.view(-1, 1, 1) * step
        new, predicted = problem.objective(trial)
        waiting = waiting & ~(new <= value - 1e-4 * size * decrement)
        if not waiting.any():
            return trial, new, predicted, ~waiting
        size = torch.where(waiting, size / 2, size)
    moved = (~waiting).view(-1, 1, 1)
    return (
        torch.where(moved, trial, theta),
        torch.where(waiting, value, new),
        torch.where(moved, predicted, log_p),
        ~waiting,
    )
