"""What the figures share: which rows they draw, panels, lines, legends, labels."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.special import stdtrit

from alignsweep.figures import looks
from alignsweep.scores import BOTH, SCORES, headline

# Inches: what a journal's column is wide, and its two; a figure is as wide as one or the other.
ONE, TWO = 3.35, 6.9
#: Inches: height of a panel.
HIGH = 1.75
MOST_COLUMNS = 3
#: Points: no panel of gains or scores shows fewer, so that what is small looks small.
LEAST_GAIN = 10.0

Tables = Mapping[str, pd.DataFrame]

#: Thin, lest they hide what they are of.
BARS: dict[str, Any] = {"elinewidth": 0.6, "alpha": 0.5}

_GAIN = ["gain", "gain_low", "gain_high"]


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


def both_encoders(table: pd.DataFrame, datasets: Sequence[str]) -> pd.DataFrame:
    """Return the rows of ``gains`` of all alignments: the mean of both encoders alone."""
    return where(of_datasets(headline(table), datasets), modality=BOTH)


def gain_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the gain over strength 0 in points (hundredths), with its 95 % interval.

    Indexed by strength as a number.
    """
    return 100 * _by_strength(rows, _GAIN)


def gain_label(gains: pd.DataFrame) -> str:
    """Return the label of an axis of `gain_of`."""
    units = {"points" if SCORES[m].counted else "hundredths" for m in gains["metric"].unique()}
    return f"gain over strength 0 ({' / '.join(sorted(units, reverse=True))})"


def by_modality(scores: pd.DataFrame, dataset: str) -> Iterable[tuple[Any, pd.DataFrame]]:
    """Yield the rows of each modality of a dataset, in order."""
    return where(scores, dataset=dataset).groupby("modality", sort=False)


def score_curve(gains: pd.DataFrame, ceiling: float = np.inf) -> pd.DataFrame:
    """Return the score of a modality with its 95 % interval over seeds, indexed as `gain_of`.

    The interval lies within the range of the score, and below the ceiling if one is known.
    """
    curve = _by_strength(gains, ["score", "score_low", "score_high"])
    for metric in gains["metric"].unique():
        curve = within(curve, SCORES[metric].low, min(SCORES[metric].high, ceiling))
    return curve


def over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 95 % t interval over seeds, indexed by strength as a number."""
    grouped = rows.assign(x=rows["strength"].astype(float)).groupby("x")["value"]
    mean, n = grouped.mean(), grouped.count()
    half = grouped.std() / np.sqrt(n) * stdtrit(np.maximum(n - 1, 1), 0.975)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def within(curve: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Return a curve whose intervals end where the range of the value does.

    That takes nothing from their coverage. A mean that noise has put beyond the range stays, and
    the interval ends there.
    """
    mean = curve["mean"]
    return curve.assign(
        low=np.maximum(curve["low"], np.minimum(low, mean)),
        high=np.minimum(curve["high"], np.maximum(high, mean)),
    )


