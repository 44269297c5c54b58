"""Probe score against alignment, with strength as colour; a panel per dataset."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    Tables,
    by_modality,
    first_alignment,
    label_axes,
    make_panels,
    modalities,
    of_datasets,
    over_seeds,
    place_legend,
    score_curve,
    score_label,
    scores_of,
    titles,
    where,
)
from alignsweep.metrics import METRICS


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a dot per modality and strength; a line joins the strengths in order.

    Uses ``gains`` and ``alignment``; means over seeds of the test score and of the first alignment
    metric.
    """
    gains = scores_of(tables["gains"], datasets)
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    metric = alignment["metric"].iloc[0]
    figure, panels = make_panels(datasets, sharex=False)
    norm = Normalize(0, gains["strength"].astype(float).max())
    named = modalities(gains, datasets)
    markers = dict(zip(named, itertools.cycle("os^vDP"), strict=False))
    for dataset, axes in zip(datasets, panels, strict=False):
        x = over_seeds(where(alignment, dataset=dataset, metric=metric))["mean"]
        for modality, rows in by_modality(gains, dataset):
            y = score_curve(rows)["mean"].reindex(x.index)
            axes.plot(x, y, color="0.7", linewidth=0.8, zorder=1)
            dots = axes.scatter(x, y, s=18, c=x.index, norm=norm, marker=markers[modality])
            dots.set(cmap="viridis", edgecolors="white", linewidths=0.3, zorder=2)
        axes.set_title(titles(datasets)[dataset])
    label_axes(figure, f"{METRICS[metric].label}, test pairs", score_label(gains))
    handles = [Line2D([], [], color="0.3", marker=k, linestyle="") for k in markers.values()]
    names = [f"modality {m}" for m in markers]
    place_legend(figure, panels, len(datasets), handles, names)
    scale = ScalarMappable(norm, "viridis")
    figure.colorbar(scale, ax=list(panels), label="alignment strength", shrink=0.8, aspect=30)
    return figure
