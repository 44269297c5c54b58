"""Measuring a stack of trained models."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd

from alignsweep.data.store import Pairs
from alignsweep.metrics.metric import UndefinedError
from alignsweep.metrics.neighbours import Searched
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
    """Measure the models of one seed, on its own draw of the data.

    Model by model: metrics and their chance levels share its neighbours, and those of one model
    are held at a time.
    """
    rows = draw.sample("test", samples, seed)
    finite = own.finite
    represent = {"embedding": own.embed, "projection": own.project}
    seen = {
        space: [represent[space](m, *draw.of(m, rows))[finite] for m in draw.modalities]
        for space in {METRICS[name].space for name in names}
    }
    found = np.full((len(names), 2, len(finite)), np.nan)
    for m, place in enumerate(np.flatnonzero(finite)):
        sides = {space: [Searched(z[m]) for z in both] for space, both in seen.items()}
        for name, (value, chance) in zip(names, found, strict=True):
            metric, what = METRICS[name], name
            x, y = sides[metric.space]
            try:
                value[place] = metric(x, y)
                what = f"chance level of {name}"
                chance[place] = metric.chance(x, y, seed=seed)
            except UndefinedError as error:
                undefined[what].append((own.models[place], error))
    return [
        own.table(
            {"split": "test", "metric": name, "value": value, "chance": chance, "n": len(rows)}
        )
        for name, (value, chance) in zip(names, found, strict=True)
    ]


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
