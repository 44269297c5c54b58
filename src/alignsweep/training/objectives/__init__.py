"""Alignment objectives, stacked: what pulls the projections of a pair together.

A new objective is a class like `Objective` in a file here, named as in the configuration, and an
entry in `OBJECTIVES`.
"""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from alignsweep.training.objectives.infonce import InfoNCE

__all__ = ["OBJECTIVES", "InfoNCE", "Objective", "make"]


class Objective(Protocol):
    """What an objective is: a small frozen dataclass of its options, called with projections."""

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the loss of each model, ``(M,)``, lower where pairs are more aligned.

        `a` and `b` are the projections of the two modalities, ``(M, features, samples)``; column i
        of both is one pair. A model's loss depends on its own projections only.
        """


#: kind of objective (as in the configuration) -> its class
OBJECTIVES: dict[str, type[Any]] = {"infonce": InfoNCE}


def make(kind: str = "infonce", **options: Any) -> Objective:
    """Make an objective from its entry in the configuration.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in OBJECTIVES:
        raise ValueError(f"objective is {kind!r}; allowed: {', '.join(OBJECTIVES)}")
    objective: Objective = OBJECTIVES[kind](**options)
    return objective
