"""The measured optimum and its gain against the share of redundancy, over all datasets."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.atoms import not_estimated, redundancy_share
from alignsweep.figures.panels import PANEL, Tables, colours, error_bars, scores_of
from alignsweep.scores import SCORES


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a point per dataset and modality against R / (R + U1 + U2 + S).

    Uses ``information`` and ``optimum``. The share is exact where the distribution is known, else
    of the first estimate, null removed. Optima have the range of those found with one seed left
    out, gains 95 % intervals. Gains in points have a panel, and those of each other score one.
    """
    share = redundancy_share(tables["information"])
    optimum = scores_of(tables["optimum"], datasets)
    optimum = optimum[optimum["dataset"].isin(share.index)]
    if optimum.empty:
        return not_estimated()
    unit = optimum["metric"].map(lambda m: "points" if SCORES[m].counted else m)
    units = sorted(unit.unique(), key=lambda u: u != "points")
    columns = 1 + len(units)
    size = (columns * PANEL[0] + 0.8, PANEL[1] + 0.5)
    figure, panels = plt.subplots(1, columns, sharex=True, figsize=size)
    _draw_points(panels[0], share, optimum, "optimum")
    panels[0].set_ylabel("optimal strength")
    for axes, name in zip(panels[1:], units, strict=True):
        _draw_points(axes, share, optimum[unit == name], "gain", 100 if name == "points" else 1)
        axes.axhline(0, color="0.3", linewidth=0.6)
        axes.set_ylabel(f"gain over strength 0 ({name})")
    handles = [Line2D([], [], color=c, marker=k, linestyle="") for c, k in _looks()]
    names = ["first modality", "second modality"]
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


def _draw_points(
    axes: Axes, share: pd.Series, rows: pd.DataFrame, value: str, factor: float = 1
) -> None:
    """Draw a column with its interval; the modalities of a dataset stand side by side."""
    for side, (colour, marker) in enumerate(_looks()):
        own = rows.groupby("dataset", sort=False).nth(side)
        x = share[own["dataset"]] + 0.006 * (2 * side - 1)
        ends = (value, f"{value}_low", f"{value}_high")
        y, low, high = (factor * own[column].astype(float) for column in ends)
        axes.errorbar(x, y, error_bars(y, low, high), fmt=marker, color=colour)
    axes.set_xlabel("redundancy share")


def _looks() -> list[tuple[str, str]]:
    return list(zip(colours()[:2], "os", strict=True))
