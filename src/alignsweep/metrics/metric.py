"""What a metric is: a value, its chance level, and the facts that tests assert."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignsweep.metrics.arrays import Array, as_array

Order = NDArray[np.intp]

ORTHOGONAL, SCALING, LINEAR, TRANSLATION = "orthogonal", "scaling", "linear", "translation"


class UndefinedError(ValueError):
    """The metric has no value for these data, or for so few rows, though the shapes fit."""


@dataclass(frozen=True)
class Metric:
    """A measure of how similar two representations ``(n, d1)`` and ``(n, d2)`` are; rows are pairs.

    Attributes
    ----------
    name
        Its name, which states its convention.
    function
        The value, from checked arrays.
    label
        Its name in figures; by default `name`.
    description
        What it is, in one line; by default the first line of `function`'s docstring.
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
    shuffled_function
        From (x, y), the value as a function of the order of the rows of y, where that is cheaper
        than `function` of the reordered y.
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
        The fewest rows it is defined for.
    variant_of
        The metric of which it is another convention, of nearly the same value; of both, figures
        draw one.
    side
        What makes of x (or y) what the functions take: by default an array.
    """

    name: str
    function: Callable[[Array, Array], Any]
    label: str = ""
    description: str = ""
    low: float = 0.0
    high: float = 1.0
    identity: float | None = 1.0
    invariances: frozenset[str] = frozenset({ORTHOGONAL, SCALING, TRANSLATION})
    chance_function: Callable[[Array, Array], float] | None = None
    shuffled_function: Callable[[Array, Array], Callable[[Order], float]] | None = None
    symmetric: bool = True
    higher_is_more_aligned: bool = True
    space: str = "embedding"
    depends_on_pairing: bool = True
    smallest_n: int = 3
    variant_of: str = ""
    side: Callable[[Any], Any] = as_array

    def __post_init__(self) -> None:
        function = getattr(self.function, "func", self.function)  # of a partial
        first, _, _ = (inspect.getdoc(function) or "").partition("\n")
        object.__setattr__(self, "label", self.label or self.name)  # the class is frozen
        object.__setattr__(self, "description", self.description or first)

    def __call__(self, x: Any, y: Any) -> float:
        """Return the value.

        Parameters
        ----------
        x, y
            ``(n, d1)`` and ``(n, d2)``, numpy arrays or torch tensors; computed in float64. Where
            several metrics of neighbours are asked for, `Searched` of them saves time.

        Raises
        ------
        ValueError
            If the shapes do not fit or a value is not finite. `UndefinedError` if there are too
            few rows, all rows of one side are equal, or the metric is not defined for these inputs.
        """
        x, y = self._check(x, y)
        return self._defined(self.function, x, y)

    def chance(self, x: Any, y: Any, *, seed: int = 0, shuffles: int = 10) -> float:
        """Return the expected value for shuffled pairs.

        Exact where there is a closed form; else the mean over `shuffles` permutations of the rows
        of y, drawn from `seed`. Raises what a call raises.
        """
        return self._defined(
            self.chance_function or partial(self._drawn, seed=seed, shuffles=shuffles),
            *self._check(x, y),
        )

    def _drawn(self, x: Array, y: Array, *, seed: int, shuffles: int) -> float:
        if self.shuffled_function is None:
            return permutation_chance(self.function, x, y, seed=seed, shuffles=shuffles)
        return _mean_over_orders(self.shuffled_function(x, y), len(y), seed, shuffles)

    def _defined(self, function: Callable[[Array, Array], Any], x: Array, y: Array) -> float:
        value = float(self._named(function, x, y))
        if not np.isfinite(value):
            raise UndefinedError(f"{self._shapes(x, y)}: the value is not defined for these inputs")
        return value

    def _named(self, function: Callable[[Array, Array], Any], x: Array, y: Array) -> Any:
        try:
            return function(x, y)
        except ValueError as error:
            kind = UndefinedError if isinstance(error, UndefinedError) else ValueError
            raise kind(f"{self._shapes(x, y)}: {error}") from error

    def _shapes(self, x: Array, y: Array) -> str:
        return f"{self.name}: x {x.shape}, y {y.shape}"

    def _check(self, x: Any, y: Any) -> tuple[Any, ...]:
        given = tuple(self.side(z) for z in (x, y))
        x, y = (as_array(z) for z in given)
        shapes = self._shapes(x, y)
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
            raise ValueError(f"{shapes}; needed: (n, d1) and (n, d2) with the same n")
        if self.space == "projection" and x.shape != y.shape:
            raise ValueError(f"{shapes}; needed: the same space, so d1 = d2")
        if len(x) < self.smallest_n:
            raise UndefinedError(f"{shapes}; needed: at least {self.smallest_n} rows")
        for side, z in (("x", x), ("y", y)):
            bad = z.size - int(np.isfinite(z).sum())
            if bad:
                raise ValueError(f"{shapes}: {bad} values of {side} are not finite")
            if (z == z[0]).all():
                raise UndefinedError(f"{shapes}: {side} has zero variance, all its rows are equal")
        return given


def permutation_chance(
    function: Callable[[Array, Array], Any], x: Array, y: Array, *, seed: int, shuffles: int = 10
) -> float:
    """Return the mean of ``function(x, shuffled y)`` over `shuffles` permutations of rows."""
    return _mean_over_orders(lambda order: function(x, y[order]), len(y), seed, shuffles)


def _mean_over_orders(value: Callable[[Order], Any], n: int, seed: int, shuffles: int) -> float:
    rng = np.random.default_rng(seed)
    return float(np.mean([value(rng.permutation(n)) for _ in range(shuffles)]))
