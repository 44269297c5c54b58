"""Drawing a figure and saving it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")  # figures go to files, and never need a window

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from alignsweep.figures import FIGURES
from alignsweep.figures.panels import Tables


def plot(name: str, tables: Tables, datasets: Sequence[str], paths: Sequence[str | Path]) -> None:
    """Draw the figure of a name in `FIGURES` and save it, see `save`."""
    save(FIGURES[name].draw or import_module(f"{__package__}.{name}").draw, tables, datasets, paths)


def save(
    draw: Callable[[Tables, Sequence[str]], Figure],
    tables: Tables,
    datasets: Sequence[str],
    paths: Sequence[str | Path],
) -> None:
    """Draw a figure and save it under each path, in the format its ending says.

    Parameters
    ----------
    draw
        The function that draws it.
    tables
        Name -> table, at least those the figure needs.
    datasets
        Datasets to draw, in the order of the panels.
    paths
        Files to write; ``.pdf``, ``.png`` and ``.svg`` are byte-identical from run to run.
    """
    with (
        as_file(files(__package__) / "alignsweep.mplstyle") as style,
        plt.style.context(style),
    ):
        figure = draw(tables, datasets)
        for path in paths:
            dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
            figure.savefig(path, metadata=dated.get(Path(path).suffix))
        plt.close(figure)
