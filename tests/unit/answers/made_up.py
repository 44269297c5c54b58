"""Made-up tables of a dataset, and what follows from them."""

import numpy as np
import pandas as pd

from alignsweep.answers import recommendation
from alignsweep.selection import optimum, uses
from alignsweep.selection.controls import Controls

COLUMNS = [
    *("dataset", "alignment", "strength", "seed", "modality", "split", "metric", "value", "n"),
    *("diverged_at", "fixed_epochs", "epoch", "width", "shared_width", "task_loss_ratio"),
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
    "a": {"0": 0.5, "0.2": 0.56, "1": 0.55, "2": 0.45},
    "b": {"0": 0.5, "0.2": 0.48, "1": 0.40, "2": 0.35},
}


def probed(rows, n):
    """Return a probe table of (strength, seed, modality, split, metric, value)."""
    named = ("toy-a-b", "infonce")
    return pd.DataFrame(
        [(*named, *row, n, np.nan, row[-1] - 0.001, 40, 8, 8, 0.5) for row in rows], columns=COLUMNS
    )


def table(curves=None, metric="accuracy", seeds=6, noise=0.001, n=1000):
    rng = np.random.default_rng(0)
    rows = [
        (s, k, m, split, metric, value + rng.normal(0, noise))
        for m, curve in (curves or CURVES).items()
        for s, value in curve.items()
        for k in range(seeds)
        for split in ("validation", "test")
    ]
    return probed(rows, n)


def controls(scores, drop):
    """Return controls of all models, which fall short of them by `drop` or more, with noise."""
    rng = np.random.default_rng(0)
    aligned = scores[scores["strength"] != "0"]
    parts = [
        aligned.assign(control=name, value=aligned["value"] - rng.normal(by, 1e-3, len(aligned)))
        for name, by in (("shuffled", 2 * drop), ("self", drop))
    ]
    return Controls(pd.concat(parts, ignore_index=True), {})


def facts(test=1000, train=500):
    known = {("a+b", "n_train"): train, ("a+b", "n_validation"): 500, ("a+b", "n_test"): test}
    known |= {(m, "components"): 8 for m in "ab"}
    return pd.DataFrame(
        [
            {"dataset": "toy-a-b", "modality": m, "fact": k, "value": v}
            for (m, k), v in known.items()
        ]
    )


def advise(scores, sizes=None, information=INFORMATION, chosen=None, controls=None, predicted=None):
    gains, best = optimum.gains(scores), optimum.recommend(scores, chosen, controls=controls)
    found = uses.uses(scores, chosen)
    return recommendation.advise(
        scores, gains, best, found, facts(**sizes or {}), information, predicted=predicted
    )