def _by_strength(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    own = rows.set_index(rows["strength"].astype(float)).sort_index()[columns]
    return own.set_axis(["mean", "low", "high"], axis=1)


def columns_of(panels: int) -> int:
    """Return how many of these panels stand side by side."""
    return 2 if panels == 4 else min(MOST_COLUMNS, panels)


def make_panels(
    contents: Sequence[str],
    *,
    columns: int | None = None,
    sharex: bool = True,
    sharey: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Make a grid of panels, lettered if there are several; those beyond the contents are blank."""
    columns = columns or columns_of(len(contents))
    lines = -(-len(contents) // columns)
    high = HIGH if columns >= MOST_COLUMNS else HIGH + 0.45
    figure, grid = plt.subplots(
        lines,
        columns,
        figsize=(ONE if columns == 1 else TWO, high * lines + 0.35),
        sharex=sharex,
        sharey=sharey,
        squeeze=False,
    )
    panels = list(grid.ravel())
    keep_labels(panels, len(contents), columns)
    letter(panels[: len(contents)])
    return figure, panels


def keep_labels(panels: Sequence[Axes], used: int, columns: int) -> None:
    """Blank the panels beyond those used; the one above a blank one keeps its own labels."""
    for axes in panels[used:]:
        axes.set_axis_off()
    if used > columns:
        for axes in panels[used - columns : used]:
            axes.tick_params(labelbottom=True)


def letter(panels: Sequence[Axes]) -> None:
    """Letter the panels, if there are several."""
    if len(panels) > 1:
        for axes, name in zip(panels, string.ascii_lowercase, strict=False):
            axes.set_title(name, loc="left", fontweight="bold")


def draw_line(axes: Axes, curve: pd.DataFrame, look: Mapping[str, Any]) -> None:
    """Draw a curve (mean, low, high) with its band."""
    axes.plot(curve.index, curve["mean"], **look)
    axes.fill_between(
        curve.index, curve["low"], curve["high"], color=look["color"], alpha=0.2, linewidth=0
    )


def draw_path(axes: Axes, x: pd.DataFrame, y: pd.DataFrame, look: Mapping[str, Any]) -> None:
    """Draw one curve against another, strengths in order, with bars of both; the last dot is large.

    Where one of both is missing there is no dot.
    """
    common = x.dropna(subset="mean").index.intersection(y.dropna(subset="mean").index)
    x, y = x.loc[common], y.loc[common]
    wide, high = (error_bars(c["mean"], c["low"], c["high"]) for c in (x, y))
    axes.errorbar(x["mean"], y["mean"], high, wide, fmt="none", ecolor=look["color"], **BARS)
    axes.plot(x["mean"], y["mean"], **look)
    last = {**look, "markersize": 5.5, "linestyle": ""}
    axes.plot(x["mean"].iloc[-1:], y["mean"].iloc[-1:], **last)


def error_bars(value: pd.Series, low: pd.Series, high: pd.Series) -> NDArray[np.float64]:
    """Return the lengths of error bars down and up; 0 where an interval ends before its value."""
    return np.array([value - low, high - value], dtype=float).clip(min=0)


def at_least(axes: Axes, span: float) -> None:
    """Widen the vertical axis to this span, lest a small change look large."""
    low, high = axes.get_ylim()
    if high - low < span:
        axes.set_ylim((low + high - span) / 2, (low + high + span) / 2)


def place_legend(
    figure: Figure, panels: Sequence[Axes], used: int, entries: Mapping[str, Any]
) -> None:
    """Put a legend (name -> handle) into the first blank panel, or above the figure."""
    if used < len(panels):
        panels[used].legend(entries.values(), entries, loc="center")
    else:
        legend_above(figure, entries)


def legend_above(figure: Figure, entries: Mapping[str, Any]) -> None:
    """Put a legend (name -> handle) above a figure, in as few lines as its width allows."""
    entry = 0.4 + 0.05 * max(map(len, entries), default=0)  # inches, at 7 pt
    most = max(1, int(figure.get_figwidth() / entry))
    lines = max(1, -(-len(entries) // most))
    columns = max(1, -(-len(entries) // lines))
    figure.legend(entries.values(), entries, loc="outside upper center", ncols=columns)


def lines_of(named: Mapping[str, Mapping[str, Any]], prefix: str = "") -> dict[str, Line2D]:
    """Return the entries of a legend for things with looks."""
    return {f"{prefix}{name}": Line2D([], [], **look) for name, look in named.items()}


def label_axes(figure: Figure, x: str, y: str) -> None:
    """Label the axes of all panels at once."""
    figure.supxlabel(x, fontsize=8)
    figure.supylabel(y, fontsize=8)


def score_label(scores: pd.DataFrame) -> str:
    """Return the label of an axis of headline scores."""
    return " / ".join(f"{SCORES[metric].label} (test)" for metric in scores["metric"].unique())


def titles(datasets: Sequence[str]) -> dict[str, str]:
    """Name the panels of datasets: ``x-R4`` -> ``R = 4``, ``x-R4-N2`` with N, but for two alike."""
    levels = {d: re.search(r"-R(\d)(?:-N(\d+))?$", d) for d in datasets}
    short = {
        d: f"R = {level[1]}" + (f", N = {level[2]}" if level[2] else "") if level else d
        for d, level in levels.items()
    }
    return short if len(set(short.values())) == len(short) else {d: d for d in datasets}


def of_gains(panels: Sequence[Axes], datasets: Sequence[str]) -> Iterator[tuple[str, Axes]]:
    """Yield each dataset and its panel of gains, which has its name and a line at 0."""
    for (dataset, title), axes in zip(titles(datasets).items(), panels, strict=False):
        axes.axhline(0, **looks.ZERO)
        axes.set_title(title)
        yield dataset, axes
