"""Alignment metrics against strength, a panel per dataset and a line per metric."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    MARKERS,
    Tables,
    draw_line,
    first_alignment,
    label_axes,
    looks,
    make_panels,
    of_datasets,
    over_seeds,
    place_legend,
    titles,
    where,
)
from alignsweep.metrics import METRICS


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the metrics, each dotted at its chance level.

    Uses ``alignment``. Only metrics on the common scale from 0, unrelated, to 1, identical; the
    first seven. Bands are 95 % t intervals of the mean over seeds.
    """
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    listed = [m for m in alignment["metric"].unique() if METRICS[m].identity == 1]
    metrics = listed[: len(MARKERS)]
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in zip(datasets, panels, strict=False):
        for look, metric in zip(looks(), metrics, strict=False):
            rows = where(alignment, dataset=dataset, metric=metric)
            draw_line(axes, over_seeds(rows), **look)
            axes.axhline(rows["chance"].mean(), color=look["color"], linestyle=":", linewidth=0.8)
        axes.set_title(titles(datasets)[dataset])
    panels[0].set_ylim(top=1.03)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], **look) for look, _ in zip(looks(), metrics, strict=False)]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    names = [*(METRICS[m].label for m in metrics), "chance"]
    place_legend(figure, panels, len(datasets), handles, names)
    return figure
