"""Gain against strength by the width of the embedding: a row per redundancy, a column per width."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    PANEL,
    Tables,
    colours,
    error_bars,
    first_alignment,
    label_axes,
    of_datasets,
    where,
)
from alignsweep.scores import BOTH, headline

LINES = ("-", "--", ":", "-.")
#: What a panel is of, and what a line in it is of.
PANELS, OF_LINE = ("redundancy", "width"), ("learning_rate", "steps")


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the gain of one strength for both encoders, a line per learning rate and steps.

    Uses ``gains``, ``probe`` and ``datasets``. Error bars are 95 % intervals. Datasets of unknown
    redundancy are left out.
    """
    gains = first_alignment(of_datasets(headline(tables["gains"]), datasets))
    gains = where(gains, modality=BOTH).merge(_settings(tables), on="dataset")
    levels = [sorted(gains[name].unique()) for name in PANELS]
    rows, columns = (max(1, len(own)) for own in levels)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(PANEL[0] * columns + 0.3, PANEL[1] * rows + 0.5),
        sharex=True,
        sharey="row",
        squeeze=False,
    )
    looks = _looks(gains)
    for axes, (redundancy, width) in zip(grid.flat, itertools.product(*levels), strict=False):
        panel = gains[(gains["redundancy"] == redundancy) & (gains["width"] == width)]
        for setting, own in panel.groupby(list(OF_LINE)):
            for _, one in own.groupby("dataset"):
                curve = one.set_index(one["strength"].astype(float)).sort_index()
                gain, low, high = (100 * curve[c] for c in ("gain", "gain_low", "gain_high"))
                bars = error_bars(gain, low, high)
                axes.errorbar(curve.index, gain, bars, elinewidth=0.5, **looks[setting])
        axes.axhline(0, color="0.3", linewidth=0.6)
        axes.set_title(f"R = {redundancy:g}, width {width:g}")
    label_axes(figure, "alignment strength", "gain over strength 0 (points)")
    handles = [Line2D([], [], **look) for look in looks.values()]
    names = [f"learning rate {rate:g}, {steps:g} steps" for rate, steps in looks]
    if handles:
        figure.legend(handles, names, loc="outside upper center", ncols=min(3, len(names)))
    return figure


def _settings(tables: Tables) -> pd.DataFrame:
    """Return redundancy, width, learning rate and steps of every dataset."""
    known = where(tables["datasets"], fact="redundancy")[["dataset", "value"]]
    used = tables["probe"].groupby("dataset", sort=False)[["width", *OF_LINE]].first()
    return known.rename(columns={"value": "redundancy"}).merge(used, on="dataset")


def _looks(gains: pd.DataFrame) -> dict[tuple[float, float], dict[str, Any]]:
    """Return a colour for every learning rate, a kind of line for every number of steps."""
    rates, steps = (sorted(gains[name].unique()) for name in OF_LINE)
    return {
        (rate, step): {"color": colour, "linestyle": line, "marker": "o", "markersize": 2.5}
        for (rate, colour), (step, line) in itertools.product(
            zip(rates, itertools.cycle(colours()), strict=False),
            zip(steps, itertools.cycle(LINES), strict=False),
        )
    }
