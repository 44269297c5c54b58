"""Alignment metrics against strength, a panel per metric and a line per dataset."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    Tables,
    draw_line,
    first_alignment,
    label_axes,
    make_panels,
    of_datasets,
    over_seeds,
    place_legend,
    titles,
    where,
)
from alignsweep.metrics import METRICS


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw all metrics, each on its own scale, dotted at the mean chance level.

    Uses ``alignment``. The panels of metrics for which lower is more aligned say so.
    """
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    metrics = list(alignment["metric"].unique())
    figure, panels = make_panels(metrics)
    shades = np.linspace(0, 0.85, len(datasets))  # the end of the scale is too pale for a line
    palette = [plt.get_cmap("viridis")(shade) for shade in shades]
    for metric, axes in zip(metrics, panels, strict=False):
        for colour, dataset in zip(palette, datasets, strict=True):
            rows = where(alignment, dataset=dataset, metric=metric)
            draw_line(axes, over_seeds(rows), colour, marker="o")
        if METRICS[metric].depends_on_pairing:
            chance = where(alignment, metric=metric)["chance"].mean()
            axes.axhline(chance, color="0.3", linestyle=":", linewidth=0.8)
        lower = "" if METRICS[metric].higher_is_more_aligned else " (lower: more aligned)"
        axes.set_title(METRICS[metric].label + lower)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], color=c, marker="o") for c in palette]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    place_legend(figure, panels, len(metrics), handles, [*titles(datasets).values(), "chance"])
    return figure
