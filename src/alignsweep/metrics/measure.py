"""Measuring a stack of trained models."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd

from alignsweep.data.store import Pairs
from alignsweep.metrics.arrays import Array
from alignsweep.metrics.metric import Metric, UndefinedError
from alignsweep.metrics.table import METRICS
from alignsweep.options import Samples, Seed, rule

if TYPE_CHECKING:
    from alignsweep.training.models import Model, Trained

    #: value, or chance level, of a metric -> the models for which it is not defined, and why
    Undefined = dict[str, list[tuple[Model, UndefinedError]]]

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
    """Measure the alignment of the two modalities on every seed's test split, for every model.

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
    frames: list[pd.DataFrame] = []
    undefined: Undefined = {what: [] for n in names for what in (n, f"chance level of {n}")}
    for k, own in trained.by_seed():
        frames += _of_seed(own, pairs.draw(k), names, samples, seed, undefined)
    for what, missing in undefined.items():
        _warn(what, missing, int(trained.finite.sum()))
    return pd.concat(frames, ignore_index=True)


def _of_seed(
    own: Trained,
    draw: Pairs,
    names: Sequence[str],
    samples: int,
    seed: int,
    undefined: Undefined,
) -> list[pd.DataFrame]:
    """Measure the models of one seed, on its own draw of the data."""
    rows = draw.sample("test", samples, seed)
    finite = own.finite
    models = [m for m in own.models if m.diverged_at is None]
    represent = {"embedding": own.embed, "projection": own.project}
    seen = {
        space: [represent[space](m, *draw.of(m, rows))[finite] for m in draw.modalities]
        for space in {METRICS[name].space for name in names}
    }
    frames = []
    for name in names:
        metric = METRICS[name]
        x, y = seen[metric.space]
        value, chance = np.full((2, len(finite)), np.nan)
        value[finite], chance[finite], *missing = _value_and_chance(metric, x, y, seed)
        for what, errors in zip((name, f"chance level of {name}"), missing, strict=True):
            undefined[what] += [(models[m], errors[m]) for m in sorted(errors)]
        columns: dict[str, object] = {"split": "test", "metric": name, "value": value}
        frames.append(own.table(columns | {"chance": chance, "n": len(rows)}))
    return frames


def _value_and_chance(
    metric: Metric, x: Array, y: Array, seed: int
) -> tuple[Array, Array, dict[int, UndefinedError], dict[int, UndefinedError]]:
    """Return values and chance levels of a stack, and why some of its models have none."""
    undefined: dict[int, UndefinedError] = {}
    values = metric.of_stack(x, y, undefined=undefined)
    chances = np.full(len(x), np.nan)
    without_chance: dict[int, UndefinedError] = {}
    for m in range(len(x)):
        if m not in undefined:
            try:
                chances[m] = metric.chance(x[m], y[m], seed=seed)
            except UndefinedError as error:
                without_chance[m] = error
    return values, chances, undefined, without_chance


def _warn(what: str, missing: Sequence[tuple[Model, UndefinedError]], models: int) -> None:
    """Say once that some models have no value, and why the first of them has none."""
    if missing:
        model, why = missing[0]
        logger.warning(
            "no %s for %d of %d models; at strength %s, seed %s: %s",
            what,
            len(missing),
            models,
            model.strength,
            model.seed,
            why,
        )
