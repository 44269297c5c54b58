"""Alignment metrics against strength, a panel per dataset and a line per metric."""

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

#: More lines, with their bands, would not be told apart.
MOST_LINES = 5


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the metrics, each dotted at its chance level.

    Uses ``alignment``. Only metrics on the common scale from 0, unrelated, to 1, identical; the
    first five. Bands are 95 % t intervals of the mean over seeds.
    """
    alignment = first_alignment(of_datasets(tables["alignment"], datasets))
    listed = [m for m in shown(alignment) if common(m)][:MOST_LINES]
    named = looks.metrics(listed)
    figure, panels = make_panels(datasets, sharey=True)
    for (dataset, title), axes in zip(titles(datasets).items(), panels, strict=False):
        for metric, look in named.items():
            draw_line(axes, measured(alignment, metric, dataset=dataset), look)
            chance = where(alignment, dataset=dataset, metric=metric)["chance"].mean()
            axes.axhline(chance, **{**looks.CHANCE, "color": look["color"]})
        axes.set_title(title)
    panels[0].set_ylim(COMMON)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    entries = lines_of({METRICS[m].label: look for m, look in named.items()})
    place_legend(
        figure, panels, len(datasets), entries | lines_of({"shuffled pairs": looks.CHANCE})
    )
    return figure
