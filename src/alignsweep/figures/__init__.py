"""The figures: each a pure function of tables and of the datasets to draw.

A new figure is a function in the file of its subject, an entry in `FIGURES`, a rule and a caption.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from alignsweep.figures import information, scores
from alignsweep.figures.panels import Tables

#: name of a figure -> (its function, the tables it needs)
FIGURES: dict[str, tuple[Callable[[Tables, Sequence[str]], Figure], tuple[str, ...]]] = {
    "strength_curve": (scores.strength_curve, ("probe", "optimum", "datasets")),
    "alignment_curve": (scores.alignment_curve, ("alignment",)),
    "alignment_metrics": (scores.alignment_metrics, ("alignment",)),
    "alignment_tradeoff": (scores.alignment_tradeoff, ("probe", "alignment")),
    "gain_heatmap": (scores.gain_heatmap, ("gains",)),
    "information": (information.information, ("information",)),
    "information_truth": (information.information_truth, ("information",)),
    "optimum_vs_redundancy": (information.optimum_vs_redundancy, ("information", "optimum")),
}


def plot(name: str, tables: Tables, datasets: Sequence[str], paths: Sequence[str | Path]) -> None:
    """Draw a figure and save it under each path, in the format its ending says.

    Parameters
    ----------
    name
        A key of `FIGURES`.
    tables
        Name -> table, at least those the figure needs.
    datasets
        Datasets to draw, in the order of the panels.
    paths
        Files to write; ``.pdf``, ``.png`` and ``.svg`` are byte-identical from run to run.
    """
    with (
        as_file(files("alignsweep.figures") / "alignsweep.mplstyle") as style,
        plt.style.context(style),
    ):
        figure = FIGURES[name][0](tables, datasets)
        for path in paths:
            dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
            figure.savefig(path, metadata=dated.get(Path(path).suffix))
        plt.close(figure)
