"""The measured optimum and its gain against the share of redundancy, over all datasets."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from alignsweep.figures import looks
from alignsweep.figures.atoms import not_estimated, redundancy_share
from alignsweep.figures.panels import (
    HIGH,
    ONE,
    Tables,
    error_bars,
    letter,
    lines_of,
    scores_of,
    titles,
)
from alignsweep.scores import SCORES

#: More names do not fit above a column of a journal.
MOST_NAMES = 24
NAMES = ("first modality", "second modality")


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a point per dataset and modality against R / (R + U1 + U2 + S).

    Uses ``information`` and ``optimum``. The share is exact where the distribution is known, else
    of the first estimate, null removed. Optima have the range in which they lie, gains 95 %
    intervals. Gains in points have a panel, and those of each other score one. Above the panels
    stand the names of the datasets, if they are not too many.
    """
    share = redundancy_share(tables["information"])
    optimum = scores_of(tables["optimum"], datasets)
    optimum = optimum[optimum["dataset"].isin(share.index)]
    if optimum.empty:
        return not_estimated()
    unit = optimum["metric"].map(lambda m: "points" if SCORES[m].counted else m)
    units = sorted(unit.unique(), key=lambda u: u != "points")
    lines = 1 + len(units)
    figure, panels = plt.subplots(lines, 1, sharex=True, figsize=(ONE, HIGH * lines + 0.8))
    _draw_points(panels[0], share, optimum, "optimum")
    panels[0].set_ylabel("optimal strength")
    for axes, name in zip(panels[1:], units, strict=True):
        _draw_points(axes, share, optimum[unit == name], "gain", 100 if name == "points" else 1)
        axes.axhline(0, **looks.ZERO)
        axes.set_ylabel(f"gain over strength 0\n({name})")
    panels[-1].set_xlabel("redundancy / all information about the label")
    letter(panels)
    _name(panels[0], share[optimum["dataset"].unique()], titles(datasets))
    looked = {n: {**look, "linestyle": ""} for n, look in zip(NAMES, looks.SIDES, strict=True)}
    entries = lines_of(looked)
    figure.legend(entries.values(), entries, loc="outside lower center", ncols=2)
    return figure


def _draw_points(
    axes: Axes, share: pd.Series, rows: pd.DataFrame, value: str, factor: float = 1
) -> None:
    """Draw a column with its interval; the modalities of a dataset stand side by side."""
    for side, look in enumerate(looks.SIDES):
        own = rows.groupby("dataset", sort=False).nth(side)
        x = share[own["dataset"]] + 0.008 * (2 * side - 1)
        ends = (value, f"{value}_low", f"{value}_high")
        y, low, high = (factor * own[column].astype(float) for column in ends)
        axes.errorbar(x, y, error_bars(y, low, high), linestyle="", elinewidth=0.8, **look)


def _name(axes: Axes, share: pd.Series, names: dict[str, str]) -> None:
    """Write the names of the datasets above a panel, side by side, with a line to their share."""
    known = share.dropna().sort_values()
    if known.empty or len(known) > MOST_NAMES:
        return
    low, high = axes.get_xlim()
    width = (high - low) / MOST_NAMES
    # names in order, each as near to its share as those before it leave room; then all centred
    places = np.empty(len(known))
    for i, x in enumerate(known):
        places[i] = x if i == 0 else max(x, places[i - 1] + width)
    places -= max(0.0, places[-1] - high)
    above = offset_copy(
        axes.get_xaxis_transform(), axes.get_figure(root=True), y=12, units="points"
    )
    for (dataset, x), place in zip(known.items(), places, strict=True):
        axes.annotate(
            names[str(dataset)],
            xy=(x, 1),
            xytext=(place, 1),
            xycoords=axes.get_xaxis_transform(),
            textcoords=above,
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=6,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "0.5", "shrinkB": 0},
        )
