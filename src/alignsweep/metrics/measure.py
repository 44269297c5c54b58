"""Measuring a stack of trained models."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.metrics.arrays import Array
from alignsweep.metrics.metric import Metric, UndefinedError
from alignsweep.metrics.table import METRICS

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs
    from alignsweep.models import Model, Trained

logger = logging.getLogger(__name__)

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
        model that diverged, and with a warning where a metric is not defined for a model, such as
        one whose embedding collapsed.
    """
    rows = pairs.rows(split)[:samples]
    finite = np.array([m.diverged_at is None for m in trained.models])
    models = [m for m in trained.models if m.diverged_at is None]
    spaces = {METRICS[name].space for name in metrics}
    represent = {"embedding": trained.embed, "projection": trained.project}
    seen = {
        space: [represent[space](m, *pairs.of(m, rows))[finite] for m in pairs.modalities]
        for space in spaces
    }
    frames = []
    for name in metrics:
        metric = METRICS[name]
        a, b = seen[metric.space]
        value, chance = np.full((2, len(finite)), np.nan)
        value[finite], chance[finite] = _value_and_chance(metric, models, a, b, seed)
        columns = {"split": split, "metric": name, "value": value, "chance": chance, "n": len(rows)}
        frames.append(tables.per_model(trained, columns))
    return pd.concat(frames, ignore_index=True)


def _value_and_chance(
    metric: Metric, models: Sequence[Model], x: Array, y: Array, seed: int
) -> tuple[Array, Array]:
    undefined: dict[int, UndefinedError] = {}
    values = metric.of_stack(x, y, undefined=undefined)
    chances = np.full(len(models), np.nan)
    for m in range(len(models)):
        if m not in undefined:
            try:
                chances[m] = metric.chance(x[m], y[m], seed=seed)
            except UndefinedError as error:
                undefined[m] = error
    for m, why in sorted(undefined.items()):
        model = models[m]
        logger.warning(
            "no %s at strength %s, seed %s: %s", metric.name, model.strength, model.seed, why
        )
    return values, chances
