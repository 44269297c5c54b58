"""How models are trained: the optimiser's options, how long, and what is kept on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

from torch import Tensor

from alignsweep.options import check, rule
from alignsweep.training.adam import Adam

Optimizer = Literal["adam", "adamw"]
#: Steps that a model may take: at a millisecond each, eleven days.
MOST_STEPS = 10**9
#: A batch shrinks before a larger share of the samples is left out of an epoch.
MOST_LEFT_OUT = 0.1


class Checkpoint(NamedTuple):
    """Which encoders: after so many epochs, trained with this learning rate and weight decay."""

    epoch: int
    learning_rate: float
    weight_decay: float


class Schedule(NamedTuple):
    """How long to train: passes over the samples, steps of a pass, pairs of a step."""

    epochs: int
    steps: int
    batch: int

    @property
    def kept(self) -> list[int]:
        """Epochs, in order, after which encoders are kept to choose from; the last is the end."""
        return sorted({max(1, round(self.epochs / part)) for part in (4, 2, 1)})


def schedule(samples: int, epochs: int, batch_size: int, min_steps: int) -> Schedule:
    """Return how long to train on so many samples.

    The batch shrinks until at most a tenth of the samples is left out of an epoch, and epochs are
    added until there are enough steps.
    """
    batch = min(batch_size, samples)
    if samples % batch > MOST_LEFT_OUT * samples:
        batch = max(2, samples // math.ceil(samples / batch))  # alignment needs negatives
    steps = samples // batch
    return Schedule(max(epochs, math.ceil(min_steps / steps)), steps, batch)


def _one_or_more(**number: float) -> list[dict[str, Any]]:
    """Return the rule of a number, or a list of such."""
    one = {"type": "number", **number}
    return [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]


@dataclass(frozen=True)
class Training:
    """How the models are trained; the same for all models of a sweep.

    Attributes
    ----------
    epochs
        Passes over the training pairs. 20 under-train and show only the harm of alignment.
    min_steps
        Steps at least: where data are few, epochs are added. 80 epochs of 1,024 pairs in batches of
        128 are 640 steps.
    batch_size
        Pairs per step, and so the number of negatives; at equal steps a strength means about the
        same for batches of 32 to 512. With fewer training pairs than this, all of them make one
        batch, and it shrinks before more than a tenth of the pairs is left out of an epoch.
    optimizer
        ``adam`` or ``adamw``.
    learning_rate
        Its step size. Several: each is tried, and for every model the best on validation is taken,
        at strength 0 as at the others.
    weight_decay
        Its weight decay (an L2 penalty with ``adam``, decoupled with ``adamw``); several likewise.
    """

    epochs: Annotated[
        int, rule(minimum=1, maximum=MOST_STEPS, allowed=f"an integer from 1 to {MOST_STEPS}")
    ] = 80
    min_steps: Annotated[
        int, rule(minimum=0, maximum=MOST_STEPS, allowed=f"an integer from 0 to {MOST_STEPS}")
    ] = 640
    batch_size: Annotated[
        int,
        rule(minimum=2, allowed="an integer of at least 2, because alignment needs negatives"),
    ] = 128
    optimizer: Optimizer = "adam"
    learning_rate: Annotated[
        float | tuple[float, ...],
        rule(anyOf=_one_or_more(exclusiveMinimum=0), allowed="a number above 0, or a list of such"),
    ] = 3e-3
    weight_decay: Annotated[
        float | tuple[float, ...],
        rule(anyOf=_one_or_more(minimum=0), allowed="a number of at least 0, or a list of such"),
    ] = 0.0

    def __post_init__(self) -> None:
        check(self)
        for name in ("learning_rate", "weight_decay"):
            value = getattr(self, name)
            object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)

    def schedule(self, samples: int) -> Schedule:
        """Return how long to train on so many samples, see `schedule`."""
        return schedule(samples, self.epochs, self.batch_size, self.min_steps)

    def variants(self) -> list[Training]:
        """Return one training per learning rate and weight decay, the first of both first."""
        rates, decays = (
            value if isinstance(value, tuple) else (value,)
            for value in (self.learning_rate, self.weight_decay)
        )
        return [
            dataclasses.replace(self, learning_rate=rate, weight_decay=decay)
            for rate in rates
            for decay in decays
        ]

    def at(self, epoch: int) -> Checkpoint:
        """Return the checkpoint after an epoch, of a training that is one variant."""
        assert not isinstance(self.learning_rate, tuple)
        assert not isinstance(self.weight_decay, tuple)
        return Checkpoint(epoch, self.learning_rate, self.weight_decay)

    def optimise(self, weights: Sequence[Tensor]) -> Adam:
        """Return the optimiser of these weights."""
        _, rate, decay = self.at(0)
        return Adam(weights, rate, decay, decoupled=self.optimizer == "adamw")
