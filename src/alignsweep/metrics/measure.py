"""Measuring a stack of trained models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignsweep.metrics.table import METRICS

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs
    from alignsweep.models import Trained

DEFAULT = ("cka_debiased", "cka_biased", "svcca_var99", "mutual_knn_k10")


def measure_alignment(
    trained: Trained,
    pairs: Pairs,
    metrics: Sequence[str] = DEFAULT,
    *,
    split: str = "test",
    samples: int = 2048,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the alignment of the two modalities, for every model.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    metrics
        Names in `METRICS`. Each is measured on embeddings or on projections, as its `space` says.
    split, samples
        The pairs measured: the first `samples` of the split, or all if it has fewer. The number is
        the same for all models, because some metrics depend on it.
    seed
        Seed of the shuffles, for chance levels that have no closed form.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, strength, seed, split, metric, value, chance, n, diverged_at``; NaN for a
        model that diverged.
    """
    rows = pairs.rows(split)[:samples]
    finite = np.array([m.diverged_at is None for m in trained.models])
    spaces = {METRICS[name].space for name in metrics}
    represent = {"embedding": trained.embed, "projection": trained.project}
    seen = {
        space: [represent[space](m, x[rows])[finite] for m, x in pairs.inputs.items()]
        for space in spaces
    }
    frames = []
    for name in metrics:
        metric = METRICS[name]
        a, b = seen[metric.space]
        value, chance = np.full((2, len(finite)), np.nan)
        value[finite] = metric.of_stack(a, b)
        chance[finite] = [metric.chance(*ab, seed=seed) for ab in zip(a, b, strict=True)]
        frames.append(
            pd.DataFrame(
                {
                    "dataset": trained.dataset,
                    "strength": [m.strength for m in trained.models],
                    "seed": [m.seed for m in trained.models],
                    "split": split,
                    "metric": name,
                    "value": value,
                    "chance": chance,
                    "n": len(rows),
                    "diverged_at": pd.array([m.diverged_at for m in trained.models], dtype="Int64"),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
