"""The linear probe: logistic regression for classes, ridge regression for numbers."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor

from alignsweep.options import check, rule
from alignsweep.probe import logistic, ridge, scoring

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Linear:
    """Logistic regression for classes, ridge regression for numbers, fitted to a whole stack.

    Attributes
    ----------
    penalties
        L2 penalties per sample, of the logistic regression (``C = 1 / (n * penalty)`` in
        scikit-learn's terms) or, where labels are numbers, of the ridge regression
        (``alpha = n * penalty``). For each model the one with the best validation cross-entropy, or
        mean absolute error, is kept.
    """

    penalties: Annotated[
        tuple[float, ...],
        rule(
            items={"exclusiveMinimum": 0, "allowed": "a number above 0"},
            minItems=1,
            allowed="a list of numbers above 0",
        ),
    ] = (1e-4, 1e-2, 1.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "penalties", tuple(self.penalties))
        check(self)

    def fit(
        self, x: Tensor, y: Tensor, x_validation: Tensor, y_validation: Tensor, classes: int | None
    ) -> Callable[[Tensor, Tensor], Tensor]:
        """Fit with every penalty and keep, model by model, the best on validation."""
        fits = self._fits(x, y, classes)
        task = "regression" if classes is None else "classification"
        loss = scoring.LOSS[task]
        choice = torch.stack([loss(f.predict(x_validation), y_validation) for f in fits]).argmin(0)
        counts = torch.bincount(choice, minlength=len(fits)).tolist()
        logger.info(
            "penalty chosen (models): %s",
            ", ".join(f"{p:g} ({c})" for p, c in zip(self.penalties, counts, strict=True)),
        )
        rows = torch.arange(len(choice))
        parts = (
            torch.stack([getattr(f, part.name) for f in fits])[choice, rows]
            for part in dataclasses.fields(fits[0])
        )
        best: logistic.Logistic | ridge.Ridge = type(fits[0])(*parts)
        return lambda x, models: best.of(models).predict(x)

    def _fits(self, x: Tensor, y: Tensor, classes: int | None) -> list[Any]:
        """Fit with every penalty, in their order."""
        if classes is None:
            return [ridge.fit(x, y, penalty) for penalty in self.penalties]
        return logistic.path(x, y, classes, self.penalties)
