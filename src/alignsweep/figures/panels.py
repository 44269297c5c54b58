"""What the figures share: panels, lines, legends, labels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import stdtrit

PANEL = (2.3, 1.9)  # inches; three panels make a text width
LABELS = {
    "accuracy": "probe accuracy (test)",
    "correlation": "probe correlation (test)",
    "cka_debiased": "CKA (debiased)",
    "cka_biased": "CKA (biased)",
    "cka_rbf_debiased": "CKA (RBF, debiased)",
    "svcca_var99": "SVCCA (99 %)",
    "svcca_dim10": "SVCCA (10 directions)",
    "cca_mean": "mean CCA",
    "pwcca": "PWCCA",
    "mutual_knn_k10": "mutual kNN (k = 10)",
    "mutual_knn_k100": "mutual kNN (k = 100)",
    "cycle_knn_k10": "cycle kNN (k = 10)",
    "cknna_k10": "CKNNA (k = 10)",
    "jaccard_knn_k10": "Jaccard kNN (k = 10)",
    "procrustes": "Procrustes",
    "rsa_spearman": "RSA (Spearman)",
    "rsa_pearson": "RSA (Pearson)",
    "recall_at_1": "recall at 1",
    "recall_at_5": "recall at 5",
    "median_rank": "median rank",
    "modality_gap": "modality gap",
    "alignment_loss": "alignment loss",
    "uniformity": "uniformity",
}

MARKERS = "os^Dv<>"

Tables = Mapping[str, pd.DataFrame]


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


def draw_line(axes: Axes, curve: pd.DataFrame, color: Any, **look: Any) -> None:
    """Draw a curve of `over_seeds` with its band."""
    axes.plot(curve.index, curve["mean"], color=color, **look)
    axes.fill_between(curve.index, curve["low"], curve["high"], color=color, alpha=0.2, linewidth=0)


def looks() -> Iterator[dict[str, Any]]:
    """Yield looks of lines that may coincide: later ones have larger markers, beneath."""
    for i, (color, marker) in enumerate(zip(colours(), MARKERS, strict=True)):
        size = {"markersize": 3 + 1.2 * i, "markerfacecolor": color if i == 0 else "none"}
        yield {"color": color, "marker": marker, "zorder": 3 - 0.1 * i, **size}


def over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 95 % t interval over seeds, indexed by strength as a number."""
    grouped = rows.assign(x=rows["strength"].astype(float)).groupby("x")["value"]
    mean, n = grouped.mean(), grouped.count()
    half = grouped.std() / np.sqrt(n) * stdtrit(np.maximum(n - 1, 1), 0.975)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def where(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the rows whose columns have these values."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def of_datasets(table: pd.DataFrame, datasets: Sequence[str]) -> pd.DataFrame:
    """Return the rows of these datasets."""
    return table[table["dataset"].isin(datasets)]


def modalities(table: pd.DataFrame, datasets: Sequence[str]) -> dict[str, str]:
    """Return a colour for every modality of these datasets, the same in all panels."""
    names = dict.fromkeys(m for d in datasets for m in where(table, dataset=d)["modality"])
    return dict(zip(names, itertools.cycle(colours()), strict=False))


def score_label(table: pd.DataFrame) -> str:
    """Return the label of an axis of headline scores."""
    return " / ".join(LABELS[metric] for metric in dict.fromkeys(table["metric"]))


def colours() -> list[str]:
    """Return the colours of the style, in order."""
    return list(mpl.rcParams["axes.prop_cycle"].by_key()["color"])


def title(dataset: str) -> str:
    """Name a panel: ``synthetic-R4`` -> ``R = 4``; other datasets by their full name."""
    redundancy = re.search(r"-R(\d)$", dataset)
    return f"R = {redundancy[1]}" if redundancy else dataset


def by_modality(probe: pd.DataFrame, dataset: str) -> Iterable[tuple[Any, pd.DataFrame]]:
    """Yield the rows of each modality of a dataset, in order."""
    return where(probe, dataset=dataset).groupby("modality", sort=False)
