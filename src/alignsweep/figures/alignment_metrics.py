"""Alignment metrics against strength, a panel per metric and a line per dataset."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.measured import COMMON, common, measured, shown
from alignsweep.figures.panels import (
    Tables,
    draw_line,
    first_alignment,
    label_axes,
    lines_of,
    make_panels,
    of_datasets,
    place_legend,
    titles,
    where,
)
from alignsweep.metrics import METRICS


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw all metrics, dotted at the mean chance level.

    Uses ``alignment``. Metrics on the scale from 0, unrelated, to 1, identical, have that scale,
    each other one its own. The panels of metrics for which lower is more aligned say so.
    """
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    metrics = shown(alignment)
    figure, panels = make_panels(metrics)
    named = looks.ordered(datasets)
    for metric, axes in zip(metrics, panels, strict=False):
        for dataset, look in named.items():
            draw_line(axes, measured(alignment, metric, dataset=dataset), look)
        if METRICS[metric].depends_on_pairing:
            axes.axhline(where(alignment, metric=metric)["chance"].mean(), **looks.CHANCE)
        if common(metric):
            axes.set_ylim(COMMON)
        lower = "" if METRICS[metric].higher_is_more_aligned else "\n(lower: more aligned)"
        axes.set_title(METRICS[metric].label + lower)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    entries = lines_of({title: named[d] for d, title in titles(datasets).items()})
    place_legend(figure, panels, len(metrics), entries | lines_of({"shuffled pairs": looks.CHANCE}))
    return figure
