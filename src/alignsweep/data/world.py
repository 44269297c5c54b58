"""A world of datasets to learn from: what may decide on alignment, drawn at random for each.

In one generator what harms and what helps go together: with the published bits, less redundancy is
more nuisance. Here redundant and unique information, shared and private nuisance, noise, classes,
samples, features and form vary independently of each other; half of the datasets are bits
(`synthetic`), the rest Gaussian factors (`factors`), a fifth of which have numbers as labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np

from alignsweep.data import factors, synthetic
from alignsweep.data.checks import LABEL_BITS
from alignsweep.data.store import Pairs
from alignsweep.options import INTERNAL, Each, Samples, rule

Options = dict[str, Any]

#: Bounds of training pairs; validation is half of them, within its own bounds.
FEWEST, MOST = 100, 10_000
VALIDATION = (100, 1000)


def options(number: int) -> tuple[str, Options]:
    """Return the kind and the options of a dataset of the world.

    Parameters
    ----------
    number
        Which one; the same number is the same dataset.
    """
    rng = np.random.default_rng([number, 2511])
    kind, of_kind = ("synthetic", _bits) if rng.random() < 0.5 else ("factors", _factors)
    train = int(_log_uniform(rng, FEWEST, MOST))
    chosen = of_kind(rng) | {
        "heterogeneity": int(rng.choice([0, 0, 0, 1, 2, 4])),
        "train": train,
        "validation": int(np.clip(train // 2, *VALIDATION)),
    }
    return kind, chosen


def generate(
    name: str | None = None,
    *,
    number: Annotated[
        int, rule(minimum=0, allowed="an integer of at least 0"), Each("numbers", "{:04d}")
    ],
    test: Samples = 2048,
    resample: Literal["samples", "none"] = "samples",
    draw: Annotated[int, INTERNAL] = 0,
) -> Pairs:
    """Sample a dataset of the world.

    Parameters
    ----------
    name
        Name of the dataset; by default ``world-{number}``.
    number
        Which one, see `options`.
    test
        Pairs on which everything is reported.
    resample
        ``samples``: every seed has samples of its own; ``none``: all seeds share them.
    draw
        Which of the samples, see `Pairs.draw`.

    Returns
    -------
    Pairs
        That of `synthetic.generate` or of `factors.generate`.
    """
    kind, chosen = options(number)
    kinds: dict[str, Callable[..., Pairs]] = {
        "synthetic": synthetic.generate,
        "factors": factors.generate,
    }
    name = name or f"world-{number:04d}"
    return kinds[kind](name, **chosen, test=test, resample=resample, draw=draw)


def _bits(rng: np.random.Generator) -> Options:
    """Draw numbers of bits that fit together, and how well they determine the label."""
    while True:
        redundancy, a, b = rng.integers(0, 9, size=3).tolist()
        if 1 <= redundancy + a + b <= LABEL_BITS:
            break
    own = redundancy + max(a, b)
    bits = int(rng.integers(own, synthetic.MOST_BITS + 1))
    return {
        "redundancy": redundancy,
        "unique": (a, b),
        "nuisance": int(rng.integers(0, bits - own + 1)),
        "bits": bits,
        "temperature": _log_uniform(rng, 0.03, 0.5),
        "weights_seed": int(rng.integers(10_000)),
        "balance_tolerance": 1e-3,
    }


def _factors(rng: np.random.Generator) -> Options:
    """Draw numbers of factors, and how clearly they are seen and tell of the label."""
    while True:
        shared, a, b = rng.integers(0, 5, size=3).tolist()
        if shared + a + b:
            break
    nuisance = int(rng.integers(0, 21)) if rng.random() < 0.75 else 0
    private = tuple(rng.integers(0, 13, size=2).tolist())
    least = [shared + nuisance + u + p for u, p in zip((a, b), private, strict=True)]
    return {
        "shared": shared,
        "unique": (a, b),
        "nuisance": nuisance,
        "private": private,
        "classes": None if rng.random() < 0.2 else int(rng.choice([2, 3, 4, 6, 10, 20])),
        "separation": _log_uniform(rng, 0.4, 3),
        "loading": _log_uniform(rng, 0.5, 3),
        "noise": (_log_uniform(rng, 0.1, 1.5), _log_uniform(rng, 0.1, 1.5)),
        "features": tuple(max(n, 1) + int(_log_uniform(rng, 1, 200)) for n in least),
        "imbalance": _log_uniform(rng, 1, 10) if rng.random() < 0.5 else 1.0,
        "world_seed": int(rng.integers(10_000)),
    }


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
