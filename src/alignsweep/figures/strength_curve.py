"""Probe score against strength, and what it gains: a column of two panels per dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.panels import (
    HIGH,
    LEAST_GAIN,
    ONE,
    TWO,
    Tables,
    at_least,
    by_modality,
    columns_of,
    draw_line,
    gain_label,
    gain_of,
    keep_labels,
    label_axes,
    letter,
    lines_of,
    of_datasets,
    of_gains,
    place_legend,
    score_curve,
    score_label,
    scores_of,
    titles,
    where,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the scores, and below them their gains, on one scale for all datasets.

    Uses ``gains``, ``optimum`` and ``datasets``. Bands are 95 % intervals; the optimum, chosen on
    validation, has a star; a dashed line is the Bayes ceiling, where it is known.
    """
    gains, optimum = (scores_of(tables[name], datasets) for name in ("gains", "optimum"))
    ceilings = of_datasets(where(tables["datasets"], fact="bayes_accuracy"), datasets)
    named = looks.modalities(gains["modality"])
    figure, scores, changes = _panels(len(datasets))
    for axes, title in zip(scores, titles(datasets).values(), strict=False):
        axes.set_title(title)
    for (dataset, below), axes in zip(of_gains(changes, datasets), scores, strict=False):
        below.set_title("")
        for modality, rows in by_modality(gains, dataset):
            look = named[modality]
            own = {"dataset": dataset, "modality": modality}
            ceiling = where(ceilings, **own)["value"]
            for value in ceiling:
                axes.axhline(value, **{**looks.CEILING, "color": look["color"]})
            best = rows["strength"].isin(where(optimum, **own)["optimum"])
            star = {**looks.OPTIMUM, "color": look["color"]}
            curves = score_curve(rows, ceiling.min() if len(ceiling) else np.inf), gain_of(rows)
            # the score at the optimum is read off the curve, so that no star is beside it
            at = rows["strength"][best].astype(float)
            for place, curve in zip((axes, below), curves, strict=True):
                draw_line(place, curve, look)
                place.plot(at, curve["mean"].reindex(at), **star)
        at_least(axes, LEAST_GAIN / 100)
    at_least(changes[0], LEAST_GAIN)
    label_axes(figure, "alignment strength", "")
    for row, label in (
        (scores, score_label(gains)),
        (changes, gain_label(gains).replace("strength ", "")),
    ):
        for axes in row[:: columns_of(len(datasets))]:
            axes.set_ylabel(label.replace(" (", "\n("), fontsize=7)
    figure.align_ylabels()
    extra: dict[str, dict[str, Any]] = {"optimum": {**looks.OPTIMUM, "color": "0.3"}}
    if len(ceilings):
        extra["Bayes ceiling"] = looks.CEILING
    entries = lines_of(named, "modality ") | lines_of(extra)
    place_legend(figure, scores, len(datasets), entries)
    return figure


def _panels(datasets: int) -> tuple[Figure, list[Axes], list[Axes]]:
    """Return panels of scores and, below each, one of gains; the latter have one scale."""
    columns = columns_of(datasets)
    lines = -(-datasets // columns)
    figure, grid = plt.subplots(
        2 * lines,
        columns,
        figsize=(ONE if columns == 1 else TWO, 1.55 * HIGH * lines + 0.3),
        height_ratios=[1.5, 1] * lines,
        sharex=True,
        squeeze=False,
    )
    scores, changes = (list(grid[row::2].ravel()) for row in (0, 1))
    for axes in changes[1:]:
        axes.sharey(changes[0])
    for panels in (scores, changes):
        keep_labels(panels, datasets, columns)
    for axes in scores:
        axes.tick_params(labelbottom=False)
    letter(scores[:datasets])
    return figure, scores, changes
