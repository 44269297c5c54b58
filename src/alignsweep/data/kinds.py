"""The kinds of datasets, and those whose distribution is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import (
    avmnist,
    avmnist_multibench,
    digits,
    factors,
    files,
    mmmo,
    mosi,
    multibench,
    multiview,
    synthetic,
    world,
)
from alignsweep.data.store import Pairs

#: kind of dataset (as in the configuration) -> function ``(name, **options) -> Pairs``; those that
#: read files have an option ``resources``, the folder of the downloads
KINDS: dict[str, Callable[..., Pairs]] = {
    "synthetic": synthetic.generate,
    "factors": factors.generate,
    "world": world.generate,
    "digits": digits.load,
    "avmnist": avmnist.load,
    "avmnist-multibench": avmnist_multibench.load,
    "multibench": multibench.load,
    "mosi": mosi.load,
    "mmmo": mmmo.load,
    "multiview": multiview.load,
    "files": files.load,
}

#: kind of dataset whose distribution is known -> function ``(**options) -> p(a, b, y)``
EXACT_JOINTS: dict[str, Callable[..., NDArray[np.float64]]] = {
    "synthetic": synthetic.exact_joint,
}
