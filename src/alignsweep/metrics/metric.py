"""What a metric is: a value, its chance level, and the facts that tests assert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ORTHOGONAL, SCALING, LINEAR, TRANSLATION = "orthogonal", "scaling", "linear", "translation"


@dataclass(frozen=True)
class Metric:
    """A measure of how similar two representations ``(n, d1)`` and ``(n, d2)`` are; rows are pairs.

    Attributes
    ----------
    name
        Its name, which states its convention.
    function
        The value, from checked arrays.
    low, high
        Its range.
    identity
        Its value for x against itself, if that is always the same.
    invariances
        What can be done to x (or y) alone without changing the value: ``"orthogonal"`` (rotations
        and reflections), ``"scaling"`` (by one positive factor), ``"linear"`` (any invertible map)
        and ``"translation"``.
    chance_function
        Exact expectation over uniformly shuffled rows of y; without one, shuffles are drawn.
    symmetric
        Whether ``metric(x, y) == metric(y, x)``.
    higher_is_more_aligned
        Which way alignment lies.
    space
        ``"embedding"``, or ``"projection"`` for metrics of a space that both modalities share:
        they need d1 = d2.
    depends_on_pairing
        Whether shuffling pairs can change it at all.
    smallest_n
        The fewest rows it can be computed from.
    batched
        Whether `function` takes leading batch axes too.
    """

    name: str
    function: Callable[[Array, Array], Any]
    low: float = 0.0
    high: float = 1.0
    identity: float | None = 1.0
    invariances: frozenset[str] = frozenset({ORTHOGONAL, SCALING, TRANSLATION})
    chance_function: Callable[[Array, Array], float] | None = None
    symmetric: bool = True
    higher_is_more_aligned: bool = True
    space: str = "embedding"
    depends_on_pairing: bool = True
    smallest_n: int = 3
    batched: bool = False

    def __call__(self, x: Any, y: Any) -> float:
        """Return the value.

        Parameters
        ----------
        x, y
            ``(n, d1)`` and ``(n, d2)``, numpy arrays or torch tensors; computed in float64.

        Raises
        ------
        ValueError
            If the shapes do not fit, n is too small, a value is not finite, all rows of one side
            are equal, or the metric is not defined for these inputs.
        """
        x, y = self._check(x, y)
        value = float(self.function(x, y))
        if not np.isfinite(value):
            raise ValueError(f"{self._shapes(x, y)}: the value is not defined for these inputs")
        return value

    def of_stack(self, x: Any, y: Any) -> Array:
        """Return the values of M models, ``(M,)``, from ``(M, n, d1)`` and ``(M, n, d2)``."""
        pairs = [self._check(one, other) for one, other in zip(x, y, strict=True)]
        if self.batched and pairs:
            xs, ys = (np.stack(side) for side in zip(*pairs, strict=True))
            values = np.asarray(self.function(xs, ys), dtype=np.float64)
            if not np.isfinite(values).all():
                raise ValueError(
                    f"{self._shapes(xs, ys)}: the value is not defined for some models"
                )
            return values
        return np.array([self(one, other) for one, other in pairs], dtype=np.float64)

    def chance(self, x: Any, y: Any, *, seed: int = 0, shuffles: int = 10) -> float:
        """Return the expected value for shuffled pairs.

        Exact where there is a closed form; else the mean over `shuffles` permutations of the rows
        of y, drawn from `seed`.
        """
        x, y = self._check(x, y)
        if self.chance_function is not None:
            return float(self.chance_function(x, y))
        return permutation_chance(self.function, x, y, seed=seed, shuffles=shuffles)

    def _shapes(self, x: Array, y: Array) -> str:
        return f"{self.name}: x {x.shape}, y {y.shape}"

    def _check(self, x: Any, y: Any) -> tuple[Array, Array]:
        x, y = (as_array(side) for side in (x, y))
        shapes = self._shapes(x, y)
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
            raise ValueError(f"{shapes}; needed: (n, d1) and (n, d2) with the same n")
        if self.space == "projection" and x.shape != y.shape:
            raise ValueError(f"{shapes}; needed: the same space, so d1 = d2")
        if len(x) < self.smallest_n:
            raise ValueError(f"{shapes}; needed: at least {self.smallest_n} rows")
        for side, z in (("x", x), ("y", y)):
            bad = z.size - int(np.isfinite(z).sum())
            if bad:
                raise ValueError(f"{shapes}: {bad} values of {side} are not finite")
            if np.ptp(z, axis=0).max(initial=0) == 0:
                raise ValueError(f"{shapes}: {side} has zero variance, all its rows are equal")
        return x, y


def permutation_chance(
    function: Callable[[Array, Array], Any], x: Array, y: Array, *, seed: int, shuffles: int = 10
) -> float:
    """Return the mean of ``function(x, shuffled y)`` over `shuffles` permutations of rows."""
    rng = np.random.default_rng(seed)
    return float(np.mean([function(x, rng.permutation(y)) for _ in range(shuffles)]))


def as_array(x: Any) -> Array:
    """Return a numpy float64 array from numpy or torch, on any device."""
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    return np.asarray(x, dtype=np.float64)


def centre(x: Array) -> Array:
    """Subtract the column means of ``(..., n, d)``."""
    return np.asarray(x - x.mean(axis=-2, keepdims=True))


def unit_rows(x: Array) -> Array:
    """Divide rows by their length; rows of length zero stay zero."""
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.asarray(x / np.where(norm > 0, norm, 1))
