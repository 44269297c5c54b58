"""Gain over strength 0 against the alignment achieved, a line per alignment."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.measured import COMMON, common, label, measured
from alignsweep.figures.panels import (
    LEAST_GAIN,
    Tables,
    at_least,
    both_encoders,
    draw_path,
    gain_label,
    gain_of,
    label_axes,
    lines_of,
    make_panels,
    of_datasets,
    of_gains,
    place_legend,
    where,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the mean gain of both encoders against the first alignment metric, strengths in order.

    Uses ``gains`` and ``alignment``; means with 95 % intervals. A larger dot is the largest
    strength.
    """
    gains = both_encoders(tables["gains"], datasets)
    alignment = of_datasets(tables["alignment"], datasets)
    metric = alignment["metric"].iloc[0]
    named = looks.alignments(tables["gains"])
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in of_gains(panels, datasets):
        for name, look in named.items():
            cell = {"dataset": dataset, "alignment": name}
            draw_path(
                axes, measured(alignment, metric, **cell), gain_of(where(gains, **cell)), look
            )
    if common(metric):
        panels[0].set_xlim(COMMON)
    at_least(panels[0], LEAST_GAIN)
    label_axes(figure, label(metric), gain_label(gains))
    place_legend(figure, panels, len(datasets), lines_of(named))
    return figure
