"""The conventions of the public code of Huh et al. 2024 (minyoungg/platonic-rep).

They are here to compare with it. Where this package differs on purpose:

- Neighbours there are by inner product of the inputs as given, here by cosine. (That code
  normalises rows before it calls its metrics, after which both are the same.)
- Denominators there have 1e-6 added, which decides the value where HSIC is small; here nothing.
- Its RBF bandwidth is absolute, here in units of the median distance.
- Its SVCCA draws a random sketch without a seed, and has no counterpart here: `svcca_dim10` is
  exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from alignsweep.metrics import kernels, neighbours
from alignsweep.metrics.metric import Metric

EPSILON = 1e-6
SMALLEST_N = 4  # of unbiased HSIC


def _kernel(name: str, function: Callable[..., Any]) -> Callable[..., float]:
    def value(x: Any, y: Any, **options: Any) -> float:
        metric = Metric(f"platonic {name}", partial(function, **options), smallest_n=SMALLEST_N)
        return metric(x, y)

    return value


def _neighbour(name: str, function: Callable[..., Any]) -> Callable[..., float]:
    def value(x: Any, y: Any, k: int, **options: Any) -> float:
        checked = partial(function, k=k, cosine=False, **options)
        return Metric(f"platonic {name}", checked, smallest_n=max(k + 1, SMALLEST_N))(x, y)

    return value


#: name of the public function -> the same value, ``(x, y, k)`` for neighbours, else ``(x, y)``;
#: inputs are checked as by `Metric`
PLATONIC: dict[str, Callable[..., float]] = {
    "mutual_knn": _neighbour("mutual_knn", neighbours.mutual_knn),
    "cycle_knn": _neighbour("cycle_knn", neighbours.cycle_knn),
    "cknna": _neighbour("cknna", partial(neighbours.cknna, epsilon=EPSILON)),
    "cka": _kernel("cka", kernels.cka_biased),  # the 1e-6 is lost beside sums of this size
    "unbiased_cka": _kernel("unbiased_cka", partial(kernels.cka_debiased, epsilon=EPSILON)),
    "cka_rbf": _kernel("cka_rbf", partial(kernels.cka_rbf, debiased=False, epsilon=EPSILON)),
    "unbiased_cka_rbf": _kernel("unbiased_cka_rbf", partial(kernels.cka_rbf, epsilon=EPSILON)),
}
