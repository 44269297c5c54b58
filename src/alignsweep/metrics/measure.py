"""Measuring a stack of trained models."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd

from alignsweep.data.store import Pairs
from alignsweep.metrics.arrays import Array
from alignsweep.metrics.metric import Metric, UndefinedError
from alignsweep.metrics.table import METRICS
from alignsweep.options import Samples, Seed, rule

if TYPE_CHECKING:
    from alignsweep.training.models import Model, Trained
else:  # `options.describe` looks hints up, but figures read `METRICS` where there is no torch
    Trained = Any

logger = logging.getLogger(__name__)

DEFAULT = ("cka_debiased", "cka_biased", "svcca_var99", "mutual_knn_k10")

Names = Annotated[
    Sequence[str],
    rule(
        items=lambda: {"enum": list(METRICS)},
        minItems=1,
        uniqueItems=True,
        allowed="a list of different alignment metrics",
    ),
]


def measure_alignment(
    trained: Trained,
    pairs: Pairs,
    *,
    names: Names = DEFAULT,
    samples: Samples = 2048,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Measure the alignment of the two modalities on the test split, for every model.

    Each metric is measured on embeddings or on projections, as its `Metric.space` says.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    names
        Which metrics, in which order. The first one is the axis of the figure of accuracy against
        alignment.
    samples
        Test pairs measured, drawn at random within classes; the same for every model, because
        several metrics, and their chance levels, depend on the number.
    seed
        Seed of that draw, and of the shuffles that give the chance level of metrics without a
        closed form.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, strength, seed, split, metric, value, chance, n,
        diverged_at``; NaN for a model that diverged, and with one warning per metric where it is
        not defined: for a model, such as one whose embedding collapsed, or for so few pairs.
    """
    rows = pairs.sample("test", samples, seed)
    finite = np.array([m.diverged_at is None for m in trained.models])
    models = [m for m in trained.models if m.diverged_at is None]
    represent = {"embedding": trained.embed, "projection": trained.project}
    seen = {
        space: [represent[space](m, *pairs.of(m, rows))[finite] for m in pairs.modalities]
        for space in {METRICS[name].space for name in names}
    }
    frames = []
    for name in names:
        metric = METRICS[name]
        x, y = seen[metric.space]
        value, chance = np.full((2, len(finite)), np.nan)
        value[finite], chance[finite] = _value_and_chance(metric, models, x, y, seed)
        columns: dict[str, object] = {"split": "test", "metric": name, "value": value}
        frames.append(trained.table(columns | {"chance": chance, "n": len(rows)}))
    return pd.concat(frames, ignore_index=True)


def _value_and_chance(
    metric: Metric, models: Sequence[Model], x: Array, y: Array, seed: int
) -> tuple[Array, Array]:
    undefined: dict[int, UndefinedError] = {}
    values = metric.of_stack(x, y, undefined=undefined)
    chances = np.full(len(models), np.nan)
    without_chance: dict[int, UndefinedError] = {}
    for m in range(len(models)):
        if m not in undefined:
            try:
                chances[m] = metric.chance(x[m], y[m], seed=seed)
            except UndefinedError as error:
                without_chance[m] = error
    _warn(metric.name, undefined, models)
    _warn(f"chance level of {metric.name}", without_chance, models)
    return values, chances


def _warn(what: str, undefined: Mapping[int, UndefinedError], models: Sequence[Model]) -> None:
    """Say once that some models have no value, and why the first of them has none."""
    if undefined:
        first = min(undefined)
        model, why, count = models[first], undefined[first], f"{len(undefined)} of {len(models)}"
        logger.warning(
            "no %s for %s models; at strength %s, seed %s: %s",
            what,
            count,
            model.strength,
            model.seed,
            why,
        )
