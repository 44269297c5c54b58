"""Gain over strength 0 against strength, a panel per dataset and a line per alignment."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.panels import (
    LEAST_GAIN,
    Tables,
    at_least,
    both_encoders,
    draw_line,
    gain_label,
    gain_of,
    label_axes,
    lines_of,
    make_panels,
    of_gains,
    place_legend,
    where,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the mean gain of both encoders. Uses ``gains``; bands are its 95 % intervals."""
    gains = both_encoders(tables["gains"], datasets)
    named = looks.alignments(tables["gains"])
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in of_gains(panels, datasets):
        for alignment, look in named.items():
            draw_line(axes, gain_of(where(gains, dataset=dataset, alignment=alignment)), look)
    at_least(panels[0], LEAST_GAIN)
    label_axes(figure, "alignment strength", gain_label(gains))
    place_legend(figure, panels, len(datasets), lines_of(named))
    return figure
