"""Gain against strength by the width of the embedding: a row per redundancy, a column per width."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.panels import (
    HIGH,
    ONE,
    TWO,
    Tables,
    error_bars,
    first_alignment,
    gain_of,
    label_axes,
    legend_above,
    letter,
    lines_of,
    of_datasets,
    where,
)
from alignsweep.scores import BOTH, headline

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
        figsize=(ONE if columns == 1 else TWO, (HIGH - 0.2) * rows + 0.5),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    letter(list(grid.flat))
    named = _looks(gains)
    for axes, (redundancy, width) in zip(grid.flat, itertools.product(*levels), strict=False):
        panel = gains[(gains["redundancy"] == redundancy) & (gains["width"] == width)]
        for setting, own in panel.groupby(list(OF_LINE)):
            for _, one in own.groupby("dataset"):
                gain = gain_of(one)
                bars = error_bars(gain["mean"], gain["low"], gain["high"])
                axes.errorbar(gain.index, gain["mean"], bars, elinewidth=0.5, **named[setting])
        axes.axhline(0, **looks.ZERO)
        axes.set_title(f"R = {redundancy:g}, width {width:g}")
    label_axes(figure, "alignment strength", "gain over strength 0 (points)")
    entries = lines_of(
        {f"learning rate {r:g}, {n:g} steps": look for (r, n), look in named.items()}
    )
    legend_above(figure, entries)
    return figure


def _settings(tables: Tables) -> pd.DataFrame:
    """Return redundancy, width, learning rate and steps of every dataset."""
    known = where(tables["datasets"], fact="redundancy")[["dataset", "value"]]
    used = tables["probe"].groupby("dataset", sort=False)[["width", *OF_LINE]].first()
    return known.rename(columns={"value": "redundancy"}).merge(used, on="dataset")


def _looks(gains: pd.DataFrame) -> dict[tuple[float, float], dict[str, Any]]:
    """Return a shade and a marker for every learning rate, a line for every number of steps."""
    rates, steps = (sorted(gains[name].unique()) for name in OF_LINE)
    lines = zip(steps, itertools.cycle(looks.DASHES), strict=False)
    return {
        (rate, step): {**look, "linestyle": line}
        for (rate, look), (step, line) in itertools.product(looks.ordered(rates).items(), lines)
    }
