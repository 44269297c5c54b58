"""The conventions of the public code of Huh et al. 2024 (minyoungg/platonic-rep).

They are here to compare with it.

Where this package differs on purpose:

- Neighbours there are by inner product of the inputs as given, here by cosine. (That code
normalises rows
  before it calls its metrics, after which both are the same.)
- Denominators there have 1e-6 added, which decides the value where HSIC is small; here nothing.
- Its RBF bandwidth is absolute, here in units of the median distance.
- Its SVCCA draws a random sketch without a seed, and has no counterpart here: `svcca_dim10` is
exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from alignsweep.metrics import kernels, neighbours

EPSILON = 1e-6


def _cka(x, y, *, unbiased: bool = False):  # type: ignore[no-untyped-def]
    if unbiased:
        return float(kernels.cka_debiased(x, y, epsilon=EPSILON))
    return float(kernels.cka_biased(x, y))  # the 1e-6 is lost beside sums of this size


#: name of the public function -> the same value, ``(x, y, k)`` for neighbours, else ``(x, y)``
PLATONIC: dict[str, Callable[..., float]] = {
    "mutual_knn": partial(neighbours.mutual_knn, cosine=False),
    "cycle_knn": partial(neighbours.cycle_knn, cosine=False),
    "cknna": partial(neighbours.cknna, cosine=False, epsilon=EPSILON),
    "cka": _cka,
    "unbiased_cka": partial(_cka, unbiased=True),
    "cka_rbf": partial(kernels.cka_rbf, debiased=False, epsilon=EPSILON),
    "unbiased_cka_rbf": partial(kernels.cka_rbf, epsilon=EPSILON),
}
