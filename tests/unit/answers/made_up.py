"""Made-up tables of a dataset, and what follows from them."""

import numpy as np
import pandas as pd

from alignsweep.answers import recommendation
from alignsweep.selection import optimum

COLUMNS = [
    *("dataset", "alignment", "strength", "seed", "modality", "split", "metric", "value", "n"),
    "diverged_at",
]
BITS = {"redundancy": 0.6, "unique_a": 0.1, "unique_b": 0.5, "synergy": -0.1}
INFORMATION = {
    "dataset": "toy-a-b",
    "status": "estimated",
    "table": [
        {"dataset": "toy-a-b", "modality_a": "a", "modality_b": "b", "method": "discrete",
         "atom": atom, "corrected_bits": bits}
        for atom, bits in BITS.items()
    ],
}  # fmt: skip
CURVES = {
    "a": {"0": 0.5, "0.4": 0.56, "1": 0.55, "2": 0.45},
    "b": {"0": 0.5, "0.4": 0.48, "1": 0.40, "2": 0.35},
}


def table(curves=None, metric="accuracy", seeds=6, noise=0.001, n=1000):
    rng = np.random.default_rng(0)
    rows = [
        ("toy-a-b", "infonce", s, k, m, split, metric, value + rng.normal(0, noise), n, np.nan)
        for m, curve in (curves or CURVES).items()
        for s, value in curve.items()
        for k in range(seeds)
        for split in ("validation", "test")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def facts(test=1000, train=500):
    sizes = {"n_train": train, "n_validation": 500, "n_test": test}
    return pd.DataFrame(
        [{"dataset": "toy-a-b", "modality": "a+b", "fact": k, "value": v} for k, v in sizes.items()]
    )


def advise(scores, sizes=None, information=INFORMATION, chosen=None):
    gains, best = optimum.gains(scores), optimum.recommend(scores, chosen)
    return recommendation.advise(scores, gains, best, facts(**sizes or {}), information)
