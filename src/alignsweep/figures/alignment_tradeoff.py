"""Gain over strength 0 against alignment, a panel per dataset and a line per modality."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.measured import COMMON, common, label, measured
from alignsweep.figures.panels import (
    LEAST_GAIN,
    Tables,
    at_least,
    by_modality,
    draw_path,
    first_alignment,
    gain_label,
    gain_of,
    label_axes,
    lines_of,
    make_panels,
    of_datasets,
    of_gains,
    place_legend,
    scores_of,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a dot per modality and strength; a line joins the strengths in order.

    Uses ``gains`` and ``alignment``: the gain of the test score and the first alignment metric,
    means with 95 % intervals. A larger dot is the largest strength.
    """
    gains = scores_of(tables["gains"], datasets)
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    metric = alignment["metric"].iloc[0]
    named = looks.modalities(gains["modality"])
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in of_gains(panels, datasets):
        x = measured(alignment, metric, dataset=dataset)
        for modality, rows in by_modality(gains, dataset):
            draw_path(axes, x, gain_of(rows), named[modality])
    if common(metric):
        panels[0].set_xlim(COMMON)
    at_least(panels[0], LEAST_GAIN)
    label_axes(figure, label(metric), gain_label(gains))
    place_legend(figure, panels, len(datasets), lines_of(named, "modality "))
    return figure
