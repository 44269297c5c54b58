"""What the figures share: which rows they draw, panels, lines, legends, labels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.special import stdtrit

from alignsweep.scores import BOTH, SCORES, headline

PANEL = (2.3, 1.9)  # inches; three panels make a text width
MARKERS = "os^Dv<>"

Tables = Mapping[str, pd.DataFrame]


def where(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the rows whose columns have these values."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def of_datasets(table: pd.DataFrame, datasets: Sequence[str]) -> pd.DataFrame:
    """Return the rows of these datasets."""
    return table[table["dataset"].isin(datasets)]


def first_alignment(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the first way to align: that is the one which a figure draws."""
    return table[table["alignment"].isin(table["alignment"].iloc[:1])]


def scores_of(table: pd.DataFrame, datasets: Sequence[str]) -> pd.DataFrame:
    """Return the rows of ``gains`` or ``optimum`` to draw: headline scores of single modalities."""
    table = first_alignment(of_datasets(headline(table), datasets))
    return table[table["modality"] != BOTH]


def by_modality(scores: pd.DataFrame, dataset: str) -> Iterable[tuple[Any, pd.DataFrame]]:
    """Yield the rows of each modality of a dataset, in order."""
    return where(scores, dataset=dataset).groupby("modality", sort=False)


def score_curve(gains: pd.DataFrame) -> pd.DataFrame:
    """Return the score of a modality, and around it the 95 % interval of its gain over strength 0.

    Indexed by strength as a number.
    """
    curve = gains.set_index(gains["strength"].astype(float)).sort_index()
    ends = {end: curve["score"] + curve[f"gain_{end}"] - curve["gain"] for end in ("low", "high")}
    return pd.DataFrame({"mean": curve["score"], **ends})


def over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 95 % t interval over seeds, indexed by strength as a number."""
    grouped = rows.assign(x=rows["strength"].astype(float)).groupby("x")["value"]
    mean, n = grouped.mean(), grouped.count()
    half = grouped.std() / np.sqrt(n) * stdtrit(np.maximum(n - 1, 1), 0.975)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def make_panels(
    contents: Sequence[str], *, sharex: bool = True, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """Make a grid of at most three columns; panels beyond the contents are blank."""
    columns = min(3, len(contents))
    lines = -(-len(contents) // columns)
    wide = 1.5 if len(contents) == 1 else 1.0
    figure, grid = plt.subplots(
        lines,
        columns,
        figsize=(PANEL[0] * columns * wide, PANEL[1] * lines * wide + 0.3),
        sharex=sharex,
        sharey=sharey,
        squeeze=False,
    )
    panels = list(grid.ravel())
    for axes in panels[len(contents) :]:
        axes.set_axis_off()
    if lines > 1:  # the panel above a blank one keeps its own labels
        for axes in panels[len(contents) - columns : len(contents)]:
            axes.tick_params(labelbottom=True)
    return figure, panels


def draw_line(axes: Axes, curve: pd.DataFrame, color: Any, **look: Any) -> None:
    """Draw a curve of `score_curve` or `over_seeds` with its band."""
    axes.plot(curve.index, curve["mean"], color=color, **look)
    axes.fill_between(curve.index, curve["low"], curve["high"], color=color, alpha=0.2, linewidth=0)


def error_bars(value: pd.Series, low: pd.Series, high: pd.Series) -> NDArray[np.float64]:
    """Return the lengths of error bars down and up; 0 where an interval ends before its value."""
    return np.array([value - low, high - value], dtype=float).clip(min=0)


def place_legend(
    figure: Figure, panels: list[Axes], used: int, handles: list[Line2D], names: list[str]
) -> None:
    """Put the legend into the first blank panel, or above the figure."""
    if used < len(panels):
        panels[used].legend(handles, names, loc="center")
    else:
        columns = 2 if used == 1 else 4
        figure.legend(handles, names, loc="outside upper center", ncols=columns)


def label_axes(figure: Figure, x: str, y: str) -> None:
    """Label the axes of all panels at once."""
    figure.supxlabel(x, fontsize=8)
    figure.supylabel(y, fontsize=8)


def score_label(scores: pd.DataFrame) -> str:
    """Return the label of an axis of headline scores."""
    return " / ".join(f"{SCORES[metric].label} (test)" for metric in scores["metric"].unique())


def titles(datasets: Sequence[str]) -> dict[str, str]:
    """Name the panels of datasets: ``synthetic-R4`` -> ``R = 4``, but for two of the same R."""
    levels = {d: re.search(r"-R(\d)$", d) for d in datasets}
    short = {d: f"R = {level[1]}" if level else d for d, level in levels.items()}
    return short if len(set(short.values())) == len(short) else {d: d for d in datasets}


def colours() -> list[str]:
    """Return the colours of the style, in order."""
    return list(mpl.rcParams["axes.prop_cycle"].by_key()["color"])


def modalities(scores: pd.DataFrame, datasets: Sequence[str]) -> dict[str, str]:
    """Return a colour for every modality of these datasets, the same in all panels."""
    names = dict.fromkeys(m for d in datasets for m in where(scores, dataset=d)["modality"])
    return dict(zip(names, itertools.cycle(colours()), strict=False))


def looks() -> Iterator[dict[str, Any]]:
    """Yield looks of lines that may coincide: later ones have larger markers, beneath."""
    for i, (color, marker) in enumerate(zip(colours(), MARKERS, strict=True)):
        size = {"markersize": 3 + 1.2 * i, "markerfacecolor": color if i == 0 else "none"}
        yield {"color": color, "marker": marker, "zorder": 3 - 0.1 * i, **size}
