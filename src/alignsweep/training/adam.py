"""Adam over a stack, by torch's fused kernel.

The kernel is the one behind ``torch.optim.Adam(fused=True)``: results are the same to the bit. But
`torch.optim` imports torch's compiler when the first optimiser is made, which takes a second of
every job.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

BETAS, EPSILON = (0.9, 0.999), 1e-8


class Adam:
    """Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019), with torch's defaults.

    Parameters
    ----------
    weights
        What is trained, in place.
    learning_rate
        Step size.
    weight_decay
        An L2 penalty, or with `decoupled` the decay of AdamW.
    decoupled
        Whether it is AdamW.
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        learning_rate: float,
        weight_decay: float = 0.0,
        *,
        decoupled: bool = False,
    ) -> None:
        self.weights = list(weights)
        self.learning_rate, self.weight_decay, self.decoupled = (
            learning_rate,
            weight_decay,
            decoupled,
        )
        self._means = [torch.zeros_like(w) for w in self.weights]
        self._squares = [torch.zeros_like(w) for w in self.weights]
        self._steps = [torch.zeros((), device=w.device) for w in self.weights]

    @property
    def state(self) -> list[Tensor]:
        """What it remembers, beside the weights: to be copied, or written to."""
        return [*self._means, *self._squares, *self._steps]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take a step along the gradients; weights that have none stay where they are."""
        found = [(i, w.grad) for i, w in enumerate(self.weights) if w.grad is not None]
        gradients = [gradient for _, gradient in found]
        weights, means, squares, steps = (
            [every[i] for i, _ in found]
            for every in (self.weights, self._means, self._squares, self._steps)
        )
        torch._foreach_add_(steps, 1)
        kernel = torch._fused_adamw_ if self.decoupled else torch._fused_adam_
        kernel(
            weights,
            gradients,
            means,
            squares,
            [],
            steps,
            lr=self.learning_rate,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=self.weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )
